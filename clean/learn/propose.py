"""From measured lines to proposals: runs in one place of the page, with a tier and how sure they are."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from clean.learn.admit import Admitted, admit
from clean.learn.apply import Matcher, Run
from clean.learn.counts import LABEL_REACH, Counts, Row, digest, share
from clean.learn.guards import FACTS, SHORT, Why
from clean.learn.measure import FEW_PAGES, LEAST_PAGES, STRONG, Measure, measure
from clean.learn.normal import Kind
from clean.learn.runs import EDGE, RUN, RUN_OF_SURE, SURE, Draft, Pages, drafts, having, run_of

__all__ = ["Learned", "Proposal", "learn"]

LISTED = 60
"""Characters that a line of a list has, about, for the estimate of what a rule takes."""


class Proposal(NamedTuple):
    """One rule that nobody has decided about."""

    run: Run
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
    doubts: tuple[Why, ...]
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


class Learned(NamedTuple):
    """What the pages of one source gave."""

    proposals: tuple[Proposal, ...]
    """Those that remove most first."""
    admitted: Admitted


VARIANT = 0.35
"""Share of the usual number of strong lines below which a page has a frame of another kind."""

ROUNDS = 2
"""How often the pages with another frame are looked at by themselves."""


def learn(counts: Counts, known: Iterable[Run] = ()) -> Learned:
    """Propose rules from the pages of one source. Same pages, same proposals.

    `known` are the runs that somebody has decided about, whatever was decided: their lines are not proposed again.
    Raises what `counts` raises when it reads a page.
    """
    admitted = admit(counts)
    decided: frozenset[Hashable] = frozenset(key for run in known for key in run.keys)
    rows: Sequence[Row] = admitted.rows
    proposals: list[Proposal] = []
    for turn in range(ROUNDS + 1):
        if len(rows) < LEAST_PAGES:
            break
        measures = measure(rows, counts)
        proposals += _proposals(measures, rows, decided, variant=turn > 0)
        decided |= {key for proposal in proposals for key in proposal.run.keys}
        rows = _others(rows, measures)
    if len(admitted.rows) >= LEAST_PAGES:
        proposals += _labels(counts, admitted.rows, decided)
    proposals.sort(key=lambda one: (-one.characters, one.run.rule))
    return Learned(tuple(proposals), admitted)


def _labels(counts: Counts, rows: Sequence[Row], decided: frozenset[Hashable]) -> list[Proposal]:
    """Propose labels whose text is a fact, such as the day of publication: they stay where they are."""
    numbers = {row.name: number for number, row in enumerate(rows)}
    found = []
    for label, names in sorted(counts.labels.items()):
        places = sorted({numbers[name] for name in names if name in numbers})
        value = share(places, len(rows))
        if value < STRONG or len(places) < LEAST_PAGES // 2 or digest(label) in decided:
            continue
        run = Run(f"fact-{digest(label) & 0xFFFFFFFF:08x}", (digest(label),), "head", 1, LABEL_REACH, 0)
        first, last = rows[places[0]], rows[places[-1]]
        examples = (first.name, last.name)
        found.append(
            Proposal(
                run, (label,), "D", value, len(places), len(rows), min(value, 0.5), (), first.date, last.date, examples,
                (), (), 0, fact=FACTS[label],
            )
        )  # fmt: skip
    return found


def _others(rows: Sequence[Row], measures: Sequence[Measure]) -> list[Row]:
    """Return the pages that have few of the strong lines that a page of this source has."""
    strong = {one.key for one in measures if one.is_strong}
    counts = [len(strong.intersection(row.keys)) for row in rows]
    usual = sorted(counts)[len(counts) // 2]
    return [row for row, count in zip(rows, counts, strict=True) if count < VARIANT * usual]


def _proposals(
    measures: Sequence[Measure], rows: Sequence[Row], decided: frozenset[Hashable], *, variant: bool
) -> list[Proposal]:
    pages = [(row.seen(), row.cut) for row in rows]
    found = drafts(measures, decided, len(rows), variant=variant)
    return [one for draft in found if (one := _proposal(draft, rows, pages, variant=variant))]


def _proposal(draft: Draft, rows: Sequence[Row], pages: Pages, *, variant: bool) -> Proposal | None:
    """Try a run on all pages that have any of its lines, and say what it does."""
    run, lines = run_of(draft, pages), draft.lines
    matcher = Matcher([run])
    size = {one.key: len(one.text) for one in lines}
    fires: list[tuple[int, Row]] = []
    without, elsewhere, characters = [], [], 0
    on = having(lines)
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
    return Proposal(
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


def _confidence(lines: Sequence[Measure], doubts: Sequence[Why], total: int, elsewhere: float) -> float:
    """Return points by a table, as a share of ten: what speaks for the run and what against it."""
    low = min(one.share for one in lines)
    edge, inside = max(one.edge for one in lines), min(one.inside for one in lines)
    run = min(one.run for one in lines)
    points = (4 if low >= SURE else 3 if low >= 0.5 else 0) + (2 if run >= RUN else 1 if run >= RUN_OF_SURE else 0)
    points += 2 if edge == 0 and inside >= SURE else 1 if edge <= EDGE else 0
    points += any(one.kind in {Kind.LINK, Kind.IMAGE} or SHORT < one.units <= 40 for one in lines)
    points += total >= 30
    points -= 3 * all(one.kind is Kind.HEADING or (one.kind is Kind.TEXT and one.units <= SHORT) for one in lines)
    points -= 3 * (elsewhere > 0.05) + 2 * bool(doubts)
    return max(0.0, min(points / 10, 0.5 if total < FEW_PAGES else 1.0))
