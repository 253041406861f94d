"""`archive list`: the articles of a collection, one a line."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.articles import SORTS
from archive.collection.reader import CollectionReader
from xuanzhi.cli.options import SelectionOptions, add_collection, add_limit, add_selection, check_limit
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report, article_fields
from xuanzhi.output.terminal import aligned, readable_day

__all__ = ["ListOptions", "add_arguments", "run"]

_HEADINGS = {
    "last": N_("LAST"),
    "state": N_("STATE"),
    "captures": N_("TIMES"),
    "source": N_("SOURCE"),
    "title": N_("TITLE"),
}

_COLUMNS = ("last", "state", "captures", "source", "title")


@dataclass(frozen=True)
class ListOptions:
    """Which articles to list, and in which order."""

    selection: SelectionOptions
    sort: str
    """A column, of `archive.catalogue.articles.SORTS`."""
    reverse: bool
    limit: int
    """0 for all."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser)
    parser.add_argument(
        "--sort",
        metavar="COLUMN",
        default="added",
        help=_("sort by added (default), title, source, date, state, first, last, captures or versions"),
    )
    parser.add_argument("--reverse", action="store_true", help=_("reverse the order"))
    add_limit(parser, 0)


def run(options: ListOptions) -> int:
    """List the articles that match; return the exit code.

    Raises UsageError, and what opening the collection and selecting raise.
    """
    if options.sort not in SORTS:
        raise UsageError(
            "no-such-sort",
            _("articles cannot be sorted by {sort}", sort=options.sort),
            _("They can be sorted by: {known}.", known=", ".join(SORTS)),
        )
    report = Report.of("archive", options.output)
    wanted, most = options.selection.to_selection(), check_limit(options.limit)
    with CollectionReader.open(options.collection) as collection:
        articles = collection.articles(wanted, sort=options.sort, reverse=options.reverse, limit=most)
        if report.as_json:
            for row in articles:
                report.event(event="article", **article_fields(row, options.collection))
            return Exit.DONE
        table = [(readable_day(row.last), row.state, str(row.captures), row.source, row.title) for row in articles]
    for text in aligned([tuple(_(_HEADINGS[name]) for name in _COLUMNS), *table]) if table else ():
        report.say(text)
    report.note(f"archive: {_('articles: {count:,}', count=len(table))}")
    return Exit.DONE
