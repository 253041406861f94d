"""Atomic and append-only files on disk.

A file is written whole or not at all: into a neighbour first, which is then renamed over the old file. Under a lock the
neighbour's name follows from the file's name, so a process that dies leaves at most one, and the next
writing of the same file takes it over. Without a lock two processes may write the same file at once; then something
random is part of the name, so that neither renames what the other has half written, and the neighbour is locked by
itself, so that others see whether its writer lives.
"""

import errno
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate, chain
from pathlib import Path
from secrets import token_hex
from typing import Any

from archive.errors import Damaged, storage_errors
from capture.temporary import abandoned

__all__ = [
    "CATALOGUE",
    "Journal",
    "free",
    "held",
    "leftovers",
    "make_folder",
    "remove",
    "storable",
    "sync_file",
    "sync_folder",
    "try_lock",
    "write_atomically",
]

_write = os.write  # tests put a disk that runs full in its place


CATALOGUE = "catalogue.sqlite"

# `.NAME.part` is of a writing under the write lock, `.NAME.0123456789ab.part` of one without it. Anchored at the end,
# and digits are counted: linear.
_WITHOUT_LOCK = re.compile(r"\.[0-9a-f]{12}\.part$", re.ASCII)


def write_atomically(path: Path, data: bytes, *, locked: bool = False, sync: bool = True) -> bool:
    """Write a file so that it is never seen half-written; return False where it already held the data.

    When this returns, the file is on the disk, and so is its name: also where another process wrote it and died
    before it could say so. Without `sync` the caller brings the folder to the disk, for many files in one go.
    Unchanged content is not rewritten, so the file's time stays. Missing folders are made. `locked` says that the
    caller keeps other processes from writing this file.

    Raises DiskFull, NotWritable or StorageError; then the old file stands as it stood, unless it was the folder that
    could not be brought to the disk: then either file may be there after a power cut.
    """
    with storage_errors(path):
        changes = _replace(path, data, locked=locked)
        if sync:
            sync_folder(path.parent)
    return changes


def _replace(path: Path, data: bytes, *, locked: bool) -> bool:
    try:
        # Sizes first: reading a file to compare costs more than a look at its length.
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except FileNotFoundError:
        make_folder(path.parent)
    part = path.with_name(f".{path.name}.part" if locked else f".{path.name}.{token_hex(6)}.part")
    try:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
        try:
            try_lock(file)  # so that nobody takes it for abandoned
            view = memoryview(data)
            while view:
                view = view[_write(file, view) :]
            os.fsync(file)  # else a power cut can leave the new name with no content
        finally:
            os.close(file)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return True


def storable(text: str) -> str:
    """Return the text as SQLite holds it: without lone surrogates. The provenance record has them."""
    return text.encode("utf-8", "replace").decode()


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, so that a new file survives a power cut. Raises OSError."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows has no such thing, and its file systems keep their own journal
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # file systems of networks that know no fsync of folders say so
            raise
    finally:
        os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold the lock of a file, which is made where it is missing; give whether it is ours, and not another process's.

    The system takes the lock from a process that ends, however it ends, and keeps it across containers on one machine:
    a process's number tells neither. Where the system has no such locks, it is always ours. Raises OSError.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        yield try_lock(file)
    finally:
        os.close(file)


