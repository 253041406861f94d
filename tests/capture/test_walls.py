"""Walls and placeholders, by what they are and not by what they talk about."""

from collections.abc import Callable
from typing import Any

import pytest
from scripted import Answer, Server, ok

from capture.client import Client
from capture.page import Exchange
from capture.tape import Tape
from capture.walls import is_placeholder, placeholders, wall_of

ARTICLE = "https://mp.weixin.qq.com/s/abc"
SHELL = b"<html><script>var PAGE_MID='mmbizwap:secitptpage/verify.html';</script></html>"
STYLE = b'<link rel="stylesheet" href="//res.wx.qq.com/mmbizwap/zh_CN/style/page/secitptpage/verify802853.css">'
CAPTCHA = b"/mp/wappoc_appmsgcaptcha?poc_token=x&target_url=https%3A%2F%2Fmp.weixin.qq.com%2Fs%2Fabc"


def exchange(url: str, answer: bytes) -> Exchange:
    tape = Tape("GET", url)
    tape.sent(b"GET / HTTP/1.1\r\n\r\n")
    tape.received(answer)
    return tape.finish()


def found(to: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % to


@pytest.mark.parametrize(
    ("url", "answer", "wall"),
    [
        (ARTICLE, found(CAPTCHA), "captcha-redirect"),
        (ARTICLE, found(b"https://mp.weixin.qq.com" + CAPTCHA), "captcha-redirect"),
        ("https://mp.weixin.qq.com" + CAPTCHA.decode(), ok("<h2>环境异常</h2>".encode()), "captcha-redirect"),
        (ARTICLE, ok(SHELL), "captcha-script"),
        (ARTICLE, ok(STYLE), "captcha-script"),
        ("https://example.org/", b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", "too-fast"),
        (ARTICLE, ok("<div id=js_content>环境异常 secitptpage/verify poc_token</div>".encode()), ""),
        (ARTICLE, found(b"/s?__biz=x"), ""),
        ("https://example.org/mp/wappoc_appmsgcaptcha", ok(SHELL), ""),
        (ARTICLE, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", ""),
        (ARTICLE, b"", ""),
    ],
)
def test_walls(url: str, answer: bytes, wall: str) -> None:
    assert wall_of(exchange(url, answer)) == wall


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 2000


def picture(name: str, query: str, body: bytes) -> Exchange:
    return exchange(f"https://mmbiz.qpic.cn/mmbiz_jpg/{name}/640?{query}", ok(body))


def test_the_placeholder_is_the_same_unfitting_picture_again_and_again() -> None:
    blocked = [picture(name, "wx_fmt=jpeg", PNG) for name in ("A", "B", "C")]
    good = [picture("D", "wx_fmt=jpeg", JPEG), picture("E", "wx_fmt=png", PNG), picture("F", "wx_fmt=gif", JPEG)]
    assert placeholders([*good, *blocked]) == blocked
    assert placeholders(blocked[:1]) == []  # perhaps an author's wrong name


@pytest.mark.parametrize(
    ("url", "body", "suspicious"),
    [
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=jpeg", PNG, True),
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=jpg", JPEG, False),
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=jpeg&tp=webp", b"RIFF\0\0\0\0WEBP", False),
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=other", PNG, False),
        ("https://mmbiz.qpic.cn/a/640", PNG, False),
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=jpeg", PNG + b"\0" * 99_999, False),
        ("https://mmbiz.qpic.cn/a/640?wx_fmt=jpeg", b"", False),
        ("https://example.org/a/640?wx_fmt=jpeg", PNG, False),
        ("https://notqpic.cn/a/640?wx_fmt=jpeg", PNG, False),
    ],
)
def test_what_may_be_the_placeholder(url: str, body: bytes, suspicious: bool) -> None:
    assert is_placeholder(exchange(url, ok(body))) is suspicious


def test_a_wall_is_a_page_and_its_redirect_is_not_followed(
    client: Callable[..., Client], serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, time: Any
) -> None:
    monkeypatch.setattr("capture.walls._HOST", "127.0.0.1")  # stands for WeChat
    server = serve({"/s/abc": Answer(found(CAPTCHA)), "/s/def": Answer(ok(SHELL, b"Content-Type: text/html"))})
    made = client(walls=3)
    assert made.fetch(server.url + "/s/abc").wall == "captcha-redirect"
    got = made.fetch(server.url + "/s/def")
    assert got.wall == "captcha-script"
    assert got.requisites == ()
    assert len(server.asked) == 2
