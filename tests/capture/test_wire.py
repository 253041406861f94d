"""What was recorded is what the server sent and read, byte for byte."""

import asyncio
import gzip
import ssl
import tracemalloc
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import trustme
from scripted import Answer, ProxyServer, Server, ok

from capture.errors import AddressForbidden, CaptureError, ProxyFailed
from capture.guard import Guard
from capture.page import Exchange
from capture.proxies import environment
from capture.tape import Bounds
from capture.wire import AsyncRecordingTransport, Recorder, RecordingTransport, exchange_of

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


def fetch(client: httpx.Client, name: str, server: Server) -> Exchange | None:
    try:
        response = client.request(CASES[name].method, f"{server.url}/{name}", content=body(name))
    except CaptureError as error:
        assert not CASES[name].whole or name in KEPT_BUT_REFUSED
        return error.exchange
    assert CASES[name].whole
    return exchange_of(response)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("name", CASES)
def test_every_byte_is_recorded(name: str, tls: bool, serve: type[Server], trusting: ssl.SSLContext) -> None:
    server = serve(script(), tls=tls)
    seen: list[Exchange] = []
    recorder = Recorder(**settings(trusting, sink=seen.append))
    with httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client:
        exchange = fetch(client, name, server)
        check(name, exchange, server)
        # Whatever one exchange was like, the next one is not touched by it.
        check("length", fetch(client, "length", server), server)
    assert seen[0] is exchange
    assert len(seen) == 2
    described = exchange.connection and exchange.connection.tls
    assert bool(described) is tls
    if described:
        assert (described.version, described.alpn, described.verified) == ("TLSv1.3", "http/1.1", True)
        assert described.cipher.startswith("TLS_")
        assert described.chain[0].startswith(b"\x30\x82")  # a DER sequence


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_concurrent_exchanges_do_not_mix(tls: bool, serve: type[Server], trusting: ssl.SSLContext) -> None:
    server = serve(script(), tls=tls)

    async def one(client: httpx.AsyncClient, name: str) -> tuple[str, Exchange]:
        try:
            response = await client.request(CASES[name].method, f"{server.url}/{name}", content=body(name))
        except CaptureError as error:
            return name, error.exchange
        return name, exchange_of(response)

    async def all_of_them() -> list[tuple[str, Exchange]]:
        transport = AsyncRecordingTransport(Recorder(**settings(trusting)))
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            return await asyncio.gather(*(one(client, name) for name in [*CASES] * 3))

    done = asyncio.run(all_of_them())
    assert len(done) == 3 * len(CASES)
    for name, exchange in done:
        check(name, exchange, server)
        assert exchange.connection
        assert bool(exchange.connection.tls) is tls
        if exchange.connection.tls:
            assert exchange.connection.tls.version == "TLSv1.3"
            assert exchange.connection.tls.chain


def test_a_connection_is_used_again(serve: type[Server]) -> None:
    server = serve(script())
    with httpx.Client(transport=RecordingTransport(Recorder(**settings())), trust_env=False) as client:
        first, second = fetch(client, "gzip", server), fetch(client, "chunked", server)
    assert (first.reused, second.reused) == (False, True)
    assert server.connections == 1
    check("chunked", second, server)


def test_a_connection_with_surplus_is_not_used_again(serve: type[Server]) -> None:
    server = serve(script())
    with httpx.Client(transport=RecordingTransport(Recorder(**settings())), trust_env=False) as client:
        fetch(client, "junk-after", server)
        assert not fetch(client, "length", server).reused
    assert server.connections == 2


def test_large_bodies_go_to_disk_and_away(serve: type[Server], tmp_path: Path) -> None:
    server = serve(script())
    bounds = Bounds(in_memory=1000, directory=tmp_path)
    with httpx.Client(transport=RecordingTransport(Recorder(**settings(bounds=bounds))), trust_env=False) as client:
        exchange = fetch(client, "length", server)
        small = fetch(client, "folded", server)
    assert len(list(tmp_path.iterdir())) == 1
    check("length", exchange, server)
    check("folded", small, server)
    with exchange.response.open() as stream:
        assert stream.read(8) == b"HTTP/1.1"
    exchange.close()
    assert not list(tmp_path.iterdir())


