"""Reading WARC files back, record by record, strictly. Nothing here repairs."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.errors import Damaged, storage_errors
from archive.warc.reader import Chunks, RecordParser, inflate
from archive.warc.records import Fields, Record

__all__ = ["Found", "Place", "check", "digest", "head_at", "iterate", "parse", "read", "read_at"]


class Place(NamedTuple):
    """Where a record lies: folder and name of the file, offset and length of the gzip member."""

    folder: str
    name: str
    offset: int
    length: int


class Found(NamedTuple):
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


def read_at(root: Path, place: Place) -> Record:
    """Return the record at a place of a collection. Raises Damaged, or StorageError where the file is gone."""
    return read(root / place.folder / place.name, place.offset, place.length)


def head_at(root: Path, place: Place) -> Record:
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
) -> Iterator[Found]:
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


def digest(path: Path, offset: int, length: int) -> bytes:
    """Return the sha256 of the head and the block of the record whose gzip member lies at this place.

    Raises Damaged where no member lies there, StorageError where the file cannot be read.
    """
    found, held = sha256(), b""
    with storage_errors(path), path.open("rb") as file:
        file.seek(offset)
        for piece in inflate(Chunks(file, offset, offset + length)):
            held += piece
            found.update(held[:-4])  # the two line ends behind the block are no part of it
            held = held[-4:]
    return found.digest()


def parse(data: bytes, where: str = "record") -> Record:
    """Read one record from its uncompressed bytes (WARC 1.1 §4); `where` begins the messages.

    Raises Damaged where the bytes are not exactly one record.
    """
    parser = RecordParser(where)
    block = parser.feed(data)
    return Record(parser.end(), block)


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


def _every(_: Fields) -> bool:
    return True


def _next(name: str, chunks: Chunks, wanted: Callable[[Fields], bool]) -> Found | None:
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
    return Found(offset, chunks.offset - offset, Record(parser.end(), b"".join(block)))
