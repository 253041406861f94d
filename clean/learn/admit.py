"""Which pages of a source learning looks at: one of each article, and articles alone."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from clean.learn.counts import Counts, Row
from clean.learn.normal import PROSE, Kind

__all__ = ["Admitted", "admit"]

OWN = 0.1
"""Share of a page's prose that must be its own. Below it the page is a notice, a frame without an article, or a text
that the source runs again and again."""

SAME = 0.5
"""Share of its long lines that a page has in common with one earlier page, where it is a copy of that one."""

LONG = 30
"""Words from which on a line is long: two authors do not write the same one."""

COMMON = 0.2
"""Share of all pages on which a long line is the source's frame, and no sign of a copy."""


class Admitted(NamedTuple):
    """The pages of a source, sorted out."""

    rows: tuple[Row, ...]
    """By their date."""
    copies: tuple[str, ...]
    """Names of pages that repeat an earlier one."""
    frames: tuple[str, ...]
    """Names of pages with hardly any prose of their own."""
    reposts: tuple[str, ...]
    """Names of pages that are another account's articles."""


def admit(counts: Counts) -> Admitted:
    """Set aside copies and frame-only pages."""
    rows = counts.ordered()
    once, copies = _without_copies(rows)
    spread: Counter[int] = Counter()
    for row in once:
        spread.update(set(row.keys))
    kept, frames = [], []
    for row in once:
        prose = [place for place in range(len(row.keys)) if row.kind(place) is Kind.TEXT]
        whole = sum(row.units[place] for place in prose)
        own = sum(row.units[place] for place in prose if spread[row.keys[place]] == 1)
        alone = sum(spread[key] == 1 for key in row.keys)  # an article of pictures has no prose, but its own lines
        if own <= OWN * whole and (whole >= PROSE or alone <= max(1, OWN * len(row.keys))):
            frames.append(row.name)
            continue
        kept.append(row)
    return Admitted(tuple(kept), tuple(copies), tuple(frames), tuple(sorted(counts.reposts)))


def _without_copies(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    spread: Counter[int] = Counter()
    for row in rows:
        spread.update({key for key, count in zip(row.keys, row.units, strict=True) if count >= LONG})
    often = max(3, COMMON * len(rows))
    first: dict[int, int] = {}
    kept: list[Row] = []
    copies: list[str] = []
    for row in rows:
        long = [key for key, count in zip(row.keys, row.units, strict=True) if count >= LONG and spread[key] <= often]
        votes = Counter(first[key] for key in long if key in first)
        if votes and max(votes.values()) >= SAME * len(long):
            copies.append(row.name)
            continue
        for key in long:
            first.setdefault(key, len(kept))
        kept.append(row)
    return kept, copies
