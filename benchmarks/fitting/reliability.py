"""Reliability of a stated score: what was stated against what came of it, in bins, as tables and as a picture."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["FEW", "Bin", "Pair", "equal_bins", "lines", "picture", "widest_gap", "width_bins"]

FEW = 20
"""Pages below which a bin says too little to be counted."""


class Bin(NamedTuple):
    """Pages of which about the same was stated."""

    low: float
    high: float
    count: int
    stated: float
    """Mean of what was stated, as the next."""
    true: float
    error: float
    """Standard error of the difference of both means."""

    @property
    def gap(self) -> float:
        """How far the true mean is above the stated one."""
        return self.true - self.stated


Pair = tuple[float, float]
"""Stated score, true score."""


def width_bins(pairs: Sequence[Pair], count: int = 10) -> list[Bin]:
    """Return bins of equal width from 0 to 1; those without a page are left out."""
    parts: list[list[Pair]] = [[] for _ in range(count)]
    for pair in pairs:
        parts[min(count - 1, int(pair[0] * count))].append(pair)
    return [_bin(part, at / count, (at + 1) / count) for at, part in enumerate(parts) if part]


def equal_bins(pairs: Sequence[Pair], count: int = 10) -> list[Bin]:
    """Return bins of equally many pages."""
    ordered = sorted(pairs)
    ends = [round(at * len(ordered) / count) for at in range(count + 1)]
    parts = [ordered[start:end] for start, end in pairwise(ends)]
    return [_bin(part, part[0][0], part[-1][0]) for part in parts if part]


def _bin(part: Sequence[Pair], low: float, high: float) -> Bin:
    count = len(part)
    gaps = [true - stated for stated, true in part]
    mean = sum(gaps) / count
    spread = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / max(1, count - 1))
    stated = sum(one for one, _ in part) / count
    return Bin(low, high, count, stated, stated + mean, spread / math.sqrt(count))


def widest_gap(bins: Sequence[Bin]) -> float:
    """Return the widest gap of the bins that have pages enough."""
    return max((abs(each.gap) for each in bins if each.count >= FEW), default=0.0)


def lines(title: str, bins: Sequence[Bin]) -> list[str]:
    """Return a table, one line for each bin."""
    head = f"{title:30s} pages  stated    true     gap  standard error"
    rows = [
        f"  {each.low:.3f} to {each.high:.3f}             {each.count:5d}   {each.stated:.3f}   {each.true:.3f}  "
        f"{each.gap:+.3f}  {each.error:.3f}{'  (few pages)' if each.count < FEW else ''}"
        for each in bins
    ]
    return [head, *rows]


def picture(bins: Sequence[Bin]) -> str:
    """Return a diagram as SVG: stated score to the right, true score upwards, two standard errors to each side."""
    size, edge = 320, 40
    side = size - 2 * edge

    def across(value: float) -> float:
        return round(edge + value * side, 1)

    def up(value: float) -> float:
        return round(size - edge - max(0.0, min(1.0, value)) * side, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="10">',
        f'<rect width="{size}" height="{size}" fill="#fff"/>',
        f'<path d="M{across(0)} {up(0)}H{across(1)}M{across(0)} {up(0)}V{up(1)}" stroke="#000" fill="none"/>',
        f'<path d="M{across(0)} {up(0)}L{across(1)} {up(1)}" stroke="#999" stroke-dasharray="4 3"/>',
    ]
    for tenth in range(0, 11, 2):
        value = tenth / 10
        parts.append(f'<text x="{across(value)}" y="{size - edge + 14}" text-anchor="middle">{value}</text>')
        parts.append(f'<text x="{edge - 6}" y="{up(value) + 3}" text-anchor="end">{value}</text>')
    for each in bins:
        x, low, high = across(each.stated), up(each.true - 2 * each.error), up(each.true + 2 * each.error)
        colour = "#1a5fb4" if each.count >= FEW else "#aaa"
        parts.append(f'<path d="M{x} {low}V{high}" stroke="{colour}"/>')
        parts.append(f'<circle cx="{x}" cy="{up(each.true)}" r="3" fill="{colour}"/>')
    parts.append(f'<text x="{size / 2}" y="{size - 6}" text-anchor="middle">stated confidence</text>')
    parts.append(f'<text transform="translate(10 {size / 2}) rotate(-90)" text-anchor="middle">true F1</text>')
    return "\n".join([*parts, "</svg>", ""])
