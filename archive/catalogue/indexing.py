"""Queries of indexing: what the catalogue says of records and captures when files are scanned for it, all or some.

Functions that write do so inside a transaction of the caller's. Every function raises sqlite3.Error.
"""

from collections.abc import Iterable
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.naming import fold

__all__ = [
    "STAND_IN",
    "Holdings",
    "NamelessText",
    "article_of",
    "capture_of",
    "clear_obsolete",
    "has_other_records",
    "has_unjudged_capture",
    "has_unused_derived_record",
    "holdings",
    "is_judged",
    "is_name_used",
    "markdown_names",
    "nameless_texts",
    "set_name",
]

STAND_IN = "?"
"""What stands in for the name of a Markdown file begins with it, until it is known which file holds the text."""


class Holdings(NamedTuple):
    """How much a catalogue has."""

    records: int
    captures: int
    decisions: int


def holdings(catalogue: Catalogue) -> Holdings:
    """Count records, captures and reviewers' decisions."""
    return catalogue.require(
        Holdings,
        "SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM capture) AS captures,"
        " (SELECT count(*) FROM decision) AS decisions",
    )


def capture_of(catalogue: Catalogue, record_id: str) -> int | None:
    """Return the row of a capture by the record that names it: a visit's description, or a snapshot's resource."""
    row = catalogue.one(
        "SELECT capture FROM visit WHERE visit_id = ?1 UNION ALL SELECT capture.id FROM capture"
        " WHERE kind = 'snapshot' AND record = (SELECT id FROM record WHERE record_id = ?1)",
        record_id,
    )
    return int(row[0]) if row else None


def article_of(catalogue: Catalogue, capture: int) -> int:
    """Return the article of a capture, by their rows."""
    return int(catalogue.one("SELECT article FROM capture WHERE id = ?", capture)[0])


def is_judged(catalogue: Catalogue, capture: int) -> bool:
    """Whether anything says what a capture turned out to be."""
    return catalogue.one("SELECT 1 FROM cleaning WHERE capture = ?", capture) is not None


def has_unjudged_capture(catalogue: Catalogue) -> bool:
    """Whether there is a capture whose judgement, or whose text, no file holds."""
    sql = "SELECT 1 FROM capture WHERE id NOT IN (SELECT capture FROM cleaning) LIMIT 1"
    return catalogue.one(sql) is not None


def has_unused_derived_record(catalogue: Catalogue) -> bool:
    """Whether a derived file has a record, beside the first, that no judgement names."""
    return (
        catalogue.one(
            "SELECT 1 FROM record JOIN file ON file.id = record.file WHERE folder = 'derived' AND offset > 0"
            " AND record.id NOT IN (SELECT provenance FROM cleaning WHERE provenance IS NOT NULL"
            " UNION ALL SELECT ledger FROM cleaning WHERE ledger IS NOT NULL UNION ALL SELECT record FROM version)"
            " LIMIT 1"
        )
        is not None
    )


def has_other_records(catalogue: Catalogue, places: Iterable[tuple[str, str, int, int]]) -> bool:
    """Whether the catalogue has a record that is not at one of these places: identifier, file, offset, length."""
    rows = catalogue.execute("SELECT record_id, name, offset, length FROM record JOIN file ON file.id = record.file")
    return not set(places).issuperset(rows)


# Markdown files


class NamelessText(NamedTuple):
    """An article whose Markdown file has no name yet."""

    article: int
    stand_in: str
    clean_sha256: str
    """Of its current text."""


def nameless_texts(catalogue: Catalogue) -> list[NamelessText]:
    """Return the articles that have a stand-in for the name of their Markdown file, in the order of their rows."""
    return list(
        catalogue.select(
            NamelessText,
            "SELECT article.id AS article, markdown AS stand_in, clean_sha256 FROM article"
            " JOIN version ON version.id = current_version WHERE substr(markdown, 1, 1) = ? ORDER BY article.id",
            STAND_IN,
        )
    )


def is_name_used(catalogue: Catalogue, path: str) -> bool:
    """Whether an article has this Markdown file."""
    return catalogue.one("SELECT 1 FROM article WHERE markdown_folded = ?", fold(path)) is not None


def set_name(catalogue: Catalogue, article: int, path: str, *, pending: bool) -> None:
    """Give an article its Markdown file; `pending` says that its text is still to be written there."""
    catalogue.execute(
        "UPDATE article SET markdown = ?, markdown_folded = ?, pending = ? WHERE id = ?",
        (path, fold(path), int(pending), article),
    )


def markdown_names(catalogue: Catalogue) -> dict[str, str]:
    """Return the Markdown file of each article that has one, by the article's key."""
    return dict(catalogue.execute("SELECT key, markdown FROM article WHERE markdown IS NOT NULL").fetchall())


def clear_obsolete(catalogue: Catalogue) -> None:
    """Forget the files that were to be removed."""
    catalogue.execute("DELETE FROM obsolete")
