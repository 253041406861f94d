"""A transport for httpx that records what crosses the wire, byte for byte, over HTTP/1.1.

    recorder = Recorder(sink=exchanges.append)
    async with httpx.AsyncClient(transport=RecordingTransport(recorder), trust_env=False) as client:
        await client.get("https://example.org/")

It is built over httpcore's pools through public interfaces alone. httpx and httpcore are known to this module, to
`capture.backend` and to `capture.client`, and to nothing else, so a fork can take their place.
HTTP/2 is left out on purpose: written as HTTP/1.1 it would be a transformation, not a capture
(iipc/warc-specifications#106).

Every failure is one of `capture.errors` and carries the exchange with what came.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, NoReturn

import httpcore
import httpx

from capture.backend import CURRENT, RecordingBackend
from capture.errors import CaptureError, Disconnected, EmptyAnswer, ProxyFailed, Stopped, TimedOut, UnknownHost
from capture.guard import Guard, Proxy, ProxyOf, environment
from capture.page import Event, Exchange
from capture.tape import Bounds, Tape, utc_now

__all__ = ["BOUNDS", "TAPE", "Recorder", "RecordingTransport", "exchange_of"]

TAPE = "tape"
"""Under this name a response's `extensions` hold the tape."""

BOUNDS = "bounds"
"""Under this name a request's `extensions` may hold `Bounds` of its own."""

