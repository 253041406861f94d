"""Labels and weights of blocks, from the truth of a page or from snippets that it must or must not hold."""

from typing import NamedTuple

from fitting.pages import Example
from fitting.score import page_score

__all__ = ["SETS", "Labels", "label"]

SETS = {
    "aeb": 2.0, "cwce": 3.0, "magic-article": 3.0, "magic-forum": 3.0, "wcxb-dev": 1.0, "wcxb-more": 1.0,
    "fundus": 1.5, "traf": 1.0, "readjs": 0.7, "defuddle": 0.3,
}  # fmt: skip
"""The weight of one page of each set: Chinese pages and forums are few; the truth of the last two is a tool's own."""

LEAST_SCORE = 0.6
"""Pages whose truth cannot be had from their blocks are of no use."""
MOST_BLOCKS = 250
"""Blocks of one page that are used: the heaviest first, then evenly."""


class Labels(NamedTuple):
    """The blocks of a page that teach something."""

    at: list[int]
    content: list[bool]
    weights: list[float]


def label(page: Example) -> Labels | None:
    """Return the labels of a page, or None if it has none."""
    if not page.texts:
        return None
    if page.truth:
        content = [share >= 0.5 for share in page.covered]
        if not any(content) or page_score(page, content) < LEAST_SCORE:
            return None
        weights = [(size / 5 + 1) ** 0.7 for size in page.sizes]
        at = thinned(weights)
    else:
        known: dict[int, bool] = {}
        flat = [" ".join(text.split()) for text in page.texts]
        for value, snippets in ((False, page.unwanted), (True, page.wanted)):
            for snippet in snippets:
                hits = [at for at, text in enumerate(flat) if " ".join(snippet.split()) in text]
                if len(hits) == 1 or (hits and not value):
                    known.update(dict.fromkeys(hits, value))
        if not known:
            return None
        at = sorted(known)
        content = [known.get(at, False) for at in range(len(flat))]
        weights = [1.0] * len(flat)
    total = sum(weights[one] for one in at)
    return Labels(at, [content[one] for one in at], [SETS[page.set] * weights[one] / total for one in at])


def thinned(weights: list[float]) -> list[int]:
    """Return the heaviest half of the blocks that may be used, and others at even steps."""
    if len(weights) <= MOST_BLOCKS:
        return list(range(len(weights)))
    order = sorted(range(len(weights)), key=lambda at: (-weights[at], at))
    heavy, light = order[: MOST_BLOCKS // 2], sorted(order[MOST_BLOCKS // 2 :])
    step = len(light) / (MOST_BLOCKS // 2)
    return sorted({*heavy, *(light[int(n * step)] for n in range(MOST_BLOCKS // 2))})
