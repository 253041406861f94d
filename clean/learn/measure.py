"""What is known of each line that repeats: how often, in which part of the page, in whose company."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import median
from typing import NamedTuple

from clean.learn.counts import Counts, Row, digest, postings, share
from clean.learn.guards import Why, why
from clean.learn.normal import Kind
from clean.learn.page import Line, Listed

__all__ = ["FEW_PAGES", "LEAST_PAGES", "STRONG", "WEAK", "Measure", "measure", "parts"]

STRONG = 0.5
"""Share of some window from which on a line is the source's, not an article's."""

WEAK = 0.2
"""Share from which on it is worth a look."""

JUST_WEAK = 0.49
"""The share, at most, of a line on so few pages that it may be chance."""

FEW_PAGES = 20
"""Below so many pages half the hits are enough for a first proposal, and nothing is ticked."""

LEAST_HITS = 3
"""Pages from which on a line repeats, rather than stands twice by chance."""

LEAST_PAGES = 10
"""Below so many pages nothing is proposed."""


class Measure(NamedTuple):
    """One line of a source."""

    key: int
    text: str
    kind: Kind
    units: int
    share: float
    """Highest share of the pages in a window that have it."""
    hits: int
    """Pages that have it."""
    zone: str
    """`head`, `tail` or `middle`: where it stands on most of its pages."""
    inside: float
    """Share of its pages on which it stands there."""
    edge: float
    """Lines that do not repeat between it and the page's end; the median."""
    run: float
    """Lines that repeat in an unbroken sequence, it among them; the median."""
    times: float
    """How often it stands on a page that has it, on average."""
    above_list: float
    """Share of its pages on which a line of a list of other articles follows it."""
    listed: bool
    """Whether it is itself such a line."""
    followers: Mapping[int, int]
    """How often which line follows it."""
    leaders: Mapping[int, int]
    """How often which line stands before it."""
    pages: tuple[int, ...]
    """Numbers of the pages that have it."""
    why: Why | None
    """What speaks against removing it."""

    @property
    def is_strong(self) -> bool:
        """Whether it is the source's rather than an article's."""
        return self.share >= STRONG


class _Seen(NamedTuple):
    """One line on one page."""

    zone: int
    """Its place in `_ZONES`."""
    edge: int
    run: int
    follower: int
    leader: int
    above_list: bool


_ZONES = ("head", "middle", "tail")
_HEAD, _MIDDLE, _TAIL = range(3)


class _Sightings:
    """One line on all its pages, in columns: of a large source there are millions."""

    def __init__(self) -> None:
        self.zones = bytearray()
        self.edges, self.runs = array("L"), array("L")
        self.followers, self.leaders = array("q"), array("q")
        self.above_list = 0

    def add(self, one: _Seen) -> None:
        self.zones.append(one.zone)
        self.edges.append(one.edge)
        self.runs.append(one.run)
        self.followers.append(one.follower)
        self.leaders.append(one.leader)
        self.above_list += one.above_list


def parts(row: Row, repeated: Mapping[int, object]) -> tuple[int, int]:
    """Return where the head of a page ends and where its tail starts, as places of lines.

    Each reaches from its end to the first prose, code or table that does not repeat. Of a cut page nothing is tail.
    """
    barriers = [place for place, key in enumerate(row.keys) if key not in repeated and row.is_prose(place)]
    total = len(row.keys)
    head = barriers[0] if barriers else total
    tail = total if row.cut else barriers[-1] + 1 if barriers else 0
    return head, tail


def measure(rows: Sequence[Row], counts: Counts) -> list[Measure]:
    """Return the lines that repeat often enough to be looked at, in no order.

    `rows` are the admitted pages in order. Raises what `counts` raises when it reads a page.
    """
    found = postings(rows, LEAST_HITS)
    total = len(rows)
    shares = {key: share(pages, total) for key, pages in found.items()}
    repeated = {key: value for key, value in shares.items() if value >= WEAK}
    seen = {key: _Sightings() for key in repeated}
    for row in rows:
        _look(row, repeated, seen)
    times = Counter(key for row in rows for key in row.keys if key in repeated)
    least = LEAST_PAGES if total >= FEW_PAGES else LEAST_PAGES // 2
    texts = counts.texts(repeated, reversed(rows))
    return [
        _measure(_line(texts[key], rows[found[key][-1]], key), value, found[key], seen[key], times[key], least)
        for key, value in repeated.items()
    ]


def _line(text: str, row: Row, key: int) -> Line:
    """Return a line as it stands on the last page that has it."""
    place = row.keys.index(key)
    return Line(0, text, row.kind(place), row.units[place], Listed(row.listed[place]))


def _look(row: Row, repeated: Mapping[int, object], seen: Mapping[int, _Sightings]) -> None:
    """Note where the lines that repeat stand on one page; of a line that stands there twice, the outermost one."""
    keys = row.keys
    total = len(keys)
    is_repeated = [key in repeated for key in keys]
    other = list(accumulate((not known for known in is_repeated), initial=0))  # before a place, and not repeated
    head, tail = parts(row, repeated)
    runs = _runs(is_repeated)
    chosen: dict[int, _Seen] = {}
    for place, key in enumerate(keys):
        if not is_repeated[place]:
            continue
        in_head, in_tail = place < head, place >= tail
        if in_head and in_tail:  # nothing on the page is an article's: the nearer end counts
            in_head = place <= total - 1 - place
            in_tail = not in_head
        is_last = place + 1 == total
        follower, listed = 0 if is_last else keys[place + 1], _above_list(row, place + 1)
        leader = keys[place - 1] if place else 0
        if in_tail:
            one = _Seen(_TAIL, other[-1] - other[place + 1], runs[place], follower, leader, listed)
        else:
            zone = _HEAD if in_head else _MIDDLE
            one = _Seen(zone, other[place], runs[place], follower, leader, listed)
        before = chosen.get(key)
        if before is None or (one.zone == _TAIL and before.zone != _HEAD):
            chosen[key] = one
    for key, one in chosen.items():
        seen[key].add(one)


def _above_list(row: Row, place: int) -> bool:
    """Whether a list of other articles begins at a place, perhaps with a picture."""
    near = tuple(row.listed[place : place + 2])
    return near[:1] == (Listed.YES,) or near == (Listed.PICTURE, Listed.YES)


def _runs(is_repeated: Sequence[bool]) -> list[int]:
    """Return for each place the length of the unbroken sequence of repeated lines that it is in."""
    lengths = [0] * len(is_repeated)
    start = 0
    for place in range(len(is_repeated) + 1):
        if place == len(is_repeated) or not is_repeated[place]:
            lengths[start:place] = [place - start] * (place - start)
            start = place + 1
    return lengths


def _measure(line: Line, value: float, pages: Sequence[int], seen: _Sightings, times: int, least: int) -> Measure:
    zones = Counter(seen.zones)
    zone = max(sorted(zones), key=lambda each: zones[each])
    here = [number for number, each in enumerate(seen.zones) if each == zone]
    return Measure(
        digest(line.text),
        line.text,
        line.kind,
        line.units,
        value if len(pages) >= least else min(value, JUST_WEAK),
        len(pages),
        _ZONES[zone],
        len(here) / len(seen.zones),
        median(seen.edges[number] for number in here),
        median(seen.runs[number] for number in here),
        times / len(pages),
        seen.above_list / len(seen.zones),
        line.listed is Listed.YES,
        Counter(filter(None, seen.followers)),
        Counter(filter(None, seen.leaders)),
        tuple(pages),
        why(line.text, line.kind),
    )
