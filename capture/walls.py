"""Detection of walls: pages and pictures shown in place of content, told by the answer alone.

Seen in real answers of 2025 and 2026: an article is redirected to a captcha (`/mp/wappoc_appmsgcaptcha`), or it is
answered, with status 200, by a shell of scripts that fetch the captcha. The picture server answers a foreign Referer
with one and the same small picture that says that the picture may not be quoted. Walls of other sites are told by the
page, which this package does not read: `WallIn` is asked, which the application gives.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs, urlsplit

from capture.content import beginning
from capture.page import Exchange

__all__ = ["WallIn", "is_placeholder", "no_wall", "placeholders", "wall_of"]

_HOST = "mp.weixin.qq.com"
_PICTURES = ("qpic.cn", "qlogo.cn")
_CAPTCHA_PATHS = ("/mp/wappoc_appmsgcaptcha", "/mp/secitptpage", "/mp/verifycode")

# The shell names itself, or links the captcha's style. A real article names another page; its text may well talk of
# captchas, so plain words do not count. Bounded classes between literals: linear.
_SHELL = re.compile(rb"""PAGE_MID\s{0,4}=\s{0,4}["']mmbizwap:secitptpage/|href=["'][^"'<>]{0,200}/secitptpage/verify""")

# Fields that their makers document: the answer is a challenge and not the page.
_FIELDS = (
    ("Cf-Mitigated", ("challenge",)),
    ("X-Amzn-Waf-Action", ("challenge", "captcha")),
    ("X-Vercel-Mitigated", ("challenge",)),
)

_LOOK = 256 * 1024
"""Bytes of a page that are searched; a shell has under 40 KB, and the page's name stands in the first scripts."""

_SMALL = 50 * 1024
"""Bytes of the largest picture that may be the placeholder."""

_SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"RIFF", "webp"),
    (b"<svg", "svg"),
    (b"<?xml", "svg"),
)


WallIn = Callable[[Exchange], str]
"""Reads the page of an answer and returns the kind of the wall that it is, empty where it is none."""


def no_wall(exchange: Exchange) -> str:
    """Read nothing."""
    del exchange
    return ""


def wall_of(exchange: Exchange) -> str:
    """Return the kind of the wall that an answer is, empty where it is none.

    `captcha-redirect`: a redirect to the captcha, or the captcha itself. `captcha-script`: the shell.
    `too-fast`: status 429 of any site (RFC 6585 §4). `challenge`: a field of the answer says so, as those of
    Cloudflare, AWS WAF and Vercel do.
    """
    if exchange.status == 429:
        return "too-fast"
    if exchange.head is not None and any(exchange.head.get(name).lower() in values for name, values in _FIELDS):
        return "challenge"
    parts = urlsplit(exchange.url)
    if parts.hostname != _HOST or exchange.head is None:
        return ""
    target = urlsplit(exchange.head.get("Location")).path if exchange.status // 100 == 3 else ""
    if parts.path.startswith(_CAPTCHA_PATHS) or target.startswith(_CAPTCHA_PATHS):
        return "captcha-redirect"
    if exchange.status == 200 and _SHELL.search(beginning(exchange, _LOOK)):
        return "captcha-script"
    return ""


def is_placeholder(exchange: Exchange) -> bool:
    """Return whether a picture of WeChat's server may be the placeholder: small, and of a format not asked for."""
    parts = urlsplit(exchange.url)
    host = parts.hostname or ""
    if not any(host == name or host.endswith("." + name) for name in _PICTURES) or exchange.status != 200:
        return False
    if not 0 < exchange.payload_size <= _SMALL:
        return False
    query = parse_qs(parts.query)
    formats = {*query.get("wx_fmt", []), *query.get("tp", [])}
    format_ = _format(beginning(exchange, 16))
    same = {"jpg": "jpeg", "other": format_, "wxpic": "webp"}
    return bool(formats) and format_ not in {same.get(each, each) for each in formats}


def placeholders(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the pictures that are the placeholder: at least two addresses with the very same unfitting bytes.

    One alone may be a picture whose author gave it a wrong name.
    """
    found: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        if is_placeholder(exchange):
            found.setdefault(exchange.payload_sha256, []).append(exchange)
    several = [each for each in found.values() if len({urlsplit(one.url).path for one in each}) > 1]
    return [exchange for each in several for exchange in each]


def _format(data: bytes) -> str:
    return next((name for signature, name in _SIGNATURES if data.startswith(signature)), "")
