"""Tables of what is kept: a table that has heads stays whole where most of it stays.

A short cell scores low by itself; without it the cells beside it stand below the wrong head, or below none.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from clean.html.generic.blocks import Block, Box
from clean.html.generic.unseen import GONE

__all__ = ["keep_cells"]

MOST: Final = (2, 3)
"""The part of a table's text that must be kept."""


def keep_cells(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the cells kept of tables that are kept for the most part."""
    result = dict(kept)
    tables: dict[Box, list[Block]] = {}
    said: set[Box] = set()
    for block in blocks:
        head = False
        box: Box | None = block.box
        while box is not None and box.tag != "table":
            head = head or box.tag in ("th", "thead")
            box = box.above
        if box is not None:
            tables.setdefault(box, []).append(block)
            if head:
                said.add(box)
    for box in said:
        inside = [block for block in tables[box] if block.sight < GONE]
        units = sum(block.units for block in inside)
        if MOST[1] * sum(block.units for block in inside if kept[block]) >= MOST[0] * units:
            result.update(dict.fromkeys(inside, True))
    return result
