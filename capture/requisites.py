"""Requisites of a page: addresses of its images, styles, fonts and media, wherever they hide.

Pages load images late and keep the address in `data-src`; WeChat's picture posts keep it in scripts. Scripts are no
requisites: what is kept is what a reader sees, and what scripts would load changes with every visit.
"""

import codecs
import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from capture.addresses import join
from capture.errors import NotAWebAddress
from capture.heads import Head

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Requisite", "find", "find_in_style", "in_style", "is_wanted", "referer_for"]


# Addresses in style sheets: `url()` and `@import` (https://www.w3.org/TR/css-syntax-3/).


# `@import` with a plain string, or `url(…)` with or without quotes. Every run is bounded, and a class excludes what
# ends it: linear.
_ADDRESS = re.compile(
    r"""
    (?P<import>@import\s{1,20})? (?:
        url\(\s{0,20} (?: "(?P<double>[^"\n]{1,4096})" | '(?P<single>[^'\n]{1,4096})' | (?P<bare>[^\s"'()]{1,4096}) )
      | (?<=@import)\s{1,20} (?: "(?P<double_import>[^"\n]{1,4096})" | '(?P<single_import>[^'\n]{1,4096})' )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

# A backslash and one character stand for the character; escapes by number do not occur in addresses.
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def in_style(text: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses in a style sheet or a style attribute with their kind: `style`, `font` or `image`."""
    for match in _ADDRESS.finditer(_without_comments(text)):
        found = match.groupdict()
        imported = found["double_import"] or found["single_import"]
        address = _ESCAPE.sub(r"\1", imported or found["double"] or found["single"] or found["bare"] or "").strip()
        path = address.partition("?")[0].partition("#")[0].lower()
        if imported or found["import"] or path.endswith(".css"):
            yield address, "style"
        else:
            yield address, "font" if path.endswith((".woff2", ".woff", ".ttf", ".otf", ".eot")) else "image"


def _without_comments(text: str) -> str:
    first, *rest = text.split("/*")
    return first + "".join(each.partition("*/")[2] for each in rest)


_WECHAT = "mp.weixin.qq.com"

# Attributes that hold one address, by element; "*" is any element.
_ADDRESSES = {
    "*": ("data-lazy-bgimg", "background"),
    "img": ("src", "data-src", "data-croporisrc", "data-original", "data-lazy-src", "data-actualsrc"),
    "input": ("src",),
    "image": ("href", "xlink:href", "{http://www.w3.org/1999/xlink}href"),
    "video": ("src", "data-src", "poster", "data-poster"),
    "audio": ("src", "data-src"),
    "source": ("src", "data-src"),
    "track": ("src",),
    "iframe": ("data-cover",),  # WeChat's films; the address is percent-encoded
}
_SETS = ("srcset", "data-srcset", "imagesrcset")
_MEDIA = frozenset({"video", "audio", "track"})
_META = frozenset({"og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"})
_LINKS = {"stylesheet": "style", "icon": "image", "apple-touch-icon": "image", "image_src": "image"}

# An address in a `srcset`: it begins with no comma and ends at white space. One class after another: linear.
_CANDIDATE = re.compile(r"[^\s,]\S*")

# Picture posts of WeChat: a list of objects in a script. Only the first level names pictures; the same key deeper down
# is a watermarked or a shared form of them. Strings, brackets and the key are alternatives that begin differently, and
# a string is bounded: linear.
_LIST = re.compile(r"picture_page_info_list['\"]?\s{0,4}[:=]\s{0,4}(?=\[)")
_TOKEN = re.compile(
    r"""["']?\bcdn_url\b["']?(?=\s{0,4}:)|'((?:[^'\\]|\\.){0,1024})'|"((?:[^"\\]|\\.){0,1024})"|[\[\]{}]"""
)

# An escape of a script's string, as in `\x26amp;`. Four characters: linear.
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")

_WANTED = ("image/", "font/", "audio/", "video/", "text/css", "text/plain", "text/vtt", "text/xml")
_WANTED_APPLICATIONS = (
    *("application/octet-stream", "binary/octet-stream", "application/font", "application/x-font", "application/xml"),
    *("application/vnd.ms-fontobject", "application/ogg", "application/mp4", "application/x-mpegurl"),
    "application/vnd.apple.mpegurl",
)


class Requisite(NamedTuple):
    """Something that a page needs."""

    url: str
    kind: str
    """`image`, `style`, `font` or `media`."""


def find(html: bytes, base: str, head: Head | None = None) -> list[Requisite]:
    """Return what an HTML page needs, each address once, in the order of the page.

    `base` is the page's address, `head` its answer's head, for the charset. Never raises for what a page holds.
    """
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    text = _decode(html, head.get("Content-Type") if head else "")
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, ValueError, AssertionError):  # nothing but white space or comments
        return []
    for element in root.iter("base"):
        base = _resolved(base, element.get("href") or "") or base
        break
    found: dict[str, str] = {}
    for reference, kind in dict.fromkeys(_references(root)):
        url = _resolved(base, reference)
        if url:
            found.setdefault(url, kind)
    if urlsplit(base).hostname == _WECHAT:
        for reference in _pictures(text):
            if url := _resolved(base, reference):
                found.setdefault(url, "image")
    return [Requisite(url, kind) for url, kind in found.items()]


