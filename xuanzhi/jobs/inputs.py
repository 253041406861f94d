"""Which files a command is about: paths, quoted globs, lists, standard input."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from clean.document import Medium, medium_of
from xuanzhi.output.failures import InputError, UsageError

__all__ = [
    "MAX_BYTES",
    "STDIN",
    "ImportKind",
    "ImportTarget",
    "Input",
    "WarcContents",
    "WarcPage",
    "bounded",
    "expand",
    "inputs",
    "pages_in",
    "read_input",
    "read_record",
    "split_line",
    "stem",
    "targets",
    "unreadable",
]

STDIN = "-"

MAX_BYTES = 64 * 1024 * 1024
"""A file larger than this is not read, a WARC file page by page. The largest page known has 4 MB, scripts included."""

# A WARC or ARC file by its name, and the number of one of its pages: `crawl.warc.gz#3`. Anchored at the end: linear.
_RECORDS = re.compile(r"(.*?\.(?:warc|arc)(?:\.gz)?)(?:#(\d{1,9}))?", re.IGNORECASE | re.DOTALL)


class Input(NamedTuple):
    """One thing to clean: a file, or one page of a WARC file."""

    name: str
    """As people know it: the path, with `#3` for the third page of a WARC file that holds several."""
    path: str
    offset: int | None = None
    """Where the page's record begins in a WARC file, in bytes."""
    error: InputError | None = None
    """Why it cannot be read, where that is known already."""


def inputs(names: Iterable[str]) -> Iterator[Input]:
    """Yield what there is to clean: each file, and each page of each WARC file."""
    for name in names:
        match = _RECORDS.fullmatch(name)
        if match is None or name == STDIN or (match[2] and os.path.lexists(name)):
            yield Input(name, name)
        else:
            yield from _pages(match[1], int(match[2] or 0))


def _pages(path: str, wanted: int) -> Iterator[Input]:

    try:
        found = pages_in(path)
    except InputError as error:
        yield Input(path, path, error=error)
        return
    count = len(found.offsets)
    for number, offset in enumerate(found.offsets, 1):
        if wanted in (0, number):
            yield Input(f"{path}#{number}" if count > 1 or wanted else path, path, offset)
    if wanted > count:
        yield Input(f"{path}#{wanted}", path, error=InputError("no-such-page", count=count))
    elif found.damage:
        yield Input(path, path, error=InputError("damaged-warc", count=count, reason=found.damage))
    elif not count:
        yield Input(path, path, error=InputError("no-pages", count=found.others))


def stem(name: str) -> str:
    """Return the name of an input's result, without suffix and folders."""
    if name == STDIN:
        return "stdin"
    match = _RECORDS.fullmatch(name)
    if match is None or (match[2] and os.path.lexists(name)):
        return Path(name).stem
    base = Path(match[1]).name.removesuffix(".gz").removesuffix(".GZ").rpartition(".")[0]
    return f"{base}-{match[2]}" if match[2] else base


def expand(arguments: Iterable[str], lists: Iterable[str] = ()) -> Iterator[str]:
    """Yield the inputs in order: arguments, with quoted globs expanded, then the lines of the list files.

    A list has one path a line; blank lines and lines that begin with # are passed over; `-` is standard input.
    Raises UsageError where a list cannot be read or a glob finds nothing.
    """
    for argument in arguments:
        yield from _matches(argument)
    for name in lists:
        try:
            text = sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("list-unreadable", path=name, reason=_reason(error)) from error
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                yield from _matches(line.strip())


def _matches(argument: str) -> list[str]:
    # A file whose name holds brackets is that file, whatever the brackets would match.
    if argument == STDIN or not has_magic(argument) or os.path.lexists(argument):
        return [argument]
    found = sorted(glob(argument, recursive=True))
    if not found:
        raise UsageError("no-match", pattern=argument)
    return found


def split_line(argument: str) -> tuple[str, int | None]:
    """Part `FILE:LINE`; a file whose own name ends like that is that file."""
    path, colon, number = argument.rpartition(":")
    if colon and path and number.isascii() and number.isdigit() and not Path(argument).exists():
        return path, int(number)
    return argument, None


