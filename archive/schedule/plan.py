"""How a source wants to be visited: a policy and its numbers, the same in collection.toml and in schedule.jsonl."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from archive.schedule.durations import DAY, HOUR, parse

__all__ = ["KEYS", "Manners", "Moment", "Plan", "plan_of"]

KEYS = ("policy", "every", "cron", "least", "most", "until")
"""Keys of a plan, as they are written."""


class Moment(NamedTuple):
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


class Manners(NamedTuple):
    """What holds for every plan of a collection; `[schedule]` in collection.toml may say otherwise."""

    confirm: tuple[float, ...] = (HOUR, 6 * HOUR)
    """An article that was seen gone is visited again after these; gone at all of them, it counts as gone."""
    gone: tuple[float, ...] = (7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
    """Then it is looked for after these, the last one again and again: some come back."""
    patience: tuple[float, ...] = (HOUR, 3 * HOUR, 12 * HOUR, DAY)
    """After a wall or an error in a row: the first, the second … retry."""
    zone: str = "UTC"
    """IANA name of the zone of cron expressions and of dates without one."""

    @property
    def confirmations(self) -> int:
        """How many visits in a row have to see an article gone."""
        return len(self.confirm) + 1


def plan_of(said: Mapping[str, Any], read_date: Callable[[str], datetime | None]) -> Plan:
    """Return a plan from its keys as text; `every` and `cron` name their policy by themselves.

    Raises ValueError that says what is wrong, in words for the person who wrote it.
    """
    from archive.schedule.policies import POLICIES

    plan = Plan()
    policy = str(said.get("policy") or ("cron" if said.get("cron") else "fixed" if said.get("every") else plan.policy))
    if policy not in POLICIES:
        raise ValueError(f"there is no policy {policy!r}; known are {', '.join(POLICIES)}")
    for key, owner in (("every", "fixed"), ("cron", "cron"), ("least", "adaptive"), ("most", "adaptive")):
        if said.get(key) and policy != owner:
            raise ValueError(f"{key} belongs to the policy {owner}, and this one is {policy}")
    if policy == "fixed" and not said.get("every"):
        raise ValueError('the policy fixed needs every, such as every = "1d"')
    if policy == "cron":
        plan = plan._replace(cron=_cron(str(said.get("cron") or "")))
    plan = plan._replace(policy=policy)
    for key in ("every", "least", "most"):
        if said.get(key):
            plan = plan._replace(**{key: parse(str(said[key]))})  # type: ignore[arg-type]  # the three are lengths
    if plan.least > plan.most:
        raise ValueError("least is longer than most")
    if said.get("until"):
        until = read_date(str(said["until"]))
        if until is None:
            raise ValueError(f"{said['until']!r} is no date; write it as 2027-12-31 or 2027-12-31T18:00Z")
        plan = plan._replace(until=until.timestamp())
    return plan


def _cron(expression: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        CronSim(expression, datetime(2026, 1, 1))
    except CronSimError as error:
        raise ValueError(f"{expression!r} is no cron expression: {error}") from error
    return expression
