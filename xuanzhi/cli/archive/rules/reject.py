"""`archive rules reject`: rules that are not proposed again, and no longer hold."""

from argparse import ArgumentParser

from xuanzhi.cli.archive.rules.decision import DecisionOptions, add_decision, decide

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_decision(parser)


def run(options: DecisionOptions) -> int:
    """Reject rules by their ids, or those of a tier that nobody has decided about; return the exit code."""
    return decide(options, "rejected")
