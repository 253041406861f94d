"""WACZ 1.1.1: one zip file with the captures, their index, a list of pages, and digests of everything.

| in the package | is |
| --- | --- |
| `archive/` | capture files, stored so that a reader fetches single records out of them |
| `indexes/index.cdx.gz`, `index.idx` | CDXJ of the captures, in blocks |
| `pages/pages.jsonl` | every visit, with the clean text |
| `derived/` | WARC files with what was made of the captures: provenance, clean Markdown, ledgers |
| `markdown/` | the current clean text of each article, as a file |
| `collection/`, `rules/` | collection.toml, decisions.jsonl and rules of its own where there are any |
| `datapackage.json` | what the collection is, and the sha256 of every file above |
| `datapackage-digest.json` | the sha256 of that, and a signature where one is asked for |

Replay tools list only what the index names, so nothing derived is taken for a capture. Folders are one level deep,
because py-wacz finds no file that lies deeper.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from archive.export.cdxj import MILLISECONDS, entry, origin_in
from archive.export.chosen import Chosen
from archive.export.idx import write_blocks
from archive.export.package import Package, Sink
from archive.export.pages import pages
from archive.export.plain import markdown_files, settings_files
from archive.export.signature import Signer
from archive.export.sorter import Sorter
from archive.export.target import new_file
from archive.export.warcs import WarcFile
from archive.naming import fold, with_suffix
from archive.rules_files import FOLDER as RULES
from archive.schedule.table import JOURNAL
from clean import __version__

__all__ = ["DIGEST", "MANIFEST", "VERSION", "export_wacz"]

VERSION = "1.1.1"
PAGES = "pages/pages.jsonl"
MANIFEST, DIGEST = "datapackage.json", "datapackage-digest.json"
SOFTWARE = f"xuanzhi/{__version__}"

# What the name of a resource may hold (Data Package 1.0). A class of single characters: linear.
_NAME = re.compile(r"[-a-z0-9._]+$")

_FOLDERS = {"warc": "archive", "derived": "derived"}
_INDEX = "index.cdx.gz"


def export_wacz(
    chosen: Chosen,
    target: Path,
    *,
    force: bool = False,
    signer: Signer | None = None,
    advance: Callable[[int], None] = lambda size: None,
) -> int:
    """Write a WACZ file; return the number of captures in it. `advance` is told of bytes as they are written.

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
        count = lines.count
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
    return count


def is_wacz(path: Path) -> bool:
    """Whether a file is a zip file with a manifest of this kind."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as package:
        return MANIFEST in package.namelist()


def _warc(chosen: Chosen, warc: WarcFile, package: Package, lines: Sorter, advance: Callable[[int], None]) -> None:
    origin = origin_in(chosen)

    def fill(sink: Sink) -> None:
        for passage in warc.passages(sink):
            if warc.folder == "warc":
                # A revisit's origin is looked up by its date, to the millisecond; a page by the second or later.
                lines.add(entry(passage, warc.name, origin, digits=MILLISECONDS))
            advance(passage.length)

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


def _settings(chosen: Chosen) -> Iterator[tuple[str, bytes]]:
    """Yield what people wrote or decided, one level deep; without the schedule, which is nobody else's concern."""
    for path, data in settings_files(chosen.collection):
        if path.startswith(f"{RULES}/"):
            yield f"{RULES}/{path.removeprefix(f'{RULES}/').replace('/', '-')}", data
        elif path != JOURNAL:
            yield f"collection/{path}", data


def _flat(chosen: Chosen) -> Iterator[tuple[str, bytes]]:
    """Yield the clean texts under names without folders; of two that would be one, the second has a mark."""
    taken: set[str] = set()
    for article, text in markdown_files(chosen):
        wanted = f"markdown/{article.markdown.removeprefix('markdown/').replace('/', '_')}"
        path = with_suffix(wanted, article.key, lambda candidate: fold(candidate) in taken)
        taken.add(fold(path))
        yield path, text


def _manifest(chosen: Chosen, package: Package) -> dict[str, object]:
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
