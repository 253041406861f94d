"""`archive rules health`: whether approved rules still do what was approved."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.collection.reader import CollectionReader
from clean.learn.apply import page_effects
from clean.learn.files import RuleHealth, RuleProblem, judge_rules, record_decisions
from clean.rules import ACTIVE
from xuanzhi.cli.options import add_collection, add_sources
from xuanzhi.cli.parser import add_work_limits
from xuanzhi.jobs.learned import LearnedSource, select_sources, today
from xuanzhi.jobs.workers import LimitOptions
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesHealthOptions", "add_arguments", "run"]

_TROUBLES = {
    "stopped": N_("has not matched for {since:,} pages: dormant"),
    "elsewhere": N_("its lines appear elsewhere (pages: {outside:,}): should be suspended"),
    "too-much": N_("too little would be left (pages: {floor:,}): should be suspended"),
    "changed": N_("new pages have only some of its lines"),
}

BY = "archive rules health"


@dataclass(frozen=True)
class RulesHealthOptions:
    """Whose rules to check."""

    sources: tuple[str, ...]
    """Names of sources, their accounts or hosts; none for all."""
    set_states: bool
    """Whether to write the states that follow."""
    limits: LimitOptions
    """What one page may cost."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_sources(parser)
    parser.add_argument(
        "--set", action="store_true", dest="set_states", help=_("write the resulting states to the files")
    )
    add_work_limits(parser)
    add_collection(parser)


def run(options: RulesHealthOptions) -> int:
    """Report how the approved rules do; with `--set` write the states that follow. Return the exit code."""
    report = Report.of("archive", options.output)
    limits = options.limits.in_use(options.collection)
    troubled = 0
    with CollectionReader.open(options.collection) as collection:
        day = today()
        for source in select_sources(collection, options.sources):
            rules = source.rules(lambda state: state in ACTIVE)
            if not rules:
                continue
            failed = report.failed
            findings = judge_rules(rules, page_effects(rules, source.watched_by_date(report, limits)))
            report.done += len(findings)
            troubled += sum(bool(finding.troubles) for finding in findings)
            _report_source(report, source, findings)
            if options.set_states and report.failed == failed:  # else not all of its pages were seen
                _set(source, findings, day)
    report.note(
        "archive: "
        + _("approved rules: {rules:,}, in need of attention: {troubled:,}", rules=report.done, troubled=troubled)
    )
    if report.failed:
        return Exit.SOME_FAILED
    return Exit.DIFFERENT if troubled else Exit.DONE


def _report_source(report: Report, source: LearnedSource, findings: Sequence[RuleHealth]) -> None:
    report.say(source.name)
    for one in findings:
        if report.as_json:
            report.event(event="health", source=source.scope, name=source.name, **one._asdict(), state=one.state)
        troubles = _(", ").join(_(_TROUBLES[trouble], **one._asdict()) for trouble in one.troubles)
        report.say(
            f"  {one.rule}: "
            + _(
                "on {hits:,} of {pages:,} pages, last {last}", hits=one.hits, pages=one.pages, last=one.last[:10] or "–"
            )
        )
        if troubles:
            report.say(f"    {troubles}")
            for name in one.examples:
                report.say(f"      {name}")
        if {RuleProblem.STOPPED, RuleProblem.CHANGED} & set(one.troubles):
            report.say("    " + _("a successor can be learned: archive rules learn '{name}'", name=source.name))


def _set(source: LearnedSource, findings: Sequence[RuleHealth], day: str) -> None:
    """Write the states that follow, and why; a dormant rule that fires again is approved again."""
    before = {rule.id: rule.options["state"] for rule in source.file.rules}

    def edit(text: str) -> str:
        for one in findings:
            if one.state != before[one.rule]:
                note = ", ".join(one.troubles) or "fires again"
                text = record_decisions(text, {one.rule: one.state}, {"note": f"{day} {BY}: {note}"})
        return text

    source.file.change(edit)
