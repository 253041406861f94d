"""`archive search`: full text."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from archive.catalogue.search import SearchHit, Snippet, marks, phrases, plain, snippet
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
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
        found = holdings.search(asked, wanted, limit=most, all_versions=options.all_versions, in_title=options.title)
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
    detail = holdings.hit_detail(match)
    try:
        title, text = plain(holdings.text_at(match.record))
        piece = snippet(text, asked)
    except ArchiveError:  # what was found is there; its file is damaged since
        title, piece = detail.key, Snippet("", [])
    if report.as_json:
        report.event(
            event="match", article=detail.key, title=title, source=detail.source, date=detail.date, state=detail.state,
            version=detail.clean_sha256, current=detail.current, snippet=piece.text, marks=piece.marks,
            output=str(collection_path(options) / detail.markdown) if detail.markdown else None,
        )  # fmt: skip
        return
    about = [detail.source, detail.date, *([] if detail.state == "live" else [word(f"state.{detail.state}")])]
    if not detail.current:
        about.append(word("search.earlier", version=detail.clean_sha256[:12]))
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
