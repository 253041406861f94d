"""One source's learned rules: what the proposals would remove from real pages, and deciding about them."""

import shlex
from collections.abc import Collection, Iterable

from starlette.responses import Response

from archive.collection.collection import Holdings
from clean.learn.form import ACTIVE
from xuanzhi.jobs.rules import Source, chosen
from xuanzhi.judging import Judged, doubts_of, judged, settle, share_of, tier_of, together
from xuanzhi.review.pages.deciding import LONGEST_NOTE
from xuanzhi.review.pictures import addresses_of, images_in
from xuanzhi.review.request import Asked, see
from xuanzhi.review.room import address

__all__ = ["decide_learned", "learned_source"]

TICK = "rule "
"""How the name of a rule's box begins in the form; the rule's id follows."""

DECISIONS = {"approve": "approved", "reject": "rejected"}
"""What a button says, and the state that rules get by it."""


def learned_source(asked: Asked) -> Response:
    """Show the proposals of one source, those of tier A ticked."""
    with asked.room.holdings() as holdings:
        source = _source(holdings, asked.query.get("scope", ""))
        return _shown(asked, holdings, source) if source else asked.nothing_here()


def decide_learned(asked: Asked) -> Response:
    """Approve or reject the rules that were ticked, or work out what they would do together.

    Where the file of the rules changed between the look and the decision, nothing is kept: the source is shown as it is
    now, with the same ticks and note.
    """
    action, note = asked.form.get("action", ""), asked.form.get("note", "").strip()[:LONGEST_NOTE]
    ticked = {name.removeprefix(TICK) for name in asked.form if name.startswith(TICK)}
    with asked.room.holdings() as holdings:
        source = _source(holdings, asked.form.get("scope", ""))
        if source is None:
            return asked.nothing_here()
        if action not in DECISIONS:
            return _shown(asked, holdings, source, ticked=ticked, note=note)
        if asked.form.get("seen") != source.file.seen:
            return _shown(asked, holdings, source, ticked=ticked, note=note, refused="review.learned.changed")
        if not ticked:
            return _shown(asked, holdings, source, ticked=ticked, note=note, refused="review.learned.tick")
        day = asked.room.clock().date().isoformat()
        made = settle(source.file, ticked, DECISIONS[action], by=asked.reviewer, on=day, note=note)
    return see(address("/learned/source", scope=source.scope, did=DECISIONS[action], many=len(made)))


def _source(holdings: Holdings, scope: str) -> Source | None:
    return next((source for source in chosen(holdings, []) if source.scope == scope), None)


def _pictures(holdings: Holdings, proposals: Iterable[Judged]) -> dict[str, list[str]]:
    """Return the digests of the pictures in each line that would go, of those that the collection has."""
    gone = {line.text for one in proposals for sample in one.samples for line in sample.lines if line.goes}
    images = {text: images_in(text) for text in sorted(gone)}
    known = addresses_of(holdings, [address for addresses in images.values() for address in addresses])
    return {text: [known[address] for address in addresses if address in known] for text, addresses in images.items()}


def _shown(
    asked: Asked,
    holdings: Holdings,
    source: Source,
    *,
    ticked: Collection[str] | None = None,
    note: str = "",
    refused: str = "",
) -> Response:
    proposed = source.rules(lambda state: state == "proposed")
    if ticked is None:
        ticked = {rule.id for rule in proposed if tier_of(rule) == "A"}
    pages = asked.room.last_read.pages(source) if proposed else []
    proposals = list(judged(proposed, pages, source.text))
    did, many = asked.query.get("did", ""), asked.query.get("many", "")
    is_told = did in DECISIONS.values() and many.isdecimal() and len(many) < 9
    return asked.page(
        "learned_source.html",
        status=409 if refused else 200,
        told=asked.words(f"review.learned.did.{did}", count=int(many)) if is_told else "",
        source=source,
        pages=pages,
        proposals=proposals,
        pictures=_pictures(holdings, proposals),
        ticked=ticked,
        together=together([rule for rule in proposed if rule.id in ticked], pages),
        decided=source.rules(lambda state: state != "proposed"),
        active=ACTIVE,
        reclean=f"archive reclean --source {shlex.quote(source.name)}",
        note=note,
        refused=refused,
        share_of=share_of,
        tier_of=tier_of,
        doubts_of=doubts_of,
        tick=TICK,
    )
