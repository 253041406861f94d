"""Proposal of rules from counted lines, each with a tier and a confidence."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from math import ceil
from typing import NamedTuple

from clean.learn.apply import ComparedPage, Matcher, RuleRun
from clean.learn.counts import (
    FEW_PAGES,
    LABEL_REACH,
    LEAST_PAGES,
    STRONG,
    LineMeasure,
    PageRow,
    SourceCounts,
    line_digest,
    measure_lines,
    window_share,
)
from clean.learn.guards import FACT_LABELS, NEVER_PROPOSED, SHORT, Exclusion
from clean.normalise import PROSE_WORDS, LineKind, normalise_line

__all__ = [
    "EDGE",
    "RUN",
    "RUN_OF_SURE",
    "SURE",
    "AdmittedPages",
    "LearnResult",
    "Pages",
    "ProposedRule",
    "RuleDraft",
    "admit",
    "draft_run",
    "drafts",
    "learn",
    "pages_with",
]


# Measured lines put together: which go with which, what speaks against a run, and where it may go.


TOGETHER = 0.7
"""Share of the pages of each of two lines on which one follows the other: then they are of one run."""

EDGE = 2
"""Lines that do not repeat between a run and its page's end, at most, for the run to be ticked."""

RUN, RUN_OF_SURE = 5, 3
"""Lines that a run has at least to be ticked; `RUN_OF_SURE` where it stands on nine of ten pages."""

SURE = 0.9
"""Share from which on a line belongs to nearly every page of some time."""

PRESENT = 0.6
"""Share of a run's lines that a page must have."""

FAR = 1 << 20
"""More lines than a page has: a guard that holds nothing back."""

Pages = Sequence[tuple[ComparedPage, bool]]
"""Pages as rules see them, and whether each is cut."""


class RuleDraft(NamedTuple):
    """Lines that are to go together."""

    lines: Sequence[LineMeasure]
    tier: str
    doubts: tuple[Exclusion, ...]
    lists: bool = False


def drafts(measures: Sequence[LineMeasure], decided: Set[Hashable], total: int, *, variant: bool) -> list[RuleDraft]:
    """Put the lines of `total` pages into runs; lines that were `decided` about, by their digests, are left out.

    `variant`: the pages are those that have little of the source's usual frame, so nothing is ticked.
    """
    by_key = {one.key: one for one in measures}
    free = {
        one.key: one
        for one in measures
        if one.key not in decided
        and one.why not in NEVER_PROPOSED
        and normalise_line(one.text).text == one.text  # as a rule needs it
    }
    headings = {key for key, one in free.items() if _heads_list(one)}
    tiers = {
        key: tier for key, one in free.items() if key not in headings and (tier := _tier(one, total, variant=variant))
    }
    found = [
        draft
        for chain in _chains({key: free[key] for key in tiers}, tiers)
        for draft in _split(chain, tiers[chain[0].key], by_key)
    ]
    return found + [RuleDraft([free[key]], "B", (Exclusion.OTHERS,), lists=True) for key in sorted(headings)]


def _heads_list(one: LineMeasure) -> bool:
    """Whether a line is the heading of a list of other articles that changes from page to page."""
    if one.listed or not (one.is_strong and one.zone == "tail" and one.above_list >= STRONG):
        return False
    most = max(one.followers.values(), default=0)
    return one.kind in {LineKind.TEXT, LineKind.HEADING} and one.units <= SHORT and most < TOGETHER * one.hits


def _tier(one: LineMeasure, total: int, *, variant: bool) -> str:
    """Return the tier of a line by itself; empty where it is not proposed."""
    if not one.is_strong:
        return "C" if one.zone != "middle" and one.run >= RUN_OF_SURE else ""
    if one.zone == "middle":
        return "B" if one.run >= RUN else ""
    long = one.run >= RUN or (one.share >= SURE and one.run >= RUN_OF_SURE)
    fit = one.why in {None, Exclusion.MOMENT} and one.edge <= EDGE and one.inside >= SURE
    return "A" if long and fit and total >= FEW_PAGES and not variant else "B"