def read_input(name: str, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of one input. Raises InputError with what is wrong with it."""
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            path = Path(name)
            if path.is_dir():
                raise InputError("directory", pattern=str(path / "*.txt"))
            if path.exists() and not path.is_file():
                raise InputError("not-a-file")
            with path.open("rb") as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise unreadable(error) from error
    return bounded(data, limit)


def unreadable(error: OSError) -> InputError:
    """Say why a file cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return InputError("missing")
    return InputError("unreadable", reason=_reason(error))


def bounded(data: bytes, limit: int) -> bytes:
    """Return what was read. Raises InputError where it is more than the limit."""
    if len(data) > limit:
        raise InputError("too-large", limit=f"{limit // (1024 * 1024)} MB")
    return data


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


# Pages inside WARC and ARC files: where they are, and each as the server sent it, without its transfer.
#
# Reading is warcio's: it knows WARC 1.0 and 1.1, ARC, gzip members, chunked bodies and the habits of many writers.


_TYPES = ("text/html", "application/xhtml+xml", "multipart/related")


class WarcContents(NamedTuple):
    """What a WARC file holds, as far as cleaning goes."""

    offsets: list[int]
    """Where the records begin that hold pages, in bytes."""
    others: int
    """Records of other kinds: requests, pictures, revisits, redirects."""
    damage: str
    """What is wrong with the file after the last record that could be read; empty where nothing is."""


class WarcPage(NamedTuple):
    """One page of a WARC file."""

    data: bytes
    """The page's bytes, without transfer coding and content coding."""
    url: str
    charset: str
    """The value of the Content-Type header."""
    date: str
    """WARC-Date: when it was captured."""


def pages_in(path: str) -> WarcContents:
    """Look through a WARC file. Raises InputError where it is none."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    offsets: list[int] = []
    others = 0
    damage = ""
    with _opened(path) as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                if _is_page(record):
                    offsets.append(records.get_record_offset())
                else:
                    others += 1
        except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
            if not offsets and not others:
                raise InputError("not-a-warc", reason=str(error)) from error
            damage = str(error)
        except Exception as error:  # warcio raises whatever a broken record makes it stumble over
            damage = f"{type(error).__name__}: {error}"
    return WarcContents(offsets, others, damage)


def read_record(path: str, offset: int, limit: int) -> WarcPage:
    """Read the page whose record begins at an offset. Raises InputError where it is too large or broken."""
    from warcio.archiveiterator import ArchiveIterator

    with _opened(path) as file:
        file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(file)))
            data = record.content_stream().read(limit + 1)
        except Exception as error:  # as above
            raise InputError("broken-record", offset=offset, reason=str(error)) from error
        headers = record.http_headers
        kind = headers.get_header("Content-Type") if headers else record.rec_headers.get_header("Content-Type")
    target = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    return WarcPage(bounded(data, limit), target, kind or "", record.rec_headers.get_header("WARC-Date") or "")


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise unreadable(error) from error


def _is_page(record: Any) -> bool:
    """Whether a record holds a page: an answer with HTML that is no redirect and no error, or HTML kept by itself."""
    headers = record.http_headers
    if record.rec_type == "response" and headers is not None:
        status = headers.get_statuscode() or ""
        kind = headers.get_header("Content-Type")
        return status.startswith("2") and (kind is None or kind.strip().lower().startswith(_TYPES))
    if record.rec_type == "resource":
        return (record.rec_headers.get_header("Content-Type") or "").strip().lower().startswith(_TYPES)
    return False


# What `archive import` is about: files, quoted globs, folders, standard input; and what each of them is.


_SUFFIXES = (
    ".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz", ".html", ".htm", ".xhtml", ".mhtml", ".mht", ".txt", ".md",
)  # fmt: skip

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


class ImportKind(StrEnum):
    """How a file is taken."""

    RECORDS = "records"
    """WARC or ARC."""
    WACZ = "wacz"
    LOOSE = "loose"
    """A page or a snapshot by itself."""


class ImportTarget(NamedTuple):
    """One file."""

    name: str
    """As people know it."""
    path: Path
    kind: ImportKind
    error: InputError | None = None
    """Why it cannot be taken, where that is known already."""


def targets(arguments: Iterable[str], spool: Path) -> Iterator[ImportTarget]:
    """Yield what there is to take, in order; of folders, sorted, all files whose names tell what they are.

    Standard input goes to a file in the folder `spool`. Raises UsageError where a glob finds nothing.
    """
    for argument in expand(arguments):
        path = Path(argument)
        if argument == STDIN:
            path = spool / "stdin"
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
                if not hidden and each.is_file() and each.name.lower().endswith(_SUFFIXES):
                    yield _target(str(each), each)
        else:
            yield _target(argument, path)


def _target(name: str, path: Path) -> ImportTarget:
    try:
        if path.exists() and not path.is_file():
            raise InputError("not-a-file")
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError as error:
        return ImportTarget(name, path, ImportKind.LOOSE, unreadable(error))
    except InputError as error:
        return ImportTarget(name, path, ImportKind.LOOSE, error)
    if not beginning:
        return ImportTarget(name, path, ImportKind.LOOSE, InputError("empty-file"))
    if beginning.startswith((_ZIP, _EMPTY_ZIP)) or name.lower().endswith(".wacz"):
        return ImportTarget(name, path, ImportKind.WACZ)
    return ImportTarget(
        name, path, ImportKind.RECORDS if medium_of(name, beginning) is Medium.WARC else ImportKind.LOOSE
    )
