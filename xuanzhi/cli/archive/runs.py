"""`archive runs`: who is at work, and what the last runs did."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("-n", "--number", type=int, default=10, metavar="N", help=word("help.runs.number"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.due import runs

    return runs(options)
