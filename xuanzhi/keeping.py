"""Keeping visits: together where that goes, and one bad one costs no other its place."""

from collections.abc import Sequence

from archive.collection.collection import Added, Collection
from archive.errors import storage_errors
from xuanzhi.committing import commit
from xuanzhi.jobs.visits import Visited
from xuanzhi.output.failures import Failure

__all__ = ["keep_visits"]


def keep_visits(visits: Sequence[Visited], collection: Collection) -> list[Added | Failure]:
    """Keep visits in one go; where that fails for a reason that may lie in one of them, keep them one by one."""

    def keep(some: Sequence[Visited]) -> list[Added]:
        with storage_errors(collection.path):
            return collection.keep([each.visit for each in some])

    return commit(visits, keep)
