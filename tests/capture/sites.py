"""Pages of a small site, and what a visit to it brings."""

from typing import Any

from scripted import Answer, Server, ok

NOTHING = Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
HTML = b"Content-Type: text/html; charset=utf-8"


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(b"HTTP/1.1 %d Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, to.encode()))


def page(body: str, *fields: bytes) -> Answer:
    return Answer(ok(body.encode(), HTML, *fields))


ARTICLE = """<html><head><link rel=stylesheet href=/style.css><meta property=og:image content="/cover.jpg"></head>
<body style="background: url('/back.png')"><img data-src="/lazy.jpg" src="data:image/gif;base64,xx">
<img src=/missing.png><img src=/page.png><img src=/lazy.jpg><img src=/big.png><img src="http://127.0.0.1:1/forbidden.png">
<picture><source srcset="/small.webp 1x, /large.webp 2x"><img src=/moved.png></picture></body></html>"""


def assets() -> dict[str, Answer | list[Answer]]:
    image = Answer(ok(b"\x89PNG\r\n\x1a\n", b"Content-Type: image/png"))
    style = b'@import "deep.css"; @font-face { src: url(font.woff2) } a { background: url("x.png") }'
    return {
        "/": page(ARTICLE),
        "/style.css": Answer(ok(style, b"Content-Type: text/css")),
        "/deep.css": Answer(ok(b"b { background: url(deep.png) }", b"Content-Type: text/css")),
        "/missing.png": NOTHING,
        "/page.png": page("<html>no picture</html>" * 9999),
        "/big.png": Answer(
            b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 999
        ),
        "/moved.png": redirect("/here.png"),
        "*": image,
    }


def check_assets(got: Any, server: Server) -> None:
    names = [exchange.url.rpartition("/")[2] for exchange in got.requisites]
    assert sorted(names) == [
        *("back.png", "big.png", "cover.jpg", "deep.css", "deep.png", "font.woff2", "here.png", "large.webp"),
        *("lazy.jpg", "missing.png", "moved.png", "page.png", "small.webp", "style.css", "x.png"),
    ]
    assert sorted((url.rpartition("/")[2], code) for url, code, _ in got.failures) == [
        ("big.png", "not-wanted"),
        ("forbidden.png", "address-forbidden"),
        ("page.png", "not-wanted"),
    ]
    assert all(asked.field("Referer") == server.url + "/" for asked in server.asked[1:])
    assert not server.asked[0].field("Referer")
