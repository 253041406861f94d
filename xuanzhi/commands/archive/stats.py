"""`archive stats`: what the collection comes to."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)


def run(options: Namespace) -> int:
    """Count; return the exit code."""
    from xuanzhi.cli.archive.stats import tell_statistics

    return tell_statistics(options)
