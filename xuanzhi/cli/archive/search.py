"""`archive search`: full text."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from archive.catalogue.search import SearchHit, Snippet, marks, phrases, plain, search, snippet
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError, storage_errors
from xuanzhi.cli.options import (
    add_collection,
    add_limit,
    add_selection,
    collection_path,
    limit,
    opened,
    selection,
    typed,
)
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import line
from xuanzhi.words import word

__all__ = ["add_arguments", "run", "search_articles"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("words", nargs="+", metavar="WORDS", help=word("help.archive.search.words"))
    add_collection(parser)
    parser.add_argument("--title", action="store_true", help=word("help.archive.search.title"))
    parser.add_argument("--all-versions", action="store_true", help=word("help.archive.search.all-versions"))
    add_limit(parser, 20)
    add_selection(parser, positional=False)


def run(options: Namespace) -> int:
    """Search; return the exit code."""
    return search_articles(options)


# `archive search`: full text, with the place of each hit.


def search_articles(options: Namespace) -> int:
    """Search, tell each match. Raises UsageError for a query without a word, or what opening and selecting raise."""
    report, wanted, most = Report.of("archive", options), selection(options), limit(options)
    asked = phrases(typed(" ".join(options.words)))
    if not asked:
        raise UsageError("no-words")
    with opened(options) as holdings:
        found = search(
            holdings.catalogue, asked, wanted,
            limit=most, all_versions=options.all_versions, in_title=options.title,
        )  # fmt: skip
        for match in found.matches:
            _tell(report, holdings, match, asked, options)
    if report.as_json:
        report.event(event="searched", total=found.total, more=found.more, not_indexed=found.missing)
    key = "search.none" if not found.total else "search.more" if found.more else "search.found"
    if not report.as_json:
        report.note(f"archive: {word(key, count=found.total, shown=len(found.matches))}")
    if found.missing:
        report.warn("", 0, word("search.missing", count=found.missing), word("search.missing.hint"))
    return Exit.DONE


def _tell(
    report: Report, holdings: CollectionReader, match: SearchHit, asked: Sequence[Sequence[str]], options: Namespace
) -> None:
    with storage_errors(holdings.path, reading=True):
        key, source, date, state, markdown, sha256, current = holdings.catalogue.one(
            "SELECT key, source, date, latest_state, markdown, clean_sha256, version.id IS current_version"
            " FROM version JOIN article ON article.id = version.article WHERE version.id = ?",
            match.version,
        )
    try:
        title, text = plain(holdings.record_at(match.record).block.decode("utf-8", "replace"))
        piece = snippet(text, asked)
    except ArchiveError:  # what was found is there; its file is damaged since
        title, piece = key, Snippet("", [])
    if report.as_json:
        report.event(
            event="match", article=key, title=title, source=source, date=date, state=state, version=sha256,
            current=bool(current), snippet=piece.text, marks=piece.marks,
            output=str(collection_path(options) / markdown) if markdown else None,
        )  # fmt: skip
        return
    about = [source, date, *([] if state == "live" else [word(f"state.{state}")])]
    if not current:
        about.append(word("search.earlier", version=sha256[:12]))
    head = _marked(Snippet(title, marks(title, asked)))
    report.say("  ".join(line(each) for each in (head, *about) if each))
    if piece.text:
        report.say(f"    {line(_marked(piece))}")


def _marked(piece: Snippet) -> str:
    """Return the text with its hits between angles, which no language of ours uses within a word."""
    text = piece.text
    for start, end in reversed(piece.marks):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text
