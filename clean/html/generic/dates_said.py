"""Dates as pages declare them, as ISO 8601; nothing is guessed, nothing is relative to today.

Read are ISO 8601 and RFC 3339 with their usual slips, RFC 2822 and the English of bylines, and Chinese forms. A time
keeps the zone that is said, and no zone where none is said. A date that does not exist is none.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

__all__ = ["DATE", "said_date"]

_TIME = (
    r"(?:[T\s]{1,3}(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?(?:[.,]\d{1,9})?"
    r"\s?(Z|UTC|GMT|[-+]\d\d:?(?:\d\d)?)?)?"
)

DATE = r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)(?:\s?日)?" + _TIME
"""Year, month and day with any of the usual signs, and a time; bounded runs: linear."""

_NUMERIC = re.compile(DATE, re.IGNORECASE)

# 20200102, 20200102T1011, 20200102101112. Bounded runs: linear.
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[-+]\d\d:?\d\d)?)?$")

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"

# `Thu, 02 Jan 2020 10:11:12 +0800`, `2 January 2020`; `January 2, 2020`. Bounded runs: linear.
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[\s-]{_NAME},?[\s-]((?:19|20)\d\d)(?!\d){_TIME}", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"{_NAME}\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)(?!\d){_TIME}", re.IGNORECASE)

_LONGEST = 80
"""Characters of a declaration that is a date and no text about one."""


def said_date(value: str) -> str:
    """Return a declared date as `YYYY-MM-DD`, with time and zone where they are said; empty where it is none."""
    text = " ".join(value.split())
    if not text or len(text) > _LONGEST:
        return ""
    if match := _COMPACT.match(text):
        return _iso(match[1], match[2], match[3], match[4], match[5], match[6], match[7])
    if match := _NUMERIC.search(text):
        return _iso(*match.groups())
    if match := _DAY_FIRST.search(text):
        day, name, year, *rest = match.groups()
        return _iso(year, str(_MONTHS[name[:3].lower()]), day, *rest)
    if match := _MONTH_FIRST.search(text):
        name, day, year, *rest = match.groups()
        return _iso(year, str(_MONTHS[name[:3].lower()]), day, *rest)
    return ""


def _iso(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> str:
    try:
        if hour is None or minute is None:
            return date(int(year), int(month), int(day)).isoformat()
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=_zone(zone))
    except ValueError:
        return ""
    return moment.isoformat()


def _zone(said: str | None) -> timezone | None:
    """Raise ValueError for a zone that is none."""
    if not said:
        return None
    if said[0] not in "+-":
        return UTC
    digits = said[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if said[0] == "-" else offset)
