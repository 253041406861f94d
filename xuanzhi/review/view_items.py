"""Views of the queue: list, item, group of equal changes, decisions, proposals for rules."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

from markupsafe import Markup
from starlette.responses import Response

from archive.catalogue.history import KINDS
from archive.collection.decisions import UNDONE, VERDICTS, DecidedMeanwhile, Decision, record_decision
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from clean.errors import CleanError
from clean.ledger import Entry, NodeRemoval
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.review import proposals
from xuanzhi.review.proposals import RuleProposal
from xuanzhi.review.queue import (
    ORDERS,
    PENDING,
    STATES,
    TRAITS,
    QueueFilter,
    ReviewItem,
    filter_items,
    group_items,
    queue_place,
    sort_items,
)
from xuanzhi.review.render import render_markdown
from xuanzhi.review.request import ReviewRequest, redirect
from xuanzhi.review.rows import addresses, difference_rows, nodes, source_rows
from xuanzhi.review.traits import ItemTexts, body, difference_of
from xuanzhi.review.view_captures import images_in, known_images, source_bytes

__all__ = [
    "AT_ONCE",
    "LONGEST_NOTE",
    "SAMPLES",
    "VIEWS",
    "accept_group",
    "decide",
    "decision_message",
    "group",
    "item",
    "items_in_order",
    "propose",
    "queue",
    "render_text",
    "samples_of",
    "show_item",
    "undo",
    "wrong",
    "wrong_node",
]

_DECISIONS = {
    "accepted": N_("Accepted."),
    "rejected": N_("Rejected."),
    "needs-work": N_("Marked as needing work."),
    "undone": N_("The decision was undone."),
}

AT_ONCE = 50
"""Lines on one page."""


class ItemLine(NamedTuple):
    """An item, and how many others have the same change."""

    item: ReviewItem
    total: int


def items_in_order(request: ReviewRequest, wanted: QueueFilter) -> list[ReviewItem]:
    """Return the items that match, in the order in which they are shown."""
    items = sort_items(filter_items(request.app.queue.items(), wanted), wanted.order)
    return [item for group in group_items(items) for item in group]


def queue(request: ReviewRequest) -> Response:
    """Show the queue."""
    wanted = QueueFilter.of(request.query)
    every = request.app.queue.items()
    chosen = sort_items(filter_items(every, wanted), wanted.order)
    lines = [ItemLine(group[0], len(group)) for group in group_items(chosen)]
    page = request.query.get("page", "1")
    number = max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1
    start = (number - 1) * AT_ONCE
    did, undone = request.query.get("did", ""), request.query.get("undo", "")
    many = request.query.get("many", "")
    message = _(_DECISIONS[did]) if did in VERDICTS else ""
    if did == "group" and many.isdecimal() and len(many) < 9:
        message = ngettext("{count:,} item accepted.", "{count:,} items accepted.", int(many))
    return request.page(
        "queue.html",
        told=message,
        told_undo=undone if did in VERDICTS and request.app.queue.item(undone) else "",
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


# Views of one item: changes only, full text, what was removed, rendered, and the Markdown itself.

VIEWS = ("changes", "full", "removed", "rendered", "source")


def item(request: ReviewRequest) -> Response:
    """Show an item."""
    current = request.app.queue.item(request.path["item"])
    if current is None:
        return request.nothing_here()
    return show_item(request, current)


def show_item(
    request: ReviewRequest,
    current: ReviewItem,
    *,
    note: str = "",
    refused: str = "",
    meanwhile: Decision | None = None,
) -> Response:
    """Show an item; where a decision was refused, say why, with the note that was written."""
    wanted = QueueFilter.of(request.query)
    view = request.query.get("view") or request.form.get("view", "")
    if view not in VIEWS:
        view = "removed" if current.change.kind == "first" else "changes"
    inside: dict[str, Any] = {"damage": ""}
    with request.app.open_collection() as collection:
        past = collection.decisions(current.id)
        try:
            inside |= _inside(request, collection, current, view)
        except (ArchiveError, CleanError) as error:
            inside["damage"] = str(error)
    same = [each for each in request.app.queue.items() if each.facts.signature == current.facts.signature]
    did, undone = request.query.get("did", ""), request.query.get("undo", "")
    return request.page(
        "item.html",
        status=409 if refused else 200,
        refused=refused,
        item=current,
        view=view,
        views=VIEWS,
        filters=wanted.fields(),
        place=queue_place(current.id, items_in_order(request, wanted)),
        group_count=len(same),
        history=past,
        undoable=bool(past) and past[-1].verdict != UNDONE,
        last_decision=past[-1].decision if past else "",
        note=note,
        meanwhile=meanwhile,
        replay=request.app.replay_address(current.change.fetched_at, current.change.url)
        if current.change.is_visit
        else "",
        by_id=request.app.ruleset.by_id,
        told=decision_message(request, did),
        told_undo=undone if did in VERDICTS and request.app.queue.item(undone) else "",
        **inside,
    )


def decision_message(request: ReviewRequest, did: str) -> str:
    """Return the message about what was just done; empty where that is none of the known actions."""
    return _(_DECISIONS[did]) if did in {*VERDICTS, "undone"} else ""


def _inside(request: ReviewRequest, collection: CollectionReader, current: ReviewItem, view: str) -> dict[str, Any]:
    """Return what one view shows. Raises Damaged or LedgerError."""
    texts = ItemTexts(collection, current.change)
    if view in {"changes", "full"}:
        difference = difference_of(texts)
        shown = difference_rows(difference, full=view == "full")
        return {
            "rows": shown,
            "fields": difference.fields,
            "pictures": known_images(collection, addresses(shown)),
        }
    if view == "removed":
        ledger = texts.ledger
        if ledger is None:
            return {"overlay": [], "nodes": [], "rules_here": []}
        counts = sorted(ledger.counts().items(), key=lambda each: (-each[1], each[0]))
        return {
            "overlay": source_rows(texts.source, ledger) if ledger.entries else [],
            "nodes": nodes(ledger),
            "rules_here": counts,
        }
    if view == "rendered":
        return {"rendered": render_text(request, collection, texts.after)}
    return {"source": texts.after}


def render_text(request: ReviewRequest, collection: CollectionReader, markdown: str) -> Markup:
    """Return a text as HTML, with those of its images that the collection has."""
    text = body(markdown)
    known = known_images(collection, images_in(text))
    return render_markdown(
        text,
        lambda source: request.address(f"/picture/{known[source]}") if source in known else "",
        missing=_("not in the collection"),
        root=request.root,
    )


# Deciding about an item, and taking a decision back.


LONGEST_NOTE = 10_000
"""Characters; the field takes no more."""


def decide(request: ReviewRequest) -> Response:
    """Commit a decision, and redirect to the next item.

    Where the item's text, or somebody else's decision, came between the look and the decision, nothing is kept: the
    item is shown as it is now, with the note that was written.
    """
    current = request.app.queue.item(request.path["item"])
    verdict = request.form.get("verdict", "")
    if current is None or verdict not in VERDICTS:
        return request.nothing_here()
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    if request.form.get("seen") != current.seen:
        return show_item(
            request,
            current,
            note=note,
            refused=N_(
                "What you saw is no longer current. Your decision was not saved; look again, then "
                "decide. Your note is below."
            ),
        )
    wanted = QueueFilter.of(request.query)
    place = queue_place(current.id, items_in_order(request, wanted))
    try:
        _record(request, current, verdict, note, after={current.id: request.form.get("after", "")})
    except DecidedMeanwhile as error:
        return show_item(
            request,
            current,
            note=note,
            refused=N_(
                "{who} has decided in the meantime: {what}. Your decision was not saved; look again, "
                "then decide. Your note is below."
            ),
            meanwhile=error.decision,
        )
    fields = wanted.fields() | {"did": verdict, "undo": current.id}
    return redirect(request.address(f"/item/{place.next}" if place.next else "/", **fields))


def undo(request: ReviewRequest) -> Response:
    """Take the last decision about an item back: by one more, because none is ever removed."""
    current = request.app.queue.item(request.path["item"])
    if current is None:
        return request.nothing_here()
    if current.decision is not None and current.decision.verdict != UNDONE:
        _record(request, current, UNDONE, "")
    view = request.form.get("view", "")
    return redirect(request.address(f"/item/{current.id}", did="undone", view=view if view in VIEWS else ""))


def _record(
    request: ReviewRequest, item: ReviewItem, verdict: str, note: str, after: dict[str, str] | None = None
) -> None:
    record_decision(
        request.app.path,
        [item.as_seen],
        verdict,
        note=note,
        reviewer=request.reviewer,
        at=request.app.clock(),
        after=after,
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


def group_members(request: ReviewRequest) -> list[ReviewItem]:
    """Return the undecided items of the group."""
    signature = request.path["signature"]
    items = [item for item in request.app.queue.items() if item.facts.signature == signature and item.state == PENDING]
    return sort_items(items, "newest")


def _fingerprint(items: Sequence[ReviewItem]) -> str:
    return sha256("".join(sorted(item.id + item.seen for item in items)).encode()).hexdigest()


def group(request: ReviewRequest) -> Response:
    """Show a group."""
    items = group_members(request)
    return _show_group(request, items) if items else request.nothing_here()


def _show_group(request: ReviewRequest, items: Sequence[ReviewItem], *, refused: str = "") -> Response:
    samples = []
    with request.app.open_collection() as collection:
        for item in samples_of(items):
            try:
                inside = _first_view(ItemTexts(collection, item.change))
            except (ArchiveError, CleanError) as error:
                inside = {"damage": str(error)}
            samples.append(GroupSample(item, inside))
    return request.page(
        "group.html", status=409 if refused else 200, items=items, samples=samples, refused=refused,
        fingerprint=_fingerprint(items), signature=request.path["signature"], by_id=request.app.ruleset.by_id,
    )  # fmt: skip


def _first_view(texts: ItemTexts) -> dict[str, Any]:
    if texts.change.kind == "first":
        ledger = texts.ledger
        rows_of_source = source_rows(texts.source, ledger) if ledger and ledger.entries else []
        counts = sorted(ledger.counts().items()) if ledger else []
        return {"overlay": rows_of_source, "nodes": nodes(ledger) if ledger else [], "rules_here": counts}
    difference = difference_of(texts)
    return {"rows": difference_rows(difference), "fields": difference.fields, "pictures": {}}


def accept_group(request: ReviewRequest) -> Response:
    """Accept all items of a group, one decision each, under one batch."""
    items = group_members(request)
    if not items:
        return request.nothing_here()
    if request.form.get("group") != _fingerprint(items):
        return _show_group(request, items, refused=N_("The group has changed. Look again, then accept."))
    if not all(request.form.get(f"seen-{sample.id}") for sample in samples_of(items)):
        return _show_group(request, items, refused=N_("Look at all samples first, and tick each of them."))
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    after = {item.id: item.decision.decision for item in items if item.decision}
    try:
        record_decision(
            request.app.path, [item.as_seen for item in items], "accepted", note=note, reviewer=request.reviewer,
            at=request.app.clock(), batch=f"urn:uuid:{uuid4()}", after=after,
        )  # fmt: skip
    except DecidedMeanwhile:
        return _show_group(
            request, group_members(request), refused=N_("The group has changed. Look again, then accept.")
        )
    return redirect(request.address("/", did="group", many=len(items)))


# From a removal that was wrong, or from lines that should go, to TOML for a rules file.


def wrong(request: ReviewRequest) -> Response:
    """Give a counter-example for the rule that took a piece of a text."""
    current = request.app.queue.item(request.path["item"])
    if current is None:
        return request.nothing_here()
    with request.app.open_collection() as collection:
        texts = ItemTexts(collection, current.change)
        number, ledger = int(request.path["entry"]), texts.ledger
        if ledger is None or number >= len(ledger.entries):
            return request.nothing_here()
        source = texts.source
    proposal = proposals.wrong_removal(source, ledger, number, request.app.ruleset)
    return _wrong(request, current, proposal, ledger.entries[number])


def wrong_node(request: ReviewRequest) -> Response:
    """Give a counter-example for the rule that left out a piece of a page."""
    current = request.app.queue.item(request.path["item"])
    if current is None:
        return request.nothing_here()
    with request.app.open_collection() as collection:
        number, ledger = int(request.path["entry"]), ItemTexts(collection, current.change).ledger
        page = source_bytes(collection, current.change.capture)
        if ledger is None or page is None or number >= len(ledger.nodes):
            return request.nothing_here()
    proposal = proposals.wrong_node(page, ledger.nodes[number], request.app.ruleset)
    return _wrong(request, current, proposal, ledger.nodes[number])


def _wrong(
    request: ReviewRequest, item: ReviewItem, proposal: RuleProposal | None, entry: Entry | NodeRemoval
) -> Response:
    rule = request.app.ruleset.by_id.get(entry.rule)
    note = _("Rule {rule} wrongly removed line {line}.", rule=entry.rule, line=entry.line)
    return _show_proposal(request, item, proposal, kind="wrong", rule=rule, entry=entry, note=note)


def propose(request: ReviewRequest) -> Response:
    """Give a rules file for the lines that were selected."""
    current = request.app.queue.item(request.path["item"])
    if current is None:
        return request.nothing_here()
    with request.app.open_collection() as collection:
        markdown = ItemTexts(collection, current.change).after
    selected = request.query.get("text", "").replace("\r\n", "\n")
    proposal = proposals.new_rule(
        selected, markdown, request.app.ruleset, reason=_("Say what these lines are and why they are not the author's.")
    )
    return _show_proposal(
        request,
        current,
        proposal,
        kind="propose",
        rule=None,
        entry=None,
        note=_("These lines should be removed; a rule is proposed."),
    )


def _show_proposal(
    request: ReviewRequest, item: ReviewItem, proposal: RuleProposal | None, *, kind: str, **context: Any
) -> Response:
    return request.page("proposal.html", item=item, proposal=proposal, kind=kind, **context)
