"""A zip file that is the same for the same content, with a digest of everything in it (APPNOTE 6.3.10, Zip64)."""

import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

__all__ = ["Entry", "Package"]

_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip file can say; the dates of what is inside stand inside."""

_PIECE = 1024 * 1024
_IN_MEMORY = 16 * _PIECE

Sink = Callable[[bytes], object]
Fill = Callable[[Sink], object]


class Entry(NamedTuple):
    """A file in the package."""

    path: str
    size: int
    sha256: str


class Package:
    """Takes files one after the other. Use as a context manager: its end writes the list of contents.

    Sizes are known before a file goes in, so that Zip64 is used where it must be and nowhere else: the reader of
    ReplayWeb.page does not find the content behind the longer heads that it brings.
    """

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        """Begin an empty package in a file that is open for writing; `folder` is for temporary files."""
        self._zip = zipfile.ZipFile(file, "w")
        self._folder = folder
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._zip.close()
        else:  # what is unfinished is thrown away; an error of closing it would hide the reason
            with suppress(Exception):
                self._zip.close()

    def add(self, path: str, data: bytes) -> Entry:
        """Add a small file, compressed; return what it came to."""
        return self._pour(path, lambda sink: sink(data), len(data), compressed=True)

    def store(self, path: str, fill: Fill, size: int) -> Entry:
        """Add a file of this size as it is; `fill` writes it to the sink that it is given."""
        return self._pour(path, fill, size, compressed=False)

    def gather(self, path: str, fill: Fill, *, compressed: bool) -> Entry:
        """Add a file whose size nobody knows yet: it goes into a temporary file first."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._folder)) as held:
            fill(held.write)
            size = held.tell()
            held.seek(0)

            def again(sink: Sink) -> None:
                while piece := held.read(_PIECE):
                    sink(piece)

            return self._pour(path, again, size, compressed=compressed)

    def _pour(self, path: str, fill: Fill, size: int, *, compressed: bool) -> Entry:
        info = zipfile.ZipInfo(path, _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.create_system = 3  # Unix, on every system
        info.external_attr = 0o100644 << 16
        info.file_size = size
        digest = sha256()
        with self._zip.open(info, "w") as file:

            def sink(data: bytes) -> None:
                digest.update(data)
                file.write(data)

            fill(sink)
        self.entries.append(Entry(path, size, digest.hexdigest()))
        return self.entries[-1]
