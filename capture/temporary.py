"""Temporary files, and how to tell those of a process that died from those of one that lives.

A process that makes temporary files holds the lock of a file of its own beside them for as long as it lives, and names
them after it: `xuanzhi-KIND-TOKEN-…` belongs to `xuanzhi-owner-TOKEN.lock`. The system takes the lock from a process
however it ends, and knows it across containers; a process's number means another process in another container. The
owner's file names the collections that the process works for, so that nobody looks after files of others.
"""

import atexit
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

__all__ = ["abandoned", "serve", "temporary_file", "temporary_prefix"]

_OWNER = "xuanzhi-owner-"
_LOCK = ".lock"


class _Owner:
    """The owner of the temporary files of this process, and of processes that were forked from it since."""

    token = ""
    process = 0
    lock = -1
    path = Path()
    roots: tuple[str, ...] = ()


def serve(root: Path) -> None:
    """Say that this process works for a collection: temporary files that it makes are looked after there."""
    name = str(root.resolve())
    if name not in _Owner.roots:
        _Owner.roots = (*_Owner.roots, name)
        if _Owner.token:
            with suppress(OSError):
                _write_roots()


def temporary_prefix(kind: str) -> str:
    """Return how the name of a temporary file or folder begins. Raises OSError where the system takes no file."""
    if not _Owner.token:
        _own()
    return f"xuanzhi-{kind}-{_Owner.token}-"


def temporary_file(kind: str, directory: Path | None) -> tuple[int, str]:
    """Make a temporary file; return its descriptor and its path.

    `directory` is the system's folder for temporary files by default. Raises OSError.
    """
    return tempfile.mkstemp(dir=directory, prefix=temporary_prefix(kind))


def abandoned(root: Path) -> Iterator[Path]:
    """Yield temporary files that processes which died left behind while they worked for a collection.

    The owner's file comes last. Raises OSError.
    """
    try:
        folder = Path(tempfile.gettempdir())
    except FileNotFoundError:  # where nothing can be written, nothing was left
        return
    for lock in sorted(folder.glob(f"{_OWNER}*{_LOCK}")):
        with suppress(FileNotFoundError, PermissionError):
            if not _is_for(lock, root):
                continue
            descriptor = os.open(lock, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
            try:
                if _lock(descriptor):
                    token = lock.name.removeprefix(_OWNER).removesuffix(_LOCK)
                    yield from sorted(each for each in folder.glob(f"xuanzhi-*-{token}-*"))
                    yield lock
            finally:
                os.close(descriptor)


def _is_for(lock: Path, root: Path) -> bool:
    """Whether an owner's file is this user's, and names a collection."""
    if hasattr(os, "getuid") and lock.stat().st_uid != os.getuid():
        return False
    try:
        return str(root.resolve()) in json.loads(lock.read_bytes())
    except (ValueError, TypeError):  # half written: its process lives, or it has no files yet
        return False


def _own() -> None:
    token = token_hex(8)
    folder = Path(tempfile.gettempdir())
    path, part = folder / f"{_OWNER}{token}{_LOCK}", folder / f".{_OWNER}{token}.part"
    lock = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    _lock(lock)  # before anybody can see it
    _Owner.token, _Owner.process, _Owner.lock, _Owner.path = token, os.getpid(), lock, path
    _write_roots()
    part.rename(path)
    atexit.register(_leave)


def _write_roots() -> None:
    data = json.dumps(_Owner.roots).encode()
    os.pwrite(_Owner.lock, data, 0)
    os.ftruncate(_Owner.lock, len(data))


def _leave() -> None:
    """Remove the owner's file when the process ends by itself: by then it has removed its temporary files."""
    if _Owner.process == os.getpid():
        with suppress(OSError):
            _Owner.path.unlink()


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":  # where nobody can tell, everything has an owner
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
