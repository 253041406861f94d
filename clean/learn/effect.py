"""What rules would do to the pages of a source, page by page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from clean.learn.apply import Matcher, Seen
from clean.learn.applying import run_of, seen_of, too_much
from clean.learn.form import LABEL
from clean.learn.page import Page
from clean.rules import Rule

__all__ = ["Effect", "Looked", "OnPage", "effect", "looked", "on_pages"]


class Looked(NamedTuple):
    """A page made ready for rules, so that many of them can be tried on it."""

    page: Page
    seen: Seen
    size: int
    """Characters of its lines, normalised."""


class OnPage(NamedTuple):
    """What rules do on one page."""

    page: Page
    size: int
    """Characters of its lines, normalised."""
    taken: tuple[tuple[int, str], ...]
    """Lines that would go: their places among the page's lines and the rule of each, in order."""
    outside: tuple[str, ...]
    """Rules that find their lines where their guard does not let them go."""
    floor: bool
    """Whether nothing goes after all, because next to nothing would be left."""

    def lines(self, rule: str) -> int:
        """Return how many lines a rule takes."""
        return sum(name == rule for _, name in self.taken)


class Effect(NamedTuple):
    """The same in numbers, over all pages of a source."""

    pages: int
    touched: int
    """Pages that would lose something."""
    lines: int
    characters: int
    """Of those lines, normalised."""
    whole: int
    """Characters of all lines of all pages."""
    floor: int
    """Pages that keep everything, because next to nothing would be left."""


def looked(pages: Iterable[Page]) -> Iterator[Looked]:
    """Make pages ready."""
    return (Looked(page, seen_of(page.lines), sum(len(line.text) for line in page.lines)) for page in pages)


def on_pages(rules: Sequence[Rule], pages: Iterable[Looked]) -> Iterator[OnPage]:
    """Yield what the rules, taken together, do on each page; whether they are approved does not matter."""
    matcher = Matcher(run_of(rule) for rule in rules if rule.match != LABEL)
    for page, seen, size in pages:
        found = matcher.find(seen, cut=page.cut)
        taken = sorted((place, hit.rule) for hit in found.hits for place in hit.places)
        outside = tuple(hit.rule for hit in found.outside)
        yield OnPage(page, size, tuple(taken), outside, too_much(page.lines, found.hits, wechat=page.wechat))


def effect(found: Iterable[OnPage]) -> Effect:
    """Add up what rules do."""
    pages = touched = lines = characters = whole = floor = 0
    for one in found:
        pages += 1
        whole += one.size
        if one.floor:
            floor += 1
        elif one.taken:
            touched += 1
            lines += len(one.taken)
            characters += sum(len(one.page.lines[place].text) for place, _ in one.taken)
    return Effect(pages, touched, lines, characters, whole, floor)
