"""`archive due`: the visits that are due. No lock is taken."""

from argparse import ArgumentParser
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import time

from archive.collection.reader import CollectionReader
from archive.dates import warc_date_at
from archive.schedule.policies import format_duration
from archive.schedule.report import schedule_health
from archive.schedule.table import Schedule
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import whole_number
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["DueOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class DueOptions:
    """How much of the schedule to list."""

    all: bool
    """Also what is due later."""
    number: int
    """At most so many visits."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--all", action="store_true", help=_("also list visits that are not due yet"))
    parser.add_argument(
        "-n",
        "--number",
        type=whole_number(0),
        default=50,
        metavar="N",
        help=_("show at most this many lines (default: 50)"),
    )
    add_collection(parser)


def run(options: DueOptions) -> int:
    """List what is due now, or with `--all` what will be, the earliest first; return the exit code."""
    report = Report.of("archive", options.output)
    now = time()
    with CollectionReader.open(options.collection) as collection, Schedule.look(collection) as schedule:
        for at, url, kind, source in schedule.due(inf if options.all else now, limit=options.number):
            if options.output.as_json:
                report.event(event="due", at=warc_date_at(at), url=url, kind=kind, source=source)
            when = _("due for {length}", length=format_duration(now - at)) if at <= now else warc_date_at(at)[:16] + "Z"
            report.say(f"{when}  {url}  {source}" if at > 0 else f"{_('never visited')}  {url}  {source}")
        current = schedule_health(schedule, now)
    if not options.output.as_json:
        report.note(
            "archive: " + _("{due:,} due, {scheduled:,} on the schedule", due=current.due, scheduled=current.scheduled)
        )
    return Exit.DONE
