"""`archive show`: all that is known of an article."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.articles import ArticleDetail, Capture, Version
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from xuanzhi.cli.options import add_collection, decode_argument
from xuanzhi.messages import N_, _
from xuanzhi.output.failures import failure
from xuanzhi.output.labels import STATES, notice_words
from xuanzhi.output.report import OutputOptions, Report, article_fields
from xuanzhi.output.terminal import aligned, line, readable_time

__all__ = ["ShowOptions", "add_arguments", "run"]

_LABELS = {
    "key": N_("key"),
    "url": N_("address"),
    "source": N_("source"),
    "date": N_("date"),
    "file": N_("file"),
    "alias": N_("alias"),
    "migration": N_("migrated"),
    "visit": N_("visit"),
    "snapshot": N_("snapshot"),
}

_DIGEST = 12
"""Characters of a digest that are shown; with -v it is whole."""


@dataclass(frozen=True)
class ShowOptions:
    """Which articles to show."""

    articles: tuple[str, ...]
    """Keys, addresses or titles."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "articles", nargs="+", metavar="ARTICLE", help=_("an address, a key, a Markdown file, or words from a title")
    )
    add_collection(parser)


def run(options: ShowOptions) -> int:
    """Show articles one after the other; return the exit code. One that is not there costs no other."""
    report = Report.of("archive", options.output)
    with CollectionReader.open(options.collection) as collection:
        for name in options.articles:
            try:
                shown = collection.article_detail(decode_argument(name))
            except ArchiveError as error:
                report.fail(name, failure(error))
                continue
            report.done += 1
            if report.as_json:
                report.event(event="article", **_fields(shown, options))
                continue
            for text in _lines(shown, options):
                report.say(text)
    return report.exit_code()


def _fields(shown: ArticleDetail, options: ShowOptions) -> dict[str, object]:
    names = {version.id: version.clean_sha256 for version in shown.versions}
    return {
        **article_fields(shown.row, options.collection),
        "aliases": shown.aliases,
        "states": [each._asdict() for each in shown.states],
        "migrations": [each._asdict() for each in shown.migrations],
        "versions": [_plain(each) for each in shown.versions],
        "captures": [{**_plain(each), "version": names.get(each.version or 0)} for each in shown.captures],
    }


def _plain(each: Version | Capture) -> dict[str, object]:
    """Return the facts of a version or a capture, without the numbers of rows, which mean nothing elsewhere."""
    facts = {name: value for name, value in each._asdict().items() if name not in {"id", "record"}}
    return {**facts, "place": each.place._asdict()}


def _lines(shown: ArticleDetail, options: ShowOptions) -> Iterator[str]:
    row = shown.row
    yield line(row.title)
    file = str(options.collection / row.markdown) if row.markdown else ""
    facts = [("key", row.key), ("url", row.url), ("source", row.source), ("date", row.date), ("file", file)]
    facts += [("alias", key) for key in shown.aliases]
    facts += [("migration", f"{each.article} → {each.target_article or each.target}") for each in shown.migrations]
    yield from _indented([(_(_LABELS[name]), value) for name, value in facts if value])
    yield f"  {_('states, first and last seen (UTC):')}"
    yield from _indented(
        [
            (
                _(STATES[each.state]),
                readable_time(each.first),
                readable_time(each.last),
                str(each.times),
                notice_words(each.state, each.notice),
            )
            for each in shown.states
        ],
        2,
    )
    if shown.versions:
        yield f"  {_('versions ({count:,}):', count=len(shown.versions))}"
        yield from _indented([_version(each, verbose=options.output.verbose) for each in shown.versions], 2)
    yield "  " + _("captures ({count:,}), fetched (UTC):", count=len(shown.captures))
    numbers = {version.id: version.number for version in shown.versions}
    yield from _indented([_capture(each, numbers, verbose=options.output.verbose) for each in shown.captures], 2)


def _version(each: Version, *, verbose: bool) -> tuple[str, ...]:
    return (
        str(each.number),
        each.clean_sha256 if verbose else each.clean_sha256[:_DIGEST],
        readable_time(each.first),
        _("current") if each.current else "",
        f"{each.place.folder}/{each.place.name} @ {each.place.offset}",
    )


def _capture(each: Capture, numbers: dict[int, int], *, verbose: bool) -> tuple[str, ...]:
    record = each.record_id.removeprefix("urn:uuid:")
    version = numbers.get(each.version or 0)
    return (
        str(each.number),
        record if verbose else record[:8],
        readable_time(each.fetched_at),
        _(_LABELS[each.kind]),
        each.state,
        _("version {number}", number=version) if version else "",
        f"{each.place.folder}/{each.place.name} @ {each.place.offset}",
    )


def _indented(rows: list[tuple[str, ...]], depth: int = 1) -> Iterator[str]:
    for text in aligned(rows, widest=64):
        yield "  " * depth + text
