"""Choice of the parts of a page that are its content: one decision over the whole page.

The model scores each block; two independent extractors are asked where it is unsure, which keeps the cost near that of
one extractor, since most pages are clear from their blocks alone. The kind of the page is told by what would be chosen;
of an article it is looked for where its text ends. Then the exceptions by structure have their say.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from functools import cache
from typing import Final, NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.document import PageKind
from clean.html.generic.blocks import HIDDEN, WORD, Block, cut_into_blocks
from clean.html.generic.box_sums import sum_up
from clean.html.generic.confidence import NO_CONFIDENCE, Confidence, Judged, confidence_in
from clean.html.generic.exceptions import correct_choice
from clean.html.generic.explain import STAGE, explain_cut, merge_cuts, revealed_elements
from clean.html.generic.features import NAMES, read_clues
from clean.html.generic.kind import LikelyKind, kind_features, kind_of
from clean.html.generic.model import POINT, Forest, load_model, probability
from clean.html.generic.notice import SeenBlock
from clean.html.generic.rows import OF_THE_PLACE, FeatureRows, Mark, feature_rows
from clean.html.generic.witnesses import NOT_ASKED, VOTES, WitnessPair, ask_witnesses, vote_rows
from clean.html.model import NO_CUTS, CutReason, NodeCuts

__all__ = [
    "UNSURE",
    "Choice",
    "ChosenPage",
    "Decision",
    "MeasuredPage",
    "all_marks",
    "choose",
    "decide",
    "decide_page",
    "judge",
    "level_points",
    "lower_after_end",
    "mean_points",
    "middle_of",
]


# From probabilities to a choice: the cut where the expected F1 is largest.


SURELY: Final = 0.6
"""A block at least as probable as this is kept, whatever the cut says: no sentence is lost for a score."""
HARDLY: Final = 0.4
"""A block less probable than this goes, even where more recall would pay."""


class Decision(NamedTuple):
    """The decision about the blocks with text."""

    kept: tuple[bool, ...]
    expected: float
    """Expected F1 of the choice, by units."""


def decide(probabilities: Sequence[float], sizes: Sequence[int]) -> Decision:
    """Keep the most probable blocks, as many as make the expected F1 largest, within SURELY and HARDLY."""
    order = sorted(range(len(sizes)), key=[-p for p in probabilities].__getitem__)  # of equals the first one first
    millionths = {p: round(1_000_000 * p) for p in set(probabilities)}
    mass = [millionths[p] * size for p, size in zip(probabilities, sizes, strict=True)]
    total = sum(mass)
    won = taken = 0
    best, count = -1.0, 0
    for rank, at in enumerate(order, 1):
        won += mass[at]
        taken += 1_000_000 * sizes[at]
        value = 2 * won / max(1, taken + total)
        if value > best and round(value, 9) > best:  # what is no more before it is rounded is no more afterwards
            best, count = round(value, 9), rank
    cut = set(order[:count])
    kept = tuple(p >= SURELY or (p >= HARDLY and at in cut) or at == order[0] for at, p in enumerate(probabilities))
    won = sum(m for m, keep in zip(mass, kept, strict=True) if keep)
    taken = sum(1_000_000 * size for size, keep in zip(sizes, kept, strict=True) if keep)
    return Decision(kept, round(2 * won / max(1, taken + total), 6))


# Which blocks of a page are its content: the model first, the witnesses where it is unsure.


UNSURE: Final = 0.85
"""Expected F1 below which the witnesses are asked."""

SHORT: Final = 20 * WORD
"""Units of a block that says what it is by its place more than by its text."""

SEVERAL: Final = 3
"""Blocks of one path that make a row of their like."""

LEAST: Final = 0.12
"""A page without any block of this probability has no content."""

MANY: Final = 30_000
"""Blocks of a page above which nothing is chosen: no page that people wrote has as many, and the time grows with them.
Everything stays then, and the confidence is zero."""

SMALL: Final = 2_000
BYTES_PER_BLOCK: Final = 16
"""So many blocks, and one more for each so many bytes, are the bound of a page that is made of little else than tags.
Of 1,136 known pages none has a tenth of that."""


def most_blocks(size: int | None) -> int:
    """Return among how many blocks of a page of so many bytes the content is chosen."""
    return MANY if size is None else min(MANY, SMALL + size // BYTES_PER_BLOCK)


# The page as a whole: what it is, and where an article ends.


class MeasuredPage(NamedTuple):
    """What a page is decided by; one entry for each block with text."""

    rows: Sequence[Sequence[float]]
    """Features, as `clean.html.generic.features.NAMES` names them."""
    texts: Sequence[str]
    paths: Sequence[int]
    """A number for the names of the elements around each block."""
    sizes: Sequence[int]
    """Units of text."""
    is_hidden: Sequence[bool]
    address: str = ""
    asks: bool = False
    """Whether the page says that it is a question with answers."""


class ChosenPage(NamedTuple):
    """The decision over a page."""

    scores: list[float]
    """The probability of each block to be content."""
    decision: Decision
    kind: LikelyKind


def decide_page(points: Sequence[int], page: MeasuredPage) -> ChosenPage:
    """Decide which blocks stay by their points and by what the page is; it has a block."""
    levelled = level_points(points, page.paths, page.sizes)
    scores, decision = judge(levelled, page.is_hidden, page.sizes)
    chosen = ChosenPage(scores, decision, kind_by(scores, decision, page))
    ended = lower_after_end(levelled, page.sizes)
    if ended == levelled:
        return chosen
    scores, decision = judge(ended, page.is_hidden, page.sizes)
    if chosen.kind.article > HAS_END:
        return ChosenPage(scores, decision, chosen.kind)
    without = kind_by(scores, decision, page)
    return ChosenPage(scores, decision, without) if without.article > HAS_END_WITHOUT else chosen


def kind_by(scores: Sequence[float], decision: Decision, page: MeasuredPage) -> LikelyKind:
    """Return what a page is by what would be kept of it."""
    judged = Judged(page.rows, scores, decision.kept, page.sizes, decision.expected, NOT_ASKED)
    return kind_of(kind_features(judged, page.texts, page.paths, page.address), asks=page.asks)


HAS_END: Final = 0.5
"""A page that is an article with more than this probability has an end."""
HAS_END_WITHOUT: Final = 0.65
"""So has one that is an article with more than this probability without what stands behind its end: a row of stories
below a short text makes a list of the whole."""
CHANGE: Final = 700
"""Points that a change between the article's text and what is not its own costs."""
MOST_POINTS: Final = 6 * POINT
"""One block says no more than this against those beside it."""


