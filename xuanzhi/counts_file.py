"""What was counted of pages, in a file beside the catalogue that may be deleted at any time.

Learning again reads only pages that are new.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from clean.learn.counts import COUNTED, Counted, packed, unpacked
from xuanzhi.side_file import SideFile

__all__ = ["FILE", "CountsFile"]

FILE = "learned.sqlite"

# The source's scope; what names the text that was counted; what was counted of it.
_COLUMNS = "source TEXT NOT NULL, text TEXT NOT NULL, counted BLOB NOT NULL, PRIMARY KEY (source, text)"


class CountsFile:
    """The file of one collection."""

    def __init__(self, folder: Path) -> None:
        """Take the collection's folder."""
        self._file = SideFile(folder / FILE, "page", _COLUMNS, version=COUNTED)

    def read(self, source: str) -> dict[str, Counted]:
        """Return what was counted of a source's pages, by their texts' names; nothing where no file can be read."""
        with suppress(ValueError):
            rows = self._file.rows("SELECT text, counted FROM page WHERE source = ?", (source,))
            return {text: unpacked(data) for text, data in rows}
        return {}

    def write(self, source: str, before: Mapping[str, Counted], now: Mapping[str, Counted]) -> None:
        """Keep what is counted of a source's pages now instead of before; where that cannot be, only time is lost."""
        gone = [(source, text) for text in before if text not in now]
        new = [(source, text, packed(one)) for text, one in now.items() if text not in before]
        if gone or new:
            self._file.write(
                ("DELETE FROM page WHERE source = ? AND text = ?", gone),
                ("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", new),
            )
