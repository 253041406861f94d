"""WARC files that go into an export: those of the collection as they are, or new ones with some of their records.

Members are copied verbatim, so a record in a new file has the bytes, the identifier and the digests that it always had.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from archive.errors import Damaged, storage_errors
from archive.export.passing import Passage, passed

__all__ = ["Run", "WarcFile"]

_PIECE = 1024 * 1024


class Run(NamedTuple):
    """Members that lie one after the other in a file of the collection."""

    path: Path
    start: int
    end: int


class WarcFile(NamedTuple):
    """One file of an export."""

    folder: str
    """`warc` or `derived`."""
    name: str
    opening: bytes
    """The member of the warcinfo record of a new file; empty for one that goes as it is."""
    runs: tuple[Run, ...]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.opening) + sum(run.end - run.start for run in self.runs)

    def pieces(self) -> Iterator[bytes]:
        """Yield the file's bytes. Raises Damaged where a file of the collection is too short, or StorageError."""
        if self.opening:
            yield self.opening
        for run in self.runs:
            with storage_errors(run.path), run.path.open("rb") as file:
                file.seek(run.start)
                left = run.end - run.start
                while left:
                    piece = file.read(min(left, _PIECE))
                    if not piece:
                        raise Damaged(f"{run.path} ends {left:,} bytes before its committed length")
                    left -= len(piece)
                    yield piece

    def passages(self, sink: Callable[[bytes], object] | None = None) -> Iterator[Passage]:
        """Yield each record with its place in this file, while the file's bytes go to the sink.

        Raises Damaged or StorageError.
        """
        if self.opening and sink:
            sink(self.opening)
        offset = len(self.opening)
        for run in self.runs:
            for passage in passed(run.path, run.start, run.end, sink):
                yield passage._replace(offset=offset + passage.offset - run.start)
            offset += run.end - run.start
