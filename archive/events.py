"""What happened in a collection, by the names of PREMIS 3 (Data Dictionary, eventType)."""

from collections.abc import Iterator
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.selection import Selection, conditions

__all__ = ["Event", "events"]


class Event(NamedTuple):
    """Something that was done."""

    at: str
    """When it was done, as WARC-Date; not when the page was fetched."""
    type: str
    """`capture`, `ingestion` (of a snapshot, or of what others captured), `normalization` (cleaned anew), `metadata \
modification` (articles that became one)."""
    key: str
    """Of the article."""
    title: str
    kind: str
    """Of the capture: `visit` or `snapshot`."""
    fetched_at: str
    """When it was fetched: UTC, to the microsecond."""
    record_id: str
    """Of its record."""
    outcome: str
    """The state, and whether the current version moved; or the key that was joined."""


def events(catalogue: Catalogue, selection: Selection) -> Iterator[Event]:
    """Yield what happened to the articles that are meant, newest last; its days are those of the events.

    Raises what `archive.selection.find` raises.
    """
    where, values = conditions(catalogue, selection._replace(since="", until=""))
    days = [(bound, sign) for bound, sign in ((selection.since, ">="), (selection.until, "<")) if bound]
    with storage_errors(catalogue.path, reading=True):
        for row in catalogue.execute(
            "SELECT event.at, event.type, article.key, article.title, capture.kind, fetched_at, record_id, outcome"
            " FROM event JOIN article ON article.id = event.article JOIN capture ON capture.id = event.capture"
            f" JOIN record ON record.id = capture.record WHERE {where}"
            + "".join(f" AND event.at {sign} ?" for _, sign in days)
            + " ORDER BY event.at, event.id",
            (*values, *(bound for bound, _ in days)),
        ):
            yield Event(*row)
