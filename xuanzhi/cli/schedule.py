"""Helpers of the commands that read or change the schedule."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from archive.collection.collection import Collection
from archive.dates import warc_date_at
from archive.schedule.table import Schedule
from archive.settings import FILE
from capture.identity import NotAWebAddress, identify
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import N_, _
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["ScheduleChangeOptions", "add_change", "change_schedule", "open_schedule"]

_CHANGES = {
    "pause": N_("paused: {name}"),
    "resume": N_("resumed: {name}"),
    "remove": N_("removed from the schedule: {name}; captures stay"),
}


@contextmanager
def open_schedule(path: Path, report: Report, *, create: bool = False) -> Iterator[Schedule]:
    """Open the schedule of a collection, which `create` makes where it does not exist, to change it.

    `report` tells of a recovery. Raises ArchiveError.
    """
    with Collection.open(path, create=create, told=report.recovered) as collection:
        if create:  # what is added shall be on the disk when it is reported
            yield Schedule.of(collection)
            return
        with Schedule.open(collection.path) as schedule:
            yield schedule


@dataclass(frozen=True)
class ScheduleChangeOptions:
    """Whose visits to pause, resume or end."""

    names: tuple[str, ...]
    """Names of sources, or addresses."""
    collection: Path
    output: OutputOptions


def add_change(parser: ArgumentParser) -> None:
    """Add the options of a change: the fields of `ScheduleChangeOptions`."""
    parser.add_argument("names", nargs="+", metavar="SOURCE|URL", help=_("names of sources, or addresses"))
    add_collection(parser)


def change_schedule(options: ScheduleChangeOptions, do: str) -> int:
    """Pause, resume or remove what the names mean (`do`), and report it; return the exit code.

    Raises UsageError for a name that is not scheduled, and ArchiveError.
    """
    report = Report.of("archive", options.output)
    with open_schedule(options.collection, report) as schedule:
        schedule.sync()
        lines = [line for name in options.names for line in _lines_of(schedule, do, name)]
        schedule.change(lines)
        for line in lines:
            report.done += 1
            if options.output.as_json:
                report.event(event=do, source=line["source"], urls=line["urls"])
            report.say(_(_CHANGES[do], name=", ".join(line["urls"]) or line["source"]))
    return report.exit_code()


def _lines_of(schedule: Schedule, do: str, name: str) -> list[dict[str, Any]]:
    """Return the lines that change what a name means: a whole source, or an address in all sources that have it."""
    at, origin = warc_date_at(time()), schedule.source_origin(name)
    if origin is not None:
        if do == "remove" and origin == FILE:
            raise UsageError(
                "written-source",
                _("the source {source} is defined in {file}", source=name, file=schedule.root / FILE),
                _("Change it there, in an editor; pause and resume work here as well."),
            )
        return [{"do": do, "at": at, "source": name, "urls": []}]
    try:
        key = identify(name).key
    except NotAWebAddress:
        key = ""
    sources = schedule.sources_of(key)
    if not sources:
        known = schedule.source_names(limit=10)
        raise UsageError(
            "not-scheduled",
            _(
                "nothing on the schedule is named {name}; the sources are: {known}",
                name=name,
                known="; ".join(known) or _("none"),
            ),
            _("`archive due --all` lists addresses with their sources."),
        )
    return [{"do": do, "at": at, "source": source, "urls": [name]} for source in sources]
