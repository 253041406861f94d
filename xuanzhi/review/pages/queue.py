"""The queue: what needs eyes, the riskiest first."""

from typing import NamedTuple

from starlette.responses import Response

from archive.catalogue.history import KINDS
from archive.collection.decisions import VERDICTS
from xuanzhi.review.queue import ORDERS, STATES, TRAITS, Filter, Item, arranged, filtered, grouped
from xuanzhi.review.request import Asked

__all__ = ["AT_ONCE", "listed", "queue"]

AT_ONCE = 50
"""Lines on one page."""


class Line(NamedTuple):
    """An item, and how many others have the same change."""

    item: Item
    total: int


def listed(asked: Asked, wanted: Filter) -> list[Item]:
    """Return the items that are meant, in the order in which they are shown."""
    items = arranged(filtered(asked.room.queue.items(), wanted), wanted.order)
    return [item for group in grouped(items) for item in group]


def queue(asked: Asked) -> Response:
    """Show the queue."""
    wanted = Filter.of(asked.query)
    every = asked.room.queue.items()
    chosen = arranged(filtered(every, wanted), wanted.order)
    lines = [Line(group[0], len(group)) for group in grouped(chosen)]
    page = asked.query.get("page", "1")
    number = max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1
    start = (number - 1) * AT_ONCE
    did, undone = asked.query.get("did", ""), asked.query.get("undo", "")
    many = asked.query.get("many", "")
    told = asked.words(f"review.did.{did}") if did in VERDICTS else ""
    if did == "group" and many.isdecimal() and len(many) < 9:
        told = asked.words("review.did.group", count=int(many))
    return asked.page(
        "queue.html",
        told=told,
        told_undo=undone if did in VERDICTS and asked.room.queue.item(undone) else "",
        wanted=wanted,
        filters=wanted.fields(),
        lines=lines[start : start + AT_ONCE],
        count=len(chosen),
        groups=len(lines),
        all_count=len(every),
        number=number,
        pages=-(-len(lines) // AT_ONCE),
        waiting=sum(item.facts.traits == ("waiting",) for item in every),
        sources=sorted({item.change.source for item in every if item.change.source}),
        reviewers=sorted({item.decision.reviewer for item in every if item.decision}),
        rules=sorted({rule for item in every for rule in item.facts.rules}),
        counts={state: sum(item.state == state for item in every) for state in STATES},
        states=STATES,
        kinds=KINDS,
        traits=TRAITS,
        orders=ORDERS,
    )
