"""What was counted of pages, in a file beside the catalogue that may be deleted at any time.

Learning again reads only pages that are new. The file holds nothing that is not in the collection: where it cannot be
read or written, pages are counted again.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from clean.learn.counts import COUNTED, Counted, packed, unpacked

__all__ = ["FILE", "CountsFile"]

FILE = "learned.sqlite"

_TABLE = """
CREATE TABLE page (
  source TEXT NOT NULL,                 -- its scope
  text TEXT NOT NULL,                   -- what names the text that was counted
  counted BLOB NOT NULL,
  PRIMARY KEY (source, text)
) WITHOUT ROWID
"""


class CountsFile:
    """The file of one collection."""

    def __init__(self, folder: Path) -> None:
        """Take the collection's folder."""
        self._path = folder / FILE

    def read(self, source: str) -> dict[str, Counted]:
        """Return what was counted of a source's pages, by their texts' names; nothing where no file can be read."""
        if self._path.exists():
            with suppress(sqlite3.Error, OSError, ValueError), self._opened() as connection:
                rows = connection.execute("SELECT text, counted FROM page WHERE source = ?", (source,))
                return {text: unpacked(data) for text, data in rows}
        return {}

    def write(self, source: str, before: Mapping[str, Counted], now: Mapping[str, Counted]) -> None:
        """Keep what is counted of a source's pages now instead of before; where that cannot be, only time is lost."""
        gone = [(source, text) for text in before if text not in now]
        new = [(source, text, packed(one)) for text, one in now.items() if text not in before]
        if not (gone or new):
            return
        with suppress(sqlite3.Error, OSError), self._opened() as connection:
            connection.executemany("DELETE FROM page WHERE source = ? AND text = ?", gone)
            connection.executemany("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", new)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                if connection.execute("PRAGMA user_version").fetchone()[0] != COUNTED:
                    connection.execute("DROP TABLE IF EXISTS page")
                    connection.execute(_TABLE)
                    connection.execute(f"PRAGMA user_version = {COUNTED}")
                yield connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:  # the next time it is made anew
                self._path.unlink()
            raise
