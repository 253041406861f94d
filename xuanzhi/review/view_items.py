"""One item, in five views: changes only, full text, what was removed, rendered, and the Markdown itself."""

from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from archive.collection.collection import Holdings
from archive.collection.decisions import UNDONE, VERDICTS, Decision, history
from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.review import render as overlay
from xuanzhi.review.comparing import difference_of
from xuanzhi.review.differing import addresses, rows
from xuanzhi.review.pages.queue import listed
from xuanzhi.review.pictures import addresses_of, images_in
from xuanzhi.review.queue import Filter, Item, place_of
from xuanzhi.review.rendering import render
from xuanzhi.review.request import Asked
from xuanzhi.review.texts import Texts, body

__all__ = ["VIEWS", "item", "rendered", "show", "told"]

VIEWS = ("changes", "full", "removed", "rendered", "source")


def item(asked: Asked) -> Response:
    """Show an item."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    return show(asked, found)


def show(
    asked: Asked, found: Item, *, note: str = "", refused: str = "", meanwhile: Decision | None = None
) -> Response:
    """Show an item; where a decision was refused, say why, with the note that was written."""
    wanted = Filter.of(asked.query)
    view = asked.query.get("view") or asked.form.get("view", "")
    if view not in VIEWS:
        view = "removed" if found.change.kind == "first" else "changes"
    inside: dict[str, Any] = {"damage": ""}
    with asked.room.holdings() as holdings:
        past = history(holdings.catalogue, found.id)
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


def told(asked: Asked, did: str) -> str:
    """Return what is to be said about what was just done; empty where that is nothing that is known here."""
    return asked.words(f"review.did.{did}") if did in {*VERDICTS, "undone"} else ""


def _inside(asked: Asked, holdings: Holdings, found: Item, view: str) -> dict[str, Any]:
    """Return what one view shows. Raises Damaged or LedgerError."""
    texts = Texts(holdings, found.change)
    if view in {"changes", "full"}:
        difference = difference_of(texts)
        shown = rows(difference, full=view == "full")
        return {
            "rows": shown,
            "fields": difference.fields,
            "pictures": addresses_of(holdings, addresses(shown)),
        }
    if view == "removed":
        ledger = texts.ledger
        if ledger is None:
            return {"overlay": [], "nodes": [], "rules_here": []}
        counts = sorted(ledger.counts().items(), key=lambda each: (-each[1], each[0]))
        return {
            "overlay": overlay.rows(texts.source, ledger) if ledger.entries else [],
            "nodes": overlay.nodes(ledger),
            "rules_here": counts,
        }
    if view == "rendered":
        return {"rendered": rendered(asked, holdings, texts.after)}
    return {"source": texts.after}


def rendered(asked: Asked, holdings: Holdings, markdown: str) -> Markup:
    """Return a text as HTML, with those of its images that the collection has."""
    text = body(markdown)
    known = addresses_of(holdings, images_in(text))
    return render(
        text,
        lambda address: f"/picture/{known[address]}" if address in known else "",
        missing=asked.words("review.image.missing"),
    )
