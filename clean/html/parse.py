"""HTML text as a tree, parsed once, whatever the page does to its parser.

libxml2 reads like a browser, and is fast, except for two things: it compares the attributes of a tag with one
another, and from some thousand nested elements on it gives up (2.14) or walks the whole stack at every tag (before).
`tame` takes both weapons from a hostile page before they fire; ordinary pages pass through it untouched.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

__all__ = ["parse_fragment", "parse_html", "tame"]

_DEEPEST = (1000, 200, 20)
"""Nested elements that are kept, and what is tried where tables still hide more within; the deepest article known
has 60. Deeper ones lose their tags, not their text."""

_DEPTH_OF_TREES = 1500
"""Levels of a tree that is believed to be whole; 2,048 is where libxml2 gives up."""

_MANY_TAGS = 20_000
"""Tags in which nesting may take libxml2 before 2.14 a second; a page with fewer is looked at after parsing."""

_MOST_ATTRIBUTES = 200
"""Attributes of one tag that are kept; the most known is 30."""

# One attribute, by https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state: a quote counts
# after `=` only, and one that is not closed takes the rest of the page. Nothing ever follows the repeat, so it is
# never taken back: linear.
_ATTRIBUTE = rb"""[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>"'][^\s>]*)?)?"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_ATTRIBUTES = re.compile(rb"(?:%s){0,%d}" % (_ATTRIBUTE, _MOST_ATTRIBUTES))

# A tag that has no more than (11 + 1) * 32 / 2 = 192 attributes, whatever it says, and no other tag within. Every part
# ends where the next one begins, so there is one way to read it, and it takes a bounded number of steps back: linear.
_HARMLESS = rb"""(?:[^<>=]{0,32}=\s{0,4}(?:"[^"<]*"|'[^'<]*'|(?![\s"']))){0,11}[^<>=]{0,32}>"""

# Where a comment begins, or an element whose content is no markup to some parsers (1: comment, 2: element).
_OPAQUE = (
    rb"(!--|[!?]|/(?![a-zA-Z>]))"
    rb"|(?=[sStTxXiInN])(?i:(script|style|title|textarea|xmp|iframe|noembed|noframes))(?=[\s/>])"
)

# What there is to look at on a page; by single characters and the patterns above: linear.
_ANY_TAG = re.compile(rb"<(?:%s|/?[a-zA-Z][^\s/>]*(>?))" % _OPAQUE)
_LONG_TAG = re.compile(rb"<(?:%s|(?=/?[a-zA-Z])(?!%s)/?[^\s/>]*(>?))" % (_OPAQUE, _HARMLESS))

_END = {
    name: re.compile(rb"</(?i:%s)" % name)
    for name in (b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes")
}
_CODE = frozenset({b"script", b"style"})
_PLAIN = frozenset({b"title", b"textarea"})

_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr keygen frame basefont bgsound".split()
)
_CLOSES_ITSELF = frozenset(
    b"p li dt dd tr td th option optgroup thead tbody tfoot rp rt colgroup html head body".split()
)

_OF_THE_HEAD = frozenset(("title", "meta", "link", "script", "style", "base", "noscript", "template"))

_EMPTY: Final = "<html><body></body></html>"


class _Tag(NamedTuple):
    """A tag, or what one reading of the page takes for one; places in bytes."""

    start: int
    name_end: int
    kept_end: int
    """Where the attributes end that are kept; `end` where all are."""
    end: int
    text_end: int
    """Where the text ends that a title or a textarea holds; `end` for others."""


def parse_html(text: str, data: bytes | None = None) -> HtmlElement:
    """Parse a whole page; an empty page gives an empty body. `data` are the text's bytes where they are UTF-8."""
    source = tame(text.encode("utf-8", "replace") if data is None else data)
    root = _parse(source)
    for depth in _DEEPEST:
        if root is None or not _too_deep(root):
            break
        root = _parse(_flattened(source, depth))
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


def tame(source: bytes) -> bytes:
    """Return the page itself, or one without tags of hundreds of attributes and thousands of levels."""
    pieces, at = [], 0
    for tag in _tags(source, _LONG_TAG):
        if tag.start < at:
            continue
        if tag.kept_end < tag.end:
            pieces += [source[at : tag.kept_end], b">"]
            at = tag.end
        if b"<" in source[tag.end : tag.text_end]:  # text to browsers; libxml2 before 2.14 would see tags
            pieces += [source[at : tag.end], source[tag.end : tag.text_end].replace(b"<", b"&lt;")]
            at = tag.text_end
    if pieces:
        source = b"".join([*pieces, source[at:]])
    source = _one_document(source)
    if source.count(b"<") > _MANY_TAGS:
        return _flattened(source, _DEEPEST[0])
    return source


def _parse(source: bytes) -> HtmlElement | None:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
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


def _tags(source: bytes, pattern: re.Pattern[bytes]) -> Iterator[_Tag]:
    """Yield the tags that `pattern` finds, without those in scripts, styles and comments.

    The groups of `pattern`: a comment's beginning, the name of an opaque element, the end of a tag without attributes.
    Parsers disagree about where some comments end and whether a frame may hold tags; tags are looked for in those,
    and reading goes on after them whatever those seem to be.
    """
    at = fence = 0
    while match := pattern.search(source, at):
        at = match.end()
        inside = match.start() < fence
        if match[1]:
            if not inside:
                end = source.find(b"-->" if match[1] == b"!--" else b">", at)
                fence = end if end >= 0 else len(source)
                if match[1] == b"!--" and end >= 0 and _is_plain_comment(source, at, end):
                    at = fence
            continue
        tag = _tag(source, match)
        if inside:
            yield tag
            at = max(min(tag.end, fence), at)
            continue
        at = tag.end
        if match[2]:
            name = match[2].lower()
            closing = _END[name].search(source, at)
            fence = closing.start() if closing else len(source)
            if name in _PLAIN:
                tag = tag._replace(text_end=fence)
            if name in _CODE or name in _PLAIN:
                at = fence
        yield tag


def _is_plain_comment(source: bytes, start: int, end: int) -> bool:
    """Whether all parsers agree where it ends: https://html.spec.whatwg.org/multipage/parsing.html#comment-state."""
    return source[start : start + 1] not in {b">", b"-"} and source.find(b"--!>", start, end) < 0


def _tag(source: bytes, match: re.Match[bytes]) -> _Tag:
    if match[3]:
        return _Tag(match.start(), match.start(3), match.end(), match.end(), match.end())
    here = kept = _end(_ATTRIBUTES, source, match.end())
    while _ONE_ATTRIBUTE.match(source, here):
        here = _end(_ATTRIBUTES, source, here)
    end = source.find(b">", here) + 1 or len(source)
    return _Tag(match.start(), match.end(), kept if here > kept else end, end, end)


def _end(pattern: re.Pattern[bytes], source: bytes, start: int) -> int:
    match = pattern.match(source, start)
    return match.end() if match else start


def _one_document(source: bytes) -> bytes:
    """Drop the ends of html and body where a page goes on after them: libxml2 would stop, browsers read on."""
    if not any(_goes_on_after(source, end) for end in (b"</html>", b"</HTML>")):
        return source
    pieces, at = [], 0
    for tag in _tags(source, _ANY_TAG):
        if tag.start >= at and source[tag.start + 1 : tag.name_end].lower() in {b"/html", b"/body"}:
            pieces.append(source[at : tag.start])
            at = tag.end
    return b"".join([*pieces, source[at:]])


def _goes_on_after(source: bytes, end: bytes) -> bool:
    """Whether a page says more after its end; an end that a script writes is none."""
    at = source.find(end)
    while at >= 0 and source.rfind(b"<script", 0, at) > source.rfind(b"</script", 0, at):
        closing = source.find(b"</script", at)
        at = source.find(end, closing) if closing >= 0 else -1
    return at >= 0 and _says_more(source, at + len(end))


_BLANK = re.compile(rb"\s*")
_SILENT = ((b"<!--", b"-->"), (b"<script", b"</script>"), (b"<SCRIPT", b"</SCRIPT>"))


def _says_more(source: bytes, at: int) -> bool:
    """Whether anything but comments, scripts and white space follows."""
    while True:
        blank = _BLANK.match(source, at)
        at = blank.end() if blank else at
        end = next((source.find(last, at) + len(last) for first, last in _SILENT if source.startswith(first, at)), 0)
        if end <= at:
            return at < len(source)
        at = end


def _flattened(source: bytes, deepest: int) -> bytes:
    """Drop the tags below a depth, not their text. An end counts only for a name that is open, so none is missed."""
    pieces, at, depth = [], 0, 0
    unclosed: dict[bytes, int] = {}
    for tag in _tags(source, _ANY_TAG):
        name = source[tag.start + 1 : tag.name_end].lower()
        if tag.start < at:
            continue
        if name.startswith(b"/"):
            name = name[1:]
            kept = depth <= deepest
            if unclosed.get(name):
                unclosed[name] -= 1
                depth -= 1
        elif name in _VOID or name in _CLOSES_ITSELF:
            kept = depth <= deepest or name in {b"img", b"br"}
        else:
            unclosed[name] = unclosed.get(name, 0) + 1
            depth += 1
            kept = depth <= deepest or name in _CODE or name in _PLAIN
        if not kept:
            pieces += [source[at : tag.start], b" "]
            at = tag.end
    return b"".join([*pieces, source[at:]]) if pieces else source
