"""`archive add`: addresses that are to be visited again and again."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any

from archive.collection.collection import Collection
from archive.schedule.due import moment
from archive.schedule.policies import KEYS, Plan, plan_of, spoken
from archive.schedule.settings import date_reader
from archive.schedule.table import Schedule
from archive.settings import FILE
from capture.identity import NotAWebAddress, identify
from xuanzhi.cli.options import add_collection, collection_path
from xuanzhi.jobs.visits import addresses
from xuanzhi.output.failures import UsageError, failure
from xuanzhi.output.report import Report
from xuanzhi.words import word

__all__ = ["add", "add_arguments", "opened", "pause", "remove", "resume", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("urls", nargs="*", metavar="URL", help=word("help.add.urls"))
    parser.add_argument(
        "-f", "--files-from", metavar="LIST", action="append", default=[], help=word("help.capture.list")
    )
    parser.add_argument("--feed", action="store_true", help=word("help.add.feed"))
    parser.add_argument("--label", metavar="NAME", default="", help=word("help.add.label"))
    for name, label in (
        ("policy", "POLICY"),
        ("every", "TIME"),
        ("cron", "EXPRESSION"),
        ("least", "TIME"),
        ("most", "TIME"),
        ("until", "DAY"),
    ):
        parser.add_argument(f"--{name}", metavar=label, default="", help=word(f"help.add.{name}"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run the part; return the exit code."""
    return add(options)


# `archive add`, `pause`, `resume`, `remove`: what people change in the schedule.


def add(options: Namespace) -> int:
    """Put addresses on the schedule, or give them another plan."""
    report = _report(options)
    urls = addresses(options.urls, options.files_from)
    if not urls:
        raise UsageError("nothing-to-add")
    good: list[str] = []
    for url in urls:
        try:
            identify(url)
            good.append(url)
        except NotAWebAddress as error:
            report.fail(url, failure(error))
    with opened(options, create=True) as schedule:
        said = {key: str(value) for key in KEYS if (value := getattr(options, key))}
        zone = schedule.settings.manners.zone
        try:
            plan = plan_of(said, date_reader(zone))
        except ValueError as error:
            raise UsageError("bad-plan", reason=error) from error
        named = {url: options.label or (url if options.feed else _name(plan, said)) for url in good}
        written = {each.name for each in schedule.settings.sources}
        for name in {*named.values()} & written:
            raise UsageError("written-source", source=name, file=schedule.root / FILE)
        if good:
            schedule.change(list(_lines(schedule, named, "feed" if options.feed else "page", said)))
        report.done = len(good)
        for name in dict.fromkeys(named.values()):
            count = sum(each == name for each in named.values())
            if options.json:
                report.event(event="added", source=name, count=count, plan=plan._asdict(), feed=options.feed)
            report.say(word("schedule.added", source=name, count=count))
    return report.exit_code()


def _lines(schedule: Schedule, named: dict[str, str], kind: str, plan: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the lines that add addresses; those that other commands had added elsewhere move."""
    at = moment(time())
    schedule.sync()
    elsewhere: dict[str, list[str]] = {}
    for url, name in named.items():
        for source in schedule.added_sources_of(identify(url).key):
            if source != name:
                elsewhere.setdefault(source, []).append(url)
    for source, urls in elsewhere.items():
        yield {"do": "remove", "at": at, "source": source, "urls": urls}
    for name in dict.fromkeys(named.values()):
        urls = [url for url, each in named.items() if each == name]
        yield {"do": "add", "at": at, "source": name, "kind": kind, "urls": urls, "plan": plan}


def _name(plan: Plan, said: dict[str, str]) -> str:
    """Return the source of addresses without a label: all that have the same plan are one."""
    detail = plan.cron or (spoken(plan.every) if plan.policy == "fixed" else "")
    bounds = [f"{key} {said[key]}" for key in ("least", "most", "until") if key in said]
    return " ".join(each for each in (plan.policy, detail, *bounds) if each)


def pause(options: Namespace) -> int:
    """Visit sources or addresses no more, for a while."""
    return _change(options, "pause")


def resume(options: Namespace) -> int:
    """Visit them again."""
    return _change(options, "resume")


def remove(options: Namespace) -> int:
    """Take sources or addresses off the schedule; what was captured stays."""
    return _change(options, "remove")


def _change(options: Namespace, do: str) -> int:
    report = _report(options)
    with opened(options) as schedule:
        schedule.sync()
        lines = [line for name in options.names for line in _meant(schedule, do, name)]
        schedule.change(lines)
        for line in lines:
            report.done += 1
            if options.json:
                report.event(event=do, source=line["source"], urls=line["urls"])
            report.say(word(f"schedule.{do}", name=", ".join(line["urls"]) or line["source"]))
    return report.exit_code()


def _meant(schedule: Schedule, do: str, name: str) -> list[dict[str, Any]]:
    """Return the lines that change what a name means: a whole source, or an address in all sources that have it."""
    at, origin = moment(time()), schedule.source_origin(name)
    if origin is not None:
        if do == "remove" and origin == FILE:
            raise UsageError("written-source", source=name, file=schedule.root / FILE)
        return [{"do": do, "at": at, "source": name, "urls": []}]
    try:
        key = identify(name).key
    except NotAWebAddress:
        key = ""
    sources = schedule.sources_of(key)
    if not sources:
        known = schedule.source_names(limit=10)
        raise UsageError("not-scheduled", name=name, known="; ".join(known) or word("schedule.none"))
    return [{"do": do, "at": at, "source": source, "urls": [name]} for source in sources]


def _report(options: Namespace) -> Report:
    return Report.of("archive", options)


@contextmanager
def opened(options: Namespace, *, create: bool = False) -> Iterator[Schedule]:
    """Open the schedule of the collection that is meant. Raises ArchiveError."""
    with Collection.open(collection_path(options), create=create) as collection:
        if create:  # what is added shall be on the disk when it is reported
            yield Schedule.of(collection)
            return
        with Schedule.open(collection.path) as schedule:
            yield schedule
