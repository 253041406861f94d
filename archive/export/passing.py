"""Records passed from a WARC file to somebody else, byte for byte, while it is noted what each of them is.

Every member is inflated on the way, so that nothing damaged is given away; blocks of any size cost no memory.
"""

from base64 import b32encode
from collections.abc import Callable, Iterator
from hashlib import sha1, sha256
from pathlib import Path
from typing import NamedTuple

from archive.errors import Damaged, storage_errors
from archive.warc.reader import Chunks, RecordParser, inflate
from archive.warc.records import Fields, Record

__all__ = ["Passage", "passed", "peek"]

_BEGINNING = 64 * 1024
"""Bytes of a block that are looked at: the head of an HTTP answer."""

_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")


class Passage(NamedTuple):
    """A record that was passed on, without its block."""

    offset: int
    """Of its gzip member in the file, in bytes."""
    length: int
    record: Record
    """With the beginning of its block."""
    sha256: str
    """Of the member."""
    payload_digest: str
    """Labelled, of what was captured: as its record says, else made here; empty where there is no payload."""


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

    payload: _Payload | None = None
    parser = RecordParser(f"{name}: the record at {offset:,}")
    try:
        for piece in inflate(chunks, watch):
            data = parser.feed(piece)
            beginning += data[: _BEGINNING - len(beginning)]
            if payload is None and parser.fields is not None:
                payload = _Payload(parser.fields)
            if payload is not None:
                payload.feed(data)
        fields: Fields = parser.end()
    except Damaged as error:
        raise error if str(error).startswith(name) else Damaged(f"{name}: {error}") from error
    said = payload.digest() if payload is not None else ""
    return Passage(offset, chunks.offset - offset, Record(fields, bytes(beginning)), digest.hexdigest(), said)


class _Payload:
    """Takes the digest of a payload whose record names none, as others often leave it out.

    That is SHA-1 in base32 over all that stands behind the head of an answer, as other indexers make it.
    """

    def __init__(self, fields: Fields) -> None:
        record = Record(fields, b"")
        self._said = record.get("WARC-Payload-Digest")
        kind = record.type.lower()
        self._hasher = sha1(usedforsecurity=False) if not self._said and kind in {"response", "resource"} else None
        self._head: bytes | None = b"" if kind == "response" else None

    def feed(self, data: bytes) -> None:
        if self._hasher is None:
            return
        if self._head is not None:
            self._head += data
            ends = [at + len(end) for end in _HEAD_ENDS if (at := self._head.find(end)) >= 0]
            if not ends and len(self._head) < _BEGINNING:
                return
            data, self._head = self._head[min(ends, default=0) :], None
        self._hasher.update(data)

    def digest(self) -> str:
        if self._hasher is None:
            return self._said
        if self._head:  # no head ended
            self._hasher.update(self._head)
        return f"sha1:{b32encode(self._hasher.digest()).decode()}"
