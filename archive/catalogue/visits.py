"""Queries about the visits of an address: validators, payloads, states, migrations, runs; matching of imported pages.

Validators of the last visit, payloads that are stored already, states, migrations, and the runs that visits belong to.
"""

from collections.abc import Iterable
from typing import NamedTuple

from archive.catalogue.connection import Catalogue, R
from archive.errors import storage_errors
from capture.identity import NotAWebAddress, identify_archived

__all__ = [
    "ArticleQueries",
    "Migration",
    "RunItem",
    "StateSpan",
    "Validators",
    "WaitingRevisit",
    "article_key",
    "find_payload_record",
    "has_visit",
    "waiting_revisits",
]

_AT_ONCE = 500
"""Values in one query; SQLite takes at least 999."""


def article_key(name: str) -> str:
    """Return the identity key of an address; empty where the name is none."""
    try:
        return identify_archived(name).key
    except NotAWebAddress:
        return ""


class RunItem(NamedTuple):
    """An address of a run."""

    position: int
    """From 0."""
    url: str
    outcome: str
    """The state, or the code of the error; empty where it was not visited."""
    visit_id: str
    """The record that describes the visit; empty where there is none."""


class Migration(NamedTuple):
    """An article that went elsewhere."""

    article: str
    """Key of the article that went."""
    target: str
    """Address where it went."""
    target_article: str | None
    """Key of the article there; None where the collection has none."""


class StateSpan(NamedTuple):
    """A state in which an article was seen."""

    state: str
    notice: str
    first: str
    """UTC, to the microsecond, as the next."""
    last: str
    times: int


class Validators(NamedTuple):
    """Validators of the stored version, for a conditional request (RFC 9110 §13)."""

    etag: str
    last_modified: str
    url: str
    """Where it was said; they mean nothing at another address."""


class ArticleQueries:
    """Read-only questions to the catalogue. Each raises Busy, Damaged or StorageError."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def article(self, url: str) -> str | None:
        """Return the key of the article that an address leads to; None where the collection has none."""
        try:
            key = identify_archived(url).key
        except NotAWebAddress:
            return None
        return self._text(
            "SELECT article.key FROM alias JOIN article ON article.id = alias.article WHERE alias.key = ?", key
        )

    def validators(self, url: str) -> Validators | None:
        """Return what the last live visit of an article heard about its version; None where it heard nothing.

        Of the last live capture alone: after an older one the server's "not modified" would mean another text.
        """
        validators = self._all(
            Validators,
            "SELECT etag, last_modified, final_url AS url FROM visit JOIN capture ON capture.id = visit.capture"
            " WHERE article = (SELECT article FROM alias WHERE key = ?) AND state = 'live'"
            " AND status BETWEEN 200 AND 299 AND payload_sha256 != '' ORDER BY fetched_at DESC, capture DESC LIMIT 1",
            article_key(url),
        )
        return validators[0] if validators and (validators[0].etag or validators[0].last_modified) else None

    def known_payloads(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of these sha256 digests whose payload some record has."""
        wanted, known = list(digests), set()
        with storage_errors(self._catalogue.path):
            for start in range(0, len(wanted), _AT_ONCE):
                some = tuple(wanted[start : start + _AT_ONCE])
                marks = ", ".join("?" * len(some))
                rows = self._catalogue.execute(f"SELECT sha256 FROM payload WHERE sha256 IN ({marks})", some)
                known |= {sha256 for (sha256,) in rows}
        return frozenset(known)

    def states(self, url: str) -> list[StateSpan]:
        """Return the states in which an article was seen, in the order of their first time."""
        return self.states_of(self._id(url))

    def states_of(self, article: int) -> list[StateSpan]:
        """Return the same by the article's row."""
        return self._all(
            StateSpan,
            "SELECT state, notice, min(fetched_at) AS first, max(fetched_at) AS last, count(*) AS times FROM capture"
            " WHERE article = ? GROUP BY state, notice ORDER BY first, state, notice",
            article,
        )

    def migrations(self, url: str) -> list[Migration]:
        """Return where an article went, and which articles came to be it."""
        return self.migrations_of(self._id(url))

    def migrations_of(self, article: int) -> list[Migration]:
        """Return the same by the article's row."""
        return self._all(
            Migration,
            "SELECT DISTINCT origin.key AS article, target, there.key AS target_article FROM visit"
            " JOIN capture ON capture.id = visit.capture JOIN article AS origin ON origin.id = capture.article"
            " LEFT JOIN alias ON alias.key = target_key LEFT JOIN article AS there ON there.id = alias.article"
            " WHERE target_key != '' AND ? IN (origin.id, there.id) ORDER BY 1, 2",
            article,
        )

    def unfinished(self, list_sha256: str) -> str | None:
        """Return the last run of a list that has items which were not visited."""
        return self._text(
            "SELECT run_id FROM run WHERE list_sha256 = ?"
            " AND EXISTS (SELECT 1 FROM item WHERE run = run.id AND outcome = '') ORDER BY id DESC LIMIT 1",
            list_sha256,
        )

    def items(self, run_id: str) -> list[RunItem]:
        """Return all items of a run with their results."""
        return self._all(
            RunItem,
            "SELECT position, item.url, outcome, visit_id FROM item JOIN run ON run.id = item.run WHERE run_id = ?"
            " ORDER BY position",
            run_id,
        )

    def _id(self, url: str) -> int:
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one("SELECT article FROM alias WHERE key = ?", article_key(url))
        return int(row[0]) if row else 0

    def _text(self, sql: str, value: str) -> str | None:
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one(sql, value)
        return str(row[0]) if row else None

    def _all(self, row_type: type[R], sql: str, *values: object) -> list[R]:
        with storage_errors(self._catalogue.path):
            return list(self._catalogue.select(row_type, sql, *values))


