"""Inputs of commands: paths, quoted globs, lists, standard input, and pages in files of records and zip files."""

import atexit
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, NamedTuple, Protocol, TypeVar

from archive.errors import ArchiveError
from clean.document import SourceKind, source_kind
from xuanzhi.jobs.lists import STDIN, line_error, list_lines, standard_input
from xuanzhi.messages import _, ngettext
from xuanzhi.output.failures import InputError, UsageError

if TYPE_CHECKING:
    from archive.importing.zipped import ZipOfPages, ZippedPage
    from archive.ingest.provenance import PageArguments
    from archive.warc.files import PageBody, PagePlace, RecordFiles

__all__ = [
    "MAX_BYTES",
    "STDIN",
    "Input",
    "bounded",
    "expand",
    "inputs",
    "read_input",
    "read_once",
    "read_page",
    "read_part",
    "split_line",
    "stem",
    "unreadable",
    "zipped_inputs",
]

_BEGINNING = 4096
"""Bytes of a file that tell what it is."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip file begins; the second is an empty one."""

_LZ4 = b"\x04\x22\x4d\x18"
"""How a frame of LZ4 begins."""

MAX_BYTES = 64 * 1024 * 1024
"""A file larger than this is not read, a WARC file page by page. The largest page known has 4 MB, scripts included."""

# What a WARC, ARC or WACZ file is called; any other name is looked into. Anchored at the end: linear.
_RECORDS = re.compile(r"(.*?)\.(?:(?:warc|arc)(?:\.gz|\.zst)?|wacz)", re.IGNORECASE | re.DOTALL)

# A file of records and the number of one of its pages: `crawl.warc.gz#3`. Anchored at the end: linear.
_NUMBERED = re.compile(r"(.*)#(\d{1,9})", re.DOTALL)


class Input(NamedTuple):
    """An input to clean: a file, or one page of a file of records."""

    name: str
    """As people know it: the path, with `#3` for the third page of a WARC file that holds several."""
    path: str
    place: "PagePlace | None" = None
    """Where the page's record begins in a file of records; None of a file that is a page or a snapshot itself."""
    error: Exception | None = None
    """Why it cannot be read, where that is known already."""
    data: bytes | None = None
    """Its bytes, where they had to be read already."""
    part: str = ""
    """Of a page in a zip file, its name there; else empty."""
    known: "PageArguments | None" = None
    """What the file around a page, or the folder that it lies in, says of it; None where nothing does."""


def read_once(item: Input, limit: int) -> Input:
    """Return an input with its bytes, where they can be read only once and in this process: standard input, a pipe."""
    path = Path(item.path)
    if item.place is not None or item.part or item.error is not None:
        return item
    if item.path != STDIN and (path.is_file() or path.is_dir() or not path.exists()):
        return item
    try:
        return item._replace(data=read_input(item.path, limit))
    except InputError as error:
        return item._replace(error=error)


def inputs(named: Iterable[Input]) -> Iterator[Input]:
    """Yield the inputs to clean: each file that is named, and each page of each file of records."""
    for item in named:
        path, number = _split_number(item.name)
        if item.error is None and item.name != STDIN and _has_records(path):
            yield from _pages(path, number)
        else:
            yield item


def _pages(path: str, wanted: int) -> Iterator[Input]:
    """Yield the pages of a file of records, or the one with the number `wanted`, and what is wrong with the file."""
    from archive.warc.files import RecordFiles, pages_of
    from archive.warc.wacz import NoRecordsInZip

    try:
        with RecordFiles(Path(path)) as files:
            pages = pages_of(files)
    except OSError as error:
        yield Input(path, path, error=unreadable(error))
        return
    except NoRecordsInZip:
        yield from _zipped_pages(path, wanted)
        return
    except ArchiveError as error:
        yield Input(path, path, error=error)
        return
    count = len(pages.places)
    for number, place in enumerate(pages.places, 1):
        if wanted in (0, number):
            yield Input(f"{path}#{number}" if count > 1 or wanted else path, path, place)
    if not count and not pages.others and pages.damage:
        by_name = InputError(
            "not-a-warc",
            _("no WARC record can be read from this file: {reason}", reason=pages.damage),
            _("Check it with the tool that wrote it; the name of a single page should end in .html."),
        )
        yield Input(
            path,
            path,
            error=by_name
            if _RECORDS.fullmatch(path)
            else InputError(
                "warc-by-name",
                _("this contains WARC records, but its name does not say so"),
                _("Supply it as a file whose name ends in .warc or .warc.gz."),
            ),
        )
    elif wanted > count:
        yield _no_such_page(path, wanted, count)
    elif pages.damage:
        yield Input(
            path,
            path,
            error=InputError(
                "damaged-warc",
                ngettext(
                    "the file is damaged; its first page was read, the rest was not: {reason}",
                    "the file is damaged; its first {count} pages were read, the rest was not: {reason}",
                    count,
                    reason=pages.damage,
                ),
                _(
                    "Use an intact copy if there is one, or let `warcio recompress` write the intact part to "
                    "a new file."
                ),
            ),
        )
    elif not count and not pages.others:
        yield Input(path, path, error=InputError("empty-file", _("the file is empty"), _("Use another copy.")))
    elif not count:
        yield Input(
            path,
            path,
            error=InputError(
                "no-pages",
                ngettext("its only record is not a page", "none of its {count} records is a page", pages.others),
                _(
                    "A page is an HTML response with a status from 200 to 299. A revisit record names the "
                    "record that contains the page."
                ),
            ),
        )


