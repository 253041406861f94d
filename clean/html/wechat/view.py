"""One page as the readers of its parts need it: nodes by id and class, head, data, address."""

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple

from lxml.html import HtmlElement

from clean.html.model import Places
from clean.html.wechat.data import PageData
from clean.html.wechat.kinds import Kind
from clean.html.wechat.text import text_of

__all__ = ["Page"]

# `来源: …` as tools that rebuild a page write it above the content. Anchored, one open class: linear.
_LABELLED = re.compile(r"(来源|公众号|作者|发布时间|原文链接)\s{0,3}[:：]\s{0,3}(.{1,2000})$", re.DOTALL)


class Page(NamedTuple):
    """One page, as the readers of its parts need it."""

    root: HtmlElement
    places: Places
    data: PageData
    kind: Kind
    url: str
    """As given or as noted by the browser that saved the page; may be empty."""
    saved: str
    """When it was saved, ISO 8601; may be empty."""

    def text(self, *ids: str) -> str:
        """Return the text of the first of the elements that has any."""
        return next((text for key in ids if (text := text_of(self.places.by_id(key)))), "")

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
                match = _LABELLED.match(text_of(line))
                if match and match[1] == name:
                    return match[2]
        return ""

    def said(self, *places: str) -> str:
        """Return a text of the page's data; its entities are those of HTML."""
        return unescape(self.data.text(*places)).strip()
