"""As often as the article changes: its rate of change is estimated from what the visits saw.

A visit sees only whether there was a change since the last one, not how many; for changes that come as a Poisson
process, an unchanged interval of length t has the probability exp(-λt), a changed one 1 - exp(-λt) (Cho and
Garcia-Molina, "Estimating frequency of change", 2003). A Gamma prior keeps the estimate from running away after few
visits. The rate is where the posterior is highest; the next interval is in which half a change is expected.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp

from archive.schedule.durations import DAY
from archive.schedule.plan import Moment, Plan

__all__ = ["adaptive", "rate"]

SHAPE, SCALE = 1.5, 7 * DAY
"""The prior: one change in two weeks is the likeliest rate, and one visit weighs more than it."""

EXPECTED = 0.5
"""Changes expected in an interval: two visits a change, so that few are seen as one."""

WINDOW = 100
"""Visits that are looked at: a site that began to change is believed."""

SPREAD = 0.1
"""Share of an interval by which the visits of different articles are spread."""


def adaptive(plan: Plan, seen: Sequence[Moment], published: float | None, zone: str, phase: float) -> float:
    """Return the last visit and an interval that fits the rate, within the plan's bounds.

    After a change the interval is at most half of the last one; unchanged, at most twice.
    """
    del published, zone
    recent = seen[-WINDOW:]
    interval = EXPECTED / rate(recent)
    if len(recent) > 1:
        last = max(recent[-1].at - recent[-2].at, 0.0)  # a clock may have been put back
        interval = min(interval, last * (0.5 if recent[-1].changed else 2))
    interval = min(max(interval, plan.least), plan.most)
    return recent[-1].at + interval * (1 + SPREAD * (phase - 0.5))


def rate(seen: Sequence[Moment]) -> float:
    """Return changes a second: where the posterior's slope is zero. It falls all the way, so halving finds it."""
    unchanged = sum(max(after.at - before.at, 0.0) for before, after in pairwise(seen) if not after.changed)
    changed = [max(after.at - before.at, 1.0) for before, after in pairwise(seen) if after.changed]

    def slope(value: float) -> float:
        # t / (exp(λt) - 1), without an overflow where λt is large and the term nothing
        terms = sum(length / (exp(value * length) - 1) for length in changed if value * length < 700)
        return (SHAPE - 1) / value - SCALE - unchanged + terms

    low, high = 1e-12, 1.0
    for _ in range(80):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return low
