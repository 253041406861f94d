"""Connections to the catalogue: opening, transactions, locking, record places.

The catalogue holds nothing that is not in the WARC files, except how much of each file is committed. Its write lock is
the lock of the whole collection, so two processes need no other.

A catalogue has one schema, that of `archive.catalogue.schema`. One of another version is not migrated: it is an index,
and `archive.maintenance.rebuild` makes it again from the files.

The journal is a write-ahead log with synchronous=FULL. A commit costs one fsync and is on the disk when it returns; a
killed process loses nothing that was committed; and readers, such as the review page, never wait for a batch that is
being written. A rollback journal costs three fsyncs for the same promise. The log needs a local disk or one machine at
a time, as SQLite's locks do anyway.

Rows come with names: `Catalogue.select` returns them as a NamedTuple whose fields are the query's columns,
`Catalogue.rows` as sqlite3.Row.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

from archive.catalogue.schema import SCHEMA, SCHEMA_VERSION
from archive.errors import (
    Damaged,
    NewerSchema,
    NoCatalogue,
    NotACatalogue,
    OlderSchema,
    Replaced,
    StorageError,
    storage_errors,
)
from archive.warc.reader import RecordPlace

__all__ = ["Catalogue", "FileRow", "ReadOnlyCatalogue", "TemporaryCatalogue"]

TIMEOUT = 60.0
"""Seconds to wait for another process; a batch takes well under one."""


_OURS = frozenset({"file", "record", "article", "capture", "version", "cleaning", "event"})
"""Tables of every schema there ever was."""


R = TypeVar("R", bound=NamedTuple)


class FileRow(NamedTuple):
    """A WARC file and how much of it is committed."""

    id: int
    folder: str
    name: str
    committed_length: int


_FILE = ", ".join(FileRow._fields)
_PLACE = ", ".join(RecordPlace._fields)


class Catalogue:
    """A connection to catalogue.sqlite. One per process; it does not go through a fork."""

    _in_doubt = False
    """Whether nobody knows if the last transaction is on the disk."""

    def __init__(self, path: Path, *, timeout: float = TIMEOUT, replaceable: bool = False) -> None:
        """Connect, and create the tables in a new file.

        With `replaceable`, a catalogue of an older schema is accepted too, for a caller who will `clear` it.

        Raises OlderSchema, NewerSchema, NotACatalogue, NotWritable, DiskFull, Busy, Damaged or StorageError.
        """
        self.path = path
        with storage_errors(path):
            self._connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
            try:
                self._prepare(timeout, replaceable=replaceable)
                self._file = _identity(path)
            except UnicodeDecodeError as error:  # of a message that quotes what is damaged
                self._connection.close()
                raise sqlite3.DatabaseError("it holds what is no text") from error
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, timeout: float, *, replaceable: bool) -> None:
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA foreign_keys = OFF")  # versions and captures name each other; the code keeps them
        self.execute("PRAGMA temp_store = MEMORY")
        version = self.schema()
        if version and not replaceable:
            self._require_schema(version)
        if version:
            if self.one("PRAGMA journal_mode")[0] != "wal":  # it was rebuilt, or somebody changed that
                with suppress(sqlite3.OperationalError):  # on a read-only medium, nobody writes
                    self._write_ahead(timeout)
            return
        self._file = _identity(self.path)
        self._write_ahead(timeout)
        with self.transaction():
            if not self._version():  # otherwise another process was quicker
                self._create()

    def create(self, script: str) -> None:
        """Run the statements of a script, inside a transaction. Raises sqlite3.Error."""
        for statement in _statements(script):
            self.execute(statement)

    def _create(self) -> None:
        self.create(SCHEMA)
        self.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def clear(self, keep: Sequence[str] = ()) -> None:
        """Drop all tables, inside a transaction, and create those of today's schema, empty.

        The rows of the tables in `keep` stay; the catalogue must have today's schema then.
        """
        rows = {table: self.rows(f"SELECT * FROM {table}") for table in keep}
        # A virtual table takes the tables that it lies in with it, and they cannot be dropped without it.
        for kind in ("CREATE VIRTUAL TABLE%", "%"):
            wanted = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE ?"
            for (name,) in self.execute(wanted, (kind,)).fetchall():
                self.execute(f'DROP TABLE "{name}"')
        self._create()
        for table, kept in rows.items():
            for row in kept:
                self.insert(table, **dict(row))

    def schema(self) -> int:
        """Return the schema's version, 0 of a new file.

        Raises NewerSchema, NotACatalogue, or sqlite3.Error.
        """
        version = self._version()
        tables = {name for (name,) in self.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if tables and not (version and tables >= _OURS):
            raise NotACatalogue(f"{self.path} is no catalogue: it has other tables ({', '.join(sorted(tables)[:5])})")
        if version > SCHEMA_VERSION:
            raise NewerSchema(f"{self.path} has schema {version}; this software knows schemas up to {SCHEMA_VERSION}")
        return version

    def _require_schema(self, version: int) -> None:
        if version < SCHEMA_VERSION:
            raise OlderSchema(f"{self.path} has schema {version}; this software needs schema {SCHEMA_VERSION}")

    def _version(self) -> int:
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    def _write_ahead(self, timeout: float) -> None:
        """Switch to the write-ahead log. SQLite does not wait for a lock here, so this does."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    def copy(self, path: Path) -> "Catalogue":
        """Return a catalogue in a new file that has what this one has now, by SQLite's backup interface.

        Others may write to this one meanwhile. Raises DiskFull, NotWritable, Busy, Damaged or StorageError.
        """
        self.copy_to(path)
        return Catalogue(path)

    def copy_to(self, path: Path) -> None:
        """Write what this catalogue has now into a new file, which is on the disk then. Raises as `copy`."""
        with storage_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as target:
            target.execute("PRAGMA synchronous = FULL")
            self._connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, whole

    def close(self) -> None:
        """Close the connection; the last one to close folds the log into the file."""
        self._connection.close()

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Run one statement. Raises sqlite3.Error, which `transaction` and `storage_errors` translate."""
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of many rows. Raises sqlite3.Error."""
        self._connection.executemany(sql, rows)

    def insert(self, table: str, **values: object) -> int:
        """Insert a row and return its id."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        row = self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid
        assert row is not None  # for the type checker: an INSERT has a row id
        return row

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row of a query as a tuple, or None. Raises sqlite3.Error."""
        return self.execute(sql, values).fetchone()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query, each with its columns by name. Raises sqlite3.Error."""
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, values).fetchall()

    def select(self, row_type: type[R], sql: str, *values: object) -> Iterator[R]:
        """Yield the rows of a query as a NamedTuple whose fields are named as the columns, in the same order.

        The names are compared once for each query, so that a column that moved is an error and no wrong value: that
        costs nothing a row, where a call by keyword takes half as long again.

        Raises TypeError where the names are others, or sqlite3.Error.
        """
        cursor = self.execute(sql, values)
        names = tuple(column[0] for column in cursor.description)
        if names != row_type._fields:
            raise TypeError(f"the columns {names} are not the fields {row_type._fields}")
        return map(row_type._make, cursor)

    def first(self, row_type: type[R], sql: str, *values: object) -> R | None:
        """Return the first row that `select` yields, or None. Raises what `select` raises."""
        return next(self.select(row_type, sql, *values), None)

    def require(self, row_type: type[R], sql: str, *values: object) -> R:
        """Return the first row that `select` yields. Raises Damaged where there is none, and what `select` raises."""
        row = self.first(row_type, sql, *values)
        if row is None:
            raise Damaged(
                f"{self.path} refers to a row that it does not have", hint="Rebuild it with `archive reindex`."
            )
        return row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the collection's write lock; commit at the end, roll back on any exception.

        The lock is taken at once, so what is read inside is still true when it is written.

        When a commit could not be brought to the disk, its pages stay in the log, and whoever opens the catalogue next
        may find it committed or not. Until then there is no other transaction: what it would write or cut off could be
        what those pages speak of.

        Raises Replaced, Busy, DiskFull, NotWritable, Damaged or StorageError.
        """
        with storage_errors(self.path):
            if self._in_doubt:
                raise StorageError(
                    f"{self.path}: the disk failed when the last transaction was committed;"
                    " whether it is kept shows when the catalogue is opened again"
                )
            self.execute("BEGIN IMMEDIATE")
            try:
                if _identity(self.path) != self._file:
                    raise Replaced(f"{self.path} is not the file any more that this process opened")
                yield
                self._commit()
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite rolls back by itself when the disk is full
                    self.execute("ROLLBACK")
                raise

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Within a transaction, undo what was done inside where an exception leaves it. Raises sqlite3.Error, too."""
        self.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO attempt")
            raise
        finally:
            self.execute("RELEASE attempt")

    def require_sound(self) -> None:
        """Raise Damaged unless SQLite finds the whole database in order; that reads all of it."""
        (found,) = self.one("PRAGMA integrity_check(1)")
        if found != "ok":
            raise Damaged(f"{self.path} is damaged: {found}", hint="Rebuild it with `archive reindex`.")

    def _commit(self) -> None:
        try:
            self.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # What could not be written has no commit mark; what could not be synced has one.
            name = error.sqlite_errorname
            self._in_doubt = name.startswith("SQLITE_IOERR") and name != "SQLITE_IOERR_WRITE"
            raise

    def current_file(self, folder: str) -> FileRow | None:
        """Return the file of a folder that grows at present."""
        sql = f"SELECT {_FILE} FROM file WHERE folder = ? AND NOT imported ORDER BY id DESC LIMIT 1"
        return self.first(FileRow, sql, folder)

    def unsealed_files(self) -> list[FileRow]:
        """Return the files behind whose committed part something may lie: those that grow, and all imported ones."""
        imported = list(self.select(FileRow, f"SELECT {_FILE} FROM file WHERE imported"))
        growing = (self.current_file(folder) for folder in ("warc", "derived"))
        return [*imported, *(file for file in growing if file is not None)]

    def file(self, row: int) -> FileRow:
        """Return a file by its row. Raises Damaged where there is none."""
        return self.require(FileRow, f"SELECT {_FILE} FROM file WHERE id = ?", row)

    def row_of(self, record_id: str) -> int | None:
        """Return the row of a record, None where there is none of this name."""
        row = self.one("SELECT id FROM record WHERE record_id = ?", record_id)
        return int(row[0]) if row else None

    def place(self, record: int) -> RecordPlace:
        """Return where a record lies, by its row. Raises Damaged where there is none."""
        sql = f"SELECT {_PLACE} FROM record JOIN file ON file.id = record.file WHERE record.id = ?"
        return self.require(RecordPlace, sql, record)

    def place_of(self, record_id: str) -> RecordPlace | None:
        """Return where a record lies, by its identifier; None where there is none of this name."""
        sql = f"SELECT {_PLACE} FROM record JOIN file ON file.id = record.file WHERE record_id = ?"
        return self.first(RecordPlace, sql, record_id)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _statements(script: str) -> Iterator[str]:
    """Split a script; sqlite3's own executescript would commit the transaction first."""
    statement = ""
    for line in script.splitlines():
        statement += line.partition("--")[0] + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class TemporaryCatalogue(Catalogue):
    """An empty catalogue without a name: SQLite keeps it in memory, and in a temporary file what is beyond the cache.

    It is gone when it is closed.
    """

    def __init__(self) -> None:
        """Make one. Raises DiskFull or StorageError."""
        self.path = Path("a temporary catalogue")  # for messages
        self._file = None
        with storage_errors(self.path):
            self._connection = sqlite3.connect("", isolation_level=None)
            self.execute(f"PRAGMA cache_size = -{_CACHE}")
            self.execute("PRAGMA synchronous = OFF")
            self.execute("PRAGMA journal_mode = OFF")
            with self.transaction():
                self._create()


