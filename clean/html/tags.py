"""The tags of a page, found in its bytes before a parser reads them: where each begins and how much of it is kept."""

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["ANY_TAG", "CODE", "LONG_TAG", "PLAIN", "Tag", "tags"]

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


class Tag(NamedTuple):
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


def tags(source: bytes, pattern: re.Pattern[bytes]) -> Iterator[Tag]:
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


def _tag(source: bytes, match: re.Match[bytes]) -> Tag:
    if match[3]:
        return Tag(match.start(), match.start(3), match.end(), match.end(), match.end())
    here = kept = _end(_ATTRIBUTES, source, match.end())
    while _ONE_ATTRIBUTE.match(source, here):
        here = _end(_ATTRIBUTES, source, here)
    end = source.find(b">", here) + 1 or len(source)
    return Tag(match.start(), match.end(), kept if here > kept else end, end, end)


def _end(pattern: re.Pattern[bytes], source: bytes, start: int) -> int:
    match = pattern.match(source, start)
    return match.end() if match else start
