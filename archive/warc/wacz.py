"""Reading of WACZ 1.1.1 files: WARC files, page list, digests; also of those that hold others, or are cut off.

A WACZ may be a package of others (multi-WACZ): their parts come in its place, each under the name of its WACZ and its
own. A zip whose directory is missing, as a download that was broken off leaves it, is read by the headers that stand
before each file (APPNOTE 4.3.7).

Nothing is unpacked under a name of the zip's, so names that lead elsewhere lead nowhere.
"""

import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, NamedTuple, Self, cast

from archive.errors import ArchiveError, storage_errors
from archive.storage import storable

__all__ = [
    "BadWacz",
    "ListedPage",
    "NoRecordsInZip",
    "Wacz",
    "WaczPart",
    "copy_part",
    "differing_digests",
    "is_wacz",
    "listed_pages",
]

_PAGE_LISTS = "pages/"
"""The folder of the lists of pages."""

_RECORDS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
_PACKAGE = ".wacz"

_LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of a list of pages or digests."""

_RATIO = 1000
"""How many times its size a part may become; deflate reaches 1032 on bytes that are all the same."""
_HARMLESS = 256 * 1024 * 1024
"""Bytes that any part may become."""

_DEEPEST = 4
"""How deep packages within packages are read."""

_PIECE = 1024 * 1024

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip file begins; the second is an empty one."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises for a damaged, an encrypted and a strangely compressed part."""


class BadWacz(ArchiveError):
    """It is no zip file, or a broken one."""

    code = "bad-wacz"
    hint = "Take another copy, or let `zip -FF` write a new file of what is whole."


class NoRecordsInZip(ArchiveError):
    """A zip file has no WARC or ARC file in it."""

    code = "no-records"
    hint = "A zip file may hold WARC, ARC or WACZ files, or pages, which `clean` and `archive import` read."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.hint


class WaczPart(NamedTuple):
    """A file in a WACZ."""

    name: str
    """Of a package of others, behind the name of its WACZ."""
    size: int
    """Of the file itself, in bytes, as the zip says; 0 where it does not say."""
    stored: int
    """Bytes that it has in the zip."""
    has_records: bool
    """Whether its name is that of a WARC or ARC file."""
    is_list: bool
    """Whether it is small and tells of the others: a list of pages, or of digests."""
    refusal: str
    """Why it is not read; empty where it is."""
    pieces: Callable[[], Iterator[bytes]]
    """Reads it; raises what zipfile raises."""


class ListedPage(NamedTuple):
    """A page in the list of pages of a WACZ."""

    url: str
    ts: str
    """When it was captured, as the list says it."""
    title: str


def is_wacz(path: Path) -> bool:
    """Whether a file is a WACZ, by its name, or a zip file. Raises OSError."""
    if path.name.lower().endswith(_PACKAGE):
        return True
    with path.open("rb") as file:
        return file.read(4).startswith(_ZIP)


