"""Facts that were worked out once, in a file beside the catalogue that may be deleted at any time.

The file holds nothing that is not in the collection. Where it cannot be read or written, facts are worked out again.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from xuanzhi.review.comparing import FACTS
from xuanzhi.review.queue import Facts

__all__ = ["FILE", "FactsFile"]

FILE = "review.sqlite"


class FactsFile:
    """The file of one collection."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> dict[str, Facts]:
        """Return all facts, by the id of their change; none where there is no file that can be read."""
        if self._path.exists():
            with suppress(sqlite3.Error, OSError, ValueError, TypeError), self._opened() as connection:
                rows = connection.execute("SELECT change, facts FROM facts").fetchall()
                return {change: _facts(json.loads(text)) for change, text in rows}
        return {}

    def write(self, facts: Mapping[str, Facts]) -> None:
        """Add facts; where that cannot be, nothing is lost but time."""
        rows = [(change, json.dumps(each, ensure_ascii=False)) for change, each in facts.items()]
        with suppress(sqlite3.Error, OSError), self._opened() as connection:
            try:
                connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorname not in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
                    raise
                self._path.unlink()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] != FACTS:
                connection.execute("DROP TABLE IF EXISTS facts")
                connection.execute("CREATE TABLE facts (change TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID")
                connection.execute(f"PRAGMA user_version = {FACTS}")
            yield connection


def _facts(values: list[object]) -> Facts:
    found = Facts(*values)  # type: ignore[arg-type]  # we wrote them
    return found._replace(traits=tuple(found.traits))
