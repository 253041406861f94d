"""`archive add`: addresses that are to be visited again and again."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time
from typing import Any

from archive.dates import warc_date_at
from archive.schedule.policies import Plan, format_duration, plan_of
from archive.schedule.settings import date_reader
from archive.schedule.table import Schedule
from archive.settings import FILE
from capture.identity import NotAWebAddress, identify
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.schedule import open_schedule
from xuanzhi.jobs.visits import addresses
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.failures import UsageError, failure
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["AddOptions", "PlanOptions", "add_arguments", "run"]

_HELP = {
    "label": N_("name of the source; without it, addresses with the same plan share one source"),
    "policy": N_("adaptive (as often as it changes), survival (by age; the default), fixed (--every) or cron (--cron)"),
    "every": N_("interval between visits, such as 6h, 1d, 2w"),
    "cron": N_("cron expression, in the collection's time zone: '30 4 * * *'"),
    "least": N_("shortest interval for the adaptive policy (default: 6h)"),
    "most": N_("longest interval for the adaptive policy (default: 90d)"),
    "until": N_("no visits after this day"),
}


@dataclass(frozen=True)
class PlanOptions:
    """When to visit, as it was typed; the fields are `archive.schedule.policies.PLAN_KEYS`."""

    policy: str
    every: str
    cron: str
    least: str
    most: str
    until: str

    def texts(self) -> dict[str, str]:
        """Return those that were given, by name."""
        return {key: value for key, value in asdict(self).items() if value}


@dataclass(frozen=True)
class AddOptions:
    """Which addresses to put on the schedule, and when to visit them."""

    urls: tuple[str, ...]
    """`-` stands for standard input."""
    files_from: tuple[str, ...]
    """Files that list addresses, one a line."""
    feed: bool
    """Whether the addresses are those of feeds (RSS, Atom)."""
    label: str
    """Name of the source; empty for one that follows from the plan."""
    plan: PlanOptions
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "urls", nargs="*", metavar="URL", help=_("addresses of pages, or - to read them from standard input")
    )
    parser.add_argument(
        "-f",
        "--files-from",
        metavar="LIST",
        action="append",
        default=[],
        help=_(
            "read addresses from LIST, one per line; anything after a space and # is a comment (- for standard input)"
        ),
    )
    parser.add_argument(
        "--feed",
        action="store_true",
        help=_("the addresses are feeds (RSS, Atom, JSON Feed, sitemap); their entries become articles"),
    )
    parser.add_argument(
        "--label",
        metavar="NAME",
        default="",
        help=_("name of the source; without it, addresses with the same plan share one source"),
    )
    for name, label in (
        ("policy", "POLICY"),
        ("every", "TIME"),
        ("cron", "EXPRESSION"),
        ("least", "TIME"),
        ("most", "TIME"),
        ("until", "DAY"),
    ):
        parser.add_argument(f"--{name}", metavar=label, default="", help=_(_HELP[name]))
    add_collection(parser)


def run(options: AddOptions) -> int:
    """Put addresses on the schedule, or give them another plan; return the exit code.

    Raises UsageError, ArchiveError.
    """
    report = Report.of("archive", options.output)
    given = addresses(options.urls, options.files_from)
    given.report_broken(report)
    urls = given.urls
    if not urls and not given.broken:
        raise UsageError(
            "nothing-to-add",
            _("no address given"),
            _("For example: archive add --every 1d https://paper.example/bamboo.html"),
        )
    valid: list[str] = []
    for url in urls:
        try:
            identify(url)
            valid.append(url)
        except NotAWebAddress as error:
            report.fail(url, failure(error))
    with open_schedule(options.collection, report, create=True) as schedule:
        plan_texts = options.plan.texts()
        zone = schedule.settings.defaults.zone
        try:
            plan = plan_of(plan_texts, date_reader(zone))
        except ValueError as error:
            raise UsageError(
                "bad-plan", str(error), _("archive add --help explains policies and intervals.")
            ) from error
        source_of = {url: options.label or (url if options.feed else _name(plan, plan_texts)) for url in valid}
        configured = {each.name for each in schedule.settings.sources}
        for name in {*source_of.values()} & configured:
            raise UsageError(
                "written-source",
                _("the source {source} is defined in {file}", source=name, file=schedule.root / FILE),
                _("Change it there, in an editor; pause and resume work here as well."),
            )
        if valid:
            schedule.change(list(_lines(schedule, source_of, "feed" if options.feed else "page", plan_texts)))
        report.done = len(valid)
        for name in dict.fromkeys(source_of.values()):
            count = sum(each == name for each in source_of.values())
            if options.output.as_json:
                report.event(event="added", source=name, count=count, plan=plan._asdict(), feed=options.feed)
            report.say(ngettext("{source}: {count:,} address", "{source}: {count:,} addresses", count, source=name))
    return report.exit_code()


def _lines(schedule: Schedule, source_of: dict[str, str], kind: str, plan: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the lines that add addresses; those that other commands had added elsewhere move."""
    at = warc_date_at(time())
    schedule.sync()
    elsewhere: dict[str, list[str]] = {}
    for url, name in source_of.items():
        for source in schedule.added_sources_of(identify(url).key):
            if source != name:
                elsewhere.setdefault(source, []).append(url)
    for source, urls in elsewhere.items():
        yield {"do": "remove", "at": at, "source": source, "urls": urls}
    for name in dict.fromkeys(source_of.values()):
        urls = [url for url, each in source_of.items() if each == name]
        yield {"do": "add", "at": at, "source": name, "kind": kind, "urls": urls, "plan": plan}


def _name(plan: Plan, texts: dict[str, str]) -> str:
    """Return the source of addresses without a label: all that have the same plan are one."""
    detail = plan.cron or (format_duration(plan.every) if plan.policy == "fixed" else "")
    bounds = [f"{key} {texts[key]}" for key in ("least", "most", "until") if key in texts]
    return " ".join(each for each in (plan.policy, detail, *bounds) if each)
