"""Confidence in a choice of content: the F1 that its text is expected to have against the true content of the page.

Nobody knows the true content of a page at hand. On pages where it is known, how right a choice was depends on what can
be seen of it: how clear the scores were, how long the text is, whether others would have chosen the same. These
features of a choice are measured here, and a small forest says what pages like this one scored. It is apart from what
chooses: features in, number out, and `benchmarks/fit_confidence.py` fits it anew when the choice is made otherwise.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from clean.html.generic.blocks import HIDDEN
from clean.html.generic.features import NAMES as BLOCK_NAMES
from clean.html.generic.model import Forest, load_model, probability
from clean.html.generic.vocabulary import FAR
from clean.html.generic.witnesses import WitnessPair

__all__ = [
    "FALLING",
    "FEATURES",
    "NO_CONFIDENCE",
    "RISING",
    "Confidence",
    "Judged",
    "choice_features",
    "confidence_in",
    "expected_score",
]


class Judged(NamedTuple):
    """A choice among the blocks of a page, with what it was made from; one entry for each block with text."""

    rows: Sequence[Sequence[float]]
    """Features of the blocks, as `clean.html.generic.features.NAMES` names them; what follows them is not read."""
    scores: Sequence[float]
    """Probability of each block to be content."""
    kept: Sequence[bool]
    sizes: Sequence[int]
    """Units of text."""
    expected: float
    """F1 by the scores alone, by units."""
    testimony: WitnessPair
    """The witnesses, with how far they agree with the choice."""


RISING: Final = ("expected", "top score", "best agreement", "half agreement", "trafilatura", "readability", "units")
"""Features of which more never means less confidence."""
FALLING: Final = ("unsure", "foreign", "missing", "unsure tail", "unsure head", "hidden")
"""Features of which more never means more confidence."""

_SHARES: Final = ("comments", "related", "forum", "product", "card", "form", "prose", "article", "popup")
"""Groups of names (`vocabulary.STEMS`) of which it is measured how much of the text stands in them."""

_PAGE: Final = (
    "page units", "page blocks", "page linked", "page good", "best share", "half share", "second best", "wide page",
    "data article", "data forum", "data product", "data list", "has data", "paragraphs", "headings", "article boxes",
    "main boxes", "cards",
)  # fmt: skip
"""Features of the page as a whole, which every block's row has."""

FEATURES: Final = (
    *RISING,
    *FALLING,
    "share", "blocks", "gaps", "gap units", "linked", "good", "in p", "in li", "in heading", "repeats",
    "from title", "described", "in data", "dated", "media", "longest",
    *(f"in {group}" for group in _SHARES),
    *_PAGE,
)  # fmt: skip
"""The names of what is measured of a choice, in the order of a row. The fitted file names them too."""

_AT: Final = {name: at for at, name in enumerate(BLOCK_NAMES)}
_MILLION: Final = 1_000_000
_CLEAR: Final = 0.9
"""A block of this probability is one that leaves no doubt."""
_NOT_HEARD: Final = 1.5
"""Agreement of a witness that nobody had to ask: the blocks were clear."""
_SILENT: Final = 0.75
"""Agreement of one that should have been asked and could not be."""


