"""Network streams for httpcore that put every byte on the tape of the exchange that it belongs to.

They see what crosses the socket, after TLS has been taken off. An HTTP/1.1 connection of httpcore carries one
exchange at a time and never pipelines, so the first write of an exchange binds the stream to its tape, and everything
read until the next such write belongs to it, whichever task reads. The tape is found by a context variable that the
transport sets.

Only public interfaces of httpcore are used: `AsyncNetworkBackend` and `AsyncNetworkStream`.
"""

import asyncio
import os
import ssl
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import httpcore

from capture.errors import CaptureError, ConnectionFailed, Disconnected, ProxyFailed, TimedOut, TlsFailed
from capture.guard import Guard
from capture.page import Connection, Tls
from capture.tape import Tape

__all__ = ["BEFORE", "CURRENT", "RecordingBackend"]

CURRENT: ContextVar[Tape | None] = ContextVar("tape", default=None)
"""The tape of the exchange that this task begins."""

BEFORE: ContextVar[Callable[[], None]] = ContextVar("before", default=lambda: None)
"""Called before anything is written; what it raises ends the exchange, and nothing more of it is sent."""

_MISREAD = (httpcore.ReadTimeout, httpcore.ReadError, ssl.SSLError)
_UNREACHED = (httpcore.ConnectTimeout, httpcore.ConnectError)
_NO_TLS = (*_UNREACHED, ssl.SSLError, ValueError)  # ValueError: a host that cannot stand in a certificate

_DRAIN_TIMEOUT = 2.0
_DRAIN_LONGEST = 30.0
"""Seconds without a byte, and all together, for what a server still sends after the HTTP client gave up on it."""

_READ = 64 * 1024


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(
        self,
        inner: httpcore.AsyncNetworkStream,
        host: str,
        *,
        proxied: bool,
        tunnel: bool = False,
        verified: bool = False,
    ) -> None:
        self._inner = inner
        self._host = host
        self._proxied = proxied
        self._tunnel = tunnel
        self._verified = verified
        self._tape: Tape | None = None
        self._used = False
        self._connection: Connection | None = None
        self._info = inner.get_extra_info

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        patience = self._patience(timeout)
        try:
            data = await self._inner.read(max_bytes, patience)
        except _MISREAD as error:
            raise self._misread(error, patience) from error
        return self._take(data)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._begin(buffer)
        try:
            await self._inner.write(buffer, self._patience(timeout))
        except httpcore.WriteError as error:
            self._unwritten(error)
            raise

    async def aclose(self) -> None:
        try:
            while self._wants_the_rest() and await self.read(_READ, _DRAIN_TIMEOUT):
                pass
        except CaptureError:
            pass  # what came is on the tape; why it stopped does not matter any more
        finally:
            await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            inner = await self._inner.start_tls(ssl_context, server_hostname, self._patience(timeout))
        except _NO_TLS as error:
            raise self._no_tls(error) from error
        return _Stream(inner, server_hostname or self._host, **self._facts(ssl_context))

    def _begin(self, data: bytes) -> None:
        """Note bytes that are about to be written; the first ones of an exchange bind the stream to it."""
        if not data:
            return  # the end of a body that is none
        BEFORE.get()()  # as late as this, because looking a host up, connecting and TLS take their time
        tape = CURRENT.get()
        if data.startswith(b"CONNECT "):
            # Between us and the proxy: neither this nor its answer is part of the exchange with the server.
            self._tunnel = True
            return
        if tape is not None and tape is not self._tape:
            self._connection = self._connection or self._describe()
            tape.bind(self._connection, reused=self._used)
            self._tape, self._used = tape, True
        if self._tape is not None:
            self._tape.sent(data)

    def _take(self, data: bytes) -> bytes:
        if self._tape is not None:
            self._tape.received(data)
        return data

    def _patience(self, timeout: float | None) -> float | None:
        tape = self._tape or CURRENT.get()
        return timeout if tape is None else tape.patience(timeout)

    def _misread(self, error: Exception, timeout: float | None) -> CaptureError:
        if self._tape is None:
            return ProxyFailed(f"the proxy {self._host} does not answer: {_words(error)}")
        if isinstance(error, httpcore.ReadTimeout):
            self._tape.patience(None)  # raises where the whole took too long, which is the better reason
            return TimedOut(f"{self._tape.url} sent nothing for {timeout or 0:g} s")
        return Disconnected(f"{self._tape.url} broke the connection: {_words(error)}")

    def _unwritten(self, error: Exception) -> None:
        # httpcore goes on to read: a server may answer before it has read everything.
        if self._tape is not None:
            self._tape.note("request-cut", f"the server may not have read the whole request: {_words(error)}")

    def _no_tls(self, error: Exception) -> CaptureError:
        if isinstance(error, httpcore.ConnectTimeout):
            return TimedOut(f"{self._host} did not finish the TLS handshake in time")
        cause = error.__cause__ if isinstance(error, httpcore.ConnectError) else error
        reason = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else _words(error)
        failure = TlsFailed(f"no trusted connection to {self._host}: {reason}")
        failure.passes = not isinstance(cause, ssl.SSLError | ValueError) or isinstance(cause, ssl.SSLEOFError)
        return failure

    def _facts(self, ssl_context: ssl.SSLContext) -> dict[str, bool]:
        verified = ssl_context.verify_mode is ssl.CERT_REQUIRED
        return {"proxied": self._proxied, "tunnel": self._tunnel, "verified": verified}

    def _wants_the_rest(self) -> bool:
        """Return whether what the server still sends is worth reading, as the connection is about to be closed.

        An HTTP client gives up at the first thing that it dislikes, such as a blank before a colon; an archive keeps
        what the server said. Not where we stop on our own account.
        """
        if self._tape is None or not isinstance(sys.exception(), httpcore.RemoteProtocolError):
            return False
        self._tape.hurry(_DRAIN_LONGEST)
        return self._tape.unfinished

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._tape is not None and not self._tape.clean:
            # The pool does not take a connection that can be read while it is idle. One that sent more than its
            # answer would pass for the beginning of the next one.
            return True
        return self._info(info)

    def _describe(self) -> Connection:
        address = None if self._proxied else self._info("server_addr")
        where = (str(address[0]), int(address[1])) if isinstance(address, tuple) else ("", 0)
        return Connection(address=where[0], port=where[1], tls=self._describe_tls())

    def _describe_tls(self) -> Tls | None:
        found = self._info("ssl_object")
        if found is None or (self._proxied and not self._tunnel):
            return None  # plain HTTP; or TLS that ends at the proxy
        # An `ssl.SSLObject` wraps the object that an `ssl.SSLSocket` gives to httpcore; both have these methods.
        raw = getattr(found, "_sslobj", found)
        cipher = found.cipher()
        return Tls(
            version=found.version() or "",
            cipher=cipher[0] if cipher else "",
            alpn=found.selected_alpn_protocol() or "",
            verified=self._verified,
            chain=_chain(raw),
        )


