"""Export to WACZ 1.1.1: one zip with captures, index, page list and digests; and its verification.

| in the package | is |
| --- | --- |
| `archive/` | capture files, stored so that a reader fetches single records out of them |
| `indexes/index.cdx.gz`, `index.idx` | CDXJ of the captures, in blocks |
| `pages/pages.jsonl` | every visit, with the clean text |
| `derived/` | WARC files with what was made of the captures: provenance, clean Markdown, ledgers |
| `markdown/` | the current clean text of each article, as a file; in `files/` images that it shows |
| `collection/`, `rules/` | collection.toml, decisions.jsonl and rules of its own where there are any |
| `datapackage.json` | what the collection is, and the sha256 of every file above |
| `datapackage-digest.json` | the sha256 of that, and a signature where one is asked for |

Replay tools list only what the index names, so nothing derived is mistaken for a capture. Folders are one level deep,
because py-wacz finds no file that lies deeper.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.exports import ExportedArticle, ExportedCapture
from archive.errors import storage_errors
from archive.export.cdxj import MILLISECONDS, Sorter, entry, moments_in, origin_in, write_blocks
from archive.export.package import ManifestFault, Package, Sink, image_files, markdown_files, new_file, settings_files
from archive.export.selection import ExportSelection, WarcFile
from archive.export.signature import Signer, is_signed
from archive.naming import fold, with_suffix
from archive.schedule.table import JOURNAL
from archive.settings import FOLDER as RULES
from clean.frontmatter import read_front_matter
from clean.html.embedded import FOLDER
from clean.version import SOFTWARE

__all__ = ["DIGEST", "MANIFEST", "VERSION", "WaczCheck", "check_wacz", "export_wacz", "pages"]


# The list of pages: every visit that a server answered, with the clean text once for each version.


_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}


def pages(chosen: ExportSelection) -> Iterator[bytes]:
    """Yield the lines of pages.jsonl (WACZ 1.1.1): the header, then the visits of each article, oldest first.

    `ts` is cut to the second, as it stands in the index. Additional properties are `state`, `article`, the key of the
    article, and `notice`, what stood in the place of an article.

    Raises Damaged or StorageError.
    """
    yield _line(_HEADER)
    for article in chosen.each():
        seen: set[str] = set()
        for capture in chosen.captures(article.id):
            if capture.status:
                yield _line(_page(chosen, article, capture, seen))


def _page(
    chosen: ExportSelection, article: ExportedArticle, capture: ExportedCapture, seen: set[str]
) -> dict[str, str]:
    live = capture.state == "live"
    page = {
        "id": capture.visit_id.rpartition(":")[2],
        "url": capture.final_url,
        "ts": capture.fetched_at[:19] + "Z",
        "title": (capture.title if live else capture.notice) or article.title or capture.final_url,
        "state": capture.state,
        "article": article.key,
    }
    if capture.notice:
        page["notice"] = capture.notice
    if live and capture.conversion and capture.clean_sha256 not in seen:
        seen.add(capture.clean_sha256)
        text = chosen.collection.record(capture.conversion).block.decode()
        page["text"] = text[read_front_matter(text).end :].strip()
    return page


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


VERSION = "1.1.1"
PAGES = "pages/pages.jsonl"
MANIFEST, DIGEST = "datapackage.json", "datapackage-digest.json"

# What the name of a resource may hold (Data Package 1.0). A class of single characters: linear.
_NAME = re.compile(r"[-a-z0-9._]+$")

_FOLDERS = {"warc": "archive", "derived": "derived"}
_INDEX = "index.cdx.gz"


def export_wacz(
    chosen: ExportSelection,
    target: Path,
    *,
    force: bool = False,
    signer: Signer | None = None,
    advance: Callable[[int], None] = lambda size: None,
) -> int:
    """Write a WACZ file; return the number of captures in it. `advance` is called with the number of bytes written.

    Raises NothingCaptured, AlreadyThere, Damaged, DiskFull, NotWritable or StorageError.
    """
    chosen.require_captures()
    with (
        new_file(target, is_wacz, force=force) as file,
        Package(file, target.parent) as package,
        Sorter(target.parent) as lines,
    ):
        for warc in chosen.files():
            _warc(chosen, warc, package, lines, advance)
        _index(package, lines)
        package.gather(PAGES, partial(_poured, pages(chosen)), compressed=True)
        for path, data in chain(_flat(chosen), _settings(chosen)):
            package.add(path, data)
        manifest = _json(_manifest(chosen, package))
        hashed = f"sha256:{package.add(MANIFEST, manifest).sha256}"
        digest: dict[str, object] = {"path": MANIFEST, "hash": hashed}
        if signer:
            digest["signedData"] = signer.signed(hashed, created=chosen.newest)
        package.add(DIGEST, _json(digest))
    return lines.count


def is_wacz(path: Path) -> bool:
    """Whether a file is a zip file with a manifest of this kind."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as package:
        return MANIFEST in package.namelist()


def _warc(
    chosen: ExportSelection, warc: WarcFile, package: Package, lines: Sorter, advance: Callable[[int], None]
) -> None:
    origin, captured = origin_in(chosen), moments_in(chosen)

    def fill(sink: Sink) -> None:
        for copy in warc.copy_records(sink):
            if warc.folder == "warc":
                # A revisit's origin is looked up by its date, to the millisecond; a page by the second or later.
                lines.add(entry(copy, warc.name, origin, captured, digits=MILLISECONDS))
            advance(copy.length)

    package.store(f"{_FOLDERS[warc.folder]}/{warc.name}", fill, warc.size)


