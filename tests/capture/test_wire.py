"""What was recorded is what the server sent and read, byte for byte."""

import asyncio
import ssl
import tracemalloc
from pathlib import Path

import httpx
import pytest
import trustme
from exchanges import CASES, OK, ask_twice, asking, body, check, fetch, script, settings
from scripted import Answer, Server, ok

from capture.errors import CaptureError
from capture.guard import Guard
from capture.page import Exchange
from capture.tape import Bounds
from capture.wire import Recorder, RecordingTransport, exchange_of


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("name", CASES)
def test_every_byte_is_recorded(name: str, tls: bool, serve: type[Server], trusting: ssl.SSLContext) -> None:
    server = serve(script(), tls=tls)
    seen: list[Exchange] = []
    recorder = Recorder(**settings(trusting, sink=seen.append))
    with asking(recorder) as client:
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


@pytest.mark.slow
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
        transport = RecordingTransport(Recorder(**settings(trusting)))
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
    with asking(Recorder(**settings())) as client:
        first, second = fetch(client, "gzip", server), fetch(client, "chunked", server)
    assert (first.reused, second.reused) == (False, True)
    assert server.connections == 1
    check("chunked", second, server)


def test_a_connection_with_surplus_is_not_used_again(serve: type[Server]) -> None:
    server = serve(script())
    with asking(Recorder(**settings())) as client:
        fetch(client, "junk-after", server)
        assert not fetch(client, "length", server).reused
    assert server.connections == 2


def test_large_bodies_go_to_disk_and_away(serve: type[Server], tmp_path: Path) -> None:
    server = serve(script())
    bounds = Bounds(in_memory=1000, directory=tmp_path)
    with asking(Recorder(**settings(bounds=bounds))) as client:
        exchange = fetch(client, "length", server)
        small = fetch(client, "folded", server)
    assert len(list(tmp_path.iterdir())) == 1
    check("length", exchange, server)
    check("folded", small, server)
    with exchange.response.open() as stream:
        assert stream.read(8) == b"HTTP/1.1"
    exchange.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_large_body_takes_no_memory(serve: type[Server]) -> None:
    size, piece = 64 * 1024**2, b"x" * 65536
    data = [OK + b"Content-Length: %d\r\n\r\n" % size, *[piece] * (size // len(piece))]
    server = serve({"/": Answer(data)})
    with asking(Recorder(**settings())) as client:
        tracemalloc.start()
        try:
            exchange = exchange_of(client.drain(server.url + "/"))
            assert sum(map(len, exchange.payload())) == exchange.payload_size == size
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
        finally:
            tracemalloc.stop()
    exchange.close()


def test_secrets_are_redacted_by_name(serve: type[Server]) -> None:
    server = serve(script())
    url = f"http://name:secret@127.0.0.1:{server.port}/length#part"
    with asking(Recorder(**settings())) as client:
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
    with asking(recorder) as client:
        response = client.get(f"{server.url}/length", headers={"Cookie": "token=1"})
    check("length", exchange_of(response), server)


def test_the_judged_address_is_contacted_under_the_name_of_the_host(
    serve: type[Server], authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("archive.example").configure_cert(context)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    server = serve(script(), tls=context)
    guard = Guard(allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    for exchange in ask_twice(
        Recorder(guard=guard, ssl_context=trusting), f"https://archive.example:{server.port}/length"
    ):
        assert exchange.connection
        assert exchange.connection.address == "127.0.0.1"
        assert exchange.url.startswith("https://archive.example:")
    assert names == ["archive.example"] * 2


def test_the_next_address_is_tried(serve: type[Server]) -> None:
    server = serve(script())
    guard = Guard(allow_private=True, resolver=lambda *_: ["127.0.0.2", "127.0.0.1"])  # nobody listens at the first
    for exchange in ask_twice(Recorder(guard=guard), f"http://archive.example:{server.port}/length"):
        assert exchange.connection
        assert exchange.connection.address == "127.0.0.1"


def test_a_disk_that_takes_nothing_is_told(serve: type[Server], tmp_path: Path) -> None:
    server = serve(script())
    recorder = Recorder(**settings(bounds=Bounds(in_memory=10, directory=tmp_path / "missing")))
    with asking(recorder) as client:
        with pytest.raises(FileNotFoundError):
            client.get(f"{server.url}/length")
        with pytest.raises(FileNotFoundError):  # and nothing of it is left behind
            client.get(f"{server.url}/length")


def test_a_stale_connection_is_tried_again_once(serve: type[Server]) -> None:
    # The server closes as soon as it has read the second request: the client cannot have known.
    server = serve({"/a": Answer(ok(b"a")), "/b": [Answer(b"", "close"), Answer(ok(b"b"))]})
    with asking(Recorder(**settings())) as client:
        client.get(f"{server.url}/a")
        exchange = exchange_of(client.get(f"{server.url}/b"))
    assert exchange.whole
    assert [event.kind for event in exchange.events] == ["stale-connection"]
    assert len(server.requests("/b")) == 2
    assert not exchange.reused
