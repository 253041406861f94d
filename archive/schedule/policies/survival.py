"""By age, for articles that vanish early and change little, such as WeChat's: often at first, then once a year."""

from collections.abc import Iterator, Sequence

from archive.schedule.durations import DAY, HOUR, YEAR
from archive.schedule.plan import Moment, Plan

__all__ = ["AGES", "survival"]

AGES = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, YEAR)
"""Ages at which an article is visited; every year after the last one."""

SPREAD = 0.05
"""Share of an age by which the visits of different articles are spread."""


def survival(plan: Plan, seen: Sequence[Moment], published: float | None, zone: str, phase: float) -> float:
    """Return the first age after the last visit that is not reached a moment after it."""
    del plan, zone
    first, last = seen[0].at, seen[-1].at
    born = first if published is None else min(published, first)
    before = born
    for age in _ages():
        moment = born + age * (1 + SPREAD * phase)
        # A visit that came late stands for the age that it missed, and for the next one where that is close.
        if moment > last and moment - last >= (moment - before) / 2:
            return moment
        before = moment
    raise AssertionError("ages never end")


def _ages() -> Iterator[float]:
    yield from AGES
    age = AGES[-1]
    while True:
        age += YEAR
        yield age
