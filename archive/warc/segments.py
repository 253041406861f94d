"""Segmented records: a record that was written in parts, the first of its own type, the others `continuation` (§7).

`Segments` takes the heads of all records of a file as they come, in any order, and tells of each first segment whether
all others are there. It holds no bytes of blocks: whoever asks reads these by their places.
"""

import re
from typing import Generic, NamedTuple, TypeVar

from archive.warc.records import Fields
from archive.warc.validate import values_of

__all__ = ["SEGMENTED", "Segments", "SegmentsOfRecord"]

SEGMENTED = "segmented"
"""Why the block of a first segment, by itself, is cut: see `archive.warc.pages.PageRecord`."""

# A number as §5.18 and §5.20 write it. Anchored and bounded: linear.
_NUMBER = re.compile(r"[0-9]{1,18}$", re.ASCII)

P = TypeVar("P")


class _Segment(NamedTuple, Generic[P]):
    """One part of a record."""

    record_id: str
    """As the file gives it."""
    size: int
    """Bytes of its block."""
    place: P
    total: int
    """Bytes of the whole block as WARC-Segment-Total-Length says, which the last segment has (§5.20); else -1."""
    truncated: str
    """Its WARC-Truncated; empty where it has none."""


class SegmentsOfRecord(NamedTuple, Generic[P]):
    """The parts of one record, as far as they are there."""

    places: tuple[P, ...]
    """In the order of their numbers, the first segment's own place first."""
    size: int
    """Bytes of their blocks together."""
    problem: str
    """Why they are not the whole record; empty where they are."""


class Segments(Generic[P]):
    """The segmented records of a file; a place `P` is whatever tells the caller where a record lies."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[int, list[_Segment[P]]]] = {}

    def add(self, fields: Fields, size: int, place: P) -> None:
        """Take a whole record, with the bytes of its block; one that is no segment is passed over."""
        values = values_of(fields)
        number = _number(values.get("warc-segment-number", ""))
        record_id = _plain(values.get("warc-record-id", ""))
        is_continuation = values.get("warc-type", "").lower() == "continuation"
        origin = _plain(values.get("warc-segment-origin-id", "")) if is_continuation else record_id
        if not origin or number < 1 or (number == 1) is is_continuation:
            return
        parts = self._parts.setdefault(origin, {}).setdefault(number, [])
        if not record_id or all(each.record_id != record_id for each in parts):  # the same record again is the same
            total = _number(values.get("warc-segment-total-length", ""))
            parts.append(_Segment(record_id, size, place, total, values.get("warc-truncated", "")))

    def of(self, record_id: str) -> SegmentsOfRecord[P]:
        """Return the parts of the record that begins with this one, by the identifier that the file gives it."""
        numbered = self._parts.get(record_id, {})
        parts = [numbered[number][0] for number in sorted(numbered)]
        size = sum(each.size for each in parts)
        return SegmentsOfRecord(tuple(each.place for each in parts), size, _problem(numbered, size))

    def problems(self) -> dict[str, str]:
        """Return why records are not whole, by the identifier of the first segment, also where that itself is gone."""
        found = {origin: self.of(origin).problem for origin in self._parts}
        return {origin: problem for origin, problem in found.items() if problem}


def _problem(numbered: dict[int, list[_Segment[P]]], size: int) -> str:
    ends = {number: parts[0].total for number, parts in numbered.items() if parts[0].total >= 0}
    last = max(ends, default=0)
    count = f" of {last}" if last else ""
    for number in range(1, max(numbered, default=1) + 1):
        if number not in numbered:
            return f"segment {number}{count} is missing"
        if len(numbered[number]) > 1:
            return f"segment {number}{count} is there {len(numbered[number])} times"
        if numbered[number][0].truncated:
            return f"segment {number}{count} is truncated ({numbered[number][0].truncated})"
    if not last:
        return f"the last segment is missing: no segment behind number {max(numbered, default=1)} is there"
    if len(ends) > 1 or last != max(numbered):
        return f"segment {min(ends)} says that it is the last one, but segment {max(numbered)} is there"
    if ends[last] != size:
        return f"its {last} segments have {size:,} bytes, but segment {last} says {ends[last]:,}"
    return ""


def _number(value: str) -> int:
    return int(value) if _NUMBER.match(value.strip()) else -1


def _plain(record_id: str) -> str:
    return record_id.strip().strip("<>")
