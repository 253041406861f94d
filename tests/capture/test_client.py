"""Polite visits: pace, robots.txt, redirects, conditional requests, requisites, walls."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from scripted import Answer, Server, ok
from sites import NOTHING, assets, check_assets, page, redirect

from capture.client import Client
from capture.errors import HostBlocks, RobotsForbidden
from capture.visit import Validators

Make = Callable[..., Client]
Serve = Callable[..., Server]


def test_a_page_is_fetched_with_an_honest_request(client: Make, serve: Serve) -> None:
    server = serve({"/a?b=c": page("hi")})
    got = client().fetch(f"  {server.url}/a?b=c#part ")
    asked = server.asked[0]
    assert got.answer.request.read() == asked.raw
    assert got.url == got.answer.url == f"{server.url}/a?b=c"
    assert asked.field("User-Agent").startswith("Mozilla/5.0 (compatible; xuanzhi/")
    assert asked.field("User-Agent").endswith("; +test@example.org)")
    assert asked.field("Accept-Encoding") == "gzip, deflate"
    assert asked.field("Host") == f"127.0.0.1:{server.port}"
    assert not asked.field("Cookie")
    assert got.robots.decision == "ignored"
    assert got.answer.connection
    assert not got.wall
    assert not got.not_modified


def test_redirects_are_kept_in_order(client: Make, serve: Serve) -> None:
    server = serve({"/a": redirect("/b", 301), "/b": redirect("c?x=1", 307), "/c?x=1": page("hi")})
    got = client().fetch(f"{server.url}/a")
    assert [exchange.status for exchange in got.hops] == [301, 307, 200]
    assert got.answer.url == f"{server.url}/c?x=1"
    assert [exchange.request.read() for exchange in got.hops] == [asked.raw for asked in server.asked]


def test_pages_of_one_host_are_paced(client: Make, serve: Serve, time: Any) -> None:
    server = serve({"*": page("hi")})
    made = client(interval=5.0, jitter=0.5)
    for _ in range(4):
        made.fetch(server.url + "/")
    assert len(time.slept) == 3
    assert all(5.0 <= seconds <= 7.5 for seconds in time.slept)
    assert len(set(time.slept)) == 3  # chance keeps many captures from beating in time


def test_the_interval_of_a_host_can_be_its_own(client: Make, serve: Serve, time: Any) -> None:
    server = serve({"*": page("hi")})
    made = client(interval=5.0, intervals={"127.0.0.1": 60.0}, jitter=0.0)
    made.fetch(server.url + "/")
    made.fetch(server.url + "/")
    assert time.slept == [60.0]


def test_robots_txt_is_obeyed(client: Make, serve: Serve, time: Any) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: xuanzhi\nDisallow: /private\nAllow: /\nCrawl-delay: 9\n"
    server = serve({"/robots.txt": Answer(ok(rules)), "*": page("hi")})
    made = client(robots=True, jitter=0.0)
    got = made.fetch(server.url + "/open")
    assert got.robots == ("allowed", f"{server.url}/robots.txt", "its rules allow this page")
    assert [exchange.url for exchange in got.robots_exchanges] == [f"{server.url}/robots.txt"]
    with pytest.raises(RobotsForbidden, match=r"robots\.txt") as caught:
        made.fetch(server.url + "/private/page")
    assert caught.value.page
    assert caught.value.page.robots.decision == "forbidden"
    assert caught.value.page.exchanges == ()
    made.fetch(server.url + "/open")
    assert 9.0 in time.slept
    assert [asked.target for asked in server.asked] == ["/robots.txt", "/open", "/open"]


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (NOTHING, "absent"),
        (Answer(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "absent"),
        (redirect("/elsewhere.txt"), "allowed"),
        (redirect("/robots.txt"), "absent"),  # in a circle: RFC 9309 §2.3.1.2 says unavailable, not unreachable
        (Answer(ok(b"\xff\xfe\x00 no rules at all")), "allowed"),
        (Answer(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "unreachable"),
        (Answer(b"SSH-2.0\r\n\r\n", "close"), "unreachable"),
    ],
)
def test_robots_txt_that_is_none(client: Make, serve: Serve, answer: Answer, decision: str) -> None:
    server = serve(
        {"/robots.txt": answer, "/elsewhere.txt": Answer(ok(b"User-agent: *\nDisallow:\n")), "*": page("hi")}
    )
    made = client(robots=True)
    if decision == "unreachable":
        with pytest.raises(RobotsForbidden) as caught:
            made.fetch(server.url + "/")
        assert caught.value.page
        assert caught.value.page.robots.decision == decision
    else:
        assert made.fetch(server.url + "/").robots.decision == decision


def test_robots_txt_is_not_asked_where_the_operator_may(client: Make, serve: Serve) -> None:
    server = serve({"/robots.txt": Answer(ok(b"User-agent: *\nDisallow: /\n")), "*": page("hi")})
    got = client(robots=True, ignore_robots_of=frozenset({"127.0.0.1"})).fetch(server.url + "/")
    assert got.robots.decision == "ignored"
    assert len(server.asked) == 1


def test_a_conditional_request(client: Make, serve: Serve) -> None:
    server = serve(
        {
            "/old": redirect("/new"),
            "/new": Answer(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 999\r\n\r\n'),
        }
    )
    since = "Sat, 21 Nov 2026 10:00:00 GMT"
    got = client().fetch(server.url + "/old", validators=Validators('"x"', since, server.url + "/new"))
    assert got.not_modified
    assert got.answer.whole
    assert not server.asked[0].field("If-None-Match")
    assert server.asked[1].field("If-None-Match") == '"x"'
    assert server.asked[1].field("If-Modified-Since") == since


def test_credentials_are_sent_to_their_origin_and_not_recorded(client: Make, serve: Serve) -> None:
    other = serve({"*": page("hi")})
    server = serve({"/a": redirect(other.url + "/b")})
    got = client().fetch(f"http://name:secret@127.0.0.1:{server.port}/a")
    assert server.asked[0].field("Authorization").startswith("Basic ")
    assert not other.asked[0].field("Authorization")
    assert got.hops[0].redacted == ("Authorization",)
    assert b"x-redacted" in got.hops[0].request.read()
    assert "secret" not in got.url + "".join(exchange.url for exchange in got.exchanges)


@pytest.mark.parametrize("cookies", [True, False])
def test_cookies_are_sent_back_only_where_asked_for(client: Make, serve: Serve, cookies: bool) -> None:
    first = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n"
    server = serve({"/a": Answer(first), "/b": page("hi")})
    got = client(cookies=cookies).fetch(server.url + "/a")
    assert bool(server.asked[1].field("Cookie")) is cookies
    assert b"s=1" not in got.answer.request.read()


def test_retry_after_is_heeded(client: Make, serve: Serve, time: Any) -> None:
    date = b"Date: Wed, 25 Nov 2026 08:00:00 GMT\r\nRetry-After: Wed, 25 Nov 2026 08:00:42 GMT"
    slow = b"HTTP/1.1 429 Slow\r\n%b\r\nContent-Length: 0\r\n\r\n"
    server = serve({"/": [Answer(slow % b"Retry-After: 30"), Answer(slow % date), page("hi")]})
    got = client().fetch(server.url + "/")
    assert got.answer.status == 200
    assert [seconds for seconds in time.slept if seconds >= 30] == [30.0, 42.0]
    assert len(got.attempts) == 2


def test_a_host_that_asks_for_a_long_time_is_left_alone(client: Make, serve: Serve, time: Any) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")})
    made = client()
    assert made.fetch(server.url + "/").answer.status == 503
    with pytest.raises(HostBlocks, match="3,600 s"):
        made.fetch(server.url + "/")
    assert len(server.asked) == 1
    time.now += 3601
    made.fetch(server.url + "/")
    assert len(server.asked) == 2


def test_walls_open_the_breaker(client: Make, serve: Serve, time: Any) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n")})
    made = client(tries=1, walls=2, rest=600.0)
    assert made.fetch(server.url + "/").wall == "too-fast"
    assert made.fetch(server.url + "/").wall == "too-fast"
    with pytest.raises(HostBlocks):
        made.fetch(server.url + "/")
    time.now += 601
    assert made.fetch(server.url + "/").wall == "too-fast"
    with pytest.raises(HostBlocks):  # after the rest, one wall is enough
        made.fetch(server.url + "/")
    assert len(server.asked) == 3


def test_requisites_come_with_the_page(client: Make, serve: Serve) -> None:
    server = serve(assets())
    with client(tries=1).fetch(server.url + "/") as got:
        check_assets(got, server)
        assert got.exchanges == tuple(sorted(got.exchanges, key=lambda exchange: exchange.started))
    assert not client(requisites=False).fetch(server.url + "/").requisites


def test_requisites_beyond_the_bound_are_told(client: Make, serve: Serve) -> None:
    server = serve({"/": page("".join(f"<img src=/{n}.png>" for n in range(9))), "*": NOTHING})
    got = client(most_requisites=4).fetch(server.url + "/")
    assert len(got.requisites) == 4
    assert [code for _, code, _ in got.failures] == ["too-many"] * 5


def test_styles_that_import_styles_end_somewhere(client: Make, serve: Serve) -> None:
    styles = {f"/{n}.css": Answer(ok(b"@import '%d.css'" % (n + 1), b"Content-Type: text/css")) for n in range(9)}
    got = client().fetch(serve({"/": page("<link rel=stylesheet href=0.css>"), **styles}).url + "/")
    assert [exchange.url[-5:] for exchange in got.requisites] == ["0.css", "1.css", "2.css", "3.css"]
    assert [(url[-5:], code) for url, code, _ in got.failures] == [("4.css", "too-many")]


def test_a_host_that_fails_is_not_asked_for_every_picture(client: Make, serve: Serve, time: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    body = "".join(f"<img src=http://127.0.0.1:{port}/{n}.png>" for n in range(5))
    made = client(requisite_tries=1, per_host=1)  # one after the other: what is under way at once fails at once
    got = made.fetch(serve({"/": page(body)}).url + "/")
    assert [code for _, code, _ in got.failures] == ["connection-failed"] * 2 + ["not-tried"] * 3


def test_requisites_have_their_time(client: Make, serve: Serve, time: Any) -> None:
    body = "".join(f"<img src=/{n}.png>" for n in range(5))
    server = serve({"/": page(body), "*": NOTHING})
    got = client(requisite_interval=10.0, requisites_longest=25.0, jitter=0.0).fetch(server.url + "/")
    assert len(got.requisites) + len(got.failures) == 5
    assert {code for _, code, _ in got.failures} == {"not-tried"}


def test_placeholders_are_told_and_their_host_is_left_alone(
    client: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.walls._PICTURES", ("127.0.0.1",))  # stands for WeChat's picture server
    png = Answer(ok(b"\x89PNG\r\n\x1a\n the same for all", b"Content-Type: image/png"))
    server = serve({"/": page("<img src=/a/0?wx_fmt=jpeg><img src=/b/0?wx_fmt=jpeg><img src=/c/0>"), "*": png})
    made = client(walls=1)
    got = made.fetch(server.url + "/")
    assert len(got.requisites) == 3
    assert [(url[-16:], code) for url, code, _ in got.failures] == [
        ("/a/0?wx_fmt=jpeg", "placeholder"),
        ("/b/0?wx_fmt=jpeg", "placeholder"),
    ]
    with pytest.raises(HostBlocks):
        made.fetch(server.url + "/")


def test_a_page_that_is_no_html_has_no_requisites(client: Make, serve: Serve) -> None:
    server = serve({"/": Answer(ok(b"<img src=/a.png>", b"Content-Type: text/plain"))})
    assert client().fetch(server.url + "/").requisites == ()