def lower_after_end(points: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Lower the points of blocks that stand apart behind an article's end: teasers of other articles read like text.

    The blocks are a chain of two states, the article's and not, and a change costs: a hidden Markov model's
    max-marginals (Rabiner 1989) in whole numbers. A block's points become what the best chain with it has over the
    best one without. Before the middle of the probable text nothing is lowered: the standfirst stands apart as well.
    """
    bounded = [max(-MOST_POINTS, min(MOST_POINTS, one)) for one in points]
    before = [(0, 0)]
    for one in bounded[:-1]:
        out, own = before[-1][0], before[-1][1] + one
        before.append((max(out, own - CHANGE), max(own, out - CHANGE)))
    lowered = list(points)
    out = own = 0
    middle = middle_of(points, sizes)
    for at in range(len(points) - 1, middle, -1):
        lowered[at] = min(points[at], before[at][1] + bounded[at] + own - before[at][0] - out)
        within = own + bounded[at]
        out, own = max(out, within - CHANGE), max(within, out - CHANGE)
    return lowered


def middle_of(points: Sequence[int], sizes: Sequence[int]) -> int:
    """Return the block in which the first half of the probable text ends."""
    masses = [round(1_000_000 * probability(one)) * size for one, size in zip(points, sizes, strict=True)]
    half, passed = sum(masses) // 2, 0
    for at, mass in enumerate(masses):
        passed += mass
        if passed >= half:
            return at
    return len(masses) - 1


# The choice itself.


class Choice(NamedTuple):
    """The parts of a page to remove."""

    cuts: NodeCuts
    confidence: Confidence
    witnesses: WitnessPair
    content: bool
    """False where nothing on the page is content."""
    revealed: tuple[_Element, ...] = ()
    """Elements that are content although the page hides them: to be rendered as if they were shown."""
    seen: tuple[SeenBlock, ...] = ()
    """The blocks with text, in the order of the page."""
    kind: PageKind | None = None
    """What the page is; None where nothing on it is content."""


def choose(
    root: HtmlElement,
    text: Callable[[], str] | None = None,
    size: int | None = None,
    title: str = "",
    walls: Set[_Element] = frozenset(),
    address: str = "",
) -> Choice:
    """Choose the blocks of a page; `text` gives the page's source, where somebody wants it, `size` are its bytes.

    `title` is what will stand above the text, `walls` what the page declares to be for those who pay, `address` where
    it stands.
    """
    found = root.find("body") if root.tag == "html" else root
    body = root if found is None else found
    most = most_blocks(size)
    page = cut_into_blocks(body, most)
    blocks = [block for block in page.blocks if block.text]
    if not blocks:
        return Choice(NO_CUTS, NO_CONFIDENCE, NOT_ASKED, False)
    if len(blocks) > most:
        return Choice(NO_CUTS, NO_CONFIDENCE, NOT_ASKED, True)
    model = load_model()
    sums = sum_up(page)
    clues = read_clues(root)
    rows = feature_rows(page, sums, clues)
    paths = [sums.paths[block.box.number] for block in blocks]
    sizes = [block.units for block in blocks]
    is_hidden = [block.sight >= HIDDEN for block in blocks]
    forests: list[Forest] = [model["forests"]["alone"]]
    kinds = rows.kinds(all_marks())
    row: Callable[[int], list[float]] = rows.__getitem__
    alike = _alike(rows, kinds)
    points = forests[0].scores(alike.__getitem__, kinds)
    texts = [block.text for block in blocks]
    measured = MeasuredPage(alike, texts, paths, sizes, is_hidden, address, clues.asks)
    chosen = decide_page(points, measured)
    testimony = NOT_ASKED
    if chosen.decision.expected < UNSURE:
        testimony = ask_witnesses(root, text() if text else None, texts)
        if any(witness.votes for witness in testimony):
            forests.append(model["forests"]["asked"])
            votes = vote_rows(testimony, sizes)
            kinds = list(zip(kinds, map(tuple, votes), strict=True))
            row = lambda at: rows[at] + votes[at]  # noqa: E731
            points = mean_points(points, forests[1].scores(lambda at: alike[at] + votes[at], kinds))
            chosen = decide_page(points, measured)
    scores, decision = chosen.scores, chosen.decision
    content = max(scores) >= LEAST
    witnesses = agree(testimony, decision.kept, sizes)
    picked = {block: keep and content for block, keep in zip(blocks, decision.kept, strict=True)}
    kept, dropped = correct_choice(page.blocks, picked, dict(zip(blocks, scores, strict=True)), body, title, walls)
    names = (*NAMES, *VOTES)
    order = {block: at for at, block in enumerate(blocks)}
    known_shares: dict[Hashable, dict[str, int]] = {}

    def why(together: Sequence[Block]) -> CutReason:
        """Give the reason of the largest block."""
        texts = [block for block in together if block in order]
        if not texts:
            return CutReason(STAGE, "generic.medium", "")
        largest = max(texts, key=lambda block: (block.units, -block.number))
        if largest in dropped:
            return CutReason(STAGE, dropped[largest], "")
        at = order[largest]
        measures = row(at)
        shares = known_shares.get(kinds[at])
        if shares is None:
            shares = known_shares[kinds[at]] = {}
            for forest in forests:
                for feature, share in forest.shares(measures).items():
                    shares[names[feature]] = shares.get(names[feature], 0) + share // len(forests)
        said = [(witness.name, witness.votes[at]) for witness in testimony if witness.votes]
        beginning = " ".join(block.text for block in texts[:10])
        return explain_cut(dict(zip(names, measures, strict=False)), beginning, shares, scores[at], said, len(texts))

    first = decision.kept.index(True)
    alike[first] = rows[first]  # how far from the title it stands is its own
    judged = Judged(alike, scores, decision.kept, sizes, decision.expected, witnesses)
    return Choice(
        merge_cuts(body, page.blocks, kept, why),
        confidence_in(judged) if content else NO_CONFIDENCE,
        witnesses,
        content,
        revealed_elements(page.blocks, kept),
        tuple(SeenBlock(block, kept[block]) for block in blocks),
        chosen.kind.page_kind if content else None,
    )


def _alike(rows: FeatureRows, kinds: Sequence[Hashable]) -> list[list[float]]:
    """Return a row for each block, made once for all of one kind."""
    known: dict[Hashable, list[float]] = {}
    found = []
    for at, kind in enumerate(kinds):
        row = known.get(kind)
        if row is None:
            row = known[kind] = rows[at]
        found.append(row)
    return found


@cache
def all_marks() -> Mapping[str, Mark]:
    """Return the thresholds of the features of the place, of both forests together."""
    both: dict[str, set[float]] = {name: set() for name in OF_THE_PLACE}
    for forest in load_model()["forests"].values():
        for name, thresholds in forest.marks(OF_THE_PLACE).items():
            both[name] |= thresholds
    return {name: tuple(sorted(found)) for name, found in both.items()}


def mean_points(alone: Sequence[int], asked: Sequence[int]) -> list[int]:
    """Return the mean of both forests: neither the blocks nor the witnesses decide by themselves."""
    return [(one + other) // 2 for one, other in zip(alone, asked, strict=True)]


def level_points(points: Sequence[int], paths: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Bring short blocks of one path half the way to their mean: of the names in a thread all stay or none."""
    like: dict[int, list[int]] = {}
    for at, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        if size <= SHORT:
            like.setdefault(path, []).append(at)
    levelled = list(points)
    for places in like.values():
        if len(places) >= SEVERAL:
            mean = sum(points[at] for at in places) // len(places)
            for at in places:
                levelled[at] = (points[at] + mean) // 2
    return levelled


def judge(points: Sequence[int], is_hidden: Sequence[bool], sizes: Sequence[int]) -> tuple[list[float], Decision]:
    """Decide by the points of each block; hidden blocks stay only where they are the page's content, not beside it."""
    known = {one: probability(one) for one in set(points)}
    scores = [known[one] for one in points]
    decision = decide(scores, sizes)
    if True not in is_hidden:
        return scores, decision
    hidden = sum(size for size, out, keep in zip(sizes, is_hidden, decision.kept, strict=True) if keep and out)
    seen = sum(size for size, out, keep in zip(sizes, is_hidden, decision.kept, strict=True) if keep and not out)
    if not hidden or hidden > 2 * seen:
        return scores, decision
    visible = [0.0 if out else score for score, out in zip(scores, is_hidden, strict=True)]
    return visible, decide(visible, sizes)


def agree(testimony: WitnessPair, kept: Sequence[bool], sizes: Sequence[int]) -> WitnessPair:
    """Note how far each witness agrees with the decision."""
    noted = []
    for witness in testimony:
        if witness.votes:
            theirs = [vote >= 0.5 for vote in witness.votes]
            both = sum(size for size, one, other in zip(sizes, theirs, kept, strict=True) if one and other)
            either = sum(size * (one + other) for size, one, other in zip(sizes, theirs, kept, strict=True))
            noted.append(witness._replace(agreement=round(2 * both / max(1, either), 3)))
        else:
            noted.append(witness)
    return WitnessPair(*noted)
