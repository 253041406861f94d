"""Rows of WARC files and their records, and queries of indexing: what is known of them when files are scanned.

`Catalogue` itself answers where a record lies (`place`, `place_of`, `row_of`) and which files grow; here is the rest.
The files beside the WARC files are in `archive.catalogue.manifest`.

Functions that write do so inside a transaction of the caller's. Every function raises sqlite3.Error.
"""

from collections.abc import Iterable
from typing import NamedTuple

from archive.catalogue.connection import Catalogue, FileRow
from archive.naming import fold

__all__ = [
    "STAND_IN",
    "Holdings",
    "LastRecord",
    "NamelessText",
    "add_file",
    "article_of",
    "capture_of",
    "clear_obsolete",
    "committed_length",
    "end_of_records",
    "file_names",
    "file_row",
    "files_in_order",
    "has_other_records",
    "has_unjudged_capture",
    "has_unused_derived_record",
    "holdings",
    "is_judged",
    "is_name_used",
    "last_record",
    "markdown_names",
    "nameless_texts",
    "records_around",
    "set_committed_length",
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


# WARC files


def file_names(catalogue: Catalogue, folder: str) -> list[str]:
    """Return the names of the files of a folder. Raises sqlite3.Error."""
    return [name for (name,) in catalogue.execute("SELECT name FROM file WHERE folder = ?", (folder,))]


def files_in_order(catalogue: Catalogue) -> list[FileRow]:
    """Return all files, those of captures first, each folder's in the order in which they were begun.

    Raises sqlite3.Error.
    """
    return list(
        catalogue.select(FileRow, "SELECT id, folder, name, committed_length FROM file ORDER BY folder DESC, id")
    )


def file_row(catalogue: Catalogue, folder: str, name: str) -> int | None:
    """Return the row of a file, None where there is none of this name. Raises sqlite3.Error."""
    row = catalogue.one("SELECT id FROM file WHERE folder = ? AND name = ?", folder, name)
    return int(row[0]) if row else None


def add_file(catalogue: Catalogue, folder: str, name: str, *, imported: bool = False) -> int:
    """Insert an empty file; return its row."""
    return catalogue.insert("file", folder=folder, name=name, committed_length=0, imported=int(imported))


def set_committed_length(catalogue: Catalogue, file: int, length: int) -> None:
    """Note how many bytes of a file are committed."""
    catalogue.execute("UPDATE file SET committed_length = ? WHERE id = ?", (length, file))


def end_of_records(catalogue: Catalogue, file: int) -> int:
    """Return where the last record of a file ends, in bytes; 0 where it has none. Raises sqlite3.Error."""
    row = catalogue.one("SELECT offset + length FROM record WHERE file = ? ORDER BY id DESC LIMIT 1", file)
    return int(row[0]) if row else 0


class LastRecord(NamedTuple):
    """The last record of a file."""

    record_id: str
    offset: int
    """Where its member begins, in bytes."""


def last_record(catalogue: Catalogue, file: int) -> LastRecord | None:
    """Return the last record of a file, None where it has none. Raises sqlite3.Error."""
    return catalogue.first(
        LastRecord, "SELECT record_id, offset FROM record WHERE file = ? ORDER BY id DESC LIMIT 1", file
    )


def committed_length(catalogue: Catalogue, folder: str, name: str) -> int | None:
    """Return how many bytes of a file are committed, None where there is no such file. Raises sqlite3.Error."""
    row = catalogue.one("SELECT committed_length FROM file WHERE folder = ? AND name = ?", folder, name)
    return int(row[0]) if row else None


def records_around(catalogue: Catalogue, record: int, before: int, after: int) -> list[int]:
    """Return the rows of the records of the same file that are at most so many rows before or after this one.

    Raises sqlite3.Error.
    """
    rows = catalogue.execute(
        "SELECT id FROM record WHERE id BETWEEN ? AND ? AND id != ? AND file = (SELECT file FROM record WHERE id = ?)",
        (record - before, record + after, record, record),
    )
    return [row for (row,) in rows]
