"""From a removal that was wrong, or from lines that should go, to TOML for a rules file."""

from typing import Any

from starlette.responses import Response

from clean.ledger import Entry, NodeRemoval
from xuanzhi.review.proposals import Proposal, new_rule, wrong_removal
from xuanzhi.review.queue import Item
from xuanzhi.review.request import Asked
from xuanzhi.review.texts import Texts
from xuanzhi.review.view_captures import captured

__all__ = ["propose", "wrong", "wrong_node"]


def wrong(asked: Asked) -> Response:
    """Give a counter-example for the rule that took a piece of a text."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        texts = Texts(holdings, found.change)
        number, ledger = int(asked.path["entry"]), texts.ledger
        if ledger is None or number >= len(ledger.entries):
            return asked.nothing_here()
        source = texts.source
    proposal = wrong_removal(source, ledger, number, asked.room.ruleset)
    return _wrong(asked, found, proposal, ledger.entries[number])


def wrong_node(asked: Asked) -> Response:
    """Give a counter-example for the rule that left out a piece of a page."""
    from xuanzhi.review.page_proposals import wrong_node as propose_for

    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        number, ledger = int(asked.path["entry"]), Texts(holdings, found.change).ledger
        page = captured(holdings, found.change.capture)
        if ledger is None or page is None or number >= len(ledger.nodes):
            return asked.nothing_here()
    proposal = propose_for(page, ledger.nodes[number], asked.room.ruleset)
    return _wrong(asked, found, proposal, ledger.nodes[number])


def _wrong(asked: Asked, item: Item, proposal: Proposal | None, entry: Entry | NodeRemoval) -> Response:
    rule = asked.room.ruleset.by_id.get(entry.rule)
    note = asked.words("review.wrong.note", rule=entry.rule, line=entry.line)
    return _shown(asked, item, proposal, kind="wrong", rule=rule, entry=entry, note=note)


def propose(asked: Asked) -> Response:
    """Give a rules file for the lines that were selected."""
    found = asked.room.queue.item(asked.path["item"])
    if found is None:
        return asked.nothing_here()
    with asked.room.holdings() as holdings:
        markdown = Texts(holdings, found.change).after
    selected = asked.query.get("text", "").replace("\r\n", "\n")
    proposal = new_rule(selected, markdown, asked.room.ruleset, reason=asked.words("review.propose.reason"))
    return _shown(
        asked, found, proposal, kind="propose", rule=None, entry=None, note=asked.words("review.propose.note")
    )


def _shown(asked: Asked, item: Item, proposal: Proposal | None, *, kind: str, **context: Any) -> Response:
    return asked.page("proposal.html", item=item, proposal=proposal, kind=kind, **context)
