"""Panels and their names: tabs, accordions and questions, open or closed when the page was saved.

A reader opens them one after another, so a copy has them all. What is closed is hidden, and a hidden block never stays
by its score; and a name, short and in a button, looks to the model like interface.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from lxml.etree import _Element

from clean.html.controls import holds_words, is_tab, opens_panel
from clean.html.generic.blocks import HIDDEN, Block, Box, element_visibility

__all__ = ["keep_panels"]

LEVELS: Final = 4
"""How far above its text a name's element may stand."""
NAMES: Final = ("button", "summary")
"""Elements that are a name whatever they say of themselves."""
WRAPPERS: Final = 3
"""How far above a name the box may be that holds it and its panel."""


def keep_panels(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with closed panels kept that stand among kept text, and the names of kept panels."""
    result = dict(kept)
    texts = [block for block in blocks if block.text]
    names = {block: found for block in texts if block.sight < HIDDEN and (found := names_in(block))}
    panels = panel_elements(texts, names)
    if panels:
        keep_closed(blocks, result, names, panels)
    below: Block | None = None
    for block in reversed(texts):
        if block not in names:
            below = block
        elif below is not None and result[below] and not result[block]:
            result[block] = stands_with(block, below)
    drop_idle_tabs(texts, result, names)
    return result


def drop_idle_tabs(texts: Sequence[Block], kept: dict[Block, bool], names: Mapping[Block, Sequence[_Element]]) -> None:
    """Leave out the names of tabs whose panels are left out: `Reviews (0)` of a shop, above its description."""
    tabs = {block: found for block, found in names.items() if kept[block] and all(map(is_tab, found))}
    if not tabs:
        return
    ids: dict[str, bool] = {}
    for block in texts:
        box: Box | None = block.box
        while box is not None:
            name = box.element.get("id")
            if name:
                ids[name] = ids.get(name, False) or kept[block]
            box = box.above
    for block, found in tabs.items():
        panels = [name for one in found for name in controlled_names(one) if name in ids]
        if panels and not any(ids[name] for name in panels):
            kept[block] = False


def controlled_names(name: _Element) -> list[str]:
    """Return the ids of the panels that a name opens."""
    given = (name.get(attribute) or "" for attribute in ("aria-controls", "data-bs-target", "data-target", "href"))
    return [word.removeprefix("#") for words in given for word in words.split()[:3]]


def keep_closed(
    blocks: Sequence[Block], kept: dict[Block, bool], names: Mapping[Block, Sequence[_Element]], panels: set[_Element]
) -> None:
    """Keep the text of closed panels behind kept text, and the pictures in them."""
    opened: set[_Element] = set()
    last = False
    for block in blocks:
        if block.text and block.sight < HIDDEN:
            last = kept[block] if kept[block] or not (block in names or is_in_button(block)) else last
        elif block.text and last and 2 * block.linked < block.units:
            panel = closing_element(block)
            if panel is not None and panel in panels:
                opened.add(panel)
                kept[block] = True
    for block in blocks:
        if not block.text and block.sight >= HIDDEN and closing_element(block) in opened:
            kept[block] = True


def is_in_button(block: Block) -> bool:
    """Return whether a block's text stands in a button, such as the one that copies a listing."""
    here = block.pieces[0].element
    return any(one.tag == "button" for one in (here, *islice(here.iterancestors(), LEVELS)))


def names_in(block: Block) -> list[_Element]:
    """Return the buttons and tabs that a block's whole text stands in; nothing if one of them is interface."""
    found: dict[_Element, None] = {}
    for piece in block.pieces:
        here = piece.element.getparent() if piece.kind == "tail" else piece.element
        if here is None:
            return []
        around = (here, *islice(here.iterancestors(), LEVELS))
        name = next((one for one in around if one.tag in NAMES or is_name(one)), None)
        if name is None:
            return []
        found[name] = None
    names = list(found)
    return names if all(one.tag in ("summary", "dt") or holds_words(one) for one in names) else []


def is_name(element: _Element) -> bool:
    """Return whether an element is a tab, a button that opens a panel (WAI-ARIA 1.2), or a term with a closed text."""
    if element.tag == "dt":
        after = element.getnext()
        return after is not None and after.tag == "dd" and element_visibility(after) >= HIDDEN
    return is_tab(element) or (element.get("role") == "button" and opens_panel(element))


def panel_elements(texts: Sequence[Block], names: Mapping[Block, Sequence[_Element]]) -> set[_Element]:
    """Return the hidden elements that are panels: by their role, by what a name controls, or right after a name."""
    if not any(block.sight >= HIDDEN for block in texts):
        return set()
    controlled: set[str] = set()
    followed: set[_Element] = set()
    for elements in names.values():
        for one in elements:
            controlled.update(controlled_names(one))
            here: _Element | None = one
            for _ in range(WRAPPERS):
                after = here.getnext() if here is not None else None
                if after is not None or here is None:
                    if after is not None:
                        followed.add(after)
                    break
                here = here.getparent()
    found: set[_Element] = set()
    for block in texts:
        element = closing_element(block)
        if element is None:
            continue
        if element.get("role") == "tabpanel" or element in followed or (element.get("id") or "") in controlled - {""}:
            found.add(element)
    return found


def closing_element(block: Block) -> _Element | None:
    """Return the element that hides a block, where it is one alone."""
    box: Box | None = block.box
    found: _Element | None = None
    while box is not None and box.sight >= HIDDEN:
        if element_visibility(box.element) >= HIDDEN:
            if found is not None:
                return None
            found = box.element
        box = box.above
    return found


def stands_with(name: Block, below: Block) -> bool:
    """Return whether a text stands in a box that holds the name as well, a few levels up at most."""
    box: Box | None = name.box
    for _ in range(WRAPPERS):
        if box is None:
            return False
        here: Box | None = below.box
        while here is not None and here.depth > box.depth:
            here = here.above
        if here is box:
            return True
        box = box.above
    return False
