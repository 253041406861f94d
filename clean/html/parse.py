"""A page as a tree, parsed once, whatever the page does to its parser, and without the programs in it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from clean.html.programs import proved
from clean.html.tame import DEEPEST, flattened, tame
from clean.spans import Span

__all__ = ["Parsed", "parse_fragment", "parse_html", "parse_page"]

_DEPTHS = (DEEPEST, 200, 20)
"""Nested elements that are kept, and what is tried where tables still hide more within."""

_DEPTH_OF_TREES = 1500
"""Levels of a tree that is believed to be whole; 2,048 is where libxml2 gives up."""

_OF_THE_HEAD = frozenset(("title", "meta", "link", "script", "style", "base", "noscript", "template"))

_EMPTY: Final = "<html><body></body></html>"


class Parsed(NamedTuple):
    """A page's tree, and what is not in it."""

    root: HtmlElement
    programs: Mapping[etree._Element, Span]
    """Scripts of the tree in which a few letters stand for a program, and where that is in the page, in bytes."""


def parse_page(data: bytes) -> Parsed:
    """Parse a whole page, given in UTF-8, without its large programs; an empty page gives an empty body."""
    source, taken = tame(data, shorten=True)
    if taken:
        root = _tree(source)
        programs = proved(root, source, taken)
        if programs is not None:
            return Parsed(root, programs)
        source = tame(data).source
    return Parsed(_tree(source), {})


def parse_html(text: str) -> HtmlElement:
    """Parse a whole page with all that is in it; an empty page gives an empty body."""
    return _tree(tame(text.encode("utf-8", "replace")).source)


def _tree(source: bytes) -> HtmlElement:
    root = _parse(source)
    shallow = source.count(b"<") < _DEPTH_OF_TREES // 2  # a tag makes a level, and now and then one around it
    for depth in _DEPTHS:
        if root is None or shallow or not _too_deep(root):
            break
        root = _parse(flattened(source, depth))
    return _with_body(root) if root is not None else lxml.html.fromstring(_EMPTY)


def _with_body(root: HtmlElement) -> HtmlElement:
    """Give a page a body where libxml2 made none: it leaves elements that it does not know in the head."""
    head = root.find("head")
    if head is None or root.find("body") is not None or root.find("frameset") is not None:
        return root
    body = etree.SubElement(root, "body")
    strays = [child for child in head if isinstance(child.tag, str) and child.tag not in _OF_THE_HEAD]
    if strays:
        body.extend(list(head)[head.index(strays[0]) :])
    return root


def parse_fragment(text: str) -> HtmlElement:
    """Parse the inside of an element; what comes back is a `div` that holds it."""
    root = parse_html(f"<html><body><div>{text}</div></body></html>")
    body = root.find("body")
    if body is None:
        return lxml.html.fromstring("<div></div>")
    if len(body) == 1 and not (body.text or "").strip() and not (body[0].tail or "").strip():
        return body[0]
    body.tag = "div"  # the text closed the div and went on
    return body


# One class for all elements, so that lxml need not ask a function of Python's for each: forms are not filled in here.
_CLASSES = etree.ElementDefaultClassLookup(
    element=HtmlElement,
    comment=lxml.html.HtmlComment,
    pi=lxml.html.HtmlProcessingInstruction,
    entity=lxml.html.HtmlEntity,
)


def _parse(source: bytes) -> HtmlElement | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = etree.fromstring(source, parser)
    except etree.ParserError:  # no element at all
        return None
    except etree.XMLSyntaxError:
        return None
    return root if isinstance(root, HtmlElement) else None


# The elements a hundred levels down: libxml2 goes level by level, and most pages end before.
_HUNDRED_BELOW = etree.XPath("/".join(["*"] * 100))


def _below(above: HtmlElement) -> list[HtmlElement]:
    found = _HUNDRED_BELOW(above)
    return [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []


def _too_deep(root: HtmlElement) -> bool:
    level = [root]
    for _ in range(_DEPTH_OF_TREES // 100):
        level = [element for above in level for element in _below(above)]
        if not level:
            return False
    return True
