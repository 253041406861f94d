"""When an article that was seen is to be seen again: one pure function for each policy, as one table.

Each takes the plan, the visits that saw the article or saw it gone (oldest first, at least one), when it was published
(None where nobody knows), the zone, and the article's phase: a number from 0 to 1 made of its key, which spreads visits
over time without chance, so that the same records give the same schedule. It returns a moment after the last visit, or
None where there is none. All times are seconds since 1970, and no policy asks a clock: what was missed while nothing
ran is one visit, because each next moment follows the last visit and not the last plan.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from archive.schedule.plan import Moment, Plan
from archive.schedule.policies.adaptive import adaptive
from archive.schedule.policies.cron import cron
from archive.schedule.policies.fixed import fixed
from archive.schedule.policies.survival import survival

__all__ = ["POLICIES", "Policy"]


class Policy(Protocol):
    """A policy; see the module."""

    def __call__(
        self, plan: Plan, seen: Sequence[Moment], published: float | None, zone: str, phase: float
    ) -> float | None:
        """Return the next moment."""
        ...


POLICIES: Mapping[str, Policy] = {"adaptive": adaptive, "survival": survival, "fixed": fixed, "cron": cron}
