"""Rows of features, one for each block with text, made when asked for; and which of them no tree can tell apart."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, overload

from clean.html.generic.blocks import Block, BlockPage, Box
from clean.html.generic.box_sums import BoxSums, SiblingPlace
from clean.html.generic.features import (
    NONE,
    HeadClues,
    above_row,
    box_kinds,
    good_distances,
    like_row,
    open_headings,
    own_measures,
    path_measures,
    score_shares,
    ways_to,
    whole_row,
)
from clean.html.generic.vocabulary import FAR

__all__ = ["OF_THE_PLACE", "FeatureRows", "Mark", "feature_rows"]


class RowParts(NamedTuple):
    """The parts of a row that all blocks of boxes of one kind share."""

    above: list[float]
    like: list[float]
    nearest: int
    """How far up the box is whose place among its like is told; -1 for none."""
    widest: int
    """The same for the one whose like hold most."""
    near: list[int]


Mark = tuple[float, ...]
"""Thresholds of one feature, in rising order."""

OF_THE_PLACE: Final = (
    "nearest title", "to good after", "linked around", "like at", "widest at", "place", "place in text", "heading far",
    "from h1",
)  # fmt: skip
"""Features in which blocks differ that are alike in all else."""


class FeatureRows(Sequence[list[float]]):
    """The rows of the blocks with text, in document order, each made when it is asked for.

    A page of ten thousand small elements has few blocks that differ in more than their place. What blocks share is
    measured once, and `kinds` tells which rows no tree can tell apart, so that few have to be made at all.
    """

    def __init__(self, page: BlockPage, sums: BoxSums, clues: HeadClues) -> None:
        """Measure everything but the rows; there is a block with text."""
        self._blocks = [block for block in page.blocks if block.text]
        self._boxes = [block.box for block in self._blocks]
        self._sums = sums
        self._own, self._since = own_measures(self._blocks, sums, clues)
        self._links = [0, *accumulate(block.linked for block in self._blocks)]
        self._units = [0, *accumulate(block.units for block in self._blocks)]
        self._whole_units = max(1, self._units[-1])
        self._far = good_distances(self._own)
        self._headings, self._heading_far = open_headings(self._blocks)
        self._h1 = next((at for at, box in enumerate(self._boxes) if box.tag == "h1"), None)
        self._to_best = ways_to(page.boxes, sums.best)
        self._to_half = ways_to(page.boxes, sums.half)
        self._kinds = box_kinds(page, sums, self._to_best, self._to_half)
        self._top = max(1, sums.scores[sums.best.number])
        self._paths = path_measures(self._blocks, self._own, sums)
        self._parts: dict[int, RowParts] = {}
        self._whole = whole_row(self._blocks, page, sums, clues)

    def __len__(self) -> int:
        return len(self._blocks)

    @overload
    def __getitem__(self, at: int) -> list[float]: ...

    @overload
    def __getitem__(self, at: slice) -> list[list[float]]: ...

    def __getitem__(self, at: int | slice) -> list[float] | list[list[float]]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not 0 <= at < len(self._blocks):
            raise IndexError(at)
        own, box = self._own[at], self._boxes[at]
        parts = self._parts_of(box)
        high = parts.above.copy()
        high[2::5] = [own.units / max(1, total) for total in high[2::5]]
        like = parts.like.copy()
        like[1] = place_of(self._sums.frames, box, parts.nearest)
        like[9] = place_of(self._sums.frames, box, parts.widest)
        heading = self._headings[at]
        return [
            *own[:15],
            self._since[at],
            *own[15:],
            *self._around(at),
            *high,
            *like,
            *self._path_row(box),
            *self._place(at),
            *parts.near,
            *heading.subject,
            *self._whole,
        ]

    def kinds(self, marks: Mapping[str, Mark]) -> list[Hashable]:
        """Return for each row what it is equal in to all rows that ask no question with another answer.

        `marks` gives the thresholds of each feature of OF_THE_PLACE. Rows of one kind are equal but for these
        features, which lie on one side of each threshold.
        """
        sides = {name: marks[name] for name in OF_THE_PLACE}
        count, sums, frames = len(self._blocks), self._sums, self._sums.frames
        parts = [self._parts_of(box) for box in self._boxes]
        # One column for each thing that tells rows apart; a distance is at most NONE, so its side is looked up.
        return list(
            zip(
                map(id, self._own),
                [self._kinds[box.number] for box in self._boxes],
                [*map(id, self._own[1:]), 0],
                map(id, self._headings),
                [side_of(block, sums.best) for block in self._blocks],
                [side_of(block, sums.half) for block in self._blocks],
                map(sides_of_distances(sides["nearest title"]).__getitem__, self._since),
                map(sides_of_distances(sides["to good after"]).__getitem__, self._far),
                [bisect_left(sides["linked around"], self._linked_around(at)) for at in range(count)],
                [
                    bisect_left(sides["like at"], place_of(frames, box, part.nearest))
                    for box, part in zip(self._boxes, parts, strict=True)
                ],
                [
                    bisect_left(sides["widest at"], place_of(frames, box, part.widest))
                    for box, part in zip(self._boxes, parts, strict=True)
                ],
                [bisect_left(sides["place"], at / count) for at in range(count)],
                [bisect_left(sides["place in text"], units / self._whole_units) for units in self._units[:-1]],
                map(sides_of_distances(sides["heading far"]).__getitem__, self._heading_far),
                [bisect_left(sides["from h1"], self._from_h1(at)) for at in range(count)],
                strict=True,
            )
        )

    def _parts_of(self, box: Box) -> RowParts:
        kind = self._kinds[box.number]
        parts = self._parts.get(kind)
        if parts is None:
            low = box.depth - FAR
            near = [box.depth - depth if depth > low else FAR for depth in self._sums.nearest[box.number]]
            parts = self._parts[kind] = RowParts(
                above_row(box, self._sums), *like_row(box, self._sums, self._whole_units), near
            )
        return parts

    def _linked_around(self, at: int) -> float:
        low, high = max(0, at - 4), min(len(self._blocks), at + 5)
        return (self._links[high] - self._links[low]) / max(1, self._units[high] - self._units[low])

    def _around(self, at: int) -> tuple[float, ...]:
        """Measure what stands after a block, and how much around it is links."""
        far, around = self._far[at], self._linked_around(at)
        if at + 1 == len(self._blocks):
            return (0, -1, -1, -1, far, around)
        after = self._own[at + 1]
        return (after.units, after.linked, after.good, after.kind, far, around)

    def _path_row(self, box: Box) -> tuple[float, ...]:
        """Measure how often the like of a block's boxes is on the page: cards and replies come in rows."""
        blocks, units, linked, good = self._paths[self._sums.paths[box.number]]
        size = max(1, units)
        return (blocks, units, linked / size, units / self._whole_units, good / size)

    def _from_h1(self, at: int) -> int:
        return max(-NONE, min(NONE, at - self._h1)) if self._h1 is not None else NONE + 1

    def _place(self, at: int) -> tuple[float, ...]:
        """Measure where a block stands on the page and to the likely containers."""
        block, box, sums, heading = self._blocks[at], self._boxes[at], self._sums, self._headings[at]
        climb, below = self._to_best[box.number]
        climb_half, below_half = self._to_half[box.number]
        return (
            at / len(self._blocks),
            self._units[at] / self._whole_units,
            box.depth,
            int(climb == 0),
            climb,
            below,
            side_of(block, sums.best),
            int(climb_half == 0),
            climb_half,
            side_of(block, sums.half),
            below_half,
            *score_shares(box, sums, self._top),
            self._heading_far[at],
            heading.level,
            heading.linked,
            self._from_h1(at),
        )


def feature_rows(page: BlockPage, sums: BoxSums, clues: HeadClues) -> FeatureRows:
    """Return one row for each block with text, in document order; there is one."""
    return FeatureRows(page, sums, clues)


def place_of(frames: Sequence[SiblingPlace], box: Box, steps: int) -> int:
    """Return which of its like the box so many steps up is; -1 for none."""
    if steps < 0:
        return -1
    for _ in range(steps):
        assert box.above is not None
        box = box.above
    return frames[box.number].at


def sides_of_distances(marks: Mark) -> list[int]:
    """Return for each distance up to NONE on which side of the thresholds it lies."""
    return [bisect_left(marks, distance) for distance in range(NONE + 1)]


def side_of(block: Block, goal: Box) -> int:
    """Return -1 before the goal's blocks, 0 among them, 1 after them."""
    if block.number < goal.first:
        return -1
    return int(block.number > goal.last)
