"""Rows of the clean texts of articles: their records, ledgers and Markdown files.

Functions that write do so inside a transaction of the caller's, and raise sqlite3.Error.
"""

from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors

__all__ = [
    "ArticleText",
    "MarkdownFile",
    "ObsoleteFile",
    "article_texts",
    "current_files",
    "forget_obsolete",
    "has_text",
    "is_anything_pending",
    "last_visit_with_text",
    "ledger_of_source",
    "ledger_record",
    "obsolete_files",
    "pending_files",
    "provenance_by_engine",
    "set_pending",
]


class ArticleText(NamedTuple):
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
_ARTICLE_TEXTS = """
SELECT article.key, capture.title, coalesce(nullif(final_url, ''), capture.url) AS url, capture.source,
  capture.fetched_at AS fetched, version.record AS version, ledger.id AS ledger, ledger.record_id AS ledger_id
FROM article JOIN version ON version.id = current_version JOIN capture ON capture.id = coalesce(
    (SELECT id FROM capture WHERE article = article.id AND state = 'live' AND version = current_version
      ORDER BY fetched_at DESC, id DESC LIMIT 1),
    (SELECT id FROM capture WHERE article = article.id AND state = 'live' ORDER BY fetched_at DESC, id DESC LIMIT 1)
  )
  LEFT JOIN visit ON visit.capture = capture.id
  JOIN record AS ledger ON ledger.id = (
    SELECT cleaning.ledger FROM capture AS own JOIN cleaning ON cleaning.capture = own.id
    WHERE own.article = article.id AND cleaning.version = current_version AND cleaning.ledger IS NOT NULL
    ORDER BY cleaning.id DESC LIMIT 1
  )
ORDER BY article.id
"""


def article_texts(catalogue: Catalogue) -> list[ArticleText]:
    """Return the articles whose current text and its ledger the collection has, in the order in which they were added.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path):
        return list(catalogue.select(ArticleText, _ARTICLE_TEXTS))


def ledger_record(catalogue: Catalogue, version: int) -> int | None:
    """Return the row of the latest ledger of cleanings that gave a version; None where none was kept.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        row: int | None = catalogue.one("SELECT max(ledger) FROM cleaning WHERE version = ?", version)[0]
    return row


def provenance_by_engine(catalogue: Catalogue, version: int, engine: str) -> int | None:
    """Return the row of a provenance of a version that this engine gave; None where it gave none.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        row = catalogue.one("SELECT provenance FROM cleaning WHERE version = ? AND engine = ? LIMIT 1", version, engine)
    return int(row[0]) if row else None


def ledger_of_source(catalogue: Catalogue, version: int, source_sha256: str) -> int | None:
    """Return the row of the latest ledger that leads from what cleaning read to a version; None where there is none.

    A visit that found what an earlier one had found has that one's text, and so its ledger.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        row = catalogue.one(
            "SELECT ledger FROM cleaning WHERE ledger IS NOT NULL AND version = ?"
            " AND capture IN (SELECT id FROM capture WHERE source_sha256 = ?) ORDER BY id DESC LIMIT 1",
            version,
            source_sha256,
        )
    return int(row[0]) if row is not None else None


def last_visit_with_text(catalogue: Catalogue, version: int) -> str | None:
    """Return the identifier of the last visit that had the text of a version, None where none had.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        row = catalogue.one(
            "SELECT visit_id FROM visit JOIN capture ON capture.id = visit.capture WHERE version = ?"
            " ORDER BY fetched_at DESC, capture.id DESC LIMIT 1",
            version,
        )
    return str(row[0]) if row else None


class MarkdownFile(NamedTuple):
    """The Markdown file of an article that has a text."""

    article: int
    """Row of the article."""
    path: str
    """Relative to the collection."""
    clean_sha256: str
    """Of the text that it is to hold."""
    record: int
    """Row of the conversion record that holds this text."""


class ObsoleteFile(NamedTuple):
    """A Markdown file that is to be removed, because its article became one with another."""

    path: str
    """Relative to the collection."""
    sha256: str
    """Of the text that was written; anything else there is somebody's own."""


_MARKDOWN_FILES = (
    "SELECT article.id AS article, markdown AS path, clean_sha256, version.record AS record FROM article"
    " JOIN version ON version.id = current_version"
)


def current_files(catalogue: Catalogue) -> list[MarkdownFile]:
    """Return the file of each article that has a text. Raises sqlite3.Error."""
    return list(catalogue.select(MarkdownFile, _MARKDOWN_FILES))


def pending_files(catalogue: Catalogue) -> list[MarkdownFile]:
    """Return the files that are to be written. Raises sqlite3.Error."""
    return list(catalogue.select(MarkdownFile, f"{_MARKDOWN_FILES} WHERE pending"))


def obsolete_files(catalogue: Catalogue) -> list[ObsoleteFile]:
    """Return the files that are to be removed. Raises sqlite3.Error."""
    return list(catalogue.select(ObsoleteFile, "SELECT path, sha256 FROM obsolete"))


def is_anything_pending(catalogue: Catalogue) -> bool:
    """Whether some file is to be written or removed. Raises sqlite3.Error."""
    sql = "SELECT 1 FROM article WHERE pending UNION ALL SELECT 1 FROM obsolete LIMIT 1"
    return catalogue.one(sql) is not None


def set_pending(catalogue: Catalogue, article: int, *, pending: bool) -> None:
    """Note whether an article's file is to be written."""
    catalogue.execute("UPDATE article SET pending = ? WHERE id = ?", (int(pending), article))


def forget_obsolete(catalogue: Catalogue, path: str) -> None:
    """Note that a file has been removed."""
    catalogue.execute("DELETE FROM obsolete WHERE path = ?", (path,))


def has_text(catalogue: Catalogue, article: int, sha256: str) -> bool:
    """Whether some version of an article has the text of this digest. Raises sqlite3.Error."""
    sql = "SELECT 1 FROM version WHERE article = ? AND clean_sha256 = ?"
    return catalogue.one(sql, article, sha256) is not None
