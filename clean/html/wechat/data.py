"""What the scripts of a page say about it: `window.cgiDataNew` since 2025, `var ct = …` since 2015.

A page of 2025 has three megabytes of scripts and one of data. Scripts that are programs, a function called at once,
are left alone unless they assign the data; and of the others only as many are read as are asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from clean.html.javascript import Reader
from clean.html.literals import OPAQUE, assignments, breaks_off_at
from clean.html.script_data import outline
from clean.html.scripts import Script

__all__ = ["PageData"]

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
        tries = 0
        for within in (_BEGINNING, None):
            for script in self._scripts:
                for at in script.places(b"cgiDataNew", within):
                    found = _CGI.match(script.source, at, script.end)
                    if not found:
                        continue
                    tries += 1
                    if tries > _TRIES:
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
    value = Reader(script.source[brace : script.end].decode("utf-8", "replace")).expression(0)
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
