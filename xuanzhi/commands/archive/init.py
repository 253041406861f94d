"""`archive init`: a new collection, described."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import DEFAULT_COLLECTION
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]

_ONCE = ("name", "description", "operator", "contact", "timezone")
_OFTEN = ("collector", "creator", "subject", "language", "rights")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", default=DEFAULT_COLLECTION, help=word("help.archive.init.dir")
    )
    parser.add_argument("--ask", action="store_true", help=word("help.archive.init.ask"))
    group = parser.add_argument_group(word("help.group.description"))
    for name in _ONCE:
        group.add_argument(f"--{name}", metavar="TEXT", default="", help=word(f"help.archive.init.{name}"))
    for name in _OFTEN:
        text = word(f"help.archive.init.{name}")
        group.add_argument(f"--{name}", metavar="TEXT", action="append", default=[], help=text)


def run(options: Namespace) -> int:
    """Make it; return the exit code."""
    from xuanzhi.cli.archive.init import found

    return found(options, _ONCE, _OFTEN)
