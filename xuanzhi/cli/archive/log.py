"""`archive log`: what happened, by the names of PREMIS, newest last."""

from argparse import Namespace

from archive.catalogue.history import events
from xuanzhi.cli.archive.list import moment
from xuanzhi.cli.options import opened, selection
from xuanzhi.exits import Exit
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import aligned
from xuanzhi.words import word

__all__ = ["tell_history"]


def tell_history(options: Namespace) -> int:
    """Tell what happened to the articles that are meant. Raises UsageError, or what opening and selecting raise."""
    report, wanted = Report.of("archive", options), selection(options)
    with opened(options) as holdings:
        found = events(holdings.catalogue, wanted)
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
