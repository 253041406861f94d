"""Whether rules that a person approved still do what was approved."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import ceil, log
from typing import NamedTuple

from clean.learn.effect import OnPage
from clean.learn.form import LABEL
from clean.rules import Rule

__all__ = ["Finding", "Trouble", "health"]

CHANCE = 0.001
"""A rule has stopped where so many pages in a row without it would come about by chance no oftener."""

FEWEST = 5
"""Pages without a rule before it can have stopped."""

ELSEWHERE, ELSEWHERE_SHARE = 2, 0.1
"""Pages on which a rule's lines may stand outside its guard, and their share; beyond both it is not what it was. The
guard itself leaves out one page of twenty."""

FLOOR, FLOOR_SHARE = 2, 0.02
"""Pages that a rule fires on and that may have next to nothing left, and their share of all of those."""

PARTLY, PARTLY_SHARE = 0.6, 0.2
"""A page has a run partly, where it has fewer of its lines; and the share of the last pages on which it may."""

LATELY = 20
"""Pages that are the last ones."""


class Trouble(StrEnum):
    """What has become of a rule."""

    STOPPED = "stopped"
    """It no longer fires on new pages: the source has another frame, or has none for a while."""
    ELSEWHERE = "elsewhere"
    """Its lines stand in other places too, where they may be an author's."""
    TOO_MUCH = "too-much"
    """It takes so much that pages are left as they are."""
    CHANGED = "changed"
    """Pages have only some of its lines: a new version of the run is to be learned."""


NEXT = {Trouble.STOPPED: "dormant", Trouble.ELSEWHERE: "suspended", Trouble.TOO_MUCH: "suspended"}
"""The state that a rule in trouble should have."""


class Finding(NamedTuple):
    """One rule and how it does."""

    rule: str
    pages: int
    hits: int
    """Pages on which it fires."""
    outside: int
    """Pages on which its lines stand outside its guard."""
    floor: int
    """Pages on which it fires and that are left as they are."""
    last: str
    """Date of the last page on which it fires; empty where none has it."""
    since: int
    """Pages since that one."""
    troubles: tuple[Trouble, ...]
    examples: tuple[str, ...]
    """Names of pages to look at."""

    @property
    def state(self) -> str:
        """The state that the rule should have: `approved` where nothing is the matter."""
        return next((NEXT[trouble] for trouble in reversed(self.troubles) if trouble in NEXT), "approved")


def health(rules: Sequence[Rule], found: Iterable[OnPage]) -> list[Finding]:
    """Judge rules by what they do on the pages of their source, given by date."""
    pages = list(found)
    return [_finding(rule, pages) for rule in rules if rule.match != LABEL]


def _finding(rule: Rule, pages: Sequence[OnPage]) -> Finding:
    lines = [one.lines(rule.id) for one in pages]
    hits = [number for number, count in enumerate(lines) if count]
    outside = [one.page.name for one in pages if rule.id in one.outside]
    floor = [one.page.name for one in pages if one.floor and one.lines(rule.id)]
    last = hits[-1] if hits else -1
    since = len(pages) - 1 - last
    lately = [number for number in hits if number >= len(pages) - LATELY]
    partly = [number for number in lately if lines[number] < PARTLY * len(rule.texts)]
    troubles = []
    if _has_stopped(hits, since):
        troubles.append(Trouble.STOPPED)
    if len(partly) > PARTLY_SHARE * len(lately):
        troubles.append(Trouble.CHANGED)
    if len(floor) > FLOOR and len(floor) > FLOOR_SHARE * len(hits):
        troubles.append(Trouble.TOO_MUCH)
    if len(outside) > ELSEWHERE and len(outside) > ELSEWHERE_SHARE * (len(hits) + len(outside)):
        troubles.append(Trouble.ELSEWHERE)
    examples = (*outside[-3:], *floor[-3:], *(pages[number].page.name for number in partly[-3:]))
    date = pages[last].page.date if hits else ""
    return Finding(rule.id, len(pages), len(hits), len(outside), len(floor), date, since, tuple(troubles), examples)


def _has_stopped(hits: Sequence[int], since: int) -> bool:
    """Whether a rule that fired at its rate would hardly be silent for so long (m = ln p / ln(1 - rate))."""
    if not hits:
        return since >= FEWEST
    span = hits[-1] - hits[0] + 1
    rate = min(len(hits) / span, 0.999)
    return since >= max(FEWEST, ceil(log(CHANCE) / log(1 - rate)))
