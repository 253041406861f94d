"""When an article is due next: from its plan and what its visits noticed. A pure function; no clock is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from archive.dates import exact
from archive.schedule.outcomes import MISSED, Noticed
from archive.schedule.plan import Manners, Moment, Plan
from archive.schedule.policies import POLICIES

__all__ = ["early", "moment", "next_due", "phase", "seconds"]

EARLY = 0.1
"""Share of an interval by which a visit may come early, where else it would come one timer too late."""

SPREAD = 0.2
"""Share of a retry's delay by which articles are spread, so that they do not all knock at once."""


def next_due(
    plan: Plan, manners: Manners, key: str, noticed: Sequence[Noticed], published: float | None, added: float
) -> float | None:
    """Return the moment in seconds since 1970, None where the schedule has ended.

    noticed: all visits of the article, oldest first.
    published: when the article came out, where somebody says.
    added: when it was put on the schedule; due at once, where it was never visited.
    """
    due = _planned(plan, manners, key, noticed, published, added)
    return None if due is None or (plan.until is not None and due > plan.until) else due


def _planned(
    plan: Plan, manners: Manners, key: str, noticed: Sequence[Noticed], published: float | None, added: float
) -> float | None:
    if not noticed:
        return added
    seen = [
        Moment(seconds(each.capture.at), each.outcome == "changed") for each in noticed if each.outcome not in MISSED
    ]
    last = noticed[-1]
    planned: float | None = added
    if seen:
        planned = POLICIES[plan.policy](plan, seen, published, manners.zone, phase(key))
        if last.gone:
            planned = _of_gone(planned, seen[-1].at, last, manners)
    if last.outcome in MISSED and planned is not None:
        delay = manners.patience[min(last.missed, len(manners.patience)) - 1]
        retry = seconds(last.capture.at) + delay * (1 + SPREAD * phase(f"{key} {last.missed}"))
        return max(planned, retry)
    return planned


def _of_gone(planned: float | None, last_seen: float, last: Noticed, manners: Manners) -> float | None:
    """Look again soon, until it counts as gone; then seldom."""
    if last.counts_as_gone:
        after = last_seen + manners.gone[min(last.gone - manners.confirmations, len(manners.gone) - 1)]
        return None if planned is None else max(planned, after)
    soon = last_seen + manners.confirm[last.gone - 1]
    return soon if planned is None else min(planned, soon)


def early(plan: Plan, last: float, due: float) -> float:
    """Return from when on a run that a timer started takes an article, though it is due a little later.

    Else a daily visit under a daily timer that comes a second too early would wait for the next day. `last` is the
    last visit. An expression of cron means its minute.
    """
    return due if plan.policy == "cron" else due - EARLY * max(due - last, 0.0)


def phase(text: str) -> float:
    """Return a number from 0 to 1 that looks like chance and is always the same for a text."""
    return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:4]) / 2**32


def seconds(moment: str) -> float:
    """Return a moment of the catalogue in seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def moment(at: float) -> str:
    """Return seconds since 1970 as the catalogue writes moments."""
    return exact(datetime.fromtimestamp(at, UTC))
