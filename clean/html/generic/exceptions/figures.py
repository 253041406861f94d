"""Exceptions for pictures: figures stay with the text around them, and so does what has no text.

The truth that blocks are scored against is text, mostly without pictures and captions. A page without its pictures is
no copy of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from clean.html.generic.blocks import HIDDEN, WORD, Block, Box
from clean.html.generic.box_sums import nearest_votes, shared_depth
from clean.html.generic.exceptions.foreign import begins_as_interface, is_foreign_box

__all__ = ["keep_figures", "keep_textless_blocks"]


# Blocks without text: they follow the text beside them.


def keep_textless_blocks(blocks: Sequence[Block], kept: dict[Block, bool]) -> dict[Block, bool]:
    """Return the choice for blocks without text as well: they follow the text blocks beside them.

    Between two blocks of one fate they share it. Between a kept and a cut one they go with the one that stands in the
    smaller box with them, and stay where both are as near.
    """
    # What holds two blocks holds all between them, so the depth for far ones is the least of those for neighbours. From
    # neighbour to neighbour each box is left once and entered once, however deep the page is.
    depths = [shared_depth(one.box, other.box) for one, other in pairwise(blocks)]
    after = nearest_votes(blocks[::-1], kept, depths[::-1])[::-1]
    before = nearest_votes(blocks, kept, depths)
    decided = dict(kept)
    for block, *votes in zip(blocks, before, after, strict=True):
        if block not in kept:
            found = [vote for vote in votes if vote is not None]
            decided[block] = block.sight < HIDDEN and bool(found) and max(found)[1]
    return decided


# Figures: a picture between two kept texts is the author's, and its caption with it. What a caption scores says nothing
# about the picture above it. Right below the title stands the picture that opens the text; it stays as well.


LONGEST_FIGURE: Final = 60 * WORD
"""Units of the text that a figure holds at most."""

MOST_BLOCKS: Final = 4
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
    boxes = [figure_of(block) for block in blocks]
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
        if not (above or (box is not None and stands_below_heading(blocks, boxes, first))):
            continue
        if is_kept(blocks, boxes, kept, range(at, len(blocks))) or (
            above and ends_text(blocks, boxes, kept, first, at)
        ):
            for block in inside:
                # Below the title what stands under a picture is a credit as often as a caption: its score decides.
                caption = above and box is not None and 2 * block.linked < block.units
                result[block] = result[block] or not block.text or caption
    return result


def figure_of(block: Block) -> Box | None:
    """Return the `figure` element that a block stands in, if it is one in earnest; None where it stands in none."""
    box: Box | None = block.box
    while box is not None and box.total <= LONGEST_FIGURE and box.blocks <= MOST_BLOCKS:
        if box.tag == "figure":
            return box
        box = box.above
    return None


def ends_text(
    blocks: Sequence[Block], boxes: Sequence[Box | None], kept: Mapping[Block, bool], first: int, after: int
) -> bool:
    """Return whether a figure stands at the end of the element that holds kept text right beside it.

    A picture by itself does so only in an `article`: elsewhere it is as often a sign or a code to scan.
    """
    figure = boxes[first]
    holder = figure.above if figure is not None else blocks[first].box
    if holder is None or (figure is None and (holder.tag != "article" or blocks[first].linked)):
        return False
    texts = (at for at in range(first - 1, -1, -1) if blocks[at].text and boxes[at] is None)
    last = next(texts, None)
    if last is None or not kept[blocks[last]] or holder not in (blocks[last].box, blocks[last].box.above):
        return False
    below = next((blocks[at] for at in range(after, len(blocks)) if blocks[at].text and boxes[at] is None), None)
    return below is None or not stands_in(below.box, holder)


def stands_in(box: Box | None, holder: Box) -> bool:
    """Return whether a box is another, or stands in it."""
    while box is not None and box is not holder:
        box = box.above
    return box is holder


def stands_below_heading(blocks: Sequence[Block], boxes: Sequence[Box | None], first: int) -> bool:
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
    """Return whether a text is none that a reader reads: an advertisement, a word for screen readers, a tool tip.

    A tool tip is what a page shows beside the pointer (WAI-ARIA 1.2, `tooltip`): `Download`, `Zoom`.
    """
    if block.units <= LONGEST_BETWEEN and (begins_as_interface(block.text) or is_foreign_box(block.box, linked=False)):
        return True
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
