"""Counts of repeated lines of a source. All that is stored of a page are numbers.

A line is a number and nothing else, so the memory needed does not grow with the text; the texts of the few lines that
repeat are read from the pages again.
"""

import json
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from statistics import median
from typing import NamedTuple, Self

from clean.learn.apply import ComparedPage
from clean.learn.guards import Exclusion, exclusion_of, fact_label
from clean.learn.page import LearnedLine, LearnedPage, ListPlace
from clean.normalise import FIXED_KINDS, PROSE_WORDS, LineKind

__all__ = [
    "COUNTED",
    "FEW_PAGES",
    "LABEL_REACH",
    "LEAST_PAGES",
    "NO_LINE",
    "STRONG",
    "WEAK",
    "WINDOW",
    "LineMeasure",
    "PageCounts",
    "PageRow",
    "SourceCounts",
    "count_page",
    "head_and_tail",
    "line_digest",
    "measure_lines",
    "pack_counts",
    "postings",
    "unpack_counts",
    "window_share",
]

WINDOW = 20
"""Pages in a row over which a line's share is taken: a template lives for a time only."""

LABEL_REACH = 30
"""Lines from either end of a page among which a label of a fact is looked for."""

COUNTED = 1
"""Another number whenever pages are counted otherwise, so that what was counted before is not used."""

NO_LINE = 0
"""The digest that stands for a line that never goes; that some line has it by chance is as likely as one in 2^64."""

_KINDS = tuple(LineKind)
_CODE = {kind: number for number, kind in enumerate(_KINDS)}
_FIXED = frozenset(_CODE[kind] for kind in FIXED_KINDS)


class PageRow(NamedTuple):
    """The stored row of one page."""

    name: str
    date: str
    cut: bool
    keys: array  # type: ignore[type-arg]
    """The lines' digests."""
    kinds: bytes
    listed: bytes
    """Which of the lines may stand in a list of the source's other articles."""
    units: array  # type: ignore[type-arg]
    """The lines' words, 65,535 at most."""

    def kind(self, place: int) -> LineKind:
        """Return a line's kind."""
        return _KINDS[self.kinds[place]]

    def seen(self) -> ComparedPage:
        """Return the page as rules see it."""
        keys = array("q", self.keys)
        for place, kind in enumerate(self.kinds):
            if kind in _FIXED:
                keys[place] = NO_LINE
        return ComparedPage(keys, bytes(self.is_prose(place) for place in range(len(keys))), self.listed)

    def is_prose(self, place: int) -> bool:
        """Whether a line is prose, or code or a table, which are an author's as well."""
        kind = self.kind(place)
        return kind in FIXED_KINDS or (kind is LineKind.TEXT and self.units[place] >= PROSE_WORDS)


def line_digest(text: str) -> int:
    """Return 64 bits that stand for a line, the same on every machine."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


class PageCounts(NamedTuple):
    """What is counted of one page, without its text."""

    row: PageRow
    labels: tuple[str, ...]
    """Labels of facts among the lines near its ends."""
    reposted: bool
    """Whether it is another account's article."""


def count_page(page: LearnedPage) -> PageCounts:
    """Count one page."""
    lines = page.lines
    near = (*lines[:LABEL_REACH], *lines[LABEL_REACH:][-LABEL_REACH:])
    labels = {label for line in near if (label := fact_label(line.text))}
    row = PageRow(
        page.name,
        page.date,
        page.cut,
        array("q", [line_digest(line.text) for line in lines]),
        bytes(_CODE[line.kind] for line in lines),
        bytes(line.listed for line in lines),
        array("H", [min(line.units, 65535) for line in lines]),
    )
    return PageCounts(row, tuple(sorted(labels)), page.reposted)


def pack_counts(one: PageCounts) -> bytes:
    """Return what was counted as bytes: a line of JSON, then the columns of its lines, integers little-endian."""
    row = one.row
    facts = [row.name, row.date, row.cut, len(row.keys), one.labels, one.reposted]
    columns = _little(row.keys).tobytes() + _little(row.units).tobytes() + row.kinds + row.listed
    return json.dumps(facts).encode() + b"\n" + columns