_CACHE = 64 * 1024
"""KiB of a temporary catalogue that stay in memory: that of 10,000 captures takes none of the disk."""


_ROOM = 1024 * 1024
"""Bytes that SQLite needs for the index of the log, amply: on a fuller disk it could not make that."""


class ReadOnlyCatalogue(Catalogue):
    """The catalogue as it was committed at one moment: no file stays behind, nobody is kept waiting, nothing is healed.

    For one look: a long one keeps the log from being folded. SQLite's own read-only mode is not enough, because in a
    collection that nobody has open it creates the files of the log and leaves them there, and fails where it may not.
    So what lies beside the catalogue decides how it is opened:

    | beside the catalogue | it is opened |
    | --- | --- |
    | the log and its index (`-wal`, `-shm`) | read-only: somebody writes at this moment, or left them |
    | nothing, or an empty log | as one who may write and never does: SQLite removes the log again at the end |
    | the same, but one may not write, the disk is full, or the mode has no log | as it is, without locks \
(`immutable=1`) |
    | a log without its index, or a journal, that cannot be read so | as a private copy, where SQLite may finish its \
work |

    `immutable=1` means that SQLite trusts the file not to change. A process that begins to write meanwhile writes to
    its log first, so mostly nothing happens; but when it folds the log into the file, answers may come from both
    states. `changed` tells of that.
    """

    def __init__(self, path: Path, *, timeout: float = TIMEOUT, any_schema: bool = False) -> None:
        """Connect; with `any_schema`, also to a catalogue of an older schema.

        Raises NoCatalogue, NotACatalogue, NewerSchema, OlderSchema, NotReadable, Busy, Damaged or StorageError.
        """
        self.path = path
        self._any_schema = any_schema
        self._copy: TemporaryDirectory[str] | None = None
        self._seen: tuple[int, int, int] | None = None
        with storage_errors(path, reading=True):
            if not path.exists() or not path.stat().st_size:
                raise NoCatalogue(f"{path.parent} has no {path.name}")
            self._connect(timeout)

    def _connect(self, timeout: float) -> None:
        """Connect in the way that fits, and begin to read: what is shown is the catalogue of this moment."""
        wal, index, journal = (self.path.with_name(self.path.name + tail) for tail in ("-wal", "-shm", "-journal"))
        has_room = shutil.disk_usage(self.path.parent).free > _ROOM
        may_write = has_room and os.access(self.path.parent, os.W_OK) and os.access(self.path, os.W_OK)
        mode = ""
        if (wal.exists() and index.exists()) or _size(journal):
            mode = "mode=ro"
        elif not _size(wal) and may_write and _has_log(self.path):
            mode = "mode=rw"
        if mode:
            try:
                self._begin(self.path, mode, timeout)
                return
            except sqlite3.OperationalError as error:
                is_refused = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
                # The index of the log cannot be made: for want of room, by a quota, or a limit of file size.
                has_no_index = error.sqlite_errorname.startswith("SQLITE_IOERR_SHM")
                if not has_no_index and (mode != "mode=ro" or not is_refused):
                    raise
        if not _size(wal) and not _size(journal):
            self._seen = self._look()
            self._begin(self.path, "immutable=1", timeout)
            return
        self._copy = TemporaryDirectory(prefix="xuanzhi-")
        for each in (self.path, wal, journal):
            if each.exists():
                shutil.copyfile(each, Path(self._copy.name, each.name))
        self._begin(Path(self._copy.name, self.path.name), "mode=rw", timeout)

    def _begin(self, path: Path, mode: str, timeout: float) -> None:
        uri = f"{path.absolute().as_uri()}?{mode}"
        self._connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
        try:
            self.execute("PRAGMA query_only = ON")
            self.execute("PRAGMA temp_store = MEMORY")
            self.execute("BEGIN")
            version = self.schema()
            if not self._any_schema:
                self._require_schema(version)
        except BaseException:
            self.close()
            raise

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
