"""Times on WeChat pages, as ISO 8601 in the time of China, which has no other."""

import re
from datetime import datetime, timedelta, timezone

__all__ = ["epoch", "written"]

_CHINA = timezone(timedelta(hours=8))

# 2012-08-18, the day on which the platform opened, less a year for clocks; the year 2100.
_FIRST, _LAST = 1313000000, 4102444800

_ABSOLUTE = re.compile(
    r"(20\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:\s?日)?(?:[T\s]{1,9}(\d{1,2}):(\d\d)(?::(\d\d))?)?"
)
_AGO = re.compile(r"(\d{1,3})\s{0,2}(分钟|小时|天|周|minutes?|hours?|days?|weeks?)\s{0,2}(?:前|ago)", re.IGNORECASE)
_DAYS = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
_UNITS = {"分钟": 0, "小时": 0, "天": 1, "周": 7, "minute": 0, "hour": 0, "day": 1, "week": 7}


def epoch(value: object) -> str:
    """Return seconds since 1970 as a time; empty where the value is none of this platform."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) in {10, 13}:
        value = int(value.strip()[:10])
    if not isinstance(value, int | float) or isinstance(value, bool) or not _FIRST < value < _LAST:
        return ""
    return datetime.fromtimestamp(int(value), _CHINA).isoformat()


def written(text: str, now: str = "") -> str:
    """Return a time as a page writes it: `2025年4月14日 08:00`, `2018-04-26`, or relative to `now`, `昨天`.

    A date alone stays a date; an unknown wording is empty.
    """
    if match := _ABSOLUTE.search(text):
        year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups())
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=_CHINA)
        except ValueError:
            return ""
        return moment.isoformat() if match[4] else moment.date().isoformat()
    return _relative(text.strip().lower(), now) if now else ""


def _relative(text: str, now: str) -> str:
    days = next((days for word, days in _DAYS.items() if text.startswith(word)), None)
    if days is None and (match := _AGO.match(text)):
        unit = match[2].rstrip("s")
        days = int(match[1]) * _UNITS[unit]
    if days is None:
        return ""
    try:
        moment = datetime.fromisoformat(now)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_CHINA)
        return (moment.astimezone(_CHINA) - timedelta(days=days)).date().isoformat()
    except (ValueError, OverflowError):
        return ""
