"""Exceptions for what is whole or nothing: tables, lists, listings, formulas.

A table without its short cells has others below the wrong head, and a program without its brackets is none.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from lxml import etree
from lxml.etree import _Element

from clean.html.custom import callout_kind
from clean.html.generic.blocks import (
    DRAWN_FORMULA,
    FORMULA,
    HIDDEN,
    WORD,
    Block,
    BlockNode,
    Box,
    boxes_around,
    inherited,
)
from clean.html.generic.exceptions.foreign import (
    begins_as_interface,
    has_controls,
    is_foreign_box,
    is_named_foreign,
)
from clean.html.listings import code_listings
from clean.html.render.style import class_roles

__all__ = ["keep_callouts", "keep_cells", "keep_items", "keep_listings"]


# Tables: one of data is kept as a whole or not at all. What pages lay out with tables is none of data.


MOST_OF_TABLE: Final = (2, 3)
"""The part of its text that must be kept of a table that has heads and is not told to be one of data."""
LONGEST_CELL: Final = 60 * WORD
"""Units of a text in a cell of data."""
FEWEST_ROWS: Final = 3
"""Rows of a table of data that has no heads, and of one of which a single cell tells that it belongs to the text."""


class TablePlace(NamedTuple):
    """Where a box stands in a table."""

    table: Box | None
    """The nearest table that holds it, or that it is; None outside of tables."""
    head: bool
    """Whether it stands in the table's head."""


def place_in_table(box: Box, around: TablePlace) -> TablePlace:
    """Return where a box stands, by where the one around it does."""
    if box.tag == "table":
        return TablePlace(box, False)
    if box.tag in ("th", "thead") and around.table is not None:
        return TablePlace(around.table, True)
    return around


