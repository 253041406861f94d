"""What goes through a proxy is recorded as if there were none."""

import ssl

import pytest
from exchanges import CASES, ask_twice, asking, fetch, script, settings
from scripted import ProxyServer, Server

from capture.errors import AddressForbidden, ProxyFailed
from capture.guard import Guard, environment
from capture.wire import Recorder


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("name", ["chunked-gzip-extensions-trailers", "early-hints", "cut-chunk"])
def test_what_a_proxy_says_is_not_on_the_tape(
    name: str, tls: bool, serve: type[Server], trusting: ssl.SSLContext
) -> None:
    server = serve(script(), tls=tls)
    with ProxyServer() as proxy:
        named = f"http://user:p%C3%A4ss@127.0.0.1:{proxy.port}"
        recorder = Recorder(**settings(trusting, proxy_of=environment({"all": named})))
        with asking(recorder) as client:
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
            asking(recorder) as client,
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
        for exchange in ask_twice(Recorder(**settings(trusting, proxy_of=proxy_of)), f"{server.url}/early-hints"):
            assert exchange.response.read() == CASES["early-hints"].answer
            assert exchange.request.read() in server.requests("/early-hints")
            assert exchange.connection
            assert bool(exchange.connection.tls) is tls  # the server's, not the proxy's


@pytest.mark.parametrize("named", ["socks5://127.0.0.1:1080", "ftp://127.0.0.1", "http://user:secret@127.0.0.1:pass"])
def test_a_proxy_that_is_none(named: str) -> None:
    recorder = Recorder(**settings(proxy_of=environment({"all": named})))
    with (
        asking(recorder) as client,
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
                asking(recorder) as client,
                pytest.raises(AddressForbidden),
            ):
                client.get(f"http://{host}:{server.port}/length")
        assert not proxy.asked
