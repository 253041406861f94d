"""Plain files written whole or not at all: into a neighbour first, then renamed over the old one.

Under a lock the neighbour's name follows from the file's name, so a process that dies leaves at most one, and the next
writing of the same file takes it over. Without a lock two processes may write the same file at once; then the process's
number is part of the name, so that neither renames what the other has half written.
"""

import os
from contextlib import suppress
from pathlib import Path

from archive.errors import storage_errors

__all__ = ["CATALOGUE", "free", "make_folder", "storable", "sync_folder", "write_atomically"]

_write = os.write  # tests put a disk that runs full in its place


CATALOGUE = "catalogue.sqlite"


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


def storable(text: str) -> str:
    """Return the text as SQLite holds it: without lone surrogates. The provenance record has them."""
    return text.encode("utf-8", "replace").decode()


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, so that a new file survives a power cut."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows has no such thing; its file systems keep their own journal
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, so that they survive a power cut. Raises OSError."""
    if not path.is_dir():
        if path.parent != path:
            make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def free(path: Path) -> int:
    """Return how many bytes the disk of a folder has left for us. Raises OSError."""
    import shutil  # 5 ms that readers do without

    return shutil.disk_usage(path).free
