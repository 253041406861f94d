"""Keeping many things in one go, so that one that cannot be kept costs no other its place."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from xuanzhi.output.failures import Failure, failure

if TYPE_CHECKING:
    from archive.collection.collection import Added

__all__ = ["commit"]

T = TypeVar("T")


def commit(items: Sequence[T], keep: "Callable[[Sequence[T]], list[Added]]") -> "list[Added | Failure]":
    """Keep all of them together; where that fails for a reason that may lie in one of them, one by one."""
    from archive.errors import ArchiveError

    try:
        return list(keep(items)) if items else []
    except ArchiveError as error:
        if len(items) == 1:
            return [failure(error)]
    return [commit([item], keep)[0] for item in items]
