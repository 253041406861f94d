"""Witnesses for unsure choices: trafilatura and readability-lxml.

Each gets a copy, gives a text, and the text is mapped back to the blocks. Both are optional: one that is missing or
fails is absent and said so. Readability counts ASCII commas only and drops what is drawn transparent until a script
runs; its copy has Chinese commas written as ASCII ones and such styles lifted, neither of which the mapping sees.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Final, NamedTuple

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from clean.html.generic.blocks import text_tokens
from clean.html.generic.features import squeeze

__all__ = [
    "NOT_ASKED",
    "TOO_INTRICATE",
    "TOO_LARGE",
    "VOTES",
    "Witness",
    "WitnessPair",
    "ask_witnesses",
    "readability_text",
    "share_covered",
    "trafilatura_text",
    "vote_rows",
]


# Which tokens of a page's blocks an extracted text has, in its order of runs: a text mapped back to where it stood.
#
# The page is one sequence of tokens. Four tokens in a row that the extracted text has too are a hit, across the ends of
# blocks as well; hits in a row make a run, and longer runs are served first where a run stands twice on the page and
# once in the text. Short blocks between others that are not in the text count if they are a line of it.


GRAM: Final = 4


def share_covered(texts: Sequence[str], extracted: str) -> list[float]:
    """Return for each text of a page, in order, the share of its tokens that the extracted text has."""
    sequence: list[str] = []
    owner: list[int] = []
    sizes = []
    for at, text in enumerate(texts):
        own = text_tokens(text)
        sizes.append(len(own))
        sequence += own
        owner += [at] * len(own)
    wanted = text_tokens(extracted)
    left = Counter(zip(wanted, wanted[1:], wanted[2:], wanted[3:], strict=False))
    grams = list(zip(sequence, sequence[1:], sequence[2:], sequence[3:], strict=False))
    hit = [False] * len(sequence)
    for start, end in hit_runs([gram in left for gram in grams]):
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


def hit_runs(hits: list[bool]) -> list[tuple[int, int]]:
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


LARGEST: Final = 3_000_000
"""Characters of a page from which no witness is asked: their time grows faster than the page."""

MOST_ELEMENTS: Final = 15_000
"""Elements of a page from which no witness is asked, for the same reason; the largest of 1,136 known pages has two
thirds."""

FEW_ELEMENTS: Final = 1_000
CHARACTERS_PER_ELEMENT: Final = 40
"""So many elements, and one more for each so many characters, are the bound of a page that is made of little else than
tags; the one of the known pages that comes nearest has 72 in 100 of that."""

LONGEST_BASE: Final = 2000
"""Characters of a page's base from which no witness is asked."""

MOST_READING: Final = 1_000_000
"""Reading of a page (see `reading_of`) from which no witness is asked; the dearest of those pages takes a seventh."""

SPREAD: Final = 3
"""Blocks to each side over which votes are smoothed."""

LOGGERS: Final = ("trafilatura", "readability", "htmldate", "justext", "courlan")

# Literals and white space; nothing can be matched in two ways.
FAINT: Final = (re.compile(r"visibility\s*:\s*hidden"), re.compile(r"opacity\s*:\s*0(?![.\d])"))

VOTES: Final = tuple(f"{who} {what}" for who in ("trafilatura", "readability") for what in ("vote", "around", "share"))
"""The features that witnesses add to a row."""


TOO_LARGE: Final = "page too large"
TOO_INTRICATE: Final = "page too intricate"


class Witness(NamedTuple):
    """The testimony of one witness."""

    name: str
    state: str
    """`not asked`, `heard`, `absent` (not installed), `failed`, TOO_LARGE or TOO_INTRICATE."""
    votes: tuple[float, ...] = ()
    """For each block the share of its tokens that the witness took for content."""
    agreement: float = 0.0
    """F1 of its choice against what was decided, by units; 0 if not heard."""


class WitnessPair(NamedTuple):
    """Both witnesses."""

    trafilatura: Witness
    readability: Witness


NOT_ASKED: Final = WitnessPair(Witness("trafilatura", "not asked"), Witness("readability", "not asked"))


