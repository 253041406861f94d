"""Where a text holds what was asked for: a few words around the place, the hits marked."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from archive.tokens import BREAK, LETTER

__all__ = ["Snippet", "marks", "snippet"]

WIDTH = 60
"""Characters of a snippet, about."""

_BEFORE = 15
"""Characters before the first hit."""

_HITS = 200
"""Hits of a phrase that are looked at; the best place is seldom behind so many."""

_LONGEST = 50
"""Tokens of a phrase that are looked for; more are found in no other place."""

# Full-width forms of ASCII (Unicode, Halfwidth and Fullwidth Forms) and the ideographic space: character by character,
# so that places stay. Rarer forms are found by the index alone, and their hits stay without a mark.
_HALF = {0xFF01 + number: 0x21 + number for number in range(94)} | {0x3000: 0x20}

# What may stand between two tokens of one phrase: marks that end no clause. Bounded, and no token begins so: linear.
_BETWEEN = r"(?:[^\w,.!?;:。、]|_){0,40}"

# Marks of Markdown, which say nothing in a snippet.
_MARKUP = re.compile(r"!?\[|[*`#\]\\|]+")


class Snippet(NamedTuple):
    """A piece of a text."""

    text: str
    """On one line, with … where it was cut."""
    marks: list[tuple[int, int]]
    """Where the hits begin and end, in characters."""


def snippet(text: str, phrases: Sequence[Sequence[str]]) -> Snippet:
    """Return the piece with the most of the phrases in it, the earliest such; without any, the beginning. Pure."""
    text = unicodedata.normalize("NFC", text)
    folded = _folded(text)
    hits = sorted(
        (match.start(), number)
        for number, phrase in enumerate(phrases)
        for match, _ in zip(_pattern(phrase).finditer(folded), range(_HITS), strict=False)
    )
    best, start = 0, 0
    for place, (first, _) in enumerate(hits):
        within = {number for at, number in hits[place : place + 50] if at < first + WIDTH - _BEFORE}
        if len(within) > best:
            best, start = len(within), max(0, first - _BEFORE)
    piece = " ".join(_MARKUP.sub("", text[start : start + WIDTH]).split())
    piece = f"{'…' if start else ''}{piece}{'…' if start + WIDTH < len(text.rstrip()) else ''}"
    return Snippet(piece, marks(piece, phrases))


def marks(text: str, phrases: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return where phrases stand in a text, in order; places that touch or overlap are one."""
    folded = _folded(text)
    found: list[tuple[int, int]] = []
    for start, end in sorted(match.span() for phrase in phrases for match in _pattern(phrase).finditer(folded)):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _folded(text: str) -> str:
    """Return the text in half width and lower case, each character in its place."""
    lower = text.translate(_HALF).lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := each.lower()) == 1 else each for each in text.translate(_HALF))


def _pattern(phrase: Sequence[str]) -> re.Pattern[str]:
    parts = [r"[\W_]{1,80}" if token == BREAK else _word(token) for token in phrase[:_LONGEST]]
    return re.compile(_BETWEEN.join(parts))


def _word(token: str) -> str:
    """Return an expression for a token: letters only where the word ends at both sides."""
    edge = re.match(LETTER, token)
    return rf"(?<!{LETTER}){re.escape(token)}(?!{LETTER})" if edge else re.escape(token)
