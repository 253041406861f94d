"""`archive add`: addresses that are to be visited again and again."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("urls", nargs="*", metavar="URL", help=word("help.add.urls"))
    parser.add_argument(
        "-f", "--files-from", metavar="LIST", action="append", default=[], help=word("help.capture.list")
    )
    parser.add_argument("--feed", action="store_true", help=word("help.add.feed"))
    parser.add_argument("--label", metavar="NAME", default="", help=word("help.add.label"))
    for name, label in (
        ("policy", "POLICY"),
        ("every", "TIME"),
        ("cron", "EXPRESSION"),
        ("least", "TIME"),
        ("most", "TIME"),
        ("until", "DAY"),
    ):
        parser.add_argument(f"--{name}", metavar=label, default="", help=word(f"help.add.{name}"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    from xuanzhi.cli.archive.add import add

    return add(options)
