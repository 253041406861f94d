"""Spools of bytes, in memory or in a file, measured and hashed as they come."""

import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

__all__ = ["EMPTY", "IN_MEMORY", "Block", "Spool", "block_of"]

IN_MEMORY = 1024**2
"""Bytes of one block that stay in memory. Most pages fit; a hundred exchanges at once stay small."""

_PIECE = 64 * 1024


class _File:
    """A temporary file that goes with the last reference to it, or at the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.remove = weakref.finalize(self, _unlink, path)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Bytes that were written once and can be read again and again, from memory or from a temporary file.

    The file goes with the block: when nobody refers to it any more, or with `close`.
    """

    size: int
    """Bytes."""
    sha256: str
    """Of all bytes, in lowercase hex."""
    _kept: bytes | _File

    def open(self) -> BinaryIO:
        """Return a fresh stream from the first byte on; the caller closes it.

        Raises FileNotFoundError after `close`, where the bytes were in a file.
        """
        return BytesIO(self._kept) if isinstance(self._kept, bytes) else self._kept.path.open("rb")

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of at most 64 KiB."""
        with self.open() as stream:
            while piece := stream.read(_PIECE):
                yield piece

    def read(self, limit: int = -1) -> bytes:
        """Return all bytes, or the first `limit`: for small blocks; large ones are read with `open` or by iteration."""
        with self.open() as stream:
            return stream.read(limit)

    def close(self) -> None:
        """Remove the file, where there is one, without waiting for the last reference. May be called twice."""
        if isinstance(self._kept, _File):
            self._kept.remove()


class Spool:
    """Takes bytes and becomes a block."""

    def __init__(self, directory: Path | None = None, in_memory: int = IN_MEMORY) -> None:
        """Begin. `directory` is for the file (the system's for temporary files by default)."""
        self._directory = directory
        self._in_memory = in_memory
        self._hash = sha256()
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None
        self._kept: _File | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append. Raises OSError where the disk does not take it."""
        self.size += len(data)
        self._hash.update(data)
        if self._file is not None:
            self._file.write(data)
            return
        self._pieces.append(data)
        if self.size > self._in_memory:
            from capture.temporary import temporary_file  # what small blocks do without

            descriptor, path = temporary_file("exchange", self._directory)
            self._kept = _File(Path(path))
            self._file = open(descriptor, "wb")  # noqa: PTH123, SIM115  # closed by `block`
            self._file.write(b"".join(self._pieces))
            self._pieces.clear()

    def block(self) -> Block:
        """Return what was written; nothing more may be. Raises OSError where the disk does not take the rest."""
        if self._file is None or self._kept is None:
            data = b"".join(self._pieces)
            self._pieces.clear()
            return Block(self.size, self._hash.hexdigest(), data)
        self._file.close()
        return Block(self.size, self._hash.hexdigest(), self._kept)


def block_of(data: bytes) -> Block:
    """Return bytes that are in memory already as a block."""
    return Block(len(data), sha256(data).hexdigest(), data)


EMPTY = block_of(b"")
