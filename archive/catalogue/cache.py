"""A disposable SQLite cache of computed facts, beside the catalogue.

Such a file holds nothing that does not follow from the collection. Where it cannot be read or written, the same facts
are worked out again; a file that is broken, or of another version, is made anew.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

__all__ = ["CacheLayout", "FactCache"]

V = TypeVar("V", str, bytes)

_BROKEN = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})

_TYPES = {str: "TEXT", bytes: "BLOB"}


class CacheLayout(NamedTuple, Generic[V]):
    """The one table of a cache: its name and those of its columns, all of them plain identifiers."""

    table: str
    name: str
    """Column of the facts' names."""
    value: str
    """Column of the facts themselves."""
    value_type: type[V]
    version: int
    """Of the facts: raise it when the same collection gives others."""
    scope: str = ""
    """Column of what the names are unique in; empty where they are unique in the whole file."""

    @property
    def columns(self) -> str:
        """The columns as CREATE TABLE has them."""
        value = f"{self.value} {_TYPES[self.value_type]} NOT NULL"
        if not self.scope:
            return f"{self.name} TEXT PRIMARY KEY, {value}"
        return (
            f"{self.scope} TEXT NOT NULL, {self.name} TEXT NOT NULL, {value}, PRIMARY KEY ({self.scope}, {self.name})"
        )


class FactCache(Generic[V]):
    """One cache file. Each read and write opens it for itself, so several threads and processes may share it."""

    def __init__(self, path: Path, layout: CacheLayout[V]) -> None:
        """Take the file, which need not exist."""
        self._path = path
        self._layout: CacheLayout[V] = layout

    def read(self, scope: str = "") -> dict[str, V]:
        """Return the facts of a scope by their names; nothing where there is no file that can be read."""
        layout = self._layout
        if self._path.exists():
            with suppress(sqlite3.Error, OSError), self._opened() as connection:
                where, values = (f" WHERE {layout.scope} = ?", (scope,)) if layout.scope else ("", ())
                sql = f"SELECT {layout.name}, {layout.value} FROM {layout.table}{where}"
                return dict(connection.execute(sql, values).fetchall())
        return {}

    def write(self, facts: Mapping[str, V], *, stale: Iterable[str] = (), scope: str = "") -> None:
        """Add facts to a scope and drop `stale` ones, all or none; where that cannot be, nothing is lost but time."""
        layout = self._layout
        key: tuple[str, ...] = (scope,) if layout.scope else ()
        where = f"{layout.scope} = ? AND {layout.name} = ?" if layout.scope else f"{layout.name} = ?"
        marks = ", ".join("?" * (len(key) + 2))
        with suppress(sqlite3.Error, OSError), self._opened() as connection:
            connection.executemany(f"DELETE FROM {layout.table} WHERE {where}", [(*key, name) for name in stale])
            connection.executemany(
                f"INSERT OR REPLACE INTO {layout.table} VALUES ({marks})",
                [(*key, name, value) for name, value in facts.items()],
            )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        layout = self._layout
        try:
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                if connection.execute("PRAGMA user_version").fetchone()[0] != layout.version:
                    connection.execute(f"DROP TABLE IF EXISTS {layout.table}")
                    connection.execute(f"CREATE TABLE {layout.table} ({layout.columns}) WITHOUT ROWID")
                    connection.execute(f"PRAGMA user_version = {layout.version}")
                yield connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in _BROKEN:  # the next writing makes it anew
                self._path.unlink()
            raise