def _chain(raw: Any) -> tuple[bytes, ...]:
    """Return the certificates that the server sent. The method is public from Python 3.13 on and older than that."""
    sent = raw.get_unverified_chain() if hasattr(raw, "get_unverified_chain") else None
    if not sent:
        leaf = raw.getpeercert(True)
        return (leaf,) if leaf else ()
    # 2 is ENCODING_DER of `_ssl`.
    return tuple(each if isinstance(each, bytes) else bytes(each.public_bytes(2)) for each in sent)


def _words(error: Exception) -> str:
    """Return what the system says: asyncio and anyio only say of a connection that it failed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionError | TimeoutError) and cause.errno:
            return os.strerror(cause.errno)
        if words := getattr(cause, "strerror", None):
            return str(words)
        cause = cause.__cause__
    return str(error) or (str(error.__cause__) if error.__cause__ else "") or type(error).__name__


class _Unreached:
    """Collects why none of a host's addresses could be reached."""

    def __init__(self, host: str, port: int, *, proxied: bool) -> None:
        self._host, self._port, self._proxied = host, port, proxied
        self.error: CaptureError = ConnectionFailed(f"{host} has no address")

    def add(self, address: str, error: Exception) -> None:
        where = f"{self._host} at {address}, port {self._port}"
        if self._proxied:
            self.error = ProxyFailed(f"the proxy {where} cannot be reached: {_words(error)}")
        elif isinstance(error, httpcore.ConnectTimeout):
            self.error = TimedOut(f"{where}, does not take the connection in time")
        else:
            self.error = ConnectionFailed(f"{where}, cannot be reached: {_words(error)}")
        self.error.__cause__ = error


def _addresses(guard: Guard | None, host: str, port: int) -> tuple[str, ...]:
    return (host,) if guard is None else guard.admit(host, port)


class RecordingBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that the guard admits, and records. Names are resolved in a thread."""

    def __init__(self, guard: Guard | None) -> None:
        """Begin. Without a guard every address is good: for connections to a proxy, which the user chose."""
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect. Raises UnknownHost, AddressForbidden, ConnectionFailed, TimedOut or ProxyFailed."""
        proxied = self._guard is None
        unreached = _Unreached(host, port, proxied=proxied)
        for address in await asyncio.to_thread(_addresses, self._guard, host, port):
            tape = CURRENT.get()
            patience = timeout if tape is None else tape.patience(timeout)
            try:
                inner = await self._inner.connect_tcp(address, port, patience, local_address, socket_options)
            except _UNREACHED as error:
                unreached.add(address, error)
            else:
                return _Stream(inner, host, proxied=proxied)
        raise unreached.error

    async def sleep(self, seconds: float) -> None:
        """Never called: the pool is made without retries of its own."""
        await asyncio.sleep(seconds)
