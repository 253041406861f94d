"""`archive resume`: visit them again."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("names", nargs="+", metavar="SOURCE|URL", help=word("help.change.names"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.add import resume

    return resume(options)
