"""Whatever goes wrong is told by name, and what came is kept."""

import gzip
import socket
import ssl
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from scripted import Answer, Server, ok

from capture import errors
from capture.client import Client
from capture.content import content
from capture.framing import LONGEST_HEAD
from capture.page import Page
from capture.settings import Settings

Make = Callable[..., Client]
Serve = Callable[..., Server]

OK = b"HTTP/1.1 200 OK\r\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]  # type: ignore[no-any-return]


def failure(client: Client, url: str, kind: type[errors.CaptureError]) -> errors.CaptureError:
    with pytest.raises(errors.CaptureError) as caught:
        client.fetch(url)
    assert type(caught.value) is kind, caught.value
    assert caught.value.code
    assert caught.value.hint
    assert "secret" not in str(caught.value)
    return caught.value


def every(kind: type[errors.CaptureError]) -> list[type[errors.CaptureError]]:
    return [kind, *(each for sub in kind.__subclasses__() for each in every(sub))]


def test_the_tree_is_whole() -> None:
    kinds = every(errors.CaptureError)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.__name__ for kind in kinds} == set(errors.__all__)
    for kind in kinds:
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__doc__


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "hello", "example.org", "http://", "http:///path", "https://:80/", "http://[::1", "http://[x]/"),
        *("ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,hi", "weixin://dl/"),
        *("http://example.org:port/", "http://example.org:99999/", "http://exa mple.org/", "http://a%2eb/"),
        "http://user:secret@:80/",
        "http://" + "a" * 70_000,
        "http://example.org/" + "a" * 70_000,
    ],
)
def test_what_is_no_web_address(client: Make, text: str) -> None:
    assert len(str(failure(client(), text, errors.NotAWebAddress))) < 400


@pytest.mark.parametrize("robots", [True, False])
def test_an_unknown_host(client: Make, robots: bool) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    error = failure(client(resolver=resolver, robots=robots), "https://missing.example/", errors.UnknownHost)
    assert "missing.example" in str(error)
    assert error.page
    assert error.page.exchanges == ()


@pytest.mark.parametrize("robots", [True, False])
def test_private_addresses_are_not_contacted(client: Make, serve: Serve, robots: bool) -> None:
    server = serve({"*": Answer(ok(b"hi"))})
    strict = client(allow_private=False, robots=robots, resolver=lambda *_: ["127.0.0.1"])
    failure(strict, server.url, errors.AddressForbidden)
    failure(strict, f"http://rebound.example:{server.port}/", errors.AddressForbidden)
    assert server.connections == 0


def test_a_redirect_to_a_private_address_is_not_followed(client: Make, serve: Serve) -> None:
    inside = serve({"*": Answer(ok(b"secret"))})
    outside = serve(
        {"*": Answer(b"HTTP/1.1 302 Found\r\nLocation: %b/\r\nContent-Length: 0\r\n\r\n" % inside.url.encode())}
    )
    made = client(allow_private=False, resolver=lambda *_: ["8.8.8.8"])
    # Only the name is public; the connection goes to this machine.
    made._client._recorder.guard = _Lenient(outside.port)
    error = failure(made, f"http://public.example:{outside.port}/", errors.AddressForbidden)
    assert error.page
    assert [exchange.status for exchange in error.page.hops] == [302]
    assert inside.connections == 0


class _Lenient:
    """Admits one port of this machine under a public name, and is strict otherwise."""

    def __init__(self, port: int) -> None:
        from capture.guard import Guard

        self._port, self._strict = port, Guard()

    def admit(self, host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",) if port == self._port else self._strict.admit(host, port)


def test_a_refused_connection(client: Make, time: Any) -> None:
    error = failure(client(), f"http://127.0.0.1:{free_port()}/", errors.ConnectionFailed)
    assert "refused" in str(error)
    assert error.exchange is None
    assert len(time.slept) >= 2  # it may pass, so it was tried again


def test_a_reset_before_the_answer(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(b"", "reset")})
    error = failure(client(), server.url + "/", errors.Disconnected)
    assert len(server.asked) == 3
    assert error.page
    assert len(error.page.attempts) == 3
    assert {exchange.truncated for exchange in error.page.attempts} == {"disconnect"}