def _no_such_page(path: str, wanted: int, count: int) -> Input:
    message = ngettext("it contains {count} page", "it contains {count} pages", count)
    return Input(f"{path}#{wanted}", path, error=InputError("no-such-page", message, _("Pages are numbered from 1.")))


def _zipped_pages(path: str, wanted: int) -> Iterator[Input]:
    """Yield the pages of a zip file without records, or the one with the number `wanted`."""
    from archive.importing.zipped import pages_of_zip

    try:
        pages = pages_of_zip(Path(path))
    except OSError as error:
        yield Input(path, path, error=unreadable(error))
    except ArchiveError as error:
        yield Input(path, path, error=error)
    else:
        if wanted > len(pages):
            yield _no_such_page(path, wanted, len(pages))
        yield from (each for number, each in enumerate(zipped_inputs(path, path, pages), 1) if wanted in (0, number))


def zipped_inputs(name: str, path: str, pages: "Sequence[ZippedPage]") -> list[Input]:
    """Return the pages of a zip file as inputs; `name` is that of the file, as people know it."""
    from archive.ingest.provenance import PageArguments

    return [
        Input(
            f"{name}#{number}" if len(pages) > 1 else name,
            path,
            part=page.name,
            known=PageArguments(page.url, page.charset, page.date),
        )
        for number, page in enumerate(pages, 1)
    ]


def _split_number(name: str) -> tuple[str, int]:
    """Part `FILE#3`, 0 without a number; a file whose own name ends like that is that file."""
    match = _NUMBERED.fullmatch(name)
    return (match[1], int(match[2])) if match and not os.path.lexists(name) else (name, 0)


def _has_records(path: str) -> bool:
    """Whether a file is one of records: by its name, else by its first bytes."""
    if _RECORDS.fullmatch(path):
        return True
    if not Path(path).is_file():  # a pipe could be read only once
        return False
    try:
        with Path(path).open("rb") as file:
            beginning = file.read(_BEGINNING)
        if beginning.startswith(_ZIP):
            from archive.warc.wacz import is_wacz

            return is_wacz(Path(path))
    except OSError:
        return False
    return source_kind(path, beginning) is SourceKind.WARC


class _Closable(Protocol):
    def close(self) -> None: ...


OpenFile = TypeVar("OpenFile", bound=_Closable)


class _LastFile(Generic[OpenFile]):
    """The file that this process read last: reading its pages in order passes over nothing twice."""

    def __init__(self, opener: Callable[[Path], OpenFile]) -> None:
        self._opener = opener
        self._key: tuple[str, int, int] | None = None
        self._file: OpenFile | None = None

    def open(self, path: str) -> OpenFile:
        """Return the open file. Raises BadWacz, or OSError where it cannot be read."""
        state = Path(path).stat()
        key = (path, state.st_mtime_ns, state.st_size)
        if self._file is None or self._key != key:
            self.close()
            self._file, self._key = self._opener(Path(path)), key
        return self._file

    def close(self) -> None:
        """Close it; it can be opened again."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _open_records(path: Path) -> "RecordFiles":
    from archive.warc.files import RecordFiles

    return RecordFiles(path)


def _open_zip(path: Path) -> "ZipOfPages":
    from archive.importing.zipped import ZipOfPages

    return ZipOfPages(path)


_last = _LastFile(_open_records)
_last_zip = _LastFile(_open_zip)
atexit.register(_last.close)
atexit.register(_last_zip.close)


def read_page(path: str, place: "PagePlace", limit: int) -> "PageBody":
    """Read a page of a file of records. Raises InputError where it is too large, cut or broken."""
    from archive.warc import files
    from archive.warc.content import ContentTooLarge
    from archive.warc.foreign import NoRecord

    try:
        body = files.read_page(_last.open(path), place, limit)
    except ContentTooLarge as error:
        raise _too_large(limit) from error
    except OSError as error:
        raise unreadable(error) from error
    except (NoRecord, KeyError) as error:  # the file is another one now
        raise InputError(
            "broken-record",
            _("the record at byte {offset} cannot be read: {reason}", offset=place.place.offset, reason=str(error)),
            _("The other records are not affected. Check the file with `archive verify FILE`."),
        ) from error
    if body.cut:  # half a text is none
        raise InputError(
            "broken-record",
            _("the record at byte {offset} cannot be read: {reason}", offset=place.place.offset, reason=body.cut),
            _("The other records are not affected. Check the file with `archive verify FILE`."),
        )
    return body


def read_part(path: str, name: str, limit: int) -> bytes:
    """Read a page of a zip file. Raises InputError where it is too large, BadWacz where it is damaged."""
    from archive.warc.content import ContentTooLarge

    try:
        return _last_zip.open(path).read(name, limit)
    except ContentTooLarge as error:
        raise _too_large(limit) from error
    except OSError as error:
        raise unreadable(error) from error


def stem(name: str) -> str:
    """Return the name of an input's result, without suffix and folders."""
    if name == STDIN:
        return "stdin"
    path, number = _split_number(name)
    match = _RECORDS.fullmatch(path)
    base = Path(match[1]).name if match else Path(path).stem
    return f"{base}-{number}" if number else base


