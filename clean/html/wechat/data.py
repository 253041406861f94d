"""Data of a WeChat page: script data, kind of page, nodes by id and class.

The data is `window.cgiDataNew` since 2025, `var ct = …` since 2015. A page of 2025 has three megabytes of scripts and
one of data. Scripts that are programs, a function called at once, are left alone unless they assign the data; and of
the others only as many are read as are asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from html import unescape
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from clean.html.javascript import TokenReader
from clean.html.model import NodePlaces, fold_space
from clean.html.script_data import OPAQUE, Script, assignments, breaks_off_at, outline

__all__ = [
    "ACCOUNT_PAGE",
    "SHARE_PAGE",
    "VERIFICATION_PAGE",
    "ArticleKind",
    "PageData",
    "PageParts",
    "article_kind",
    "element_lines",
    "element_text",
]

NAMES = (
    "PAGE_MID", "item_show_type", "biz", "mid", "idx", "sn", "appuin", "appmsgid", "msg_title", "msg_desc",
    "msg_cdn_url", "cdn_url_235_1", "msg_link", "msg_source_url", "nickname", "author", "user_name", "ct",
    "create_time", "createTime", "oriCreateTime", "ori_create_time", "publish_time", "modify_time", "svr_time",
    "copyright_stat", "_copyright_stat", "is_pay_subscribe", "isPaySubscribe", "ip_wording", "album_info_list",
    "transferTargetLink", "cap_sid", "poc_token", "cgiData", "reprint_url", "profile_signature",
)  # fmt: skip

_NAME_SET = frozenset(NAMES)

# An assignment that may be meant; the tokens decide. An alternation of words: linear.
_ASSIGNS = re.compile(rf"\b(?:{'|'.join(NAMES)})\s{{0,9}}=(?!=)")
_CGI = re.compile(rb"(?<![\w$\x80-\xff])cgiDataNew\s{0,9}=\s{0,9}(?=\{\s{0,400}[\w$\"'\x80-\xff])")

# A program: `(function …`, `!function …`, `var X = (function …`, `define("…", function …`, after its own comments.
_PROGRAM = re.compile(
    r"\s*+(?:/\*(?:[^*]++|\*(?!/))*+\*/\s*+|//[^\n]*+\s*+)*+"
    r"(?:[;!+]*+\(|[;!+]++\s*+function\b|define\s*+\("
    r"|(?:var|let|const)\s++[\w$]++\s*+=\s*+[!+(]*+\s*+(?:async\s++)?+function\b)"
)

_TRIES = 8
"""Places that look like the data and are looked at one by one, each from the beginning of its script: real pages have
one or two. Where there are more, scripts are read as a whole, so that a page made to have thousands costs no more."""

_BEGINNING = 4000
"""Bytes of a script in which the data begins where a page is made as usual; programs of megabytes are read last."""

_SMALL = 6000
"""Characters of a script that is read before larger ones."""


class PageData:
    """The literals of one page, each script read when it is first needed."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._scripts = scripts

    @cached_property
    def cgi(self) -> Mapping[str, Any]:
        """`window.cgiDataNew`, empty where there is none."""
        tried: set[tuple[int, int]] = set()  # script and place: what stands early in a script is found twice
        for within in (_BEGINNING, None):
            for number, script in enumerate(self._scripts):
                for at in script.places(b"cgiDataNew", within):
                    found = _CGI.match(script.source, at, script.end)
                    if not found or (number, at) in tried:
                        continue
                    tried.add((number, at))
                    if len(tried) > _TRIES:
                        return self._cgi_read()
                    value = _object(script, found.end())
                    if len(value) > 2:
                        return value
        return {}

    def _cgi_read(self) -> Mapping[str, Any]:
        """The same, with every script read once from its beginning."""
        for script in self._scripts:
            if next(script.places(b"cgiDataNew"), None) is not None:
                for _, value in assignments(script.text, {"cgiDataNew"}):
                    if isinstance(value, dict) and len(value) > 2:
                        return value
        return {}

    def variable(self, name: str) -> Any:
        """Return the first value of a global variable that says something; None where there is none.

        Beside `cgiDataNew`, which repeats them all, scripts are not read for them.
        """
        if self.cgi:
            return None
        value = self._small.get(name)
        return self._large.get(name) if value is None else value

    def first(self, *places: str) -> Any:
        """Return the value of the first place that the page has.

        A place is a path in cgiDataNew (`.copyright_info.copyright_stat`) or a variable's name.
        """
        for place in places:
            value = self._at(place[1:]) if place.startswith(".") else self.variable(place)
            if value is not None and value is not OPAQUE:
                return value
        return None

    def text(self, *places: str) -> str:
        """Return the same as a string; empty where it is none."""
        value = self.first(*places)
        if isinstance(value, bool) or value is None:
            return ""
        return str(value) if isinstance(value, str | int) else ""

    def mappings(self, place: str) -> list[Mapping[str, Any]]:
        """Return the objects of a list."""
        value = self.first(place)
        return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    @cached_property
    def page_mid(self) -> str:
        """The name of the template."""
        return self.text("PAGE_MID")

    def _at(self, path: str) -> Any:
        value: Any = self.cgi
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    @cached_property
    def _small(self) -> Mapping[str, Any]:
        return _variables(text for text in self._texts() if len(text) <= _SMALL)

    @cached_property
    def _large(self) -> Mapping[str, Any]:
        return _variables(text for text in self._texts() if len(text) > _SMALL)

    def _texts(self) -> Iterator[str]:
        return (script.text for script in self._scripts)


