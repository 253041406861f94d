"""Images that pages held in themselves, as files beside the Markdown files that show them.

A text names each as `files/sha256-….png` (`clean.html.embedded`). The file is made when the Markdown is written, from
what cleaning found; whenever it is missing, it is made again from the bytes of the captures, which hold it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from archive.catalogue.captures import stored_captures
from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError
from clean.errors import CleanError
from clean.html.embedded import FOLDER

__all__ = ["digest_named", "files_beside", "files_named", "is_file_due", "picture_with_digest", "stored_files"]

# The address of such a file in a text: of fixed length but for the suffix.
_NAMED = re.compile(rf"{FOLDER}/sha256-([0-9a-f]{{64}})\.[a-z]{{3}}\b".encode())

_LIMIT = 64 * 1024 * 1024
"""Bytes of a page that is cleaned again for its images."""


def files_named(text: bytes) -> list[str]:
    """Return the addresses of such files in a text, each once, in its order."""
    return list(dict.fromkeys(found[0].decode() for found in _NAMED.finditer(text)))


def digest_named(address: str) -> str:
    """Return the sha256 that the address of such a file names; empty for any other."""
    found = _NAMED.fullmatch(address.encode())
    return found[1].decode() if found else ""


def is_file_due(folder: Path, name: str) -> bool:
    """Whether a file is missing from the folder of a Markdown file, or holds something else than its name says."""
    try:
        return sha256((folder / name).read_bytes()).hexdigest() != digest_named(name)
    except OSError:
        return True


def stored_files(
    catalogue: Catalogue, root: Path, article: int, names: Iterable[str], clean_sha256: str
) -> Mapping[str, bytes]:
    """Return those of the named files that the captures of an article hold, made from their bytes by cleaning them.

    Captures with the text of this digest are asked first. A name that no capture holds is not there: a text may have
    come from another collection. What cannot be read or cleaned is passed over.
    """
    from archive.ingest.reclean import reclean_capture  # heavy, and hardly ever needed
    from clean.rules import built_in

    missing = set(names)
    found: dict[str, bytes] = {}
    captures = sorted(stored_captures(catalogue, [article]), key=lambda each: each.clean_sha256 != clean_sha256)
    asked: set[str] = set()
    for capture in captures:
        if not missing:
            break
        if capture.source_sha256 in asked:
            continue
        asked.add(capture.source_sha256)
        try:
            result = reclean_capture(root, capture, built_in(), _LIMIT)
        except (ArchiveError, CleanError):
            continue
        if result is None or result.cleaned is None:
            continue
        for file in result.cleaned.files:
            if file.path in missing:
                missing.discard(file.path)
                found[file.path] = file.data
    return found


def files_beside(
    catalogue: Catalogue, root: Path, article: int, markdown: str, text: bytes
) -> Iterator[tuple[str, bytes]]:
    """Yield path in the collection and content of each file that an article's text shows: as it lies there, else anew.

    `markdown` is the path of the Markdown file in the collection. Raises what reading the catalogue raises.
    """
    folder = (root / markdown).parent
    names = files_named(text)
    due = [name for name in names if is_file_due(folder, name)]
    made = stored_files(catalogue, root, article, due, sha256(text).hexdigest()) if due else {}
    for name in names:
        path = f"{markdown.rpartition('/')[0]}/{name}"
        if name in made:
            yield path, made[name]
        elif name not in due:
            yield path, (folder / name).read_bytes()


def picture_with_digest(root: Path, digest: str) -> bytes | None:
    """Return the content of such a file by its sha256, whichever Markdown shows it; None where there is none."""
    for path in sorted((root / "markdown").glob(f"*/{FOLDER}/sha256-{digest}.*")):
        data = path.read_bytes()
        if sha256(data).hexdigest() == digest:
            return data
    return None
