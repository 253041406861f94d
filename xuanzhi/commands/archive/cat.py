"""`archive cat`: what is kept of an article, byte for byte."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("article", metavar="ARTICLE", help=word("help.select.article"))
    add_collection(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="N|SHA256", default="", help=word("help.archive.cat.version"))
    which.add_argument("--capture", metavar="N|ID", default="", help=word("help.archive.cat.capture"))
    what = parser.add_argument_group(word("help.group.what")).add_mutually_exclusive_group()
    for name in ("raw", "http", "ledger", "provenance"):
        what.add_argument(
            f"--{name}", action="store_const", const=name, dest="what", default="markdown",
            help=word(f"help.archive.cat.{name}"),
        )  # fmt: skip


def run(options: Namespace) -> int:
    """Print; return the exit code."""
    from xuanzhi.cli.archive.cat import print_article

    return print_article(options)
