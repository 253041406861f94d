"""Revisit policies: adaptive, cron, fixed, survival, each with the numbers of a plan.

A policy is a pure function. It takes the plan, the visits that saw the article or saw it gone (oldest first, at least
one), when the article was published (None where nobody knows), the zone, and the article's phase: a number from 0 to 1
made of its key, which spreads visits over time without chance, so that the same records give the same schedule. It
returns a moment after the last visit, or None where there is none.

All times are seconds since 1970, and no policy asks a clock: what was missed while nothing ran is one visit, because
each next moment follows the last visit and not the last plan.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import exp
from typing import Any, NamedTuple, Protocol

from archive.dates import zone as zone_named

__all__ = [
    "AGES",
    "DAY",
    "HOUR",
    "PLAN_KEYS",
    "POLICIES",
    "YEAR",
    "Plan",
    "Policy",
    "ScheduleDefaults",
    "Sighting",
    "adaptive",
    "change_rate",
    "cron",
    "fixed",
    "format_duration",
    "parse_duration",
    "plan_of",
    "survival",
]


HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365.25 * DAY
"""A mean year: the schedule counts seconds, never calendar years."""

_UNIT_SECONDS = {"s": 1.0, "min": 60.0, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": YEAR}

# A number and its unit; digits and letters alternate, so there is one way to read it: linear.
_DURATION_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|min|h|d|w|y)", re.ASCII)


def parse_duration(text: str) -> float:
    """Return a length of time, such as `90s`, `15min`, `6h`, `1d`, `2w`, `1y` or `1d12h`, in seconds.

    Raises ValueError where the text is none, or is no time at all.
    """
    compact = text.replace(" ", "")
    parts = _DURATION_PART.findall(compact)
    seconds = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != compact or not seconds:
        raise ValueError(f"{text!r} is no length of time; write it as 90s, 15min, 6h, 1d, 2w or 1y")
    return seconds


def format_duration(seconds: float) -> str:
    """Return a length of time in its largest whole-ish unit, such as `6h` or `3d`."""
    unit = next((unit for unit in ("d", "h", "min") if abs(seconds) >= _UNIT_SECONDS[unit]), "s")
    value = seconds / _UNIT_SECONDS[unit]
    return f"{value:.0f}{unit}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}{unit}"


PLAN_KEYS = ("policy", "every", "cron", "least", "most", "until")
"""Keys of a plan, as they are written."""


class Sighting(NamedTuple):
    """A visit that saw the article, or saw that it is gone."""

    at: float
    """Seconds since 1970, as all times of a schedule."""
    changed: bool
    """Whether the text was another than at the visit before; false for the first one."""


class Plan(NamedTuple):
    """A policy and its numbers, in seconds."""

    policy: str = "survival"
    every: float = DAY
    """Of `fixed`: from one visit to the next."""
    cron: str = ""
    """Of `cron`: the expression, in the collection's zone."""
    least: float = 6 * HOUR
    """Of `adaptive`: the shortest interval."""
    most: float = 90 * DAY
    """Of `adaptive`: the longest interval."""
    until: float | None = None
    """After this, no visit is due."""


