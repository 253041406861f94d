"""`archive list`: which articles there are."""

from argparse import ArgumentParser, Namespace

from archive.catalogue.articles import SORTS, Article
from xuanzhi.cli.options import add_collection, add_limit, add_selection, collection_path, limit, opened, selection
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import aligned
from xuanzhi.words import word

__all__ = ["add_arguments", "fields", "list_articles", "moment", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser)
    parser.add_argument("--sort", metavar="COLUMN", default="added", help=word("help.archive.list.sort"))
    parser.add_argument("--reverse", action="store_true", help=word("help.archive.list.reverse"))
    add_limit(parser, 0)


def run(options: Namespace) -> int:
    """List; return the exit code."""
    return list_articles(options)


# `archive list`: the articles of a collection, one a line.


_COLUMNS = ("last", "state", "captures", "source", "title")


def list_articles(options: Namespace) -> int:
    """List the articles that are meant. Raises UsageError, or what opening and selecting raise."""
    if options.sort not in SORTS:
        raise UsageError("no-such-sort", sort=options.sort, known=", ".join(SORTS))
    report, wanted, most = Report.of("archive", options), selection(options), limit(options)
    with opened(options) as holdings:
        found = holdings.articles(wanted, sort=options.sort, reverse=options.reverse, limit=most)
        if report.as_json:
            for row in found:
                report.event(event="article", **fields(row, options))
            return Exit.DONE
        table = [(row.last[:10], row.state, str(row.captures), row.source, row.title) for row in found]
    for text in aligned([tuple(word(f"list.{name}") for name in _COLUMNS), *table]) if table else ():
        report.say(text)
    report.note(f"archive: {word('list.count', count=len(table))}")
    return Exit.DONE


def fields(row: Article, options: Namespace) -> dict[str, object]:
    """Return what `--json` tells of an article."""
    output = str(collection_path(options) / row.markdown) if row.markdown else None
    return {
        "article": row.key, "url": row.url, "title": row.title, "source": row.source, "date": row.date,
        "state": row.state, "first": row.first, "last": row.last, "captures": row.captures,
        "versions": row.versions, "output": output,
    }  # fmt: skip


def moment(utc: str) -> str:
    """Return a moment to the second, as people read it."""
    return utc[:19].replace("T", " ")
