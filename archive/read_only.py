"""The catalogue opened without writing: no file stays behind, nobody is kept waiting, and nothing is healed.

SQLite's own read-only mode is not enough for that: in a collection that nobody has open it makes the files of the
write-ahead log, and leaves them there; where it may not make them, it refuses. So it depends on what lies beside the
catalogue, and on whether one may write there.

| beside the catalogue | it is opened |
| --- | --- |
| the log and its index (`-wal`, `-shm`) | read-only: somebody writes at this moment, or left them |
| nothing, or an empty log | as one who may write and never does: SQLite takes the log away again at the end |
| the same, but one may not write, or the mode has no log | as it is, without locks (`immutable=1`) |
| a log without its index, or a journal, that cannot be read so | as a private copy, where SQLite may finish its work |

`immutable=1` means that SQLite trusts the file not to change. A process that begins to write meanwhile writes to its
log first, so mostly nothing happens; but when it folds the log into the file, answers may come from both states.
`changed` tells of that.
"""

import os
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.catalogue.connection import TIMEOUT, Catalogue
from archive.catalogue.schema import SCHEMA_VERSION
from archive.errors import NoCatalogue, OlderSchema, StorageError, storage_errors

__all__ = ["ReadOnlyCatalogue"]


class ReadOnlyCatalogue(Catalogue):
    """The catalogue as it was committed at one moment. For one look: a long one keeps the log from being folded."""

    def __init__(self, path: Path, *, timeout: float = TIMEOUT) -> None:
        """Connect. A catalogue of an older version is brought up to this one first, where it may be written.

        Raises NoCatalogue, NotACatalogue, NewerSchema, OlderSchema, NotReadable, Busy, Damaged or StorageError.
        """
        self.path = path
        self._copy: TemporaryDirectory[str] | None = None
        self._seen: tuple[int, int, int] | None = None
        with storage_errors(path, reading=True):
            if not path.exists() or not path.stat().st_size:
                raise NoCatalogue(f"{path.parent} has no {path.name}")
            found = self._connect(timeout)
        if found < SCHEMA_VERSION:
            self.close()
            self._bring_up_to_date(found, timeout)
            with storage_errors(path, reading=True):
                self._connect(timeout)

    def _connect(self, timeout: float) -> int:
        """Connect in the way that fits, and take the moment that is shown; return the schema's version."""
        self._seen = None
        wal, index, journal = (self.path.with_name(self.path.name + tail) for tail in ("-wal", "-shm", "-journal"))
        if (wal.exists() and index.exists()) or _size(journal):
            try:
                return self._begin(self.path, "mode=ro", timeout)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
                    raise
        elif not _size(wal):
            if os.access(self.path.parent, os.W_OK) and os.access(self.path, os.W_OK) and _has_log(self.path):
                return self._begin(self.path, "mode=rw", timeout)
            self._seen = self._look()
            return self._begin(self.path, "immutable=1", timeout)
        self._copy = TemporaryDirectory(prefix="xuanzhi-")
        for each in (self.path, wal, journal):
            if each.exists():
                shutil.copyfile(each, Path(self._copy.name, each.name))
        return self._begin(Path(self._copy.name, self.path.name), "mode=rw", timeout)

    def _begin(self, path: Path, mode: str, timeout: float) -> int:
        uri = f"{path.absolute().as_uri()}?{mode}"
        self._connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
        try:
            self.execute("PRAGMA query_only = ON")
            self.execute("PRAGMA temp_store = MEMORY")
            self.execute("BEGIN")
            return self.schema()
        except BaseException:
            self.close()
            raise

    def _bring_up_to_date(self, found: int, timeout: float) -> None:
        try:
            Catalogue(self.path, timeout=timeout).close()
        except StorageError as error:
            raise OlderSchema(
                f"{self.path} has schema {found}, and cannot be brought up to {SCHEMA_VERSION}: {error}"
            ) from error

    @property
    def changed(self) -> bool:
        """Whether somebody wrote to the file while it was taken to stand still."""
        if self._seen is None or not self.path.exists():
            return False
        with storage_errors(self.path, reading=True):
            now = self._look()
        # A file of another number was put in its place, and the one that was read is as it was.
        return now[0] == self._seen[0] and now != self._seen

    def _look(self) -> tuple[int, int, int]:
        status = self.path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def close(self) -> None:
        """Close the connection, and remove the private copy."""
        super().close()
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None


def _has_log(path: Path) -> bool:
    """Whether a database writes ahead: its head says so (SQLite's file format, section 1.3.3)."""
    with path.open("rb") as file:
        return file.read(20)[18:] == b"\x02\x02"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
