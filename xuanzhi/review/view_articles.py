"""Views of articles: their list and search, one with the timeline of its captures, and two versions side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import Response

from archive.catalogue.articles import (
    SORTS,
    Article,
    ArticleDetail,
    Capture,
    ManyArticles,
    NoSuchArticle,
    Selection,
    Version,
)
from archive.catalogue.history import VersionChange
from archive.catalogue.search import phrases, plain, snippet
from archive.collection.reader import CollectionReader
from archive.diff.compare import compare as compare_texts
from archive.errors import ArchiveError, Damaged
from clean.document import State
from xuanzhi.review.request import ReviewRequest
from xuanzhi.review.rows import difference_rows
from xuanzhi.review.view_items import render_text

__all__ = ["article", "articles", "compare"]


class TimelineCapture(NamedTuple):
    """A capture on the timeline."""

    capture: Capture
    version: Version | None
    change: VersionChange | None
    """The change that came with it, where it brought a text that was new."""
    turned: bool
    """Whether its state is another than that of the capture before it."""
    replay: str
    """Address at a replay tool; empty where none is set up or it is a snapshot."""


def article(request: ReviewRequest) -> Response:
    """Show an article: its current text and its timeline."""
    with request.app.open_collection() as collection:
        of = _detail(collection, request.query.get("key", ""))
        if of is None:
            return request.nothing_here()
        current = next((version for version in of.versions if version.current), None)
        text = None
        damage = ""
        if current:
            try:
                markdown = collection.text_at(current.record)
                text = render_text(request, collection, markdown)
            except Damaged as error:
                damage = str(error)
        stops = _stops(request, of, collection.changes([of.row.id]))
    return request.page("article.html", of=of, row=of.row, current=current, text=text, stops=stops, damage=damage)


def compare(request: ReviewRequest) -> Response:
    """Show the difference of any two versions of an article."""
    with request.app.open_collection() as collection:
        of = _detail(collection, request.query.get("key", ""))
        if of is None:
            return request.nothing_here()
        try:
            before, after = (of.version(request.query.get(name, "")) for name in ("before", "after"))
        except ArchiveError:
            return request.nothing_here()
        old, new = (collection.text_at(version.record) for version in (before, after))
    difference = compare_texts(old, new)
    shown = difference_rows(difference, full=request.query.get("view") == "full")
    return request.page(
        "compare.html", of=of, row=of.row, before=before, after=after, rows=shown, fields=difference.fields,
        pictures={},
    )  # fmt: skip


def _detail(collection: CollectionReader, key: str) -> ArticleDetail | None:
    """Return the article of a key or an address; None where there is none, or words of several titles."""
    try:
        return collection.article_detail(key)
    except (NoSuchArticle, ManyArticles):
        return None


def _stops(request: ReviewRequest, of: ArticleDetail, known: list[VersionChange]) -> list[TimelineCapture]:
    """Return the timeline, the newest first."""
    versions = {version.id: version for version in of.versions}
    brought = {change.capture: change for change in known}
    stops, state = [], ""
    for capture in of.captures:
        turned = bool(state) and capture.state != state
        state = capture.state
        version = versions.get(capture.version or 0)
        replay = request.app.replay_address(capture.fetched_at, capture.url) if capture.kind == "visit" else ""
        stops.append(TimelineCapture(capture, version, brought.get(capture.id), turned, replay))
    stops.reverse()
    return stops


# The articles of the collection: all of them, or those that hold what is asked for.


AT_ONCE = 100
"""Articles on one page."""


class ArticleLine(NamedTuple):
    """An article, and where its text has what was asked for."""

    row: Article
    pieces: list[tuple[str, bool]]
    """A piece of the text, cut so that hits are pieces of their own, and whether each is one."""


class _Found(NamedTuple):
    lines: list[ArticleLine]
    total: int
    more: bool
    """Whether there may be others than those counted."""


def articles(request: ReviewRequest) -> Response:
    """Show the articles that match."""
    query, source, state = (request.query.get(name, "").strip() for name in ("q", "source", "state"))
    sort = request.query.get("sort", "")
    selection = Selection(sources=(source,) if source else (), states=(state,) if state in set(State) else ())
    with request.app.open_collection() as collection:
        wanted = phrases(query)
        if wanted:
            hits = collection.search(wanted, selection, limit=AT_ONCE)
            by_row = collection.articles_by_row([match.article for match in hits.matches])
            lines = [
                ArticleLine(by_row[match.article], _pieces(_text(collection, match.record), wanted))
                for match in hits.matches
                if match.article in by_row
            ]
            found = _Found(lines, hits.total, not hits.ranked)
        else:
            known = sort if sort in SORTS else "last"
            listed = list(collection.articles(selection, sort=known, reverse=known == "last", limit=AT_ONCE + 1))
            found = _Found([ArticleLine(row, []) for row in listed[:AT_ONCE]], len(listed), len(listed) > AT_ONCE)
        sources = collection.source_names()
    return request.page(
        "articles.html", found=found, query=query, source=source, state=state, sort=sort, sources=sources,
        states=list(State), limit=AT_ONCE,
    )  # fmt: skip


def _text(collection: CollectionReader, record: int) -> str:
    try:
        return plain(collection.text_at(record)).text
    except ArchiveError:
        return ""


def _pieces(text: str, wanted: Sequence[Sequence[str]]) -> list[tuple[str, bool]]:
    """Return the piece of a text that has most of what was asked for, cut at the hits."""
    found = snippet(text, wanted)
    pieces, position = [], 0
    for start, end in found.marks:
        pieces += [(found.text[position:start], False), (found.text[start:end], True)]
        position = end
    return [*pieces, (found.text[position:], False)]
