"""How much two pieces of text have in common: the share of their words in the longest common subsequence."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from archive.diff.lcs import common_length
from archive.diff.thresholds import LONGEST_PAIRED
from archive.diff.tokens import words

__all__ = ["Similarity"]


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