def _object(script: Script, brace: int) -> Mapping[str, Any]:
    """Return the object that a script assigns to `cgiDataNew` at a brace; empty where it is none, or not the page's."""
    before = script.source[script.start : brace].decode("utf-8", "replace")
    if not breaks_off_at(before, {"cgiDataNew"}):
        return {}
    outlined = outline(script.source, brace, script.end)
    if outlined is not None:
        return outlined
    value = TokenReader(script.source[brace : script.end].decode("utf-8", "replace")).expression(0)
    return value if isinstance(value, dict) else {}


def _variables(scripts: Iterator[str]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for script in scripts:
        if _PROGRAM.match(script) or not _ASSIGNS.search(script):
            continue
        for name, value in assignments(script, _NAME_SET):
            if value is not OPAQUE and found.get(name) in (None, "", 0):
                found[name] = value
    return found


# The text of a node as a reader sees it: in lines, without scripts, white space folded.


_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title"})
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "button", "dd", "div", "dl", "dt", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
})  # fmt: skip


def element_text(element: HtmlElement | None) -> str:
    """Return all text of a node on one line; empty for None."""
    return "" if element is None else fold_space(" ".join(element_lines(element)))


def element_lines(element: HtmlElement, skip_classes: frozenset[str] = frozenset()) -> list[str]:
    """Return the lines of a node, none of them empty, without the parts that have one of the classes."""
    lines = [""]
    inside = 0  # depth within something silent
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        node, leaving = stack.pop()
        is_element = isinstance(node.tag, str)
        silent = not is_element or node.tag in _SILENT
        if is_element and skip_classes and not silent:
            silent = not skip_classes.isdisjoint(node.get("class", "").split())
        if is_element and node.tag in _BLOCKS:
            lines.append("")
        if leaving:
            inside -= silent
            if not inside and node is not element:
                lines[-1] += node.tail or ""
            continue
        inside += silent
        if not inside:
            lines[-1] += node.text or ""
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))
    return [line for line in map(fold_space, lines) if line]


# The kinds of pages that WeChat shows under one article address, and pages of other kinds that look alike.


ACCOUNT_PAGE = "wxverify/"
"""In PAGE_MID: the page about an account and its verification."""

VERIFICATION_PAGE = "secitptpage/"
"""In PAGE_MID: the wall that asks for a person."""

SHARE_PAGE = "pages/common_share"
"""In PAGE_MID: image, text, audio and video posts since 2025, and older ones fetched since then."""


class ArticleKind(StrEnum):
    """The kind of an article by its main content."""

    ARTICLE = "article"
    VIDEO = "video"
    MUSIC = "music"
    AUDIO = "audio"
    IMAGE = "image"
    TEXT = "text"
    SHORT = "short"


# `item_show_type`, as WeChat's own scripts name it.
_SHOWN = {
    0: ArticleKind.ARTICLE,
    5: ArticleKind.VIDEO,
    6: ArticleKind.MUSIC,
    7: ArticleKind.AUDIO,
    8: ArticleKind.IMAGE,
    10: ArticleKind.TEXT,
    17: ArticleKind.SHORT,
}

# What the classes of <body> and of the content's frame say where no script is left. Longest first.
_CLASSES = (
    ("page_share_img", ArticleKind.IMAGE),
    ("page_share_text", ArticleKind.TEXT),
    ("page_share_audio", ArticleKind.AUDIO),
    ("page_share_video", ArticleKind.VIDEO),
    ("page_share_music", ArticleKind.MUSIC),
    ("share_content_page", ArticleKind.IMAGE),
)


def article_kind(show_type: object, classes: str = "") -> ArticleKind:
    """Tell the kind from `item_show_type`, else from the classes of the page's frame."""
    if isinstance(show_type, str | int | float) and str(show_type).strip().isdecimal():
        number = str(show_type).strip()
        if len(number) < 4 and int(number) in _SHOWN:
            return _SHOWN[int(number)]
    names = classes.split()
    return next((kind for name, kind in _CLASSES if name in names), ArticleKind.ARTICLE)


# One page as the readers of its parts need it: nodes by id and class, head, data, address.


# `来源: …` as tools that rebuild a page write it above the content. Anchored, one open class: linear.
_LABELLED = re.compile(r"(来源|公众号|作者|发布时间|原文链接)\s{0,3}[:：]\s{0,3}(.{1,2000})$", re.DOTALL)


class PageParts(NamedTuple):
    """One page, as the readers of its parts need it."""

    root: HtmlElement
    places: NodePlaces
    data: PageData
    kind: ArticleKind
    url: str
    """As given or as noted by the browser that saved the page; may be empty."""
    saved: str
    """When it was saved, ISO 8601; may be empty."""

    def text(self, *ids: str) -> str:
        """Return the text of the first of the elements that has any."""
        return next((text for key in ids if (text := element_text(self.places.by_id(key)))), "")

    def meta(self, *names: str) -> str:
        """Return the content of the first `<meta>` of these names that says something."""
        found: dict[str, str] = {}
        for element in self.root.iter("meta"):
            key = (element.get("property") or element.get("name") or "").lower()
            if key in names and element.get("content") is not None:
                found.setdefault(key, element.get("content", "").strip())
        return next((found[name] for name in names if found.get(name)), "")

    def by_class(self, name: str) -> Sequence[HtmlElement]:
        """Return all elements of a class."""
        return self.places.by_class(name)

    def labelled(self, name: str) -> str:
        """Return what a tool that rebuilt the page wrote after a label."""
        for frame in self.by_class("article-meta"):
            for line in frame.iter("p", "li", "span"):
                match = _LABELLED.match(element_text(line))
                if match and match[1] == name:
                    return match[2]
        return ""

    def data_text(self, *places: str) -> str:
        """Return a text of the page's data; its entities are those of HTML."""
        return unescape(self.data.text(*places)).strip()