def find_in_style(css: bytes, base: str, head: Head | None = None) -> list[Requisite]:
    """Return what a style sheet needs, each address once. Never raises for what it holds."""
    text = _decode(css, head.get("Content-Type") if head else "")
    found: dict[str, str] = {}
    for reference, kind in dict.fromkeys(in_style(text)):
        if url := _resolved(base, reference):
            found.setdefault(url, kind)
    return [Requisite(url, kind) for url, kind in found.items()]


def is_wanted(head: Head, largest: int) -> bool:
    """Return whether the body of a requisite's answer is worth reading, by its type and its declared size.

    A server that has no such image often answers with a page, status 200; errors are small and kept as facts.
    """
    length = head.get("Content-Length")
    if length.isascii() and length.isdigit() and int(length[:18]) > largest:
        return False
    if head.status != 200:
        return True
    kind = head.get("Content-Type").partition(";")[0].strip().lower()
    return not kind or kind.startswith(_WANTED) or kind.startswith(_WANTED_APPLICATIONS)


def referer_for(page: str, requisite: str) -> str:
    """Return the Referer that a browser would send (https://www.w3.org/TR/referrer-policy/, the default policy).

    The whole address within an origin, the origin alone beyond it, nothing from https to http. WeChat's picture
    server shows pictures to `https://mp.weixin.qq.com/`, whatever scheme the page came by.
    """
    here, there = urlsplit(page), urlsplit(requisite)
    if here.hostname == _WECHAT:
        return f"https://{_WECHAT}/"
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return page
    return "" if here.scheme == "https" and there.scheme == "http" else f"{here.scheme}://{here.netloc}/"


def _references(root: "HtmlElement") -> Iterator[tuple[str, str]]:
    for element in root.iter():
        name = element.tag
        if not isinstance(name, str):  # a comment or a processing instruction
            continue
        kind = "media" if name in _MEDIA else "image"
        if name == "source":
            parent = element.getparent()
            kind = "media" if parent is not None and parent.tag in _MEDIA else "image"
        for attribute in (*_ADDRESSES["*"], *_ADDRESSES.get(name, ())):
            if value := element.get(attribute):
                yield value, "image" if "poster" in attribute else kind
        for attribute in _SETS:
            if value := element.get(attribute):
                yield from ((each, "image") for each in _candidates(value))
        if style := element.get("style"):
            yield from in_style(style)
        if name == "style" and element.text:
            yield from in_style(element.text)
        elif name == "link":
            yield from _link(element)
        elif name == "meta" and (element.get("property") or element.get("name") or "").lower() in _META:
            yield element.get("content") or "", "image"


def _link(element: "HtmlElement") -> Iterator[tuple[str, str]]:
    href, wanted = element.get("href") or "", (element.get("as") or "").lower()
    relations = (element.get("rel") or "").lower().split()
    if "preload" in relations and wanted in {"style", "font", "image"}:
        yield href, wanted
        return
    kind = next((_LINKS[relation] for relation in relations if relation in _LINKS), "")
    if kind:
        yield href, kind


def _candidates(value: str) -> Iterator[str]:
    """Yield the addresses of a `srcset` (https://html.spec.whatwg.org/#parsing-a-srcset-attribute).

    An address ends at white space, and may hold commas; one at its end closes the candidate, else a descriptor
    follows up to the next comma.
    """
    position = 0
    while match := _CANDIDATE.search(value, position):
        position = match.end()
        if not match[0].endswith(","):
            comma = value.find(",", position)
            position = len(value) if comma < 0 else comma
        yield match[0].rstrip(",")


def _pictures(text: str) -> Iterator[str]:
    position = 0
    while begin := _LIST.search(text, position):
        depth, named = 0, False
        position = len(text)  # where a list has no end, nothing is looked for behind it: linear
        for token in _TOKEN.finditer(text, begin.end()):
            word = token[0]
            if word in "[{":
                depth += 1
            elif word in "]}":
                depth -= 1
                if depth <= 0:
                    position = token.end()
                    break
            elif word.strip("\"'") == "cdn_url":
                named = depth == 2  # the list, and an object in it
            elif named:
                named = False
                raw = _HEX.sub(lambda match: chr(int(match[1], 16)), token[1] or token[2] or "")
                yield unescape(raw.replace("\\/", "/"))


def _resolved(base: str, reference: str) -> str:
    """Return the absolute address of something on the web, empty for `data:`, `blob:`, nonsense and nothing."""
    reference = reference.strip()
    if reference.lower().startswith(("http%3a", "https%3a")):
        reference = unquote(reference)
    if not reference or reference.startswith(("#", "data:", "javascript:", "about:", "blob:")):
        return ""
    try:
        return join(base, reference).url
    except NotAWebAddress:
        return ""


def _decode(data: bytes, content_type: str) -> str:
    """Return a page as text. Only its addresses matter, and they are in ASCII nearly everywhere."""
    label = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(codecs.lookup(label).name if label else "gb18030", "replace")
    except (LookupError, ValueError, TypeError):  # TypeError: a codec that is none of text
        return data.decode("utf-8", "replace")
