"""`archive log`: what happened, newest last."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection, add_selection

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser, days="archive.log")


def run(options: Namespace) -> int:
    """Tell; return the exit code."""
    from xuanzhi.cli.archive.log import tell_history

    return tell_history(options)
