"""What a page declares: names and values of its head, its JSON-LD, and elements of its body that say what they hold.

The page is asked once for all of it; which declaration counts for which fact is said where the fact is read.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from clean.html.facts.linked_data import Thing, thing_text, things_in
from clean.html.model import fold_space

__all__ = [
    "SITES",
    "Declarations",
    "absolute_address",
    "alphanumeric",
    "class_names",
    "host_of",
    "read_declarations",
    "shown_text",
    "site_names",
    "without_markup",
]

# Names of <meta name|property|itemprop|http-equiv>, in lower case. og, article: https://ogp.me; dc, dcterms: Dublin
# Core; contentsource: the standard of Chinese government sites (国办发〔2017〕47号).
SITES = ("og:site_name", "contentsource", "article:publisher_name", "citation_journal_title", "application-name",
         "sitename", "dc.publisher", "dcterms.publisher", "apple-mobile-web-app-title", "publisher")  # fmt: skip

# What stands in the body: microdata (https://schema.org), hAtom (microformats.org/wiki/hatom), HTML 5 <time>.
# By the attributes, which are fewer than the elements: libxml2 asks one question after the other of each node.
_MARKED = etree.XPath(
    "//time | //h1 | //@rel[. = 'author']/.."
    " | //@itemprop[. = 'datePublished' or . = 'dateModified' or . = 'author' or . = 'headline']/.."
    " | //@class[contains(., 'published') or contains(., 'entry-title') or contains(., 'updated')]/.."
)

# What a template or a script left where a value should be: `{{title}}`, `${title}`, `<%= title %>`, `{% title %}`,
# `%title%`. One class up to the next sign of the kind: linear.
_UNFILLED = re.compile(
    r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|<%[^<>]*%>|\{%[^{}]*%\}|^%[a-z_]{2,40}%$|^\[object Object\]$", re.IGNORECASE
)

# A tag whose end stands behind it, or a line break: markup, and no talk of tags. Bounded runs: linear.
_PAIR = re.compile(
    r"<(b|i|em|strong|span|sup|sub|a|u|font|small|mark)(?:\s[^<>]{0,300})?>([^<>]{0,300})</\1>", re.IGNORECASE
)
_BOX = re.compile(r"<(div|p|h[1-6]|section|li)(?:\s[^<>]{0,300})?>([^<>]{0,300})</\1>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|wbr)\s{0,3}/?>", re.IGNORECASE)
_ESCAPED = re.compile(
    r"&(?:#\d{1,6}|#x[0-9a-f]{1,6}|amp|quot|lt|gt|nbsp|apos|[lr][sd]quo|[mn]dash|hellip);", re.IGNORECASE
)

_LONGEST_TEXT = 400
"""Characters of an element's text that are read."""
_LONGEST_HEAD = 1000
"""Characters of `<title>` that are read."""
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
"""Marks of where a word may break, and of where not: no part of a value."""


class Declarations(NamedTuple):
    """All that a page declares."""

    root: HtmlElement
    url: str
    base: str
    metas: Mapping[str, list[str]]
    """By name in lower case, in the page's order, none of them empty."""
    links: Mapping[str, str]
    things: list[Thing]
    head: str
    """Text of `<title>`."""
    marked: list[HtmlElement]
    """Elements of the body that say what they hold."""

    def meta(self, names: tuple[str, ...]) -> str:
        """Return the first of these names that says something."""
        return next((page for name in names if name in self.metas for page in self.metas[name]), "")

    def thing(self, *keys: str) -> str:
        """Return the first of these properties that the most telling thing with one has."""
        return next((page for thing in self.things for key in keys if (page := thing_text(thing.get(key)))), "")


def read_declarations(root: HtmlElement, url: str) -> Declarations:
    """Return what a page declares; `url` is the address it was fetched from. Never fails."""
    metas: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    head = base = ""
    for element in root.iter("meta", "link", "base", "title"):
        if element.tag == "meta":
            content = fold_space(element.get("content") or "")
            name = element.get("property") or element.get("name") or element.get("itemprop")
            if name and content and not _UNFILLED.search(content):
                metas.setdefault(name.strip().lower(), []).append(content)
        elif element.tag == "link":
            for name in (element.get("rel") or "").lower().split():
                links.setdefault(name, (element.get("href") or "").strip())
        elif element.tag == "base":
            base = base or (element.get("href") or "").strip()
        elif not head:
            head = fold_space((element.text or "").translate(_INVISIBLE))
    head = "" if _UNFILLED.search(head) else head[:_LONGEST_HEAD]
    found = _MARKED(root)
    elements = [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []
    marked = [element for element in elements if element.tag not in {"meta", "body", "html"}]
    return Declarations(root, url, absolute_address(url, base) or url, metas, links, things_in(root), head, marked)


def site_names(page: Declarations) -> set[str]:
    """Return the names of the site, its publisher and its host, letters and digits in lower case alone."""
    host = host_of(page.url or absolute_address(page.base, page.links.get("canonical", "")))
    said = (name for key in SITES for name in page.metas.get(key, ()))
    names = (*said, *(thing_text(thing.get("publisher")) for thing in page.things), host, host.partition(".")[0])
    return {alphanumeric(part) for name in names for part in (name, name.partition("(")[0])} - {""}


def shown_text(element: HtmlElement) -> str:
    """Return the text of an element, on one line and not more than its beginning."""
    return fold_space("".join(element.itertext("*")).translate(_INVISIBLE))[:_LONGEST_TEXT]


def without_markup(value: str) -> str:
    """Return a declared value as a reader would see it: without tags and entities that stand in it as text."""
    if _ESCAPED.search(value):
        value = unescape(value)
    if "<" in value:
        value = _PAIR.sub(r"\2", _BREAK.sub(" ", value))
        if box := _BOX.search(value):  # what stands in a box of its own is another text
            value = value[: box.start()].strip() or box[2]
    return fold_space(value.translate(_INVISIBLE))


def absolute_address(base: str, url: str) -> str:
    """Return an absolute address of the web; empty where there is none."""
    try:
        found = urljoin(base, url.strip()) if url.strip() else ""
        return found if urlsplit(found).hostname and found.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return the host of an address, without the usual `www.` or `m.`; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""


def alphanumeric(name: str) -> str:
    """Return the letters and digits of a name in lower case, for comparing."""
    return "".join(filter(str.isalnum, name.lower()))


def class_names(element: HtmlElement) -> list[str]:
    """Return the classes of an element."""
    return (element.get("class") or "").split()
