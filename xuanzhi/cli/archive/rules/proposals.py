"""`archive rules proposals`: what proposed rules would remove, shown on real pages before anybody decides."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.collection.reader import CollectionReader
from clean.rules import LABEL, Rule
from xuanzhi.cli.options import add_collection, add_sources
from xuanzhi.cli.parser import add_work_limits
from xuanzhi.jobs.learned import (
    LONGEST,
    LearnedSource,
    RuleEffect,
    doubts_of,
    joint_effect,
    rule_effects,
    select_sources,
    share_of,
    tier_of,
)
from xuanzhi.jobs.workers import LimitOptions, WorkLimits
from xuanzhi.messages import _, ngettext, reason
from xuanzhi.output.exits import Exit
from xuanzhi.output.labels import DOUBTS, PROPOSAL_NOTES, ZONES
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesProposalsOptions", "add_arguments", "run"]

WIDTH = 100
"""Characters of a line that are shown."""


@dataclass(frozen=True)
class RulesProposalsOptions:
    """Whose proposals to show."""

    sources: tuple[str, ...]
    """Names of sources, their accounts or hosts; none for all."""
    limits: LimitOptions
    """What one page may cost."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_sources(parser)
    add_work_limits(parser)
    add_collection(parser)


def run(options: RulesProposalsOptions) -> int:
    """Show the proposals of the sources that are named, or of all; return the exit code."""
    report = Report.of("archive", options.output)
    limits = options.limits.in_use(options.collection)
    shown = 0
    with CollectionReader.open(options.collection) as collection:
        for source in select_sources(collection, options.sources):
            rules = source.rules(lambda state: state == "proposed")
            if rules:
                shown += len(rules)
                _show(report, source, rules, limits)
    report.note(
        "archive: " + _("to decide: archive rules approve ID…, or --tier A --source NAME; archive rules reject ID…")
        if shown
        else _("there are no proposals; run `archive rules learn`")
    )
    return Exit.SOME_FAILED if report.failed else Exit.DONE


def _show(report: Report, source: LearnedSource, rules: Sequence[Rule], limits: WorkLimits) -> None:
    pages = source.watched_by_date(report, limits)
    report.say(
        _("── {name}: proposals: {count:,}, pages: {pages:,} ──", name=source.name, count=len(rules), pages=len(pages))
    )
    if ticked := [rule for rule in rules if tier_of(rule) == "A"]:
        total = joint_effect(ticked, pages).total
        report.say(
            "  "
            + _(
                "those of tier A (✓, {count:,}) remove {share} percent of the text of {pages:,} pages",
                count=len(ticked),
                share=share_of(total),
                pages=total.touched,
            )
        )
    for one in rule_effects(rules, pages, source.text):
        if report.as_json:
            report.event(**_event(source, one))
            continue
        for line in _lines(one):
            report.say(line)
    report.say("")


def _event(source: LearnedSource, one: RuleEffect) -> dict[str, Any]:
    rule, total, options = one.rule, one.total, one.rule.options
    return {
        "event": "proposal", "rule": rule.id, "source": source.scope, "name": source.name, "tier": options.get("tier"),
        "match": rule.match, "zone": options["zone"], "text": rule.texts, "reason": rule.reason,
        "confidence": options.get("evidence", {}).get("confidence"), "doubts": doubts_of(rule),
        "pages": total.pages, "touched": total.touched, "lines": total.lines, "characters": total.characters,
        "share": share_of(total), "floor": total.floor, "outside": one.outside, "without": one.without,
    }  # fmt: skip


def _lines(one: RuleEffect) -> Iterator[str]:
    rule, total, options = one.rule, one.total, one.rule.options
    tier = tier_of(rule)
    yield ""
    yield f"{'✓' if tier == 'A' else ' '} {tier}  {rule.id}"
    yield f"    {reason(rule)}"
    place = str(options["zone"])
    zone = _(ZONES[place])
    details = {"zone": zone, "reach": options["reach"], "least": options["least"], "lines": len(rule.texts)}
    yield f"    {_(PROPOSAL_NOTES[rule.match], **details)}"
    if doubts := doubts_of(rule):
        yield f"    {_('note')}: {_(', ').join(_(DOUBTS[doubt]) for doubt in doubts)}"
    yield from (f"      │ {text[:WIDTH]}" for text in rule.texts[:LONGEST])
    if len(rule.texts) > LONGEST:
        yield "      │ … " + ngettext("{count:,} more line", "{count:,} more lines", len(rule.texts) - LONGEST)
    if rule.match == LABEL:
        return
    for sample in one.samples:
        yield f"    {_(PROPOSAL_NOTES[sample.why])}: {sample.page.name} ({sample.page.date[:10]})"
        for line in sample.lines:
            yield "        …" if line.skipped else f"      {'−' if line.goes else ' '} {line.text[:WIDTH]}"
    numbers = {"lines": total.lines, "pages": total.touched, "share": share_of(total), "floor": total.floor}
    yield "    " + _(
        "lines removed: {lines:,} on {pages:,} pages, {share} percent of all text; pages with "
        "too little left, kept as they are: {floor:,}",
        **numbers,
    )
    for name, names in (("without", one.without), ("outside", one.outside)):
        if names:
            yield f"    {_(PROPOSAL_NOTES[name], count=len(names))}: {names[0]}"
