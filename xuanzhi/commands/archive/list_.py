"""`archive list`: which articles there are."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection, add_limit, add_selection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser)
    parser.add_argument("--sort", metavar="COLUMN", default="added", help=word("help.archive.list.sort"))
    parser.add_argument("--reverse", action="store_true", help=word("help.archive.list.reverse"))
    add_limit(parser, 0)


def run(options: Namespace) -> int:
    """List; return the exit code."""
    from xuanzhi.cli.archive.list import list_articles

    return list_articles(options)
