"""Deciding about an item, and taking a decision back."""

from starlette.responses import Response

from archive.collection.decisions import UNDONE, VERDICTS, DecidedMeanwhile
from archive.collection.decisions import record_decision as keep
from xuanzhi.review.pages.queue import listed
from xuanzhi.review.queue import Filter, Item, place_of
from xuanzhi.review.request import Asked, see
from xuanzhi.review.room import address
from xuanzhi.review.view_items import VIEWS, show

__all__ = ["LONGEST_NOTE", "decide", "undo"]

LONGEST_NOTE = 10_000
"""Characters; the field takes no more."""


def decide(asked: Asked) -> Response:
    """Keep a decision, and go on to the next item.

    Where the item's text, or somebody else's decision, came between the look and the decision, nothing is kept: the
    item is shown as it is now, with the note that was written.
    """
    found = asked.room.queue.item(asked.path["item"])
    verdict = asked.form.get("verdict", "")
    if found is None or verdict not in VERDICTS:
        return asked.nothing_here()
    note = asked.form.get("note", "").strip()[:LONGEST_NOTE]
    if asked.form.get("seen") != found.seen:
        return show(asked, found, note=note, refused="review.stale")
    wanted = Filter.of(asked.query)
    place = place_of(found.id, listed(asked, wanted))
    try:
        _keep(asked, found, verdict, note, after={found.id: asked.form.get("after", "")})
    except DecidedMeanwhile as error:
        return show(asked, found, note=note, refused="review.meanwhile", meanwhile=error.decision)
    fields = wanted.fields() | {"did": verdict, "undo": found.id}
    return see(address(f"/item/{place.next}" if place.next else "/", **fields))


def undo(asked: Asked) -> Response:
    """Take the last decision about an item back: by one more, because none is ever removed."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    if found.decision is not None and found.decision.verdict != UNDONE:
        _keep(asked, found, UNDONE, "")
    view = asked.form.get("view", "")
    return see(address(f"/item/{found.id}", did="undone", view=view if view in VIEWS else ""))


def _keep(asked: Asked, item: Item, verdict: str, note: str, after: dict[str, str] | None = None) -> None:
    keep(
        asked.room.path, [item.as_seen], verdict, note=note, reviewer=asked.reviewer, at=asked.room.clock(), after=after
    )
