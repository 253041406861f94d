"""Sums over the boxes of a page, and candidates for its text as Readability scores them.

The container score is the idea of Arc90's Readability in Mozilla's form: a paragraph gives its score to five boxes
above it, each getting less; here commas of all scripts count, and nothing has a minimum length.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from clean.html.generic.blocks import WORD, Block, BlockPage, Box
from clean.html.generic.vocabulary import FAR, GROUPS, groups_of

__all__ = ["BoxSums", "SiblingPlace", "nearest_votes", "shared_depth", "sum_up"]


# One class each, or an alternation whose branches begin differently: linear.
COMMAS = re.compile(r"[,，、،;；]")
STOP = re.compile(r"[.!?…](?:[\s\"'”’」』)）]|$)|[。！？]")
NOWHERE: Final = -FAR
"""A depth that is far from every box."""
DIGITS = re.compile(r"\d+")
SHARES: Final = (12, 6, 2, 1, 1)
"""Twelfths of a block's score for the five boxes that hold it, from the nearest."""


class SiblingPlace(NamedTuple):
    """A box's place among its like."""

    like: int
    """Siblings with the same tag and names, itself included."""
    at: int
    """Which of them it is, from 0."""
    total: int
    """Their units together."""
    linked: int
    """Their units in links together."""


class BoxSums(NamedTuple):
    """What is known of each box, by its number, and of each block."""

    nearest: list[list[int]]
    """For each box and group, the depth of the nearest box of the group that holds it or is it; NOWHERE for none."""
    frames: list[SiblingPlace]
    scores: list[int]
    good: list[int]
    """Units of good text in each box."""
    paths: list[int]
    """A number for the names of the box and of all boxes above it."""
    best: Box
    """The box with the highest container score."""
    half: Box
    """The smallest box that holds more than half of the good text."""
    goods: list[int]
    """For each block its units if it reads like text, else 0."""


def sum_up(page: BlockPage) -> BoxSums:
    """Compute the sums of a page."""
    boxes, blocks = page.boxes, page.blocks
    scores = [0] * len(boxes)
    good = [0] * len(boxes)
    goods = [0] * len(blocks)
    for block in blocks:
        box = block.box
        box.total += block.units
        box.linked += block.linked
        box.blocks += 1
        if box.first < 0:
            box.first = block.number
        box.last = block.number
        own = block.units - block.linked
        if own >= 6 * WORD and 2 * block.linked < block.units:
            commas = len(COMMAS.findall(block.text))
            if commas or own >= 15 * WORD or STOP.search(block.text):
                goods[block.number] = own
                good[box.number] += own
                add_score(scores, block, 10 * (1 + commas) + min(own // WORD, 60))
    for box in reversed(boxes):
        above = box.above
        if above is not None:
            above.total += box.total
            above.linked += box.linked
            above.blocks += box.blocks
            good[above.number] += good[box.number]
            if box.first >= 0:
                above.first = box.first if above.first < 0 else min(above.first, box.first)
                above.last = max(above.last, box.last)
    for box in boxes:
        if box.total:
            scores[box.number] = scores[box.number] * (box.total - box.linked) // box.total
    best = max(boxes, key=lambda box: (scores[box.number], -box.number))
    half = boxes[0]
    for box in boxes:
        if 2 * good[box.number] > good[0] and box.depth > half.depth:
            half = box
    names = [own_name(box.tag, (box.element.get("class") or "")[:LONGEST_CLASS]) for box in boxes]
    return BoxSums(
        nearest_groups(boxes), among_like(boxes, names), scores, good, box_paths(boxes, names), best, half, goods
    )


def add_score(scores: list[int], block: Block, score: int) -> None:
    """Give a block's score to the boxes above it."""
    box: Box | None = block.box
    if box is not None and box.tag in ("p", "pre", "td", "li", "blockquote", "center", "dd", "dt") and box.above:
        box = box.above  # the paragraph itself is no container
    for share in SHARES:
        if box is None:
            return
        scores[box.number] += score * share
        box = box.above


def nearest_groups(boxes: list[Box]) -> list[list[int]]:
    """Return for each box and group the depth of the nearest box of the group around it; boxes like it share a list."""
    nothing = [NOWHERE] * len(GROUPS)
    found: list[list[int]] = []
    known: dict[tuple[int, int, tuple[int, ...]], list[int]] = {}
    """By the list of the box around and the groups: boxes beside each other are mostly of the same ones."""
    for box in boxes:
        row = found[box.above.number] if box.above is not None else nothing
        groups = groups_of(box.element, box.tag)
        if groups:
            key = (id(row), box.depth, groups)
            own = known.get(key)
            if own is None:
                own = known[key] = row.copy()
                for at in groups:
                    own[at] = box.depth
            row = own
        found.append(row)
    return found


LONGEST_CLASS: Final = 200
"""Characters of a `class` attribute that tell of what kind a box is."""


@lru_cache(maxsize=8192)
def own_name(tag: str, names: str) -> tuple[str, str]:
    """Return the tag and the class without its digits: `post-17` and `post-18` are of one kind."""
    plain = DIGITS.sub("", names)
    return (tag, plain.split(" ", 1)[0] if len(names) > 60 else plain)


def box_paths(boxes: list[Box], names: list[tuple[str, str]]) -> list[int]:
    """Return a number for each box that is the same for boxes of one name below boxes of one name."""
    known: dict[tuple[int, tuple[str, str]], int] = {}
    found: list[int] = []
    for box, name in zip(boxes, names, strict=True):
        key = (found[box.above.number] if box.above is not None else -1, name)
        found.append(known.setdefault(key, len(known)))
    return found


def among_like(boxes: list[Box], names: list[tuple[str, str]]) -> list[SiblingPlace]:
    """Return for each box how many siblings are like it, and what they hold together."""
    frames = [SiblingPlace(1, 0, 0, 0)] * len(boxes)
    for box in boxes:
        if len(box.children) < 2:
            for child in box.children:
                frames[child.number] = SiblingPlace(1, 0, child.total, child.linked)
            continue
        kinds: dict[tuple[str, str], list[Box]] = {}
        for child in box.children:
            kinds.setdefault(names[child.number], []).append(child)
        for alike in kinds.values():
            total = linked = 0
            for child in alike:
                total += child.total
                linked += child.linked
            count = len(alike)
            for at, child in enumerate(alike):
                frames[child.number] = SiblingPlace(count, at, total, linked)
    return frames


def nearest_votes(
    blocks: Sequence[Block], kept: Mapping[Block, bool], depths: Sequence[int]
) -> list[tuple[int, bool] | None]:
    """Return for each block the depth that it shares with the nearest one before it in `kept`, and that one's fate."""
    votes: list[tuple[int, bool] | None] = [None]
    for block, depth in zip(blocks, depths, strict=False):
        if block in kept:
            votes.append((depth, kept[block]))
        else:
            last = votes[-1]
            votes.append(None if last is None else (min(last[0], depth), last[1]))
    return votes[: len(blocks)]


def shared_depth(one: Box, other: Box) -> int:
    """Return the depth of the smallest box that holds both."""
    here: Box | None = one
    there: Box | None = other
    while here is not there:
        assert here is not None
        assert there is not None
        if here.depth >= there.depth:
            here = here.above
        else:
            there = there.above
    assert here is not None
    return here.depth
