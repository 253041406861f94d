"""`archive due`: what is due."""

from argparse import ArgumentParser, Namespace
from math import inf
from pathlib import Path
from time import time
from typing import Any

from archive.schedule.due import moment
from archive.schedule.log import Health, health, last_runs
from archive.schedule.policies import spoken
from xuanzhi.cli.archive.add import opened
from xuanzhi.cli.options import add_collection
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import Report
from xuanzhi.words import word

__all__ = ["add_arguments", "due", "run", "runs", "status"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--all", action="store_true", help=word("help.due.all"))
    parser.add_argument("-n", "--number", type=int, default=50, metavar="N", help=word("help.due.number"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    return due(options)


# `archive due` and `archive runs`: what is due, what the last runs did, who is at work. No lock is taken.


def due(options: Namespace) -> int:
    """List what is due now, or with `--all` what will be, the earliest first."""
    report = Report.of("archive", options)
    now = time()
    with opened(options) as schedule:
        schedule.sync()
        for at, url, kind, source in schedule.due(inf if options.all else now, limit=options.number):
            if options.json:
                report.event(event="due", at=moment(at), url=url, kind=kind, source=source)
            when = word("schedule.since", length=spoken(now - at)) if at <= now else moment(at)[:16] + "Z"
            report.say(f"{when}  {url}  {source}" if at > 0 else f"{word('schedule.new')}  {url}  {source}")
        found = health(schedule, now)
    if not options.json:
        report.note(f"archive: {word('schedule.health', due=found.due, scheduled=found.scheduled)}")
    return Exit.DONE


def runs(options: Namespace) -> int:
    """Show who is at work, which hosts are left alone, and what the last runs did."""
    report = Report.of("archive", options)
    with opened(options) as schedule:
        said = status(schedule.root, health(schedule, time()), options.number)
    if options.json:
        report.event(**said)
        return Exit.DONE
    report.say(word("schedule.health", due=said["due"], scheduled=said["scheduled"]))
    for each in said["runners"]:
        report.say(word("schedule.runner", process=each["process"], since=each["started"], done=each["done"]))
    for each in said["resting"]:
        report.say(word("schedule.resting", host=each["host"], until=each["until"]))
    for each in said["runs"]:
        visits = sum(each["outcomes"].values())
        counts = [f"{word(f'outcome.{name}')} {count:,}" for name, count in sorted(each["outcomes"].items())]
        line = word("schedule.run", at=each["ended"][:19] + "Z", code=each["exit"], count=visits)
        report.say("  ".join([line, word("label.comma").join(counts)]).rstrip())
    return Exit.DONE


def status(root: Path, found: Health, most: int) -> dict[str, Any]:
    """Return the schedule's health and the last runs as plain data: one object, for a page of statistics."""
    return {
        "event": "schedule", "sources": found.sources, "paused": found.paused, "scheduled": found.scheduled,
        "due": found.due, "due_since": _when(found.oldest), "next": _when(found.next), "held": found.held,
        "resting": [{"host": each.name, "until": _when(each.rests)} for each in found.resting],
        "runners": [
            {**each._asdict(), "started": _when(each.started), "heard": _when(each.heard)} for each in found.runners
        ],
        "runs": last_runs(root, most),
    }  # fmt: skip


def _when(at: float | None) -> str | None:
    return None if at is None else moment(at)[:19] + "Z"
