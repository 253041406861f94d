"""Tables of one cell, which editors use as boxes: the box goes, its text stays."""

import re
from typing import NamedTuple

from clean.stages.stage import Edit, Found, Ruleset, View

__all__ = ["layout_tables"]

RULE = "markdown.one-cell-table"

# The delimiter row of one cell. Classes in a row that share no character: linear.
_DELIMITER = re.compile(r"\|\s*:?-{3,}:?\s*\|\s*$")

# What would be read as a block of another kind once it stands outside of the cell.
_BLOCK = re.compile(r"(?:#{1,6}|[-+*]|\d{1,9}[.)]|>|```|~~~|-{3,}|={3,})(?:\s|$)|```|~~~|<")


def layout_tables(view: View, ruleset: Ruleset) -> Found:
    """Unwrap tables of one cell; remove the ones whose only cell is empty."""
    edits: list[Edit] = []
    if "---" not in view.text or "|" not in view.text:
        return Found()
    for index in view.solid:
        if _DELIMITER.match(view.lines[index]) and index > 0 and index not in view.verbatim:
            edits += _unwrap(view, index)
    return Found(edits)


class _Cell(NamedTuple):
    """The text of a row's only cell, and where it stands in the line."""

    text: str
    start: int
    end: int


def _cell(line: str) -> _Cell | None:
    """Read a row of one cell; None for any other line, and for a cell that holds a bar."""
    row = line.rstrip(" \t")
    inner = row[1:-1]
    if len(row) < 2 or row[0] != "|" or row[-1] != "|" or "|" in inner or inner.endswith("\\"):
        return None
    text = inner.strip(" \t")
    start = 1 + inner.find(text)
    return _Cell(text, start, start + len(text))


def _unwrap(view: View, delimiter: int) -> list[Edit]:
    lines, starts = view.lines, view.starts
    header = _cell(lines[delimiter - 1])
    if header is None or (delimiter > 1 and lines[delimiter - 2].strip()):
        return []
    rows = 0
    while delimiter + 1 + rows < len(lines) and lines[delimiter + 1 + rows].strip():
        rows += 1
    body = _cell(lines[delimiter + 1]) if rows == 1 else None
    if header.text and rows == 0:
        row, cell, last = delimiter - 1, header, delimiter
    elif not header.text and body is not None:
        row, cell, last = delimiter + 1, body, delimiter + 1
    elif not header.text and rows == 0:
        row, cell, last = delimiter - 1, header, delimiter
    else:
        return []
    if not cell.text:
        return [Edit(starts[delimiter - 1], view.until_next(last), "", RULE)]
    if _BLOCK.match(cell.text):
        return []
    end = starts[last] + len(lines[last])
    return [
        Edit(starts[delimiter - 1], starts[row] + cell.start, "", RULE),
        Edit(starts[row] + cell.end, end, "", RULE),
    ]
