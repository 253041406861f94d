"""`archive runs`: who is at work, and what the last runs did. No lock is taken."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from archive.collection.reader import CollectionReader
from archive.dates import warc_date_at
from archive.schedule.report import ScheduleHealth, last_runs, schedule_health
from archive.schedule.table import Schedule
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import whole_number
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.labels import OUTCOMES
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RunsOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class RunsOptions:
    """How many runs to show."""

    number: int
    """At most so many, the last ones."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "-n",
        "--number",
        type=whole_number(0),
        default=10,
        metavar="N",
        help=_("show at most this many runs (default: 10)"),
    )
    add_collection(parser)


def run(options: RunsOptions) -> int:
    """Show who is at work, which hosts are left alone, and what the last runs did; return the exit code."""
    report = Report.of("archive", options.output)
    with CollectionReader.open(options.collection) as collection, Schedule.look(collection) as schedule:
        status = _status(schedule.root, schedule_health(schedule, time()), options.number)
    if options.output.as_json:
        report.event(**status)
        return Exit.DONE
    report.say(_("{due:,} due, {scheduled:,} on the schedule", due=status["due"], scheduled=status["scheduled"]))
    for each in status["runners"]:
        report.say(
            _(
                "running: process {process}, since {since}, visits: {done:,}",
                process=each["process"],
                since=each["started"],
                done=each["done"],
            )
        )
    for each in status["resting"]:
        report.say(_("not visited: {host}, until {until}", host=each["host"], until=each["until"]))
    for each in status["runs"]:
        visits = sum(each["outcomes"].values())
        counts = [f"{_(OUTCOMES[name])} {count:,}" for name, count in sorted(each["outcomes"].items())]
        line = _(
            "{at}  exit code {code}  visits: {count:,}", at=each["ended"][:19] + "Z", code=each["exit"], count=visits
        )
        report.say("  ".join([line, _(", ").join(counts)]).rstrip())
    return Exit.DONE


def _status(root: Path, current: ScheduleHealth, most: int) -> dict[str, Any]:
    """Return the schedule's health and the last `most` runs as plain data: one object, for a page of statistics."""
    return {
        "event": "schedule", "sources": current.sources, "paused": current.paused, "scheduled": current.scheduled,
        "due": current.due, "due_since": _when(current.due_since), "next": _when(current.next_due),
        "held": current.claimed,
        "resting": [{"host": each.name, "until": _when(each.until)} for each in current.resting],
        "runners": [
            {"name": each.name, "process": each.process, "started": _when(each.started),
             "heard": _when(each.last_heartbeat), "done": each.visits}
            for each in current.runners
        ],
        "runs": last_runs(root, most),
    }  # fmt: skip


def _when(at: float | None) -> str | None:
    return None if at is None else warc_date_at(at)[:19] + "Z"
