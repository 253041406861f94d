"""`archive replay`: the captured pages as they were, in a browser."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    parser.add_argument("--port", type=int, default=8080, metavar="N", help=word("help.replay.port"))
    parser.add_argument("--pywb", default="", metavar="PATH", help=word("help.replay.pywb"))
    parser.add_argument("--open", action="store_true", help=word("help.replay.open"))


def run(options: Namespace) -> int:
    """Replay until it is stopped; return the exit code."""
    from xuanzhi.cli.archive.replay import replay

    return replay(options)
