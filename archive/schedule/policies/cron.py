"""When a cron expression says so, in the collection's zone.

Cronsim follows Debian's cron through changes of daylight saving: what falls into the hour that is left out comes at
its end, what falls into the hour that comes twice comes once.
"""

from collections.abc import Sequence
from datetime import datetime

from archive.dates import zone as zone_named
from archive.schedule.plan import Moment, Plan

__all__ = ["cron"]


def cron(plan: Plan, seen: Sequence[Moment], published: float | None, zone: str, phase: float) -> float | None:
    """Return the expression's next moment after the last visit."""
    del published, phase  # who writes an expression means that minute
    from cronsim import CronSim

    moment = next(CronSim(plan.cron, datetime.fromtimestamp(seen[-1].at, zone_named(zone))), None)
    return moment.timestamp() if moment is not None else None
