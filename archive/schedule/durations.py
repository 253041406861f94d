"""Lengths of time as people write them: `90s`, `15min`, `6h`, `1d`, `2w`, `1y`, `1d12h`."""

import re

__all__ = ["DAY", "HOUR", "YEAR", "parse", "spoken"]

HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365.25 * DAY
"""A mean year: the schedule counts seconds, never calendar years."""

_UNITS = {"s": 1.0, "min": 60.0, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": YEAR}

# A number and its unit; digits and letters alternate, so there is one way to read it: linear.
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|min|h|d|w|y)", re.ASCII)


def parse(text: str) -> float:
    """Return a length of time in seconds. Raises ValueError where the text is none, or is no time at all."""
    compact = text.replace(" ", "")
    parts = _PART.findall(compact)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != compact or not seconds:
        raise ValueError(f"{text!r} is no length of time; write it as 90s, 15min, 6h, 1d, 2w or 1y")
    return seconds


def spoken(seconds: float) -> str:
    """Return a length of time in its largest whole-ish unit, such as `6h` or `3d`."""
    unit = next((unit for unit in ("d", "h", "min") if abs(seconds) >= _UNITS[unit]), "s")
    value = seconds / _UNITS[unit]
    return f"{value:.0f}{unit}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}{unit}"
