"""Formatting for terminals: values, progress, and columns with wide characters."""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from archive.dates import UNDATED
from archive.printable import visible
from xuanzhi.messages import N_, _

__all__ = [
    "Progress",
    "aligned",
    "cut",
    "line",
    "megabytes",
    "percent",
    "readable_day",
    "readable_time",
    "size",
    "width",
]

_UNITS = {
    "files": N_("files"),
    "megabytes": N_("MB"),
    "pages": N_("pages"),
    "bytes": N_("B"),
    "captures": N_("captures"),
    "pieces": N_("pieces"),
    "changes": N_("changes"),
}

_NARROWEST = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters without a column of their own: they stand on the one before."""


def line(text: str) -> str:
    """Return a text as it may stand in a line: on one line, control characters shown."""
    return visible(text.replace("\n", " ").replace("\t", " "))


def width(text: str) -> int:
    """Return how many columns a text takes (Unicode Annex 11; ambiguous characters count as narrow)."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else unicodedata.category(each) not in _NARROWEST
        for each in text
    )


def cut(text: str, columns: int) -> str:
    """Return the text, or as much of it as the columns hold, with … at the end."""
    if width(text) <= columns:
        return text
    shown, columns_used = "", 1
    for each in text:
        columns_used += width(each)
        if columns_used > columns:
            break
        shown += each
    return shown + "…"


def aligned(rows: Sequence[Sequence[str]], *, widest: int = 24) -> Iterator[str]:
    """Yield the rows as lines: each column but the last as wide as its widest cell, at most so many columns.

    A cell of digits stands at the right of its column.
    """
    shown = [[*(cut(line(cell), widest) for cell in row[:-1]), line(row[-1])] for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)][:-1] if shown else []
    for row in shown:
        cells = []
        for cell, wanted in zip(row, widths, strict=False):
            blanks = " " * (wanted - width(cell))
            cells.append(blanks + cell if cell.isdigit() else cell + blanks)
        yield "  ".join([*cells, row[-1]]).rstrip()


def size(count: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def percent(share: float) -> str:
    """Return a share (0 to 1) as people read it; what is not nothing is not shown as nothing."""
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}" if share >= 0.001 else "<0.1%"


def readable_day(utc: str) -> str:
    """Return the day of a WARC-Date: `2024-05-01`."""
    return readable_time(utc).partition(" ")[0]


def readable_time(utc: str) -> str:
    """Return a WARC-Date to the second, as people read it: `2024-05-01 12:00:00`."""
    if utc == UNDATED:
        return _("undated")
    return utc[:19].replace("T", " ")


# Progress


T = TypeVar("T")

_MEGABYTE = 1_000_000

FEW = 5
"""Items below which no bar is shown."""

PATIENCE = 1.0
"""Seconds that pass before a bar appears."""


class Progress:
    """A progress bar on a terminal, for work that takes long; nothing anywhere else.

    Use as a context manager; `advance` as work gets done.
    """

    def __init__(self, total: int, *, enabled: bool, unit: str = "files") -> None:
        self._total = total
        self._unit = unit
        self._enabled = enabled and total > FEW and sys.stderr.isatty()
        self._started = monotonic()
        self._done = 0
        self._bar: Any = None

    def advance(self, count: int = 1) -> None:
        """Count some more items as done."""
        self._done += count
        if not self._enabled:
            return
        if self._bar is None and monotonic() - self._started > PATIENCE:
            from tqdm import tqdm  # only here: it would cost every start

            self._bar = tqdm(
                total=self._total,
                initial=self._done,
                unit=f" {_(_UNITS[self._unit])}",
                unit_scale=self._unit == "bytes",
                leave=False,
                file=sys.stderr,
            )
        elif self._bar is not None:
            self._bar.update(count)

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield what comes, and count each as done."""
        for item in items:
            self.advance()
            yield item

    def hide(self) -> None:
        """Take the bar off the line, so that other lines can be written; the next `advance` shows it again."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def megabytes(progress: Progress) -> Callable[[int], None]:
    """Return what counts bytes, and advances the progress by whole megabytes."""
    rest = 0

    def advance(size: int) -> None:
        nonlocal rest
        whole, rest = divmod(rest + size, _MEGABYTE)
        if whole:
            progress.advance(whole)

    return advance
