"""What was noticed in a time: counts by source, and the news one by one. Made of the captures whenever it is asked."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.schedule.history import Event, events, history, of_articles

__all__ = ["Line", "News", "change_log", "news"]


class Line(NamedTuple):
    """One visit in an article's change log."""

    at: str
    outcome: str
    events: tuple[str, ...]
    state: str
    status: int
    visit_id: str


class News(NamedTuple):
    """What was noticed in a time."""

    since: str
    """UTC, as WARC-Date or its beginning; empty for ever."""
    until: str
    outcomes: dict[str, Counter[str]]
    """Visits by what they found, by source: the account or site that the article names, else its host."""
    events: tuple[Event, ...]
    """Oldest first."""

    def of(self, source: str) -> list[Event]:
        """Return the events of a source."""
        return [event for event in self.events if source_of(event.source, event.url) == source]


def news(catalogue: Catalogue, since: str, until: str, confirmations: int, wanted: Callable[[str], bool]) -> News:
    """Return what was noticed in a time, of the sources that are wanted. Raises Busy, Damaged or StorageError."""
    outcomes: dict[str, Counter[str]] = {}
    found: list[Event] = []

    def within(at: str) -> bool:
        return at >= since and (not until or at < until)

    with storage_errors(catalogue.path):
        for article in of_articles(catalogue, since, until):
            named = source_of(*catalogue.one("SELECT source, url FROM article WHERE id = ?", article))
            if not wanted(named):
                continue
            counter = outcomes.setdefault(named, Counter())
            counter.update(
                each.outcome for each in history(catalogue, article, confirmations) if within(each.capture.at)
            )
            found += [event for event in events(catalogue, article, confirmations) if within(event.at)]
    ordered = sorted(found, key=lambda each: (each.at, each.id))
    return News(since, until, dict(sorted(outcomes.items())), tuple(ordered))


def change_log(catalogue: Catalogue, article: int, confirmations: int) -> list[Line]:
    """Return what every visit of an article found, oldest first. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path):
        return [
            Line(
                each.capture.at,
                each.outcome,
                each.events,
                each.capture.state,
                each.capture.status,
                each.capture.visit_id,
            )
            for each in history(catalogue, article, confirmations)
        ]


def source_of(source: str, url: str) -> str:
    """Return what an article is counted under."""
    return source or urlsplit(url).hostname or url