def expand(arguments: Iterable[str], lists: Iterable[str] = ()) -> Iterator[Input]:
    """Yield what is named, in order: arguments, with quoted globs expanded, then the lines of the list files.

    A list has one path a line, see `list_lines`; a line that names nothing is an input with an error. Raises
    UsageError where a list cannot be read or the glob of an argument finds nothing.
    """
    for argument in arguments:
        yield from (Input(name, name) for name in _matches(argument))
    for name in lists:
        for line in list_lines(name):
            # On Linux the name of a file may be any bytes; where there is one, the line is that name.
            error: Exception | None = None if _exists(line.text) else line_error(line.text)
            try:
                names = [] if error else _matches(line.text)
            except UsageError as no_match:
                error = InputError(no_match.code, str(no_match), no_match.hint)
            if error is not None:
                yield Input(line.place, line.place, error=error)
            else:
                yield from (Input(each, each) for each in names)


def _exists(path: str) -> bool:
    """Whether there is a file of this name; what cannot be a name is none."""
    try:
        return os.path.lexists(path)
    except ValueError:  # a zero byte; a surrogate that stands for no byte
        return False


def _matches(argument: str) -> list[str]:
    # A file whose name holds brackets is that file, whatever the brackets would match.
    if argument == STDIN or not has_magic(argument) or os.path.lexists(argument):
        return [argument]
    paths = sorted(glob(argument, recursive=True))
    if not paths:
        raise UsageError(
            "no-match", _("no file matches {pattern}", pattern=argument), _("Check the pattern and the current folder.")
        )
    return paths


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
            data = _at_most(standard_input(), limit + 1)
        else:
            path = Path(name)
            if path.is_dir():
                raise InputError(
                    "directory",
                    _("this is a folder"),
                    _("Name the files in it: '{pattern}'", pattern=str(path / "*.txt")),
                )
            if path.exists() and not path.is_file():
                raise InputError(
                    "not-a-file",
                    _("neither a file nor a folder"),
                    _("Copy the content to a file, or pipe it in with `-`."),
                )
            with path.open("rb") as file:
                data = _at_most(file, limit + 1)
    except OSError as error:
        raise unreadable(error) from error
    return bounded(data, limit)


def _at_most(file: BinaryIO, size: int) -> bytes:
    """Read so many bytes, or all that there are. To read them at once would take memory for `size` in any case."""
    pieces = []
    while size and (piece := file.read(min(size, 1 << 20))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def unreadable(error: OSError) -> InputError:
    """Say why a file cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return InputError(
            "missing", _("no such file"), _("Check the path; put patterns in quotes if the shell expands them.")
        )
    return InputError("unreadable", _("cannot be read: {reason}", reason=_reason(error)), _("Check its permissions."))


def bounded(data: bytes, limit: int) -> bytes:
    """Return what was read. Raises InputError where it is more than the limit, or in a compression that is not read."""
    if data.startswith(_LZ4):
        raise InputError(
            "lz4",
            _("this file is compressed with LZ4, which is not read"),
            _("Decompress it with `lz4 -d`, then give the result."),
        )
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _too_large(limit: int) -> InputError:
    return InputError(
        "too-large",
        _("larger than {limit}", limit=f"{limit // (1024 * 1024)} MB"),
        _("A snapshot is one page. Split the file, or raise the limit with --max-megabytes."),
    )


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
