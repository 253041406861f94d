"""Exceptions to the choice of blocks, by structure: what stays with kept text, and what goes from it.

The model judges text by its wording and its place. What a page's structure says holds whatever the scores are: a
figure, a list or a note belongs to the text that it stands in, a table is whole or nothing, a heading goes with its
section. Each exception takes the choice so far and returns the next one; what is taken away has the name of its rule.
"""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from lxml.etree import _Element

from clean.html.generic.blocks import Block
from clean.html.generic.exceptions.between import keep_between
from clean.html.generic.exceptions.cards import keep_cards
from clean.html.generic.exceptions.drop import drop_blocks
from clean.html.generic.exceptions.figures import keep_figures, keep_textless_blocks
from clean.html.generic.exceptions.head import keep_head
from clean.html.generic.exceptions.headings import keep_headings
from clean.html.generic.exceptions.notes import keep_notes
from clean.html.generic.exceptions.panels import keep_panels
from clean.html.generic.exceptions.threads import keep_contributions, keep_speakers
from clean.html.generic.exceptions.wholes import keep_callouts, keep_cells, keep_items, keep_listings

__all__ = ["CorrectedChoice", "correct_choice"]


class CorrectedChoice(NamedTuple):
    """A choice after all exceptions."""

    kept: dict[Block, bool]
    """The fate of every block, those without text too."""
    dropped: dict[Block, str]
    """The rule of each block that was chosen and goes all the same."""


def correct_choice(
    blocks: Sequence[Block],
    chosen: Mapping[Block, bool],
    scores: Mapping[Block, float],
    body: _Element,
    title: str = "",
    walls: Set[_Element] = frozenset(),
) -> CorrectedChoice:
    """Return the choice with all exceptions.

    `blocks` are those of the page, in its order; `chosen` and `scores` have the fate and the probability of each with
    text. `title` stands above the text, and `walls` are what the page declares to be for those who pay.
    """
    kept = keep_textless_blocks(blocks, dict(chosen))
    kept = keep_figures(blocks, kept)
    kept = keep_listings(blocks, kept, body)
    kept = keep_between(blocks, keep_head(blocks, kept, title, body))
    kept = keep_cells(blocks, keep_items(blocks, keep_callouts(blocks, kept)))
    kept = keep_headings(blocks, keep_notes(blocks, keep_cards(blocks, kept)), scores)
    kept = keep_panels(blocks, keep_speakers(blocks, keep_contributions(blocks, kept)))
    dropped = drop_blocks(blocks, kept, title, walls)
    kept.update(dict.fromkeys(dropped, False))
    return CorrectedChoice(kept, dropped)
