"""Answers of every kind that servers give, what of them is what, and how they are asked for and checked."""

import asyncio
import gzip
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, NamedTuple

import httpx
from scripted import Answer, Server, ok

from capture.errors import CaptureError
from capture.guard import Guard
from capture.page import Exchange
from capture.wire import Recorder, RecordingTransport, exchange_of

PAGE = ("<html><title>宣纸</title>" + "<p>纸寿千年，墨韵万变。</p>" * 400).encode()
ZIPPED = gzip.compress(PAGE, mtime=0)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"


def chunks(body: bytes, size: int, extension: bytes = b"") -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%X%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)


class Case(NamedTuple):
    """One answer of the list, and what of it is what."""

    before: bytes
    """Interim answers."""
    answer: bytes
    after: bytes
    """Surplus."""
    payload: bytes
    whole: bool = True
    method: str = "GET"
    then: str = "keep"
    pieces: int = 0
    """Bytes of a piece that is sent at a time; all at once by default."""

    @property
    def sent(self) -> bytes:
        return self.before + self.answer + self.after

    @property
    def scripted(self) -> Answer:
        size = self.pieces or len(self.sent) or 1
        return Answer([self.sent[at : at + size] for at in range(0, len(self.sent), size)], self.then)


LONG_BODY = CHUNKED + b"Content-Encoding: gzip\r\nTrailer: X-Sum\r\n\r\n"
CASES = {
    "length": Case(b"", ok(PAGE), b"", PAGE),
    "gzip": Case(b"", ok(ZIPPED, b"Content-Encoding: gzip"), b"", ZIPPED),
    "chunked": Case(b"", CHUNKED + b"\r\n" + chunks(PAGE, 1000) + b"0\r\n\r\n", b"", PAGE),
    "chunked-gzip-extensions-trailers": Case(
        b"", LONG_BODY + chunks(ZIPPED, 50, b';a=1;b="x;y"') + b"0;last\r\nX-Sum: 1\r\nX-Two:  2\r\n\r\n", b"", ZIPPED
    ),
    "drips": Case(b"", CHUNKED + b"\r\n" + chunks(PAGE[:400], 7) + b"0\r\n\r\n", b"", PAGE[:400], pieces=5),
    "redirect": Case(b"", b"HTTP/1.1 302 Found\r\nLocation: /length\r\nContent-Length: 0\r\n\r\n", b"", b""),
    "head": Case(b"", OK + b"Content-Length: 999\r\n\r\n", b"", b"", method="HEAD"),
    "not-modified": Case(b"", b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 999\r\n\r\n', b"", b""),
    "no-content": Case(b"", b"HTTP/1.1 204 No Content\r\n\r\n", b"", b""),
    "early-hints": Case(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", ok(PAGE), b"", PAGE),
    "continue-twice": Case(b"HTTP/1.1 100 Continue\r\n\r\n" * 2, ok(PAGE), b"", PAGE),
    "duplicate-fields": Case(b"", ok(b"hi", b"Vary: a", b"vary: b", b"X: 1", b"X: 1"), b"", b"hi"),
    "folded": Case(b"", ok(b"hi", b"X-Fold: one\r\n  two\r\n\tthree"), b"", b"hi"),
    "utf-8": Case(b"", ok(b"hi", "X-Name: 宣纸".encode()), b"", b"hi"),
    "latin-1": Case(b"", b"HTTP/1.1 200 Tr\xe8s bien\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nhi", b"", b"hi"),
    "odd-spaces": Case(b"", OK + b"x-A:1\r\nX-b:   2  \r\nCONTENT-LENGTH:2\r\n\r\nhi", b"", b"hi"),
    "lf-only": Case(b"", b"HTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nhi", b"", b"hi"),
    "no-reason": Case(b"", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", b"", b"hi"),
    "until-close": Case(b"", b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + PAGE, b"", PAGE, then="close"),
    "length-and-chunked": Case(
        b"", CHUNKED + b"Content-Length: 5\r\n\r\n" + chunks(PAGE, 999) + b"0\r\n\r\n", b"", PAGE, then="close"
    ),
    "post": Case(b"", ok(b"done"), b"", b"done", method="POST"),
    "short": Case(b"", OK + b"Content-Length: 9999\r\n\r\n" + PAGE[:500], b"", PAGE[:500], whole=False, then="close"),
    "cut-chunk": Case(b"", CHUNKED + b"\r\n1000\r\n" + PAGE[:500], b"", PAGE[:500], whole=False, then="close"),
    "bad-chunk-size": Case(b"", CHUNKED + b"\r\n2\r\nhi\r\nxyz\r\nho\r\n", b"", b"hi", whole=False, then="close"),
    "two-lengths": Case(b"", OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", b"", b"hi", False, then="close"),
    "junk-after": Case(b"", ok(b"hi"), b"JUNKJUNK", b"hi"),
    # httpcore's parser refuses the next four; the archive keeps them, and the last three are whole answers.
    "strange-status": Case(b"", b"HTTP 200 Document follows\r\n\r\nhi", b"", b"", whole=False, then="close"),
    "blank-before-colon": Case(b"", OK + b"X-Bad : 1\r\nContent-Length: 7000\r\n\r\n" + b"x" * 7000, b"", b"x" * 7000),
    "control-character": Case(b"", OK + b"X-Bad: \x01\r\nContent-Length: 2\r\n\r\nhi", b"", b"hi", pieces=10),
    "long-head": Case(b"", ok(b"hi", b"X: " + b"y" * 150_000), b"", b"hi"),
}
KEPT_BUT_REFUSED = {"strange-status", "blank-before-colon", "control-character", "long-head", "two-lengths"}


def script() -> dict[str, Answer | list[Answer]]:
    return {f"/{name}": case.scripted for name, case in CASES.items()}


def settings(trusting: ssl.SSLContext | None = None, **more: object) -> dict[str, object]:
    return {"guard": Guard(allow_private=True), "ssl_context": trusting, **more}


def body(name: str) -> bytes | None:
    return b"a=1&b=" + b"x" * 3000 if CASES[name].method == "POST" else None


def check(name: str, exchange: Exchange, server: Server) -> None:
    case = CASES[name]
    assert exchange.request.read() == server.requests(f"/{name}")[-1]
    assert exchange.interim == case.before
    assert exchange.response.read() == case.answer
    assert exchange.surplus == case.after
    assert b"".join(exchange.payload()) == case.payload
    assert exchange.payload_size == len(case.payload)
    assert exchange.payload_sha256 == sha256(case.payload).hexdigest()
    assert exchange.response.size == len(case.answer)
    assert exchange.response.sha256 == sha256(case.answer).hexdigest()
    assert exchange.request.sha256 == sha256(exchange.request.read()).hexdigest()
    assert exchange.whole is case.whole, exchange.framing
    assert bool(exchange.truncated) is not case.whole
    assert (exchange.outcome == "complete") is case.whole
    assert exchange.connection
    assert (exchange.connection.address, exchange.connection.port) == ("127.0.0.1", server.port)
    assert exchange.started <= exchange.ended
    assert exchange.url == f"{server.url}/{name}"


class Asking:
    """Asks through a recording transport, one request after the other, and waits for each."""

    def __init__(self, recorder: Recorder, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._http = httpx.AsyncClient(transport=RecordingTransport(recorder), trust_env=False)

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._http.request(method, url, **more))

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.request("GET", url, **more)

    def drain(self, url: str) -> httpx.Response:
        """Read an answer without keeping any of it."""

        async def run() -> httpx.Response:
            async with self._http.stream("GET", url) as response:
                async for _ in response.aiter_raw():
                    pass
            return response

        return self._runner.run(run())

    def close(self) -> None:
        self._runner.run(self._http.aclose())


@contextmanager
def asking(recorder: Recorder) -> Iterator[Asking]:
    with asyncio.Runner() as runner:
        client = Asking(recorder, runner)
        try:
            yield client
        finally:
            client.close()


def ask_twice(recorder: Recorder, url: str) -> list[Exchange]:
    """Ask through two transports of one recorder."""
    exchanges = []
    for _ in range(2):
        with asking(recorder) as client:
            exchanges.append(exchange_of(client.get(url)))
    return exchanges


def fetch(client: Asking, name: str, server: Server) -> Exchange | None:
    try:
        response = client.request(CASES[name].method, f"{server.url}/{name}", content=body(name))
    except CaptureError as error:
        assert not CASES[name].whole or name in KEPT_BUT_REFUSED
        return error.exchange
    assert CASES[name].whole
    return exchange_of(response)