def _index(package: Package, lines: Sorter) -> None:
    blocks = b""

    def fill(sink: Sink) -> None:
        nonlocal blocks
        blocks = write_blocks(lines, _INDEX, sink)

    package.gather(f"indexes/{_INDEX}", fill, compressed=False)
    package.add("indexes/index.idx", blocks)


def _poured(pieces: Iterable[bytes], sink: Sink) -> None:
    for piece in pieces:
        sink(piece)


def _settings(chosen: ExportSelection) -> Iterator[tuple[str, bytes]]:
    """Yield what people wrote or decided, one level deep; without the schedule, which is nobody else's concern."""
    for path, data in settings_files(chosen.collection):
        if path.startswith(f"{RULES}/"):
            yield f"{RULES}/{path.removeprefix(f'{RULES}/').replace('/', '-')}", data
        elif path != JOURNAL:
            yield f"collection/{path}", data


def _flat(chosen: ExportSelection) -> Iterator[tuple[str, bytes]]:
    """Yield the clean texts under names without folders; of two that would be one, the second has a mark.

    The images that they show, and that their pages held in themselves, lie where the texts say: in a folder beside.
    """
    used: set[str] = set()
    images: set[str] = set()
    for article, text in markdown_files(chosen):
        wanted = f"markdown/{article.markdown.removeprefix('markdown/').replace('/', '_')}"
        path = with_suffix(wanted, article.key, lambda candidate: fold(candidate) in used)
        used.add(fold(path))
        yield path, text
        for beside, data in image_files(chosen, article, text):
            image = f"markdown/{FOLDER}/{beside.rpartition('/')[2]}"
            if image not in images:
                images.add(image)
                yield image, data


def _manifest(chosen: ExportSelection, package: Package) -> dict[str, object]:
    settings = chosen.collection.config
    return {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": settings.name,
        **({"description": settings.description} if settings.description else {}),
        # The date of what is inside: the same collection gives the same file whenever it is exported.
        "created": chosen.newest,
        "software": SOFTWARE,
        **({"contributors": [{"title": settings.operator, "role": "publisher"}]} if settings.operator else {}),
        "resources": [
            {"name": _name(path, number), "path": path, "hash": f"sha256:{sha256}", "bytes": size}
            for number, (path, size, sha256) in enumerate(package.entries, 1)
        ],
    }


def _name(path: str, number: int) -> str:
    """Return a resource's name: the file's, where a Data Package can have it, else one with its number."""
    name = path.rpartition("/")[2]
    return name if _NAME.match(name) else f"file-{number:05}{Path(name).suffix}"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"


# Verification of any WACZ file: digests of all files, of the manifest, and the signature (wacz-auth 0.1.0).


_PIECE = 1024 * 1024
_LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest; what is larger is none."""


class WaczCheck(NamedTuple):
    """The result of a verification."""

    faults: tuple[ManifestFault, ...]
    """`code` is `not-a-wacz`, `missing`, `differs`, `unlisted`, `compressed`, `manifest-differs`, `signature-wrong` or
    `signature-unknown`: of another kind than the anonymous one."""
    public_key: str
    """Of a signature that is true, in base64; empty where there is none. Whose it is, others must say."""


def check_wacz(path: Path) -> WaczCheck:
    """Check a WACZ file. Raises MissingLibrary where it is signed and cryptography is missing, and StorageError."""
    with storage_errors(path):
        try:
            with zipfile.ZipFile(path) as package:
                return _checked(package)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
            return WaczCheck((ManifestFault(str(error), "not-a-wacz"),), "")


def _checked(package: zipfile.ZipFile) -> WaczCheck:
    names = package.namelist()
    manifest = _read(package, MANIFEST)
    descriptor = _object(manifest)
    resources = descriptor.get("resources")
    if not isinstance(resources, list):
        return WaczCheck((ManifestFault(MANIFEST, "missing" if MANIFEST not in names else "not-a-wacz"),), "")
    faults = list(_files(package, [each for each in resources if isinstance(each, dict)]))
    if PAGES not in names:  # which other checkers do not miss
        faults.append(ManifestFault(PAGES, "missing"))
    digest = _object(_read(package, DIGEST)) if DIGEST in names else {}
    actual = f"sha256:{sha256(manifest).hexdigest()}"
    if digest and digest.get("hash") != actual:
        faults.append(ManifestFault(MANIFEST, "manifest-differs"))
    signed = digest.get("signedData")
    if signed is None:
        return WaczCheck(tuple(faults), "")
    if not isinstance(signed, dict) or "publicKey" not in signed:
        return WaczCheck((*faults, ManifestFault(DIGEST, "signature-unknown")), "")
    if signed.get("created") != descriptor.get("created") or not is_signed(signed, actual):
        return WaczCheck((*faults, ManifestFault(DIGEST, "signature-wrong")), "")
    return WaczCheck(tuple(faults), str(signed["publicKey"]))


def _files(package: zipfile.ZipFile, resources: list[dict[str, Any]]) -> Iterator[ManifestFault]:
    listed = {str(each.get("path")): each for each in resources}
    for info in package.infolist():
        if info.is_dir() or info.filename in {MANIFEST, DIGEST}:
            continue
        entry = listed.pop(info.filename, None)
        if entry is None:
            yield ManifestFault(info.filename, "unlisted")
            continue
        if info.filename.startswith("archive/") and info.compress_type != zipfile.ZIP_STORED:
            yield ManifestFault(info.filename, "compressed")
        if _digest(package, info, str(entry.get("hash"))) != entry.get("hash"):
            yield ManifestFault(info.filename, "differs")
    for path in listed:
        yield ManifestFault(path, "missing")


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
