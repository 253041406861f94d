"""`archive import`: what others captured becomes part of the collection."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("inputs", nargs="+", metavar="FILE|FOLDER|-", help=word("help.import.inputs"))
    add_collection(parser)
    parser.add_argument("-n", "--dry-run", action="store_true", help=word("help.clean.dry-run"))
    parser.add_argument("--url", default="", metavar="URL", help=word("help.import.url"))
    parser.add_argument("--date", default="", metavar="DATE", help=word("help.import.date"))
    for name, dest, label, text in (("host", "hosts", "HOST", "host"), ("url-prefix", "prefixes", "URL", "prefix")):
        parser.add_argument(
            f"--{name}", action="append", default=[], dest=dest, metavar=label, help=word(f"help.import.{text}")
        )
    parser.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help=word("help.clean.jobs"))
    parser.add_argument("--max-megabytes", type=int, default=64, metavar="N", help=word("help.clean.max"))


def run(options: Namespace) -> int:
    """Take the files; return the exit code."""
    from xuanzhi.cli.archive.import_ import Importing

    return Importing(options).run()
