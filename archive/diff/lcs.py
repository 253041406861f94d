"""The longest common subsequence of two sequences, a row of bits at a time.

The bit-parallel method of Hyyrö (2004): one whole number holds a row of the table, one addition computes the next, so a
thousand by a thousand cells take a thousand additions. The rows are kept, and the matches are read from them backwards.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise

from archive.diff.blocks import words

__all__ = [
    "ALONE",
    "BETTER",
    "LARGEST_TABLE",
    "LONGEST_PAIRED",
    "MOST_COMPARED",
    "MOST_MOVED",
    "MOVED",
    "MOVED_LENGTH",
    "NEIGHBOUR",
    "NEIGHBOURS",
    "SIMILAR",
    "WHOLE",
    "Similarity",
    "common",
    "common_length",
    "gaps",
    "in_order",
]


# Every number that decides what matches what, with its reason. The edit cases in tests/diff/cases hold them.


SIMILAR = 0.5
"""Share of words in common from which two blocks between the same neighbours are one that was edited. Unrelated Chinese
paragraphs have 0.10 to 0.33 in common, edited ones seldom less than 0.55."""

ALONE = 0.35
"""The same where nothing else can be meant: one block on each side between the same neighbours. A short sentence in
traditional characters has 0.38 in common with itself in simplified ones."""

MOVED = 0.6
"""The same for a block that stands elsewhere: nothing around it supports the match, so more is asked."""

MOVED_LENGTH = 12
"""Characters below which nothing is said to have moved: 取消 or a lone number stands in many places."""

MOST_MOVED = 100
"""Unmatched blocks on a side above which edited ones are not searched elsewhere: such a text was rewritten."""

NEIGHBOUR = 0.7
"""Share of a neighbour's words that it must add to a match, for a block to be split or merged with it."""

NEIGHBOURS = 4
"""Parts that a block is split into, or merged from, at most."""

WHOLE = 0.6
"""Changed share above which before and after are shown one after the other: marks in between would not be read."""

BETTER = 0.5
"""Share of changed tokens that marks across sentences must save by, where sentences were split, merged or broken into
lines; otherwise sentences are put side by side."""

MOST_COMPARED = 40_000
"""Pairs of blocks, or of sentences, that are compared between two exact matches. Where all pairs are more, each is
compared with those near its own relative place, so that time grows with the length and not with its square."""

LONGEST_PAIRED = 2_000
"""Words above which similarity is counted by pairs of neighbouring words instead of by the longest common sequence."""

LARGEST_TABLE = 100_000_000
"""Cells, a bit each, of a table of the longest common sequence: 12 megabytes. Above it, only what is unique on
both sides is matched, and what lies between."""


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


# How much two pieces of text have in common: the share of their words in the longest common subsequence.


class Similarity:
    """Compares pieces of two texts; what it needs of a piece is made once, and only when it is asked for."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old = _Pieces(old)
        self._new = _Pieces(new)

    def __call__(self, first: int, second: int, least: float = 0.0) -> float:
        """Return the share of words in common, 0 to 1, of piece `first` of the old and piece `second` of the new.

        Return 0 where it would be less than `least`; this is found out cheaply, most of the time.
        """
        total = self._old.count(first) + self._new.count(second)
        if not total:
            return 1.0
        wanted = least * total
        if 2 * min(self._old.count(first), self._new.count(second)) < wanted:
            return 0.0
        # No subsequence is longer than the words that both have, in whatever order.
        if 2 * len(self._old.bag(first) & self._new.bag(second)) < wanted:
            return 0.0
        shared = 2 * self.shared(first, second)
        return shared / total if shared >= wanted else 0.0

    def shared(self, first: int, second: int) -> int:
        """Return how many words the two pieces have in common, in the same order."""
        return self.length(self._old.words(first), self._new.words(second))

    def length(self, old: Sequence[str], new: Sequence[str]) -> int:
        """Return how many words are in common, in the same order; of long pieces, in pairs of neighbouring words."""
        if max(len(old), len(new)) <= LONGEST_PAIRED:
            return common_length(old, new)
        return len(_bag([*pairwise(old)]) & _bag([*pairwise(new)]))

    def words(self, *, old_side: bool) -> Callable[[int], Sequence[str]]:
        """Return what gives the words of a piece of the old text, or of the new."""
        return (self._old if old_side else self._new).words


class _Pieces:
    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words: dict[int, list[str]] = {}
        self._bags: dict[int, frozenset[tuple[object, int]]] = {}

    def words(self, number: int) -> list[str]:
        if number not in self._words:
            self._words[number] = words(self._texts[number])
        return self._words[number]

    def count(self, number: int) -> int:
        return len(self.words(number))

    def bag(self, number: int) -> frozenset[tuple[object, int]]:
        if number not in self._bags:
            self._bags[number] = _bag(self.words(number))
        return self._bags[number]


def _bag(items: Sequence[object]) -> frozenset[tuple[object, int]]:
    """Return a multiset as a set: each item with how often it came before, so that `&` counts what both have."""
    seen: dict[object, int] = {}
    bag: set[tuple[object, int]] = set()
    for item in items:
        times = seen[item] = seen.get(item, 0) + 1
        bag.add((item, times))
    return frozenset(bag)


# Pieces of two texts put side by side in one order: those that are the same, then those that are similar.


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
