"""From probabilities to a choice: the cut where the expected F1 is largest, and what media do."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from clean.html.generic.blocks import Block, Box
from clean.html.generic.unseen import GONE

__all__ = ["Decision", "decide", "follow"]

SURELY: Final = 0.6
"""A block at least as probable as this is kept, whatever the cut says: no sentence is lost for a score."""
HARDLY: Final = 0.4
"""A block less probable than this goes, even where more recall would pay."""


class Decision(NamedTuple):
    """Which blocks are kept."""

    kept: tuple[bool, ...]
    expected: float
    """Expected F1 of the choice, by units."""


def decide(probabilities: Sequence[float], sizes: Sequence[int]) -> Decision:
    """Keep the most probable blocks, as many as make the expected F1 largest, within SURELY and HARDLY."""
    order = sorted(range(len(sizes)), key=lambda at: (-probabilities[at], at))
    mass = [round(1_000_000 * p) * size for p, size in zip(probabilities, sizes, strict=True)]
    total = sum(mass)
    won = taken = 0
    best, count = -1.0, 0
    for rank, at in enumerate(order, 1):
        won += mass[at]
        taken += 1_000_000 * sizes[at]
        value = round(2 * won / max(1, taken + total), 9)
        if value > best:
            best, count = value, rank
    cut = set(order[:count])
    kept = tuple(p >= SURELY or (p >= HARDLY and at in cut) or at == order[0] for at, p in enumerate(probabilities))
    won = sum(m for m, keep in zip(mass, kept, strict=True) if keep)
    taken = sum(1_000_000 * size for size, keep in zip(sizes, kept, strict=True) if keep)
    return Decision(kept, round(2 * won / max(1, taken + total), 6))


def follow(blocks: Sequence[Block], kept: dict[Block, bool]) -> dict[Block, bool]:
    """Return the choice for blocks without text as well: they follow the text blocks beside them.

    Between two blocks of one fate they share it. Between a kept and a cut one they go with the one that stands in the
    smaller box with them, and stay where both are as near.
    """
    after: list[Block | None] = [None] * len(blocks)
    nearest: Block | None = None
    for at in reversed(range(len(blocks))):
        after[at] = nearest
        if blocks[at] in kept:
            nearest = blocks[at]
    decided = dict(kept)
    before: Block | None = None
    for block, behind in zip(blocks, after, strict=True):
        if block in kept:
            before = block
            continue
        votes = [(shared_depth(block.box, other.box), kept[other]) for other in (before, behind) if other is not None]
        decided[block] = block.sight < GONE and bool(votes) and max(votes)[1]
    return decided


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
