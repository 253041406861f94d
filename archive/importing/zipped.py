"""Pages in zip files of others: MAFF (with an address and a date for each page), and zip files of saved pages.

A page is what its name says, without the frames and pictures that tools put into folders beside a page. Where there is
no page, texts count. The bounds are those of every zip file; see `archive.warc.wacz`.
"""

import html
import re
from collections import Counter
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from archive.storage import storable
from archive.warc.content import demand_size
from archive.warc.wacz import BadWacz, NoRecordsInZip, Wacz, WaczPart, copy_part
from clean.html.mhtml import web_address
from clean.html.saved import tool_date

__all__ = ["ZipOfPages", "ZippedPage", "found_in", "media_type", "pages_in", "pages_of_zip"]

_PAGES = (".html", ".htm", ".xhtml", ".shtml", ".mhtml", ".mht", ".webarchive")
_TEXTS = (".md", ".markdown", ".txt")

# Folders of what belongs to a page: those of browsers (`NAME_files`, `NAME.files`), SingleFile's `frames`, those of
# exporters, and macOS's copies of its own attributes. Alternatives of letters before a slash: linear.
_BESIDE_A_PAGE = re.compile(
    r"(?:_files|\.files|-files|_data)/|(?:^|/)(?:frames|assets|resources|__MACOSX)/", re.IGNORECASE
)

# A statement in the description of a page (MAFF, "index.rdf"): a name and a value. Bounded runs: linear.
_STATEMENT = re.compile(r"<MAF:([a-z]{1,40})\s{1,99}(?:RDF|rdf):resource\s{0,9}=\s{0,9}[\"']([^\"'<>]{0,4000})[\"']")
_DESCRIPTION = "index.rdf"
_LARGEST_DESCRIPTION: Final = 64 * 1024

_OTHERS = {"mimetype": "an e-book or an OpenDocument file", "[Content_Types].xml": "an office document"}
"""Names by which zip files of other formats are known, which have pages of another kind in them."""

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
"""Endings of archives that are not looked into when they lie in a zip file. A WACZ in a zip file is."""

_MEDIA_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".mhtml": "multipart/related",
    ".mht": "multipart/related", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".rdf": "application/rdf+xml", ".txt": "text/plain", ".md": "text/markdown", ".svg": "image/svg+xml",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip


class ZippedPage(NamedTuple):
    """A page in a zip file."""

    name: str
    """In the zip file."""
    url: str = ""
    """Where it came from; empty where the file does not say."""
    date: str = ""
    """When it was saved, ISO 8601; empty where the file does not say."""
    charset: str = ""
    """How it is encoded; empty where the file does not say."""


def media_type(name: str) -> str:
    """Return the media type of a file by its name."""
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def pages_of_zip(path: Path) -> list[ZippedPage]:
    """Return the pages of a zip file without records. Raises BadWacz, NoRecordsInZip where there is none, OSError."""
    with Wacz(path, demand_records=False) as package:
        pages = pages_in(package)
        if not pages:
            message = f"there is no WARC or ARC file and no page in this zip file; it holds {found_in(package)}"
            if any(part.name.lower().endswith(_ARCHIVES) for part in package.parts):
                raise NoRecordsInZip(message, hint="Unpack it, and give the archives in it that hold pages or records.")
            raise NoRecordsInZip(message)
        return pages


def pages_in(package: Wacz) -> list[ZippedPage]:
    """Return the pages of an open zip file, in its order; none where it is of another format, such as an e-book."""
    parts = {part.name: part for part in package.parts if not part.refusal}
    if any(name in parts for name in _OTHERS):
        return []
    described = {
        name.rpartition("/")[0]: _statements(parts[name]) for name in parts if PurePosixPath(name).name == _DESCRIPTION
    }
    inside_of: dict[str, list[str]] = {}
    for name in parts:
        if name.lower().endswith(_PAGES):
            inside_of.setdefault(name.rpartition("/")[0], []).append(name)
    pages: list[ZippedPage] = []
    for folder, said in described.items():
        wanted, inside = said.get("indexfilename", ""), inside_of.get(folder, [])
        index = [name for name in inside if PurePosixPath(name).name == wanted] or [
            name for name in inside if PurePosixPath(name).stem.lower() == "index"
        ]
        pages += [
            ZippedPage(
                name,
                web_address(said.get("originalurl", "")),
                tool_date(said.get("archivetime", "")),
                said.get("charset", ""),
            )
            for name in index[:1]
        ]
    own = [name for name in parts if not described.keys() & _folders(name) and _is_by_itself(name)]
    places = {name: place for place, name in enumerate(parts)}
    for suffixes in (_PAGES, _TEXTS):
        found = [ZippedPage(name) for name in own if name.lower().endswith(suffixes)]
        if pages or found:
            return sorted([*pages, *found], key=lambda page: places[page.name])
    return []


def _folders(name: str) -> set[str]:
    """Return the folders that a file is in, the outermost as the empty string."""
    return {str(each) if each.name else "" for each in PurePosixPath(name).parents}


def _is_by_itself(name: str) -> bool:
    return not _BESIDE_A_PAGE.search(name) and not PurePosixPath(name).name.startswith(".")


def _statements(part: WaczPart) -> dict[str, str]:
    """Return what the description of a page says, by name; the first value of each."""
    if part.size > _LARGEST_DESCRIPTION:
        return {}
    target = BytesIO()
    copy_part(part, target)
    text = target.getvalue()[:_LARGEST_DESCRIPTION].decode("utf-8", "replace")
    said: dict[str, str] = {}
    for match in _STATEMENT.finditer(text):
        said.setdefault(match[1], storable(html.unescape(match[2]).strip()))
    return said


def found_in(package: Wacz) -> str:
    """Return in words what a zip file holds: how many files, of which kinds."""
    names = [part.name for part in package.parts]
    for name, word in _OTHERS.items():
        if name in names:
            return word
    if inner := [name for name in names if name.lower().endswith(_ARCHIVES)]:
        listed = ", ".join(storable(name) for name in inner[:3])
        return f"archives, which are not looked into ({listed}{', …' if len(inner) > 3 else ''})"
    kinds = Counter(PurePosixPath(name).suffix.lower() or PurePosixPath(name).name for name in names)
    listed = ", ".join(f"{count:,} × {kind}" for kind, count in kinds.most_common(5))
    return f"{len(names):,} files ({storable(listed)}{', …' if len(kinds) > 5 else ''})"


class ZipOfPages:
    """An open zip file, of which files are read by their names; close it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises BadWacz, or StorageError where it cannot be read."""
        self._package = Wacz(path, demand_records=False)
        self._parts = {part.name: part for part in self._package.parts}

    def close(self) -> None:
        """Close it."""
        self._package.close()

    def read(self, name: str, limit: int) -> bytes:
        """Return a file. Raises BadWacz where it is damaged, ContentTooLarge above `limit` bytes."""
        part = self._parts.get(name)
        if part is None:  # the zip file is another one now
            raise BadWacz(f"there is no {storable(name)} in this zip file")
        if part.refusal:
            raise BadWacz(f"{storable(name)}: {part.refusal}")
        demand_size(part.size, limit)
        target = BytesIO()
        _, why = copy_part(part, target, limit)
        if why:
            raise BadWacz(f"{storable(name)}: {why}")
        return target.getvalue()
