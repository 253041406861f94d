"""How much of a text is another one: one number, in time that grows with the length of the texts and no faster."""

from collections import Counter
from itertools import pairwise

__all__ = ["amount"]


def amount(before: str, after: str) -> float:
    """Return the share of the texts that is not common to both, from 0 (equal) to 1.

    Lines that both have are common, wherever they stand. Of the rest those pairs of neighbouring characters are common
    that both have (Dice's coefficient): alignment letter by letter takes seconds for texts that repeat themselves.
    """
    lines, others = _lines(before), _lines(after)
    total = _size(lines) + _size(others)
    if not total:
        return 0.0
    same = 2 * _size(lines & others)
    left, right = _pairs(lines - others), _pairs(others - lines)
    pairs = left.total() + right.total()
    if pairs:
        same += round((total - same) * 2 * (left & right).total() / pairs)
    return 1 - same / total


def _lines(text: str) -> Counter[str]:
    return Counter(line for line in text.splitlines() if line.strip())


def _size(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _pairs(lines: Counter[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for line in lines.elements():
        found.update(pairwise(f"\n{line}\n"))  # the ends of lines, too, so that one character is two pairs
    return found
