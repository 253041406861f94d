"""Does the catalogue say what the files say? It is rebuilt beside, and compared row by row."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError, storage_errors
from archive.files import CATALOGUE
from archive.maintenance.compare import NAMES, SCHEDULE, Difference, differences
from archive.maintenance.rebuild import Reindexed, rebuild
from archive.said import read_files
from archive.schedule.table import Schedule

__all__ = ["compare"]


def compare(
    root: Path,
    index: Catalogue,
    watch: Callable[[int], None] | None = None,
    told: Callable[[Reindexed], None] | None = None,
) -> Iterator[Difference]:
    """Yield where a collection's catalogue and one that is rebuilt from its files differ.

    Compared is one state of the catalogue with the committed part of the files, so another process may write meanwhile.
    The names of Markdown files do not count: they follow from what lies on the disk. `watch` hears of each record's
    bytes, `told` what rebuilding found.

    Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
    """
    with tempfile.TemporaryDirectory(prefix=f"xuanzhi-catalogue-{os.getpid()}-") as folder, storage_errors(root):
        index.execute("BEGIN")  # what is read from here on is one state
        try:
            rows = index.execute("SELECT folder, name, committed_length FROM file").fetchall()
            files = read_files(root, {(row[0], row[1]): row[2] for row in rows}, watch)
            with closing(Catalogue(Path(folder) / CATALOGUE)) as again:
                with again.transaction():
                    result = rebuild(root, files, again)
                del files
                if told:
                    told(result)
                yield from differences(index, again, NAMES, _behind(root, index))
        finally:
            index.execute("ROLLBACK")


def _behind(root: Path, index: Catalogue) -> frozenset[str]:
    """Return the tables of the schedule where nobody used it since the last change, so that they are behind."""
    with suppress(ArchiveError):  # a mistake in collection.toml is told by whoever uses the schedule
        if Schedule(root, index).is_current():
            return frozenset()
    return SCHEDULE
