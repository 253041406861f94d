"""What a collection knows, for those who are about to visit a page or to report what became of one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from capture.identity import NotAWebAddress, identify

__all__ = ["Item", "Lookups", "Migration", "Seen", "Validators"]

_AT_ONCE = 500
"""Values in one query; SQLite takes at least 999."""


class Validators(NamedTuple):
    """What a server said about the version that we have, for a conditional request (RFC 9110 §13)."""

    etag: str
    last_modified: str
    url: str
    """Where it was said; they mean nothing at another address."""


class Seen(NamedTuple):
    """A state in which an article was seen."""

    state: str
    notice: str
    first: str
    """UTC, to the microsecond, as the next."""
    last: str
    times: int


class Migration(NamedTuple):
    """An article that went elsewhere."""

    article: str
    """Key of the article that went."""
    target: str
    """Address where it went."""
    target_article: str | None
    """Key of the article there; None where the collection has none."""


class Item(NamedTuple):
    """One address of a run."""

    position: int
    """From 0."""
    url: str
    outcome: str
    """The state, or the code of the error; empty where it was not visited."""
    visit_id: str
    """The record that describes the visit; empty where there is none."""


class Lookups:
    """Read-only questions to the catalogue. Each raises Busy, Damaged or StorageError."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def article(self, url: str) -> str | None:
        """Return the key of the article that an address leads to; None where the collection has none."""
        try:
            key = identify(url).key
        except NotAWebAddress:
            return None
        rows = self._all(
            "SELECT article.key FROM alias JOIN article ON article.id = alias.article WHERE alias.key = ?", key
        )
        return str(rows[0][0]) if rows else None

    def validators(self, url: str) -> Validators | None:
        """Return what the last live visit of an article heard about its version; None where it heard nothing.

        Of the last live capture alone: after an older one the server's "not modified" would mean another text.
        """
        rows = self._all(
            "SELECT etag, last_modified, final_url FROM visit JOIN capture ON capture.id = visit.capture"
            " WHERE article = (SELECT article FROM alias WHERE key = ?) AND state = 'live'"
            " AND status BETWEEN 200 AND 299 AND payload_sha256 != '' ORDER BY fetched_at DESC, capture DESC LIMIT 1",
            _key(url),
        )
        return Validators(*rows[0]) if rows and (rows[0][0] or rows[0][1]) else None

    def known_payloads(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of these sha256 digests whose payload some record has."""
        wanted, found = list(digests), set()
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            found |= {row[0] for row in self._all(f"SELECT sha256 FROM payload WHERE sha256 IN ({marks})", *some)}
        return frozenset(found)

    def states(self, url: str) -> list[Seen]:
        """Return the states in which an article was seen, in the order of their first time."""
        return self.states_of(self._id(url))

    def states_of(self, article: int) -> list[Seen]:
        """Return the same by the article's row."""
        rows = self._all(
            "SELECT state, notice, min(fetched_at), max(fetched_at), count(*) FROM capture"
            " WHERE article = ? GROUP BY state, notice ORDER BY 3, 1, 2",
            article,
        )
        return [Seen(*row) for row in rows]

    def migrations(self, url: str) -> list[Migration]:
        """Return where an article went, and which articles came to be it."""
        return self.migrations_of(self._id(url))

    def migrations_of(self, article: int) -> list[Migration]:
        """Return the same by the article's row."""
        rows = self._all(
            "SELECT DISTINCT origin.key, target, there.key FROM visit JOIN capture ON capture.id = visit.capture"
            " JOIN article AS origin ON origin.id = capture.article"
            " LEFT JOIN alias ON alias.key = target_key LEFT JOIN article AS there ON there.id = alias.article"
            " WHERE target_key != '' AND ? IN (origin.id, there.id) ORDER BY 1, 2",
            article,
        )
        return [Migration(*row) for row in rows]

    def unfinished(self, list_sha256: str) -> str | None:
        """Return the last run of a list that has items which were not visited."""
        rows = self._all(
            "SELECT run_id FROM run WHERE list_sha256 = ?"
            " AND EXISTS (SELECT 1 FROM item WHERE run = run.id AND outcome = '') ORDER BY id DESC LIMIT 1",
            list_sha256,
        )
        return str(rows[0][0]) if rows else None

    def items(self, run_id: str) -> list[Item]:
        """Return all items of a run with what became of them."""
        rows = self._all(
            "SELECT position, item.url, outcome, visit_id FROM item JOIN run ON run.id = item.run WHERE run_id = ?"
            " ORDER BY position",
            run_id,
        )
        return [Item(*row) for row in rows]

    def _id(self, url: str) -> int:
        rows = self._all("SELECT article FROM alias WHERE key = ?", _key(url))
        return int(rows[0][0]) if rows else 0

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with storage_errors(self._catalogue.path):
            return self._catalogue.execute(sql, values).fetchall()


def _key(url: str) -> str:
    try:
        return identify(url).key
    except NotAWebAddress:
        return ""