class Wacz:
    """The files in a WACZ, and in those that it holds. Use as a context manager, or close it."""

    def __init__(self, path: Path, *, demand_records: bool = True) -> None:
        """Open it. Raises BadWacz, NoRecordsInZip where it must hold some, StorageError where it cannot be read."""
        self.packages: dict[str, str] = {}
        """The sha256 of each WACZ in it, in hexadecimal, by its name."""
        self.problem = ""
        """What is wrong with the zip as a whole; empty where nothing is."""
        self._files = ExitStack()
        try:
            with storage_errors(path):
                file = self._files.enter_context(path.open("rb"))
                self.parts = list(self._parts_of(file, "", 0))
                """In the order in which they lie there."""
            if not self.parts:
                raise BadWacz(self.problem or "the zip file is empty")
            if demand_records and not self.has_records:
                raise NoRecordsInZip(
                    "there is no WARC or ARC file in this zip file" + (f"; {self.problem}" * bool(self.problem))
                )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def has_records(self) -> bool:
        """Whether there is a WARC or ARC file in it, by the names of its files."""
        return any(part.has_records for part in self.parts)

    def close(self) -> None:
        """Close all files."""
        self._files.close()

    def _parts_of(self, file: BinaryIO, prefix: str, depth: int) -> Iterator[WaczPart]:
        try:
            package = self._files.enter_context(zipfile.ZipFile(file))
        except _BROKEN as error:
            where = f"{prefix.rstrip('/')}: " if prefix else ""
            self.problem = self.problem or f"{where}its directory cannot be read: {error}"
            found = _by_local_headers(file)
        else:
            found = (
                _Entry(_file_name(info), info.file_size, info.compress_size, _reader(package, info))
                for info in sorted(package.infolist(), key=lambda each: each.header_offset)
                if not info.is_dir()
            )
        for entry in found:
            part = _part(entry, prefix)
            if entry.name.lower().endswith(_PACKAGE) and not part.refusal and depth < _DEEPEST:
                yield from self._nested(part, depth)
            else:
                yield part

    def _nested(self, part: WaczPart, depth: int) -> Iterator[WaczPart]:
        inner = cast(BinaryIO, self._files.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115  # see `close`
        self.packages[part.name], why = copy_part(part, inner)
        if why:
            self.problem = self.problem or f"{part.name}: {why}"
        yield from self._parts_of(inner, f"{part.name}/", depth + 1)


def _file_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip; without a flag, it is in the encoding of the machine that wrote it."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")  # how zipfile read it
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


class _Entry(NamedTuple):
    """A file in a zip."""

    name: str
    size: int
    stored: int
    pieces: Callable[[], Iterator[bytes]]


def _part(entry: _Entry, prefix: str) -> WaczPart:
    name, size = entry.name, entry.size
    is_list = name in {"datapackage.json", "datapackage-digest.json"} or name.startswith(_PAGE_LISTS)
    is_bomb = size > max(_HARMLESS, _RATIO * max(1, entry.stored)) or (is_list and size > _LARGEST_LIST)
    refusal = f"it would become {size:,} bytes" if is_bomb else ""
    has_records = name.lower().endswith(_RECORDS)
    return WaczPart(prefix + name, size, entry.stored, has_records, is_list, refusal, entry.pieces)


