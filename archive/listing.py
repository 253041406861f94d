"""One row for each article that is meant: what the catalogue knows of it at a glance."""

from collections.abc import Iterator
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.selection import Selection, conditions

__all__ = ["SORTS", "Row", "rows"]

SORTS = {
    "added": "id",
    "title": "title",
    "source": "source",
    "date": "date",
    "state": "latest_state",
    "first": "first_fetched_at",
    "last": "last_fetched_at",
    "captures": "captures",
    "versions": "versions",
}
"""What rows can be sorted by, and its column. Equal ones stand in the order in which they were added."""


class Row(NamedTuple):
    """An article at a glance."""

    id: int
    key: str
    url: str
    """Canonical."""
    title: str
    """As the current version has it, as the next two."""
    source: str
    date: str
    state: str
    """Of its latest capture."""
    first: str
    """When it was first fetched: UTC, to the microsecond, as the next."""
    last: str
    captures: int
    versions: int
    markdown: str | None
    """Its Markdown file, relative to the collection; None where no capture of it was ever live."""


def rows(
    catalogue: Catalogue, selection: Selection, *, sort: str = "added", reverse: bool = False, limit: int = 0
) -> Iterator[Row]:
    """Yield the articles that are meant, at most `limit` of them where it is not 0; `sort` is one of SORTS.

    Raises what `archive.selection.find` raises.
    """
    where, values = conditions(catalogue, selection)
    direction = "DESC" if reverse else "ASC"
    with storage_errors(catalogue.path, reading=True):
        for row in catalogue.execute(
            "SELECT id, key, url, title, source, date, latest_state, first_fetched_at, last_fetched_at, captures,"
            f" versions, markdown FROM article WHERE {where}"
            f" ORDER BY {SORTS[sort]} {direction}, id {direction} LIMIT ?",
            (*values, limit or -1),
        ):
            yield Row(*row)