def unpack_counts(data: bytes) -> PageCounts:
    """Return what `pack_counts` was given. Raises ValueError where these are no such bytes."""
    line, _, columns = data.partition(b"\n")
    name, date, cut, size, labels, reposted = json.loads(line)
    keys, units = array("q"), array("H")
    ends = (8 * size, 10 * size, 11 * size, 12 * size)
    if len(columns) != ends[-1]:
        raise ValueError(f"{len(columns)} bytes for {size} lines")
    keys.frombytes(columns[: ends[0]])
    units.frombytes(columns[ends[0] : ends[1]])
    kinds, listed = columns[ends[1] : ends[2]], columns[ends[2] :]
    row = PageRow(name, date, cut, _little(keys), kinds, listed, _little(units))
    return PageCounts(row, tuple(labels), reposted)


def _little(numbers: array) -> array:  # type: ignore[type-arg]
    """Return numbers with their bytes the other way round where this machine has them so."""
    if sys.byteorder == "little":
        return numbers
    turned = array(numbers.typecode, numbers)
    turned.byteswap()
    return turned


class SourceCounts:
    """The pages of one source, in any order."""

    def __init__(self, pages: Iterable[PageCounts], read: Callable[[str], LearnedPage]) -> None:
        """Take what was counted of the pages, and what gives a page by its name for the texts of a few lines."""
        self.rows: list[PageRow] = []
        self.labels: dict[str, list[str]] = {}
        """Labels of facts, and the names of the pages that begin or end with one."""
        self.reposts: list[str] = []
        """Names of the pages that are another account's articles: of these nothing else counts."""
        self._read = read
        for one in pages:
            if one.reposted:
                self.reposts.append(one.row.name)
                continue
            for label in one.labels:
                self.labels.setdefault(label, []).append(one.row.name)
            self.rows.append(one.row)

    @classmethod
    def of(cls, pages: Iterable[LearnedPage]) -> Self:
        """Count pages that are at hand, each with a name of its own."""
        known = {page.name: page for page in pages}
        return cls(map(count_page, known.values()), known.__getitem__)

    def ordered(self) -> list[PageRow]:
        """Return the pages by their date."""
        return sorted(self.rows, key=lambda row: (row.date, row.name))

    def texts(self, keys: Iterable[int], rows: Iterable[PageRow]) -> dict[int, str]:
        """Return the texts of lines that stand on these pages; as few pages are read as may be.

        Raises what `read` raises.
        """
        missing, found = set(keys), {}
        for row in rows:
            if not missing.isdisjoint(row.keys):
                for line in self._read(row.name).lines:
                    if (key := line_digest(line.text)) in missing:
                        missing.remove(key)
                        found[key] = line.text
        return found


def postings(rows: Sequence[PageRow], least: int) -> dict[int, list[int]]:
    """Return on which pages each line stands, in order, of the lines on so many pages at least."""
    spread: Counter[int] = Counter()
    for row in rows:
        spread.update(set(row.keys))
    found: dict[int, list[int]] = {key: [] for key, pages in spread.items() if pages >= least}
    for number, row in enumerate(rows):
        for key in set(row.keys):
            if key in found:
                found[key].append(number)
    return found


def window_share(pages: Sequence[int], total: int) -> float:
    """Return the highest share of any `WINDOW` pages in a row on which a line stands."""
    width = min(WINDOW, total)
    best = first = 0
    for last, page in enumerate(pages):
        while page - pages[first] >= width:
            first += 1
        best = max(best, last - first + 1)
    return best / width if width else 0.0


# What is known of each line that repeats: how often, in which part of the page, in whose company.


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


class LineMeasure(NamedTuple):
    """The measures of one line of a source."""

    key: int
    text: str
    kind: LineKind
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
    why: Exclusion | None
    """What speaks against removing it."""

    @property
    def is_strong(self) -> bool:
        """Whether it is the source's rather than an article's."""
        return self.share >= STRONG


