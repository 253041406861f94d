"""Reading of WACZ 1.1.1 files: WARC files, page list, digests.

Nothing is unpacked under a name of the zip's, so names that lead elsewhere lead nowhere.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

from archive.errors import ArchiveError, storage_errors
from archive.storage import storable

__all__ = [
    "BadWacz",
    "ListedPage",
    "WaczPart",
    "copy_part",
    "differing_digests",
    "is_wacz",
    "listed_pages",
    "open_wacz",
    "parts_of",
]

_PAGE_LISTS = "pages/"
"""The folder of the lists of pages."""

_RECORDS = (".warc", ".warc.gz", ".arc", ".arc.gz")

_LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of a list of pages or digests."""

_RATIO = 1000
"""How many times its size a part may become; deflate reaches 1032 on bytes that are all the same."""
_HARMLESS = 256 * 1024 * 1024
"""Bytes that any part may become."""

_PIECE = 1024 * 1024

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip file begins; the second is an empty one."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises for a damaged, an encrypted and a strangely compressed part."""


class BadWacz(ArchiveError):
    """It is no zip file, or a broken one."""

    code = "bad-wacz"
    hint = "Take another copy, or let `zip -FF` write a new file of what is whole."


class WaczPart(NamedTuple):
    """A file in a WACZ."""

    name: str
    info: zipfile.ZipInfo
    has_records: bool
    """Whether its name is that of a WARC or ARC file."""
    is_list: bool
    """Whether it is small and tells of the others: a list of pages, or of digests."""
    refusal: str
    """Why it is not read; empty where it is."""


class ListedPage(NamedTuple):
    """A page in the list of pages of a WACZ."""

    url: str
    ts: str
    """When it was captured, as the list says it."""
    title: str


def is_wacz(path: Path) -> bool:
    """Whether a file is a WACZ: by its name, or a zip with a WARC or ARC file in it. Raises OSError."""
    if path.name.lower().endswith(".wacz"):
        return True
    with path.open("rb") as file:
        if not file.read(4).startswith(_ZIP):
            return False
    try:
        with zipfile.ZipFile(path) as wacz:
            return any(part.has_records for part in parts_of(wacz))
    except _BROKEN:
        return False


def open_wacz(path: Path) -> zipfile.ZipFile:
    """Open a WACZ. Raises BadWacz, or StorageError where the file cannot be read."""
    with storage_errors(path):
        try:
            return zipfile.ZipFile(path)
        except _BROKEN as error:
            raise BadWacz(f"it is no zip file, or its directory is broken: {error}") from error


def parts_of(wacz: zipfile.ZipFile) -> Iterator[WaczPart]:
    """Yield the files in a WACZ, in the order in which they lie there."""
    for info in sorted(wacz.infolist(), key=lambda each: each.header_offset):
        if info.is_dir():
            continue
        name, size = info.filename, info.file_size
        is_list = name in {"datapackage.json", "datapackage-digest.json"} or name.startswith(_PAGE_LISTS)
        is_bomb = size > max(_HARMLESS, _RATIO * max(1, info.compress_size)) or (is_list and size > _LARGEST_LIST)
        refusal = f"it would become {size:,} bytes" if is_bomb else ""
        yield WaczPart(name, info, name.lower().endswith(_RECORDS), is_list, refusal)


def copy_part(wacz: zipfile.ZipFile, part: WaczPart, target: IO[bytes]) -> tuple[str, str]:
    """Copy a part; return its sha256 in hexadecimal, and why it is not whole: empty where it is."""
    digest = sha256()
    try:
        with wacz.open(part.info) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                target.write(piece)
    except _BROKEN as error:
        return digest.hexdigest(), str(error) or type(error).__name__
    return digest.hexdigest(), ""


def differing_digests(lists: dict[str, bytes], digests: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the parts that are missing or differ from their digests: `name`, `expected`, `found`.

    `lists` are the lists by their names, `digests` those of the parts: sha256 in hexadecimal, by name.
    """
    package = _object(lists.get("datapackage.json", b""))
    resources = package.get("resources")
    entries = [each for each in resources if isinstance(each, dict)] if isinstance(resources, list) else []
    outer = _object(lists.get("datapackage-digest.json", b""))
    for each in [*entries, *([outer] if outer else [])]:
        name, expected = str(each.get("path", "")), str(each.get("hash", ""))
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
