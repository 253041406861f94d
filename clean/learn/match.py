"""Where the runs of learned rules stand on a page, and which of them their guards let go.

Pure sequences: a line is any hashable key. Cleaning gives normalised texts, learning gives their hashes.

The result is a fixed point: on what is left, the same rules find nothing. So cleaning twice is cleaning once.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

__all__ = ["Found", "Hit", "Matcher", "Run"]

Key = Hashable


class Run(NamedTuple):
    """Lines that stand together, and the guard of their place."""

    rule: str
    keys: tuple[Key, ...]
    """In the order of the page."""
    zone: str
    """`head`, `tail`, or `middle`: anywhere."""
    least: int
    """So many of the lines must be there, in their order and with no other line between them."""
    reach: int
    """So many other lines may stand between the run and the page's end that its zone names; none count in `middle`."""
    prose: int
    """So many of these may be prose."""


class Hit(NamedTuple):
    """One run on a page."""

    rule: str
    places: tuple[int, ...]
    """Of its lines, in the order of the page."""


class Found(NamedTuple):
    """What the rules find on one page."""

    hits: tuple[Hit, ...]
    """Lines that may go."""
    outside: tuple[Hit, ...]
    """Lines that would, were they not outside of their rule's guard."""


class _Directed:
    """The runs of one zone, as they are met when one reads from its end of the page."""

    def __init__(self, runs: Iterable[Run], *, backwards: bool, guarded: bool) -> None:
        self.runs = tuple(runs)
        self.backwards = backwards
        self.guarded = guarded
        self.longest = max((len(run.keys) for run in self.runs), default=0)
        self.deepest = max((run.reach for run in self.runs), default=0)
        self.places: list[dict[Key, list[int]]] = []
        self.by_key: dict[Key, list[int]] = {}
        for number, run in enumerate(self.runs):
            places: dict[Key, list[int]] = {}
            for place, key in enumerate(reversed(run.keys) if backwards else run.keys):
                places.setdefault(key, []).append(place)
            self.places.append(places)
            for key in places:
                self.by_key.setdefault(key, []).append(number)

    def length(self, number: int, keys: Sequence[Key], rest: Sequence[int], start: int) -> int:
        """Return how many lines from `start` on are lines of a run, in its order."""
        places, last, at = self.places[number], -1, start
        while at < len(rest):
            known = places.get(keys[rest[at]])
            next_ = bisect_left(known, last + 1) if known else 0
            if not known or next_ == len(known):
                break
            last = known[next_]
            at += 1
        return at - start

    def sweep(self, keys: Sequence[Key], prose: Sequence[bool], rest: list[int]) -> list[Hit]:
        """Take the runs out of `rest`, the places of the lines that are left, in the direction of reading."""
        hits: list[Hit] = []
        before = [0]  # before[n]: how many of the first n lines that stay are prose
        at = 0
        while at < len(rest) and not (self.guarded and at > self.deepest):
            best, length = -1, 0
            for number in self.by_key.get(keys[rest[at]], ()):
                run = self.runs[number]
                if self.guarded and (at > run.reach or before[at] > run.prose):
                    continue
                here = self.length(number, keys, rest, at)
                if here >= run.least and here > length:
                    best, length = number, here
            if length:
                hits.append(Hit(self.runs[best].rule, tuple(sorted(rest[at : at + length]))))
                del rest[at : at + length]
                at = max(0, at - self.longest + 1)  # lines that came together may be a run now
                del before[at + 1 :]
            else:
                before.append(before[at] + prose[rest[at]])
                at += 1
        return hits


class Matcher:
    """The runs of one source's rules."""

    def __init__(self, runs: Iterable[Run]) -> None:
        """Sort the runs by their zones; of two that fit as well, the first given wins."""
        runs = tuple(runs)
        zoned = {zone: [run for run in runs if run.zone == zone] for zone in ("head", "tail", "middle")}
        self._head = _Directed(zoned["head"], backwards=False, guarded=True)
        self._tail = _Directed(zoned["tail"], backwards=True, guarded=True)
        self._middle = _Directed(zoned["middle"], backwards=False, guarded=False)
        self._anywhere = _Directed(zoned["head"] + zoned["tail"], backwards=False, guarded=False)
        self._keys = frozenset(key for run in runs for key in run.keys)

    def find(self, keys: Sequence[Key], prose: Sequence[bool], *, cut: bool) -> Found:
        """Find the runs on a page: `keys` are its lines (None: one that never goes), `prose` which of them are prose.

        `cut`: the page's end is missing, so nothing stands in its tail.
        """
        if self._keys.isdisjoint(keys):
            return Found((), ())
        rest = list(range(len(keys)))
        hits: list[Hit] = []
        while True:
            before = len(hits)
            hits += self._head.sweep(keys, prose, rest)
            if not cut and self._tail.runs:
                rest.reverse()
                hits += self._tail.sweep(keys, prose, rest)
                rest.reverse()
            hits += self._middle.sweep(keys, prose, rest)
            if len(hits) == before:
                break
        return Found(tuple(hits), tuple(self._anywhere.sweep(keys, prose, rest)))
