"""`archive accept`: a known loss in a journal, accepted by a person, so that verification does not find it for ever."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive.collection.collection import Collection
from archive.maintenance.acceptance import ACCEPTABLE, accept_loss
from xuanzhi.cli.options import add_collection, user_name
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["AcceptOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class AcceptOptions:
    """Which loss to accept, why, and who says so."""

    file: str
    reason: str
    reviewer: str
    """Empty for the name of the user on this machine."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", choices=ACCEPTABLE, metavar="FILE", help=_("schedule.jsonl or runs.jsonl"))
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help=_("how it came about; kept with the acceptance")
    )
    parser.add_argument(
        "--reviewer", default="", metavar="NAME", help=_("the name kept with the acceptance (default: your user name)")
    )
    add_collection(parser)


def run(options: AcceptOptions) -> int:
    """Accept it; return the exit code. Raises UsageError, NothingToAccept, and what opening raises."""
    report = Report.of("archive", options.output)
    if not options.reason.strip():
        raise UsageError("no-reason", _("an acceptance needs a reason"), _("Say how the loss came about."))
    reviewer = options.reviewer.strip() or user_name()
    with Collection.open(options.collection, create=False, told=report.recovered) as collection:
        accepted = accept_loss(collection, options.file, reason=options.reason.strip(), reviewer=reviewer)
    if options.output.as_json:
        report.event(
            event="accepted", file=accepted.file, reason=accepted.reason, reviewer=accepted.reviewer, at=accepted.at,
            length=accepted.now.length, sha256=accepted.now.digest,
        )  # fmt: skip
    report.say(_("{file}: what is lost is accepted; any other change is found as before", file=options.file))
    return Exit.DONE
