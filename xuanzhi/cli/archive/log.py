"""`archive log`: the events of a collection by the names of PREMIS, the newest last."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive.collection.reader import CollectionReader
from xuanzhi.cli.options import SelectionOptions, add_collection, add_selection
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import aligned, readable_time

__all__ = ["LogOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class LogOptions:
    """Whose events to list."""

    selection: SelectionOptions
    """Its days are those of the events."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser, days="archive.log")


def run(options: LogOptions) -> int:
    """List the events of the articles that match; return the exit code.

    Raises UsageError, and what opening the collection and selecting raise.
    """
    report, wanted = Report.of("archive", options.output), options.selection.to_selection()
    with CollectionReader.open(options.collection) as collection:
        history = collection.events(wanted)
        if report.as_json:
            for each in history:
                values = each._asdict()
                report.event(event="event", article=values.pop("key"), **values)
            return Exit.DONE
        table = [(readable_time(each.at), each.type, each.outcome, each.title) for each in history]
    for text in aligned(table, widest=40):
        report.say(text)
    report.note(f"archive: {_('events: {count:,}', count=len(table))}")
    return Exit.DONE
