"""Rows of WARC files and their records.

`Catalogue` itself answers where a record lies (`place`, `place_of`, `row_of`) and which files grow; here is the rest.
The files beside the WARC files are in `archive.catalogue.manifest`.

Functions that write do so inside a transaction of the caller's, and raise sqlite3.Error.
"""

from typing import NamedTuple

from archive.catalogue.connection import Catalogue, FileRow

__all__ = [
    "LastRecord",
    "add_file",
    "committed_length",
    "end_of_records",
    "file_names",
    "file_row",
    "files_in_order",
    "last_record",
    "records_around",
    "set_committed_length",
]


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