def choice_features(judged: Judged) -> list[float]:
    """Return the features of a choice, in the order of FEATURES.

    Sums are of whole numbers, so that a row is the same on every machine. The page has a block with text, and at least
    one is kept.
    """
    rows, sizes, kept = judged.rows, judged.sizes, judged.kept
    masses = [round(_MILLION * score) for score in judged.scores]
    count = len(sizes)
    taken = [at for at in range(count) if kept[at]]
    total = max(1, sum(sizes))
    units = max(1, sum(sizes[at] for at in taken))
    likely = max(1, sum(mass * size for mass, size in zip(masses, sizes, strict=True)))
    first, last = taken[0], taken[-1]
    clear = [at for at in taken if judged.scores[at] >= _CLEAR]
    head, tail = (clear[0], clear[-1]) if clear else (first, first)

    def column(name: str) -> list[float]:
        at = _AT[name]
        return [row[at] for row in rows]

    def share(flags: Sequence[object]) -> float:
        """Return how much of the kept text the flags are true of."""
        return sum(sizes[at] for at in taken if flags[at]) / units

    def agreement(flags: Sequence[object]) -> float:
        """Return the F1 of a choice of the flagged blocks against this one."""
        both = sum(sizes[at] for at in taken if flags[at])
        return 2 * both / max(1, units + sum(size for size, flag in zip(sizes, flags, strict=True) if flag))

    def unsure(places: Sequence[int]) -> float:
        return sum((_MILLION - masses[at]) * sizes[at] for at in places) / (_MILLION * units)

    kinds = column("kind")
    middle = [at for at in range(first, last + 1) if not kept[at]]
    starts = sum(1 for at in taken if at == 0 or not kept[at - 1])
    data = column("in data")
    rising = (
        judged.expected,
        max(judged.scores),
        agreement([side == 0 for side in column("best side")]),
        agreement([side == 0 for side in column("half side")]),
        *(_heard(witness.state, witness.agreement) for witness in judged.testimony),
        units,
    )
    falling = (
        sum(min(mass, _MILLION - mass) * size for mass, size in zip(masses, sizes, strict=True)) / likely,
        unsure(taken),
        sum(masses[at] * sizes[at] for at in range(count) if not kept[at]) / likely,
        unsure([at for at in taken if at > tail]),
        unsure([at for at in taken if at < head]),
        share([sight >= HIDDEN for sight in column("sight")]),
    )
    far = {name: column(f"in {name}") for name in _SHARES}
    row = [
        *rising,
        *falling,
        units / total,
        len(taken),
        starts / len(taken),
        sum(sizes[at] for at in middle) / units,
        sum(sizes[at] * round(_MILLION * rows[at][_AT["linked"]]) for at in taken) / (_MILLION * units),
        share(column("good")),
        share([kind == 1 for kind in kinds]),
        share([kind in (4, 5, 6, 7, 8) for kind in kinds]),
        share([kind == 10 for kind in kinds]),
        share([times > 1 for times in column("repeats")]),
        rows[first][_AT["nearest title"]],
        int(any(rows[at][_AT["in description"]] for at in taken)),
        share([value > 0 for value in data]) - share([value < 0 for value in data]),
        sum(1 for at in taken if rows[at][_AT["says date"]]) / len(taken),
        sum(int(rows[at][_AT["media"]]) for at in taken) / len(taken),
        max(sizes[at] for at in taken) / units,
        *(share([distance < FAR for distance in far[name]]) for name in _SHARES),
        *(rows[0][_AT[name]] for name in _PAGE),
    ]
    return [round(value, 4) for value in row]


def _heard(state: str, agreement: float) -> float:
    if state == "heard":
        return agreement
    return _NOT_HEARD if state == "not asked" else _SILENT


class Confidence(NamedTuple):
    """How right a choice is expected to be."""

    score: float
    """Expected F1, 0 to 1."""
    hint: str
    """What to look at first: the kind of feature that speaks most against the choice. Empty where none does."""


NO_CONFIDENCE: Final = Confidence(0.0, "")


class _Weakness(NamedTuple):
    """Features that say the same of a choice, and what a person can do about it."""

    features: frozenset[str]
    hint: str


_WEAKNESSES: Final = (
    _Weakness(
        frozenset(("units", "page units", "page blocks", "paragraphs", "blocks", "longest", "in data", "page good")),
        hint="There is little text: look whether this is the article, or a notice, a teaser or a shell in its place.",
    ),
    _Weakness(
        frozenset(("trafilatura", "readability", "best agreement", "half agreement", "second best")),
        hint="Other extractors would take another part of the page: look at the page beside the Markdown.",
    ),
    _Weakness(
        frozenset(("unsure head", "unsure tail", "gap units", "gaps", "in comments", "in related", "article boxes")),
        hint="Look at the beginning, the end and the gaps of the text: teasers or other articles may be in it.",
    ),
    _Weakness(
        frozenset(
            (
                "linked", "page linked", "in li", "in heading", "cards", "in card", "in product", "data list",
                "data product", "repeats", "media", "good", "in p",
            )
        ),
        hint="Much of the text is links, entries or labels: look whether some are missing, or whether it is a menu.",
    ),
)  # fmt: skip
_UNCLEAR: Final = _Weakness(
    frozenset(FEATURES).difference(*(weakness.features for weakness in _WEAKNESSES)),
    hint="Of many parts it is unclear whether they are content: --explain says what was left out, and why.",
)
"""What the other features say."""


def confidence_in(judged: Judged) -> Confidence:
    """Return how right a choice is expected to be, and what to look at."""
    features = choice_features(judged)
    shares = _forest().shares(features)
    named = {FEATURES[at]: share for at, share in shares.items()}
    least, hint = 0, ""
    for weakness in (*_WEAKNESSES, _UNCLEAR):
        against = sum(share for name, share in named.items() if name in weakness.features)
        if against < least:
            least, hint = against, weakness.hint
    return Confidence(expected_score(features), hint)


def expected_score(features: Sequence[float]) -> float:
    """Return the F1 that is expected of a choice with these features, 0 to 1."""
    return round(probability(_forest().score(features)), 3)


def _forest() -> Forest:
    forest = load_model("confidence.json")["forests"]["confidence"]
    assert isinstance(forest, Forest)
    return forest
