"""`archive search`: full text, with the place of each hit."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.search import SearchHit, Snippet, marks, phrases, plain, snippet
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from xuanzhi.cli.options import (
    SelectionOptions,
    add_collection,
    add_limit,
    add_selection,
    check_limit,
    decode_argument,
)
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.labels import STATES
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import line

__all__ = ["SearchOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class SearchOptions:
    """What to search for, and where."""

    words: tuple[str, ...]
    title: bool
    """Only in titles."""
    all_versions: bool
    """Also in versions that are not current."""
    limit: int
    """0 for all."""
    selection: SelectionOptions
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("words", nargs="+", metavar="WORDS", help=_("words, or a phrase in quotation marks"))
    add_collection(parser)
    parser.add_argument("--title", action="store_true", help=_("search titles only"))
    parser.add_argument(
        "--all-versions",
        action="store_true",
        help=_("search earlier versions as well (default: current versions only)"),
    )
    add_limit(parser, 20)
    add_selection(parser, positional=False)


def run(options: SearchOptions) -> int:
    """Search and print each match; return the exit code.

    Raises UsageError for a query without a word, and what opening the collection and selecting raise.
    """
    report = Report.of("archive", options.output)
    wanted, most = options.selection.to_selection(), check_limit(options.limit)
    query = phrases(decode_argument(" ".join(options.words)))
    if not query:
        raise UsageError(
            "no-words",
            _("there are no words to search for"),
            _("Give at least one letter, digit or ideograph: archive search 宣纸"),
        )
    with CollectionReader.open(options.collection) as collection:
        result = collection.search(query, wanted, limit=most, all_versions=options.all_versions, in_title=options.title)
        for match in result.matches:
            _print_match(report, collection, match, query, options)
    if report.as_json:
        report.event(event="searched", total=result.total, more=result.more, not_indexed=result.missing)
    key = (
        N_("nothing found")
        if not result.total
        else N_("more than {count:,} found, the {shown:,} newest shown; add another word to rank by relevance")
        if result.more
        else N_("{count:,} found, {shown:,} shown")
    )
    if not report.as_json:
        report.note(f"archive: {_(key, count=result.total, shown=len(result.matches))}")
    if result.missing:
        report.warn(
            "",
            0,
            ngettext(
                "{count:,} version is not in the index and was not searched",
                "{count:,} versions are not in the index and were not searched",
                result.missing,
            ),
            _("`clean` and `capture` index whatever can be read the next time they open the collection."),
        )
    return Exit.DONE


def _print_match(
    report: Report,
    collection: CollectionReader,
    match: SearchHit,
    query: Sequence[Sequence[str]],
    options: SearchOptions,
) -> None:
    detail = collection.hit_detail(match)
    try:
        title, text = plain(collection.text_at(match.record))
        piece = snippet(text, query)
    except ArchiveError:  # the match is in the index; its file is damaged since
        title, piece = detail.key, Snippet("", [])
    if report.as_json:
        report.event(
            event="match", article=detail.key, title=title, source=detail.source, date=detail.date, state=detail.state,
            version=detail.clean_sha256, current=bool(detail.current), snippet=piece.text, marks=piece.marks,
            output=str(options.collection / detail.markdown) if detail.markdown else None,
        )  # fmt: skip
        return
    about = [detail.source, detail.date, *([] if detail.state == "live" else [_(STATES[detail.state])])]
    if not detail.current:
        about.append(_("earlier version {version}", version=detail.clean_sha256[:12]))
    head = _marked(Snippet(title, marks(title, query)))
    report.say("  ".join(line(each) for each in (head, *about) if each))
    if piece.text:
        report.say(f"    {line(_marked(piece))}")


def _marked(piece: Snippet) -> str:
    """Return the text with its hits between angles, which no language of ours uses within a word."""
    text = piece.text
    for start, end in reversed(piece.marks):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text
