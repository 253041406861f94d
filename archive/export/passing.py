"""Records passed from a WARC file to somebody else, byte for byte, while it is noted what each of them is.

Every member is inflated on the way, so that nothing damaged is given away; blocks of any size cost no memory.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.errors import Damaged, storage_errors
from archive.records import Fields, Record
from archive.scan import Chunks, RecordParser, inflate

__all__ = ["Passage", "passed", "peek"]

_BEGINNING = 64 * 1024
"""Bytes of a block that are looked at: the head of an HTTP answer."""


class Passage(NamedTuple):
    """A record that was passed on, without its block."""

    offset: int
    """Of its gzip member in the file, in bytes."""
    length: int
    record: Record
    """With the beginning of its block."""
    sha256: str
    """Of the member."""


def passed(path: Path, start: int, end: int, sink: Callable[[bytes], object] | None = None) -> Iterator[Passage]:
    """Pass the members between two places of a file to the sink, and yield each when it has passed.

    Raises Damaged at the first that is no whole record, and StorageError where the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        file.seek(start)
        chunks = Chunks(file, start, end)
        while found := _next(path.name, chunks, sink):
            yield found


def peek(path: Path, offset: int, length: int) -> Record:
    """Return one record with the beginning of its block. Raises what `passed` raises."""
    found = next(passed(path, offset, offset + length), None)
    if found is None or found.length != length:
        raise Damaged(f"{path.name}: the record at {offset:,} is not {length:,} bytes long")
    return found.record


def _next(name: str, chunks: Chunks, sink: Callable[[bytes], object] | None) -> Passage | None:
    offset, digest, beginning = chunks.offset, sha256(), bytearray()
    first = chunks.take()
    if not first:
        return None
    chunks.give_back(first)

    def watch(data: bytes) -> None:
        digest.update(data)
        if sink:
            sink(data)

    parser = RecordParser(f"{name}: the record at {offset:,}")
    try:
        for piece in inflate(chunks, watch):
            data = parser.feed(piece)
            beginning += data[: _BEGINNING - len(beginning)]
        fields: Fields = parser.end()
    except Damaged as error:
        raise error if str(error).startswith(name) else Damaged(f"{name}: {error}") from error
    return Passage(offset, chunks.offset - offset, Record(fields, bytes(beginning)), digest.hexdigest())
