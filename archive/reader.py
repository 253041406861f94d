"""Reading WARC files back: gzip member by member, record by record, strictly.

A record that is cut, has bytes too many or fails its digest is reported with its file and offset; other
readers pass over some of these in silence (warcio#138). Nothing here repairs.
"""

import re
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from archive.errors import Damaged, storage_errors
from archive.records import Record

__all__ = ["Found", "check", "iterate", "parse", "read"]

_CHUNK = 256 * 1024
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$", re.ASCII)


class Found(NamedTuple):
    """A record and the place of its gzip member in the file."""

    offset: int
    length: int
    record: Record


def read(path: Path, offset: int, length: int) -> Record:
    """Read the one record whose gzip member lies at this place.

    Raises Damaged where no whole record lies there, StorageError where the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        file.seek(offset)
        data = file.read(length)
    if len(data) < length:
        raise Damaged(f"{path.name} ends before the record at {offset:,} does")
    found = next(_members(path.name, iter([data]), offset), None)
    if found is None or found.length != length:
        raise Damaged(f"{path.name}: the record at {offset:,} is not {length:,} bytes long")
    return found.record


def iterate(path: Path, end: int | None = None) -> Iterator[Found]:
    """Yield every record of a file, in order, up to `end` (the committed length), or the file's end.

    Raises Damaged at the first place that is no whole record, StorageError where the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        yield from _members(path.name, _chunks(file, end), 0)


def parse(data: bytes, where: str = "record") -> Record:
    """Read one record from its uncompressed bytes (WARC 1.1 §4); `where` begins the messages.

    Raises Damaged where the bytes are not exactly one record.
    """
    head, separator, rest = data.partition(b"\r\n\r\n")
    version, *lines = head.split(b"\r\n")
    if not separator or version not in {b"WARC/1.1", b"WARC/1.0"}:
        raise Damaged(f"{where} does not begin with a WARC head")
    fields: list[tuple[str, str]] = []
    for line in lines:
        try:
            field = _FIELD.match(line.decode())
        except UnicodeDecodeError:
            field = None
        if not field:
            raise Damaged(f"{where} has a header line that is none: {line[:80]!r}")
        fields.append((field[1], field[2]))
    record = Record(tuple(fields), rest[:-4])
    if not rest.endswith(b"\r\n\r\n") or record.get("Content-Length") != str(len(record.block)):
        raise Damaged(f"{where} is not as long as its Content-Length says")
    return record


def check(record: Record) -> None:
    """Check the record's digests against its block.

    Raises Damaged where one differs. Digests of other algorithms than sha256 are not judged.
    """
    wanted = [record.get("WARC-Block-Digest")]
    if record.type in {"resource", "conversion"}:  # whose payload is the block (WARC 1.1 §6.4, §6.8)
        wanted.append(record.get("WARC-Payload-Digest"))
    actual = "sha256:" + sha256(record.block).hexdigest()
    for digest in wanted:
        if digest.startswith("sha256:") and digest != actual:
            raise Damaged(f"{record.record_id}: the block's digest is {actual}, its header says {digest}")


def _chunks(file: BinaryIO, end: int | None) -> Iterator[bytes]:
    left = end if end is not None else -1
    while left:
        chunk = file.read(_CHUNK if left < 0 else min(_CHUNK, left))
        if not chunk:
            if left > 0:
                raise Damaged(f"the file ends {left:,} bytes before its committed length")
            return
        if left > 0:
            left -= len(chunk)
        yield chunk


def _members(name: str, chunks: Iterator[bytes], offset: int) -> Iterator[Found]:
    """Inflate member after member; `offset` is where the first chunk begins."""
    pending = next(chunks, b"")
    while pending:
        inflater = zlib.decompressobj(31)
        pieces: list[bytes] = []
        length = 0
        try:
            while True:
                pieces.append(inflater.decompress(pending))
                length += len(pending)
                if inflater.eof:
                    break
                pending = next(chunks, b"")
                if not pending:
                    raise Damaged(f"{name}: the record at {offset:,} is cut off by the file's end")
        except zlib.error as error:
            raise Damaged(f"{name}: no gzip member at {offset:,}: {error}") from error
        length -= len(inflater.unused_data)
        yield Found(offset, length, parse(b"".join(pieces), f"{name}: the record at {offset:,}"))
        offset += length
        pending = inflater.unused_data or next(chunks, b"")
