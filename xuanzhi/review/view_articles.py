"""One article: the timeline of its captures, its versions, and any two of them side by side."""

from typing import NamedTuple

from starlette.responses import Response

from archive.catalogue.articles import Capture, NoSuchArticle, Portrait, Row, Selection, Version, portrait, rows
from archive.catalogue.connection import Catalogue
from archive.catalogue.history import Change, changes
from archive.collection.collection import Holdings
from archive.diff.compare import compare as compare_texts
from archive.errors import ArchiveError, Damaged
from xuanzhi.review import differing
from xuanzhi.review.request import Asked
from xuanzhi.review.view_items import rendered

__all__ = ["article", "compare"]


class Stop(NamedTuple):
    """A capture on the timeline."""

    capture: Capture
    version: Version | None
    change: Change | None
    """The change that came with it, where it brought a text that was new."""
    turned: bool
    """Whether its state is another than that of the capture before it."""
    replay: str
    """Address at a replay tool; empty where none is set up or it is a snapshot."""


def article(asked: Asked) -> Response:
    """Show an article: its current text and its timeline."""
    with asked.room.holdings() as holdings:
        row = _row(holdings.catalogue, asked.query.get("key", ""))
        if row is None:
            return asked.nothing_here()
        of = portrait(holdings.catalogue, row)
        current = next((version for version in of.versions if version.current), None)
        text = None
        damage = ""
        if current:
            try:
                markdown = holdings.record_at(current.record).block.decode("utf-8", "replace")
                text = rendered(asked, holdings, markdown)
            except Damaged as error:
                damage = str(error)
        stops = _stops(asked, of, changes(holdings.catalogue, [row.id]))
    return asked.page("article.html", of=of, row=row, current=current, text=text, stops=stops, damage=damage)


def compare(asked: Asked) -> Response:
    """Show two versions of an article against each other, whatever lies between them."""
    with asked.room.holdings() as holdings:
        row = _row(holdings.catalogue, asked.query.get("key", ""))
        if row is None:
            return asked.nothing_here()
        of = portrait(holdings.catalogue, row)
        try:
            before, after = (of.version(asked.query.get(name, "")) for name in ("before", "after"))
        except ArchiveError:
            return asked.nothing_here()
        old, new = (_markdown(holdings, version) for version in (before, after))
    difference = compare_texts(old, new)
    shown = differing.rows(difference, full=asked.query.get("view") == "full")
    return asked.page(
        "compare.html", of=of, row=row, before=before, after=after, rows=shown, fields=difference.fields, pictures={},
    )  # fmt: skip


def _markdown(holdings: Holdings, version: Version) -> str:
    return holdings.record_at(version.record).block.decode("utf-8", "replace")


def _row(catalogue: Catalogue, key: str) -> Row | None:
    """Return the article of a key or an address; None where there is none."""
    try:
        return next(rows(catalogue, Selection(articles=(key,))), None)
    except NoSuchArticle:
        return None


def _stops(asked: Asked, of: Portrait, known: list[Change]) -> list[Stop]:
    """Return the timeline, the newest first."""
    versions = {version.id: version for version in of.versions}
    brought = {change.capture: change for change in known}
    stops, state = [], ""
    for capture in of.captures:
        turned = bool(state) and capture.state != state
        state = capture.state
        version = versions.get(capture.version or 0)
        replay = asked.room.replay_address(capture.fetched_at, capture.url) if capture.kind == "visit" else ""
        stops.append(Stop(capture, version, brought.get(capture.id), turned, replay))
    stops.reverse()
    return stops
