"""Dates as pages write them, as ISO 8601; nothing is guessed, nothing is relative to today.

Read are ISO 8601 and RFC 3339 with their usual slips, RFC 2822, the dates of bylines in the languages of Europe, and
Chinese forms. A time keeps the zone that is said, and no zone where none is said. A date that does not exist is none.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

__all__ = ["DATE", "declared_date"]

_TIME = (
    r"(?:[T\s]{1,3}(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?(?:[.,]\d{1,9})?"
    r"\s?(Z|UTC|GMT|[-+]\d\d:?(?:\d\d)?)?)?"
)

DATE = r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)(?:\s?日)?" + _TIME
"""Year, month and day with any of the usual signs, and a time; bounded runs: linear."""

_NUMERIC = re.compile(DATE, re.IGNORECASE)

# 20200102, 20200102T1011, 20200102101112. Bounded runs: linear.
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[-+]\d\d:?\d\d)?)?$")

# Beginnings of the names of months in English, German, French, Spanish, Italian, Portuguese and Dutch.
_BEGINNINGS = (
    ("jan", "ene", "gen", "jän"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "mrt", "maa"), ("apr", "avr", "abr"),
    ("may", "mai", "mag", "mei"), ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"),
    ("sep", "set"), ("oct", "okt", "ott", "out"), ("nov",), ("dec", "déc", "dez", "dic"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_BEGINNINGS, 1) for name in names}
_NAME = rf"({'|'.join(sorted(_MONTHS, key=len, reverse=True))})[a-zà-ü]{{0,7}}\.?"

# What parts a time from the day before it (`, 14:07`, ` | 14:07`, ` um 14:07`, ` at 2:07 pm`). Bounded runs: linear.
_OF_DAY = (
    r"(?:[T\s,|•·–-]{1,4}(?:(?:um|at|à|às|kl\.?|ore|alle|a las|om)\s)?"
    r"(\d{1,2})[:h](\d\d)(?!\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(?:\s?([ap])\.?m\.?(?![a-z]))?"
    r"\s?(Z|UTC|GMT|[-+]\d\d:?(?:\d\d)?)?)?"
)

# `Thu, 02 Jan 2020 10:11:12 +0800`, `2 January 2020`, `2. Januar 2020`, `2 de enero de 2020`; `January 2, 2020`.
# Bounded runs: linear.
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-](?:de\s)?{_NAME},?[\s-](?:de\s)?((?:19|20)\d\d)(?!\d){_OF_DAY}",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(rf"{_NAME}\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)(?!\d){_OF_DAY}", re.IGNORECASE)

# `25.04.2024`: with points between, the day is first wherever this is written. Bounded runs: linear.
_POINTED = re.compile(rf"(?<![\d.])(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?((?:19|20)\d\d)(?![\d.]){_OF_DAY}", re.IGNORECASE)
# `25.04.24 | 14:07`: a year of two digits is one only where a time follows. Bounded runs: linear.
_SHORT_YEAR = re.compile(
    rf"(?<![\d.])(\d{{1,2}})\.(\d{{1,2}})\.(\d\d)(?![\d.])(?=[\s,|•·–-]{{1,4}}(?:um\s)?\d{{1,2}}:\d\d){_OF_DAY}",
    re.IGNORECASE,
)
# `25/04/2024`: the day is first where the second number can be no month, and the reverse. Bounded runs: linear.
_SLASHED = re.compile(rf"(?<![\d/])(\d{{1,2}})/(\d{{1,2}})/((?:19|20)\d\d)(?![\d/]){_OF_DAY}", re.IGNORECASE)

_LONGEST = 80
"""Characters of a declaration that is a date and no text about one."""


def declared_date(value: str) -> str:
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
        return _named(year, _MONTHS[name.lower()], day, *rest)
    if match := _MONTH_FIRST.search(text):
        name, day, year, *rest = match.groups()
        return _named(year, _MONTHS[name.lower()], day, *rest)
    if match := _POINTED.search(text) or _SHORT_YEAR.search(text):
        day, month, year, *rest = match.groups()
        return _named(year if len(year) == 4 else f"20{year}", int(month), day, *rest)
    if match := _SLASHED.search(text):
        one, other, year, *rest = match.groups()
        if int(one) > 12 >= int(other):
            return _named(year, int(other), one, *rest)
        if int(other) > 12 >= int(one):
            return _named(year, int(one), other, *rest)
    return ""


def _named(
    year: str,
    month: int,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    half: str | None,
    zone: str | None,
) -> str:
    """Return the date; `half` is the half of the day, `a` or `p`, where hours go to twelve."""
    if half and hour:
        hour = str(int(hour) % 12 + (12 if half.lower() == "p" else 0))
    return _iso(year, str(month), day, hour, minute, second, zone)


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


def _zone(zone: str | None) -> timezone | None:
    """Raise ValueError for a zone that is none."""
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)
