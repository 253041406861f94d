"""Headings of what is kept: a heading stays with the text that stands under it.

The truth that blocks are scored against is often the text without its headings; but a section that lost its heading
says something else, and a table of contents made from it has a hole.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from clean.html.generic.blocks import Block, Box
from clean.html.generic.tags import HEADINGS
from clean.html.generic.text import WORD
from clean.html.generic.unseen import GONE

__all__ = ["keep_headings"]

LONGEST: Final = 40 * WORD
"""Units of the longest heading."""

LEAST: Final = 0.15
"""A heading less probable than this is none of the text's: the name of the site, the head of a list of other pages."""


def keep_headings(
    blocks: Sequence[Block], kept: Mapping[Block, bool], scores: Mapping[Block, float]
) -> dict[Block, bool]:
    """Return the choice with the headings kept below which kept text begins.

    `blocks` stand in document order, `scores` has the probability of each with text.
    """
    result = dict(kept)
    below: Block | None = None
    for block in reversed(blocks):
        if not block.text:
            continue
        if below is not None and result[below] and not result[block] and scores[block] >= LEAST:
            result[block] = is_heading(block) and heads(block, below)
        below = block
    return result


def is_heading(block: Block) -> bool:
    """Return whether a block is a heading that can be seen, and not made of links; a sign to link to itself is none."""
    return (
        block.box.tag in HEADINGS and block.sight < GONE and block.units <= LONGEST and 6 * block.linked < block.units
    )


def heads(heading: Block, below: Block) -> bool:
    """Return whether a text stands in the box that a heading is the first text of, or right beside the heading."""
    box = heading.box
    while box.above is not None and box.above.blocks == 1:
        box = box.above
    here: Box | None = below.box
    while here is not None and here.depth > box.depth - 1:
        here = here.above
    return here is box.above