def try_lock(file: int) -> bool:
    """Lock an open file for as long as it is open; return false where another process holds its lock."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        if error.errno in {errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS}:  # a file system without locks
            return True
        raise
    return True


def sync_file(path: Path) -> None:
    """Bring a file and its name to the disk, as somebody else wrote it, who may have died before. Raises OSError."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, so that they survive a power cut. Raises OSError.

    A folder in which nothing is yet may be the work of a process that died before it could bring its name to the disk.
    """
    if not path.is_dir() or not any(path.iterdir()):
        if path.parent != path:
            make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def free(path: Path) -> int:
    """Return how many bytes the disk of a folder has left for us. Raises OSError."""
    import shutil  # 5 ms that readers do without

    return shutil.disk_usage(path).free


class Journal:
    """A file of JSON lines that only grows: one object a line, in the order of writing. It need not exist.

    The writer holds the collection's write lock. A line without its end is the work of a process that died before it
    reported anything; the next writer cuts it off, readers pass over it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def size(self) -> int:
        """Return the length of the file in bytes, 0 where there is none. Raises StorageError."""
        with storage_errors(self.path):
            try:
                return self.path.stat().st_size
            except FileNotFoundError:
                return 0

    def entries(self, start: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each whole line from a place on, with the place behind it. Raises Damaged or StorageError."""
        with storage_errors(self.path):
            try:
                file = self.path.open("rb")
            except FileNotFoundError:
                return
            with file:
                file.seek(start)
                place = start
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    place += len(line)
                    yield place, self._read(line, place - len(line))

    def _read(self, line: bytes, place: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
            if isinstance(entry, dict):
                return entry
            reason = "it is no object"
        except ValueError as error:
            reason = str(error)
        raise Damaged(
            f"{self.path}: the line at byte {place} cannot be read: {reason}",
            hint="Put the file back from a copy, or correct the line in an editor; then `archive reindex`.",
        )

    def append(self, lines: Sequence[Mapping[str, Any]]) -> list[int]:
        """Append lines, and return where each ends, in bytes; when this returns, they are on the disk.

        Raises DiskFull, NotWritable or StorageError.
        """
        written = [json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for line in lines]
        with storage_errors(self.path):
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                end = os.lseek(file, 0, os.SEEK_END)
                end = self._cut_tail(file, end)
                if not end:  # before there is anything in it, so that a line never stands in a file without a name
                    sync_folder(self.path.parent)
                os.lseek(file, end, os.SEEK_SET)
                self._write_lines(file, end, b"".join(written))
            finally:
                os.close(file)
        return [end + length for length in accumulate(map(len, written))]

    @staticmethod
    def _write_lines(file: int, end: int, data: bytes) -> None:
        """Write lines, and bring them to the disk. What a failed fsync leaves is never taken for written: it goes."""
        try:
            view = memoryview(data)
            while view:
                view = view[_write(file, view) :]
            os.fsync(file)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(file, end)
            raise

    def sync(self) -> None:
        """Bring to the disk what a process that died may have left before it could. Raises StorageError."""
        with storage_errors(self.path), suppress(FileNotFoundError):
            sync_file(self.path)

    @staticmethod
    def _cut_tail(file: int, end: int) -> int:
        """Cut off what stands behind the last line's end; return the length that is left."""
        start = end
        while start:
            begin = max(start - 4096, 0)
            found = os.pread(file, start - begin, begin).rfind(b"\n")
            if found >= 0:
                start = begin + found + 1
                break
            start = begin
        if start < end:
            os.ftruncate(file, start)
        return start


def leftovers(root: Path, *, writers: bool = True) -> Iterator[Path]:
    """Yield what processes that died left half written: in a collection, and for it in the folder for temporary files.

    What a process that lives may still write to is none. Without `writers` nobody holds the write lock but perhaps the
    caller, so that what is written under it is abandoned, too. Raises OSError.
    """
    parts = [root.glob(".*.part"), *((root / each).glob(".*.part") for each in ("warc", "derived", "quarantine"))]
    parts += [root.glob(f"{CATALOGUE}.part"), (root / "markdown").rglob(".*.part")]
    for path in sorted(chain(*parts)):
        with suppress(FileNotFoundError):  # whoever wrote it is done
            if _is_abandoned(path, writers=writers):
                yield path
    yield from abandoned(root)


def _is_abandoned(path: Path, *, writers: bool) -> bool:
    if not _WITHOUT_LOCK.search(path.name):
        return not writers
    file = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        return try_lock(file)
    finally:
        os.close(file)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; a file that is gone is no error. Raises OSError."""
    if path.is_dir():
        import shutil

        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