class ScheduleDefaults(NamedTuple):
    """What holds for every plan of a collection; `[schedule]` in collection.toml may say otherwise."""

    confirm_delays: tuple[float, ...] = (HOUR, 6 * HOUR)
    """An article that was seen gone is visited again after these; gone at all of them, it counts as gone."""
    gone_delays: tuple[float, ...] = (7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
    """Then it is looked for after these, the last one again and again: some come back."""
    retry_delays: tuple[float, ...] = (HOUR, 3 * HOUR, 12 * HOUR, DAY)
    """After a wall or an error in a row: the first, the second … retry."""
    zone: str = "UTC"
    """IANA name of the zone of cron expressions and of dates without one."""

    @property
    def confirmations(self) -> int:
        """How many visits in a row have to see an article gone."""
        return len(self.confirm_delays) + 1


def plan_of(keys: Mapping[str, Any], read_date: Callable[[str], datetime | None]) -> Plan:
    """Return a plan from its keys as text; `every` and `cron` name their policy by themselves.

    Raises ValueError that says what is wrong, in words for the person who wrote it.
    """
    plan = Plan()
    policy = str(keys.get("policy") or ("cron" if keys.get("cron") else "fixed" if keys.get("every") else plan.policy))
    if policy not in POLICIES:
        raise ValueError(f"there is no policy {policy!r}; known are {', '.join(POLICIES)}")
    for key, owner in (("every", "fixed"), ("cron", "cron"), ("least", "adaptive"), ("most", "adaptive")):
        if keys.get(key) and policy != owner:
            raise ValueError(f"{key} belongs to the policy {owner}, and this one is {policy}")
    if policy == "fixed" and not keys.get("every"):
        raise ValueError('the policy fixed needs every, such as every = "1d"')
    if policy == "cron":
        plan = plan._replace(cron=_cron(str(keys.get("cron") or "")))
    plan = plan._replace(policy=policy)
    for key in ("every", "least", "most"):
        if keys.get(key):
            plan = plan._replace(**{key: parse_duration(str(keys[key]))})  # type: ignore[arg-type]  # the three are lengths
    if plan.least > plan.most:
        raise ValueError("least is longer than most")
    if keys.get("until"):
        until = read_date(str(keys["until"]))
        if until is None:
            raise ValueError(f"{keys['until']!r} is no date; write it as 2027-12-31 or 2027-12-31T18:00Z")
        plan = plan._replace(until=until.timestamp())
    return plan


def _cron(expression: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        CronSim(expression, datetime(2026, 1, 1))
    except CronSimError as error:
        raise ValueError(f"{expression!r} is no cron expression: {error}") from error
    return expression


# adaptive


SHAPE, SCALE = 1.5, 7 * DAY
"""The prior: one change in two weeks is the likeliest rate, and one visit weighs more than it."""

EXPECTED = 0.5
"""Changes expected in an interval: two visits a change, so that few are seen as one."""

WINDOW = 100
"""Visits that are looked at: a site that began to change is believed."""

ADAPTIVE_SPREAD = 0.1
"""Share of an interval by which the visits of different articles are spread."""


def adaptive(plan: Plan, sightings: Sequence[Sighting], published: float | None, zone: str, phase: float) -> float:
    """Return the last visit and an interval that fits the rate of change, within the plan's bounds.

    After a change the interval is at most half of the last one; unchanged, at most twice.
    """
    del published, zone
    recent = sightings[-WINDOW:]
    interval = EXPECTED / change_rate(recent)
    if len(recent) > 1:
        last = max(recent[-1].at - recent[-2].at, 0.0)  # a clock may have been put back
        interval = min(interval, last * (0.5 if recent[-1].changed else 2))
    interval = min(max(interval, plan.least), plan.most)
    return recent[-1].at + interval * (1 + ADAPTIVE_SPREAD * (phase - 0.5))


def change_rate(sightings: Sequence[Sighting]) -> float:
    """Return how many changes a second are likeliest after these visits.

    A visit sees only whether there was a change since the last one, not how many; for changes that come as a Poisson
    process, an unchanged interval of length t has the probability exp(-λt), a changed one 1 - exp(-λt) (Cho and
    Garcia-Molina, "Estimating frequency of change", 2003). A Gamma prior keeps the estimate from running away after
    few visits. The rate is where the posterior's slope is zero; it falls all the way, so halving finds it.
    """
    unchanged = sum(max(after.at - before.at, 0.0) for before, after in pairwise(sightings) if not after.changed)
    changed = [max(after.at - before.at, 1.0) for before, after in pairwise(sightings) if after.changed]

    def slope(value: float) -> float:
        # t / (exp(λt) - 1), without an overflow where λt is large and the term nothing
        terms = sum(length / (exp(value * length) - 1) for length in changed if value * length < 700)
        return (SHAPE - 1) / value - SCALE - unchanged + terms

    low, high = 1e-12, 1.0
    for _ in range(80):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low


# cron


def cron(plan: Plan, sightings: Sequence[Sighting], published: float | None, zone: str, phase: float) -> float | None:
    """Return the expression's next moment after the last visit, in the collection's zone.

    Cronsim follows Debian's cron through changes of daylight saving: what falls into the hour that is left out comes at
    its end, what falls into the hour that comes twice comes once.
    """
    del published, phase  # who writes an expression means that minute
    from cronsim import CronSim

    moment = next(CronSim(plan.cron, datetime.fromtimestamp(sightings[-1].at, zone_named(zone))), None)
    return moment.timestamp() if moment is not None else None


# fixed


FIXED_SPREAD = 0.02
"""Share of the interval by which the visits of different articles are spread; never later than asked for."""


def fixed(plan: Plan, sightings: Sequence[Sighting], published: float | None, zone: str, phase: float) -> float:
    """Return the last visit and the interval: what was missed is not made up for."""
    del published, zone
    return sightings[-1].at + plan.every * (1 - FIXED_SPREAD * phase)


# survival


AGES = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, YEAR)
"""Ages at which an article is visited; every year after the last one."""

SURVIVAL_SPREAD = 0.05
"""Share of an age by which the visits of different articles are spread."""


def survival(plan: Plan, sightings: Sequence[Sighting], published: float | None, zone: str, phase: float) -> float:
    """Return the first age after the last visit that is not reached a moment after it.

    For articles that vanish early and change little, such as WeChat's: often at first, then once a year.
    """
    del plan, zone
    first, last = sightings[0].at, sightings[-1].at
    born = first if published is None else min(published, first)
    before = born
    for age in _ages():
        moment = born + age * (1 + SURVIVAL_SPREAD * phase)
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


# All policies


class Policy(Protocol):
    """A policy; see the module."""

    def __call__(
        self, plan: Plan, sightings: Sequence[Sighting], published: float | None, zone: str, phase: float
    ) -> float | None:
        """Return the next moment."""
        ...


POLICIES: Mapping[str, Policy] = {"adaptive": adaptive, "survival": survival, "fixed": fixed, "cron": cron}