def _chains(lines: Mapping[int, LineMeasure], tiers: Mapping[int, str]) -> list[list[LineMeasure]]:
    """Put lines of one tier and zone that follow each other into runs.

    Each line is in one run, but for lines that stand twice on a page, such as a rule between parts: those may also
    begin or end another.
    """

    def joined(one: LineMeasure, others: Mapping[int, int]) -> LineMeasure | None:
        """Return the line that stands beside one on most of the pages of both."""
        other, count = min(others.items(), key=lambda item: (-item[1], item[0]), default=(0, 0))
        near = lines.get(other)
        if near is None or near is one or (near.zone, tiers[near.key]) != (one.zone, tiers[one.key]):
            return None
        return near if count >= TOGETHER * max(one.hits, near.hits) else None

    following: dict[int, int] = {}
    for key, one in lines.items():
        below = joined(one, one.followers)
        if below and joined(below, below.leaders) is one:
            following[key] = below.key
    chains = []
    done: set[int] = set()
    inner = set(following.values())
    for key in sorted(lines, key=lambda key: key in inner):  # a ring, should there be one, begins anywhere
        if key in done:
            continue
        chain = [lines[key]]
        done.add(key)
        while (next_ := following.get(chain[-1].key)) is not None and next_ not in done:
            chain.append(lines[next_])
            done.add(next_)
        above, below = joined(chain[0], chain[0].leaders), joined(chain[-1], chain[-1].followers)
        if above and _twice(above):
            chain.insert(0, above)
        if below and _twice(below):
            chain.append(below)
        chains.append(chain)
    return chains


def _twice(one: LineMeasure) -> bool:
    return one.times >= 1 + TOGETHER


def _split(chain: Sequence[LineMeasure], tier: str, by_key: Mapping[int, LineMeasure]) -> list[RuleDraft]:
    """Say what speaks against a run; part from a run of the head the innermost line, which may be the article's."""
    doubts = tuple(dict.fromkeys(one.why for one in chain if one.why not in {None, Exclusion.MOMENT}))
    share = min(one.share for one in chain)
    if (len(chain) == 1 and tier == "C") or (all(one.listed for one in chain) and share < SURE):
        return []  # titles and days go with the list that they are in, and a seldom line with others
    last = chain[-1]
    below = by_key.get(max(last.followers, key=lambda key: (last.followers[key], key), default=0))
    is_innermost = last.zone == "head" and (below is None or not below.is_strong or below.why in NEVER_PROPOSED)
    parted = []
    if tier == "A" and is_innermost and _is_short(last) and len(chain) > 1:
        parted.append(RuleDraft(chain[-1:], "B", (*doubts, Exclusion.INNERMOST)))
        chain = chain[:-1]
    if len(chain) == 1 and _is_short(chain[0]):
        return [RuleDraft(chain, "B" if tier == "A" else tier, (*doubts, Exclusion.ALONE)), *parted]
    return [RuleDraft(chain, tier, doubts), *parted]


def _is_short(one: LineMeasure) -> bool:
    return one.kind is LineKind.HEADING or (one.kind is LineKind.TEXT and one.units <= SHORT)


def draft_run(draft: RuleDraft, pages: Pages) -> RuleRun:
    """Return the run, with a guard that lets it go where it stands on 19 of 20 of its pages."""
    lines = draft.lines
    zone, keys = lines[0].zone, tuple(one.key for one in lines)
    least = len(keys) if len(keys) < 3 else max(2, ceil(PRESENT * len(keys)))
    name = f"{zone}-{line_digest(zone + chr(10).join(one.text for one in lines)) & 0xFFFFFFFF:08x}"
    run = RuleRun(name, keys, zone, least, FAR, FAR, draft.lists)
    if zone == "middle":
        return run._replace(least=max(least, 2), reach=0, prose=0)
    matcher = Matcher([run])
    reaches, proses = [], []
    for number in pages_with(lines):
        seen, cut = pages[number]
        found = matcher.find(seen, cut=cut).hits
        if found:
            places = found[0].places  # the outermost
            beyond = range(places[0]) if zone == "head" else range(places[-1] + 1, len(seen.keys))
            reaches.append(len(beyond))
            proses.append(sum(seen.prose[place] for place in beyond))
    if not reaches:
        return run._replace(reach=EDGE, prose=0)
    return run._replace(reach=max(EDGE, _most(reaches)), prose=_most(proses))


