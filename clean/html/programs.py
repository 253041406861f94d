"""Programs left out of a page while it is parsed: they are most of a modern page, and no reader sees a word of them.

To a parser a script is letters up to `</script`, so other letters in its place give the same tree, if only it is a
script to the parser too, and ends where we think it does. The second is certain for those that are taken; the first is
proved afterwards: each stand-in must be the whole text of a script of the tree, and be nowhere else on the page. A
page that fails the proof, by comments or attributes that parsers read differently, is parsed as it came.

A stand-in has as many line ends as what it stands for, so that the lines of all that follows stay as they are; where
nothing follows but scripts, which the ledger never names, they are not counted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml.etree import XPath, _Element

from clean.html.tags import Tag
from clean.spans import Span

__all__ = ["StandIn", "is_program", "proved", "stand_ins"]

_LEAST = 2000
"""Bytes of a script that is taken out; a shorter one costs no more than its stand-in."""

_SIGN = b"/* a program stands here: "

# Every `type` of a tag must be followed by that of a program. Others are data, templates and formulas, which the tree
# is asked for. Bounded runs before alternatives of letters: linear.
_TYPE = re.compile(rb"type", re.IGNORECASE)
_PROGRAM = re.compile(rb"""\s{0,9}=\s{0,9}["']?(?:(?:text|application)/javascript|module)(?=["'\s>])""", re.IGNORECASE)

# Nothing between two scripts but ends and the tags of scripts. Each part ends before the next one may begin: linear.
_QUIET = re.compile(rb"(?:\s*<(?:/[a-z]{1,20}|script\b[^<>]{0,999})>)*\s*", re.IGNORECASE)

# Scripts that begin like a stand-in, told without a copy of each.
_SIGNED = XPath(f"descendant-or-self::script[starts-with(text(), '{_SIGN.decode()}')]")

# Whether an element follows that the ledger may name with its line; a body that the parser made is one.
_MORE = XPath("boolean(following::*[not(self::script)])")

_TELLING = b"mmbizwap:"
"""By this word at its beginning a script tells whose page it is, to whoever looks into the tree."""
_BEGINNING = 8000


class StandIn(NamedTuple):
    """What stands for a program in a page that is parsed."""

    place: Span
    """Where the program is in the page, in bytes."""
    data: bytes
    counted: bool
    """Whether it has the program's line ends."""


def is_program(source: bytes, tag: Tag) -> bool:
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


def stand_ins(source: bytes, programs: Sequence[Span], scripts: Sequence[Span]) -> tuple[StandIn, ...]:
    """Return what stands for each program: a number, and its line ends where anything follows that has a line.

    `scripts` are the places of all scripts, programs or not.
    """
    quiet = _quiet_from(source, scripts) if programs else 0
    made = []
    for number, place in enumerate(programs):
        counted = place.start < quiet
        lines = b"\n" * source.count(b"\n", *place) if counted else b""
        made.append(StandIn(place, b"%s%d */%s" % (_SIGN, number, lines), counted))
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


def proved(root: _Element, source: bytes, taken: Sequence[StandIn]) -> Mapping[_Element, Span] | None:
    """Return which script of the tree is which program, in the tree's order; None where there is any doubt.

    `source` is what was parsed, with these stand-ins in it.
    """
    if source.count(_SIGN) != len(taken):
        return None
    expected = {one.data.decode(): one for one in taken}
    found: dict[_Element, Span] = {}
    last: _Element | None = None  # where counting ended, in the order of the tree
    for script in _signed(root):
        one = expected.pop(script.text or "", None)
        if one is None or len(script):
            continue
        found[script] = one.place
        if last is None and not one.counted:
            last = script
    if expected or len(found) != len(taken) or (last is not None and _MORE(last)):
        return None
    return found