def _reader(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        with package.open(info) as file:
            while piece := file.read(_PIECE):
                yield piece

    return pieces


# Local file header (APPNOTE 4.3.7) behind its signature: version, flags, method, time, date, CRC-32, sizes, lengths.
_LOCAL = struct.Struct("<HHHHHIIIHH")
_SIGNATURE = b"PK\x03\x04"
_FOLLOWING = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08")
"""What may stand behind a file: another one, the directory, its end, or a descriptor."""
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 1, 1 << 11
_ZIP64 = 0xFFFFFFFF


def _by_local_headers(file: BinaryIO) -> Iterator[_Entry]:
    """Yield the files of a zip without a directory, as far as they are there."""
    end = file.seek(0, 2)
    at = 0
    while (at := _find(file, at, end, (_SIGNATURE,))) < end:
        file.seek(at + 4)
        raw = file.read(_LOCAL.size)
        if len(raw) < _LOCAL.size:
            return
        _, flags, method, _, _, crc, stored, size, name_length, extra_length = _LOCAL.unpack(raw)
        name = file.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        start = at + 4 + _LOCAL.size + name_length + extra_length
        if method not in {_STORED, _DEFLATED} or flags & _ENCRYPTED or not name or start > end:
            at += 4
            continue
        if stored in {0, _ZIP64} and (size in {0, _ZIP64}) and method == _STORED:
            # What was written as a stream says its size behind it: it goes on to whatever comes next.
            stored = size = _find(file, start, end, _FOLLOWING) - start
            crc = 0
        if method == _DEFLATED and stored in {0, _ZIP64}:
            stored, size, crc = _deflated_length(file, start, end), 0, 0
        if not name.endswith("/"):
            yield _Entry(name, size, min(stored, end - start), _salvaged(file, start, stored, method, crc))
        at = start + min(stored, end - start)


def _find(file: BinaryIO, start: int, end: int, wanted: tuple[bytes, ...]) -> int:
    """Return where one of these signatures comes next; the end where none does."""
    held, base = b"", start
    file.seek(start)
    while data := file.read(_PIECE):
        held += data
        places = [at for each in wanted if (at := held.find(each)) >= 0]
        if places:
            return base + min(places)
        base += max(0, len(held) - 3)
        held = held[-3:]
    return end


def _deflated_length(file: BinaryIO, start: int, end: int) -> int:
    """Return how many bytes a deflated file has whose header does not say it."""
    inflater, read = zlib.decompressobj(-15), 0
    file.seek(start)
    while not inflater.eof and (data := file.read(_PIECE // 16)):
        read += len(data)
        try:
            while data and not inflater.eof:
                inflater.decompress(data, _PIECE)
                data = inflater.unconsumed_tail
        except zlib.error:
            return end - start
    return read - len(inflater.unused_data)


def _salvaged(file: BinaryIO, start: int, stored: int, method: int, crc: int) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        left, checksum = stored, 0
        inflater = zlib.decompressobj(-15) if method == _DEFLATED else None
        at = start
        while left:
            file.seek(at)
            data = file.read(min(left, _PIECE if inflater is None else _PIECE // 16))
            if not data:
                raise EOFError("the zip file ends before it does")
            at, left = at + len(data), left - len(data)
            while data:
                piece = data if inflater is None else inflater.decompress(data, _PIECE)
                data = b"" if inflater is None else inflater.unconsumed_tail
                checksum = zlib.crc32(piece, checksum)
                yield piece
        if crc and checksum != crc:
            raise zipfile.BadZipFile("its checksum differs")

    return pieces


def copy_part(part: WaczPart, target: IO[bytes], limit: int = 0) -> tuple[str, str]:
    """Copy a part; return its sha256 in hexadecimal, and why it is not whole: empty where it is.

    Not more than `limit` bytes are copied, or what is harmless where it is 0.
    """
    digest, count = sha256(), 0
    limit = limit or max(_HARMLESS, _RATIO * max(1, part.stored))
    try:
        for piece in part.pieces():
            count += len(piece)
            if count > limit:
                return digest.hexdigest(), f"it would become more than {limit:,} bytes"
            digest.update(piece)
            target.write(piece)
    except _BROKEN as error:
        return digest.hexdigest(), str(error) or type(error).__name__
    return digest.hexdigest(), ""


def differing_digests(lists: dict[str, bytes], digests: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the parts that are missing or differ from their digests: `name`, `expected`, `found`.

    `lists` are the lists by their names, `digests` those of the parts: sha256 in hexadecimal, by name.
    """
    for manifest in sorted(name for name in lists if name.rpartition("/")[2] == "datapackage.json"):
        prefix = manifest.removesuffix("datapackage.json")
        resources = _object(lists[manifest]).get("resources")
        entries = [each for each in resources if isinstance(each, dict)] if isinstance(resources, list) else []
        outer = _object(lists.get(f"{prefix}datapackage-digest.json", b""))
        for each in [*entries, *([outer] if outer else [])]:
            name, expected = prefix + str(each.get("path", "")), str(each.get("hash", ""))
            actual = f"sha256:{digests[name]}" if name in digests else ""
            if expected.startswith("sha256:") and expected != actual:
                yield {"name": storable(name), "expected": storable(expected), "found": actual}


def listed_pages(lists: dict[str, bytes]) -> Iterator[ListedPage]:
    """Yield the pages that the lists of pages name (JSON Lines, whose first line says the format)."""
    for name, data in sorted(lists.items()):
        for line in data.splitlines() if name.endswith(".jsonl") else ():
            each = _object(line)
            if isinstance(each.get("url"), str):
                yield ListedPage(*(storable(str(each.get(key) or "")) for key in ListedPage._fields))


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
