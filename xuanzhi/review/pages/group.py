"""All items with the same change: three are shown, and after these have been looked at, all can be accepted."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.responses import Response

from archive.collection.decisions import DecidedMeanwhile, record_decision
from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.review import render
from xuanzhi.review.comparing import difference_of
from xuanzhi.review.differing import rows
from xuanzhi.review.pages.deciding import LONGEST_NOTE
from xuanzhi.review.queue import PENDING, Item, arranged
from xuanzhi.review.request import Asked, see
from xuanzhi.review.room import address
from xuanzhi.review.texts import Texts

__all__ = ["SAMPLES", "accept_group", "group", "samples_of"]

SAMPLES = 3
"""Items that have to be looked at before all are accepted."""


class Sample(NamedTuple):
    """An item that stands for its group."""

    item: Item
    inside: dict[str, Any]


def samples_of(items: Sequence[Item]) -> list[Item]:
    """Return the items that stand for a group: the one that changed most, the one that changed least, and another.

    The last is chosen by its id, which says nothing about its content: always the same, and not the first at hand.
    """
    order = sorted(items, key=lambda item: (item.facts.added + item.facts.removed + item.facts.taken, item.id))
    if len(order) <= SAMPLES:
        return order
    between = min(order[1:-1], key=lambda item: item.id)
    return [order[-1], order[0], between]


def members(asked: Asked) -> list[Item]:
    """Return the items of the group that nobody decided about."""
    signature = asked.path["signature"]
    items = [item for item in asked.room.queue.items() if item.facts.signature == signature and item.state == PENDING]
    return arranged(items, "newest")


def _fingerprint(items: Sequence[Item]) -> str:
    return sha256("".join(sorted(item.id + item.seen for item in items)).encode()).hexdigest()


def group(asked: Asked) -> Response:
    """Show a group."""
    items = members(asked)
    return _show(asked, items) if items else asked.nothing_here()


def _show(asked: Asked, items: Sequence[Item], *, refused: str = "") -> Response:
    samples = []
    with asked.room.holdings() as holdings:
        for item in samples_of(items):
            try:
                inside = _inside(Texts(holdings, item.change))
            except (ArchiveError, CleanError) as error:
                inside = {"damage": str(error)}
            samples.append(Sample(item, inside))
    return asked.page(
        "group.html", status=409 if refused else 200, items=items, samples=samples, refused=refused,
        fingerprint=_fingerprint(items), signature=asked.path["signature"], by_id=asked.room.ruleset.by_id,
    )  # fmt: skip


def _inside(texts: Texts) -> dict[str, Any]:
    if texts.change.kind == "first":
        ledger = texts.ledger
        rows_of_source = render.rows(texts.source, ledger) if ledger and ledger.entries else []
        counts = sorted(ledger.counts().items()) if ledger else []
        return {"overlay": rows_of_source, "nodes": render.nodes(ledger) if ledger else [], "rules_here": counts}
    difference = difference_of(texts)
    return {"rows": rows(difference), "fields": difference.fields, "pictures": {}}


def accept_group(asked: Asked) -> Response:
    """Accept all items of a group, one decision each, under one batch."""
    items = members(asked)
    if not items:
        return asked.nothing_here()
    if asked.form.get("group") != _fingerprint(items):
        return _show(asked, items, refused="review.group.changed")
    if not all(asked.form.get(f"seen-{sample.id}") for sample in samples_of(items)):
        return _show(asked, items, refused="review.group.look")
    note = asked.form.get("note", "").strip()[:LONGEST_NOTE]
    after = {item.id: item.decision.decision for item in items if item.decision}
    try:
        record_decision(
            asked.room.path, [item.as_seen for item in items], "accepted", note=note, reviewer=asked.reviewer,
            at=asked.room.clock(), batch=f"urn:uuid:{uuid4()}", after=after,
        )  # fmt: skip
    except DecidedMeanwhile:
        return _show(asked, members(asked), refused="review.group.changed")
    return see(address("/", did="group", many=len(items)))
