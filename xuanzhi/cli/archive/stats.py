"""`archive stats`: what the collection comes to."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from archive.catalogue.history import Statistics
from xuanzhi.cli.archive.list import moment
from xuanzhi.cli.options import add_collection, opened
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import aligned, size
from xuanzhi.words import word

__all__ = ["add_arguments", "run", "tell_statistics"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)


def run(options: Namespace) -> int:
    """Count; return the exit code."""
    return tell_statistics(options)


# `archive stats`: what a collection comes to, with small bars.


_BAR = 24
"""Columns of the longest bar."""

_SOURCES = 10
"""Sources that are named; the others are counted together, unless the user wants all."""


def tell_statistics(options: Namespace) -> int:
    """Count and tell. Raises what opening raises."""
    report = Report.of("archive", options)
    with opened(options) as holdings:
        found = holdings.statistics()
        name = holdings.config.name
    if report.as_json:
        told = found._asdict()
        told["months"] = [month._asdict() for month in found.months]
        told["sizes"] = {part: each._asdict() for part, each in found.sizes.items()}
        report.event(event="statistics", name=name, **told)
        return Exit.DONE
    report.say(name)
    for text in _lines(found, verbose=options.verbose):
        report.say(f"  {text}")
    return Exit.DONE


def _lines(found: Statistics, *, verbose: bool) -> Iterator[str]:
    visits, snapshots = found.visits, found.captures - found.visits
    yield word("stats.articles", count=found.articles, live=found.with_text)
    yield word("stats.captures", count=found.captures, visits=visits, snapshots=snapshots)
    yield word("stats.versions", count=found.versions)
    if found.first:
        yield word("stats.span", first=moment(found.first), last=moment(found.last))
    sizes = [(word(f"stats.{part}"), size(each.bytes), f"{each.files:,}") for part, each in found.sizes.items()]
    yield word("stats.sizes")
    yield from (f"  {text}" for text in aligned(sizes))
    sources = list(found.sources.items())
    if len(sources) > _SOURCES and not verbose:
        others = sum(count for _, count in sources[_SOURCES:])
        sources = [*sources[:_SOURCES], (word("stats.others", count=len(sources) - _SOURCES), others)]
    for key, counted in (("states", list(found.states.items())), ("sources", sources)):
        yield word(f"stats.{key}")
        most = max((count for _, count in counted), default=0)
        yield from (f"  {text}" for text in aligned([(name, str(n), _bar(n, most)) for name, n in counted]))
    yield word("stats.months")
    most = max((month.captures for month in found.months), default=0)
    rows = [
        (month.month, str(month.captures), str(month.disappearances or ""), _bar(month.captures, most))
        for month in found.months
    ]
    yield from (
        f"  {text}" for text in aligned([(word("stats.month"), word("stats.fetched"), word("stats.gone"), ""), *rows])
    )


def _bar(count: int, most: int) -> str:
    block = "█"
    try:
        block.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a terminal in the C locale
        block = "#"
    return block * max(1, round(count * _BAR / most)) if count else ""
