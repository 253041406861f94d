"""The queue: what needs eyes, the riskiest first."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

from markupsafe import Markup
from starlette.responses import Response

from archive.catalogue.history import KINDS
from archive.collection.decisions import UNDONE, VERDICTS, DecidedMeanwhile, Decision, record_decision
from archive.collection.decisions import record_decision as keep
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from clean.errors import CleanError
from clean.ledger import Entry, NodeRemoval
from xuanzhi.review import render
from xuanzhi.review import render as overlay
from xuanzhi.review.pictures import images_in
from xuanzhi.review.proposals import RuleProposal, new_rule, wrong_removal
from xuanzhi.review.queue import (
    ORDERS,
    PENDING,
    STATES,
    TRAITS,
    ItemTexts,
    QueueFilter,
    ReviewItem,
    arranged,
    body,
    difference_of,
    filtered,
    grouped,
    place_of,
)
from xuanzhi.review.render import addresses, difference_rows, render_markdown
from xuanzhi.review.request import ReviewRequest, address, see
from xuanzhi.review.view_captures import captured

__all__ = [
    "AT_ONCE",
    "LONGEST_NOTE",
    "SAMPLES",
    "VIEWS",
    "accept_group",
    "decide",
    "group",
    "item",
    "listed",
    "propose",
    "queue",
    "rendered",
    "samples_of",
    "show",
    "told",
    "undo",
    "wrong",
    "wrong_node",
]

AT_ONCE = 50
"""Lines on one page."""


class ItemLine(NamedTuple):
    """An item, and how many others have the same change."""

    item: ReviewItem
    total: int


def listed(asked: ReviewRequest, wanted: QueueFilter) -> list[ReviewItem]:
    """Return the items that are meant, in the order in which they are shown."""
    items = arranged(filtered(asked.room.queue.items(), wanted), wanted.order)
    return [item for group in grouped(items) for item in group]


def queue(asked: ReviewRequest) -> Response:
    """Show the queue."""
    wanted = QueueFilter.of(asked.query)
    every = asked.room.queue.items()
    chosen = arranged(filtered(every, wanted), wanted.order)
    lines = [ItemLine(group[0], len(group)) for group in grouped(chosen)]
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


# One item, in five views: changes only, full text, what was removed, rendered, and the Markdown itself.


VIEWS = ("changes", "full", "removed", "rendered", "source")


def item(asked: ReviewRequest) -> Response:
    """Show an item."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    return show(asked, found)


def show(
    asked: ReviewRequest, found: ReviewItem, *, note: str = "", refused: str = "", meanwhile: Decision | None = None
) -> Response:
    """Show an item; where a decision was refused, say why, with the note that was written."""
    wanted = QueueFilter.of(asked.query)
    view = asked.query.get("view") or asked.form.get("view", "")
    if view not in VIEWS:
        view = "removed" if found.change.kind == "first" else "changes"
    inside: dict[str, Any] = {"damage": ""}
    with asked.room.holdings() as holdings:
        past = holdings.decisions(found.id)
        try:
            inside |= _inside(asked, holdings, found, view)
        except (ArchiveError, CleanError) as error:
            inside["damage"] = str(error)
    same = [each for each in asked.room.queue.items() if each.facts.signature == found.facts.signature]
    did, undone = asked.query.get("did", ""), asked.query.get("undo", "")
    return asked.page(
        "item.html",
        status=409 if refused else 200,
        refused=refused,
        item=found,
        view=view,
        views=VIEWS,
        filters=wanted.fields(),
        place=place_of(found.id, listed(asked, wanted)),
        group_count=len(same),
        history=past,
        undoable=bool(past) and past[-1].verdict != UNDONE,
        last_decision=past[-1].decision if past else "",
        note=note,
        meanwhile=meanwhile,
        replay=asked.room.replay_address(found.change.fetched_at, found.change.url) if found.change.is_visit else "",
        by_id=asked.room.ruleset.by_id,
        told=told(asked, did),
        told_undo=undone if did in VERDICTS and asked.room.queue.item(undone) else "",
        **inside,
    )


