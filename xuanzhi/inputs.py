"""Which files a command is about: paths, quoted globs, lists, standard input."""

import os
import sys
from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from xuanzhi.errors import InputError, UsageError

__all__ = ["MAX_BYTES", "STDIN", "expand", "read_input", "split_line"]

STDIN = "-"

MAX_BYTES = 64 * 1024 * 1024
"""A snapshot larger than this is not read. The largest page known, script included, has 4 MB."""


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
        if isinstance(error, FileNotFoundError):
            raise InputError("missing") from error
        raise InputError("unreadable", reason=_reason(error)) from error
    if len(data) > limit:
        raise InputError("too-large", limit=f"{limit // (1024 * 1024)} MB")
    return data


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