def _most(values: list[int]) -> int:
    """Return the value that 19 of 20 do not exceed."""
    return sorted(values)[(len(values) * 19 - 1) // 20]


def pages_with(lines: Iterable[LineMeasure]) -> list[int]:
    """Return the numbers of the pages that have any of these lines."""
    return sorted({number for one in lines for number in one.pages})


# Which pages of a source learning looks at: one of each article, and articles alone.


OWN = 0.1
"""Share of a page's prose that must be its own. Below it the page is a notice, a frame without an article, or a text
that the source runs again and again."""

SAME = 0.5
"""Share of its long lines that a page has in common with one earlier page, where it is a copy of that one."""

LONG = 30
"""Words from which on a line is long: two authors do not write the same one."""

COMMON = 0.2
"""Share of all pages on which a long line is the source's frame, and no sign of a copy."""


class AdmittedPages(NamedTuple):
    """The pages of a source, sorted out."""

    rows: tuple[PageRow, ...]
    """By their date."""
    copies: tuple[str, ...]
    """Names of pages that repeat an earlier one."""
    frames: tuple[str, ...]
    """Names of pages with hardly any prose of their own."""
    reposts: tuple[str, ...]
    """Names of pages that are another account's articles."""


def admit(counts: SourceCounts) -> AdmittedPages:
    """Set aside copies and frame-only pages."""
    rows = counts.ordered()
    once, copies = _without_copies(rows)
    spread: Counter[int] = Counter()
    for row in once:
        spread.update(set(row.keys))
    kept, frames = [], []
    for row in once:
        prose = [place for place in range(len(row.keys)) if row.kind(place) is LineKind.TEXT]
        whole = sum(row.units[place] for place in prose)
        own = sum(row.units[place] for place in prose if spread[row.keys[place]] == 1)
        alone = sum(spread[key] == 1 for key in row.keys)  # an article of pictures has no prose, but its own lines
        if own <= OWN * whole and (whole >= PROSE_WORDS or alone <= max(1, OWN * len(row.keys))):
            frames.append(row.name)
            continue
        kept.append(row)
    return AdmittedPages(tuple(kept), tuple(copies), tuple(frames), tuple(sorted(counts.reposts)))


def _without_copies(rows: Sequence[PageRow]) -> tuple[list[PageRow], list[str]]:
    spread: Counter[int] = Counter()
    for row in rows:
        spread.update({key for key, count in zip(row.keys, row.units, strict=True) if count >= LONG})
    often = max(3, COMMON * len(rows))
    first: dict[int, int] = {}
    kept: list[PageRow] = []
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


LISTED = 60
"""Characters that a line of a list has, about, for the estimate of what a rule takes."""


class ProposedRule(NamedTuple):
    """A proposed rule without a decision."""

    run: RuleRun
    """Its keys are digests."""
    texts: tuple[str, ...]
    tier: str
    share: float
    """The lowest of its lines."""
    hits: int
    """Pages on which it would fire."""
    pages: int
    """Pages that learning looked at."""
    confidence: float
    """From 0 to 1; it orders proposals and decides nothing."""
    doubts: tuple[Exclusion, ...]
    """What a person should consider."""
    first: str
    last: str
    """Dates of the first and the last page on which it fires."""
    examples: tuple[str, ...]
    """Names of pages: the oldest, the newest, and the one that has the fewest of its lines."""
    without: tuple[str, ...]
    """Names of pages that do not have it."""
    elsewhere: tuple[str, ...]
    """Names of pages that have it outside of its guard, where it stays."""
    characters: int
    """What it would remove, normalised, on all pages."""
    variant: bool = False
    """Whether it was learned on pages that have little of the source's usual frame."""
    fact: str = ""
    """The key of the front matter that a label's text is for; empty where the proposal removes something."""


class LearnResult(NamedTuple):
    """The result of learning from the pages of one source."""

    proposals: tuple[ProposedRule, ...]
    """Those that remove most first."""
    admitted: AdmittedPages


VARIANT = 0.35
"""Share of the usual number of strong lines below which a page has a frame of another kind."""

ROUNDS = 2
"""How often the pages with another frame are looked at by themselves."""


def learn(counts: SourceCounts, known: Iterable[RuleRun] = ()) -> LearnResult:
    """Propose rules from the pages of one source. Same pages, same proposals.

    `known` are the runs that somebody has decided about, whatever was decided: their lines are not proposed again.
    Raises what `counts` raises when it reads a page.
    """
    admitted = admit(counts)
    decided: frozenset[Hashable] = frozenset(key for run in known for key in run.keys)
    rows: Sequence[PageRow] = admitted.rows
    proposals: list[ProposedRule] = []
    for turn in range(ROUNDS + 1):
        if len(rows) < LEAST_PAGES:
            break
        measures = measure_lines(rows, counts)
        proposals += _proposals(measures, rows, decided, variant=turn > 0)
        decided |= {key for proposal in proposals for key in proposal.run.keys}
        rows = _others(rows, measures)
    if len(admitted.rows) >= LEAST_PAGES:
        proposals += _labels(counts, admitted.rows, decided)
    proposals.sort(key=lambda one: (-one.characters, one.run.rule))
    return LearnResult(tuple(proposals), admitted)


def _labels(counts: SourceCounts, rows: Sequence[PageRow], decided: frozenset[Hashable]) -> list[ProposedRule]:
    """Propose labels whose text is a fact, such as the day of publication: they stay where they are."""
    numbers = {row.name: number for number, row in enumerate(rows)}
    found = []
    for label, names in sorted(counts.labels.items()):
        places = sorted({numbers[name] for name in names if name in numbers})
        value = window_share(places, len(rows))
        if value < STRONG or len(places) < LEAST_PAGES // 2 or line_digest(label) in decided:
            continue
        run = RuleRun(f"fact-{line_digest(label) & 0xFFFFFFFF:08x}", (line_digest(label),), "head", 1, LABEL_REACH, 0)
        first, last = rows[places[0]], rows[places[-1]]
        examples = (first.name, last.name)
        found.append(
            ProposedRule(
                run, (label,), "D", value, len(places), len(rows), min(value, 0.5), (), first.date, last.date, examples,
                (), (), 0, fact=FACT_LABELS[label],
            )
        )  # fmt: skip
    return found


def _others(rows: Sequence[PageRow], measures: Sequence[LineMeasure]) -> list[PageRow]:
    """Return the pages that have few of the strong lines that a page of this source has."""
    strong = {one.key for one in measures if one.is_strong}
    counts = [len(strong.intersection(row.keys)) for row in rows]
    usual = sorted(counts)[len(counts) // 2]
    return [row for row, count in zip(rows, counts, strict=True) if count < VARIANT * usual]


def _proposals(
    measures: Sequence[LineMeasure], rows: Sequence[PageRow], decided: frozenset[Hashable], *, variant: bool
) -> list[ProposedRule]:
    pages = [(row.seen(), row.cut) for row in rows]
    found = drafts(measures, decided, len(rows), variant=variant)
    return [one for draft in found if (one := _proposal(draft, rows, pages, variant=variant))]


def _proposal(draft: RuleDraft, rows: Sequence[PageRow], pages: Pages, *, variant: bool) -> ProposedRule | None:
    """Try a run on all pages that have any of its lines, and say what it does."""
    run, lines = draft_run(draft, pages), draft.lines
    matcher = Matcher([run])
    size = {one.key: len(one.text) for one in lines}
    fires: list[tuple[int, PageRow]] = []
    without, elsewhere, characters = [], [], 0
    on = pages_with(lines)
    without += [rows[number].name for number in sorted(set(range(len(rows))).difference(on))]
    for number in on:
        row = rows[number]
        seen, cut = pages[number]
        hits, outside = matcher.find(seen, cut=cut)
        if hits:
            places = [place for hit in hits for place in hit.places]
            fires.append((len(places), row))
            characters += sum(size.get(row.keys[place], LISTED) for place in places)
        elif not outside:
            without.append(row.name)
        if outside:
            elsewhere.append(row.name)
    if len(fires) < 3:
        return None
    lowest = min(fires, key=lambda item: item[0])[1]
    examples = tuple(dict.fromkeys((fires[0][1].name, fires[-1][1].name, lowest.name)))
    return ProposedRule(
        run,
        tuple(one.text for one in lines),
        draft.tier,
        min(one.share for one in lines),
        len(fires),
        len(rows),
        _confidence(lines, draft.doubts, len(rows), len(elsewhere) / len(rows)),
        draft.doubts,
        fires[0][1].date,
        fires[-1][1].date,
        examples,
        tuple(sorted(without)),
        tuple(elsewhere),
        characters,
        variant,
    )


def _confidence(lines: Sequence[LineMeasure], doubts: Sequence[Exclusion], total: int, elsewhere: float) -> float:
    """Return points by a table, as a share of ten: what speaks for the run and what against it."""
    low = min(one.share for one in lines)
    edge, inside = max(one.edge for one in lines), min(one.inside for one in lines)
    run = min(one.run for one in lines)
    points = (4 if low >= SURE else 3 if low >= 0.5 else 0) + (2 if run >= RUN else 1 if run >= RUN_OF_SURE else 0)
    points += 2 if edge == 0 and inside >= SURE else 1 if edge <= EDGE else 0
    points += any(one.kind in {LineKind.LINK, LineKind.IMAGE} or SHORT < one.units <= 40 for one in lines)
    points += total >= 30
    points -= 3 * all(
        one.kind is LineKind.HEADING or (one.kind is LineKind.TEXT and one.units <= SHORT) for one in lines
    )
    points -= 3 * (elsewhere > 0.05) + 2 * bool(doubts)
    return max(0.0, min(points / 10, 0.5 if total < FEW_PAGES else 1.0))