def keep_cells(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with tables whole: those of which most is kept, and those with heads of which anything is."""
    result = dict(kept)
    tables: dict[Box, list[Block]] = {}
    with_heads: set[Box] = set()
    places: dict[Box | None, TablePlace] = {None: TablePlace(None, False)}
    for block in blocks:
        table, head = inherited(block.box, places, place_in_table)
        if table is not None and block.sight < HIDDEN:
            tables.setdefault(table, []).append(block)
            if head:
                with_heads.add(table)
    for box, inside in tables.items():
        units = sum(block.units for block in inside)
        stays = sum(block.units for block in inside if kept[block])
        if all(kept[block] for block in inside) or not stays:
            continue
        heads = box in with_heads
        if is_of_data(box, inside, heads=heads):
            rows = sum(1 for _ in islice(box.element.iter("tr"), FEWEST_ROWS))
            told = heads and rows == FEWEST_ROWS and not is_named_foreign(box, linked=False)
            whole = 2 * stays >= units or told
            result.update(dict.fromkeys(inside, whole))
        elif heads and MOST_OF_TABLE[1] * stays >= MOST_OF_TABLE[0] * units:
            result.update(dict.fromkeys(inside, True))
    return result


def is_of_data(table: Box, inside: Sequence[Block], *, heads: bool) -> bool:
    """Whether a table has rows of as many short cells each, and no other table in it."""
    element = table.element
    if next(element.iterdescendants("table"), None) is not None or has_controls(element):
        return False
    if any(block.units > LONGEST_CELL for block in inside):
        return False
    widths = Counter(sum(cell.tag in ("td", "th") for cell in row) for row in element.iter("tr"))
    rows = sum(widths.values())
    width, usual = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
    return heads or (rows >= FEWEST_ROWS and width > 1 and 4 * usual >= 3 * rows)


# Lists: of a list of short items all stay or none, but for those that are interface.


LONGEST_ITEM: Final = 60 * WORD
"""Units of an item; what is longer is a post or a card, and no item of a list in the text."""
NAMES: Final = 8 * WORD
"""Units of the items of a list of names, of which all stay where one does."""


def keep_items(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with lists whole: those of which most is kept, and those of names of which one is."""
    result = dict(kept)
    places: dict[Box | None, Box | None] = {None: None}
    lists: dict[Box, dict[Box, list[Block]]] = {}
    for block in blocks:
        item = inherited(block.box, places, nearest_item)
        if item is not None and item.above is not None and item.tag == "li" and block.sight < HIDDEN:
            lists.setdefault(item.above, {}).setdefault(item, []).append(block)
    for box, items in lists.items():
        texts = [sum(block.units for block in inside) for inside in items.values()]
        stay = [sum(block.units for block in inside if kept[block]) for inside in items.values()]
        if not any(stay) or all(stay) or max(texts) > LONGEST_ITEM or is_named_foreign(box, linked=False):
            continue
        if 2 * sum(stay) >= sum(texts) or sum(texts) <= NAMES * len(items):
            for inside, kept_units in zip(items.values(), stay, strict=True):
                if not kept_units and not is_interface_item(inside):
                    result.update(dict.fromkeys(inside, True))
    return result


def nearest_item(box: Box, around: Box | None) -> Box | None:
    """Return the item of a list that a box stands in, or the list where it stands in none of its items."""
    return box if box.tag in ("li", "ul", "ol") else around


def is_interface_item(inside: Sequence[Block]) -> bool:
    """Whether an item of a list is a button, a number of votes, a link to share: by its beginning or its fields."""
    text = next((block.text for block in inside if block.text), "")
    box = inside[0].box
    foreign = is_foreign_box(box, linked=False) or has_controls(box.element)
    return foreign or begins_as_interface(text) or not any(map(str.isalpha, text))


# Notes set apart from the text: a title such as "Note" or "Danger", and what it says.


LONGEST_CALLOUT: Final = 300 * WORD
"""Units of such a note; a box with more is named so for another reason."""


def keep_callouts(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with notes set apart whole where a part of them is kept."""
    result = dict(kept)
    places: dict[Box | None, Box | None] = {None: None}
    callouts: dict[Box, list[Block]] = {}
    for block in blocks:
        box = inherited(block.box, places, outermost_callout)
        if box is not None and block.sight < HIDDEN:
            callouts.setdefault(box, []).append(block)
    for box, inside in callouts.items():
        if box.total <= LONGEST_CALLOUT and any(kept[block] and block.text for block in inside):
            result.update(dict.fromkeys(inside, True))
    return result


def outermost_callout(box: Box, around: Box | None) -> Box | None:
    """Return the outermost box around that is named as a note set apart; `question` alone names a post as well."""
    names = box.element.get("class") or ""
    return box if around is None and names and callout_kind(names) and SET_APART.search(names.lower()) else around


# Names that notes set apart have and hardly anything else: literals, linear.
SET_APART: Final = re.compile(
    r"alert|admonition|callout|custom-block|starlight"
    r"|(?<![a-z-])(?:note|tip|hint|warning|caution|danger|important|attention)(?![a-z-])"
)


# Listings and formulas: what they say is no prose, so the model scores them low in the middle of the text that they
# belong to. Lines of code that stand in boxes of their own, within `pre` or without, are one text.


LEVELS_UP: Final = 4
"""How far below the box that holds the text before it a listing may stand that ends this box."""
SHORTEST_BEFORE: Final = 8 * WORD
"""Units that the text before it must have then: of a caption or a label nobody knows whose it is."""


def keep_listings(blocks: Sequence[Block], kept: Mapping[Block, bool], root: _Element) -> dict[Block, bool]:
    """Return the choice with listings kept whole, and those listings and formulas kept that kept text stands around.

    `root` is the page's body. One that ends the box which kept text above it stands in stays as well.
    """
    result = dict(kept)
    found = code_listings(root)
    places: dict[Box | None, Box | None] = {None: None}
    drawn = next(root.iter("math", "mjx-container"), None) is not None or bool(FORMULAS(root))

    def outermost_listing(box: Box, around: Box | None) -> Box | None:
        return box if around is None and (box.tag == "pre" or box.element in found) else around

    boxes: dict[Block, Box] = {}
    listings: dict[Box, list[Block]] = {}
    for block in blocks:
        if block.sight >= HIDDEN:
            continue
        box = inherited(block.box, places, outermost_listing)
        if box is None and block.text and (is_latex(block.text) or (drawn and is_formula(block))):
            box = block.box
        if box is not None:
            boxes[block] = box
            listings.setdefault(box, []).append(block)
    if not listings:
        return result
    texts = [block for block in blocks if block.text and block.sight < HIDDEN]
    before: Block | None = None
    earlier: Block | None = None
    above: dict[Box, Block | None] = {}
    for block in texts:
        if block not in boxes:
            before, earlier = block, before
        elif before is not None and is_label(before, boxes[block]):
            above.setdefault(boxes[block], earlier)
        else:
            above.setdefault(boxes[block], before)
    after: Block | None = None
    below: dict[Box, Block | None] = {}
    for block in reversed(texts):
        if block in boxes:
            below.setdefault(boxes[block], after)
        else:
            after = block
    for box, lines in listings.items():
        whole = any(kept[line] for line in lines if line.text)
        if whole or is_amid(box, above.get(box), below.get(box), kept):
            result.update(dict.fromkeys(lines, True))
    return result


def is_label(block: Block, listing: Box) -> bool:
    """Return whether a short text stands in a box with a listing and with nothing else: `Code: Select all`."""
    holder = block.box.above
    if holder is None or block.units > SHORTEST_BEFORE or holder.blocks > listing.blocks + 1:
        return False
    return any(box is holder for box in boxes_around(listing))


def is_amid(listing: Box, above: Block | None, below: Block | None, kept: Mapping[Block, bool]) -> bool:
    """Return whether a listing stands between two kept texts, or below one and at the end of the box around both."""
    if above is None or not kept[above]:
        return False
    if below is not None and kept[below]:
        return True
    around = {id(box) for box in boxes_around(above.box)}
    shared = next((box for box in boxes_around(listing) if id(box) in around), None)
    if shared is None or listing.depth - shared.depth > LEVELS_UP or above.units < SHORTEST_BEFORE:
        return False
    return below is None or all(box is not shared for box in boxes_around(below.box))


# Whether a page has a formula that is more than text; asked once, and of few pages true.
# By the attributes, which are fewer than the elements.
FORMULAS = etree.XPath("boolean(descendant::*/@class[contains(., 'ath') or contains(., 'katex')])")
MOST_ABOVE: Final = 12
"""How far above its letters the element of a formula may be."""


def is_latex(text: str) -> bool:
    """Return whether a text is LaTeX that stands by itself between its marks."""
    return len(text) > 4 and (text[:2], text[-2:]) in (("$$", "$$"), (r"\[", r"\]"))


def is_formula(block: Block) -> bool:
    """Return whether a block is a formula and nothing else, as MathML or drawn."""
    return all(piece.kind == "medium" or stands_in_formula(piece) for piece in block.pieces)


def stands_in_formula(piece: BlockNode) -> bool:
    """Return whether a text stands in the element of a formula."""
    here = piece.element if piece.kind == "text" else piece.element.getparent()
    if here is None:
        return False
    return any(
        one.tag in FORMULA or str(one.tag).startswith(DRAWN_FORMULA) or "math" in class_roles(one.get("class"))
        for one in (here, *islice(here.iterancestors(), MOST_ABOVE))
    )
