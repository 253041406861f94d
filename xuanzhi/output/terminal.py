"""Columns that line up on a terminal, where an ideograph is as wide as two letters."""

import unicodedata
from collections.abc import Iterator, Sequence

from xuanzhi.output.report import visible

__all__ = ["aligned", "cut", "line", "size", "width"]

_NARROWEST = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters that take no place of their own: they stand on the one before."""


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
    kept, taken = "", 1
    for each in text:
        taken += width(each)
        if taken > columns:
            break
        kept += each
    return kept + "…"


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
