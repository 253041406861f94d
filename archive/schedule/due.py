"""Due times of articles, from their plans and the outcomes of visits. Pure functions without a clock."""

from collections.abc import Sequence
from hashlib import sha256

from archive.dates import timestamp_of
from archive.model import DOUBTFUL
from archive.schedule.outcomes import MISSED_OUTCOMES, VisitOutcome
from archive.schedule.policies import POLICIES, Plan, ScheduleDefaults, Sighting

__all__ = ["earliest_due", "next_due", "phase"]

EARLY_SHARE = 0.1
"""Share of an interval by which a visit may come early, where else it would come one timer too late."""

RETRY_SPREAD = 0.2
"""Share of a retry's delay by which articles are spread, so that they do not all knock at once."""


def next_due(
    plan: Plan,
    defaults: ScheduleDefaults,
    key: str,
    outcomes: Sequence[VisitOutcome],
    published: float | None,
    added: float,
) -> float | None:
    """Return when an article is due, in seconds since 1970; None where its schedule has ended.

    key: of the article.
    outcomes: of all visits of the article, oldest first.
    published: when the article came out, where somebody says.
    added: when it was put on the schedule; due at once, where it was never visited.
    """
    due = _planned(plan, defaults, key, outcomes, published, added)
    return None if due is None or (plan.until is not None and due > plan.until) else due


def _planned(
    plan: Plan,
    defaults: ScheduleDefaults,
    key: str,
    outcomes: Sequence[VisitOutcome],
    published: float | None,
    added: float,
) -> float | None:
    if not outcomes:
        return added
    sightings = [
        Sighting(timestamp_of(each.visit.at), each.outcome == "changed")
        for each in outcomes
        if each.outcome not in MISSED_OUTCOMES
    ]
    last = outcomes[-1]
    planned: float | None = added
    if sightings:
        planned = POLICIES[plan.policy](plan, sightings, published, defaults.zone, phase(key))
        if last.gone_in_a_row:
            planned = _due_when_gone(planned, sightings[-1].at, last, defaults)
    if last.outcome in MISSED_OUTCOMES and planned is not None:
        delay = defaults.retry_delays[min(last.missed_in_a_row, len(defaults.retry_delays)) - 1]
        spread = 1 + RETRY_SPREAD * phase(f"{key} {last.missed_in_a_row}")
        return max(planned, timestamp_of(last.visit.at) + delay * spread)
    if last.outcome == DOUBTFUL and last.doubtful_in_a_row <= len(defaults.confirm_delays) and planned is not None:
        # Soon, so that an edit which looked like another page is confirmed; what stays doubtful waits for a person.
        return min(planned, timestamp_of(last.visit.at) + defaults.confirm_delays[last.doubtful_in_a_row - 1])
    return planned


def _due_when_gone(
    planned: float | None, last_sighting: float, last: VisitOutcome, defaults: ScheduleDefaults
) -> float | None:
    """Look again soon, until it counts as gone; then seldom."""
    if last.counts_as_gone:
        delays = defaults.gone_delays
        after = last_sighting + delays[min(last.gone_in_a_row - defaults.confirmations, len(delays) - 1)]
        return None if planned is None else max(planned, after)
    soon = last_sighting + defaults.confirm_delays[last.gone_in_a_row - 1]
    return soon if planned is None else min(planned, soon)


def earliest_due(plan: Plan, last: float, due: float) -> float:
    """Return from when on a run that a timer started visits an article, though it is due a little later.

    Else a daily visit under a daily timer that comes a second too early would wait for the next day. `last` is the
    last visit. An expression of cron means its minute.
    """
    return due if plan.policy == "cron" else due - EARLY_SHARE * max(due - last, 0.0)


def phase(text: str) -> float:
    """Return a number from 0 to 1 that looks like chance and is always the same for a text."""
    return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:4]) / 2**32
