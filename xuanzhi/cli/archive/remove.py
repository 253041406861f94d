"""`archive remove`: take sources or addresses off the schedule; what was captured stays."""

from argparse import ArgumentParser

from xuanzhi.cli.schedule import ScheduleChangeOptions, add_change, change_schedule

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_change(parser)


def run(options: ScheduleChangeOptions) -> int:
    """Remove sources or addresses; return the exit code. Raises UsageError, ArchiveError."""
    return change_schedule(options, "remove")
