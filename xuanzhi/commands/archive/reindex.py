"""`archive reindex`: the catalogue, made again from the files."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.options import add_collection

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run it; return the exit code."""
    from xuanzhi.cli.archive.reindex import reindex_collection

    return reindex_collection(options)
