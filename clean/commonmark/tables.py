"""The rows of a table, and the cells of a row."""

import re
from itertools import pairwise

__all__ = ["cells", "delimiter_columns"]

# The row under a table's head: bars, dashes, colons and white space only. One class, read once.
DELIMITERS = re.compile(r"(?=[|:-][|:\s-])[|:\s-]+$")
# One column of that row. Classes follow one another without a common character.
COLUMN = re.compile(r"\s*:?-+:?\s*$")
# A bar that divides cells: one that no backslash escapes.
BAR = re.compile(r"(?<!\\)\|")


def delimiter_columns(line: str, start: int) -> int:
    """Return how many columns the delimiter row in `line` announces; 0 if it is none."""
    if DELIMITERS.match(line, start) is None or (line[start] == "-" and line[start + 1] in " \t"):
        return 0
    columns = [line[first:last] for first, last in cells(line, start, len(line))]
    return len(columns) if all(COLUMN.match(column) for column in columns) else 0


def cells(line: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each cell of the row `line[start:end]` begins and ends, white space around it left out."""
    edges = [start - 1, *(bar.start() for bar in BAR.finditer(line, start, end)), end]
    found = []
    for first, last in pairwise(edges):
        cell = line[first + 1 : last]
        text = cell.strip()
        begin = first + 1 + (len(cell) - len(cell.lstrip()) if text else 0)
        found.append((begin, begin + len(text)))
    if found[0][0] == found[0][1]:
        del found[0]
    if found and found[-1][0] == found[-1][1]:
        del found[-1]
    return found
