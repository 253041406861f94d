"""Figures in the midst of the content: a picture between two kept texts is the author's, and its caption with it.

The truth that blocks are scored against is text, and half of it leaves captions out; a page without its pictures is
no copy of it. So what a caption scores says nothing about the picture above it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from clean.html.generic.blocks import Block, Box
from clean.html.generic.text import WORD

__all__ = ["keep_figures"]

LONGEST: Final = 60 * WORD
"""Units of the text that a figure holds at most."""

MOST: Final = 4
"""Blocks of a figure at most: the picture, a caption, a credit, one more."""


def keep_figures(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the figures kept that stand between two kept texts; `blocks` in document order."""
    result = dict(kept)
    boxes = [figure(block) for block in blocks]
    at = 0
    while at < len(blocks):
        first, box = at, boxes[at]
        at += 1
        while at < len(blocks) and box is not None and boxes[at] is box:
            at += 1
        inside = blocks[first:at]
        if all(result[block] for block in inside) or (box is None and not blocks[first].media):
            continue
        if framed(blocks, boxes, kept, first, at):
            for block in inside:
                result[block] = result[block] or not block.text or (box is not None and 2 * block.linked < block.units)
    return result


def figure(block: Block) -> Box | None:
    """Return the `figure` element that a block stands in, if it is one in earnest; None where it stands in none."""
    box: Box | None = block.box
    while box is not None and box.total <= LONGEST and box.blocks <= MOST:
        if box.tag == "figure":
            return box
        box = box.above
    return None


def framed(
    blocks: Sequence[Block], boxes: Sequence[Box | None], kept: Mapping[Block, bool], first: int, end: int
) -> bool:
    """Return whether the nearest texts before and behind that stand in no figure are kept."""

    def fate(places: Iterable[int]) -> bool:
        return next((kept[blocks[at]] for at in places if blocks[at].text and boxes[at] is None), False)

    return fate(range(first - 1, -1, -1)) and fate(range(end, len(blocks)))
