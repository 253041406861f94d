"""Rebuilding of the catalogue from the WARC files alone.

First the files are scanned (`archive.collection.scan`), then rows are inserted by the code that inserted them first
(`archive.collection.rebuild`), and at last the schedule, which follows from them, is brought up to date.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from archive.catalogue.connection import Catalogue
from archive.catalogue.indexing import markdown_names
from archive.collection.decisions import carried_over
from archive.collection.rebuild import NO_NAMES, RebuildReport, fill
from archive.collection.scan import CollectionScan, read_files
from archive.errors import ArchiveError, Damaged, StorageError, storage_errors
from archive.schedule.table import Schedule
from archive.storage import CATALOGUE, sync_folder

__all__ = ["is_sound", "rebuild", "reindex"]


def reindex(path: Path | str, *, watch: Callable[[int], None] | None = None) -> RebuildReport:
    """Make the catalogue of a collection again, in the place of the old one; `watch` hears of each record's bytes.

    A catalogue that is a sound database is filled anew in one transaction of its own: other processes wait, then see
    the new one, and a process that dies leaves the old one. Where it is none, a new file takes its place, and no other
    process may have the old one open.

    What lies behind the last whole record of a file is a torn tail, which the next opening cuts off; damage before that
    is reported, and what can be read is indexed.

    Raises Busy where another process writes at this moment, NewerSchema, NotACatalogue, DiskFull, NotWritable or
    StorageError. Then the old catalogue stands as it stood.
    """
    path = Path(path)
    old = path / CATALOGUE
    with storage_errors(path):
        if is_sound(old):
            with closing(Catalogue(old, timeout=1, replaceable=True)) as index, index.transaction():
                files = read_files(path, watch=watch)
                names = markdown_names(index)
                with carried_over(index, path):
                    index.clear()
                    return rebuild(path, files, index, names)
        new = old.with_name(f"{old.name}.part")
        with _nobody_uses(old):
            _unlink(new)
            files = read_files(path, watch=watch)
            with closing(Catalogue(new)) as index:
                with index.transaction():
                    result = rebuild(path, files, index)
                index.execute("PRAGMA journal_mode = DELETE")  # one file, whole
        _unlink(old, "-wal", "-shm")  # the old one's, which must not be taken for the new one's
        sync_folder(path)  # that they are gone, before the new one is there
        new.replace(old)
        sync_folder(path)
    return result


def rebuild(
    root: Path, files: CollectionScan, index: Catalogue, names: Mapping[str, str] = NO_NAMES, decided: int | None = None
) -> RebuildReport:
    """Fill an empty catalogue with what the files say, and the schedule from it, inside a transaction.

    `names` has the Markdown files that articles had, by their keys, for those whose text no file holds. `decided` is
    the place in decisions.jsonl up to which it is read, in bytes; None for all of it.

    Raises sqlite3.Error.
    """
    report = fill(root, files, index, names, decided)
    with suppress(ArchiveError):  # whoever uses the schedule reports a mistake in collection.toml
        Schedule(root, index).sync_inside()
    return report


def is_sound(file: Path) -> bool:
    """Whether a file is an SQLite database in which nothing is damaged. Raises Busy."""
    if not file.exists() or not file.stat().st_size:
        return False
    try:
        with storage_errors(file), closing(sqlite3.connect(file, timeout=1)) as connection:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except (Damaged, StorageError, UnicodeDecodeError):  # the last: of a message that quotes what is damaged
        return False


@contextmanager
def _nobody_uses(old: Path) -> Iterator[None]:
    """Keep others from a catalogue that is damaged, as far as it is a database at all. Raises Busy."""
    with ExitStack() as held:
        if old.exists():
            with suppress(Damaged, StorageError), storage_errors(old):
                connection = held.enter_context(closing(sqlite3.connect(old, timeout=1, isolation_level=None)))
                # In this mode SQLite asks for the file itself, not for a share of it.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("BEGIN IMMEDIATE")
        yield


def _unlink(path: Path, *tails: str) -> None:
    for tail in tails or ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