def test_what_keeps_us_from_robots_txt_is_told_and_kept(client: Make, serve: Serve) -> None:
    server = serve({"/robots.txt": Answer(b"", "hang")})
    error = failure(client(robots=True, read_timeout=0.05, tries=2), server.url + "/", errors.TimedOut)
    assert error.page
    assert [exchange.url for exchange in error.page.attempts] == [server.url + "/robots.txt"] * 2


def test_a_connection_that_closes_without_an_answer(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(b"", "close")})
    failure(client(), server.url + "/", errors.EmptyAnswer)
    assert len(server.asked) == 3


def test_a_failure_that_passes(client: Make, serve: Serve, time: Any) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    server = serve({"/": [Answer(b"", "close"), Answer(busy), Answer(ok(b"hi"))]})
    page = client().fetch(server.url + "/")
    assert page.answer.status == 200
    assert [exchange.outcome for exchange in page.attempts] == ["empty-answer", "complete"]
    assert any(seconds >= 7 for seconds in time.slept)


def test_a_server_that_keeps_silent(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(b"", "hang")})
    error = failure(client(read_timeout=0.05, tries=1), server.url + "/", errors.TimedOut)
    assert error.exchange
    assert error.exchange.truncated == "time"
    assert error.exchange.request.read() == server.asked[0].raw


def test_an_untrusted_certificate(client: Make, serve: Serve) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    error = failure(client(), serve({"*": Answer(ok(b"hi"))}, tls=context).url, errors.TlsFailed)
    assert "certificate" in str(error) or "issuer" in str(error)


