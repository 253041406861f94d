"""Which sources have learned rules, decided or not, and which could have some."""

from collections import Counter
from typing import NamedTuple

from starlette.responses import Response

from clean.learn.form import TIERS
from clean.learn.measure import LEAST_PAGES
from xuanzhi.jobs.rules import Source, chosen
from xuanzhi.judging import tier_of
from xuanzhi.review.request import Asked

__all__ = ["learned"]


class Line(NamedTuple):
    """A source in the list."""

    source: Source
    tiers: Counter[str]
    """Proposals of each tier."""
    states: Counter[str]
    """Rules in each state."""


def learned(asked: Asked) -> Response:
    """List the sources, those with most to decide first."""
    with asked.room.holdings() as holdings:
        lines = [_line(each) for each in chosen(holdings, []) if len(each.articles) >= LEAST_PAGES or each.file.rules]
    lines.sort(key=lambda line: (-line.states["proposed"], -len(line.source.articles)))
    return asked.page("learned.html", lines=lines, tiers=TIERS, least=LEAST_PAGES)


def _line(source: Source) -> Line:
    rules = source.file.rules
    states = Counter(rule.options["state"] for rule in rules)
    return Line(source, Counter(tier_of(rule) for rule in rules if rule.options["state"] == "proposed"), states)
