"""The exception for collections: where a page has cards in place of a text, they stay, each as one unit.

A shop's page of goods has a heading, and below it a row of boxes of one form, each with a picture, a name and a price.
By wording these are names, links and numbers; what is kept of them one by one belongs to nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box
from clean.html.generic.box_sums import own_name
from clean.html.generic.exceptions.foreign import begins_as_interface, has_controls, is_foreign_box
from clean.html.generic.vocabulary import speaks_of

__all__ = ["keep_cards"]

FEWEST: Final = 3
"""Cards that make a collection."""
LONGEST_CARD: Final = 80 * WORD
"""Units of a card."""
LONGEST_OTHER: Final = 60 * WORD
"""Units of kept text below the heading beside the cards: with more the page has a text, and they belong to others."""


def keep_cards(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the cards of a collection kept, and its heading; `blocks` in document order."""
    result = dict(kept)
    heading = next((block for block in blocks if block.box.tag == "h1" and block.text and block.sight < HIDDEN), None)
    if heading is None:
        return result
    cards = largest_row(blocks, heading)
    inside = {number for card in cards for number in range(card.first, card.last + 1)}
    other = sum(block.units for block in blocks[heading.number :] if kept[block] and block.number not in inside)
    if not cards or other > LONGEST_OTHER:
        return result
    for card in cards:
        for block in blocks[card.first : card.last + 1]:
            interface = block.text and begins_as_interface(block.text)
            if block.sight < HIDDEN and not interface and not is_foreign_box(block.box, linked=False):
                result[block] = True
    result[heading] = True
    return result


def largest_row(blocks: Sequence[Block], heading: Block) -> list[Box]:
    """Return the cards of the row below a heading that holds most; nothing if there is none."""
    top = heading.box
    while top.above is not None:
        top = top.above
    best: list[Box] = []
    stack = [top]
    while stack:
        box = stack.pop()
        rows: dict[tuple[str, str], list[Box]] = {}
        for child in box.children:
            if child.first > heading.number and child.total:
                rows.setdefault(own_name(child.tag, child.element.get("class") or ""), []).append(child)
            stack.append(child)
        for row in rows.values():
            cards = [card for card in row if is_card(blocks, card)] if len(row) >= FEWEST else []
            if len(cards) >= FEWEST and 2 * len(cards) > len(row) and total(cards) > total(best):
                best = cards
    return best


def total(cards: Sequence[Box]) -> int:
    """Return the units of some cards together."""
    return sum(card.total for card in cards)


def is_card(blocks: Sequence[Block], box: Box) -> bool:
    """Whether a box is a card of something that is sold: a name that is a link or a heading, a picture, and a price."""
    inside = blocks[box.first : box.last + 1]
    if box.total > LONGEST_CARD or has_controls(box.element) or is_foreign_box(box, linked=False):
        return False
    named = any(block.text and (block.linked or block.box.tag in HEADINGS) for block in inside)
    return named and any(block.media for block in inside) and any(speaks_of("price", block.text) for block in inside)
