"""Parsing of dates as people and tools write them, to moments in UTC, with a note of how each was read.

A snapshot's `fetch_date` mostly has no zone. Nothing is guessed: it is read in the collection's zone, and the
reading says so in words and in fields, so that a librarian who knows better can tell what to correct.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

__all__ = [
    "DateReading",
    "exact",
    "parse_warc_date",
    "read",
    "timestamp_of",
    "warc_date",
    "warc_date_at",
    "zone",
]

# Year, month, day; then perhaps a time; then perhaps a zone. Every part is bounded and the parts begin with
# different characters: linear.
_DATE = re.compile(
    r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?"
    r"(?:[Tt\s]\s{0,3}(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:[.,](\d{1,20}))?)?)?"
    r"\s{0,3}(Z|z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?$",
    re.ASCII,
)

# The same without separators: 20251006, 20251006T194142Z, and the 14 digits of web archives.
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?())?(Z|[-+]\d{2}:?\d{2})?$", re.ASCII)


class DateReading(NamedTuple):
    """A moment, and how it was read."""

    utc: datetime
    fraction: str
    """Digits of the second's fraction as given, at most nine; empty where there were none."""
    field: str
    """Where it was read: `fetch_date`, `date`, or `clock`."""
    given: str
    """The text as given; empty for the clock."""
    zone: str
    """The zone it was read in: as given, or the collection's."""
    precision: str
    """`fraction`, `second`, `minute` or `day`: the smallest part that was given."""
    note: str
    """How it was read, in words."""

    @property
    def warc_date(self) -> str:
        """The moment as a WARC-Date (WARC 1.1 §5.4), with the fraction as given."""
        whole = self.utc.replace(microsecond=0, tzinfo=None).isoformat()
        return f"{whole}.{self.fraction}Z" if self.fraction else f"{whole}Z"


def warc_date(moment: datetime) -> str:
    """Return a moment of the clock as a WARC-Date, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def exact(moment: datetime) -> str:
    """Return a moment as a WARC-Date (WARC 1.1 §5.4) with its microseconds: sorts as text."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_warc_date(text: str) -> datetime | None:
    """Return the moment that a WARC-Date says (WARC 1.1 §5.4); None where it says none."""
    reading = _parse(text.strip(), "WARC-Date", "UTC")
    return reading.utc if reading else None


def timestamp_of(warc_date: str) -> float:
    """Return a WARC-Date of the catalogue in seconds since 1970. Raises ValueError where it is none."""
    return datetime.fromisoformat(warc_date).timestamp()


def warc_date_at(timestamp: float) -> str:
    """Return seconds since 1970 as a WARC-Date with its microseconds: the reverse of `timestamp_of`."""
    return exact(datetime.fromtimestamp(timestamp, UTC))


def zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name, such as `Asia/Shanghai`.

    Raises ValueError for a name that this machine does not know.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 4 ms, and most collections are in UTC

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone is named {name!r} on this machine") from error


def read(fact: Callable[[str], str], *, zone_name: str, now: datetime) -> DateReading:
    """Read when a snapshot was fetched: from `fetch_date`, else from `date`, else from the clock.

    `fact` gives a front matter value by its key, empty where it is missing; `zone_name` is the zone of dates
    that name none; `now` is the clock's moment, which stands in for a date that cannot be read.

    Raises ValueError for an unknown zone.
    """
    passed = ""
    for field in ("fetch_date", "date"):
        given = fact(field).strip()
        reading = _parse(given, field, zone_name) if given else None
        if reading:
            return reading._replace(note=passed + reading.note)
        reason = f"cannot be read ({_shorten(given)})" if given else "is missing"
        passed += f"{field} {reason}; "
    return DateReading(
        now.astimezone(UTC).replace(microsecond=0),
        "",
        "clock",
        "",
        "UTC",
        "second",
        passed + "the moment of adding it to the collection stands in",
    )


def _parse(given: str, field: str, zone_name: str) -> DateReading | None:
    match = _DATE.match(given) or _COMPACT.match(given)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, named = match.groups()
    place = _fixed(named) if named else zone(zone_name)
    if place is None:
        return None
    fraction = (fraction or "")[:9]
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int(fraction[:6].ljust(6, "0")), tzinfo=place,
        )  # fmt: skip
        utc = local.astimezone(UTC)
    except (ValueError, OverflowError):  # 30 February, hour 25, the year 0
        return None
    precision = "fraction" if fraction else "second" if second else "minute" if hour else "day"
    words = [f"{field} as given"]
    if not hour:
        words.append("no time given; read as midnight")
    words.append(f"zone as given ({named})" if named else f"no zone given; read as {zone_name}")
    return DateReading(utc, fraction, field, given, named or zone_name, precision, "; ".join(words))


def _fixed(text: str) -> tzinfo | None:
    """Return the zone that a date names itself, None where no zone is so far away."""
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset) if offset < timedelta(hours=24) else None


def _shorten(text: str) -> str:
    text = "".join(character if character.isprintable() else "�" for character in text[:61])
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
