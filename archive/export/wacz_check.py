"""Is a WACZ file whole, whoever made it: digests of all files, of the manifest, and the signature (wacz-auth 0.1.0)."""

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive.errors import storage_errors
from archive.export.manifest import Fault
from archive.export.signature import is_signed
from archive.export.wacz import DIGEST, MANIFEST, PAGES

__all__ = ["Checked", "check_wacz"]

_PIECE = 1024 * 1024
_LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest; what is larger is none."""


class Checked(NamedTuple):
    """What a check found."""

    faults: tuple[Fault, ...]
    """`code` is `not-a-wacz`, `missing`, `differs`, `unlisted`, `compressed`, `manifest-differs`, `signature-wrong` or
    `signature-unknown`: of another kind than the anonymous one."""
    public_key: str
    """Of a signature that is true, in base64; empty where there is none. Whose it is, others must say."""


def check_wacz(path: Path) -> Checked:
    """Check a WACZ file. Raises MissingLibrary where it is signed and cryptography is missing, and StorageError."""
    with storage_errors(path):
        try:
            with zipfile.ZipFile(path) as package:
                return _checked(package)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
            return Checked((Fault(str(error), "not-a-wacz"),), "")


def _checked(package: zipfile.ZipFile) -> Checked:
    names = package.namelist()
    manifest = _read(package, MANIFEST)
    said = _object(manifest)
    resources = said.get("resources")
    if not isinstance(resources, list):
        return Checked((Fault(MANIFEST, "missing" if MANIFEST not in names else "not-a-wacz"),), "")
    faults = list(_files(package, [each for each in resources if isinstance(each, dict)]))
    if PAGES not in names:  # which other checkers do not miss
        faults.append(Fault(PAGES, "missing"))
    digest = _object(_read(package, DIGEST)) if DIGEST in names else {}
    actual = f"sha256:{sha256(manifest).hexdigest()}"
    if digest and digest.get("hash") != actual:
        faults.append(Fault(MANIFEST, "manifest-differs"))
    signed = digest.get("signedData")
    if signed is None:
        return Checked(tuple(faults), "")
    if not isinstance(signed, dict) or "publicKey" not in signed:
        return Checked((*faults, Fault(DIGEST, "signature-unknown")), "")
    if signed.get("created") != said.get("created") or not is_signed(signed, actual):
        return Checked((*faults, Fault(DIGEST, "signature-wrong")), "")
    return Checked(tuple(faults), str(signed["publicKey"]))


def _files(package: zipfile.ZipFile, resources: list[dict[str, Any]]) -> Iterator[Fault]:
    listed = {str(each.get("path")): each for each in resources}
    for info in package.infolist():
        if info.is_dir() or info.filename in {MANIFEST, DIGEST}:
            continue
        said = listed.pop(info.filename, None)
        if said is None:
            yield Fault(info.filename, "unlisted")
            continue
        if info.filename.startswith("archive/") and info.compress_type != zipfile.ZIP_STORED:
            yield Fault(info.filename, "compressed")
        if _digest(package, info, str(said.get("hash"))) != said.get("hash"):
            yield Fault(info.filename, "differs")
    for path in listed:
        yield Fault(path, "missing")


def _digest(package: zipfile.ZipFile, info: zipfile.ZipInfo, wanted: str) -> str:
    import hashlib

    name = wanted.partition(":")[0]
    if name not in {"sha256", "md5"}:
        return ""
    digest = hashlib.new(name)
    try:
        with package.open(info) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        return ""
    return f"{name}:{digest.hexdigest()}"


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        with package.open(name) as file:
            return file.read(_LARGEST)
    except (KeyError, zipfile.BadZipFile, EOFError):
        return b""


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