def ask_witnesses(root: HtmlElement, text: str | None, texts: Sequence[str]) -> WitnessPair:
    """Ask both witnesses about a page whose blocks have these texts."""
    source = text if text is not None else lxml.html.tostring(root, encoding="unicode")
    if len(source) > LARGEST:
        return unheard(TOO_LARGE)
    if reading_of(root, FEW_ELEMENTS + len(source) // CHARACTERS_PER_ELEMENT) > MOST_READING:
        return unheard(TOO_INTRICATE)
    return WitnessPair(
        hear_witness("trafilatura", lambda: trafilatura_text(root), texts),
        hear_witness("readability", lambda: readability_text(source), texts),
    )


def unheard(state: str) -> WitnessPair:
    """Return two witnesses that were not heard, and why."""
    return WitnessPair(Witness("trafilatura", state), Witness("readability", state))


def reading_of(root: HtmlElement, most: int = MOST_ELEMENTS) -> int:
    """Return how often the witnesses look at the elements of a page, roughly.

    Above MOST_READING, and above `most` or MOST_ELEMENTS elements, it is not counted on.

    For each box they read all that is in it, so each element counts once for each level above it; and for each box the
    text of each link in it, so what a link holds counts once for each level above the link. Links that nest by the
    thousand would take minutes.
    """
    most = min(most, MOST_ELEMENTS)
    reading = count = depth = 0
    begun: list[int] = []  # how many elements there were before each open one
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            begun.append(count)
            count, depth = count + 1, depth + 1
            reading += depth
            if element.tag == "base" and len(element.get("href") or "") > LONGEST_BASE:
                reading += MOST_READING  # readability puts it before each address
        else:
            before = begun.pop()
            if element.tag == "a":
                reading += (count - before) * depth
            depth -= 1
        if count > most or reading > MOST_READING:
            return MOST_READING + 1
    return reading


def hear_witness(name: str, speak: Callable[[], str], texts: Sequence[str]) -> Witness:
    """Hear a witness, whatever happens to it."""
    try:
        with silence_loggers():
            said = speak()
    except ImportError:
        return Witness(name, "absent")
    except MemoryError:  # says something about the machine, not about the page
        raise
    except Exception:
        return Witness(name, "failed")
    return Witness(name, "heard", tuple(share_covered(texts, said)))


def trafilatura_text(root: HtmlElement) -> str:
    """Return the text that trafilatura extracts, without comments and without its slow second opinions."""
    import trafilatura

    return trafilatura.extract(deepcopy(root), include_comments=False, fast=True) or ""


def readability_text(source: str) -> str:
    """Return the text that readability-lxml extracts from a page's source."""
    import readability

    source = source.replace("，", ",").replace("、", ",")
    for style in FAINT:
        source = style.sub("", source)
    summary = readability.Document(source).summary()
    return "\n".join(str(part) for part in lxml.html.fromstring(summary).itertext()) if summary.strip() else ""


@contextmanager
def silence_loggers() -> Iterator[None]:
    """Keep the witnesses' loggers quiet, and leave them as they were."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def vote_rows(testimony: WitnessPair, sizes: Sequence[int]) -> list[list[float]]:
    """Return the features of VOTES for each block; a witness that was not heard gives -1."""
    columns: list[list[float]] = []
    for witness in testimony:
        columns += spread_votes(witness.votes, sizes) if witness.votes else [[-1.0] * len(sizes)] * 3
    return [list(row) for row in zip(*columns, strict=True)]


def spread_votes(votes: Sequence[float], sizes: Sequence[int]) -> list[list[float]]:
    """Return the votes, their mean around each block, and their mean over the page, in hundredths of a block."""
    votes = [round(vote, 2) for vote in votes]
    taken, passed = [0], [0]
    for vote, size in zip(votes, sizes, strict=True):
        taken.append(taken[-1] + round(100 * vote) * size)
        passed.append(passed[-1] + 100 * size)
    count = len(votes)
    around = []
    for at in range(count):
        low, high = max(0, at - SPREAD), min(count, at + SPREAD + 1)
        around.append((taken[high] - taken[low]) / max(1, passed[high] - passed[low]))
    return [list(votes), around, [taken[-1] / max(1, passed[-1])] * count]
