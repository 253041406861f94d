"""Tables: data tables and layout tables, spans expanded, blocks of a cell in one line."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from clean.html.mathml import label_command
from clean.html.render.model import (  # fmt: skip
    BREAK,
    LATEX,
    PLAIN,
    RAW,
    TEXT,
    Block,
    Code,
    Formula,
    Growth,
    Heading,
    InlinePiece,
    ItemList,
    Note,
    Paragraph,
    Quote,
    Table,
    has_ink,
)

__all__ = ["Cell", "Grid", "flatten"]

WIDEST = 100
"""No table of a page has more columns; a `colspan` that says so is a mistake or a bomb."""
EMPTY_CELL = 3
"""Characters of a cell that nothing stands in."""
MOST_LINES = 12


@dataclass(slots=True)
class Cell:
    """A cell as it was read."""

    blocks: list[Block]
    head: bool
    across: int = 1
    down: int = 1


@dataclass(slots=True)
class Grid:
    """A table as it was read."""

    rows: list[list[Cell]] = field(default_factory=list)
    caption: list[Block] = field(default_factory=list)
    layout: bool = False
    """Whether the page says that it is no table (`role=presentation`)."""
    declared: bool = False
    """Whether the page says that it is one: by `thead`, by `caption`."""
    equations: bool = False
    """Whether the page says that its rows are equations."""

    def blocks(self, growth: Growth) -> list[Block]:
        """Return the table; or, if it is only a box, what is in it. `growth` says how many cells may be empty."""
        rows = [row for row in self.rows if any(cell.blocks for cell in row)]
        cells = [cell for row in rows for cell in row if cell.blocks]
        if not cells:
            return self.caption
        if self.equations or len(rows) == 1:
            made = [equation(row, labelled=not self.equations) for row in rows]
            if None not in made:
                return [*self.caption, *filter(None, made)]
        if self.is_box(rows, cells):
            return self.caption + [block for cell in cells for block in cell.blocks]
        return [*self.caption, Table(expand_spans(rows, growth))]

    def is_box(self, rows: Sequence[Sequence[Cell]], cells: Sequence[Cell]) -> bool:
        """Return whether this is no table but a way to put things beside or below each other."""
        if len(cells) == 1 or self.layout:
            return True
        declared = self.declared or any(cell.head for cell in cells)
        if not declared and max(sum(1 for cell in row if cell.blocks) for row in rows) == 1:
            return True
        if any(is_large(block) for cell in cells for block in cell.blocks):
            return not declared or any(isinstance(block, Table | Heading) for cell in cells for block in cell.blocks)
        return not declared and any(len(cell.blocks) > MOST_LINES for cell in cells)


# The label of an equation: a number of a few parts, in brackets or not; each part is bounded.
LABEL = re.compile(r"[(（]?[A-Za-z]{0,3}\.?\d{1,3}(?:[.\-–]\d{1,3}){0,3}[a-z]?['′*]?[)）]?")


def equation(row: Sequence[Cell], *, labelled: bool) -> Formula | None:
    """Return a row of formulas and at most one label as an equation; None if it holds anything else.

    `labelled`: only with a label in brackets, and of one formula. LaTeXML and journals set an equation into a table,
    its number beside it, and aligned ones in several cells.
    """
    parts: list[str] = []
    label = ""
    for cell in row:
        pieces = [piece for piece in flatten(cell.blocks) if piece.kind != TEXT or piece.text.strip()]
        text = "".join([piece.text for piece in pieces]).strip()
        if cell.head or any(piece.kind not in (TEXT, LATEX) for piece in pieces):
            return None
        if pieces and all(piece.kind == LATEX for piece in pieces):
            parts += [piece.text.removeprefix(r"\displaystyle").strip() for piece in pieces]
        elif text and (label or LABEL.fullmatch(text) is None):
            return None
        else:
            label = text or label
    latex = " ".join(parts)
    if not parts or r"\tag" in latex or (labelled and (len(parts) > 1 or label[:1] not in ("(", "（"))):
        return None
    return Formula(latex + (label_command(label.replace("（", "(").replace("）", ")")) if label else ""))


def is_large(block: Block) -> bool:
    """Return whether a block does not fit into the cell of a table."""
    if isinstance(block, Code):
        return "\n" in block.text
    return isinstance(block, Table | Heading | Quote) or (
        isinstance(block, ItemList) and any(not isinstance(inner, Paragraph) for item in block.items for inner in item)
    )


def expand_spans(rows: Sequence[Sequence[Cell]], growth: Growth) -> list[list[list[InlinePiece]]]:
    """Return the rows with every span as cells: the text stands in the first one, the others are empty.

    Columns in which no row has anything are left out. Rows are of one length, that of the first: where `growth` allows
    no more empty cells, the spans are left out, and what a short row lacks at its end; the first row is always whole,
    so that no renderer cuts a longer one off (GitHub Flavored Markdown, section 4.10).
    """
    cells = sum(map(len, rows))
    reached = sum(min(cell.across, WIDEST) * min(cell.down, len(rows)) for row in rows for cell in row)
    spans = growth.allows(EMPTY_CELL * (reached - cells))
    written = lay_out(rows, spans=spans)
    used = sorted({column for line in written for column, cell in enumerate(line) if cell})
    lengths = [bisect_left(used, len(line)) for line in written]
    full = growth.allows(EMPTY_CELL * sum(len(used) - length for length in lengths))
    if not (spans and full):
        growth.count(tables=1)
    found = [[line[column] for column in used[:length]] for line, length in zip(written, lengths, strict=True)]
    for at, length in enumerate(lengths):
        if full or not at:
            found[at] += [[] for _ in range(len(used) - length)]
    return found


def lay_out(rows: Sequence[Sequence[Cell]], *, spans: bool) -> list[list[list[InlinePiece]]]:
    """Return the rows with each cell in its column; without `spans` as if no cell reached over another."""
    written: list[list[list[InlinePiece]]] = []
    taken: dict[int, int] = {}  # column: for how many more rows a cell from above reaches into it
    for row in rows:
        line: list[list[InlinePiece]] = []
        reaching: dict[int, int] = {}
        for cell in row:
            while taken.get(len(line), 0):
                line.append([])
            across = min(cell.across, WIDEST) if spans else 1
            down = min(cell.down, len(rows)) if spans else 1
            if down > 1:
                reaching.update(dict.fromkeys(range(len(line), len(line) + across), down))
            line.append(flatten(cell.blocks))
            line += [[] for _ in range(across - 1)]
        taken = {column: left - 1 for column, left in {**taken, **reaching}.items() if left > 1}
        written.append(line)
    return written


def flatten(blocks: Sequence[Block]) -> list[InlinePiece]:
    """Return blocks as inline pieces, a line break between them."""
    pieces: list[InlinePiece] = []
    for block in blocks:
        line = pieces_of(block)
        if line and has_ink(line):
            if pieces:
                pieces.append(InlinePiece(BREAK, "\n", PLAIN))
            pieces += line
    return pieces


def pieces_of(block: Block) -> list[InlinePiece]:
    """Return one block as inline pieces."""
    if isinstance(block, Paragraph):
        return block.pieces
    if isinstance(block, Note):
        return [InlinePiece(RAW, f"[^{block.number}]:", PLAIN), InlinePiece(TEXT, " ", PLAIN), *block.pieces]
    if isinstance(block, Heading):
        return [piece._replace(formatting=piece.formatting._replace(bold=True)) for piece in block.pieces]
    if isinstance(block, Code):
        return join_lines([[InlinePiece(TEXT, line, PLAIN._replace(code=object()))] for line in block.text.split("\n")])
    if isinstance(block, Formula):
        return [InlinePiece(LATEX, " ".join(block.text.split()), PLAIN)]
    if isinstance(block, Quote):
        return flatten(block.blocks)
    if isinstance(block, ItemList):
        marks = ("- " if block.start is None else f"{block.start + at}. " for at in range(len(block.items)))
        items = zip(marks, block.items, strict=True)
        return join_lines([[InlinePiece(TEXT, mark, PLAIN), *flatten(item)] for mark, item in items])
    if isinstance(block, Table):
        return join_lines([join_cells(row) for row in block.rows])
    return []


def join_lines(lines: Sequence[Sequence[InlinePiece]]) -> list[InlinePiece]:
    """Return lines of pieces with breaks between."""
    return join_with(lines, InlinePiece(BREAK, "\n", PLAIN))


def join_cells(cells: Sequence[Sequence[InlinePiece]]) -> list[InlinePiece]:
    """Return the cells of a row with spaces between."""
    return join_with(cells, InlinePiece(TEXT, " ", PLAIN))


def join_with(groups: Sequence[Sequence[InlinePiece]], separator: InlinePiece) -> list[InlinePiece]:
    """Return all pieces in a row, with the separator before each group that something stands before."""
    pieces: list[InlinePiece] = []
    for group in groups:
        if pieces:
            pieces.append(separator)
        pieces += group
    return pieces