_AGAIN = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose request may be sent a second time over a fresh connection (RFC 9110 §9.2.2, RFC 9112 §9.3.1)."""

_IDLE = 30.0
"""Seconds that a connection is kept for the next exchange: longer than the pace between pages of one host."""

Sink = Callable[[Exchange], object]


def exchange_of(response: httpx.Response) -> Exchange:
    """Return the exchange of a response that was read to its end or closed.

    Raises ValueError for a response that is still open.
    """
    exchange: Exchange | None = response.extensions[TAPE].exchange
    if exchange is None:
        raise ValueError("the response is still open: read it to its end, or close it")
    return exchange


class Recorder:
    """The configuration of a recording transport: everything of it but waiting."""

    def __init__(
        self,
        *,
        sink: Sink | None = None,
        guard: Guard | None = None,
        bounds: Bounds | None = None,
        proxy_of: ProxyOf | None = None,
        ssl_context: ssl.SSLContext | None = None,
        insecure: bool = False,
        connections: int = 32,
        clock: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        """Begin.

        sink: called with every exchange, also with those that failed, as soon as it is over.
        guard: judges the hosts; the default lets public addresses pass alone.
        bounds: how much is taken and where it is kept.
        proxy_of: names the proxy of an address; the environment's by default.
        ssl_context: for servers; the default trusts certifi's authorities.
        insecure: whether the default trusts every certificate.
        connections: most connections at once.
        clock, timer: time in UTC, and seconds that never go back.
        """
        self.guard = guard or Guard()
        self._sink = sink
        self._bounds = bounds or Bounds()
        self._proxy_of = proxy_of or environment()
        self._tls = ssl_context or httpx.create_ssl_context(verify=not insecure)
        self._most = connections
        self.stopped = False
        """Whether what is cancelled from now on ends because the program does."""
        self._clock, self._timer = clock, timer

    def pool(self, proxy: Proxy | None) -> dict[str, Any]:
        """Return the settings of a pool of connections."""
        through = None
        if proxy is not None:
            login = proxy.credentials and (proxy.credentials[0].encode(), proxy.credentials[1].encode())
            tls = self._tls if proxy.url.startswith("https:") else None
            through = httpcore.Proxy(proxy.url, auth=login, ssl_context=tls)
        return {
            "ssl_context": self._tls,
            "proxy": through,
            "max_connections": self._most,
            "max_keepalive_connections": self._most // 2,
            "keepalive_expiry": _IDLE,
        }

    def proxy(self, url: httpx.URL) -> Proxy | None:
        """Return the proxy for an address."""
        return self._proxy_of(url.scheme, url.host, _port(url))

    def judge(self, url: httpx.URL) -> None:
        """Judge the host that a proxy shall contact. A name that only the proxy can resolve is its own business."""
        with suppress(UnknownHost):
            self.guard.admit(url.raw_host.decode("ascii"), _port(url))

    def tape(self, request: httpx.Request, proxy: Proxy | None) -> Tape:
        """Return the tape of a new exchange."""
        url = request.url
        if url.userinfo or url.fragment:  # copying an address costs as much as all the rest of this
            url = url.copy_with(username=None, password=None, fragment=None)
        return self._tape(request, str(url), proxied=proxy is not None)

    def _tape(self, request: httpx.Request, url: str, *, proxied: bool, events: tuple[Event, ...] = ()) -> Tape:
        return Tape(
            request.method,
            url,
            bounds=request.extensions.get(BOUNDS, self._bounds),
            proxied=proxied,
            events=events,
            clock=self._clock,
            timer=self._timer,
        )

    def again(self, request: httpx.Request, tape: Tape, error: BaseException) -> Tape:
        """Return a fresh tape where the server had closed an idle connection just before it was used again.

        Raises the error, as `fail` does, where that is not so.
        """
        failure = self._translate(tape, error)
        if not (tape.stale and isinstance(failure, EmptyAnswer | Disconnected) and request.method in _AGAIN):
            self.fail(tape, error)
        tape.note("stale-connection", f"tried again over a fresh connection: {failure}")
        return self._tape(request, tape.url, proxied=tape.proxied, events=tape.events)

    def _translate(self, tape: Tape, error: BaseException) -> BaseException:
        if isinstance(error, httpcore.RemoteProtocolError):
            return tape.judge(str(error))
        if isinstance(error, httpcore.ProxyError):
            return ProxyFailed(f"the proxy refuses to connect to {tape.url}: {error}")
        if isinstance(error, httpcore.TimeoutException):
            return TimedOut(f"{tape.url} took too long to take the request")
        if isinstance(error, httpcore.NetworkError):
            return Disconnected(f"{tape.url} broke the connection: {error}")
        if isinstance(error, httpcore.LocalProtocolError):
            return CaptureError(f"the request for {tape.url} is no HTTP: {error}", hint="Look at the headers given.")
        if isinstance(error, asyncio.CancelledError) and self.stopped:
            return Stopped(f"{tape.url} was not waited for: the program was asked to end")
        return error

    def end(self, tape: Tape, error: BaseException | None = None) -> None:
        """End the exchange and hand it on. May be called again, which does nothing more."""
        if tape.exchange is None:
            exchange = tape.finish(error)
            if exchange.request.size and self._sink is not None:
                self._sink(exchange)
        if isinstance(error, CaptureError) and tape.exchange is not None and tape.exchange.request.size:
            error.exchange = tape.exchange

    def fail(self, tape: Tape, error: BaseException) -> NoReturn:
        """End the exchange and raise the error of ours that fits; what is none of the wire's is raised as it is."""
        failure = self._translate(tape, error)
        self.end(tape, failure)
        if failure is error:
            raise error
        raise failure from error


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _outgoing(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _incoming(response: httpcore.Response, tape: Tape, stream: httpx.AsyncByteStream) -> httpx.Response:
    extensions = {**response.extensions, TAPE: tape}
    return httpx.Response(response.status, headers=response.headers, stream=stream, extensions=extensions)


class RecordingTransport(httpx.AsyncBaseTransport):
    """Records the exchanges of an `httpx.AsyncClient`, over asyncio."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        """Begin. A recorder may serve several transports."""
        self._recorder = recorder or Recorder()
        self._pools: dict[Proxy | None, httpcore.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises what `capture.errors` names."""
        proxy = self._recorder.proxy(request.url)
        if proxy is not None:
            await asyncio.to_thread(self._recorder.judge, request.url)
        tape = self._recorder.tape(request, proxy)
        while True:
            token = CURRENT.set(tape)
            try:
                response = await self._pool(proxy).handle_async_request(_outgoing(request))
            except BaseException as error:  # also where the task is cancelled: what came is kept
                tape = self._recorder.again(request, tape, error)
            else:
                return _incoming(response, tape, _Body(response, self._recorder, tape))
            finally:
                CURRENT.reset(token)

    def _pool(self, proxy: Proxy | None) -> httpcore.AsyncConnectionPool:
        if proxy not in self._pools:
            backend = RecordingBackend(self._recorder.guard if proxy is None else None)
            self._pools[proxy] = httpcore.AsyncConnectionPool(network_backend=backend, **self._recorder.pool(proxy))
        return self._pools[proxy]

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, recorder: Recorder, tape: Tape) -> None:
        self._response, self._recorder, self._tape = response, recorder, tape

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._response.aiter_stream():
                yield data
        except GeneratorExit:
            raise  # the reader has enough; `aclose` follows
        except BaseException as error:  # as in `handle_async_request`
            self._recorder.fail(self._tape, error)

    async def aclose(self) -> None:
        await self._response.aclose()
        self._recorder.end(self._tape)
