"""Strict reading of our own WARC files, record by record, without repair.

Each gzip member must hold exactly one record, read as a stream. What is cut, has bytes too many or is no record is an
error with its offset; other readers pass over some of these in silence (warcio#138). No piece is larger than a
megabyte, whatever it inflates to.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from archive.errors import Damaged, storage_errors
from archive.warc.records import Fields, Record

__all__ = [
    "ByteRange",
    "Chunks",
    "RecordParser",
    "RecordPlace",
    "StoredRecord",
    "Tail",
    "check_digests",
    "head_at",
    "inflate",
    "iterate",
    "next_member",
    "parse_record",
    "read",
    "read_at",
    "record_digest",
    "require_records",
    "scan_tail",
]

LONGEST_HEAD = 1024 * 1024
"""Bytes of a record's head; what is longer is none."""

_MAGIC = b"\x1f\x8b\x08"

_CHUNK = 256 * 1024
_PIECE = 1024 * 1024

# A token, a colon, blanks, and the value to the end of the line (WARC 1.1 §4). A colon is in no token: linear.
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$", re.ASCII)


class Chunks:
    """A file's bytes in chunks, some of which may be given back."""

    def __init__(self, file: BinaryIO, offset: int = 0, end: int | None = None) -> None:
        """Begin at the file's position, which is `offset`; end at `end`, or with the file."""
        self._file = file
        self._returned = b""
        self._left = -1 if end is None else end - offset
        self.offset = offset
        """Of the next byte."""

    def take(self) -> bytes:
        """Return the next bytes, none at the end. Raises Damaged where the file ends before `end`."""
        if data := self._returned:
            self._returned = b""
        else:
            data = self._file.read(_CHUNK if self._left < 0 else min(_CHUNK, self._left))
            if self._left > 0:
                if not data:
                    raise Damaged(f"the file ends {self._left:,} bytes before its committed length")
                self._left -= len(data)
        self.offset += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        """Take back what was not needed; it comes next."""
        self._returned = data + self._returned
        self.offset -= len(data)


def inflate(chunks: Chunks, watch: Callable[[bytes], None] | None = None) -> Iterator[bytes]:
    """Yield what one gzip member holds; afterwards the chunks stand behind it. `watch` sees the member's own bytes.

    Raises Damaged where no whole member lies there; zlib checks its checksum and its length.
    """
    offset = chunks.offset
    inflater = zlib.decompressobj(31)
    while data := chunks.take():
        while data:
            try:
                piece = inflater.decompress(data, _PIECE)
            except zlib.error as error:
                raise Damaged(f"no gzip member at {offset:,}: {error}") from error
            rest = inflater.unused_data or inflater.unconsumed_tail
            if watch:
                watch(data[: len(data) - len(rest)])
            if piece:
                yield piece
            if inflater.eof:
                chunks.give_back(rest)
                return
            data = rest
    raise Damaged(f"the record at {offset:,} is cut off by the file's end")


