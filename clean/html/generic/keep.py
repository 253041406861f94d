"""Figures of the content: a picture between two kept texts is the author's, and its caption with it.

The truth that blocks are scored against is text, and half of it leaves captions out; a page without its pictures is
no copy of it. So what a caption scores says nothing about the picture above it. Right below the title stands the
picture that opens the text; it stays as well.
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

MOST_BETWEEN: Final = 6
"""Blocks between the page's main heading and the figure that opens its text: author, date, reading time."""

TIP_LEVELS: Final = 3
"""How far above its text the box of a tip may be."""

LONGEST_BETWEEN: Final = 30 * WORD
"""Units of each of these at most; a subtitle is longer than a name."""


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
        above = is_kept(blocks, boxes, kept, range(first - 1, -1, -1))
        if not (above or (box is not None and headed(blocks, boxes, first))):
            continue
        if is_kept(blocks, boxes, kept, range(at, len(blocks))):
            for block in inside:
                # Below the title what stands under a picture is a credit as often as a caption: its score decides.
                caption = above and box is not None and 2 * block.linked < block.units
                result[block] = result[block] or not block.text or caption
    return result


def figure(block: Block) -> Box | None:
    """Return the `figure` element that a block stands in, if it is one in earnest; None where it stands in none."""
    box: Box | None = block.box
    while box is not None and box.total <= LONGEST and box.blocks <= MOST:
        if box.tag == "figure":
            return box
        box = box.above
    return None


def headed(blocks: Sequence[Block], boxes: Sequence[Box | None], first: int) -> bool:
    """Return whether the page's main heading stands right before, with no more than a few words of a byline between."""
    for at in range(first - 1, max(-1, first - 1 - MOST_BETWEEN), -1):
        block = blocks[at]
        if block.text and boxes[at] is None:
            if block.box.tag == "h1":
                return True
            if block.units > LONGEST_BETWEEN:
                return False
    return False


def is_tip(block: Block) -> bool:
    """Return whether a text is what a page shows beside the pointer (WAI-ARIA 1.2, `tooltip`): `Download`, `Zoom`."""
    box: Box | None = block.box
    for _ in range(TIP_LEVELS):
        if box is None:
            break
        if box.element.get("role") == "tooltip":
            return True
        box = box.above
    return False


def is_kept(
    blocks: Sequence[Block], boxes: Sequence[Box | None], kept: Mapping[Block, bool], places: Iterable[int]
) -> bool:
    """Return whether the nearest text at these places that stands in no figure is kept."""
    texts = (blocks[at] for at in places if blocks[at].text and boxes[at] is None)
    return next((kept[block] for block in texts if not is_tip(block)), False)
