"""A zip file that is the same for the same content, with a digest of everything in it (APPNOTE 6.3.10, Zip64)."""

import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from typing import BinaryIO, NamedTuple, Self

__all__ = ["Entry", "Package"]

_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip file can say; the dates of what is inside stand inside."""


class Entry(NamedTuple):
    """A file in the package."""

    path: str
    size: int
    sha256: str


class Package:
    """Takes files one after the other. Use as a context manager: its end writes the list of contents."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin an empty package in a file that is open for writing."""
        self._zip = zipfile.ZipFile(file, "w")
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._zip.close()
        else:  # what is unfinished is thrown away; an error of closing it would hide the reason
            with suppress(Exception):
                self._zip.close()

    def add(self, path: str, pieces: Iterable[bytes], *, size: int | None = None, compressed: bool = False) -> Entry:
        """Add a file piece by piece; return what it came to. `size` is its size, where that is known."""

        def write(sink: Callable[[bytes], object]) -> None:
            for piece in pieces:
                sink(piece)

        return self.pour(path, write, size=size, compressed=compressed)

    def pour(
        self,
        path: str,
        fill: Callable[[Callable[[bytes], object]], None],
        *,
        size: int | None = None,
        compressed: bool = False,
    ) -> Entry:
        """Add a file that `fill` writes to the sink it is given; `size` is its size, where that is known."""
        info = zipfile.ZipInfo(path, _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.create_system = 3  # Unix, on every system
        info.external_attr = 0o100644 << 16
        info.file_size = size or 0
        digest, written = sha256(), 0
        with self._zip.open(info, "w", force_zip64=size is None) as file:

            def sink(data: bytes) -> None:
                nonlocal written
                digest.update(data)
                written += len(data)
                file.write(data)

            fill(sink)
        self.entries.append(Entry(path, written, digest.hexdigest()))
        return self.entries[-1]