def told(asked: ReviewRequest, did: str) -> str:
    """Return what is to be said about what was just done; empty where that is nothing that is known here."""
    return asked.words(f"review.did.{did}") if did in {*VERDICTS, "undone"} else ""


def _inside(asked: ReviewRequest, holdings: CollectionReader, found: ReviewItem, view: str) -> dict[str, Any]:
    """Return what one view shows. Raises Damaged or LedgerError."""
    texts = ItemTexts(holdings, found.change)
    if view in {"changes", "full"}:
        difference = difference_of(texts)
        shown = difference_rows(difference, full=view == "full")
        return {
            "rows": shown,
            "fields": difference.fields,
            "pictures": holdings.payload_digests(addresses(shown)),
        }
    if view == "removed":
        ledger = texts.ledger
        if ledger is None:
            return {"overlay": [], "nodes": [], "rules_here": []}
        counts = sorted(ledger.counts().items(), key=lambda each: (-each[1], each[0]))
        return {
            "overlay": overlay.source_rows(texts.source, ledger) if ledger.entries else [],
            "nodes": overlay.nodes(ledger),
            "rules_here": counts,
        }
    if view == "rendered":
        return {"rendered": rendered(asked, holdings, texts.after)}
    return {"source": texts.after}


def rendered(asked: ReviewRequest, holdings: CollectionReader, markdown: str) -> Markup:
    """Return a text as HTML, with those of its images that the collection has."""
    text = body(markdown)
    known = holdings.payload_digests(images_in(text))
    return render_markdown(
        text,
        lambda address: f"/picture/{known[address]}" if address in known else "",
        missing=asked.words("review.image.missing"),
    )


# Deciding about an item, and taking a decision back.


LONGEST_NOTE = 10_000
"""Characters; the field takes no more."""


def decide(asked: ReviewRequest) -> Response:
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
    wanted = QueueFilter.of(asked.query)
    place = place_of(found.id, listed(asked, wanted))
    try:
        _keep(asked, found, verdict, note, after={found.id: asked.form.get("after", "")})
    except DecidedMeanwhile as error:
        return show(asked, found, note=note, refused="review.meanwhile", meanwhile=error.decision)
    fields = wanted.fields() | {"did": verdict, "undo": found.id}
    return see(address(f"/item/{place.next}" if place.next else "/", **fields))


