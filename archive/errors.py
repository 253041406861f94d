"""Errors of the archive package, each with a stable code and a hint.

ArchiveError
├── NotACollection      the folder is none, or its collection.toml cannot be used
│   └── BadConfig       collection.toml holds something that it must not; names the key
├── NoCatalogue         the catalogue that indexes the WARC files is gone
├── NotACatalogue       catalogue.sqlite is somebody else's database
├── NewerSchema         a newer version of this software wrote the catalogue
├── OlderSchema         an older version wrote it; it is to be rebuilt from the files
├── Replaced            another catalogue was put in the place of the one that is open
├── Busy                another process holds the catalogue for too long
├── StorageError        the disk does not take what is to be written; nothing half-written stays
│   ├── DiskFull        no room left, or a quota or a limit of file size is reached
│   ├── SystemLimit     the system gives this process no more files or memory
│   ├── NotWritable     no permission, a read-only medium, or a file where a folder should be
│   └── NotReadable     no permission to read
├── Damaged             bytes on disk are not what was committed; names file and offset
│   └── FilesDiffer     catalogue and WARC files are of different moments, and which is right cannot be told
├── NothingToAccept     nothing is lost in a journal, or no loss in that file can be accepted
├── BadRecord           a value that no WARC header can hold; a mistake of the caller
└── ExportError         an export that cannot be made
    ├── NothingSelected the collection has no article that the selection means
    ├── NothingCaptured there are snapshots, but no captures, and the format holds captures alone
    ├── AlreadyThere    something lies where the result should go
    ├── BadKey          the file is no key that signatures can be made with
    └── MissingLibrary  the format needs a library that is not installed

`storage_errors` is the one place that translates errors of the system and of SQLite into these.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "AlreadyThere",
    "ArchiveError",
    "BadConfig",
    "BadKey",
    "BadRecord",
    "Busy",
    "Damaged",
    "DiskFull",
    "ExportError",
    "FilesDiffer",
    "MissingLibrary",
    "NewerSchema",
    "NoCatalogue",
    "NotACatalogue",
    "NotACollection",
    "NotReadable",
    "NotWritable",
    "NothingCaptured",
    "NothingSelected",
    "NothingToAccept",
    "OlderSchema",
    "Replaced",
    "StorageError",
    "SystemLimit",
    "storage_errors",
]


class ArchiveError(Exception):
    """Base of all errors of this package.

    `code` is a stable English word for machines, `hint` says what to do next.
    """

    code = "archive-error"
    hint = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class NotACollection(ArchiveError):
    """The folder is not a collection."""

    code = "not-a-collection"
    hint = "Name a collection with -c DIR; `clean` makes a new one where there is none."


class BadConfig(NotACollection):
    """collection.toml holds something that it must not."""

    code = "bad-config"
    hint = "Correct collection.toml in an editor."


class NoCatalogue(ArchiveError):
    """There is no catalogue; a new one would not know what is committed in the WARC files."""

    code = "no-catalogue"
    hint = "Rebuild it with `archive reindex`."


class NotACatalogue(ArchiveError):
    """catalogue.sqlite is a database, but none of ours."""

    code = "not-a-catalogue"
    hint = "Move that file elsewhere, then rebuild the catalogue with `archive reindex`."


class NewerSchema(ArchiveError):
    """A newer version of this software wrote the catalogue."""

    code = "newer-schema"
    hint = "Use that version of the software, or a newer one."


class OlderSchema(ArchiveError):
    """An older version of this software wrote the catalogue: it is to be rebuilt from the files."""

    code = "older-schema"
    hint = "Rebuild it with `archive reindex`; on a read-only medium, copy the collection to another disk first."


class Replaced(ArchiveError):
    """Somebody put another catalogue in the place of the one that is open, such as a copy."""

    code = "replaced"
    hint = "Run this again; nothing was written to the one that is gone."


class Busy(ArchiveError):
    """Another process holds the catalogue for too long."""

    code = "busy"
    hint = "Wait until the other process is done, then run this again; nothing was lost."


class StorageError(ArchiveError):
    """The disk does not take what is to be written."""

    code = "storage"
    hint = "Check the disk, then run this again; what was reported done is safe."


class DiskFull(StorageError):
    """No room is left, or a quota or a limit of file size is reached."""

    code = "disk-full"
    hint = "Make room, then run this again; what was reported done is safe and is not done twice."


class SystemLimit(StorageError):
    """The system gives this process no more files or memory: that says nothing about what is on the disk."""

    code = "system-limit"
    hint = "Raise the limit (`ulimit -a` shows it) or close other programs, then run this again."


class NotWritable(StorageError):
    """No permission, a read-only medium, or a file where a folder should be."""

    code = "not-writable"
    hint = "Choose another folder with -c DIR, or change its permissions."


class NotReadable(StorageError):
    """No permission to read."""

    code = "not-readable"
    hint = "Check the permissions of the collection's folder and of the files in it."


class Damaged(ArchiveError):
    """Bytes on disk are not what was committed."""

    code = "damaged"
    hint = "Restore the file from a backup; `archive verify` names everything that is damaged."


class FilesDiffer(Damaged):
    """Catalogue and WARC files do not belong together, in a way that nothing but a person can decide about."""

    code = "files-differ"
    hint = (
        "Nothing was changed. Where files were restored from a backup, restore the newer ones as well; if there are"
        " none, `archive reindex` makes the catalogue of the files that are there, and reports what it lacks."
    )


class BadRecord(ArchiveError):
    """A value that no WARC header can hold."""

    code = "bad-record"


# EFBIG is what a process meets at its limit of file size (ulimit -f); for the user that is a full disk.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EISDIR}
)

_LIMITS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})

_SQLITE_FILES = 4
"""Files that SQLite opens at once for a database, at most: itself, its log, the index of that, their folder."""

_SQLITE_FULL = frozenset({"SQLITE_FULL"})
_SQLITE_REFUSED = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH"})
_SQLITE_BUSY = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
_SQLITE_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


@contextmanager
def storage_errors(path: Path, *, reading: bool = False) -> Iterator[None]:
    """Translate OSError and sqlite3.Error that arise inside into this package's errors.

    `path` is for the message where the error names no file; `reading` says that nothing is to be written.

    Raises DiskFull, SystemLimit, NotWritable, Busy, Damaged or StorageError instead of them; when reading, NotReadable
    for NotWritable.
    """
    refused = NotReadable if reading else NotWritable
    cannot = "cannot read" if reading else "cannot write to"
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(path)
        if error.errno in _FULL:
            raise DiskFull(f"cannot write to {place}: {error.strerror}") from error
        if error.errno in _REFUSED:
            raise refused(f"{cannot} {place}: {error.strerror}") from error
        if error.errno in _LIMITS:
            raise SystemLimit(f"{cannot} {place}: {error.strerror}") from error
        raise StorageError(f"cannot use {place}: {error}") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        base = "_".join(name.split("_")[:2])  # "SQLITE_BUSY" of "SQLITE_BUSY_SNAPSHOT"
        place = str(path)
        # SQLite reports a limit of file size as an I/O error of writing.
        if base in _SQLITE_FULL or name == "SQLITE_IOERR_WRITE":
            raise DiskFull(f"cannot write to {place}: {error}") from error
        if base == "SQLITE_CANTOPEN" and (limit := _limit_of_files()):
            raise SystemLimit(f"{cannot} {place}: {limit.strerror}") from limit
        if base in _SQLITE_REFUSED:
            raise refused(f"{cannot} {place}: {error}") from error
        if base in _SQLITE_BUSY:
            raise Busy(f"{place} is in use by another process") from error
        if base in _SQLITE_DAMAGED:
            raise Damaged(
                f"{place} is damaged: {error}",
                hint="Rebuild it with `archive reindex`.",
            ) from error
        raise StorageError(f"cannot use {place}: {error} ({name or 'SQLite'})") from error


def _limit_of_files() -> OSError | None:
    """Return the system's error if it does not give as many files as SQLite needs, which does not say why it failed."""
    taken: list[int] = []
    try:
        taken.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(_SQLITE_FILES))
    except OSError as error:
        return error if error.errno in _LIMITS else None
    finally:
        for each in taken:
            os.close(each)
    return None


class ExportError(ArchiveError):
    """Base of the errors of `archive.export`."""

    code = "export-error"


class NothingToAccept(ArchiveError):
    """Nothing is lost in a journal, or it is a file whose loss cannot be accepted."""

    code = "nothing-to-accept"
    hint = "`archive verify` names what is wrong."


class NothingSelected(ExportError):
    """The collection has no article that the selection means."""

    code = "nothing-selected"
    hint = "Give fewer conditions, or none for the whole collection."


class NothingCaptured(ExportError):
    """There are snapshots, but no captures, and the form holds captures alone."""

    code = "nothing-captured"
    hint = "A snapshot is a text without the page, so no tool can replay it. Take bagit, ro-crate or markdown instead."


class AlreadyThere(ExportError):
    """Something lies where the result should go."""

    code = "already-there"
    hint = "Choose another name, or put an older export of the same form aside with --force."


class BadKey(ExportError):
    """The file is no key that signatures can be made with."""

    code = "bad-key"
    hint = "Name a private key on the curve P-384 in PEM without a password; --new-key makes one."


class MissingLibrary(ExportError):
    """The form needs a library that is not installed."""

    code = "missing-library"
    hint = "Install it with: pip install 'xuanzhi[export]'"
