"""`archive show`: all that is known of an article."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("articles", nargs="+", metavar="ARTICLE", help=word("help.select.article"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Show; return the exit code."""
    from xuanzhi.cli.archive.show import show_articles

    return show_articles(options)
