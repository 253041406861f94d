"""Small plots as numbers for SVG: where each bar begins and how long it is. The table beside says the same in words."""

from collections.abc import Sequence
from typing import NamedTuple

from archive.catalogue.history import Month

__all__ = ["Bar", "Column", "columns", "every_month", "ranked"]

MOST_MONTHS = 60
"""More are put together by years."""


class Column(NamedTuple):
    """A moment, with what was counted up and what was counted down."""

    name: str
    up: int
    down: int
    up_height: float
    """Percent of the plot's height, as the next."""
    down_height: float
    labelled: bool
    """Whether there is room for its name below."""


class Bar(NamedTuple):
    """A name, what belongs to it, and the length of its bar in percent of the longest."""

    name: str
    value: float
    length: float
    things: int


def every_month(months: Sequence[Month]) -> list[Month]:
    """Return the months without gaps, or the years where there are too many months."""
    if not months:
        return []
    known = {month.month: month for month in months}
    first, last = (_number(months[place].month) for place in (0, -1))
    if last - first < MOST_MONTHS:
        names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]
        return [known.get(name, Month(name, 0, 0)) for name in names]
    years: dict[str, Month] = {}
    for number in range(first, last + 1):
        month = known.get(f"{number // 12:04}-{number % 12 + 1:02}", Month("", 0, 0))
        year = f"{number // 12:04}"
        before = years.get(year, Month(year, 0, 0))
        years[year] = Month(year, before.captures + month.captures, before.disappearances + month.disappearances)
    return list(years.values())


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def columns(months: Sequence[Month]) -> list[Column]:
    """Return a column for every month; what was captured goes up, what disappeared goes down, on one scale."""
    whole = every_month(months)
    most = max((max(month.captures, month.disappearances) for month in whole), default=0) or 1
    step = -(-len(whole) // 12) or 1
    labelled = set(range(0, len(whole), step))
    return [
        Column(
            month.month,
            month.captures,
            month.disappearances,
            100 * month.captures / most,
            100 * month.disappearances / most,
            place in labelled,
        )
        for place, month in enumerate(whole)
    ]


def ranked(values: dict[str, tuple[float, int]], most: int) -> list[Bar]:
    """Return the largest values as bars, largest first; each comes with how many things it is of."""
    order = sorted(values.items(), key=lambda item: (-item[1][0], item[0]))[:most]
    longest = max((value for _, (value, _) in order), default=0) or 1
    return [Bar(name, value, 100 * value / longest, count) for name, (value, count) in order]
