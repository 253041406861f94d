"""`archive show`: all that is known of an article."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from archive.catalogue.articles import ArticleDetail, Capture, Version
from archive.errors import ArchiveError
from xuanzhi.cli.archive.list import fields, moment
from xuanzhi.cli.options import add_collection, collection_path, opened, typed
from xuanzhi.output.failures import failure
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import aligned, line
from xuanzhi.words import word

__all__ = ["add_arguments", "run", "show_articles"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("articles", nargs="+", metavar="ARTICLE", help=word("help.select.article"))
    add_collection(parser)


def run(options: Namespace) -> int:
    """Show; return the exit code."""
    return show_articles(options)


# `archive show`: all that is known of an article.


_DIGEST = 12
"""Characters of a digest that are shown; with -v it is whole."""


def show_articles(options: Namespace) -> int:
    """Show articles one after the other; one that is not there costs no other."""
    report = Report.of("archive", options)
    with opened(options) as holdings:
        for name in options.articles:
            try:
                shown = holdings.article_detail(typed(name))
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


def _fields(shown: ArticleDetail, options: Namespace) -> dict[str, object]:
    names = {version.id: version.clean_sha256 for version in shown.versions}
    return {
        **fields(shown.row, options),
        "aliases": shown.aliases,
        "states": [seen._asdict() for seen in shown.states],
        "migrations": [each._asdict() for each in shown.migrations],
        "versions": [_plain(each) for each in shown.versions],
        "captures": [{**_plain(each), "version": names.get(each.version or 0)} for each in shown.captures],
    }


def _plain(each: Version | Capture) -> dict[str, object]:
    """Return what is told of a version or a capture, without the numbers of rows, which mean nothing elsewhere."""
    told = {name: value for name, value in each._asdict().items() if name not in {"id", "record"}}
    return {**told, "place": each.place._asdict()}


def _lines(shown: ArticleDetail, options: Namespace) -> Iterator[str]:
    row = shown.row
    yield line(row.title)
    file = str(collection_path(options) / row.markdown) if row.markdown else ""
    facts = [("key", row.key), ("url", row.url), ("source", row.source), ("date", row.date), ("file", file)]
    facts += [("alias", key) for key in shown.aliases]
    facts += [("migration", f"{each.article} → {each.target_article or each.target}") for each in shown.migrations]
    yield from _indented([(word(f"show.{name}"), value) for name, value in facts if value])
    yield f"  {word('show.states')}"
    yield from _indented(
        [
            (word(f"state.{each.state}"), moment(each.first), moment(each.last), str(each.times), each.notice)
            for each in shown.states
        ],
        2,
    )
    if shown.versions:
        yield f"  {word('show.versions', count=len(shown.versions))}"
        yield from _indented([_version(each, verbose=options.verbose) for each in shown.versions], 2)
    yield f"  {word('show.captures', count=len(shown.captures))}"
    numbers = {version.id: version.number for version in shown.versions}
    yield from _indented([_capture(each, numbers, verbose=options.verbose) for each in shown.captures], 2)


def _version(each: Version, *, verbose: bool) -> tuple[str, ...]:
    return (
        str(each.number),
        each.clean_sha256 if verbose else each.clean_sha256[:_DIGEST],
        moment(each.first),
        word("show.current") if each.current else "",
        f"{each.place.folder}/{each.place.name} @ {each.place.offset}",
    )


def _capture(each: Capture, numbers: dict[int, int], *, verbose: bool) -> tuple[str, ...]:
    record = each.record_id.removeprefix("urn:uuid:")
    version = numbers.get(each.version or 0)
    return (
        str(each.number),
        record if verbose else record[:8],
        moment(each.fetched_at),
        word(f"show.{each.kind}"),
        each.state,
        word("show.version", number=version) if version else "",
        f"{each.place.folder}/{each.place.name} @ {each.place.offset}",
    )


def _indented(rows: list[tuple[str, ...]], depth: int = 1) -> Iterator[str]:
    for text in aligned(rows, widest=64):
        yield "  " * depth + text
