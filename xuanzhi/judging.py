"""What rules would do to the pages of their source, worked out before anybody decides about them.

The command and the review page show the same: each rule by itself, on real pages, and some of them together.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from clean.frontmatter import read
from clean.learn.effect import Effect, Looked, OnPage, effect, on_pages
from clean.learn.files import decided
from clean.learn.page import Page
from clean.rules import Rule
from clean.view import View
from xuanzhi.jobs.rules import LearnedFile

__all__ = [
    "LONGEST",
    "Judged",
    "Marked",
    "Sample",
    "Together",
    "doubts_of",
    "judged",
    "settle",
    "share_of",
    "tier_of",
    "together",
]

AROUND = 2
"""Lines shown before and behind what would go."""

LONGEST = 12
"""Lines of a rule, and of a page, that are shown; of a page half from where a run begins, half from where it ends."""


class Marked(NamedTuple):
    """A line of a page as it stands there, or a gap."""

    text: str
    goes: bool
    skipped: int = 0
    """Lines that are not shown here; then there is no text."""


class Sample(NamedTuple):
    """A page on which a rule fires."""

    why: str
    """`oldest`, `newest`, or `fewest`: the one with the fewest of the rule's lines."""
    page: Page
    lines: tuple[Marked, ...]


class Judged(NamedTuple):
    """What a rule would do by itself."""

    rule: Rule
    total: Effect
    samples: tuple[Sample, ...]
    without: tuple[str, ...]
    """Names of the pages that do not have its lines."""
    outside: tuple[str, ...]
    """Names of those that have them in another place, where they stay."""
    floor: tuple[str, ...]
    """Names of those that would keep too little, and stay as they are."""


class Together(NamedTuple):
    """What several rules would do together."""

    total: Effect
    floor: tuple[str, ...]
    """As of one rule."""


def judged(rules: Sequence[Rule], pages: Sequence[Looked], text: Callable[[str], str]) -> Iterator[Judged]:
    """Judge each rule by itself, tier by tier, on pages by date; `text` gives a page's Markdown by its name."""
    for rule in sorted(rules, key=tier_of):
        found = list(on_pages([rule], pages))
        yield Judged(
            rule,
            effect(found),
            tuple(_samples(found, text)),
            tuple(one.page.name for one in found if not (one.taken or one.outside)),
            tuple(one.page.name for one in found if one.outside),
            _floor(found),
        )


def together(rules: Sequence[Rule], pages: Sequence[Looked]) -> Together:
    """Judge rules as they act together."""
    found = list(on_pages(rules, pages))
    return Together(effect(found), _floor(found))


def share_of(total: Effect) -> float:
    """Return the share of all text that goes, in percent with one decimal place."""
    return round(100 * total.characters / total.whole, 1) if total.whole else 0.0


def tier_of(rule: Rule) -> str:
    """Return a learned rule's tier; `–` where a person wrote it and gave none."""
    return str(rule.options.get("tier", "–"))


def doubts_of(rule: Rule) -> list[str]:
    """Return what there is to consider about a learned rule, as ends of word keys."""
    return list(rule.options.get("evidence", {}).get("doubts", []))


def _floor(found: Sequence[OnPage]) -> tuple[str, ...]:
    return tuple(one.page.name for one in found if one.floor)


def _samples(found: Sequence[OnPage], text: Callable[[str], str]) -> Iterator[Sample]:
    fires = [one for one in found if one.taken]
    if not fires:
        return
    chosen = {"oldest": fires[0], "newest": fires[-1], "fewest": min(fires, key=lambda one: len(one.taken))}
    seen: set[str] = set()
    for why, one in chosen.items():
        if one.page.name not in seen:
            seen.add(one.page.name)
            yield Sample(why, one.page, tuple(_marked(text(one.page.name), one)))


def _marked(markdown: str, one: OnPage) -> Iterator[Marked]:
    """Yield the lines of a page around what would go."""
    front = read(markdown)
    view = View(markdown[front.end :], front)
    gone = {one.page.lines[place].at for place, _ in one.taken}
    places = [number for number, index in enumerate(view.solid) if index in gone]
    around = view.solid[max(0, places[0] - AROUND) : places[-1] + AROUND + 1]
    half, skipped = LONGEST // 2, max(0, len(around) - LONGEST)
    for number, index in enumerate(around):
        if not (skipped and half <= number < half + skipped):
            yield Marked(view.lines[index].strip(), index in gone)
        elif number == half:
            yield Marked("", False, skipped)


def settle(file: LearnedFile, rules: Collection[str], state: str, *, by: str, on: str, note: str) -> list[str]:
    """Write a decision about some rules of a file; return the ids of those that it changes.

    `on` is the day (YYYY-MM-DD). Raises UsageError, RuleError, StorageError.
    """
    states = {rule.id: state for rule in file.rules if rule.id in rules and rule.options["state"] != state}
    if states:
        file.change(partial(decided, states=states, decision={"by": by, "on": on, "note": note}))
    return list(states)
