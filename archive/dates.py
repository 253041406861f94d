"""Parsing of dates as people and tools write them, to moments in UTC, with a note of how each was read.

A snapshot's `fetch_date` mostly has no zone. Nothing is guessed: it is read in the collection's zone, and the
reading says so in words and in fields, so that a librarian who knows better can tell what to correct.

The WARC-Date of a record of others is read as far as it can be: `read_record_date`. What it says stays in the record.

| code | how a record's date was read |
| --- | --- |
| `date-reduced` | to the year, month, day or minute, which WARC 1.1 §5.4 allows: its beginning stands for it |
| `date-form` | it is not as §5.4 wants it, but says one moment |
| `date-partial` | only its beginning can be right (30 February, hour 25): that stands for it |
| `date-substituted` | nothing of it can be read: the date of the file's warcinfo, or in its name, stands in |
| `date-unknown` | there is none there either: the record is undated |
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from unicodedata import decimal

__all__ = [
    "UNDATED",
    "UNDATED_FETCH",
    "DateReading",
    "RecordDate",
    "date_in_name",
    "exact",
    "read",
    "read_record_date",
    "record_date",
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
    """`fraction`, `second`, `minute`, `day`, `month` or `year`: the smallest part that was given; else `unknown`."""
    note: str
    """How it was read, in words."""

    @property
    def warc_date(self) -> str:
        """The moment as a WARC-Date (WARC 1.1 §5.4), with the fraction as given."""
        return _to_the_fraction(self.utc, self.fraction)


def _to_the_fraction(moment: datetime, fraction: str) -> str:
    """Return a moment in UTC as a WARC-Date with these digits of the second's fraction, which may be none."""
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def warc_date(moment: datetime) -> str:
    """Return a moment of the clock as a WARC-Date, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def exact(moment: datetime) -> str:
    """Return a moment as a WARC-Date (WARC 1.1 §5.4) with its microseconds: sorts as text."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


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
        if field == "fetch_date" and given == UNDATED_FETCH:
            return _undated(given)
        reading = _parse(given, field, zone_name) if given else None
        if reading is None and field == "fetch_date":
            reading = _reduced(given, field)
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


# Year, or year and month, of a record whose date says no more (WARC 1.1 §5.4). Bounded: linear.
_REDUCED = re.compile(r"(\d{4})(?:-(\d{2}))?$", re.ASCII)

UNDATED_FETCH = "undated"
"""What stands for a `fetch_date` that nobody knows."""


def _reduced(given: str, field: str) -> DateReading | None:
    if not _REDUCED.match(given) or (found := read_record_date(given)) is None or found.code != "date-reduced":
        return None
    note = f"{field} as given; only the {found.precision} is known, its beginning stands for it"
    return DateReading(found.moment, "", field, given, "UTC", found.precision, note)


def _undated(given: str) -> DateReading:
    note = "the record does not say when it was made"
    return DateReading(datetime.fromisoformat(UNDATED), "", "fetch_date", given, "UTC", "unknown", note)


# Dates of records that others wrote

UNDATED = "1970-01-01T00:00:00.000000Z"
"""The moment of what has no date. It is older than any web page, so that it replaces none."""

_LONGEST = 80
"""Characters of a date that are looked at."""

# As WARC 1.1 §5.4 wants it, from the year on; then whatever else tools write in its place: blanks, offsets, more digits
# than a day has. Every part is bounded and the parts begin with different characters: linear.
_ISO = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,3})(?:[Tt ]{1,2}(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,20}))?)?)?)?)?)?"
    r" ?(Z|z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?$",
    re.ASCII,
)

