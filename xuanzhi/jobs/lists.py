"""Lists of inputs: files with one path or address a line, in the encodings that editors write."""

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from xuanzhi.messages import _
from xuanzhi.output.failures import InputError, UsageError

__all__ = ["STDIN", "ListLine", "line_error", "list_lines", "standard_input"]

STDIN = "-"
"""Stands for standard input."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REPLACED = "\ufffd"


class ListLine(NamedTuple):
    """A line of a list that names something."""

    place: str
    """List and number of the line, `list.txt:3`."""
    text: str
    """Without the blanks around it; bytes that are no UTF-8 are surrogates (PEP 383), as in the names of files."""


def list_lines(name: str) -> Iterator[ListLine]:
    """Yield the lines of a list but blank ones and those that begin with #; `-` is standard input.

    UTF-8 is read, and UTF-16 with a byte order mark, which editors and shells of Windows write. A line ends with LF,
    CR LF or CR alone: what Unicode calls a line end besides may stand within a path. Raises UsageError where the list
    cannot be read.
    """
    try:
        data = standard_input().read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            "list-unreadable",
            _("cannot read the list {path}: {reason}", path=name, reason=error.strerror or error),
            _("A list is a UTF-8 text file with one path per line."),
        ) from error
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", "replace").encode("utf-8")
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).splitlines(), 1):
        text = line.decode("utf-8", "surrogateescape")
        if text.strip() and not text.startswith("#"):
            yield ListLine(f"{name}:{number}", text.strip())


def line_error(text: str) -> InputError | None:
    """Say why a line names nothing; None where it may name something."""
    if "\0" in text:
        return InputError(
            "not-a-line",
            _("this line has zero bytes"),
            _("Save the list as UTF-8, with one path or address per line."),
        )
    if _REPLACED in text or (not text.isascii() and text != text.encode("utf-8", "ignore").decode("utf-8")):
        return InputError(
            "not-a-line",
            _("this line is not UTF-8 text"),
            _("Save the list as UTF-8, with one path or address per line."),
        )
    return None


def standard_input() -> BinaryIO:
    """Return standard input. Raises UsageError where the command was started without one."""
    if sys.stdin is None:
        raise UsageError(
            "no-standard-input",
            _("there is no standard input to read"),
            _("Pipe something in, or name a file instead of `-`."),
        )
    return sys.stdin.buffer
