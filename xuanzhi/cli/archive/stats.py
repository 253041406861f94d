"""`archive stats`: what a collection comes to, with small bars."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.history import Statistics
from archive.collection.reader import CollectionReader
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import aligned, readable_time, size

__all__ = ["StatsOptions", "add_arguments", "run"]

_LABELS = {
    "warc": N_("captures"),
    "derived": N_("derived records"),
    "markdown": N_("Markdown"),
    "catalogue": N_("catalogue"),
    "states": N_("articles by their latest state:"),
    "sources": N_("articles by source:"),
}

_BAR = 24
"""Columns of the longest bar."""

_SOURCES = 10
"""Sources that are named; the others are counted together, unless the user wants all."""


@dataclass(frozen=True)
class StatsOptions:
    """Which collection to count."""

    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)


def run(options: StatsOptions) -> int:
    """Count; return the exit code. Raises what opening the collection raises."""
    report = Report.of("archive", options.output)
    with CollectionReader.open(options.collection) as collection:
        counts = collection.statistics()
        name = collection.config.name
    if report.as_json:
        values = counts._asdict()
        values["months"] = [month._asdict() for month in counts.months]
        values["sizes"] = {part: each._asdict() for part, each in counts.sizes.items()}
        report.event(event="statistics", name=name, **values)
        return Exit.DONE
    report.say(name)
    for text in _lines(counts, verbose=options.output.verbose):
        report.say(f"  {text}")
    return Exit.DONE


def _lines(counts: Statistics, *, verbose: bool) -> Iterator[str]:
    visits, snapshots = counts.visits, counts.captures - counts.visits
    yield _("articles: {count:,}, with text: {live:,}", count=counts.articles, live=counts.with_text)
    yield _(
        "captures: {count:,} (visits {visits:,}, snapshots {snapshots:,})",
        count=counts.captures,
        visits=visits,
        snapshots=snapshots,
    )
    yield _("versions: {count:,}", count=counts.versions)
    if counts.first:
        yield _(
            "fetched from {first} to {last} (UTC)", first=readable_time(counts.first), last=readable_time(counts.last)
        )
    sizes = [(_(_LABELS[part]), size(each.bytes), f"{each.files:,}") for part, each in counts.sizes.items()]
    yield _("on disk:")
    yield from (f"  {text}" for text in aligned(sizes))
    sources = list(counts.sources.items())
    if len(sources) > _SOURCES and not verbose:
        others = sum(count for _, count in sources[_SOURCES:])
        sources = [*sources[:_SOURCES], (_("others ({count:,})", count=len(sources) - _SOURCES), others)]
    for key, counted in (("states", list(counts.states.items())), ("sources", sources)):
        yield _(_LABELS[key])
        most = max((count for _, count in counted), default=0)
        yield from (f"  {text}" for text in aligned([(name, str(n), _bar(n, most)) for name, n in counted]))
    yield _("by month of fetching (UTC):")
    most = max((month.captures for month in counts.months), default=0)
    rows = [
        (month.month, str(month.captures), str(month.disappearances or ""), _bar(month.captures, most))
        for month in counts.months
    ]
    yield from (f"  {text}" for text in aligned([(_("MONTH"), _("CAPTURES"), _("DISAPPEARED"), ""), *rows]))


def _bar(count: int, most: int) -> str:
    block = "█"
    try:
        block.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a terminal in the C locale
        block = "#"
    return block * max(1, round(count * _BAR / most)) if count else ""
