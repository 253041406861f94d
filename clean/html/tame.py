"""What a hostile page does to its parser, undone before it is parsed.

libxml2 reads like a browser, and is fast, except for two things: it compares the attributes of a tag with one
another, and from some thousand nested elements on it gives up (2.14) or walks the whole stack at every tag (before).
`tame` takes both weapons from a page before they fire; ordinary pages pass through it untouched.
"""

import re
from typing import NamedTuple

from clean.html.programs import StandIn, is_program, stand_ins
from clean.html.tags import ANY_TAG, CODE, LONG_TAG, PLAIN, tags
from clean.spans import Span

__all__ = ["DEEPEST", "Tamed", "flattened", "tame"]

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


class Tamed(NamedTuple):
    """What is parsed in place of a page."""

    source: bytes
    """The page itself, or one without tags of hundreds of attributes and thousands of levels."""
    taken: tuple[StandIn, ...] = ()
    """What stands in it for programs."""


def tame(source: bytes, *, shorten: bool = False) -> Tamed:
    """Undo what would make a parser slow; `shorten`: take large programs out as well."""
    pieces, at = [], 0
    scripts: list[Span] = []
    programs: dict[int, Span] = {}  # by the number of the piece that a stand-in will be
    for tag in tags(source, LONG_TAG):
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
    taken = stand_ins(source, tuple(programs.values()), scripts)
    for number, one in zip(programs, taken, strict=True):
        pieces[number] = one.data
    if pieces:
        source = b"".join([*pieces, source[at:]])
    source = _one_document(source)
    if source.count(b"<") > _MANY_TAGS:
        source = flattened(source, DEEPEST)
    return Tamed(source, taken)


def _one_document(source: bytes) -> bytes:
    """Drop the ends of html and body where a page goes on after them: libxml2 would stop, browsers read on."""
    if not any(_goes_on_after(source, end) for end in (b"</html>", b"</HTML>")):
        return source
    pieces, at = [], 0
    for tag in tags(source, ANY_TAG):
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


def flattened(source: bytes, deepest: int) -> bytes:
    """Drop the tags below a depth, not their text. An end counts only for a name that is open, so none is missed."""
    pieces, at, depth = [], 0, 0
    unclosed: dict[bytes, int] = {}
    for tag in tags(source, ANY_TAG):
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