def next_member(path: Path, offset: int) -> int | None:
    """Return where the next gzip member begins that holds a WARC record, from `offset` on; None where none does.

    For going on behind damage. Raises StorageError where the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        held = b""
        file.seek(offset)
        while data := file.read(_CHUNK):
            held += data
            found = held.find(_MAGIC)
            while found >= 0:
                if _begins_record(path, offset + found):
                    return offset + found
                found = held.find(_MAGIC, found + 1)
            offset += len(held) - len(_MAGIC) + 1
            held = held[1 - len(_MAGIC) :]
    return None


def _begins_record(path: Path, offset: int) -> bool:
    with path.open("rb") as file:
        file.seek(offset)
        try:
            return zlib.decompressobj(31).decompress(file.read(4096), 7) == b"WARC/1."
        except zlib.error:
            return False


class RecordParser:
    """Parser of one record (WARC 1.1 §4), fed with its uncompressed bytes in any pieces."""

    def __init__(self, where: str) -> None:
        """Begin. `where` begins the messages."""
        self._where = where
        self._head = bytearray()
        self._fields: Fields | None = None
        self._left = 0
        self._tail = bytearray()

    @property
    def fields(self) -> Fields | None:
        """The named fields, once they came."""
        return self._fields

    def feed(self, data: bytes) -> bytes:
        """Take bytes; return those of the block. Raises Damaged where they are no record."""
        if self._fields is None:
            searched = max(0, len(self._head) - 3)
            self._head += data
            end = self._head.find(b"\r\n\r\n", searched)
            if end < 0:
                if len(self._head) > LONGEST_HEAD:
                    raise Damaged(f"{self._where} does not begin with a WARC head")
                return b""
            data = bytes(self._head[end + 4 :])
            self._fields = self._parse(bytes(self._head[:end]))
            self._left = self._length(self._fields)
            self._head.clear()
        block = data[: self._left]
        self._left -= len(block)
        self._tail += data[len(block) : len(block) + 5]
        if len(self._tail) > 4:
            raise Damaged(f"{self._where} is not as long as its Content-Length says")
        return block

    def end(self) -> Fields:
        """Say that nothing more comes; return the fields. Raises Damaged where the record is not whole."""
        if self._fields is None:
            raise Damaged(f"{self._where} does not begin with a WARC head")
        if self._left or self._tail != b"\r\n\r\n":
            raise Damaged(f"{self._where} is not as long as its Content-Length says")
        return self._fields

    def _parse(self, head: bytes) -> Fields:
        version, *lines = head.split(b"\r\n")
        if version not in {b"WARC/1.1", b"WARC/1.0"}:
            raise Damaged(f"{self._where} does not begin with a WARC head")
        fields: list[tuple[str, str]] = []
        for line in lines:
            try:
                field = _FIELD.match(line.decode())
            except UnicodeDecodeError:
                field = None
            if not field:
                raise Damaged(f"{self._where} has a header line that is none: {line[:80]!r}")
            fields.append((field[1], field[2].rstrip(" \t")))
        return tuple(fields)

    def _length(self, fields: Fields) -> int:
        value = next((value for name, value in fields if name.lower() == "content-length"), "")
        if not (value.isascii() and value.isdigit() and len(value) < 19 and str(int(value)) == value):
            raise Damaged(f"{self._where} is not as long as its Content-Length says")
        return int(value)


class RecordPlace(NamedTuple):
    """The place of a record: folder and name of the file, offset and length of the gzip member."""

    folder: str
    name: str
    offset: int
    length: int


class StoredRecord(NamedTuple):
    """A record and the place of its gzip member in the file."""

    offset: int
    length: int
    record: Record


def read(path: Path, offset: int, length: int) -> Record:
    """Read the one record whose gzip member lies at this place.

    Raises Damaged where no whole record lies there, StorageError where the file cannot be read.
    """
    with storage_errors(path, reading=True), path.open("rb") as file:
        file.seek(0, 2)
        if file.tell() < offset + length:
            raise Damaged(f"{path.name} ends before the record at {offset:,} does")
        file.seek(offset)
        found = _next(path.name, Chunks(file, offset, offset + length), _every)
    if found is None or found.length != length:
        raise Damaged(f"{path.name}: the record at {offset:,} is not {length:,} bytes long")
    return found.record


def read_at(root: Path, place: RecordPlace) -> Record:
    """Return the record at a place of a collection. Raises Damaged, or StorageError where the file is gone."""
    return read(root / place.folder / place.name, place.offset, place.length)


def head_at(root: Path, place: RecordPlace) -> Record:
    """Return a record at a place of a collection without its block, which is not read, however large it is.

    Raises Damaged where no record begins there, StorageError where the file is gone.
    """
    path = root / place.folder / place.name
    with storage_errors(path, reading=True), path.open("rb") as file:
        file.seek(place.offset)
        parser = RecordParser(f"{path.name}: the record at {place.offset:,}")
        for piece in inflate(Chunks(file, place.offset, place.offset + place.length)):
            parser.feed(piece)
            if parser.fields is not None:
                return Record(parser.fields, b"")
    return Record(parser.end(), b"")  # which says what is wrong: there was no head


def iterate(
    path: Path, end: int | None = None, *, start: int = 0, wanted: Callable[[Fields], bool] | None = None
) -> Iterator[StoredRecord]:
    """Yield every record of a file, in order, from `start` up to `end` (the committed length), or the file's end.

    `wanted` tells by its fields whether a record's block is wanted; any other record comes with an empty block, so
    that blocks of any size cost no memory.

    Raises Damaged at the first place that is no whole record, StorageError where the file cannot be read.
    """
    with storage_errors(path, reading=True), path.open("rb") as file:
        file.seek(start)
        chunks = Chunks(file, start, end)
        while found := _next(path.name, chunks, wanted or _every):
            yield found


class ByteRange(NamedTuple):
    """A stretch of a file: where it begins and ends, in bytes."""

    start: int
    end: int


class Tail(NamedTuple):
    """What lies in a file behind some place."""

    whole: tuple[ByteRange, ...]
    """Each of one or more whole records without a gap."""
    torn: tuple[ByteRange, ...]
    """Bytes that are no whole record: one that was being written when its process died, or anything else."""
    records: int
    wanted: int
    """How many of the records are wanted."""


def scan_tail(path: Path, start: int, wanted: Callable[[Fields], bool]) -> Tail:
    """Look at everything that lies in a file from `start` on, also behind bytes that are no record.

    `wanted` tells by its fields whether a record is counted as wanted. Records of any size cost no memory.

    Raises StorageError where the file cannot be read.
    """
    whole: list[ByteRange] = []
    torn: list[ByteRange] = []
    count = found = 0
    begin: int | None = start
    while begin is not None:
        end = begin
        try:
            for stored in iterate(path, start=begin, wanted=_none):
                end = stored.offset + stored.length
                count += 1
                found += wanted(stored.record.fields)
            following = None
        except Damaged:
            following = next_member(path, end + 1)
            with storage_errors(path, reading=True):
                torn.append(ByteRange(end, path.stat().st_size if following is None else following))
        if end > begin:
            whole.append(ByteRange(begin, end))
        begin = following
    return Tail(tuple(whole), tuple(torn), count, found)


def require_records(path: Path, start: int, end: int) -> str:
    """Return the identifier of the record that begins at a place; empty where that is the end.

    Raises Damaged unless whole records lie between both places, and nothing else; StorageError.
    """
    first = ""
    for stored in iterate(path, end, start=start, wanted=_none):
        first = first or stored.record.record_id
    return first


def record_digest(path: Path, offset: int, length: int) -> bytes:
    """Return the sha256 of the head and the block of the record whose gzip member lies at this place.

    Raises Damaged where no member lies there, StorageError where the file cannot be read.
    """
    digest, held = sha256(), b""
    with storage_errors(path), path.open("rb") as file:
        file.seek(offset)
        for piece in inflate(Chunks(file, offset, offset + length)):
            held += piece
            digest.update(held[:-4])  # the two line ends behind the block are no part of it
            held = held[-4:]
    return digest.digest()


def parse_record(data: bytes, where: str = "record") -> Record:
    """Read one record from its uncompressed bytes (WARC 1.1 §4); `where` begins the messages.

    Raises Damaged where the bytes are not exactly one record.
    """
    parser = RecordParser(where)
    block = parser.feed(data)
    return Record(parser.end(), block)


def check_digests(record: Record) -> None:
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


def _every(_: Fields) -> bool:
    return True


def _none(_: Fields) -> bool:
    return False


def _next(name: str, chunks: Chunks, wanted: Callable[[Fields], bool]) -> StoredRecord | None:
    """Read the record at which the chunks stand, None at the end."""
    offset = chunks.offset
    parser = RecordParser(f"{name}: the record at {offset:,}")
    block: list[bytes] = []
    keep: bool | None = None
    try:
        first = chunks.take()
        if not first:
            return None
        chunks.give_back(first)
        for piece in inflate(chunks):
            data = parser.feed(piece)
            if keep is None and parser.fields is not None:
                keep = wanted(parser.fields)
            if keep and data:
                block.append(data)
    except Damaged as error:
        raise error if str(error).startswith(name) else Damaged(f"{name}: {error}") from error
    return StoredRecord(offset, chunks.offset - offset, Record(parser.end(), b"".join(block)))
