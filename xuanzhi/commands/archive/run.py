"""`archive run`: visit what is due."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--loop", action="store_true", help=word("help.run.loop"))
    parser.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.run import Job

    return Job(options).run()
