"""Tables of one cell, which editors use as boxes: the box goes, its text stays."""

import re

from clean.stages.found import Edit, Found, Ruleset, View

__all__ = ["layout_tables"]

RULE = "markdown.one-cell-table"

# Header, delimiter and body row of one cell each. Classes exclude what follows them, and white space is taken
# possessively: linear.
_DELIMITER = re.compile(r"\|\s*:?-{3,}:?\s*\|\s*$")
_CELL = re.compile(r"\|[ \t]*+((?:[^|\\ \t]++|\\.|[ \t]++(?!\|))*+)[ \t]*+\|[ \t]*+$")

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


def _unwrap(view: View, delimiter: int) -> list[Edit]:
    lines, starts = view.lines, view.starts
    header = _CELL.match(lines[delimiter - 1])
    if header is None or (delimiter > 1 and lines[delimiter - 2].strip()):
        return []
    rows = 0
    while delimiter + 1 + rows < len(lines) and lines[delimiter + 1 + rows].strip():
        rows += 1
    body = _CELL.match(lines[delimiter + 1]) if rows == 1 else None
    if header[1] and rows == 0:
        row, cell, last = delimiter - 1, header, delimiter
    elif not header[1] and body is not None:
        row, cell, last = delimiter + 1, body, delimiter + 1
    elif not header[1] and rows == 0:
        return [Edit(starts[delimiter - 1], view.until_next(delimiter), "", RULE)]
    else:
        return []
    if not cell[1]:
        return [Edit(starts[delimiter - 1], view.until_next(last), "", RULE)]
    if _BLOCK.match(cell[1]) or "\\|" in cell[1]:
        return []
    end = starts[last] + len(lines[last])
    return [
        Edit(starts[delimiter - 1], starts[row] + cell.start(1), "", RULE),
        Edit(starts[row] + cell.end(1), end, "", RULE),
    ]
