"""What was worked out once, in a file beside the catalogue that may be deleted at any time.

Such a file holds nothing that is not in the collection. Where it cannot be read or written, the same is worked out
again; one that is broken, or of another version, is made anew.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["SideFile"]

_BROKEN = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


class SideFile:
    """One SQLite file with one table."""

    def __init__(self, path: Path, table: str, columns: str, *, version: int) -> None:
        """Take its place, its table's name and columns, and the version of what stands in it."""
        self._path = path
        self._table = table
        self._columns = columns
        self._version = version

    def rows(self, question: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what a question gives; nothing where there is no file that can be read."""
        if self._path.exists():
            with suppress(sqlite3.Error, OSError), self._opened() as connection:
                return connection.execute(question, values).fetchall()
        return []

    def write(self, *changes: tuple[str, Iterable[Sequence[object]]]) -> None:
        """Make changes, each for rows of values, all or none; where that cannot be, nothing is lost but time."""
        with suppress(sqlite3.Error, OSError), self._opened() as connection:
            for change, rows in changes:
                connection.executemany(change, rows)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                if connection.execute("PRAGMA user_version").fetchone()[0] != self._version:
                    connection.execute(f"DROP TABLE IF EXISTS {self._table}")
                    connection.execute(f"CREATE TABLE {self._table} ({self._columns}) WITHOUT ROWID")
                    connection.execute(f"PRAGMA user_version = {self._version}")
                yield connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in _BROKEN:  # the next writing makes it anew
                self._path.unlink()
            raise