def test_a_large_body_takes_no_memory(serve: type[Server]) -> None:
    size, piece = 64 * 1024**2, b"x" * 65536
    data = [OK + b"Content-Length: %d\r\n\r\n" % size, *[piece] * (size // len(piece))]
    server = serve({"/": Answer(data)})
    with httpx.Client(transport=RecordingTransport(Recorder(**settings())), trust_env=False) as client:
        tracemalloc.start()
        try:
            with client.stream("GET", server.url + "/") as response:
                for _ in response.iter_raw():
                    pass
            exchange = exchange_of(response)
            assert sum(map(len, exchange.payload())) == exchange.payload_size == size
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
        finally:
            tracemalloc.stop()
    exchange.close()


def test_secrets_are_redacted_by_name(serve: type[Server]) -> None:
    server = serve(script())
    url = f"http://name:secret@127.0.0.1:{server.port}/length#part"
    with httpx.Client(transport=RecordingTransport(Recorder(**settings())), trust_env=False) as client:
        response = client.get(url, headers={"Cookie": "token=1", "X-Plain": "kept"})
    exchange = exchange_of(response)
    raw = exchange.request.read()
    assert b"secret" not in raw
    assert b"token" not in raw
    assert b"Authorization: x-redacted\r\n" in raw
    assert b"Cookie: x-redacted\r\n" in raw
    assert b"X-Plain: kept\r\n" in raw
    assert sorted(exchange.redacted) == ["Authorization", "Cookie"]
    assert exchange.url == f"{server.url}/length"
    assert b"token=1" in server.requests("/length")[0]  # the server gets them


def test_secrets_are_recorded_where_asked_for(serve: type[Server]) -> None:
    server = serve(script())
    recorder = Recorder(**settings(bounds=Bounds(redacted=frozenset())))
    with httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client:
        response = client.get(f"{server.url}/length", headers={"Cookie": "token=1"})
    check("length", exchange_of(response), server)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("name", ["chunked-gzip-extensions-trailers", "early-hints", "cut-chunk"])
def test_what_a_proxy_says_is_not_on_the_tape(
    name: str, tls: bool, serve: type[Server], trusting: ssl.SSLContext
) -> None:
    server = serve(script(), tls=tls)
    with ProxyServer() as proxy:
        named = f"http://user:p%C3%A4ss@127.0.0.1:{proxy.port}"
        recorder = Recorder(**settings(trusting, proxy_of=environment({"all": named})))
        with httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client:
            exchange = fetch(client, name, server)
    case = CASES[name]
    assert proxy.asked[0].raw.startswith(b"CONNECT " if tls else b"GET http://127.0.0.1:")
    assert proxy.asked[0].field("Proxy-Authorization")
    assert exchange.response.read() == case.answer
    assert exchange.interim == case.before
    read = server.requests(f"/{name}")[0]
    if not tls:  # a proxy for plain HTTP is told its password in the very request
        read = read.replace(proxy.asked[0].field("Proxy-Authorization").encode(), b"x-redacted")
    assert exchange.request.read() == read
    assert exchange.proxied
    assert exchange.connection
    assert (exchange.connection.address, exchange.connection.port) == ("", 0)
    assert bool(exchange.connection.tls) is tls


def test_no_proxy_names_hosts(serve: type[Server]) -> None:
    proxy_of = environment({"all": "127.0.0.1:1", "no": "example.org, .example.com ,host.example:8080"})
    assert proxy_of("https", "example.org", 443) is None
    assert proxy_of("https", "www.example.org", 443) is None
    assert proxy_of("http", "a.example.com", 80) is None
    assert proxy_of("http", "host.example", 8080) is None
    assert proxy_of("http", "host.example", 80)
    assert proxy_of("http", "notexample.org", 80)
    assert environment({"all": "127.0.0.1:1", "no": "*"})("http", "any.example", 80) is None


def test_a_proxy_that_refuses(serve: type[Server], trusting: ssl.SSLContext) -> None:
    with ProxyServer(refusal=b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        recorder = Recorder(**settings(trusting, proxy_of=environment({"all": f"http://127.0.0.1:{proxy.port}"})))
        with (
            httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client,
            pytest.raises(ProxyFailed, match="407") as caught,
        ):
            client.get("https://127.0.0.1:8443/")
    assert caught.value.exchange is None  # nothing crossed the wire to the server


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_proxy_behind_tls(
    tls: bool, serve: type[Server], trusting: ssl.SSLContext, certified: ssl.SSLContext
) -> None:
    server = serve(script(), tls=tls)
    with ProxyServer(tls=certified) as proxy:
        proxy_of = environment({"all": f"https://127.0.0.1:{proxy.port}"})
        for exchange in both(Recorder(**settings(trusting, proxy_of=proxy_of)), f"{server.url}/early-hints"):
            assert exchange.response.read() == CASES["early-hints"].answer
            assert exchange.request.read() in server.requests("/early-hints")
            assert exchange.connection
            assert bool(exchange.connection.tls) is tls  # the server's, not the proxy's


@pytest.mark.parametrize("named", ["socks5://127.0.0.1:1080", "ftp://127.0.0.1", "http://user:secret@127.0.0.1:pass"])
def test_a_proxy_that_is_none(named: str) -> None:
    recorder = Recorder(**settings(proxy_of=environment({"all": named})))
    with (
        httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client,
        pytest.raises(ProxyFailed) as caught,
    ):
        client.get("http://127.0.0.1/")
    assert "secret" not in str(caught.value)


def test_a_proxy_is_not_asked_for_a_private_host(serve: type[Server]) -> None:
    server = serve(script())
    with ProxyServer() as proxy:
        proxy_of = environment({"all": f"http://127.0.0.1:{proxy.port}"})
        for host in ("127.0.0.1", "rebound.example"):
            recorder = Recorder(guard=Guard(resolver=lambda *_: ["127.0.0.1"]), proxy_of=proxy_of)
            with (
                httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client,
                pytest.raises(AddressForbidden),
            ):
                client.get(f"http://{host}:{server.port}/length")
        assert not proxy.asked


def both(recorder: Recorder, url: str) -> list[Exchange]:
    """Ask with either kind of client."""

    async def run() -> Exchange:
        async with httpx.AsyncClient(transport=AsyncRecordingTransport(recorder), trust_env=False) as client:
            return exchange_of(await client.get(url))

    with httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client:
        return [exchange_of(client.get(url)), asyncio.run(run())]


def test_the_judged_address_is_contacted_under_the_name_of_the_host(
    serve: type[Server], authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("archive.example").configure_cert(context)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    server = serve(script(), tls=context)
    guard = Guard(allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    for exchange in both(Recorder(guard=guard, ssl_context=trusting), f"https://archive.example:{server.port}/length"):
        assert exchange.connection
        assert exchange.connection.address == "127.0.0.1"
        assert exchange.url.startswith("https://archive.example:")
    assert names == ["archive.example"] * 2


def test_the_next_address_is_tried(serve: type[Server]) -> None:
    server = serve(script())
    guard = Guard(allow_private=True, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])  # nobody listens at the first
    for exchange in both(Recorder(guard=guard), f"http://archive.example:{server.port}/length"):
        assert exchange.connection
        assert exchange.connection.address == "127.0.0.1"


def test_a_disk_that_takes_nothing_is_told(serve: type[Server], tmp_path: Path) -> None:
    server = serve(script())
    recorder = Recorder(**settings(bounds=Bounds(in_memory=10, directory=tmp_path / "missing")))
    with httpx.Client(transport=RecordingTransport(recorder), trust_env=False) as client:
        with pytest.raises(FileNotFoundError):
            client.get(f"{server.url}/length")
        with pytest.raises(FileNotFoundError):  # and nothing of it is left behind
            client.get(f"{server.url}/length")


def test_a_stale_connection_is_tried_again_once(serve: type[Server]) -> None:
    # The server closes as soon as it has read the second request: the client cannot have known.
    server = serve({"/a": Answer(ok(b"a")), "/b": [Answer(b"", "close"), Answer(ok(b"b"))]})
    with httpx.Client(transport=RecordingTransport(Recorder(**settings())), trust_env=False) as client:
        client.get(f"{server.url}/a")
        exchange = exchange_of(client.get(f"{server.url}/b"))
    assert exchange.whole
    assert [event.kind for event in exchange.events] == ["stale-connection"]
    assert len(server.requests("/b")) == 2
    assert not exchange.reused
