"""Blocks to Markdown: a blank line between blocks, marks before the lines of lists and quotes."""

import re
from collections.abc import Sequence

from clean.html.render.inline import write_cell, write_line, write_note, write_paragraph
from clean.html.render.math import display
from clean.html.render.model import Block, Code, Formula, Heading, ItemList, Note, Paragraph, Piece, Quote, Table

__all__ = ["write"]

BACK_TICKS = re.compile(r"^[ ]{0,3}(`{3,})", re.MULTILINE)
LAST_NUMBER = 999_999_999
"""CommonMark reads no number of more than nine digits as a list item's."""


def write(blocks: Sequence[Block]) -> str:
    """Return the Markdown of a page's blocks, one line end at its end."""
    lines = write_blocks(blocks)
    return "\n".join(lines) + "\n" if lines else ""


def write_blocks(blocks: Sequence[Block], *, in_list: bool = False) -> list[str]:
    """Return the lines of some blocks."""
    lines: list[str] = []
    before: Block | None = None
    other = False  # whether the list before used the second kind of mark
    for block in blocks:
        other = not other if isinstance(block, ItemList) and follows(before, block) else False
        written = write_block(block, other=other, in_list=in_list)
        if not written:
            continue
        if lines:
            lines.append("")
        lines += written
        before = block
    return lines


def follows(before: Block | None, after: ItemList) -> bool:
    """Return whether two lists would become one if they had the same marks."""
    return isinstance(before, ItemList) and (before.start is None) == (after.start is None)


def write_block(block: Block, *, other: bool, in_list: bool) -> list[str]:
    """Return the lines of one block."""
    if isinstance(block, Paragraph):
        return split(write_paragraph(block.pieces))
    if isinstance(block, Note):
        return split(f"[^{block.number}]: {write_note(block.pieces)}")
    if isinstance(block, Heading):
        line = write_line(block.pieces)
        return [f"{'#' * block.level} {line}"] if line else []
    if isinstance(block, Code):
        return write_code(block)
    if isinstance(block, Formula):
        return display(block.text)
    if isinstance(block, Quote):
        return [f"> {line}" if line else ">" for line in write_blocks(block.blocks)]
    if isinstance(block, ItemList):
        return write_list(block, other=other)
    if isinstance(block, Table):
        return write_table(block.rows)
    # Behind a list's dash, dashes would be one long line; underscores never are.
    return ["___" if in_list else "---"]


def split(text: str) -> list[str]:
    """Return the lines of a text; of no text, none."""
    return text.split("\n") if text else []


def write_code(code: Code) -> list[str]:
    """Return a fenced block; its fence is longer than any in it."""
    longest = max((len(run) for run in BACK_TICKS.findall(code.text)), default=2)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{code.language}", *code.text.split("\n"), fence]


def write_list(block: ItemList, *, other: bool) -> list[str]:
    """Return a list; without blank lines if every item is one paragraph, with lists below it at most."""
    written = [(item, write_item(item)) for item in block.items]
    written = [(item, lines) for item, lines in written if lines]
    tight = all(is_tight(item) for item, _ in written)
    number = block.start if block.start is not None and 0 <= block.start <= LAST_NUMBER - len(written) else 1
    lines: list[str] = []
    for item, inner in written:
        if block.start is None:
            mark = "* " if other else "- "
        else:
            mark = f"{number}{')' if other else '.'} "
            number += 1
        if lines and not tight:
            lines.append("")
        indent = " " * len(mark)
        body = compact(item) if tight else inner
        lines.append(mark + body[0])
        lines += [indent + line if line else "" for line in body[1:]]
    return lines


def write_item(item: Sequence[Block]) -> list[str]:
    """Return the lines of an item, blank lines between its blocks."""
    return write_blocks(item, in_list=True)


def is_tight(item: Sequence[Block]) -> bool:
    """Return whether an item needs no blank lines: one block, then lists that may follow a paragraph directly."""
    first, *rest = item
    if isinstance(first, ItemList | Quote | Table):
        return not rest
    return all(isinstance(block, ItemList) and block.start in (None, 1) for block in rest[:1]) and len(rest) < 2


def compact(item: Sequence[Block]) -> list[str]:
    """Return the lines of an item without blank lines between its blocks."""
    return [line for block in item for line in write_block(block, other=False, in_list=True)]


def write_table(rows: Sequence[Sequence[Sequence[Piece]]]) -> list[str]:
    """Return a table; the first row is its head."""
    written = [[write_cell(cell) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in written]
    lines.insert(1, "|" + " --- |" * len(written[0]))
    return lines
