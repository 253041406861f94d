"""Alignment of sequences: longest common subsequence, similarity, and matching by similarity.

The subsequence is computed a row of bits at a time, by the method of Hyyrö (2004): one whole number holds a row of the
table, one addition computes the next, so a thousand by a thousand cells take a thousand additions. The rows are kept,
and the matches are read from them backwards. How similar two pieces are is the share of their words in that
subsequence. The numbers below bound time and memory; `archive.diff.compare` and `archive.diff.spans` have those that
decide what matches what.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise

from archive.diff.blocks import words

__all__ = [
    "MAX_COMPARISONS",
    "MAX_SEQUENCE_WORDS",
    "MAX_TABLE_CELLS",
    "Similarity",
    "common",
    "common_length",
    "gaps",
    "in_order",
]


MAX_COMPARISONS = 40_000
"""Pairs of blocks, or of sentences, that are compared between two exact matches. Where all pairs are more, each is
compared with those near its own relative place, so that time grows with the length and not with its square."""

MAX_SEQUENCE_WORDS = 2_000
"""Words above which similarity is counted by pairs of neighbouring words instead of by the longest common sequence."""

MAX_TABLE_CELLS = 100_000_000
"""Cells, a bit each, of a table of the longest common sequence: 12 megabytes. Above it, only what is unique on
both sides is matched, and what lies between."""


def common_length(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence. Time grows with the product of the lengths, by 64."""
    if len(old) < len(new):
        old, new = new, old
    where, full = _bits_by_item(old)
    row = full
    for item in new:
        if here := where.get(item):
            hits = row & here
            row = (row + hits | row - hits) & full
    return len(old) - row.bit_count()


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence in both, in order.

    Where the table would be too large, a long one: what is unique on both sides, and what fits between.
    """
    start, end = _edges(old, new)
    head = [(index, index) for index in range(start)]
    tail = [(len(old) - index, len(new) - index) for index in range(end, 0, -1)]
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
    start = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    rest = shorter - start
    end = next((index for index in range(rest) if old[-1 - index] != new[-1 - index]), rest)
    return start, end


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Match what begins and ends differently; items that only one side has are left out first."""
    both = set(old) & set(new)
    first = [index for index, item in enumerate(old) if item in both]
    second = [index for index, item in enumerate(new) if item in both]
    if not first or not second:
        return []
    a, b = [old[index] for index in first], [new[index] for index in second]
    matches = _table(a, b) if len(a) * len(b) <= MAX_TABLE_CELLS else _anchored(a, b)
    return [(first[index], second[other]) for index, other in matches]


def _table(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    where, full = _bits_by_item(old)
    row, rows = full, []
    for item in new:
        hits = row & where[item]
        row = (row + hits | row - hits) & full
        rows.append(row)
    matches: list[tuple[int, int]] = []
    index, other = len(old) - 1, len(new) - 1
    while index >= 0 and other >= 0:
        if rows[other] >> index & 1:
            index -= 1
        elif other and not rows[other - 1] >> index & 1:
            other -= 1
        else:
            matches.append((index, other))
            index, other = index - 1, other - 1
    matches.reverse()
    return matches


def _bits_by_item(items: Sequence[Hashable]) -> tuple[dict[Hashable, int], int]:
    """Return for each item the bits of its places; and all bits."""
    where: dict[Hashable, int] = {}
    if len(items) > 1024:  # one long number for each place would take time with the square of the length
        indices_of: dict[Hashable, list[int]] = {}
        for index, item in enumerate(items):
            indices_of.setdefault(item, []).append(index)
        for item, indices in indices_of.items():
            bits = bytearray(len(items) // 8 + 1)
            for index in indices:
                bits[index >> 3] |= 1 << (index & 7)
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
        inner = [(index, index) for index in range(start)]
        middle = a[start : len(a) - end], b[start : len(b) - end]
        if len(middle[0]) * len(middle[1]) <= MAX_TABLE_CELLS // 100:
            inner += [(index + start, other + start) for index, other in _middle(*middle)]
        inner += [(len(a) - index, len(b) - index) for index in range(end, 0, -1)]
        matches += [(index + first + 1, other + second + 1) for index, other in inner]
        if third < len(old):
            matches.append((third, fourth))
    return matches


def _unique(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    first, second = _once(old), _once(new)
    return [(index, second[item]) for item, index in first.items() if item in second]


def _once(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return the places of the items that occur once, in order."""
    index_of: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        index_of[item] = -1 if item in index_of else index
    return {item: index for item, index in index_of.items() if index >= 0}


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


# Similarity


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
        if max(len(old), len(new)) <= MAX_SEQUENCE_WORDS:
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
    counts: dict[object, int] = {}
    bag: set[tuple[object, int]] = set()
    for item in items:
        times = counts[item] = counts.get(item, 0) + 1
        bag.add((item, times))
    return frozenset(bag)


# Similar pieces in one order


def in_order(
    old: Sequence[int], new: Sequence[int], similar: Callable[[int, int, float], float], least: float
) -> list[tuple[int, int, float]]:
    """Pair pieces in order, so that the similarity of all pairs together is greatest; each at least `least`.

    `old` and `new` are the pieces' numbers. Where they are many, only pieces near the same relative place are compared.
    """
    if not old or not new:
        return []
    rows: list[dict[int, float]] = []
    for index, first in enumerate(old):
        low, high = _band(index, len(old), len(new))
        row = {}
        for other in range(low, high):
            if value := similar(first, new[other], least):
                row[other] = value
        rows.append(row)
    return [(old[index], new[other], value) for index, other, value in _heaviest(rows)]


def _band(index: int, old: int, new: int) -> tuple[int, int]:
    """Return which pieces of the new text one of the old is compared with."""
    if old * new <= MAX_COMPARISONS:
        return 0, new
    width = max(MAX_COMPARISONS // old, 1)
    middle = index * new // old
    return max(middle - width // 2, 0), min(middle + width // 2 + 1, new)


def _heaviest(rows: Sequence[dict[int, float]]) -> list[tuple[int, int, float]]:
    """Return the rising chain of pairs whose values together are greatest; of equal ones, the first.

    A tree of prefix maxima (Fenwick 1994) holds the best chain that ends at each place, so time grows with the number
    of similar pairs.
    """
    size = max((max(row) for row in rows if row), default=-1) + 1
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    links: list[tuple[int, int, float, int]] = []
    for index, row in enumerate(rows):
        pairs_of_row = []
        for other, value in row.items():
            at, total, before = other, 0.0, -1
            while at:
                if best[at][0] > total:
                    total, before = best[at]
                at &= at - 1
            pairs_of_row.append((other, total + value, len(links)))
            links.append((index, other, value, before))
        for other, total, number in pairs_of_row:
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
        index, other, value, before = links[number]
        chain.append((index, other, value))
        number = before
    chain.reverse()
    return chain