def test_a_certificate_for_another_host(client: Make, serve: Serve, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    failure(client(), serve({"*": Answer(ok(b"hi"))}, tls=context).url, errors.TlsFailed)


def test_tls_with_a_server_that_has_none(client: Make, serve: Serve) -> None:
    with _Blunt({}) as server:
        failure(client(tries=1), server.url.replace("http:", "https:"), errors.TlsFailed)


class _Blunt(Server):
    """Answers before it has understood anything, as servers for plain HTTP do that meet a TLS handshake."""

    def talk(self, connection: socket.socket, number: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def test_insecure_is_recorded(serve: Serve, time: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("other.example").configure_cert(context)
    server = serve({"*": Answer(ok(b"hi"))}, tls=context)
    settings = Settings(contact="test@example.org", allow_private=True, robots=False, insecure=True)
    with Client(settings, timer=time.timer, sleep=time.sleep_async) as made, made.fetch(server.url + "/") as page:
        assert page.insecure
        assert page.answer.connection
        assert page.answer.connection.tls
        assert not page.answer.connection.tls.verified
        assert page.answer.connection.tls.chain


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_is_tried_again_and_told(client: Make, serve: Serve, status: int) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 %d Oh\r\nContent-Length: 2\r\n\r\nno" % status)})
    page = client().fetch(server.url + "/")
    assert page.answer.status == status
    assert [exchange.status for exchange in page.attempts] == [status, status]


@pytest.mark.parametrize("status", [404, 410, 403, 501])
def test_an_error_that_does_not_pass_is_an_answer(client: Make, serve: Serve, status: int) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 %d Oh\r\nContent-Length: 2\r\n\r\nno" % status)})
    page = client().fetch(server.url + "/")
    assert page.answer.status == status
    assert not page.attempts


@pytest.mark.parametrize(
    "data",
    [
        *(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", b"220 mail.example ESMTP\r\n\r\n", b"\x00\x01\x02\n\n", b"hello"),
        b"<html>HTTP/0.9</html>",
        b"\x15\x03\x01\x00\x02\x02\x16",
    ],
)
def test_an_answer_that_is_no_http(client: Make, serve: Serve, data: bytes) -> None:
    error = failure(client(), serve({"/": Answer(data, "close")}).url + "/", errors.NotHttp)
    assert error.exchange
    assert error.exchange.response.read() == data
    assert error.exchange.head is None


def test_a_redirect_loop(client: Make, serve: Serve) -> None:
    server = serve(
        {
            "/a": Answer(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),
            "/b": Answer(b"HTTP/1.1 302 Found\r\nLocation: /a#part\r\nContent-Length: 0\r\n\r\n"),
        }
    )
    error = failure(client(), server.url + "/a", errors.RedirectLoop)
    assert error.page
    assert [exchange.url[-2:] for exchange in error.page.hops] == ["/a", "/b"]


@pytest.mark.slow
def test_ten_thousand_redirects(client: Make, serve: Serve) -> None:
    steps = {
        f"/{n}": Answer(b"HTTP/1.1 301 Moved\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % (n + 1))
        for n in range(10_000)
    }
    server = serve(steps)
    error = failure(client(), server.url + "/0", errors.TooManyRedirects)
    assert error.page
    assert len(error.page.hops) == len(server.asked) == 21


@pytest.mark.parametrize("location", [b"weixin://dl/business", b"http://[x", b"mailto:a@example.org"])
def test_a_redirect_to_what_is_no_page(client: Make, serve: Serve, location: bytes) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location)})
    error = failure(client(), server.url + "/", errors.BadRedirect)
    assert error.page
    assert error.page.answer.status == 302


def test_a_redirect_without_a_location_is_an_answer(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhi")})
    assert client().fetch(server.url + "/").answer.status == 302


def test_a_head_of_a_hundred_kilobytes_is_taken(client: Make, serve: Serve) -> None:
    data = ok(b"hi", b"X: " + b"y" * 100_000)
    page = client().fetch(serve({"/": Answer(data)}).url + "/")
    assert page.answer.response.read() == data
    assert page.answer.whole


def test_a_flood_of_header_fields(client: Make, serve: Serve) -> None:
    flood = (b"X-%d: y\r\n" % n for n in range(10**9))
    server = serve({"/": Answer(_chain(OK, flood), "close")})
    error = failure(client(), server.url + "/", errors.HeadTooLong)
    assert error.exchange
    assert error.exchange.response.size < 10 * LONGEST_HEAD


@pytest.mark.slow
def test_a_flood_of_interim_answers(client: Make, serve: Serve) -> None:
    flood = (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" for _ in range(10**9))
    error = failure(client(), serve({"/": Answer(flood, "close")}).url + "/", errors.HeadTooLong)
    assert error.exchange
    assert error.exchange.head is None
    assert len(error.exchange.interim) < 10 * LONGEST_HEAD


def _chain(first: bytes, rest: Any) -> Any:
    yield first
    yield from rest


def test_a_wrong_content_length_is_a_cut_page(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(OK + b"Content-Length: 99\r\n\r\nshort", "close")})
    page = client().fetch(server.url + "/")
    assert (page.answer.truncated, page.answer.outcome) == ("disconnect", "disconnected")
    assert b"".join(page.answer.payload()) == b"short"
    assert len(page.attempts) == 2


def test_an_answer_without_end_is_cut_by_size(client: Make, serve: Serve) -> None:
    endless = _chain(OK + b"\r\n", (b"x" * 65536 for _ in range(10**9)))
    page = client(largest=300_000).fetch(serve({"/": Answer(endless, "close")}).url + "/")
    assert (page.answer.truncated, page.answer.outcome, page.answer.whole) == ("length", "too-large", False)
    assert 300_000 < page.answer.response.size < 500_000
    assert not page.attempts


def test_an_answer_without_end_is_cut_by_time(client: Make, serve: Serve, time: Any) -> None:
    time.tick = 1.0
    drip = _chain(OK + b"\r\n", (b"x" for _ in range(10**9)))
    page = client(longest=100.0).fetch(serve({"/": Answer(drip, "close")}).url + "/")
    assert (page.answer.truncated, page.answer.outcome) == ("time", "timed-out")
    assert not page.attempts


@pytest.mark.slow
def test_a_gzip_bomb_is_not_inflated(client: Make, serve: Serve) -> None:
    bomb = gzip.compress(b"<p>" + b"\0" * 200_000_000, compresslevel=9, mtime=0)
    server = serve({"/": Answer(ok(bomb, b"Content-Type: text/html", b"Content-Encoding: gzip"))})
    tracemalloc.start()
    try:
        page: Page = client(largest_content=1_000_000).fetch(server.url + "/")
        assert len(content(page.answer, 1_000_000)) == 1_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert page.answer.response.size < 300_000


def test_a_contact_is_one() -> None:
    for contact in ("nobody", "a@b\r\nX: y", "宣纸@example.org"):
        with pytest.raises(errors.CaptureError, match="reach the operator"):
            Settings(contact=contact)
    with pytest.raises(errors.CaptureError, match="at least 1"):
        Settings(contact="test@example.org", per_host=0)