# Matching of imported pages: visits by their identifier, payloads by what a revisit says of them.

_PAYLOAD_CONDITIONS = {
    "record_id": "record.record_id = ?",
    "url": "final_url = ?",
    "fetched_at": "fetched_at = ?",
    "payload_sha256": "payload.sha256 = ?",
    # The second half lets SQLite use the index, which leaves empty digests out.
    "imported_digest": "imported_digest = ? AND imported_digest != ''",
}


def has_visit(catalogue: Catalogue, visit_id: str) -> bool:
    """Whether the collection has a capture that this visit made. Raises sqlite3.Error."""
    return catalogue.one("SELECT 1 FROM visit WHERE visit_id = ?", visit_id) is not None


def find_payload_record(catalogue: Catalogue, **conditions: str) -> str:
    """Return the record with the payload of the earliest page that meets the conditions and has a text.

    They may name: `record_id`, the record that stands for the capture; `url`, where the answer came from; `fetched_at`,
    UTC to the microsecond; `payload_sha256`; `imported_digest`, a WARC-Payload-Digest as others wrote it.

    Returns an empty string where no page does. Raises sqlite3.Error.
    """
    wanted = " AND ".join(_PAYLOAD_CONDITIONS[name] for name in conditions)
    row = catalogue.one(
        "SELECT CASE WHEN imported_payload != '' THEN imported_payload ELSE"
        " (SELECT theirs.record_id FROM record AS theirs WHERE id = coalesce(payload.record, record.id)) END"
        " FROM capture JOIN record ON record.id = capture.record JOIN visit ON visit.capture = capture.id"
        " LEFT JOIN payload ON payload.sha256 = visit.payload_sha256"
        f" WHERE version IS NOT NULL AND ({wanted}) ORDER BY fetched_at, capture.id LIMIT 1",
        *conditions.values(),
    )
    return str(row[0]) if row else ""


class WaitingRevisit(NamedTuple):
    """A revisit in an imported file whose page was not in the collection then."""

    record_id: str
    sha256: str
    """Of the file that it came with."""
    file: str
    title: str
    """In the list of pages of that file; empty where there is none."""
    file_dates: str
    """JSON: see `archive.warc.pages.PageRecord`."""


def waiting_revisits(catalogue: Catalogue) -> list[WaitingRevisit]:
    """Return the revisits that still are no captures, each once, in the order of the files. Raises sqlite3.Error."""
    return list(
        catalogue.select(
            WaitingRevisit,
            "SELECT record_id, sha256, file_name AS file, title, file_dates FROM waiting"
            " JOIN record ON record.id = waiting.record JOIN import ON import.id = waiting.import"
            " WHERE NOT EXISTS (SELECT 1 FROM capture WHERE capture.record = waiting.record)"
            " GROUP BY waiting.record ORDER BY waiting.record",
        )
    )
