"""Which tokens of a page's blocks an extracted text has, in its order of runs: a text mapped back to where it stood.

The page is one sequence of tokens. Four tokens in a row that the extracted text has too are a hit, across the ends of
blocks as well; hits in a row make a run, and longer runs are served first where a run stands twice on the page and
once in the text. Short blocks between others that are not in the text count if they are a line of it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from clean.html.generic.clues import squeeze
from clean.html.generic.text import tokens

__all__ = ["cover"]

GRAM: Final = 4


def cover(texts: Sequence[str], extracted: str) -> list[float]:
    """Return for each text of a page, in order, the share of its tokens that the extracted text has."""
    sequence: list[str] = []
    owner: list[int] = []
    sizes = []
    for at, text in enumerate(texts):
        own = tokens(text)
        sizes.append(len(own))
        sequence += own
        owner += [at] * len(own)
    wanted = tokens(extracted)
    left = Counter(zip(wanted, wanted[1:], wanted[2:], wanted[3:], strict=False))
    grams = list(zip(sequence, sequence[1:], sequence[2:], sequence[3:], strict=False))
    hit = [False] * len(sequence)
    for start, end in runs([gram in left for gram in grams]):
        for at in range(start, end):
            if left[grams[at]] > 0:
                left[grams[at]] -= 1
                hit[at] = hit[at + 1] = hit[at + 2] = hit[at + 3] = True
    covered = [0] * len(texts)
    for at, found in enumerate(hit):
        covered[owner[at]] += found
    lines = Counter(squeeze(line) for line in extracted.splitlines())
    for at, size in enumerate(sizes):
        if covered[at] == size and size:
            lines[squeeze(texts[at])] -= 1
    shares = []
    for at, size in enumerate(sizes):
        if 0 < size < 2 * GRAM and covered[at] < size:
            plain = squeeze(texts[at])
            if lines[plain] > 0:
                lines[plain] -= 1
                covered[at] = size
        shares.append(covered[at] / size if size else 0.0)
    return shares


def runs(hits: list[bool]) -> list[tuple[int, int]]:
    """Return where hits follow one another, the longest first."""
    found = []
    start = -1
    for at, hit in enumerate([*hits, False]):
        if hit and start < 0:
            start = at
        elif not hit and start >= 0:
            found.append((start, at))
            start = -1
    return sorted(found, key=lambda run: (run[0] - run[1], run[0]))
