"""WeChat's hosts in small, on the loopback: articles, pictures and styles as the platform sends them."""

import gzip
from hashlib import sha256
from urllib.parse import urlsplit

from article import (
    ARTICLE_PATH,
    TEXT,
    WALL_PATH,
    article,
    deep_style,
    deleted,
    shell,
    style,
    wall,
)
from pictures import jpeg, png
from scripted import Answer, Asked, Server

__all__ = ["LONG_PATH", "Site"]

LONG_PATH = "/s?__biz=MzA=&mid=33&idx=2&sn=ef"
"""The article's long address, which leads to the short one."""

_PIECE = 1400
"""Bytes of a chunk: what fits into one packet."""


class Site(Server):
    """Answers for all hosts of the platform at one port; clients find it by a resolver of their own."""

    def __init__(self) -> None:
        super().__init__({})
        self.text = TEXT
        """The article's; may be changed between visits, as an author would."""
        self.is_deleted = False
        """Whether its author took the article back."""

    def url(self, path: str, host: str = "mp.weixin.qq.com") -> str:  # type: ignore[override]
        """Return an address at a host of the platform."""
        return f"http://{host}:{self.port}{path}"

    def answer_to(self, asked: Asked) -> Answer:
        """Answer by host and path."""
        host = asked.field("Host").partition(":")[0]
        path = urlsplit(asked.target).path
        match host:
            case "mp.weixin.qq.com":
                return self._page(path, asked)
            case "res.wx.qq.com":
                return _RESOURCES.get(path, _NOTHING)
            case "mmbiz.qpic.cn" if asked.field("Referer").startswith("https://mp.weixin.qq.com"):
                return _PICTURES.get(path, _NOTHING)
            case "mmbiz.qpic.cn":
                return _picture(png(200, 100, 220, 220, 220), "png")  # that says that the picture may not be quoted
        return _NOTHING

    def _page(self, path: str, asked: Asked) -> Answer:
        if path == ARTICLE_PATH and self.is_deleted:
            return _html(deleted())
        if path == ARTICLE_PATH:
            text = article(self.port, self.text)
            tag = f'"{sha256(text.encode()).hexdigest()[:12]}"'
            if asked.field("If-None-Match") == tag:
                return Answer(f"HTTP/1.1 304 Not Modified\r\nServer: nginx\r\nETag: {tag}\r\n\r\n".encode())
            return _html(text, f"ETag: {tag}")
        if asked.target == LONG_PATH:
            return _redirect(self.url(ARTICLE_PATH), "301 Moved Permanently")
        if path == "/s/walled":
            return _redirect(self.url(f"{WALL_PATH}?poc_token=HE&target_url=x"), "302 Found")
        said = {"/s/deleted": deleted, WALL_PATH: wall, "/s/shell": shell}.get(path)
        return _html(said()) if said else _NOTHING


_NOTHING = Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def _coded(body: str, kind: str, *fields: str) -> Answer:
    """Send text as WeChat does: gzip and chunked."""
    data = gzip.compress(body.encode(), mtime=0)
    coding = ("Content-Encoding: gzip", "Transfer-Encoding: chunked")
    head = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", *coding, *fields, "", ""]
    pieces = (data[place : place + _PIECE] for place in range(0, len(data), _PIECE))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return Answer("\r\n".join(head).encode() + chunks + b"0\r\n\r\n")


def _html(body: str, *fields: str) -> Answer:
    return _coded(body, "text/html; charset=UTF-8", "Server: nginx", *fields)


def _redirect(to: str, status: str) -> Answer:
    return Answer(f"HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())


def _picture(data: bytes, kind: str) -> Answer:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/{kind}\r\nContent-Length: {len(data)}\r\nX-Cache: HIT\r\n\r\n"
    return Answer(head.encode() + data)


_PICTURES = {
    "/mmbiz_jpg/cover/0": _picture(jpeg(160, 96, 190, 110, 130), "jpeg"),
    "/mmbiz_png/bamboo/640": _picture(png(96, 48, 120, 190, 90), "png"),
    "/mmbiz_png/frame/640": _picture(png(32, 32, 255, 240, 200), "png"),
    "/mmbiz_jpg/vat/640": _picture(jpeg(80, 40, 90, 150, 120), "jpeg"),
}
_RESOURCES = {
    "/mmbizappmsg/zh_CN/article.css": _coded(style(), "text/css"),
    "/mmbizappmsg/zh_CN/deep.css": _coded(deep_style(), "text/css"),
    "/mmbizappmsg/images/paper.png": _picture(png(16, 16, 252, 250, 242), "png"),
}
