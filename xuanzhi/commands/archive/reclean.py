"""`archive reclean`: kept captures cleaned anew."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection, add_selection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_collection(parser)
    add_selection(parser)
    how = parser.add_argument_group(word("help.group.how"))
    how.add_argument("-n", "--dry-run", action="store_true", help=word("help.clean.dry-run"))
    how.add_argument("--diff", action="store_true", help=word("help.archive.reclean.diff"))
    how.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    how.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help=word("help.clean.jobs"))


def run(options: Namespace) -> int:
    """Run it; return the exit code."""
    from xuanzhi.cli.archive.reclean import Recleaning

    return Recleaning(options).run()
