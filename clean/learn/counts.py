"""How often the lines of a source repeat, and on how many pages in a row. All that is kept of a page are numbers.

A line that stands on one page only is a number and nothing else, so the memory needed does not grow with the text.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from clean.learn.guards import label_of
from clean.learn.match import Seen
from clean.learn.normal import FIXED, PROSE, Kind
from clean.learn.page import Line, Page

__all__ = ["LABEL_REACH", "WINDOW", "Counts", "Row", "digest", "postings", "share"]

WINDOW = 20
"""Pages in a row over which a line's share is taken: a template lives for a time only."""

LABEL_REACH = 30
"""Lines from either end of a page among which a label of a fact is looked for."""

_KINDS = tuple(Kind)
_CODE = {kind: number for number, kind in enumerate(_KINDS)}


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
        total = range(len(self.keys))
        keys = [None if self.kind(place) in FIXED else self.keys[place] for place in total]
        return Seen(keys, [self.is_prose(place) for place in total], self.listed)

    def is_prose(self, place: int) -> bool:
        """Whether a line is prose, or code or a table, which are an author's as well."""
        kind = self.kind(place)
        return kind in FIXED or (kind is Kind.TEXT and self.units[place] >= PROSE)


def digest(text: str) -> int:
    """Return 64 bits that stand for a line, the same on every machine."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


class Counts:
    """The pages of one source, added in any order."""

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        """Begin with these pages."""
        self.rows: list[Row] = []
        self.lines: dict[int, Line] = {}
        """A line as it was seen last, of those that were seen twice."""
        self.labels: dict[str, list[str]] = {}
        """Labels of facts, and the names of the pages that begin or end with one."""
        self.reposts: list[str] = []
        """Names of the pages that are another account's articles."""
        self._once: set[int] = set()
        for page in pages:
            self.add(page)

    def add(self, page: Page) -> None:
        """Count one page more; of another account's article only its name."""
        if page.reposted:
            self.reposts.append(page.name)
            return
        keys = array("q", [digest(line.text) for line in page.lines])
        for key, line in zip(keys, page.lines, strict=True):
            if key in self._once:
                self.lines[key] = line
            else:
                self._once.add(key)
        near = (*page.lines[:LABEL_REACH], *page.lines[LABEL_REACH:][-LABEL_REACH:])
        for label in {label for line in near if (label := label_of(line.text))}:
            self.labels.setdefault(label, []).append(page.name)
        kinds = bytes(_CODE[line.kind] for line in page.lines)
        units = array("H", [min(line.units, 65535) for line in page.lines])
        listed = bytes(line.listed for line in page.lines)
        self.rows.append(Row(page.name, page.date, page.cut, keys, kinds, listed, units))

    def ordered(self) -> list[Row]:
        """Return the pages by their date."""
        return sorted(self.rows, key=lambda row: (row.date, row.name))


def postings(rows: Sequence[Row], known: Mapping[int, object]) -> dict[int, list[int]]:
    """Return on which pages each of the known lines stands, in order."""
    found: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        for key in set(row.keys):
            if key in known:
                found.setdefault(key, []).append(number)
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
