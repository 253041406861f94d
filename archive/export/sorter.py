"""Lines sorted by their bytes, however many there are."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Sorter"]


class Sorter:
    """Lines in the order of their bytes, each once; what is more than fits into memory waits in a temporary file."""

    def __init__(self, folder: Path) -> None:
        """Begin; the temporary file lies in the folder, where the result will be and so room is."""
        self._file = tempfile.NamedTemporaryFile(dir=folder, prefix=".lines-")  # noqa: SIM115 -- closed in __exit__
        self._lines = sqlite3.connect(self._file.name, isolation_level=None)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"):
            self._lines.execute(statement)
        self._lines.execute("CREATE TABLE line (text BLOB PRIMARY KEY) WITHOUT ROWID")
        self._lines.execute("BEGIN")

    def __enter__(self) -> "Sorter":
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._file.close()

    @property
    def count(self) -> int:
        """Lines that there are."""
        return int(self._lines.execute("SELECT count(*) FROM line").fetchone()[0])

    def add(self, line: str | None) -> None:
        """Add a line; None adds nothing."""
        if line is not None:
            self._lines.execute("INSERT OR IGNORE INTO line VALUES (?)", (line.encode(),))

    def __iter__(self) -> Iterator[bytes]:
        return (text for (text,) in self._lines.execute("SELECT text FROM line ORDER BY text"))