# The digits of ARC files and of web archives: a day, a minute, a second, or thousandths. Bounded: linear.
_ARC_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(?:(\d{2})(\d{1,9})?)?)?(Z)?$", re.ASCII)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# HTTP's dates (RFC 9110 §5.6.7) with a year of four digits, and those of the C library. All parts bounded: linear.
_RFC_1123 = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3})[a-z]{0,6}[ -](?P<year>\d{4})"
    r"(?: (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)? ?(?P<zone>GMT|UTC|Z|[-+]\d{4})?$",
    re.ASCII,
)
_ASCTIME = re.compile(
    r"(?:[A-Za-z]{3} )?(?P<month>[A-Za-z]{3}) {1,2}(?P<day>\d{1,2}) (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?: (?P<zone>GMT|UTC))? (?P<year>\d{4})$",
    re.ASCII,
)

# A date in a file's name, as crawlers put it there: 14 or 17 digits, or 8, with none beside them. Bounded: linear.
_IN_NAME = re.compile(r"(?<!\d)(?:\d{17}|\d{14}|\d{12}|\d{8})(?!\d)", re.ASCII)

_FIRST_YEAR, _LAST_YEAR = 1990, 2200
"""Of dates in names, and of those that are partly wrong: other digits are no year of the web."""

_PARTS = ("year", "month", "day", "hour", "minute", "second")


class RecordDate(NamedTuple):
    """When a record of others was made, as far as it can be known."""

    moment: datetime
    """In UTC; where only a beginning is known, the first moment that it may mean."""
    fraction: str
    """Digits of the second's fraction as given, at most nine; empty where there were none."""
    precision: str
    """`year`, `month`, `day`, `hour`, `minute`, `second`, `fraction`: the smallest part that is known; `unknown`."""
    code: str
    """How it was read, see this module; empty where it is as WARC 1.1 §5.4 wants it, to the second."""
    given: str
    """What the record says, at most 80 characters of it."""
    note: str
    """How it was read, in words; empty as `code`."""

    @property
    def text(self) -> str:
        """As a WARC-Date with the precision that is known; `undated` where nothing is."""
        whole = _to_the_fraction(self.moment, self.fraction)
        ends = {"year": whole[:4], "month": whole[:7], "day": whole[:10], "minute": whole[:16] + "Z"}
        if self.precision == "unknown":
            return UNDATED_FETCH
        return ends.get(self.precision, whole)

    @property
    def digits(self) -> str:
        """The 17 digits of CDXJ: to the millisecond."""
        return self.moment.strftime("%Y%m%d%H%M%S").rjust(14, "0") + self.fraction[:3].ljust(3, "0")


def read_record_date(given: str) -> RecordDate | None:
    """Return what a WARC-Date, or the date of an ARC record, says; None where nothing of it can be read."""
    given = given[: _LONGEST + 1].strip()
    # Digits of other scripts are digits: NumberFormat of some platforms writes those of its language.
    text = "".join(str(decimal(each, each)) for each in given)
    iso = _ISO.match(text)
    if match := iso or _ARC_DIGITS.match(text):
        *found, fraction, zone_name = match.groups()
        parts = [None if each is None else int(each) for each in found]
    elif match := _RFC_1123.match(text) or _ASCTIME.match(text):
        named = match.groupdict()
        month = named["month"].lower()
        named["month"] = str(_MONTHS.index(month) + 1) if month in _MONTHS else "0"
        parts = [None if named[name] is None else int(named[name]) for name in _PARTS]
        fraction, zone_name = None, named["zone"]
    else:
        return None
    read_so_far = _as_far_as_possible(parts)
    place = _fixed(zone_name) if zone_name else UTC
    if read_so_far is None:
        return None
    moment, precision, is_odd = read_so_far
    is_partial = place is None or precision != _precision(parts)
    try:
        utc = moment.replace(tzinfo=place or UTC).astimezone(UTC)
    except OverflowError:  # the first day of the year 1, or the last of 9999, in another zone
        return None
    fraction = (fraction or "")[:9] if precision == "second" else ""
    if fraction:
        utc, precision = utc.replace(microsecond=int(fraction[:6].ljust(6, "0"))), "fraction"
    if is_partial and not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        return None  # what is left of it says nothing
    is_standard = iso is not None and not is_odd and text == given and _is_standard(given, precision)
    short = _shorten(given)
    if is_partial:
        code, note = "date-partial", f"WARC-Date {short} is no date; it was read to the {precision}"
    elif not is_standard:
        code, note = "date-form", f"WARC-Date {short} is not as the standard writes dates"
    elif precision in {"year", "month", "day", "minute"}:
        code, note = "date-reduced", f"WARC-Date {short} says no more than the {precision}"
    else:
        code, note = "", ""
    return RecordDate(utc, fraction, precision, code, given[:_LONGEST], note)


