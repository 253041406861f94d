"""The current texts of a collection's articles, as they were before learned rules took anything from them.

What learned rules took is in the ledgers. So the pages that rules are learned from, and are judged by, are the same
before and after a person approves some.
"""

from collections.abc import Iterable
from typing import NamedTuple

from archive.errors import storage_errors
from archive.holdings import Holdings
from clean.learn.form import STAGE
from clean.learn.page import scope_of
from clean.ledger import Entry, Ledger, apply, restore

__all__ = ["Kept", "named", "sources", "text_of"]

_MARK = f'"stage": "{STAGE}"'.encode()
"""What a ledger's line holds that tells of a learned rule; a text that looks so costs a reading and changes nothing."""


class Kept(NamedTuple):
    """An article whose text the collection has."""

    key: str
    """What names the article in the collection."""
    title: str
    url: str
    """The address that its text gives: where a visit ended, or what a snapshot says."""
    source: str
    """The source's name, as the page's front matter has it."""
    fetched: str
    """UTC, sorts as text."""
    version: int
    """Rows of the records of its conversion and of its ledger."""
    ledger: int
    ledger_id: str
    """What names the ledger's record, and so the text, for good."""


# The ledger is one that gives the current text; a visit that took over the text of an earlier one has none of its own.
_SQL = """
SELECT article.key, capture.title, coalesce(nullif(final_url, ''), capture.url), capture.source, capture.fetched_at,
  version.record, ledger.id, ledger.record_id
FROM article JOIN version ON version.id = current_version JOIN capture ON capture.id =
  (SELECT id FROM capture WHERE article = article.id AND state = 'live' ORDER BY fetched_at DESC, id DESC LIMIT 1)
  LEFT JOIN visit ON visit.capture = capture.id
  JOIN record AS ledger ON ledger.id = (
    SELECT cleaning.ledger FROM capture AS own JOIN cleaning ON cleaning.capture = own.id
    WHERE own.article = article.id AND cleaning.version = current_version AND cleaning.ledger IS NOT NULL
    ORDER BY cleaning.id DESC LIMIT 1
  )
ORDER BY article.id
"""


def sources(collection: Holdings) -> dict[str, list[Kept]]:
    """Return the articles of each source, by its scope (see clean.learn.page.scope_of).

    Raises Busy, Damaged or StorageError.
    """
    found: dict[str, list[Kept]] = {}
    with storage_errors(collection.catalogue.path):
        rows = collection.catalogue.execute(_SQL).fetchall()
    for row in rows:
        kept = Kept(*row)
        if scope := scope_of(kept.url, kept.source):
            found.setdefault(scope, []).append(kept)
    return found


def named(articles: Iterable[Kept]) -> str:
    """Return the name by which people know a source: the one that most of its articles have."""
    names: dict[str, int] = {}
    for kept in articles:
        names[kept.source] = names.get(kept.source, 0) + bool(kept.source)
    return max(names, key=lambda name: (names[name], name), default="")


def text_of(collection: Holdings, kept: Kept) -> str:
    """Read an article's clean text, without what learned rules did. Raises Damaged or StorageError."""
    clean = collection.record_at(kept.version).block.decode()
    ledger = collection.record_at(kept.ledger).block
    if _MARK not in ledger:
        return clean
    read = Ledger.from_json_lines(ledger.decode())
    source = restore(clean, read)
    return apply(source, tuple(entry for entry in read.entries if _is_older(entry)))


def _is_older(entry: Entry) -> bool:
    return entry.stage != STAGE