class _LineOnPage(NamedTuple):
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

    def add(self, one: _LineOnPage) -> None:
        self.zones.append(one.zone)
        self.edges.append(one.edge)
        self.runs.append(one.run)
        self.followers.append(one.follower)
        self.leaders.append(one.leader)
        self.above_list += one.above_list


def head_and_tail(row: PageRow, repeated: Mapping[int, object]) -> tuple[int, int]:
    """Return where the head of a page ends and where its tail starts, as places of lines.

    Each reaches from its end to the first prose, code or table that does not repeat. Of a cut page nothing is tail.
    """
    barriers = [place for place, key in enumerate(row.keys) if key not in repeated and row.is_prose(place)]
    total = len(row.keys)
    head = barriers[0] if barriers else total
    tail = total if row.cut else barriers[-1] + 1 if barriers else 0
    return head, tail


def measure_lines(rows: Sequence[PageRow], counts: SourceCounts) -> list[LineMeasure]:
    """Return the lines that repeat often enough to be looked at, in no order.

    `rows` are the admitted pages in order. Raises what `counts` raises when it reads a page.
    """
    found = postings(rows, LEAST_HITS)
    total = len(rows)
    shares = {key: window_share(pages, total) for key, pages in found.items()}
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


def _line(text: str, row: PageRow, key: int) -> LearnedLine:
    """Return a line as it stands on the last page that has it."""
    place = row.keys.index(key)
    return LearnedLine(0, text, row.kind(place), row.units[place], ListPlace(row.listed[place]))


def _look(row: PageRow, repeated: Mapping[int, object], seen: Mapping[int, _Sightings]) -> None:
    """Note where the lines that repeat stand on one page; of a line that stands there twice, the outermost one."""
    keys = row.keys
    total = len(keys)
    is_repeated = [key in repeated for key in keys]
    other = list(accumulate((not known for known in is_repeated), initial=0))  # before a place, and not repeated
    head, tail = head_and_tail(row, repeated)
    runs = _runs(is_repeated)
    chosen: dict[int, _LineOnPage] = {}
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
            one = _LineOnPage(_TAIL, other[-1] - other[place + 1], runs[place], follower, leader, listed)
        else:
            zone = _HEAD if in_head else _MIDDLE
            one = _LineOnPage(zone, other[place], runs[place], follower, leader, listed)
        before = chosen.get(key)
        if before is None or (one.zone == _TAIL and before.zone != _HEAD):
            chosen[key] = one
    for key, one in chosen.items():
        seen[key].add(one)


def _above_list(row: PageRow, place: int) -> bool:
    """Whether a list of other articles begins at a place, perhaps with a picture."""
    near = tuple(row.listed[place : place + 2])
    return near[:1] == (ListPlace.YES,) or near == (ListPlace.PICTURE, ListPlace.YES)


def _runs(is_repeated: Sequence[bool]) -> list[int]:
    """Return for each place the length of the unbroken sequence of repeated lines that it is in."""
    lengths = [0] * len(is_repeated)
    start = 0
    for place in range(len(is_repeated) + 1):
        if place == len(is_repeated) or not is_repeated[place]:
            lengths[start:place] = [place - start] * (place - start)
            start = place + 1
    return lengths


def _measure(
    line: LearnedLine, value: float, pages: Sequence[int], seen: _Sightings, times: int, least: int
) -> LineMeasure:
    zones = Counter(seen.zones)
    zone = max(sorted(zones), key=lambda each: zones[each])
    here = [number for number, each in enumerate(seen.zones) if each == zone]
    return LineMeasure(
        line_digest(line.text),
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
        line.listed is ListPlace.YES,
        Counter(filter(None, seen.followers)),
        Counter(filter(None, seen.leaders)),
        tuple(pages),
        exclusion_of(line.text, line.kind),
    )
