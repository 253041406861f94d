"""A file of JSON lines that only grows: what people and commands decided, one object a line, in its order.

The writer holds the collection's write lock. A line without its end is the work of a process that died before it
reported anything; the next writer cuts it off, readers pass over it.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from archive.errors import Damaged, storage_errors
from archive.files import sync_folder

__all__ = ["Journal"]


class Journal:
    """One such file; it need not be there."""

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
            said = json.loads(line)
            if isinstance(said, dict):
                return said
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
                os.lseek(file, end, os.SEEK_SET)
                view = memoryview(b"".join(written))
                while view:
                    view = view[os.write(file, view) :]
                os.fsync(file)
            finally:
                os.close(file)
            if not end:
                sync_folder(self.path.parent)
        return [end + length for length in accumulate(map(len, written))]

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
