"""Identifiers of all records, what refers to them, and what a catalogue says of them: many, and so not in memory.

They stand in a database without a name, of which SQLite keeps 16 MB in memory and the rest in a temporary file.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.errors import storage_errors
from archive.finding import Finding
from archive.verify_fields import values_of
from archive.warc.records import Fields

__all__ = ["References"]

# Columns have no types: what a damaged catalogue says is compared as it stands there.
_TABLES = """
PRAGMA cache_size = -16000;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
CREATE TABLE place (record_id UNIQUE, file, offset, digest);
CREATE TABLE reference (file, offset, record_id, field, target, digest);
CREATE TABLE known (record_id UNIQUE, file, offset);
BEGIN;
"""

_NOT_KNOWN = """
SELECT place.file, place.offset, place.record_id FROM place LEFT JOIN known USING (record_id)
WHERE known.file IS NOT place.file OR known.offset IS NOT place.offset ORDER BY place.rowid
"""

_NOT_THERE = """
SELECT known.file, known.offset, known.record_id FROM known LEFT JOIN place USING (record_id)
WHERE place.rowid IS NULL ORDER BY known.rowid
"""

_WRONG = """
SELECT reference.file, reference.offset, reference.record_id, field, target, reference.digest, place.rowid IS NULL
FROM reference LEFT JOIN place ON place.record_id = target
WHERE place.rowid IS NULL OR (reference.digest != '' AND place.digest NOT IN ('', reference.digest))
ORDER BY reference.rowid
"""


class References:
    """What was found in one file or many. Use as a context manager: leaving it forgets everything."""

    def __init__(self, path: Path) -> None:
        """Begin; `path` is for messages. Raises StorageError."""
        self._path = path
        with storage_errors(path):
            self._index = sqlite3.connect("", isolation_level=None)
            self._index.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()

    def add(self, file: str, offset: int, fields: Fields) -> Iterator[Finding]:
        """Take a record; yield what is wrong about its identifier. Raises DiskFull or StorageError."""
        values = values_of(fields)
        record_id, digest = values.get("warc-record-id", "").strip("<>"), values.get("warc-payload-digest", "")
        wanted = {"warc-concurrent-to": "", "warc-refers-to": digest if values.get("warc-type") == "revisit" else ""}
        targets = [
            (file, offset, record_id, name, value.strip("<>"), wanted[name.lower()])
            for name, value in fields
            if name.lower() in wanted
        ]
        with storage_errors(self._path):
            place = (record_id, file, offset, digest)
            is_new = self._index.execute("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)", place).rowcount
            self._index.executemany("INSERT INTO reference VALUES (?, ?, ?, ?, ?, ?)", targets)
            if is_new:
                return
            where = "SELECT file, offset FROM place WHERE record_id = ?"
            first, at = self._index.execute(where, (record_id,)).fetchone()
            self._index.execute("UPDATE place SET digest = ? WHERE record_id = ? AND digest = ''", (digest, record_id))
        yield Finding(file, offset, record_id, "same-id", f"{first} at {at:,} has the same identifier")

    def know(self, records: Iterable[tuple[str, str, int]]) -> None:
        """Take what a catalogue says: identifier, file and offset of each record. Raises what reading that raises."""
        self._index.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", records)

    def unknown(self) -> Iterator[Finding]:
        """Yield where a catalogue and the files disagree. Raises DiskFull or StorageError."""
        for file, offset, record_id in self._rows(_NOT_KNOWN):
            yield Finding(file, offset, record_id, "not-indexed", "the catalogue does not know that the record is here")
        for file, offset, record_id in self._rows(_NOT_THERE):
            yield Finding(file, offset, record_id, "not-there", "the catalogue says that this record is here")

    def findings(self, *, everywhere: bool) -> Iterator[Finding]:
        """Yield what refers to nothing. `everywhere` says that all records have been taken that there are.

        Raises DiskFull or StorageError.
        """
        for file, offset, record_id, field, target, digest, is_dangling in self._rows(_WRONG):
            if not is_dangling:
                message = f"{target} has another payload digest than {digest}"
                yield Finding(file, offset, record_id, "payload-differs", message)
            elif everywhere or field.lower() == "warc-concurrent-to":
                yield Finding(file, offset, record_id, "dangling", f"{field} leads to no record: {target}")

    def _rows(self, question: str) -> Iterator[tuple[Any, ...]]:
        with storage_errors(self._path):
            yield from self._index.execute(question)
