"""`archive log`: what happened, newest last."""

from argparse import ArgumentParser, Namespace

from xuanzhi.cli.archive.list import moment
from xuanzhi.cli.options import add_collection, add_selection, opened, selection
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import aligned
from xuanzhi.words import word

__all__ = ["add_arguments", "run", "tell_history"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    add_selection(parser, days="archive.log")


def run(options: Namespace) -> int:
    """Tell; return the exit code."""
    return tell_history(options)


# `archive log`: what happened, by the names of PREMIS, newest last.


def tell_history(options: Namespace) -> int:
    """Tell what happened to the articles that are meant. Raises UsageError, or what opening and selecting raise."""
    report, wanted = Report.of("archive", options), selection(options)
    with opened(options) as holdings:
        found = holdings.events(wanted)
        if report.as_json:
            for each in found:
                told = each._asdict()
                report.event(event="event", article=told.pop("key"), **told)
            return Exit.DONE
        table = [(moment(each.at), each.type, each.outcome, each.title) for each in found]
    for text in aligned(table, widest=40):
        report.say(text)
    report.note(f"archive: {word('log.count', count=len(table))}")
    return Exit.DONE
