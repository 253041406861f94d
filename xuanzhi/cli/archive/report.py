"""`archive report`: the changes that visits found, for people, machines, browsers and feed readers."""

from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from archive.collection.reader import CollectionReader
from archive.dates import exact
from archive.schedule.outcomes import GONE_OUTCOMES, MISSED_OUTCOMES, ChangeEvent, changed_share_of
from archive.schedule.policies import parse_duration
from archive.schedule.report import ChangeReport, change_log, change_report, source_or_host
from archive.schedule.settings import date_reader
from archive.schedule.table import Schedule
from archive.storage import write_atomically
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import N_, _, language, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.labels import EVENTS, OUTCOMES
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import percent

__all__ = ["ReportOptions", "add_arguments", "run"]

_HEADINGS = {
    "when": N_("When (UTC)"),
    "source": N_("Source"),
    "what": N_("What"),
    "article": N_("Article"),
}

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class ReportOptions:
    """Which changes to report, and in which form."""

    article: str
    """All visits of this article instead; empty for none."""
    since: str
    """A day, or a length of time that counts back from now; empty for no bound."""
    until: str
    """Likewise."""
    sources: tuple[str, ...]
    """Names of sources; none for all."""
    html: bool
    atom: bool
    file: str
    """Where HTML or Atom is written to; empty for standard output."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "article",
        nargs="?",
        default="",
        metavar="ARTICLE",
        help=_("all visits to one article: its address, key, Markdown file or words from its title"),
    )
    parser.add_argument(
        "--since", default="", metavar="DAY|TIME", help=_("from this day on (2026-11-22), or from this long ago (7d)")
    )
    parser.add_argument("--until", default="", metavar="DAY|TIME", help=_("before this day, or until this long ago"))
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME",
        dest="sources",
        help=_("only this account or site; may be repeated"),
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--html", action="store_true", help=_("as a page"))
    form.add_argument("--atom", action="store_true", help=_("as an Atom feed"))
    parser.add_argument(
        "-o", "--output", default="", metavar="FILE", dest="file", help=_("write the page or the feed to FILE")
    )
    add_collection(parser)


def run(options: ReportOptions) -> int:
    """Report the changes within a span of time, or all visits of one article; return the exit code.

    Raises UsageError for a day that is none, and what opening the collection and finding the article raise.
    """
    out = Report.of("archive", options.output)
    with CollectionReader.open(options.collection) as collection, Schedule.look(collection) as schedule:
        if options.article:
            _change_log(out, schedule, options.article)
            return Exit.DONE
        since, until = _moment(options.since, schedule), _moment(options.until, schedule)
        wanted = set(options.sources)
        changes = change_report(schedule, since, until, lambda name: not wanted or name in wanted)
        amounts = {each.id: changed_share_of(collection, each.before, each.after) for each in changes.events}
        name = collection.config.name
    if options.output.as_json:
        _as_json(out, changes, amounts)
    elif options.html or options.atom:
        page = _html(changes, amounts, name) if options.html else _atom(changes, amounts, name)
        _write(out, options.file, page)
    else:
        _as_text(out, changes, amounts)
    return Exit.DONE


def _moment(text: str, schedule: Schedule) -> str:
    """Return a day or a moment as the catalogue writes it; a length of time counts back from now."""
    if not text:
        return ""
    try:
        return exact(datetime.fromtimestamp(datetime.now(UTC).timestamp() - parse_duration(text), UTC))
    except ValueError:
        moment = date_reader(schedule.settings.defaults.zone)(text)
    if moment is None:
        raise UsageError(
            "no-such-day",
            _("{day} is not a date", day=text),
            _("Write it as 2026-01-31; 2026 or 2026-01-31T08:00:00Z are accepted as well."),
        )
    return exact(moment)


def _change_log(out: Report, schedule: Schedule, name: str) -> None:
    for line in change_log(schedule, name):
        if out.as_json:
            out.event(event="visit", **line._asdict())
        known = [_(EVENTS[event]) for event in line.events if event != line.outcome]
        out.say("  ".join([line.at[:19] + "Z", _(OUTCOMES[line.outcome]), *known]))


def _as_json(out: Report, changes: ChangeReport, amounts: dict[str, float | None]) -> None:
    for event in changes.events:
        amount = amounts[event.id]
        values = {key: value for key, value in event._asdict().items() if key not in {"before", "after"}}
        values["news"] = values.pop("event")
        out.event(event="news", **values, amount=None if amount is None else round(amount, 4))
    for source, counter in changes.outcomes.items():
        out.event(event="source", source=source, **_counts(changes, source), outcomes=dict(sorted(counter.items())))


def _counts(changes: ChangeReport, source: str) -> dict[str, int]:
    of = [event.event for event in changes.of(source)]
    return {kind: of.count(kind) for kind in ("new", "changed", "gone", "restored", "failing")}


def _as_text(out: Report, changes: ChangeReport, amounts: dict[str, float | None]) -> None:
    visits = sum(counter.total() for counter in changes.outcomes.values())
    out.say(
        ngettext(
            "{count:,} visit since {since}",
            "{count:,} visits since {since}",
            visits,
            since=changes.since[:16] or _("the beginning"),
        )
    )
    for source, counter in changes.outcomes.items():
        counts = [f"{_(EVENTS[kind])} {count:,}" for kind, count in _counts(changes, source).items() if count]
        missed = sum(counter[outcome] for outcome in MISSED_OUTCOMES)
        counts += (
            [ngettext("{count:,} visit failed to see it", "{count:,} visits failed to see it", missed)]
            if missed
            else []
        )
        out.say(f"\n{source}: {_(', ').join(counts) or _('nothing new')}")
        for event in changes.of(source):
            out.say(f"  {event.at[:16]}Z  {_summary(event, amounts[event.id])}  {event.title or event.url}")


def _summary(event: ChangeEvent, amount: float | None) -> str:
    """Return what an event was, in a few words."""
    parts = [_(EVENTS[event.event])]
    if amount is not None:
        parts.append(percent(amount))
    if event.event == "gone" and event.outcome in GONE_OUTCOMES:
        parts.append(_(OUTCOMES[event.outcome]))
    if event.target:
        parts.append(f"→ {event.target}")
    return " ".join(parts)


def _html(changes: ChangeReport, amounts: dict[str, float | None], name: str) -> str:
    rows = "\n".join(
        f"<tr class={event.event}><td><time datetime={event.at}>{event.at[:16].replace('T', ' ')}</time>"
        f"<td>{escape(source_or_host(event.source, event.url))}<td>{escape(_summary(event, amounts[event.id]))}"
        f'<td><a href="{escape(event.url)}" rel=noreferrer>{escape(event.title or event.url)}</a>'
        for event in changes.events
    )
    title = escape(_("What visits to {name} found", name=name))
    head = "".join(f"<th>{escape(_(_HEADINGS[key]))}" for key in ("when", "source", "what", "article"))
    style = (
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
        "border-bottom:1px solid #ccc}.gone td:nth-child(3){font-weight:bold}"
    )
    lang = "zh-CN" if language() == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang={lang}><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>{title}</title><style>{style}</style>\n<h1>{title}</h1>\n<table><tr>{head}\n{rows}\n</table></html>\n"
    )


def _atom(changes: ChangeReport, amounts: dict[str, float | None], name: str) -> str:
    """Return the news as an Atom feed (RFC 4287), the latest first. Its names follow from the records."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")

    def put(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
        element.text = "".join(character for character in text if character.isprintable()) or None
        return element

    latest = changes.events[-1].at if changes.events else changes.since or "1970-01-01T00:00:00Z"
    put(feed, "id", f"urn:xuanzhi:report:{name}")
    put(feed, "title", _("What visits to {name} found", name=name))
    put(feed, "updated", latest)
    put(put(feed, "author"), "name", name)
    for event in reversed(changes.events):
        entry = put(feed, "entry")
        put(entry, "id", f"{event.id.replace('/', ':')}")
        put(entry, "title", f"{_summary(event, amounts[event.id])}: {event.title or event.url}")
        put(entry, "updated", event.at)
        put(entry, "link", href=event.url)
        put(entry, "category", term=event.event)
        put(entry, "summary", f"{source_or_host(event.source, event.url)} · {event.url}")
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(feed, encoding="unicode") + "\n"


def _write(out: Report, output: str, text: str) -> None:
    if not output:
        print(text, end="")
        return
    write_atomically(Path(output), text.encode("utf-8", "replace"))
    out.say(output)
