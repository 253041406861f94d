"""Plain files written whole or not at all: into a neighbour first, then renamed over the old one.

Under a lock the neighbour's name follows from the file's name, so a process that dies leaves at most one, and the next
writing of the same file takes it over. Without a lock two processes may write the same file at once; then the process's
number is part of the name, so that neither renames what the other has half written.
"""

import os
from contextlib import suppress
from pathlib import Path

from archive.errors import storage_errors

__all__ = ["write_atomically"]

_write = os.write  # tests put a disk that runs full in its place


def write_atomically(path: Path, data: bytes, *, locked: bool = False) -> bool:
    """Write a file so that it is never seen half-written; return False where it already held the data.

    Unchanged content is not rewritten, so the file's time stays. Missing folders are made. `locked` says that the
    caller keeps other processes from writing this file.

    Raises DiskFull, NotWritable or StorageError; then the old file stands as it stood.
    """
    with storage_errors(path):
        try:
            # Sizes first: reading a file to compare costs more than a look at its length.
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return False
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part" if locked else f".{path.name}.{os.getpid()}.part")
        try:
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
            try:
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
