"""Which files a command is about: paths, quoted globs, lists, standard input."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from xuanzhi.output.failures import InputError, UsageError

__all__ = [
    "MAX_BYTES", "STDIN", "Input", "bounded", "expand", "inputs", "read_input", "split_line", "stem", "unreadable",
]  # fmt: skip

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
    from xuanzhi.pages_in_warc import pages_in

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
