"""WACZ 1.1.1: a zip with WARC files, a list of pages, and a list of digests of all that is in it.

Nothing is unpacked under a name of the zip's, so names that lead elsewhere lead nowhere.
"""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from archive.errors import ArchiveError, storage_errors
from archive.importing.importer import Importer, ImportReport
from archive.storage import storable

__all__ = ["BadWacz", "take_wacz"]

_KEPT = ("datapackage.json", "datapackage-digest.json")
_LISTS = ("pages/",)

_LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of a list of pages or digests."""

_RATIO = 1000
"""How many times its size a part may become; deflate reaches 1032 on bytes that are all the same."""
_HARMLESS = 256 * 1024 * 1024
"""Bytes that any part may become."""

_PIECE = 1024 * 1024

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises for a damaged, an encrypted and a strangely compressed part."""


class BadWacz(ArchiveError):
    """It is no zip file, or a broken one."""

    code = "bad-wacz"
    hint = "Take another copy, or let `zip -FF` write a new file of what is whole."


def take_wacz(taking: Importer, report: ImportReport, path: Path) -> Iterator[int]:
    """Take the WARC files of a WACZ; yield how far it is in bytes, now and then.

    Raises BadWacz, and what `Importer.take` raises.
    """
    report.format = "wacz"
    with storage_errors(path):
        try:
            wacz = zipfile.ZipFile(path)
        except _BROKEN as error:
            raise BadWacz(f"it is no zip file, or its directory is broken: {error}") from error
    digests: dict[str, str] = {}
    lists: dict[str, bytes] = {}
    done = 0
    with wacz:
        for info in sorted(wacz.infolist(), key=lambda each: each.header_offset):
            if info.is_dir():
                continue
            name = info.filename
            is_records = name.lower().endswith((".warc", ".warc.gz", ".arc", ".arc.gz"))
            is_kept = name in _KEPT or name.startswith(_LISTS)
            if info.file_size > max(_HARMLESS, _RATIO * max(1, info.compress_size)) or (
                is_kept and info.file_size > _LARGEST_LIST
            ):
                _refuse(report, name, info.file_size, f"it would become {info.file_size:,} bytes")
                continue
            with tempfile.TemporaryFile() as spool:
                digest, why = _spool(wacz, info, cast(BinaryIO, spool))
                if why:
                    _refuse(report, name, info.file_size, why)
                digests[name] = digest
                if is_records:
                    for offset in taking.take(cast(BinaryIO, spool), name):
                        yield done + offset
                elif is_kept:
                    spool.seek(0)
                    lists[name] = spool.read()
                    taking.keep(name, lists[name], "application/json" if name.endswith(".json") else "text/plain")
            done += info.compress_size
            report.parts.append(
                {"name": storable(name), "size": info.file_size, "sha256": digest, "kept": is_records or is_kept}
            )
    report.checks = list(_checks(lists, digests))
    report.pages = [page for name, data in sorted(lists.items()) if name.endswith(".jsonl") for page in _pages(data)]


def _spool(wacz: zipfile.ZipFile, info: zipfile.ZipInfo, spool: IO[bytes]) -> tuple[str, str]:
    """Copy a part; return its digest, and why it is not whole."""
    digest = sha256()
    try:
        with wacz.open(info) as part:
            while piece := part.read(_PIECE):
                digest.update(piece)
                spool.write(piece)
    except _BROKEN as error:
        return digest.hexdigest(), str(error) or type(error).__name__
    return digest.hexdigest(), ""


def _refuse(report: ImportReport, name: str, size: int, why: str) -> None:
    entry = {"part": storable(name), "offset": 0, "inner": 0, "length": size, "message": why, "record": None}
    report.damage.append(entry)


def _checks(lists: dict[str, bytes], digests: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what the lists of digests say of parts that are missing or other ones."""
    package = _json(lists.get("datapackage.json", b""))
    resources = package.get("resources")
    said = [each for each in resources if isinstance(each, dict)] if isinstance(resources, list) else []
    outer = _json(lists.get("datapackage-digest.json", b""))
    for each in [*said, *([outer] if outer else [])]:
        name, expected = str(each.get("path", "")), str(each.get("hash", ""))
        found = f"sha256:{digests[name]}" if name in digests else ""
        if expected.startswith("sha256:") and expected != found:
            yield {"name": storable(name), "expected": storable(expected), "found": found}


def _pages(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list (JSON Lines, whose first line says the format)."""
    for line in data.splitlines():
        each = _json(line)
        if isinstance(each.get("url"), str):
            yield {name: storable(str(each.get(name) or "")) for name in ("url", "ts", "title")}


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
