"""What the catalogue knows of the visits of an article, and what is news in it."""

from collections.abc import Iterator
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.schedule.outcomes import Capture, Noticed, notice

__all__ = ["Event", "article_of", "events", "history", "of_articles"]

_COLUMNS = (
    "SELECT visit_id, fetched_at, state, status, capture.version, payload_sha256,"
    " coalesce((SELECT ruleset_sha256 || ' ' || software FROM cleaning WHERE cleaning.capture = capture.id"
    " ORDER BY cleaning.id DESC LIMIT 1), ''), target"
    " FROM capture JOIN visit ON visit.capture = capture.id WHERE capture.article = ? ORDER BY capture.id"
)
# In the order in which they were kept, not by the clock, which may have been wrong.


class Event(NamedTuple):
    """One piece of news."""

    id: str
    """The same whenever it is made again from the same records."""
    event: str
    """One of `archive.schedule.outcomes.EVENTS`."""
    at: str
    """UTC, to the microsecond: of the visit that noticed it."""
    article: str
    """Key."""
    url: str
    title: str
    source: str
    outcome: str
    """Of the visit: says how it is gone."""
    target: str
    """Where a migrated article went."""
    before: int | None
    """Version before, where the text changed; as the next, a row."""
    after: int | None


def article_of(catalogue: Catalogue, key: str) -> int | None:
    """Return the article that has a key."""
    row = catalogue.one("SELECT article FROM alias WHERE key = ?", key)
    return int(row[0]) if row else None


def history(catalogue: Catalogue, article: int, confirmations: int) -> list[Noticed]:
    """Return what each visit of an article found, oldest first. Raises sqlite3.Error, as all of this module."""
    return list(notice(map(Capture._make, catalogue.execute(_COLUMNS, (article,))), confirmations))


def of_articles(catalogue: Catalogue, since: str, until: str) -> list[int]:
    """Return the articles that were visited in a time, by age."""
    rows = catalogue.execute(
        "SELECT DISTINCT article FROM capture WHERE kind = 'visit' AND fetched_at >= ? AND fetched_at < ?"
        " ORDER BY article",
        (since, until or "9"),
    )
    return [int(row[0]) for row in rows.fetchall()]


def events(catalogue: Catalogue, article: int, confirmations: int) -> Iterator[Event]:
    """Yield the news of an article, oldest first. Of feeds, what they list is no news; that they are gone is."""
    key, url, title, source = catalogue.one("SELECT key, url, title, source FROM article WHERE id = ?", article)
    is_feed = catalogue.one(
        "SELECT 1 FROM member JOIN alias ON alias.key = member.key WHERE article = ? AND kind = 'feed'", article
    )
    for each in history(catalogue, article, confirmations):
        for name, event in zip(each.event_ids, each.events, strict=True):
            if is_feed and event in {"new", "changed"}:
                continue
            capture = each.capture
            changed = event == "changed"
            yield Event(
                name,
                event,
                capture.at,
                key,
                url,
                title,
                source,
                each.outcome,
                capture.target,
                each.before if changed else None,
                capture.version if changed else None,
            )
