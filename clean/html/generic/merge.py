"""From blocks to nodes: the largest subtrees in which everything goes, and single texts where something stays."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lxml.etree import _Element

from clean.html.cuts import Cuts, Why
from clean.html.generic.blocks import Block, Piece
from clean.html.generic.unseen import GONE

__all__ = ["merge", "revealed"]


class Cut(NamedTuple):
    """One node that goes, and the blocks that go with it."""

    element: _Element
    kind: str
    blocks: list[Block]


def merge(
    body: _Element, blocks: Sequence[Block], kept: Mapping[Block, bool], why: Callable[[Sequence[Block]], Why]
) -> Cuts:
    """Return what is cut; `why` gives the reason for blocks that go together."""
    holding = {body}
    for block in blocks:
        if kept[block]:
            for piece in block.pieces:
                here = holder(piece)
                while here is not None and here not in holding:
                    holding.add(here)
                    here = here.getparent()
    tops: dict[_Element, _Element] = {}
    cuts: dict[tuple[_Element, str], Cut] = {}
    for block in blocks:
        # What the page hides is not ours to cut: the renderer leaves it out and says so.
        if kept[block] or block.sight >= GONE:
            continue
        for piece in block.pieces:
            inside = holder(piece)
            if inside is None:
                continue
            if inside not in holding:
                key = (top(inside, holding, tops), "element")
            elif piece.kind == "medium":
                key = (piece.element, "element")
            else:
                key = (piece.element, piece.kind)
            cut = cuts.setdefault(key, Cut(*key, []))
            if not cut.blocks or cut.blocks[-1] is not block:
                cut.blocks.append(block)
    found: dict[str, dict[_Element, Why]] = {"element": {}, "text": {}, "tail": {}}
    reasons: dict[tuple[Block, ...], Why] = {}
    for cut in cuts.values():
        together = tuple(cut.blocks)
        if together not in reasons:
            reasons[together] = why(together)
        found[cut.kind][cut.element] = reasons[together]
    return Cuts(found["element"], found["text"], found["tail"])


def holder(piece: Piece) -> _Element | None:
    """Return the element that a piece stands in; a medium is its own."""
    return piece.element.getparent() if piece.kind == "tail" else piece.element


def top(element: _Element, holding: set[_Element], tops: dict[_Element, _Element]) -> _Element:
    """Return the largest subtree around an element in which nothing stays; each step up is made once."""
    path = []
    here = element
    while here not in tops:
        path.append(here)
        above = here.getparent()
        if above is None or above in holding:
            tops[here] = here
            break
        here = above
    found = tops[here]
    for node in path:
        tops[node] = found
    return found


def revealed(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> tuple[_Element, ...]:
    """Return what is to be shown although the page hides it: hidden boxes and `noscript` that hold kept blocks."""
    found: dict[_Element, None] = {}
    for block in blocks:
        if not kept[block]:
            continue
        box = block.box
        while box is not None:
            above = box.above
            hides = box.sight >= GONE and (above is None or above.sight < GONE)
            if hides or box.tag == "noscript":
                found[box.element] = None
            if above is None:
                break
            box = above
    return tuple(found)
