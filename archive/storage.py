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
from hashlib import sha256
from itertools import accumulate, chain
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

from archive.errors import Damaged, storage_errors
from capture.temporary import abandoned

__all__ = [
    "CATALOGUE",
    "Journal",
    "JournalHead",
    "JournalLine",
    "free",
    "held",
    "json_line",
    "leftovers",
    "make_folder",
    "read_line",
    "read_range",
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


_PIECE = 1024 * 1024
"""Bytes that are read at one time."""


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


def read_range(path: Path, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of a part of a file, in pieces; fewer where the file ends before. Raises OSError."""
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece


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


_PREVIOUS = re.compile(rb'\{"previous": "([0-9a-f]{64})"')
"""How a line begins that names the digest before it. Anchored by `match`, of one length: linear."""

# In JSON these are ordinary characters, but Python's `str.splitlines` and JavaScript before 2019 end a line at them.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def json_line(entry: Mapping[str, Any]) -> bytes:
    """Return an object as one line of JSON, whatever tool divides the lines."""
    return json.dumps(entry, ensure_ascii=False).translate(_LINE_ENDS).encode("utf-8", "replace") + b"\n"


class JournalHead(NamedTuple):
    """A journal up to the end of a line."""

    length: int
    """Bytes."""
    digest: str
    """What the line behind it names as `previous`."""


class JournalLine(NamedTuple):
    """A line of a journal as it stands in the file."""

    start: int
    """Its first byte."""
    data: bytes
    """Its bytes with the line's end, also where that is missing in the file."""
    ended: bool
    """Whether it has its end."""
    whole: bool
    """Whether it is more than the half of a line: it has its end, or lacks only that."""
    fits: bool
    """Whether it names as `previous` what stands before it; a line of an earlier version names nothing."""
    digest: str
    """Of the file up to its end: what the next line has to name."""

    @property
    def end(self) -> int:
        """The place behind it, in bytes."""
        return self.start + len(self.data)


class Journal:
    r"""A file of JSON lines that only grows: one object a line, in the order of writing. It need not exist.

    The lines are a chain: each begins with `previous`, the sha256 of the line before with its end. A line before that
    names nothing, as an earlier version wrote it, has no digest of its own; then it is the sha256 of all bytes before.
    So the digest of the last line stands for the whole file.

    The writer holds the collection's write lock. Lines end at `\n` and nowhere else. A last line that only lacks its
    end is a line, and the next writer gives it one. Half a line is the work of a process that died before it reported
    anything; the next writer moves it to a file beside this one, readers pass over it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def unfinished(self) -> Path:
        """The file that halves of lines are moved to."""
        return self.path.with_name(f"{self.path.name}.unfinished")

    def size(self) -> int:
        """Return where the last whole line ends, in bytes; 0 where there is no file. Raises StorageError."""
        with storage_errors(self.path):
            try:
                file = os.open(self.path, os.O_RDONLY | _BINARY)
            except FileNotFoundError:
                return 0
            try:
                return self._last_line(file)[1]
            finally:
                os.close(file)

    def head(self) -> JournalHead:
        """Return the end of the last whole line and the digest there. Raises StorageError."""
        with storage_errors(self.path):
            try:
                file = os.open(self.path, os.O_RDONLY | _BINARY)
            except FileNotFoundError:
                return JournalHead(0, _NOTHING)
            try:
                return self._head(file)
            finally:
                os.close(file)

    def holds(self, head: JournalHead) -> bool:
        """Whether a line ends at this place and has this digest. Raises StorageError."""
        with storage_errors(self.path):
            try:
                file = os.open(self.path, os.O_RDONLY | _BINARY)
            except FileNotFoundError:
                return head == JournalHead(0, _NOTHING)
            try:
                return self._head(file, head.length) == head
            finally:
                os.close(file)

    def _head(self, file: int, end: int | None = None) -> JournalHead:
        line, end = self._last_line(file, end)
        if _PREVIOUS.match(line):
            return JournalHead(end, sha256(line).hexdigest())
        whole, place = sha256(), 0
        while piece := os.pread(file, min(end - place, 1 << 20), place):
            whole.update(piece)
            place += len(piece)
        if place < end:  # the last line's end, which is missing
            whole.update(b"\n")
        return JournalHead(end, whole.hexdigest())

    def _last_line(self, file: int, limit: int | None = None) -> tuple[bytes, int]:
        """Return the last whole line before a place, with its end, and the place behind it."""
        size = os.fstat(file).st_size
        end = size if limit is None else min(limit, size)
        start = _line_start(file, end - 1)
        line = os.pread(file, end - start, start)
        if not line or line.endswith(b"\n"):
            return line, end
        if end == size and _is_object(line):
            return line + b"\n", end + 1
        return self._last_line(file, start)

    def lines(self, start: int = 0) -> Iterator[JournalLine]:
        """Yield each line from a place on, the last one also where it lacks its end, and half a line too.

        From another place than 0, `fits` and `digest` are right only of lines that name their `previous`.
        Raises StorageError.
        """
        with storage_errors(self.path):
            try:
                file = self.path.open("rb")
            except FileNotFoundError:
                return
            with file:
                whole: Any = sha256()
                digest, chained = (self._head(file.fileno(), start).digest, True) if start else (_NOTHING, False)
                file.seek(start)
                for data in file:
                    ended = data.endswith(b"\n")
                    line = data if ended else data + b"\n"
                    named = _PREVIOUS.match(line)
                    fits = named[1].decode() == digest if named else not chained
                    chained = chained or named is not None
                    whole.update(line)
                    digest = (sha256(line) if named else whole).hexdigest()
                    yield JournalLine(start, line, ended, ended or _is_object(data), fits, digest)
                    start += len(line)

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
                    ended = line.endswith(b"\n")
                    if not ended and not _is_object(line):
                        return
                    place += len(line) + (not ended)
                    yield place, self._read(line, place - len(line) - (not ended))

    def _read(self, line: bytes, place: int) -> dict[str, Any]:
        try:
            return read_line(line)
        except ValueError as error:
            raise Damaged(
                f"{self.path}: the line at byte {place} cannot be read: {error}",
                hint="`archive verify` tells what is wrong; restore the file from a backup if `--repair` cannot.",
            ) from error

    def append(self, lines: Sequence[Mapping[str, Any]]) -> list[int]:
        """Append lines, and return where each ends, in bytes; when this returns, they are on the disk.

        Raises DiskFull, NotWritable or StorageError.
        """
        with storage_errors(self.path):
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | _BINARY, 0o644)
            try:
                end, digest = self._mend_tail(file)
                if not end:  # before there is anything in it, so that a line never stands in a file without a name
                    sync_folder(self.path.parent)
                written = []
                for entry in lines:
                    written.append(json_line({"previous": digest, **entry}))
                    digest = sha256(written[-1]).hexdigest()
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

    def mend(self) -> None:
        """Give the last line its end where only that is missing, and move half a line aside. Raises StorageError."""
        with storage_errors(self.path):
            try:
                file = os.open(self.path, os.O_RDWR | _BINARY)
            except FileNotFoundError:
                return
            try:
                self._mend_tail(file)
            finally:
                os.close(file)

    def _mend_tail(self, file: int) -> JournalHead:
        """Do what `mend` does, and return where the next line begins and what it names."""
        size = os.fstat(file).st_size
        head = self._head(file)
        if head.length > size:
            os.lseek(file, 0, os.SEEK_END)
            os.write(file, b"\n")
            os.fsync(file)
        elif head.length < size:
            half = os.pread(file, size - head.length, head.length)
            aside = os.open(self.unfinished, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, 0o644)
            try:
                view = memoryview(half + b"\n")
                while view:
                    view = view[os.write(aside, view) :]
                os.fsync(aside)
            finally:
                os.close(aside)
            sync_folder(self.path.parent)
            os.ftruncate(file, head.length)
            os.fsync(file)
        return head


_BINARY = getattr(os, "O_BINARY", 0)
_NOTHING = sha256(b"").hexdigest()


def read_line(line: bytes) -> dict[str, Any]:
    """Return the object in a line of a journal, with `previous` where it has that. Raises ValueError."""
    try:
        entry = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    return entry


def _is_object(line: bytes) -> bool:
    """Whether a line without its end is whole: an object ends with its last brace."""
    try:
        read_line(line)
    except ValueError:
        return False
    return True


def _line_start(file: int, end: int) -> int:
    """Return where the line begins that the byte before this place is in."""
    start = max(end, 0)
    while start:
        begin = max(start - 4096, 0)
        found = os.pread(file, start - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        start = begin
    return 0


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
