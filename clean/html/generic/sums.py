"""Sums over boxes, and the boxes that look like the page's text: where the scores of Readability would put it.

The container score is the idea of Arc90's Readability in Mozilla's form: a paragraph gives its score to five boxes
above it, each getting less; here commas of all scripts count, and nothing has a minimum length.
"""

import re
from typing import Final, NamedTuple

from clean.html.generic.blocks import Block, Box, Page
from clean.html.generic.names import FAR, GROUPS, group_mask
from clean.html.generic.text import WORD

__all__ = ["Frame", "Sums", "sum_up"]

COMMAS = re.compile(r"[,，、،;；]")
STOPS = re.compile(r"[.!?。！？…]+(?:[\"'”’」』)）]|\s|$)|[。！？]")
SHARES: Final = (12, 6, 2, 1, 1)
"""Twelfths of a block's score for the five boxes that hold it, from the nearest."""


class Frame(NamedTuple):
    """A box's place among its like."""

    like: int
    """Siblings with the same tag and names, itself included."""
    at: int
    """Which of them it is, from 0."""
    total: int
    """Their units together."""
    linked: int
    """Their units in links together."""


class Sums(NamedTuple):
    """What is known of each box, by its number, and of each block."""

    near: list[list[int]]
    """For each group, how far above the nearest box of the group stands."""
    frames: list[Frame]
    scores: list[int]
    good: list[int]
    """Units of good text in each box."""
    paths: list[int]
    """A number for the names of the box and of all boxes above it."""
    best: Box
    """The box with the highest container score."""
    half: Box
    """The smallest box that holds more than half of the good text."""
    commas: list[int]
    stops: list[int]
    goods: list[int]
    """For each block its units if it reads like text, else 0."""


def sum_up(page: Page) -> Sums:
    """Compute the sums of a page."""
    boxes, blocks = page.boxes, page.blocks
    near = distances(boxes)
    commas = [len(COMMAS.findall(block.text)) for block in blocks]
    stops = [len(STOPS.findall(block.text)) if block.units > 3 * WORD else 0 for block in blocks]
    scores = [0] * len(boxes)
    good = [0] * len(boxes)
    goods = [0] * len(blocks)
    for block, comma, stop in zip(blocks, commas, stops, strict=True):
        box = block.box
        box.total += block.units
        box.linked += block.linked
        box.sentences += stop
        box.blocks += 1
        box.media += block.media
        if box.first < 0:
            box.first = block.number
        box.last = block.number
        own = block.units - block.linked
        if own >= 6 * WORD and 2 * block.linked < block.units and (comma or stop or own >= 15 * WORD):
            goods[block.number] = own
            good[box.number] += own
            add_score(scores, block, 10 * (1 + comma) + min(own // WORD, 60))
    for box in reversed(boxes):
        above = box.above
        if above is not None:
            above.total += box.total
            above.linked += box.linked
            above.sentences += box.sentences
            above.blocks += box.blocks
            above.media += box.media
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
    return Sums(near, among_like(boxes), scores, good, paths(boxes), best, half, commas, stops, goods)


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


def distances(boxes: list[Box]) -> list[list[int]]:
    """Return for each box how far the nearest box of each group is, upwards."""
    nothing = [FAR] * len(GROUPS)
    found: list[list[int]] = []
    for box in boxes:
        above = found[box.above.number] if box.above is not None else nothing
        row = [step + 1 if step < FAR else FAR for step in above]
        mask = group_mask(box.element, box.tag)
        at = 0
        while mask:
            if mask & 1:
                row[at] = 0
            mask >>= 1
            at += 1
        found.append(row)
    return found


def own_name(box: Box) -> tuple[str, str]:
    """Return the tag and the class without its digits: `post-17` and `post-18` are of one kind."""
    names = box.element.get("class")
    if not names:
        return (box.tag, "")
    return (box.tag, DIGITS.sub("", names[:200]).split(" ", 1)[0] if len(names) > 60 else DIGITS.sub("", names))


DIGITS = re.compile(r"\d+")


def paths(boxes: list[Box]) -> list[int]:
    """Return a number for each box that is the same for boxes of one name below boxes of one name."""
    known: dict[tuple[int, str, str], int] = {}
    found: list[int] = []
    for box in boxes:
        box.key = (found[box.above.number] if box.above is not None else -1, *own_name(box))
        found.append(known.setdefault(box.key, len(known)))
    return found


def among_like(boxes: list[Box]) -> list[Frame]:
    """Return for each box how many siblings are like it, and what they hold together."""
    frames = [Frame(1, 0, 0, 0)] * len(boxes)
    for box in boxes:
        if len(box.children) < 2:
            for child in box.children:
                frames[child.number] = Frame(1, 0, child.total, child.linked)
            continue
        kinds: dict[tuple[str, str], list[Box]] = {}
        for child in box.children:
            kinds.setdefault(own_name(child), []).append(child)
        for alike in kinds.values():
            total = sum(child.total for child in alike)
            linked = sum(child.linked for child in alike)
            for at, child in enumerate(alike):
                frames[child.number] = Frame(len(alike), at, total, linked)
    return frames
