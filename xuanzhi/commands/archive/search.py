"""`archive search`: full text."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection, add_limit, add_selection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("words", nargs="+", metavar="WORDS", help=word("help.archive.search.words"))
    add_collection(parser)
    parser.add_argument("--title", action="store_true", help=word("help.archive.search.title"))
    parser.add_argument("--all-versions", action="store_true", help=word("help.archive.search.all-versions"))
    add_limit(parser, 20)
    add_selection(parser, positional=False)


def run(options: Namespace) -> int:
    """Search; return the exit code."""
    from xuanzhi.cli.archive.search import search_articles

    return search_articles(options)
