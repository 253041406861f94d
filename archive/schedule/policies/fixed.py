"""Every so often, counted from the last visit, so that what was missed is not made up for."""

from collections.abc import Sequence

from archive.schedule.plan import Moment, Plan

__all__ = ["fixed"]

SPREAD = 0.02
"""Share of the interval by which the visits of different articles are spread; never later than asked for."""


def fixed(plan: Plan, seen: Sequence[Moment], published: float | None, zone: str, phase: float) -> float:
    """Return the last visit and the interval."""
    del published, zone
    return seen[-1].at + plan.every * (1 - SPREAD * phase)