def undo(asked: ReviewRequest) -> Response:
    """Take the last decision about an item back: by one more, because none is ever removed."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    if found.decision is not None and found.decision.verdict != UNDONE:
        _keep(asked, found, UNDONE, "")
    view = asked.form.get("view", "")
    return see(address(f"/item/{found.id}", did="undone", view=view if view in VIEWS else ""))


def _keep(asked: ReviewRequest, item: ReviewItem, verdict: str, note: str, after: dict[str, str] | None = None) -> None:
    keep(
        asked.room.path, [item.as_seen], verdict, note=note, reviewer=asked.reviewer, at=asked.room.clock(), after=after
    )


# All items with the same change: three are shown, and after these have been looked at, all can be accepted.


SAMPLES = 3
"""Items that have to be looked at before all are accepted."""


class GroupSample(NamedTuple):
    """An item that stands for its group."""

    item: ReviewItem
    inside: dict[str, Any]


def samples_of(items: Sequence[ReviewItem]) -> list[ReviewItem]:
    """Return the items that stand for a group: the one that changed most, the one that changed least, and another.

    The last is chosen by its id, which says nothing about its content: always the same, and not the first at hand.
    """
    order = sorted(items, key=lambda item: (item.facts.added + item.facts.removed + item.facts.taken, item.id))
    if len(order) <= SAMPLES:
        return order
    between = min(order[1:-1], key=lambda item: item.id)
    return [order[-1], order[0], between]


def members(asked: ReviewRequest) -> list[ReviewItem]:
    """Return the items of the group that nobody decided about."""
    signature = asked.path["signature"]
    items = [item for item in asked.room.queue.items() if item.facts.signature == signature and item.state == PENDING]
    return arranged(items, "newest")


def _fingerprint(items: Sequence[ReviewItem]) -> str:
    return sha256("".join(sorted(item.id + item.seen for item in items)).encode()).hexdigest()


def group(asked: ReviewRequest) -> Response:
    """Show a group."""
    items = members(asked)
    return _show(asked, items) if items else asked.nothing_here()


def _show(asked: ReviewRequest, items: Sequence[ReviewItem], *, refused: str = "") -> Response:
    samples = []
    with asked.room.holdings() as holdings:
        for item in samples_of(items):
            try:
                inside = _first_view(ItemTexts(holdings, item.change))
            except (ArchiveError, CleanError) as error:
                inside = {"damage": str(error)}
            samples.append(GroupSample(item, inside))
    return asked.page(
        "group.html", status=409 if refused else 200, items=items, samples=samples, refused=refused,
        fingerprint=_fingerprint(items), signature=asked.path["signature"], by_id=asked.room.ruleset.by_id,
    )  # fmt: skip


def _first_view(texts: ItemTexts) -> dict[str, Any]:
    if texts.change.kind == "first":
        ledger = texts.ledger
        rows_of_source = render.source_rows(texts.source, ledger) if ledger and ledger.entries else []
        counts = sorted(ledger.counts().items()) if ledger else []
        return {"overlay": rows_of_source, "nodes": render.nodes(ledger) if ledger else [], "rules_here": counts}
    difference = difference_of(texts)
    return {"rows": difference_rows(difference), "fields": difference.fields, "pictures": {}}


def accept_group(asked: ReviewRequest) -> Response:
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


# From a removal that was wrong, or from lines that should go, to TOML for a rules file.


def wrong(asked: ReviewRequest) -> Response:
    """Give a counter-example for the rule that took a piece of a text."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        texts = ItemTexts(holdings, found.change)
        number, ledger = int(asked.path["entry"]), texts.ledger
        if ledger is None or number >= len(ledger.entries):
            return asked.nothing_here()
        source = texts.source
    proposal = wrong_removal(source, ledger, number, asked.room.ruleset)
    return _wrong(asked, found, proposal, ledger.entries[number])


def wrong_node(asked: ReviewRequest) -> Response:
    """Give a counter-example for the rule that left out a piece of a page."""
    from xuanzhi.review.proposals import wrong_node as propose_for

    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        number, ledger = int(asked.path["entry"]), ItemTexts(holdings, found.change).ledger
        page = captured(holdings, found.change.capture)
        if ledger is None or page is None or number >= len(ledger.nodes):
            return asked.nothing_here()
    proposal = propose_for(page, ledger.nodes[number], asked.room.ruleset)
    return _wrong(asked, found, proposal, ledger.nodes[number])


def _wrong(
    asked: ReviewRequest, item: ReviewItem, proposal: RuleProposal | None, entry: Entry | NodeRemoval
) -> Response:
    rule = asked.room.ruleset.by_id.get(entry.rule)
    note = asked.words("review.wrong.note", rule=entry.rule, line=entry.line)
    return _shown(asked, item, proposal, kind="wrong", rule=rule, entry=entry, note=note)


def propose(asked: ReviewRequest) -> Response:
    """Give a rules file for the lines that were selected."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        markdown = ItemTexts(holdings, found.change).after
    selected = asked.query.get("text", "").replace("\r\n", "\n")
    proposal = new_rule(selected, markdown, asked.room.ruleset, reason=asked.words("review.propose.reason"))
    return _shown(
        asked, found, proposal, kind="propose", rule=None, entry=None, note=asked.words("review.propose.note")
    )


def _shown(
    asked: ReviewRequest, item: ReviewItem, proposal: RuleProposal | None, *, kind: str, **context: Any
) -> Response:
    return asked.page("proposal.html", item=item, proposal=proposal, kind=kind, **context)
