"""Explanations of removed blocks: the rule, the score, the votes and the strongest terms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from lxml.etree import _Element

from clean.html.generic.blocks import HIDDEN, WORD, Block, BlockNode, Box
from clean.html.generic.features import WHOLE
from clean.html.generic.vocabulary import FAR, subjects
from clean.html.generic.witnesses import VOTES
from clean.html.model import CutReason, NodeCuts

__all__ = ["STAGE", "explain_cut", "merge_cuts", "revealed_elements", "visible_signs"]

STAGE: Final = "generic"

SILENT: Final = frozenset((*WHOLE, *VOTES, "kind", "in data", "wide", "word length"))
"""What a note does not say: what is the same for the whole page, the votes, which stand there already, and codes."""

NEAR: Final = 5
"""Boxes above a block in which a name still says what the block is."""

LINKED: Final = 0.75

SEVERAL: Final = 3
"""Boxes of one kind above which they are a row of cards."""

SHORT: Final = 40 * WORD
"""Units of a text that may be interface words alone."""

SAID: Final = -700
"""Points that such words, and the name of a block's own box, count for at least, when a reason is looked for."""

# A rule applies where one of its signs does; among those that apply, the one whose signs cost the block most wins.
SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "generic.navigation": ("in navigation", "in <nav>"),
    "generic.header": ("in header", "in <header>"),
    "generic.footer": ("in footer", "in <footer>", "says legal", "says contact"),
    "generic.sidebar": ("in sidebar", "in <aside>"),
    "generic.comments": ("in comments", "under comment", "says comment"),
    "generic.related": ("in related", "under related", "says related"),
    "generic.share": ("in share", "says share"),
    "generic.advertisement": ("in advert", "says advert"),
    "generic.form": ("in form", "in <form>", "says entry", "says subscribe"),
    "generic.notice": ("in popup", "says cookie"),
    "generic.byline": ("in byline", "in meta", "says byline", "says date", "says reading"),
    "generic.tags": ("in tags", "says tags"),
    "generic.caption": ("in picture", "says picture", "in <figure>"),
    "generic.contents": ("in contents", "says contents"),
    "generic.pager": ("in pages", "says pager"),
    "generic.repeated": ("like", "widest like", "in card"),
    "generic.link-list": ("linked", "path linked", "linked above 0", "linked above 1", "linked above 2"),
}


def visible_signs(row: Mapping[str, float]) -> list[str]:
    """Return the rules of which a sign is seen in a block's row."""
    return [rule for rule, names in SIGNS.items() if any(is_sign(name, row.get(name, 0)) for name in names)]


def is_sign(name: str, value: float) -> bool:
    """Return whether a feature is a sign."""
    if name.startswith("in "):
        return value <= NEAR
    if name.startswith(("says ", "under ")):
        return value > 0
    if name in ("like", "widest like"):
        return value > SEVERAL
    return value >= LINKED


def plainest_rule(row: Mapping[str, float]) -> str:
    """Return the rule whose sign a person sees first; empty where there is none.

    A word of the block, its own name or its parent's, a row of its like: it names what other measures decided.
    """
    seen = []
    for rule, names in SIGNS.items():
        for name in names:
            value = row.get(name, 0)
            if name.startswith("says ") and value:
                seen.append((0.0, rule))
            elif name.startswith("in ") and row.get(name, FAR) <= 1:
                seen.append((1 + value, rule))
            elif name == "like" and value > SEVERAL:
                seen.append((3.0, rule))
    return min(seen)[1] if seen else ""


def explain_cut(
    row: Mapping[str, float],
    text: str,
    shares: Mapping[str, int],
    score: float,
    votes: Sequence[tuple[str, float]],
    blocks: int,
) -> CutReason:
    """Name the rule for a block with this row and text, whose features gave these points.

    `blocks` is how many are cut together with it. What a short text says of itself, and what its box or the one around
    that is named, weigh like a strong term.
    """
    topics = subjects(text) if row["units"] <= SHORT else []
    row = {**row, **{f"says {subject}": 1.0 for subject in topics}}
    named = [name for names in SIGNS.values() for name in names if name.startswith("in ") and row.get(name, FAR) <= 1]
    shares = {**shares, **{name: min(SAID, shares.get(name, 0)) for name in (*named, *map("says {}".format, topics))}}
    costs = {rule: sum(shares.get(name, 0) for name in SIGNS[rule]) for rule in visible_signs(row)}
    rule = min(costs, key=lambda key: (costs[key], key)) if costs else ""
    if row["linked"] >= LINKED and (not rule or costs[rule] >= 0):
        rule = "generic.link-list"
    elif row["sight"] > 1:
        rule = "generic.hidden"
    elif len(votes) > 1 and score >= 0.3 and all(vote < 0.5 for _, vote in votes):
        rule = "generic.witnesses"
    elif not rule or costs[rule] >= 0:
        rule = plainest_rule(row) or (
            "generic.outside" if row["half side"] or not row["in half"] else "generic.fragment"
        )
    parts = [f"score {score:.2f}"]
    if votes:
        parts.append(", ".join(f"{name} {'yes' if vote >= 0.5 else 'no'}" for name, vote in votes))
    strongest = ((points, name) for name, points in shares.items() if points < 0 and name not in SILENT)
    worst = sorted(strongest)[:3]
    if worst:
        parts.append(", ".join(feature_phrase(name, row[name]) for _, name in worst))
    if blocks > 1:
        parts.append(f"{blocks} blocks")
    return CutReason(STAGE, rule, "; ".join(parts))


