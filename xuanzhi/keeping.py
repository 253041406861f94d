"""Keeping visits: together where that goes, and one bad one costs no other its place."""

from collections.abc import Sequence

from archive.collection import Added, Collection
from archive.errors import ArchiveError, storage_errors
from xuanzhi.batch import Failure, failure
from xuanzhi.visiting import Visited

__all__ = ["keep_visits"]


def keep_visits(visits: Sequence[Visited], collection: Collection) -> list[Added | Failure]:
    """Keep visits in one go; where that fails for a reason that may lie in one of them, keep them one by one."""
    try:
        with storage_errors(collection.path):
            return list(collection.keep([each.visit for each in visits]))
    except ArchiveError as error:
        if len(visits) == 1:
            return [failure(error)]
    return [keep_visits([each], collection)[0] for each in visits]
