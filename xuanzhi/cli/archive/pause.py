"""`archive pause`: visit sources or addresses no more, for a while."""

from argparse import ArgumentParser

from xuanzhi.cli.schedule import ScheduleChangeOptions, add_change, change_schedule

__all__ = ["add_arguments", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_change(parser)


def run(options: ScheduleChangeOptions) -> int:
    """Pause sources or addresses; return the exit code. Raises UsageError, ArchiveError."""
    return change_schedule(options, "pause")
