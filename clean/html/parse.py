"""HTML text as a tree, parsed once, whatever the page does to its parser.

libxml2 reads like a browser, and is fast, except that it gives up below 2,048 nested elements and compares the
attributes of a tag with one another. `tame` takes both weapons from a hostile page before they fire; ordinary pages
pass through it untouched.
"""

import re
from typing import Final

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

__all__ = ["parse_fragment", "parse_html", "tame"]

_DEEPEST = 1000
"""Nested elements that are kept; the deepest article known has 60. Deeper ones lose their tags, not their text."""

_MOST_ATTRIBUTES = 200
"""Attributes of one tag that are kept; the most known is 30."""

_LONG_TAG = 750
"""Bytes of a tag that may have too many attributes."""

_RAW = (b"textarea", b"title", b"xmp", b"noembed", b"noframes", b"iframe")

# What is no tag: a comment, a raw text element as a whole. Scripts and styles, most of a page, run from `<` to `<`.
_NO_TAG = (
    rb"<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)"
    rb"|<[sS][cC][rR][iI][pP][tT](?=[\s/>])(?:[^<]++|<(?!/[sS][cC][rR][iI][pP][tT]))++"
    rb"|<[sS][tT][yY][lL][eE](?=[\s/>])(?:[^<]++|<(?!/[sS][tT][yY][lL][eE]))++"
    + b"".join(rb"|<(?i:%s)(?=[\s/>])[\s\S]*?(?:(?i:</%s)\s*+>|\Z)" % (name, name) for name in _RAW)
)
# The value of an attribute in quotes, which may hold `>`; a quote counts after `=` only, as in browsers.
_VALUE = rb"=\s*+(?:\"[^\"]*+\"|'[^']*+')?+"

_PIECE = re.compile(rb"%s|<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|%s)*+)>?" % (_NO_TAG, _VALUE))

# A page up to the first tag that may have too many attributes: forty with a value, little between them. No capturing
# group stands in it, for CPython 3.11 loses those within possessive repeats.
_SHORT_TAG = rb"</?[a-zA-Z](?:[^>=]{0,40}+%s){0,40}+[^>=]{0,40}+>" % _VALUE
_HARMLESS = re.compile(
    rb"(?:[^<]++|<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)|(?=%s)(?:%s)|<(?!/?[a-zA-Z]|!--)|%s)*+"
    % (_SHORT_TAG, _NO_TAG, _SHORT_TAG)
)
_ATTRIBUTE = re.compile(rb"""[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]++)?+)?+|[\s\S]""")

_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr keygen frame basefont bgsound".split()
)
_CLOSES_ITSELF = frozenset(
    b"p li dt dd tr td th option optgroup thead tbody tfoot rp rt colgroup html head body".split()
)

_EMPTY: Final = "<html><body></body></html>"


def parse_html(text: str, data: bytes | None = None) -> HtmlElement:
    """Parse a whole page; an empty page gives an empty body. `data` are the text's bytes where they are UTF-8."""
    source = text.encode("utf-8", "replace") if data is None else data
    root = _parse(tame(source))
    if root is None:
        return lxml.html.fromstring(_EMPTY)
    if _too_deep(root):
        root = _parse(_rewritten(source))
    return root if root is not None else lxml.html.fromstring(_EMPTY)


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


def tame(source: bytes) -> bytes:
    """Return the page itself, or one without tags of hundreds of attributes where there are any."""
    match = _HARMLESS.match(source)
    end = match.end() if match else 0
    return _rewritten(source) if end < len(source) and _has_long_tag(source, end) else source


def _parse(source: bytes) -> HtmlElement | None:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(source, parser)
    except etree.ParserError:  # no element at all
        return None
    except etree.XMLSyntaxError:
        return None
    return root if isinstance(root, HtmlElement) else None


def _too_deep(root: HtmlElement) -> bool:
    """Whether the parser has given up: then the last element of the page is as deep as it goes."""
    depth, node = 0, root
    while len(node):
        node, depth = node[-1], depth + 1
    return depth > _DEEPEST


def _has_long_tag(source: bytes, start: int) -> bool:
    for match in _PIECE.finditer(source, start):
        inside = match[3]
        if inside is None and not match[0].startswith(b"<!--"):  # the tag of a raw text element
            inside = match[0].partition(b">")[0]
        if inside and len(inside) > _LONG_TAG and len(_attributes(inside)) > _MOST_ATTRIBUTES:
            return True
    return False


def _attributes(inside: bytes) -> list[bytes]:
    return [part for part in _ATTRIBUTE.findall(inside) if part not in b" \t\r\n\f/=>"]


def _rewritten(source: bytes) -> bytes:
    """Drop the tags below the depth that is kept, and the attributes beyond the number that is kept."""
    depth = 0

    def piece(match: re.Match[bytes]) -> bytes:
        nonlocal depth
        name = (match[2] or b"").lower()
        if not name:
            return _bounded(match[0]) if depth <= _DEEPEST else b""
        nests = name not in _VOID and name not in _CLOSES_ITSELF
        if match[1]:
            kept = depth <= _DEEPEST
            depth = max(0, depth - nests)
            return match[0] if kept else b" "
        inside = match[3]
        depth += nests and not inside.endswith(b"/")
        if depth > _DEEPEST and name not in {b"img", b"br"}:
            return b" "
        return _bounded(match[0])

    return _PIECE.sub(piece, source)


def _bounded(piece: bytes) -> bytes:
    """Return a tag, or an element that begins with one, without the attributes beyond the number that is kept."""
    if len(piece) < _LONG_TAG or piece.startswith(b"<!--"):
        return piece
    tag = _PIECE.match(b"<a" + piece[1:])  # by another name, so that a script's tag is read as a tag
    inside = tag[3] if tag and tag[3] else b""
    attributes = _attributes(inside) if len(inside) > _LONG_TAG else []
    if len(attributes) <= _MOST_ATTRIBUTES or tag is None:
        return piece
    name = tag[2][1:]
    return b"<%s %s>%s" % (name, b" ".join(attributes[:_MOST_ATTRIBUTES]), piece[tag.end() - 1 :])
