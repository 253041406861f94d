"""Parsing of HTML pages: one tree, whatever a page does to its parser.

Before it is parsed, its tags are found in its bytes: what would make a parser slow is undone, and large programs, most
of a modern page, are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import lxml.html
from lxml import etree
from lxml.etree import XPath, _Element
from lxml.html import HtmlElement

from clean.ledger import Span

__all__ = [
    "ANY_TAG",
    "CODE",
    "DEEPEST",
    "LONG_TAG",
    "PLAIN",
    "ParsedPage",
    "ScriptPlaceholder",
    "SimplifiedSource",
    "SourceTag",
    "find_tags",
    "flatten_tags",
    "is_program",
    "match_placeholders",
    "parse_document",
    "parse_fragment",
    "parse_html",
    "parse_page",
    "script_placeholders",
    "simplify_source",
]


# The tags of a page, found in its bytes before a parser reads them: where each begins and how much of it is kept.


_MOST_ATTRIBUTES = 200
"""Attributes of one tag that are kept where there are too many; the most known is 30."""

# One attribute, by https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state: a quote counts
# after `=` only, and one that is not closed takes the rest of the page. Nothing ever follows the repeat, so it is
# never taken back: linear.
_ATTRIBUTE = rb"""[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>"'][^\s>]*)?)?"""
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_ATTRIBUTES = re.compile(rb"(?:%s){0,%d}" % (_ATTRIBUTE, _MOST_ATTRIBUTES))

# A tag that has no more than (23 + 1) * 32 / 2 = 384 attributes, whatever it says, and no other tag within. Every part
# ends where the next one begins (white space where none follows), so there is one way to read it, and it takes a
# bounded number of steps back: linear.
_VALUE = rb"""\s{0,99}(?!\s)[^<>=]{0,32}=\s{0,4}(?:"[^"<]*"|'[^'<]*'|(?![\s"']))"""
_HARMLESS = rb"/?[a-zA-Z][^\s<>=/]{0,31}(?=[\s/>])(?:%s){0,23}[^<>=]{0,32}>" % _VALUE

# Where a comment begins, or an element whose content is no markup to some parsers (1: comment, 2: element).
_OPAQUE = (
    rb"(!--|[!?]|/(?![a-zA-Z>]))"
    rb"|(?=[sStTxXiInN])(?i:(script|style|title|textarea|xmp|iframe|noembed|noframes))(?=[\s/>])"
)

# What there is to look at on a page; by single characters and the patterns above: linear.
ANY_TAG = re.compile(rb"<(?:%s|/?[a-zA-Z][^\s/>]*(>?))" % _OPAQUE)
LONG_TAG = re.compile(rb"<(?:%s|(?=/?[a-zA-Z])(?!%s)/?[^\s/>]*(>?))" % (_OPAQUE, _HARMLESS))

_END = {
    name: re.compile(rb"</(?i:%s)" % name)
    for name in (b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes")
}
# The end of a script, or what might make another end of it to some parsers; a literal and two bounded ones: linear.
_SCRIPT_END = re.compile(rb"<(?:!--|/(?i:script))")

_LOOKS = 2000
"""Angle brackets of one script that are looked at one by one."""

CODE = frozenset({b"script", b"style"})
PLAIN = frozenset({b"title", b"textarea"})


class SourceTag(NamedTuple):
    """A tag, or what one reading of the page takes for one; places in bytes."""

    start: int
    name_end: int
    kept_end: int
    """Where the attributes end that are kept; `end` where all are."""
    end: int
    text_end: int
    """Where the text ends that a script, a style, a title or a textarea holds; `end` for others."""
    opaque: bytes = b""
    """`script`, `style`, `title` or `textarea`; empty for others, and within what may be a comment."""
    certain: bool = False
    """Of a script: whether all parsers agree where it ends, because no comment begins in it."""


def find_tags(source: bytes, pattern: re.Pattern[bytes]) -> Iterator[SourceTag]:
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
            closing = _script_end(source, at) if name == b"script" else _END[name].search(source, at)
            certain = bool(closing) and name == b"script"
            if closing and closing[0] == b"<!--":  # its letters may go on behind `</script>`: no matter here
                closing, certain = _END[name].search(source, closing.end()), False
            fence = closing.start() if closing else len(source)
            if name in CODE or name in PLAIN:
                tag = tag._replace(text_end=fence, opaque=name, certain=certain)
                at = fence
        yield tag


def _script_end(source: bytes, at: int) -> re.Match[bytes] | None:
    """Find `_SCRIPT_END`. Programs have few angle brackets, and looking for one letter is what computers do best."""
    for _ in range(_LOOKS):
        at = source.find(b"<", at)
        if at < 0:
            return None
        if source.startswith((b"</", b"<!"), at) and (found := _SCRIPT_END.match(source, at)):
            return found
        at += 1
    return _SCRIPT_END.search(source, at)


def _is_plain_comment(source: bytes, start: int, end: int) -> bool:
    """Whether all parsers agree where it ends: https://html.spec.whatwg.org/multipage/parsing.html#comment-state."""
    return source[start : start + 1] not in {b">", b"-"} and source.find(b"--!>", start, end) < 0


def _tag(source: bytes, match: re.Match[bytes]) -> SourceTag:
    if match[3]:
        return SourceTag(match.start(), match.start(3), match.end(), match.end(), match.end())
    here = kept = _end(_ATTRIBUTES, source, match.end())
    while _ONE_ATTRIBUTE.match(source, here):
        here = _end(_ATTRIBUTES, source, here)
    end = source.find(b">", here) + 1 or len(source)
    return SourceTag(match.start(), match.end(), kept if here > kept else end, end, end)


def _end(pattern: re.Pattern[bytes], source: bytes, start: int) -> int:
    match = pattern.match(source, start)
    return match.end() if match else start


# Programs left out of a page while it is parsed: they are most of a modern page, and no reader sees a word of them.
#
# To a parser a script is letters up to `</script`, so other letters in its place give the same tree, if only it is a
# script to the parser too, and ends where we think it does. The second is certain for those that are taken; the
# first is proved afterwards: each placeholder must be the whole text of a script of the tree, and be nowhere else on
# the page. A page that fails the proof, by comments or attributes that parsers read differently, is parsed as it
# came.
#
# A placeholder has as many line ends as what it stands for, so that the lines of all that follows stay as they are;
# where nothing follows but scripts, which the ledger never names, they are not counted.


_LEAST = 2000
"""Bytes of a script that is taken out; a shorter one costs no more than its placeholder."""

_SIGN = b"/* a program stands here: "

# Every `type` of a tag must be followed by that of a program. Others are data, templates and formulas, which the tree
# is asked for. Bounded runs before alternatives of letters: linear.
_TYPE = re.compile(rb"type", re.IGNORECASE)
_PROGRAM = re.compile(rb"""\s{0,9}=\s{0,9}["']?(?:(?:text|application)/javascript|module)(?=["'\s>])""", re.IGNORECASE)

# Nothing between two scripts but ends and the tags of scripts. Each part ends before the next one may begin: linear.
_QUIET = re.compile(rb"(?:\s*<(?:/[a-z]{1,20}|script\b[^<>]{0,999})>)*\s*", re.IGNORECASE)

# Scripts that begin like a placeholder, told without a copy of each.
_SIGNED = XPath(f"descendant-or-self::script[starts-with(text(), '{_SIGN.decode()}')]")

# Whether an element follows that the ledger may name with its line; a body that the parser made is one.
_MORE = XPath("boolean(following::*[not(self::script)])")

_TELLING = b"mmbizwap:"
"""By this word at its beginning a script tells whose page it is, to whoever looks into the tree."""
_BEGINNING = 8000


class ScriptPlaceholder(NamedTuple):
    """The placeholder of a script in a page that is parsed."""

    place: Span
    """Where the program is in the page, in bytes."""
    data: bytes
    counted: bool
    """Whether it has the program's line ends."""


def is_program(source: bytes, tag: SourceTag) -> bool:
    """Whether a tag opens a script that may be taken out: it is large, a program, and ends in only one way."""
    start, end = tag.end, tag.text_end
    return (
        end - start >= _LEAST
        and tag.certain
        and tag.kept_end == start
        and source.startswith(b"</script>", end)
        and not source.startswith(b"/", start - 2)  # `<script />` holds nothing to libxml2 before 2.14
        and all(_PROGRAM.match(source, found.end(), start) for found in _TYPE.finditer(source, tag.start, start))
        and not source.startswith(b"<", start)  # a tag to the same, even there
        and source.find(b"\r", start, end) < 0  # parsers do not agree how many lines these make
        and source.find(_TELLING, start, min(start + _BEGINNING, end)) < 0
    )


def script_placeholders(
    source: bytes, programs: Sequence[Span], scripts: Sequence[Span]
) -> tuple[ScriptPlaceholder, ...]:
    """Return what stands for each program: a number, and its line ends where anything follows that has a line.

    `scripts` are the places of all scripts, programs or not.
    """
    quiet = _quiet_from(source, scripts) if programs else 0
    made = []
    for number, place in enumerate(programs):
        counted = place.start < quiet
        lines = b"\n" * source.count(b"\n", *place) if counted else b""
        made.append(ScriptPlaceholder(place, b"%s%d */%s" % (_SIGN, number, lines), counted))
    return tuple(made)


def _quiet_from(source: bytes, scripts: Sequence[Span]) -> int:
    """Behind which place nothing but scripts seems to follow."""
    after = len(source)
    for place in reversed(scripts):
        if not _QUIET.fullmatch(source, place.end, after):
            return place.end
        after = place.start
    return 0


def _signed(root: _Element) -> list[_Element]:
    found = _SIGNED(root)
    return [element for element in found if isinstance(element, _Element)] if isinstance(found, list) else []


def match_placeholders(
    root: _Element, source: bytes, placeholders: Sequence[ScriptPlaceholder]
) -> Mapping[_Element, Span] | None:
    """Return which script of the tree is which program, in the tree's order; None where there is any doubt.

    `source` is what was parsed, with these placeholders in it.
    """
    if source.count(_SIGN) != len(placeholders):
        return None
    expected = {one.data.decode(): one for one in placeholders}
    found: dict[_Element, Span] = {}
    last: _Element | None = None  # where counting ended, in the order of the tree
    for script in _signed(root):
        one = expected.pop(script.text or "", None)
        if one is None or len(script):
            continue
        found[script] = one.place
        if last is None and not one.counted:
            last = script
    if expected or len(found) != len(placeholders) or (last is not None and _MORE(last)):
        return None
    return found


# What a hostile page does to its parser, undone before it is parsed.
#
# libxml2 reads like a browser, and is fast, except for two things: it compares the attributes of a tag with one
# another, and from some thousand nested elements on it gives up (2.14) or walks the whole stack at every tag (before).
# `simplify_source` takes both weapons from a page before they fire; ordinary pages pass through it untouched.


DEEPEST = 1000
"""Nested elements that are kept; the deepest article known has 60. Deeper ones lose their tags, not their text."""

_MANY_TAGS = 20_000
"""Tags in which nesting may take libxml2 before 2.14 a second; a page with fewer is looked at after parsing."""

_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr keygen frame basefont bgsound".split()
)
_CLOSES_ITSELF = frozenset(
    b"p li dt dd tr td th option optgroup thead tbody tfoot rp rt colgroup html head body".split()
)


# A tag that begins neither such an element nor ends one. One class behind a choice of words: linear.
_NESTING = re.compile(rb"<(?=[a-zA-Z])(?!(?i:%s)[\s/>])" % b"|".join(sorted(_VOID | _CLOSES_ITSELF)))


class SimplifiedSource(NamedTuple):
    """The simplified source that is parsed in place of a page."""

    source: bytes
    """The page itself, or one without tags of hundreds of attributes and thousands of levels."""
    placeholders: tuple[ScriptPlaceholder, ...] = ()
    """What stands in it for programs."""


def simplify_source(source: bytes, *, shorten: bool = False) -> SimplifiedSource:
    """Undo what would make a parser slow; `shorten`: take large programs out as well."""
    pieces, at = [], 0
    scripts: list[Span] = []
    programs: dict[int, Span] = {}  # by the number of the piece that a placeholder will be
    for tag in find_tags(source, LONG_TAG):
        if tag.start < at:
            continue
        if tag.kept_end < tag.end:
            pieces += [source[at : tag.kept_end], b">"]
            at = tag.end
        if tag.opaque in PLAIN:
            text = source[tag.end : tag.text_end]
            if b"<" in text:  # text to browsers; libxml2 before 2.14 would see tags
                pieces += [source[at : tag.end], text.replace(b"<", b"&lt;")]
                at = tag.text_end
        elif shorten and tag.opaque == b"script":
            scripts.append(Span(tag.end, tag.text_end))
            if is_program(source, tag):
                programs[len(pieces) + 1] = scripts[-1]
                pieces += [source[at : tag.end], b""]
                at = tag.text_end
    placeholders = script_placeholders(source, tuple(programs.values()), scripts)
    for number, one in zip(programs, placeholders, strict=True):
        pieces[number] = one.data
    if pieces:
        source = b"".join([*pieces, source[at:]])
    source = _one_document(source)
    if source.count(b"<") > _MANY_TAGS and _may_nest(source, DEEPEST):
        source = flatten_tags(source, DEEPEST)
    return SimplifiedSource(source, placeholders)


def _one_document(source: bytes) -> bytes:
    """Drop the ends of html and body where a page goes on after them: libxml2 would stop, browsers read on."""
    if not any(_goes_on_after(source, end) for end in (b"</html>", b"</HTML>")):
        return source
    pieces, at = [], 0
    for tag in find_tags(source, ANY_TAG):
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


def _may_nest(source: bytes, deepest: int) -> bool:
    """Whether there are as many tags as it takes that `flatten_tags` may count."""
    return next(islice(_NESTING.finditer(source), deepest, None), None) is not None


def flatten_tags(source: bytes, deepest: int) -> bytes:
    """Drop the tags below a depth, not their text. An end counts only for a name that is open, so none is missed."""
    pieces, at, depth = [], 0, 0
    unclosed: dict[bytes, int] = {}
    for tag in find_tags(source, ANY_TAG):
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
            kept = depth <= deepest or name in CODE or name in PLAIN
        if not kept:
            pieces += [source[at : tag.start], b" "]
            at = tag.end
    return b"".join([*pieces, source[at:]]) if pieces else source


# A page as a tree, parsed once, whatever the page does to its parser, and without the programs in it.


_DEPTHS = (DEEPEST, 200, 20)
"""Nested elements that are kept, and what is tried where tables still hide more within."""

_DEPTH_OF_TREES = 1500
"""Levels of a tree that is believed to be whole; 2,048 is where libxml2 gives up."""

_OF_THE_HEAD = frozenset(("title", "meta", "link", "script", "style", "base", "noscript", "template"))

_EMPTY: Final = "<html><body></body></html>"


class ParsedPage(NamedTuple):
    """A page's tree, and what is not in it."""

    root: HtmlElement
    programs: Mapping[etree._Element, Span]
    """Scripts of the tree in which a few letters stand for a program, and where that is in the page, in bytes."""


def parse_page(data: bytes) -> ParsedPage:
    """Parse a whole page, given in UTF-8, without its large programs; an empty page gives an empty body."""
    source, placeholders = simplify_source(data, shorten=True)
    if placeholders:
        root = _tree(source)
        programs = match_placeholders(root, source, placeholders)
        if programs is not None:
            return ParsedPage(root, programs)
        source = simplify_source(data).source
    return ParsedPage(_tree(source), {})


def parse_html(text: str) -> HtmlElement:
    """Parse a whole page with all that is in it; an empty page gives an empty body."""
    return parse_document(text.encode("utf-8", "replace"))


def parse_document(data: bytes) -> HtmlElement:
    """Parse a whole page, given in UTF-8, with all that is in it; an empty page gives an empty body."""
    return _tree(simplify_source(data).source)


def _tree(source: bytes) -> HtmlElement:
    root = _parse(source)
    shallow = source.count(b"<") < _DEPTH_OF_TREES // 2  # a tag makes a level, and now and then one around it
    for depth in _DEPTHS:
        if root is None or shallow or not _too_deep(root):
            break
        root = _parse(flatten_tags(source, depth))
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
