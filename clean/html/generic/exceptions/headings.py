"""Exceptions for headings and terms: they stay with the text that stands under them.

A section that lost its heading says something else, and so does a meaning without the word that it explains.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box

__all__ = ["is_heading", "keep_headings"]


LONGEST_HEADING: Final = 40 * WORD
"""Units of the longest heading."""

LEAST: Final = 0.15
"""A heading less probable than this is none of the text's: the name of the site, the head of a list of other pages."""


def keep_headings(
    blocks: Sequence[Block], kept: Mapping[Block, bool], scores: Mapping[Block, float]
) -> dict[Block, bool]:
    """Return the choice with the headings kept below which kept text begins, and the terms that it explains.

    `blocks` stand in document order, `scores` has the probability of each with text.
    """
    result = dict(kept)
    below: Block | None = None
    for block in reversed(blocks):
        if not block.text:
            continue
        if below is not None and result[below] and not result[block]:
            heads = scores[block] >= LEAST and is_heading(block) and is_heading_of(block, below)
            result[block] = heads or is_term_of(block, below)
        below = block
    return result


def is_heading(block: Block) -> bool:
    """Return whether a block is a heading that can be seen, and not made of links; a sign to link to itself is none."""
    word = "MsoTitle" in (block.box.element.get("class") or "").split()  # Word's style for the title of a text
    return (
        (block.box.tag in HEADINGS or word)
        and block.sight < HIDDEN
        and block.units <= LONGEST_HEADING
        and 6 * block.linked < block.units
    )


def is_heading_of(heading: Block, below: Block) -> bool:
    """Return whether a text stands in the box that a heading is the first text of, or right beside the heading."""
    box = heading.box
    while box.above is not None and box.above.blocks == 1:
        box = box.above
    here: Box | None = below.box
    while here is not None and here.depth > box.depth - 1:
        here = here.above
    return here is box.above


def is_term_of(term: Block, below: Block) -> bool:
    """Return whether a block is a term, such as the head of a function, and a text the beginning of what it means."""
    if term.box.tag != "dt" or term.sight >= HIDDEN:
        return False
    here: Box | None = below.box
    while here is not None and here.depth > term.box.depth:
        here = here.above
    return here is not None and here.tag == "dd" and here.above is term.box.above
