"""Records as gzip members (WARC 1.1, annex D), one member each.

A member holds no time and no name: same record, same bytes. A block of any size goes through in pieces; what is too
large for memory becomes a temporary file, which is appended later.

The checksum at a member's end is of the bytes that it inflates to, and other compressed bytes may inflate to the same:
bits that fill up, a repetition that names another place. So that a change of any byte is seen, the member's head has
the CRC-32 of the compressed bytes, in a subfield of the extra field (RFC 1952 §2.3.1.1), which readers pass over; annex
D puts record lengths there in the same way.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from archive.errors import storage_errors
from archive.warc.records import Record, head

__all__ = ["GZIP_LEVEL", "HEAD_SIZE", "IN_MEMORY", "STORED", "Member", "gzip_head", "member", "streamed", "verbatim"]

_PLAIN_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
"""Deflate, no flags, no time, no hint about the level, made on Unix (RFC 1952 §2.3)."""

_FIELD = b"xz\x04\x00"
"""Name and length of our subfield."""

HEAD_SIZE = len(_PLAIN_HEAD) + 2 + len(_FIELD) + 4

GZIP_LEVEL = 6
"""Level 9 takes twice the time of 6 and saves 3 % (measured on pages of WeChat)."""

STORED = 0
"""Level for blocks that are compressed already: another time costs much and saves nothing."""

IN_MEMORY = 1024 * 1024
"""Bytes of one member that stay in memory."""

_PIECE = 1024 * 1024

_SMALL = 4 * 1024
"""Bytes of a block for which a window of 4 KB is enough."""


class Member(NamedTuple):
    """A record as it goes into a file: its identifier and its gzip member, in memory or in a temporary file."""

    record_id: str
    size: int
    """Bytes of the member."""
    data: bytes
    """The member; empty where it is in a file."""
    path: Path | None = None
    """The temporary file that holds the member; `discard` removes it."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the member's bytes. Raises OSError where its file is gone."""
        if self.path is None:
            yield self.data
            return
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def discard(self) -> None:
        """Remove the temporary file, where there is one. May be called twice."""
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


def member(record: Record) -> Member:
    """Return the record as one gzip member. Raises BadRecord where a field would not stand on one line."""
    return streamed(record.fields, [record.block])


def streamed(
    fields: tuple[tuple[str, str], ...],
    block: Iterable[bytes],
    *,
    level: int = GZIP_LEVEL,
    directory: Path | None = None,
    in_memory: int = IN_MEMORY,
) -> Member:
    """Return a record as one gzip member, from its named fields and the pieces of its block.

    `directory` is for the temporary file of one that has more than `in_memory` bytes (the system's by default).

    Raises BadRecord where a field would not stand on one line, DiskFull, NotWritable or StorageError.
    """
    named = dict(fields)
    record_id = named["WARC-Record-ID"].strip("<>")
    return verbatim(
        record_id,
        head(fields),
        block,
        size=int(named["Content-Length"]),
        level=level,
        directory=directory,
        in_memory=in_memory,
    )


def verbatim(
    record_id: str,
    head: bytes,
    block: Iterable[bytes],
    *,
    size: int,
    level: int = GZIP_LEVEL,
    directory: Path | None = None,
    in_memory: int = IN_MEMORY,
) -> Member:
    """Return a record as one gzip member, from the bytes of its head and the pieces of its block, of `size` bytes.

    Raises DiskFull, NotWritable, StorageError, and what `block` raises; then no temporary file is left.
    """
    deflated = _Deflated(head, block, _compressor(level, size))
    held: list[bytes] = []
    written = 0
    for piece in deflated:
        held.append(piece)
        written += len(piece)
        if written > in_memory:
            return _in_file(record_id, held, deflated, directory)
    data = b"".join((gzip_head(deflated.checksum), *held))
    return Member(record_id, len(data), data)


def gzip_head(checksum: int | None) -> bytes:
    """Return the head of a member whose compressed bytes have this CRC-32; without one, as it was written at first."""
    if checksum is None:
        return _PLAIN_HEAD
    field = _FIELD + checksum.to_bytes(4, "little")
    return _PLAIN_HEAD[:3] + b"\x04" + _PLAIN_HEAD[4:] + len(field).to_bytes(2, "little") + field


def _compressor(level: int, size: int) -> "zlib._Compress":
    """Return what compresses a block of this size to bare deflate: head and tail of the member are ours.

    By default it looks back over 32 KB and has tables to match, a quarter of a megabyte that is made ready for every
    record. What is stored looks nowhere, and what is small has little to look at: most records are, and get ready in
    a tenth of the time.
    """
    if level == STORED:
        return zlib.compressobj(level, zlib.DEFLATED, -12, 6)
    return zlib.compressobj(level, zlib.DEFLATED, *((-12, 4) if size < _SMALL else (-15, 8)))


class _Deflated:
    """A record's compressed bytes with the tail of a member, piece by piece; and when they all came, their CRC-32."""

    def __init__(self, first: bytes, block: Iterable[bytes], compressor: "zlib._Compress") -> None:
        self.checksum = 0
        """Of the compressed bytes, without the tail."""
        self._pieces = self._deflate(first, block, compressor)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def _deflate(self, first: bytes, block: Iterable[bytes], compressor: "zlib._Compress") -> Iterator[bytes]:
        checksum, length = 0, 0
        for piece in chain((first,), block, (b"\r\n\r\n",)):
            checksum, length = zlib.crc32(piece, checksum), length + len(piece)
            if out := compressor.compress(piece):
                self.checksum = zlib.crc32(out, self.checksum)
                yield out
        out = compressor.flush()
        self.checksum = zlib.crc32(out, self.checksum)
        yield out + checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")


def _in_file(record_id: str, held: list[bytes], rest: _Deflated, directory: Path | None) -> Member:
    import tempfile  # 6 ms that small records do not need

    from capture.temporary import temporary_file

    folder = directory or Path(tempfile.gettempdir())
    with storage_errors(folder):
        descriptor, name = temporary_file("record", directory)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(bytes(HEAD_SIZE))
                file.writelines(held)
                held.clear()
                file.writelines(rest)
                size = file.tell()
                _write_head(file, rest.checksum)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    return Member(record_id, size, b"", Path(name))


def _write_head(file: BinaryIO, checksum: int) -> None:
    """Fill in the head, when the checksum is known."""
    file.seek(0)
    file.write(gzip_head(checksum))
