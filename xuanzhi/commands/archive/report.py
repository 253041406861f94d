"""`archive report`: what was noticed."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("article", nargs="?", default="", metavar="ARTICLE", help=word("help.report.article"))
    parser.add_argument("--since", default="", metavar="DAY|TIME", help=word("help.report.since"))
    parser.add_argument("--until", default="", metavar="DAY|TIME", help=word("help.report.until"))
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME", dest="sources", help=word("help.report.source")
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--html", action="store_true", help=word("help.report.html"))
    form.add_argument("--atom", action="store_true", help=word("help.report.atom"))
    parser.add_argument("-o", "--output", default="", metavar="FILE", help=word("help.report.output"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.report import report

    return report(options)
