"""The articles of the collection: all of them, or those that hold what is asked for."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import Response

from archive.catalogue.articles import SORTS, Row, Selection, rows
from archive.catalogue.connection import Catalogue
from archive.catalogue.search import phrases, plain, search, snippet
from archive.collection.collection import Holdings
from archive.errors import ArchiveError
from clean.document import State
from xuanzhi.review.request import Asked

__all__ = ["articles"]

AT_ONCE = 100
"""Articles on one page."""


class Line(NamedTuple):
    """An article, and where its text has what was asked for."""

    row: Row
    pieces: list[tuple[str, bool]]
    """A piece of the text, cut so that hits are pieces of their own, and whether each is one."""


class _Found(NamedTuple):
    lines: list[Line]
    total: int
    more: bool
    """Whether there may be others than those counted."""


def articles(asked: Asked) -> Response:
    """Show the articles that are meant."""
    query, source, state = (asked.query.get(name, "").strip() for name in ("q", "source", "state"))
    sort = asked.query.get("sort", "")
    selection = Selection(sources=(source,) if source else (), states=(state,) if state in set(State) else ())
    with asked.room.holdings() as holdings:
        wanted = phrases(query)
        if wanted:
            hits = search(holdings.catalogue, wanted, selection, limit=AT_ONCE)
            by_row = _rows(holdings.catalogue, [match.article for match in hits.matches])
            lines = [
                Line(by_row[match.article], _pieces(_text(holdings, match.record), wanted))
                for match in hits.matches
                if match.article in by_row
            ]
            found = _Found(lines, hits.total, not hits.ranked)
        else:
            known = sort if sort in SORTS else "last"
            listed = list(rows(holdings.catalogue, selection, sort=known, reverse=known == "last", limit=AT_ONCE + 1))
            found = _Found([Line(row, []) for row in listed[:AT_ONCE]], len(listed), len(listed) > AT_ONCE)
        sources = [name for (name,) in holdings.catalogue.execute("SELECT DISTINCT source FROM article ORDER BY 1")]
    return asked.page(
        "articles.html", found=found, query=query, source=source, state=state, sort=sort, sources=sources,
        states=list(State), limit=AT_ONCE,
    )  # fmt: skip


def _text(holdings: Holdings, record: int) -> str:
    try:
        return plain(holdings.record_at(record).block.decode("utf-8", "replace")).text
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


def _rows(catalogue: Catalogue, articles: Sequence[int]) -> dict[int, Row]:
    keys = catalogue.execute(
        "SELECT key FROM article WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(articles),)
    ).fetchall()
    if not keys:
        return {}
    return {row.id: row for row in rows(catalogue, Selection(articles=tuple(key for (key,) in keys)))}
