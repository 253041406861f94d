"""`archive due`: what is due."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--all", action="store_true", help=word("help.due.all"))
    parser.add_argument("-n", "--number", type=int, default=50, metavar="N", help=word("help.due.number"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.due import due

    return due(options)
