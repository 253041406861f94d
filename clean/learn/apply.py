"""Where the runs of learned rules stand on a page, and which of them their guards let go.

Pure sequences: a line is any hashable key. Cleaning gives normalised texts, learning gives their hashes.

The result is a fixed point: on what is left, the same rules find nothing. So cleaning twice is cleaning once.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

__all__ = ["Found", "Hit", "Matcher", "Run", "Seen"]

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
    lists: bool = False
    """Whether the run is the heading of a list, and the list's lines below its last line go with it."""


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


class Seen(NamedTuple):
    """One page: for each of its lines in order, what it is compared by and what it is."""

    keys: Sequence[Key]
    """What no rule has for a line that never goes."""
    prose: Sequence[int]
    """Whether it is prose, or an author's in another way."""
    listed: Sequence[int]
    """Whether it may stand in a list of the source's other articles: 0 no, 1 yes, 2 only above one that may."""


class _Directed:
    """The runs of one zone, as they are met when one reads from its end of the page."""

    def __init__(self, runs: Iterable[Run], *, backwards: bool, guarded: bool) -> None:
        self.runs = tuple(runs)
        self.guarded = guarded
        self.longest = max((len(run.keys) for run in self.runs), default=0)
        self.deepest = max((run.reach for run in self.runs), default=0)
        self.has_lists = backwards and any(run.lists for run in self.runs)
        self.places: list[dict[Key, list[int]]] = []
        self.by_key: dict[Key, list[int]] = {}
        for number, run in enumerate(self.runs):
            places: dict[Key, list[int]] = {}
            for place, key in enumerate(reversed(run.keys) if backwards else run.keys):
                places.setdefault(key, []).append(place)
            self.places.append(places)
            for key in places:
                self.by_key.setdefault(key, []).append(number)

    def sweep(self, page: Seen, rest: list[int]) -> list[Hit]:
        """Take the runs out of `rest`, the places of the lines that are left, in the direction of reading."""
        if not self.guarded:
            return self._sweep_anywhere(page, rest)
        hits: list[Hit] = []
        keys, prose, by_key = page.keys, page.prose, self.by_key
        if not by_key or by_key.keys().isdisjoint(keys):
            return hits
        before = [0]  # before[n]: how many of the first n lines that stay are prose
        at = end = 0  # of the list that is being read
        while at < len(rest) and at <= self.deepest:
            here = rest[at]
            is_listed = self.has_lists and page.listed[here] == 1
            if is_listed and at >= end:
                end = self._end(page, rest, at)
            number, length = -1, 0
            if is_listed or keys[here] in by_key:
                number, length = self._best(page, rest, at, before[at], end if is_listed else at)
            if length:
                hits.append(Hit(self.runs[number].rule, tuple(sorted(rest[at : at + length]))))
                del rest[at : at + length]
                at, end = self._back(page, rest, at), 0
                del before[at + 1 :]
            else:
                before.append(before[at] + prose[here])
                at += 1
        return hits

    def _sweep_anywhere(self, page: Seen, rest: list[int]) -> list[Hit]:
        """Do the same where no place is guarded, so that nothing has to be known of the lines between the runs."""
        hits: list[Hit] = []
        keys, by_key, at = page.keys, self.by_key, 0
        while by_key:
            at = next((place for place in range(at, len(rest)) if keys[rest[place]] in by_key), -1)
            if at < 0:
                break
            number, length = self._best(page, rest, at, 0, at)
            if length:
                hits.append(Hit(self.runs[number].rule, tuple(sorted(rest[at : at + length]))))
                del rest[at : at + length]
                at = self._back(page, rest, at)
            else:
                at += 1
        return hits

    def _back(self, page: Seen, rest: Sequence[int], at: int) -> int:
        """Return from where on lines that came together may be a run now."""
        at = max(0, at - self.longest + 1)
        while self.has_lists and at > 0 and page.listed[rest[at - 1]]:
            at -= 1
        return at

    def _best(self, page: Seen, rest: Sequence[int], at: int, prose: int, end: int) -> tuple[int, int]:
        """Return the run that takes most lines from a place on, and how many; 0 where none fits there.

        `end` is where, read backwards, the lines of a list end that begins there: its heading stands there.
        """
        best, length = -1, 0
        starts: list[tuple[int, Sequence[int]]] = [(at, self.by_key.get(page.keys[rest[at]], ()))]
        if end > at and end < len(rest):
            starts.append((end, self._lists(page.keys[rest[end]])))
        for start, numbers in starts:
            for number in numbers:
                run = self.runs[number]
                if self.guarded and (at > run.reach or prose > run.prose):
                    continue
                if run.lists and start == at:
                    continue  # a heading without its list: what stands below is something else
                here = self._length(number, page.keys, rest, start)
                if here >= run.least and here + start - at > length:
                    best, length = number, here + start - at
        return best, length

    def _end(self, page: Seen, rest: Sequence[int], at: int) -> int:
        """Return where, read backwards, the lines of a list end that begins at a place; pictures stand above links."""
        while at < len(rest) and page.listed[rest[at]]:
            at += 1
        return at

    def _lists(self, key: Key) -> Sequence[int]:
        """Return the runs whose last line is this one and the heading of a list."""
        return [n for n in self.by_key.get(key, ()) if self.runs[n].lists and self.runs[n].keys[-1] == key]

    def _length(self, number: int, keys: Sequence[Key], rest: Sequence[int], start: int) -> int:
        """Return how many lines from `start` on are lines of a run, in its order."""
        places, last, at = self.places[number], -1, start
        while at < len(rest):
            known = places.get(keys[rest[at]])
            following = bisect_left(known, last + 1) if known else 0
            if not known or following == len(known):
                break
            last = known[following]
            at += 1
        return at - start


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

    def find(self, page: Seen, *, cut: bool) -> Found:
        """Find the runs on a page. `cut`: the page's end is missing, so nothing stands in its tail."""
        if self._keys.isdisjoint(page.keys):
            return Found((), ())
        rest = list(range(len(page.keys)))
        hits: list[Hit] = []
        while True:
            before = len(hits)
            hits += self._head.sweep(page, rest)
            if not cut and self._tail.runs:
                rest.reverse()
                hits += self._tail.sweep(page, rest)
                rest.reverse()
            hits += self._middle.sweep(page, rest)
            if len(hits) == before:
                break
        return Found(tuple(hits), tuple(self._anywhere.sweep(page, rest)))
