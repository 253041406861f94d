"""`archive diff`: two versions of an article, or two files."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is compared, and how it is shown."""
    parser.add_argument("article", metavar="ARTICLE", help=word("help.select.article"))
    parser.add_argument("old", metavar="A", nargs="?", default="", help=word("help.archive.diff.version"))
    parser.add_argument("new", metavar="B", nargs="?", default="", help=word("help.archive.diff.second"))
    add_collection(parser)
    parser.add_argument("--source", action="store_true", help=word("help.archive.diff.source"))
    parser.add_argument("--files", action="store_true", help=word("help.archive.diff.files"))
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--inline", action="store_true", help=word("help.archive.diff.inline"))
    way.add_argument("--unified", action="store_true", help=word("help.archive.diff.unified"))
    way.add_argument("--html", metavar="FILE", default="", help=word("help.archive.diff.html"))
    parser.add_argument("--exit-code", action="store_true", help=word("help.archive.diff.exit-code"))


def run(options: Namespace) -> int:
    """Compare; return the exit code."""
    from xuanzhi.cli.archive.diff import compare_versions

    return compare_versions(options)
