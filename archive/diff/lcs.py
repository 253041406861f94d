"""The longest common subsequence of two sequences, a row of bits at a time.

The bit-parallel method of Hyyrö (2004): one whole number holds a row of the table, one addition computes the next, so a
thousand by a thousand cells take a thousand additions. The rows are kept, and the matches are read from them backwards.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

from archive.diff.thresholds import LARGEST_TABLE

__all__ = ["common", "common_length", "gaps"]


def common_length(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence. Time grows with the product of the lengths, by 64."""
    if len(old) < len(new):
        old, new = new, old
    where, full = _places(old)
    row = full
    for item in new:
        if here := where.get(item):
            taken = row & here
            row = (row + taken | row - taken) & full
    return len(old) - row.bit_count()


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence in both, in order.

    Where the table would be too large, a long one: what is unique on both sides, and what fits between.
    """
    start, end = _edges(old, new)
    head = [(place, place) for place in range(start)]
    tail = [(len(old) - place, len(new) - place) for place in range(end, 0, -1)]
    middle = _middle(old[start : len(old) - end], new[start : len(new) - end])
    return [*head, *((first + start, second + start) for first, second in middle), *tail]


def gaps(matches: Sequence[tuple[int, int]], old: int, new: int) -> Iterator[tuple[range, range]]:
    """Yield what lies between the matches of sequences of these lengths, where there is something."""
    for (first, second), (third, fourth) in pairwise([(-1, -1), *matches, (old, new)]):
        if third - first > 1 or fourth - second > 1:
            yield range(first + 1, third), range(second + 1, fourth)


def _edges(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """Return how many items the two share at their start, and at their end."""
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - start
    end = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    return start, end


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Match what begins and ends differently; items that only one side has are left out first."""
    both = set(old) & set(new)
    first = [place for place, item in enumerate(old) if item in both]
    second = [place for place, item in enumerate(new) if item in both]
    if not first or not second:
        return []
    a, b = [old[place] for place in first], [new[place] for place in second]
    matches = _table(a, b) if len(a) * len(b) <= LARGEST_TABLE else _anchored(a, b)
    return [(first[place], second[other]) for place, other in matches]


def _table(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    where, full = _places(old)
    row, rows = full, []
    for item in new:
        taken = row & where[item]
        row = (row + taken | row - taken) & full
        rows.append(row)
    matches: list[tuple[int, int]] = []
    place, other = len(old) - 1, len(new) - 1
    while place >= 0 and other >= 0:
        if rows[other] >> place & 1:
            place -= 1
        elif other and not rows[other - 1] >> place & 1:
            other -= 1
        else:
            matches.append((place, other))
            place, other = place - 1, other - 1
    matches.reverse()
    return matches


def _places(items: Sequence[Hashable]) -> tuple[dict[Hashable, int], int]:
    """Return for each item the bits of its places; and all bits."""
    where: dict[Hashable, int] = {}
    if len(items) > 1024:  # one long number for each place would take time with the square of the length
        found: dict[Hashable, list[int]] = {}
        for place, item in enumerate(items):
            found.setdefault(item, []).append(place)
        for item, places in found.items():
            bits = bytearray(len(items) // 8 + 1)
            for place in places:
                bits[place >> 3] |= 1 << (place & 7)
            where[item] = int.from_bytes(bits, "little")
    else:
        bit = 1
        for item in items:
            where[item] = where.get(item, 0) | bit
            bit <<= 1
    return where, (1 << len(items)) - 1


def _anchored(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Match what is unique on both sides, in its longest rising order, and then what fits between two of these."""
    anchors = _rising(_unique(old, new))
    matches: list[tuple[int, int]] = []
    for (first, second), (third, fourth) in pairwise([(-1, -1), *anchors, (len(old), len(new))]):
        a, b = old[first + 1 : third], new[second + 1 : fourth]
        start, end = _edges(a, b)
        inner = [(place, place) for place in range(start)]
        middle = a[start : len(a) - end], b[start : len(b) - end]
        if len(middle[0]) * len(middle[1]) <= LARGEST_TABLE // 100:
            inner += [(place + start, other + start) for place, other in _middle(*middle)]
        inner += [(len(a) - place, len(b) - place) for place in range(end, 0, -1)]
        matches += [(place + first + 1, other + second + 1) for place, other in inner]
        if third < len(old):
            matches.append((third, fourth))
    return matches


def _unique(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    first, second = _once(old), _once(new)
    return [(place, second[item]) for item, place in first.items() if item in second]


def _once(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return the places of the items that occur once, in order."""
    seen: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        seen[item] = -1 if item in seen else place
    return {item: place for item, place in seen.items() if place >= 0}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, sorted by their first place, in which the second rises too."""
    ends: list[int] = []  # the smallest second place that a run of each length can end with
    holders: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        at = bisect_left(ends, second)
        before.append(holders[at - 1] if at else -1)
        ends[at : at + 1] = [second]
        holders[at : at + 1] = [number]
    run: list[tuple[int, int]] = []
    number = holders[-1] if holders else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    run.reverse()
    return run
