"""`archive verify`: whether everything is as it was written, and follows from the sources."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help=word("help.archive.verify.files"))
    add_collection(parser)
    parser.add_argument("--quick", action="store_true", help=word("help.archive.verify.quick"))
    parser.add_argument("--repair", action="store_true", help=word("help.archive.verify.repair"))
    parser.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help=word("help.clean.jobs"))


def run(options: Namespace) -> int:
    """Run it; return the exit code."""
    from xuanzhi.cli.archive.verify import Verifying

    return Verifying(options).run()
