"""Pieces of two texts put side by side in one order: those that are the same, then those that are similar."""

from collections.abc import Callable, Sequence

from archive.diff.thresholds import MOST_COMPARED

__all__ = ["in_order"]


def in_order(
    old: Sequence[int], new: Sequence[int], similar: Callable[[int, int, float], float], least: float
) -> list[tuple[int, int, float]]:
    """Pair pieces in order, so that the similarity of all pairs together is greatest; each at least `least`.

    `old` and `new` are the pieces' numbers. Where they are many, only pieces near the same relative place are compared.
    """
    if not old or not new:
        return []
    rows: list[dict[int, float]] = []
    for place, first in enumerate(old):
        low, high = _band(place, len(old), len(new))
        row = {}
        for other in range(low, high):
            if value := similar(first, new[other], least):
                row[other] = value
        rows.append(row)
    return [(old[place], new[other], value) for place, other, value in _heaviest(rows)]


def _band(place: int, old: int, new: int) -> tuple[int, int]:
    """Return which pieces of the new text one of the old is compared with."""
    if old * new <= MOST_COMPARED:
        return 0, new
    width = max(MOST_COMPARED // old, 1)
    middle = place * new // old
    return max(middle - width // 2, 0), min(middle + width // 2 + 1, new)


def _heaviest(rows: Sequence[dict[int, float]]) -> list[tuple[int, int, float]]:
    """Return the rising chain of pairs whose values together are greatest; of equal ones, the first.

    A tree of prefix maxima (Fenwick 1994) holds the best chain that ends at each place, so time grows with the number
    of similar pairs.
    """
    size = max((max(row) for row in rows if row), default=-1) + 1
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    links: list[tuple[int, int, float, int]] = []
    for place, row in enumerate(rows):
        found = []
        for other, value in row.items():
            at, total, before = other, 0.0, -1
            while at:
                if best[at][0] > total:
                    total, before = best[at]
                at &= at - 1
            found.append((other, total + value, len(links)))
            links.append((place, other, value, before))
        for other, total, number in found:
            at = other + 1
            while at <= size:
                if total > best[at][0]:
                    best[at] = total, number
                at += at & -at
    at, total, number = size, 0.0, -1
    while at:
        if best[at][0] > total:
            total, number = best[at]
        at &= at - 1
    chain: list[tuple[int, int, float]] = []
    while number >= 0:
        place, other, value, before = links[number]
        chain.append((place, other, value))
        number = before
    chain.reverse()
    return chain
