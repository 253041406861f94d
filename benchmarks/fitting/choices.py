"""Choices on pages with known content, by forests that have not seen their sites, with the F1 that came of them."""

import runpy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clean.html.generic.blocks import text_tokens
from clean.html.generic.choice import LEAST, UNSURE, MeasuredPage, agree, decide_page, mean_points
from clean.html.generic.confidence import Judged, choice_features
from clean.html.generic.features import NAMES
from clean.html.generic.model import Forest
from clean.html.generic.witnesses import NOT_ASKED, Witness, WitnessPair
from fitting.pages import Example, example
from fitting.score import f1

__all__ = ["Rated", "rate", "wall_examples"]

IS_TITLE = NAMES.index("is title")
LEVEL = NAMES.index("heading")


@dataclass
class Rated:
    """A choice on one page, and what it was worth."""

    set: str
    id: str
    kind: str
    site: str
    cjk: bool
    features: list[float]
    """What is measured of the choice, as `FEATURES` of `clean.html.generic.confidence` names it."""
    score: float
    """F1 of words and unspaced characters against the truth; a title that stands above the text is left out."""


def rate(page: Example, forests: Mapping[str, Forest], address: str = "", *, is_wall: bool = False) -> Rated | None:
    """Choose as `clean.html.generic.choice.choose` does, and score the choice; None where there is none or no truth."""
    if not page.texts or not (is_wall or text_tokens(page.truth)):
        return None
    points = forests["alone"].scores(page.rows.__getitem__, range(len(page.rows)))
    measured = MeasuredPage(page.rows, page.texts, page.paths, page.sizes, page.gone, address)
    chosen = decide_page(points, measured)
    testimony = NOT_ASKED
    if chosen.decision.expected < UNSURE:
        testimony = witnesses(page)
        if any(witness.votes for witness in testimony):
            rows = [row + votes for row, votes in zip(page.rows, page.votes, strict=True)]
            points = mean_points(points, forests["asked"].scores(rows.__getitem__, range(len(rows))))
            chosen = decide_page(points, measured)
    scores, decision = chosen.scores, chosen.decision
    if max(scores) < LEAST:
        return None
    testimony = agree(testimony, decision.kept, page.sizes)
    judged = Judged(page.rows, scores, decision.kept, page.sizes, decision.expected, testimony)
    score = 0.0 if is_wall else text_score(page, decision.kept)
    return Rated(page.set, page.id, page.kind, page.site, page.cjk, choice_features(judged), score)


def witnesses(page: Example) -> WitnessPair:
    """Return what the witnesses said of a page when it was measured."""
    votes = list(zip(*page.votes, strict=True))
    return WitnessPair(
        *(
            Witness(name, "failed") if own[0] < 0 else Witness(name, "heard", own)
            for name, own in (("trafilatura", votes[0]), ("readability", votes[3]))
        )
    )


def text_score(page: Example, kept: tuple[bool, ...]) -> float:
    """Return the F1 of the kept blocks, without the main heading where it is the title: that is no part of a truth."""
    title = next((at for at, row in enumerate(page.rows) if row[IS_TITLE] and row[LEVEL] == 1), -1)
    got: Counter[str] = Counter()
    for at, counts in enumerate(page.counts):
        if kept[at] and at != title:
            got.update(counts)
    want = Counter(text_tokens(page.truth))
    return f1((got & want).total(), got.total(), want.total())


def wall_examples(file: Path) -> list[Example]:
    """Measure the walls that the tests have, as if no rule knew them; the site of a wall is who makes it."""
    found = []
    for number, page in enumerate(runpy.run_path(str(file))["PAGES"]):
        if not page.text and page.group != "article":
            measured = example(
                {"set": "walls", "id": str(number), "cjk": False, "gt": "", "html": page.page().decode()}
            )
            measured.site = page.maker or page.title
            found.append(measured)
    return found
