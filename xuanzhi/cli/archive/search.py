"""`archive search`: full text, with the place of each hit."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.search import SearchHit, Snippet, marks, phrases, plain, search, snippet
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError, storage_errors
from xuanzhi.cli.options import (
    SelectionOptions,
    add_collection,
    add_limit,
    add_selection,
    check_limit,
    decode_argument,
)
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import line
from xuanzhi.words import word

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
    parser.add_argument("words", nargs="+", metavar="WORDS", help=word("help.archive.search.words"))
    add_collection(parser)
    parser.add_argument("--title", action="store_true", help=word("help.archive.search.title"))
    parser.add_argument("--all-versions", action="store_true", help=word("help.archive.search.all-versions"))
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
        raise UsageError("no-words")
    with CollectionReader.open(options.collection) as holdings:
        result = search(
            holdings.catalogue, query, wanted,
            limit=most, all_versions=options.all_versions, in_title=options.title,
        )  # fmt: skip
        for match in result.matches:
            _print_match(report, holdings, match, query, options)
    if report.as_json:
        report.event(event="searched", total=result.total, more=result.more, not_indexed=result.missing)
    key = "search.none" if not result.total else "search.more" if result.more else "search.found"
    if not report.as_json:
        report.note(f"archive: {word(key, count=result.total, shown=len(result.matches))}")
    if result.missing:
        report.warn("", 0, word("search.missing", count=result.missing), word("search.missing.hint"))
    return Exit.DONE


def _print_match(
    report: Report, holdings: CollectionReader, match: SearchHit, query: Sequence[Sequence[str]], options: SearchOptions
) -> None:
    with storage_errors(holdings.path, reading=True):
        key, source, date, state, markdown, sha256, current = holdings.catalogue.one(
            "SELECT key, source, date, latest_state, markdown, clean_sha256, version.id IS current_version"
            " FROM version JOIN article ON article.id = version.article WHERE version.id = ?",
            match.version,
        )
    try:
        title, text = plain(holdings.record_at(match.record).block.decode("utf-8", "replace"))
        piece = snippet(text, query)
    except ArchiveError:  # the match is in the index; its file is damaged since
        title, piece = key, Snippet("", [])
    if report.as_json:
        report.event(
            event="match", article=key, title=title, source=source, date=date, state=state, version=sha256,
            current=bool(current), snippet=piece.text, marks=piece.marks,
            output=str(options.collection / markdown) if markdown else None,
        )  # fmt: skip
        return
    about = [source, date, *([] if state == "live" else [word(f"state.{state}")])]
    if not current:
        about.append(word("search.earlier", version=sha256[:12]))
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
