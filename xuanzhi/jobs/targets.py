"""Inputs of `archive import`: files, quoted globs, folders, standard input, and the kind of each.

A folder of ArchiveBox holds one page in many forms. One of them is taken, the richest, with the address and the date
that its `index.json` says; its own pages are none of the archive.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from archive.ingest.provenance import NO_ARGUMENTS, PageArguments
from clean.document import SourceKind, source_kind
from xuanzhi.jobs.inputs import STDIN, expand, unreadable
from xuanzhi.jobs.lists import standard_input
from xuanzhi.messages import _
from xuanzhi.output.failures import InputError

__all__ = ["ImportKind", "ImportTarget", "targets"]

_BEGINNING = 4096
"""Bytes of a file that tell what it is."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip file begins; the second is an empty one."""

_SUFFIXES = (
    ".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz", ".html", ".htm", ".xhtml", ".mhtml", ".mht",
    ".webarchive", ".maff", ".txt", ".md",
)  # fmt: skip


class ImportKind(StrEnum):
    """The way in which a file is imported."""

    RECORDS = "records"
    """WARC or ARC."""
    WACZ = "wacz"
    LOOSE = "loose"
    """A page or a snapshot by itself."""


class ImportTarget(NamedTuple):
    """A file to import."""

    name: str
    """As people know it."""
    path: Path
    kind: ImportKind
    error: InputError | None = None
    """Why it cannot be imported, where that is known already."""
    known: PageArguments = NO_ARGUMENTS
    """What the folder that it lies in says of a page by itself."""
    others: int = 0
    """Files beside it that are other forms of the same page, and are not imported."""


def targets(arguments: Iterable[str], spool: Path) -> Iterator[ImportTarget]:
    """Yield the files to import, in order; of folders, sorted, all files with a known suffix.

    Standard input goes to a file in the folder `spool`. Raises UsageError where a glob finds nothing.
    """
    for named in expand(arguments):
        argument, path = named.name, Path(named.path)
        if argument == STDIN:
            path = spool / "stdin"
            with path.open("wb") as file:
                shutil.copyfileobj(standard_input(), file)
        if path.is_dir():
            yield from _targets_in(path)
        else:
            yield _target(argument, path)


def _targets_in(folder: Path) -> Iterator[ImportTarget]:
    """Yield the files to import of a folder and those below it. Raises InputError's like as targets with an error."""
    files = [each for each in sorted(folder.rglob("*")) if each.is_file() and not _is_hidden(each, folder)]
    snapshots = {each.parent: found for each in files if (found := _archived_page(each)) is not None}
    homes = {place.parent.parent for place in snapshots if place.parent.name == "archive"}
    count = 0
    for each in files:
        above = next((place for place in each.parents if place in snapshots), None)
        if above is not None:
            chosen = snapshots[above]
            if each in chosen.files:
                count += 1
                yield _target(str(each), each)._replace(known=chosen.known, others=chosen.others)
        elif each.name.lower().endswith(_SUFFIXES) and not _is_of_archivebox(each, homes):
            count += 1
            yield _target(str(each), each)
    if not count:
        yield ImportTarget(str(folder), folder, ImportKind.LOOSE, _nothing_in(files))


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _nothing_in(files: Sequence[Path]) -> InputError:
    kinds = sorted({each.suffix.lower() or each.name for each in files})
    return InputError(
        "no-input",
        _("this folder holds nothing that can be imported: {found}", found=", ".join(kinds[:8]) or _("it is empty")),
        _("Pages, snapshots and web archives are told by their names; give other files by themselves."),
    )


# Folders of ArchiveBox: `archive/TIMESTAMP/` holds what each of its extractors made of one page.

_FORMS = ("singlefile.html", "output.html", "readability/content.html", "mercury/content.html", "htmltotext.txt")
"""Files of a page, the best one first, after its WARC files: as a browser saved it, its DOM, then extracted texts."""
_RECORDS = (".warc", ".warc.gz")
_TIMESTAMP = re.compile(r"\d{9,11}(?:\.\d{1,9})?")
_LARGEST_INDEX = 16 * 1024 * 1024


class _ArchivedPage(NamedTuple):
    """A page in a folder of ArchiveBox."""

    files: tuple[Path, ...]
    """The form that is taken: WARC files, or one page."""
    known: PageArguments
    others: int


def _archived_page(index: Path) -> _ArchivedPage | None:
    """Return the page of a folder by its `index.json`; None where the file is no such index."""
    if index.name != "index.json":
        return None
    try:
        if index.stat().st_size > _LARGEST_INDEX:
            return None
        said = json.loads(index.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    url, stamp = said.get("url"), said.get("timestamp")
    if not isinstance(url, str) or not isinstance(stamp, str):
        return None
    if not url.startswith(("http://", "https://")) or not _TIMESTAMP.fullmatch(stamp):
        return None
    folder = index.parent
    records = tuple(
        each
        for each in sorted((folder / "warc").glob("*"))
        if each.name.lower().endswith(_RECORDS) and _is_filled(each)
    )
    forms = [folder / name for name in _FORMS if _is_filled(folder / name)]
    if not records and not forms:
        return None
    date = datetime.fromtimestamp(int(float(stamp)), UTC).isoformat().replace("+00:00", "Z")
    return _ArchivedPage(
        records or (forms[0],), PageArguments(url=url, fetch_date=date), len(forms) - (0 if records else 1)
    )


def _is_filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _is_of_archivebox(path: Path, homes: set[Path]) -> bool:
    """Whether a file is one of ArchiveBox's own: its list of pages, its lists of addresses, its logs."""
    for home in homes:
        if path == home / "index.html" or (home / "sources") in path.parents or (home / "logs") in path.parents:
            return True
    return False


def _target(name: str, path: Path) -> ImportTarget:
    try:
        if path.exists() and not path.is_file():
            raise InputError(
                "not-a-file", _("neither a file nor a folder"), _("Copy the content to a file, or pipe it in with `-`.")
            )
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError as error:
        return ImportTarget(name, path, ImportKind.LOOSE, unreadable(error))
    except InputError as error:
        return ImportTarget(name, path, ImportKind.LOOSE, error)
    if not beginning:
        return ImportTarget(
            name, path, ImportKind.LOOSE, InputError("empty-file", _("the file is empty"), _("Use another copy."))
        )
    if beginning.startswith(_ZIP) or name.lower().endswith(".wacz"):
        return ImportTarget(name, path, ImportKind.WACZ)
    return ImportTarget(
        name, path, ImportKind.RECORDS if source_kind(name, beginning) is SourceKind.WARC else ImportKind.LOOSE
    )
