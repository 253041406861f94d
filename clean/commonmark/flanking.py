"""CommonMark's own reading of delimiter runs: which open, which close, which pair up, which stay visible.

Two editions of CommonMark differ in what counts as punctuation: since 0.31 symbols such as `￥` and emoji do.
Renderers of both kinds are in use, so what we write has to render the same with either reading.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from clean.commonmark.inline import Run

__all__ = ["Match", "closes", "kind", "opens", "pair"]

SPACE, LETTER, SYMBOL, PUNCTUATION = range(4)


@lru_cache(maxsize=4096)
def kind(char: str) -> int:
    """Return what a character is to the flanking rules; the edge of a text (an empty string) is white space."""
    if char == "" or char in " \t\n\f\r" or unicodedata.category(char) == "Zs":
        return SPACE
    category = unicodedata.category(char)[0]
    if category == "P" or (category == "S" and char < "\x80"):
        return PUNCTUATION
    return SYMBOL if category == "S" else LETTER


def flanks(outer: int, inner: int) -> bool:
    """Return whether a run flanks the text on its inner side in both editions.

    In 0.30 a symbol is a letter, in 0.31 it is punctuation. As the inner neighbour it is better a letter, as
    the outer one better punctuation; to hold in both, it counts as the worse of the two each time. A symbol
    on both sides is the same on both sides, whichever edition reads it.
    """
    if inner == SPACE:
        return False
    if inner == LETTER or outer in (SPACE, PUNCTUATION):
        return True
    return inner == outer == SYMBOL


def opens(before: str, after: str) -> bool:
    """Return whether asterisks between these two characters can open emphasis in both editions."""
    return flanks(kind(before), kind(after))


def closes(before: str, after: str) -> bool:
    """Return whether asterisks between these two characters can close emphasis in both editions."""
    return flanks(kind(after), kind(before))


class Match(NamedTuple):
    """One emphasis: the runs that open and close it, and how many characters of each it uses."""

    opener: int
    closer: int
    width: int


def pair(text: str, runs: Sequence[Run], before: str, after: str, *, symbols: bool) -> list[Match]:
    """Pair up delimiter runs as CommonMark does; `symbols` says whether symbols count as punctuation.

    This is the procedure of CommonMark's appendix, with its memory of where no opener was found, which keeps
    it linear.
    """
    can_open, can_close = [], []
    for run in runs:
        left = kind(text[run.start - 1] if run.start else before)
        right = kind(text[run.end] if run.end < len(text) else after)
        left_odd = left == PUNCTUATION or (symbols and left == SYMBOL)
        right_odd = right == PUNCTUATION or (symbols and right == SYMBOL)
        lefty = right != SPACE and (not right_odd or left == SPACE or left_odd)
        righty = left != SPACE and (not left_odd or right == SPACE or right_odd)
        under = run.char == "_"
        can_open.append(lefty and (not under or not righty or left_odd))
        can_close.append(righty and (not under or not lefty or right_odd))
    lengths = [run.end - run.start for run in runs]
    left_over = lengths.copy()
    matches: list[Match] = []
    stack: list[int] = []  # runs that may still open, oldest first
    floor: dict[tuple[str, bool, int], int] = {}  # below this run no opener for such a closer is left
    for closer, run in enumerate(runs):
        while can_close[closer] and left_over[closer]:
            key = (run.char, can_open[closer], lengths[closer] % 3)
            found = -1
            for height in range(len(stack) - 1, -1, -1):
                opener = stack[height]
                if opener < floor.get(key, 0):
                    break
                if runs[opener].char != run.char:
                    continue
                both = can_close[opener] or can_open[closer]
                total = lengths[opener] + lengths[closer]
                if not (both and total % 3 == 0 and (lengths[opener] % 3 or lengths[closer] % 3)):
                    found = height
                    break
            if found < 0:
                floor[key] = closer
                break
            opener = stack[found]
            width = 2 if left_over[opener] >= 2 and left_over[closer] >= 2 else 1
            matches.append(Match(opener, closer, width))
            left_over[opener] -= width
            left_over[closer] -= width
            del stack[found + (left_over[opener] > 0) :]
        if left_over[closer] and can_open[closer]:
            stack.append(closer)
    return matches
