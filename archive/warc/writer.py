"""Writing of WARC files: appending, fsync, rotation at about 1 GB.

The writer knows nothing of what it writes. The catalogue tells it where each file's committed part ends. Nothing is
written where something lies behind that: `archive.collection.recovery` says what it is, and no whole record is ever cut
off. What the writer takes back is what it has just written itself, under the same lock.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import Damaged, storage_errors
from archive.storage import sync_folder
from archive.warc.members import Member

__all__ = ["FLOOR", "LIMIT", "append", "file_name", "is_import_file", "next_serial", "serial_of", "take_back"]

LIMIT = 1_000_000_000
"""Bytes at which the next batch begins a new file, as IIPC's guidelines advise; one batch may exceed it."""

FLOOR = 64 * 1024 * 1024
"""Bytes that stay free on the disk. The catalogue's log needs room to commit, Markdown files to be written, and whoever
is to make room needs some to work with; a batch is 10 MB or less, as a rule."""

# Anchored, each part once: linear.
_SERIAL = re.compile(r"xuanzhi(?:-derived|-import)?(?:-selection)?-\d{14}-(\d{5,})\.warc\.gz$", re.ASCII)

_BUFFER = 8 * 1024 * 1024
"""Bytes of small members that are written at once."""

_IMPORTED = "xuanzhi-import"
_PREFIXES = {"warc": "xuanzhi", "derived": "xuanzhi-derived"}

_write = os.write  # tests put a disk that runs full in its place


def file_name(folder: str, now: datetime, serial: int, *, imported: bool = False) -> str:
    """Return the name of a new file: prefix, 14 digits of UTC, serial number, as IIPC advises.

    `imported`: of a file for what others captured.
    """
    return f"{_IMPORTED if imported else _PREFIXES[folder]}-{now.astimezone(UTC):%Y%m%d%H%M%S}-{serial:05}.warc.gz"


def is_import_file(name: str) -> bool:
    """Whether a file of this name holds what others captured."""
    return name.startswith(f"{_IMPORTED}-")


def next_serial(names: Iterable[str]) -> int:
    """Return a serial number above those of all these files: it gives their order independently of the clock."""
    return 1 + max(map(serial_of, names), default=0)


def serial_of(name: str) -> int:
    """Return the serial number in the name of a file of ours, also of an exported selection; 0 where it has none."""
    match = _SERIAL.match(name)
    return int(match[1]) if match else 0


def append(path: Path, committed: int, members: Sequence[Member]) -> None:
    """Write members behind the committed part and bring them to the disk.

    Where that fails, what was written here is taken back: what waited for an fsync that failed may be lost, whatever
    later ones say.

    Raises Damaged where the file is not as long as its committed part, DiskFull, NotWritable or StorageError.
    """
    with storage_errors(path):
        file = _open(path, committed)
        try:
            try:
                os.lseek(file, committed, os.SEEK_SET)
                for piece in _joined(members):
                    _write_all(file, piece)
                os.fsync(file)
                if not committed:
                    sync_folder(path.parent)
            except BaseException:
                os.ftruncate(file, committed)  # shortening needs no room
                raise
        finally:
            os.close(file)


def take_back(path: Path, committed: int, end: int) -> None:
    """Cut off what this process has appended to a file and could not commit; `end` is where that ends.

    The caller holds the write lock, and knows that nothing behind `committed` was committed. Where the file ends
    elsewhere, others had to do with it, and nothing is cut off. Raises NotWritable or StorageError.
    """
    with storage_errors(path):
        if path.stat().st_size == end:
            os.truncate(path, committed)


def _open(path: Path, committed: int) -> int:
    """Open for writing with exactly the committed part in it."""
    flags = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = os.open(path, flags | (0 if committed else os.O_CREAT), 0o644)
    except FileNotFoundError as error:
        if path.parent.is_dir():
            raise Damaged(f"{path} is gone; {committed:,} bytes were committed") from error
        raise
    size = os.fstat(file).st_size
    if size != committed:
        os.close(file)
        raise Damaged(f"{path} has {size:,} bytes; {committed:,} were committed")
    return file


def _joined(members: Sequence[Member]) -> Iterator[bytes]:
    """Yield the members' bytes, small ones together: one call for a batch, which the kernel takes in one go."""
    held: list[bytes] = []
    size = 0
    for member in members:
        if member.path is None:
            held.append(member.data)
            size += member.size
        if held and (member.path is not None or size > _BUFFER):
            yield b"".join(held)
            held, size = [], 0
        if member.path is not None:
            yield from member.pieces()
    if held:
        yield b"".join(held)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[_write(file, view) :]
