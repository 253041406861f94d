"""Views of rules: sources with learned rules, proposals, and rules in use."""

import shlex
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from starlette.responses import Response

from archive.collection.reader import CollectionReader
from clean.learn.counts import LEAST_PAGES
from clean.rules import ACTIVE, TIERS
from xuanzhi.jobs.learned import (
    LearnedSource,
    RuleEffect,
    decide_rules,
    doubts_of,
    joint_effect,
    rule_effects,
    select_sources,
    share_of,
    tier_of,
)
from xuanzhi.messages import N_, N_plural, ngettext
from xuanzhi.review.request import ReviewRequest, redirect
from xuanzhi.review.view_captures import images_in, known_images
from xuanzhi.review.view_items import LONGEST_NOTE

__all__ = ["decide_learned", "learned", "learned_source", "rule", "rules"]

_DECISIONS = {
    "approved": N_plural("Approved {count:,} rule.", "Approved {count:,} rules."),
    "rejected": N_plural("Rejected {count:,} rule.", "Rejected {count:,} rules."),
}


class SourceLine(NamedTuple):
    """A source in the list."""

    source: LearnedSource
    tiers: Counter[str]
    """Proposals of each tier."""
    states: Counter[str]
    """Rules in each state."""


def learned(request: ReviewRequest) -> Response:
    """List the sources, those with most to decide first."""
    with request.app.open_collection() as collection:
        lines = [
            _line(each)
            for each in select_sources(collection, [])
            if len(each.articles) >= LEAST_PAGES or each.file.rules
        ]
    lines.sort(key=lambda line: (-line.states["proposed"], -len(line.source.articles)))
    return request.page("learned.html", lines=lines, tiers=TIERS, least=LEAST_PAGES)


def _line(source: LearnedSource) -> SourceLine:
    rules = source.file.rules
    states = Counter(rule.options["state"] for rule in rules)
    return SourceLine(source, Counter(tier_of(rule) for rule in rules if rule.options["state"] == "proposed"), states)


# The learned rules of one source: what the proposals would remove from real pages, and decisions about them.

TICK = "rule "
"""How the name of a rule's box begins in the form; the rule's id follows."""

DECISIONS = {"approve": "approved", "reject": "rejected"}
"""What a button says, and the state that rules get by it."""


def learned_source(request: ReviewRequest) -> Response:
    """Show the proposals of one source, those of tier A ticked."""
    with request.app.open_collection() as collection:
        source = _source(collection, request.query.get("scope", ""))
        return _shown(request, collection, source) if source else request.nothing_here()


def decide_learned(request: ReviewRequest) -> Response:
    """Approve or reject the rules that were ticked, or work out what they would do together.

    Where the file of the rules changed between the look and the decision, nothing is kept: the source is shown as it is
    now, with the same ticks and note.
    """
    action, note = request.form.get("action", ""), request.form.get("note", "").strip()[:LONGEST_NOTE]
    ticked = {name.removeprefix(TICK) for name in request.form if name.startswith(TICK)}
    with request.app.open_collection() as collection:
        source = _source(collection, request.form.get("scope", ""))
        if source is None:
            return request.nothing_here()
        if action not in DECISIONS:
            return _shown(request, collection, source, ticked=ticked, note=note)
        if request.form.get("seen") != source.file.seen:
            return _shown(
                request,
                collection,
                source,
                ticked=ticked,
                note=note,
                refused=N_("The proposals changed since you looked at them, so nothing was decided. Look again."),
            )
        if not ticked:
            return _shown(
                request,
                collection,
                source,
                ticked=ticked,
                note=note,
                refused=N_("Nothing was ticked, so nothing was decided."),
            )
        day = request.app.clock().date().isoformat()
        made = decide_rules(source.file, ticked, DECISIONS[action], by=request.reviewer, on=day, note=note)
    return redirect(request.address("/learned/source", scope=source.scope, did=DECISIONS[action], many=len(made)))


def _source(collection: CollectionReader, scope: str) -> LearnedSource | None:
    return next((source for source in select_sources(collection, []) if source.scope == scope), None)


def _pictures(collection: CollectionReader, proposals: Iterable[RuleEffect]) -> dict[str, list[str]]:
    """Return the digests of the pictures in each line that would go, of those that the collection has."""
    removed_lines = {line.text for one in proposals for sample in one.samples for line in sample.lines if line.goes}
    images = {text: images_in(text) for text in sorted(removed_lines)}
    known = known_images(collection, [address for addresses in images.values() for address in addresses])
    return {text: [known[address] for address in addresses if address in known] for text, addresses in images.items()}


def _shown(
    request: ReviewRequest,
    collection: CollectionReader,
    source: LearnedSource,
    *,
    ticked: Collection[str] | None = None,
    note: str = "",
    refused: str = "",
) -> Response:
    proposed = source.rules(lambda state: state == "proposed")
    if ticked is None:
        ticked = {rule.id for rule in proposed if tier_of(rule) == "A"}
    pages = request.app.last_read.pages(source) if proposed else []
    proposals = list(rule_effects(proposed, pages, source.text))
    did, many = request.query.get("did", ""), request.query.get("many", "")
    is_told = did in DECISIONS.values() and many.isdecimal() and len(many) < 9
    return request.page(
        "learned_source.html",
        status=409 if refused else 200,
        told=ngettext(*_DECISIONS[did], int(many)) if is_told else "",
        source=source,
        pages=pages,
        proposals=proposals,
        pictures=_pictures(collection, proposals),
        ticked=ticked,
        together=joint_effect([rule for rule in proposed if rule.id in ticked], pages),
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


# The rules in use, and each one whole: what it takes, why, its examples, and where it fired.


FEW = 20
"""Items that the page of a rule names."""


def rules(request: ReviewRequest) -> Response:
    """List all rules by their stage, with how often each fired."""
    uses = request.app.queue.uses()
    stages: dict[str, list[object]] = {}
    for each in request.app.ruleset.rules:
        stages.setdefault(each.stage, []).append(each)
    return request.page("rules.html", stages=stages, uses=uses)


def rule(request: ReviewRequest) -> Response:
    """Show one rule whole."""
    found = request.app.ruleset.by_id.get(request.path["rule"])
    if found is None:
        return request.nothing_here()
    items = [item for item in request.app.queue.items() if found.id in item.facts.rules]
    return request.page("rule.html", rule=found, items=items[:FEW], count=len(items))