def _as_far_as_possible(parts: list[int | None]) -> tuple[datetime, str, bool] | None:
    """Return the moment that these parts give, the smallest one that could be used, and whether one was unusual.

    None where there is no year. `24:00:00` is the end of a day (ISO 8601:2004 §4.2.3). A leap second is read as the
    second before it, as `java.time` does. A day beyond 31 is one of the year where it falls into the month that was
    named: ClueWeb09 and others count days so.
    """
    year, month, day, hour, minute, second = parts
    if not year:
        return None
    moment, is_odd = datetime(year, 1, 1), False
    if month is None or not 1 <= month <= 12:
        return moment, "year", False
    moment = moment.replace(month=month)
    if day is None:
        return moment, "month", False
    try:
        moment = moment.replace(day=day)
    except ValueError:
        counted = datetime(year, 1, 1) + timedelta(days=day - 1) if 31 < day < 367 else None
        if counted is None or (counted.year, counted.month) != (year, month):
            return moment, "month", False
        moment, is_odd = counted, True
    if hour is None:
        return moment, "day", is_odd
    if hour == 24 and not minute and not second and moment.date() < datetime.max.date():
        return moment + timedelta(days=1), _precision(parts), True
    if hour > 23:
        return moment, "day", is_odd
    moment = moment.replace(hour=hour)
    if minute is None or minute > 59:
        return moment, "hour", is_odd
    moment = moment.replace(minute=minute)
    if second is None or second > 60:
        return moment, "minute", is_odd
    return moment.replace(second=min(second, 59)), "second", is_odd or second == 60


def _precision(parts: list[int | None]) -> str:
    return [name for name, part in zip(_PARTS, parts, strict=True) if part is not None][-1]


# What §5.4 allows (W3CDTF, in UTC): the digits of each part are counted. All parts are bounded: linear.
_STANDARD = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?$", re.ASCII)


def _is_standard(given: str, precision: str) -> bool:
    return precision != "hour" and _STANDARD.match(given) is not None


def date_in_name(name: str) -> str:
    """Return the date that a file's name has in it, as it stands there; empty where it has none.

    Crawlers name their files so: `CC-MAIN-20240301044139-…`, `WEB-20240301044139517-00000-….warc.gz`.
    """
    for match in _IN_NAME.finditer(name[-300:]):
        found = read_record_date(match[0])
        if found and found.code == "date-form" and _FIRST_YEAR <= found.moment.year <= _LAST_YEAR:
            return match[0]
    return ""


def record_date(given: str, stand_ins: Iterable[str] = ()) -> RecordDate:
    """Return when a record was made: by what it says, else by the first of the others that can be read, or undated."""
    found = read_record_date(given)
    if found is not None:
        return found
    said = f"WARC-Date {_shorten(given)} cannot be read" if given.strip() else "it has no WARC-Date"
    for other in stand_ins:
        if (found := read_record_date(other)) is not None:
            note = f"{said}; {_shorten(other)}, the date of its file, stands in"
            return found._replace(code="date-substituted", given=given[:_LONGEST], note=note)
    moment = datetime.fromisoformat(UNDATED)
    return RecordDate(moment, "", "unknown", "date-unknown", given[:_LONGEST], f"{said}; it is undated")
