"""Blocks that stand elsewhere, and blocks that became several or one."""

from collections.abc import Sequence

from archive.diff.blocks import Block
from archive.diff.similarity import Similarity
from archive.diff.thresholds import MOST_MOVED, MOVED, MOVED_LENGTH, NEIGHBOUR, NEIGHBOURS

__all__ = ["edited_moves", "exact_moves", "with_neighbours"]


def exact_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair the unmatched blocks whose text stands elsewhere once, and is long enough to be meant."""
    places: dict[str, list[int]] = {}
    for other in there:
        places.setdefault(new[other].key, []).append(other)
    times: dict[str, int] = {}
    for place in here:
        times[old[place].key] = times.get(old[place].key, 0) + 1
    return [
        (place, places[key][0])
        for place in here
        if len(key := old[place].key) >= MOVED_LENGTH and times[key] == 1 and len(places.get(key, ())) == 1
    ]


def edited_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int], similar: Similarity
) -> list[tuple[int, int, float]]:
    """Pair unmatched blocks that moved and were edited, the most similar ones first."""
    here = [place for place in here if _may_move(old[place])]
    there = [other for other in there if _may_move(new[other])]
    if len(here) > MOST_MOVED or len(there) > MOST_MOVED:
        return []
    found = [(value, place, other) for place in here for other in there if (value := similar(place, other, MOVED))]
    taken: set[int] = set()
    given: set[int] = set()
    pairs: list[tuple[int, int, float]] = []
    for value, place, other in sorted(found, key=lambda each: (-each[0], each[1], each[2])):
        if place not in taken and other not in given:
            taken.add(place)
            given.add(other)
            pairs.append((place, other, value))
    return pairs


def _may_move(block: Block) -> bool:
    return block.kind not in {"image", "front-matter", "blank"} and len(block.key) >= MOVED_LENGTH


def with_neighbours(
    words: Sequence[str], others: dict[int, Sequence[str]], paired: int, similar: Similarity, *, old_side: bool
) -> list[int]:
    """Return which neighbours of a block, with itself, are the other side of a split or a merge; itself alone if none.

    `words` are those of the one block, `others` those of the block that it is paired with and of that one's unmatched
    neighbours. `old_side` says that the one block is of the old text.
    """

    def shared(run: Sequence[int]) -> int:
        both = [word for number in run for word in others[number]]
        return similar.length(words, both) if old_side else similar.length(both, words)

    run = [paired]
    have = shared(run)
    for step in (1, -1):
        while len(run) < NEIGHBOURS:
            number = run[-1] + 1 if step == 1 else run[0] - 1
            if number not in others:
                break
            longer = [*run, number] if step == 1 else [number, *run]
            more = shared(longer)
            if not others[number] or more - have < NEIGHBOUR * len(others[number]):
                break
            run, have = longer, more
    return run
