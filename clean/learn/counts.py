"""How often the lines of a source repeat, and on how many pages in a row. All that is kept of a page are numbers.

A line is a number and nothing else, so the memory needed does not grow with the text; the texts of the few lines that
repeat are read from the pages again.
"""

import json
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, Self

from clean.learn.apply import Seen
from clean.learn.guards import label_of
from clean.learn.normal import FIXED, PROSE, Kind
from clean.learn.page import Page

__all__ = [
    "COUNTED",
    "LABEL_REACH",
    "NO_LINE",
    "WINDOW",
    "Counted",
    "Counts",
    "Row",
    "counted",
    "digest",
    "packed",
    "postings",
    "share",
    "unpacked",
]

WINDOW = 20
"""Pages in a row over which a line's share is taken: a template lives for a time only."""

LABEL_REACH = 30
"""Lines from either end of a page among which a label of a fact is looked for."""

COUNTED = 1
"""Another number whenever pages are counted otherwise, so that what was counted before is not used."""

NO_LINE = 0
"""The digest that stands for a line that never goes; that some line has it by chance is as likely as one in 2^64."""

_KINDS = tuple(Kind)
_CODE = {kind: number for number, kind in enumerate(_KINDS)}
_FIXED = frozenset(_CODE[kind] for kind in FIXED)


class Row(NamedTuple):
    """What is kept of one page."""

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

    def kind(self, place: int) -> Kind:
        """Return a line's kind."""
        return _KINDS[self.kinds[place]]

    def seen(self) -> Seen:
        """Return the page as rules see it."""
        keys = array("q", self.keys)
        for place, kind in enumerate(self.kinds):
            if kind in _FIXED:
                keys[place] = NO_LINE
        return Seen(keys, bytes(self.is_prose(place) for place in range(len(keys))), self.listed)

    def is_prose(self, place: int) -> bool:
        """Whether a line is prose, or code or a table, which are an author's as well."""
        kind = self.kind(place)
        return kind in FIXED or (kind is Kind.TEXT and self.units[place] >= PROSE)


def digest(text: str) -> int:
    """Return 64 bits that stand for a line, the same on every machine."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


class Counted(NamedTuple):
    """What is counted of one page, without its text."""

    row: Row
    labels: tuple[str, ...]
    """Labels of facts among the lines near its ends."""
    reposted: bool
    """Whether it is another account's article."""


def counted(page: Page) -> Counted:
    """Count one page."""
    lines = page.lines
    near = (*lines[:LABEL_REACH], *lines[LABEL_REACH:][-LABEL_REACH:])
    labels = {label for line in near if (label := label_of(line.text))}
    row = Row(
        page.name,
        page.date,
        page.cut,
        array("q", [digest(line.text) for line in lines]),
        bytes(_CODE[line.kind] for line in lines),
        bytes(line.listed for line in lines),
        array("H", [min(line.units, 65535) for line in lines]),
    )
    return Counted(row, tuple(sorted(labels)), page.reposted)


def packed(one: Counted) -> bytes:
    """Return what was counted as bytes: a line of JSON, then the columns of its lines, integers little-endian."""
    row = one.row
    facts = [row.name, row.date, row.cut, len(row.keys), one.labels, one.reposted]
    columns = _little(row.keys).tobytes() + _little(row.units).tobytes() + row.kinds + row.listed
    return json.dumps(facts).encode() + b"\n" + columns


def unpacked(data: bytes) -> Counted:
    """Return what `packed` was given. Raises ValueError where these are no such bytes."""
    line, _, columns = data.partition(b"\n")
    name, date, cut, size, labels, reposted = json.loads(line)
    keys, units = array("q"), array("H")
    ends = (8 * size, 10 * size, 11 * size, 12 * size)
    if len(columns) != ends[-1]:
        raise ValueError(f"{len(columns)} bytes for {size} lines")
    keys.frombytes(columns[: ends[0]])
    units.frombytes(columns[ends[0] : ends[1]])
    kinds, listed = columns[ends[1] : ends[2]], columns[ends[2] :]
    row = Row(name, date, cut, _little(keys), kinds, listed, _little(units))
    return Counted(row, tuple(labels), reposted)


def _little(numbers: array) -> array:  # type: ignore[type-arg]
    """Return numbers with their bytes the other way round where this machine has them so."""
    if sys.byteorder == "little":
        return numbers
    turned = array(numbers.typecode, numbers)
    turned.byteswap()
    return turned


class Counts:
    """The pages of one source, in any order."""

    def __init__(self, pages: Iterable[Counted], read: Callable[[str], Page]) -> None:
        """Take what was counted of the pages, and what gives a page by its name for the texts of a few lines."""
        self.rows: list[Row] = []
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
    def of(cls, pages: Iterable[Page]) -> Self:
        """Count pages that are at hand, each with a name of its own."""
        known = {page.name: page for page in pages}
        return cls(map(counted, known.values()), known.__getitem__)

    def ordered(self) -> list[Row]:
        """Return the pages by their date."""
        return sorted(self.rows, key=lambda row: (row.date, row.name))

    def texts(self, keys: Iterable[int], rows: Iterable[Row]) -> dict[int, str]:
        """Return the texts of lines that stand on these pages; as few pages are read as may be.

        Raises what `read` raises.
        """
        missing, found = set(keys), {}
        for row in rows:
            if not missing.isdisjoint(row.keys):
                for line in self._read(row.name).lines:
                    if (key := digest(line.text)) in missing:
                        missing.remove(key)
                        found[key] = line.text
        return found


def postings(rows: Sequence[Row], least: int) -> dict[int, list[int]]:
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


def share(pages: Sequence[int], total: int) -> float:
    """Return the highest share of any `WINDOW` pages in a row on which a line stands."""
    width = min(WINDOW, total)
    best = first = 0
    for last, page in enumerate(pages):
        while page - pages[first] >= width:
            first += 1
        best = max(best, last - first + 1)
    return best / width if width else 0.0
