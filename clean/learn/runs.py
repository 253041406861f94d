"""Measured lines put together: which go with which, what speaks against a run, and where it may go."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from math import ceil
from typing import NamedTuple

from clean.learn.apply import Matcher, Run, Seen
from clean.learn.counts import digest
from clean.learn.guards import KEPT, SHORT, Why
from clean.learn.measure import FEW_PAGES, STRONG, Measure
from clean.learn.normal import Kind, normal

__all__ = ["EDGE", "RUN", "RUN_OF_SURE", "SURE", "Draft", "Pages", "drafts", "having", "run_of"]

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

Pages = Sequence[tuple[Seen, bool]]
"""Pages as rules see them, and whether each is cut."""


class Draft(NamedTuple):
    """Lines that are to go together."""

    lines: Sequence[Measure]
    tier: str
    doubts: tuple[Why, ...]
    lists: bool = False


def drafts(measures: Sequence[Measure], decided: Set[Hashable], total: int, *, variant: bool) -> list[Draft]:
    """Put the lines of `total` pages into runs; lines that were `decided` about, by their digests, are left out.

    `variant`: the pages are those that have little of the source's usual frame, so nothing is ticked.
    """
    by_key = {one.key: one for one in measures}
    free = {
        one.key: one
        for one in measures
        if one.key not in decided and one.why not in KEPT and normal(one.text).text == one.text  # as a rule needs it
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
    return found + [Draft([free[key]], "B", (Why.OTHERS,), lists=True) for key in sorted(headings)]


def _heads_list(one: Measure) -> bool:
    """Whether a line is the heading of a list of other articles that changes from page to page."""
    if one.listed or not (one.is_strong and one.zone == "tail" and one.above_list >= STRONG):
        return False
    most = max(one.followers.values(), default=0)
    return one.kind in {Kind.TEXT, Kind.HEADING} and one.units <= SHORT and most < TOGETHER * one.hits


def _tier(one: Measure, total: int, *, variant: bool) -> str:
    """Return the tier of a line by itself; empty where it is not proposed."""
    if not one.is_strong:
        return "C" if one.zone != "middle" and one.run >= RUN_OF_SURE else ""
    if one.zone == "middle":
        return "B" if one.run >= RUN else ""
    long = one.run >= RUN or (one.share >= SURE and one.run >= RUN_OF_SURE)
    fit = one.why in {None, Why.MOMENT} and one.edge <= EDGE and one.inside >= SURE
    return "A" if long and fit and total >= FEW_PAGES and not variant else "B"


def _chains(lines: Mapping[int, Measure], tiers: Mapping[int, str]) -> list[list[Measure]]:
    """Put lines of one tier and zone that follow each other into runs.

    Each line is in one run, but for lines that stand twice on a page, such as a rule between parts: those may also
    begin or end another.
    """

    def joined(one: Measure, others: Mapping[int, int]) -> Measure | None:
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


def _twice(one: Measure) -> bool:
    return one.times >= 1 + TOGETHER


def _split(chain: Sequence[Measure], tier: str, by_key: Mapping[int, Measure]) -> list[Draft]:
    """Say what speaks against a run; part from a run of the head the innermost line, which may be the article's."""
    doubts = tuple(dict.fromkeys(one.why for one in chain if one.why not in {None, Why.MOMENT}))
    share = min(one.share for one in chain)
    if (len(chain) == 1 and tier == "C") or (all(one.listed for one in chain) and share < SURE):
        return []  # titles and days go with the list that they are in, and a seldom line with others
    last = chain[-1]
    below = by_key.get(max(last.followers, key=lambda key: (last.followers[key], key), default=0))
    is_innermost = last.zone == "head" and (below is None or not below.is_strong or below.why in KEPT)
    parted = []
    if tier == "A" and is_innermost and _is_short(last) and len(chain) > 1:
        parted.append(Draft(chain[-1:], "B", (*doubts, Why.INNERMOST)))
        chain = chain[:-1]
    if len(chain) == 1 and _is_short(chain[0]):
        return [Draft(chain, "B" if tier == "A" else tier, (*doubts, Why.ALONE)), *parted]
    return [Draft(chain, tier, doubts), *parted]


def _is_short(one: Measure) -> bool:
    return one.kind is Kind.HEADING or (one.kind is Kind.TEXT and one.units <= SHORT)


def run_of(draft: Draft, pages: Pages) -> Run:
    """Return the run, with a guard that lets it go where it stands on 19 of 20 of its pages."""
    lines = draft.lines
    zone, keys = lines[0].zone, tuple(one.key for one in lines)
    least = len(keys) if len(keys) < 3 else max(2, ceil(PRESENT * len(keys)))
    name = f"{zone}-{digest(zone + chr(10).join(one.text for one in lines)) & 0xFFFFFFFF:08x}"
    run = Run(name, keys, zone, least, FAR, FAR, draft.lists)
    if zone == "middle":
        return run._replace(least=max(least, 2), reach=0, prose=0)
    matcher = Matcher([run])
    reaches, proses = [], []
    for number in having(lines):
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


def having(lines: Iterable[Measure]) -> list[int]:
    """Return the numbers of the pages that have any of these lines."""
    return sorted({number for one in lines for number in one.pages})