WORDS: Final[dict[str, str]] = {
    "widest score": "its container scores {:.2f} of the best",
    "best side": "{side} the best container",
    "half side": "{side} the main text",
    "to half": "{:.0f} steps from the main text",
    "to best": "{:.0f} steps from the best container",
    "from h1": "{:+.0f} blocks from the main heading",
    "place": "at {:.2f} of the page",
    "place in text": "at {:.2f} of the text",
    "path share": "its like hold {:.2f} of the text",
    "path blocks": "{:.0f} blocks of its like",
    "path units": "its like are {:.0f} units long",
    "path good": "{:.0f} sentences among its like",
    "path linked": "link density of its like {:.2f}",
    "widest like": "{:.0f} boxes of its like",
    "widest linked": "link density of its like {:.2f}",
    "repeats": "its text stands {:.0f} times",
    "units": "{:.0f} units long",
    "linked": "link density {:.2f}",
    "linked around": "link density around it {:.2f}",
    "stop words": "{:.0f} stop words",
}
"""How a measure is said to people; `side` is before, in or after. Others are said by their name."""


def feature_phrase(name: str, value: float) -> str:
    """Return a feature in words."""
    if name in WORDS:
        return WORDS[name].format(value, side="before" if value < 0 else "after" if value > 0 else "in")
    if name.startswith("linked above"):
        return f"link density {value:.2f} {name.removeprefix('linked above ')} boxes above"
    if name.startswith("says "):
        return f"speaks of {name.removeprefix('says ')}"
    if name.startswith("under "):
        return f"under a heading of {name.removeprefix('under ')}"
    if name.startswith("in ") and value == int(value) and 0 <= value <= FAR and name not in ("in best", "in half"):
        return name if value < FAR else f"not {name}"
    return f"{name} {value:.2f}" if value != int(value) else f"{name} {int(value)}"


# From blocks to nodes: the largest subtrees in which everything goes, and single texts where something stays.


class ExplainedCut(NamedTuple):
    """One node that goes, and the blocks that go with it."""

    element: _Element
    kind: str
    blocks: list[Block]


def merge_cuts(
    body: _Element, blocks: Sequence[Block], kept: Mapping[Block, bool], why: Callable[[Sequence[Block]], CutReason]
) -> NodeCuts:
    """Return what is cut; `why` gives the reason for blocks that go together."""
    kept_elements = {body}
    for block in blocks:
        if kept[block]:
            for piece in block.pieces:
                here = element_of(piece)
                while here is not None and here not in kept_elements:
                    kept_elements.add(here)
                    here = here.getparent()
    tops: dict[_Element, _Element] = {}
    cuts: dict[tuple[_Element, str], ExplainedCut] = {}
    for block in blocks:
        # What the page hides is not ours to cut: the renderer leaves it out and says so.
        if kept[block] or block.sight >= HIDDEN:
            continue
        for piece in block.pieces:
            inside = element_of(piece)
            if inside is None:
                continue
            if inside not in kept_elements:
                key = (largest_cut(inside, kept_elements, tops), "element")
            elif piece.kind == "medium":
                key = (piece.element, "element")
            else:
                key = (piece.element, piece.kind)
            cut = cuts.setdefault(key, ExplainedCut(*key, []))
            if not cut.blocks or cut.blocks[-1] is not block:
                cut.blocks.append(block)
    found: dict[str, dict[_Element, CutReason]] = {"element": {}, "text": {}, "tail": {}}
    reasons: dict[tuple[Block, ...], CutReason] = {}
    for cut in cuts.values():
        together = tuple(cut.blocks)
        if together not in reasons:
            reasons[together] = why(together)
        found[cut.kind][cut.element] = reasons[together]
    return NodeCuts(found["element"], found["text"], found["tail"])


def element_of(piece: BlockNode) -> _Element | None:
    """Return the element that a piece stands in; a medium is its own."""
    return piece.element.getparent() if piece.kind == "tail" else piece.element


def largest_cut(element: _Element, kept_elements: set[_Element], tops: dict[_Element, _Element]) -> _Element:
    """Return the largest subtree around an element in which nothing stays; each step up is made once."""
    path = []
    here = element
    while here not in tops:
        path.append(here)
        above = here.getparent()
        if above is None or above in kept_elements:
            tops[here] = here
            break
        here = above
    found = tops[here]
    for node in path:
        tops[node] = found
    return found


def revealed_elements(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> tuple[_Element, ...]:
    """Return what is to be shown although the page hides it: hidden boxes and `noscript` that hold kept blocks."""
    found: dict[_Element, None] = {}
    seen: set[Box] = set()
    for block in blocks:
        if not kept[block]:
            continue
        box = block.box
        while box not in seen:
            seen.add(box)
            above = box.above
            hides = box.sight >= HIDDEN and (above is None or above.sight < HIDDEN)
            if hides or box.tag == "noscript":
                found[box.element] = None
            if above is None:
                break
            box = above
    return tuple(found)
