"""`archive rules learn`: propose rules from what the pages of a source repeat."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from clean.errors import CleanError
from clean.learn.apply import RuleRun
from clean.learn.counts import LEAST_PAGES, SourceCounts, count_page, line_digest
from clean.learn.files import draft_rule, merge_proposals
from clean.learn.propose import LearnResult, ProposedRule, learn
from clean.rules import TIERS, ExamplePair, Rule
from clean.trial import find_examples
from clean.version import SOFTWARE
from xuanzhi.cli.options import add_collection, add_sources
from xuanzhi.cli.parser import add_work_limits
from xuanzhi.jobs.batch import run_batch
from xuanzhi.jobs.learned import CountsDatabase, LearnedSource, PageText, PageTextWork, select_sources, today
from xuanzhi.jobs.workers import LimitOptions, WorkLimits
from xuanzhi.messages import N_plural, _, ngettext
from xuanzhi.output.failures import Failure, UsageError, failure
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

__all__ = ["RulesLearnOptions", "add_arguments", "run"]

_SET_ASIDE = {
    "copies": N_plural("{count:,} page set aside: a copy of another", "{count:,} pages set aside: copies of others"),
    "frames": N_plural(
        "{count:,} page set aside: hardly any text of its own",
        "{count:,} pages set aside: hardly any text of their own",
    ),
    "reposts": N_plural(
        "{count:,} page set aside: an article from another account",
        "{count:,} pages set aside: articles from other accounts",
    ),
    "unproven": N_plural(
        "{count:,} proposal left out: no page gives an example",
        "{count:,} proposals left out: no page gives an example",
    ),
}

TRIED = 3
"""Pages that are looked at for a counter-example."""


class _Outcome(NamedTuple):
    """What learning gave for one source."""

    learned: LearnResult
    drafts: list[tuple[Rule, ProposedRule, ExamplePair]]
    unproven: int
    """Proposals that no page gives an example of, and that are left out."""


@dataclass(frozen=True)
class RulesLearnOptions:
    """Which sources to learn from."""

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


def run(options: RulesLearnOptions) -> int:
    """Learn from the sources that are named, or from all; write what is proposed; return the exit code."""
    report = Report.of("archive", options.output)
    limits = options.limits.in_use(options.collection)
    with CollectionReader.open(options.collection) as collection:
        day = today()
        all_sources = select_sources(collection, options.sources)
        sources = [source for source in all_sources if len(source.articles) >= LEAST_PAGES]
        total = sum(len(source.articles) for source in sources)
        file = CountsDatabase(collection.path)
        with Progress(total, enabled=options.output.shows_progress, unit="pages") as progress:
            for source in sources:
                try:
                    outcome = _learn(source, file, report, progress, limits)
                    if outcome.drafts or source.file.text:
                        source.file.change(
                            partial(merge_proposals, source=_title(source), drafts=outcome.drafts, day=day)
                        )
                except (ArchiveError, CleanError, UsageError) as error:  # costs no other source its rules
                    report.fail(source.name, failure(error))
                    continue
                _report_source(report, source, outcome)
                report.done += 1
    if few := len(all_sources) - len(sources):
        report.note(
            "archive: "
            + ngettext(
                "{count:,} source has fewer than {least} pages, too few to learn from",
                "{count:,} sources have fewer than {least} pages, too few to learn from",
                few,
                least=LEAST_PAGES,
            )
        )
    if report.done and not options.output.as_json:
        report.note(f"archive: {_('to see them: archive rules proposals')}")
    return report.exit_code()


def _title(source: LearnedSource) -> str:
    return f"{source.name} ({source.scope})"


def _counted(
    source: LearnedSource, file: CountsDatabase, report: Report, progress: Progress, limits: WorkLimits
) -> SourceCounts:
    """Count the pages of a source; those that were counted before are not read again.

    A page that costs too much is reported and left out.
    """
    before, now = file.read(source.scope), {}
    missing = []
    for article in source.articles:
        name = source.name_of(article)
        key = f"{SOFTWARE} {article.ledger_id} {article.fetched} {name}"
        if counted := before.get(key):
            now[key] = counted
            progress.advance()
        else:
            missing.append((key, name, article.fetched))

    def pages() -> Iterator[PageText]:
        for _key, name, fetched in missing:
            yield PageText(name, fetched, source.text(name))

    outcomes = run_batch(pages(), PageTextWork(count_page), len(missing), limits=limits)
    for (key, name, _fetched), outcome in zip(missing, outcomes, strict=True):
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Failure):
            report.fail(name, outcome)
        else:
            now[key] = outcome
        progress.advance()
    file.write(source.scope, before, now)
    return SourceCounts(now.values(), source.page)


def _learn(
    source: LearnedSource, file: CountsDatabase, report: Report, progress: Progress, limits: WorkLimits
) -> _Outcome:
    counts = _counted(source, file, report, progress, limits)
    decided = source.rules(lambda state: state != "proposed")
    learned = learn(
        counts, [RuleRun(rule.id, tuple(map(line_digest, rule.texts)), "head", 1, 0, 0) for rule in decided]
    )
    drafts, unproven = [], 0
    for proposal in learned.proposals:
        rule = draft_rule(source.scope, source.name, proposal)
        others = [source.text(name) for name in (*proposal.elsewhere[:TRIED], *proposal.without[:TRIED])]
        shown = (find_examples(rule, source.text(name), others) for name in proposal.examples)
        if good := next((one for one in shown if one), None):
            drafts.append((rule, proposal, good))
        else:
            unproven += 1
    return _Outcome(learned, drafts, unproven)


def _report_source(report: Report, source: LearnedSource, outcome: _Outcome) -> None:
    admitted = outcome.learned.admitted
    tiers = {tier: sum(proposal.tier == tier for _, proposal, _ in outcome.drafts) for tier in TIERS}
    if report.as_json:
        report.event(
            event="learned", source=source.scope, name=source.name, pages=len(source.articles),
            copies=len(admitted.copies), frames=len(admitted.frames), reposts=len(admitted.reposts),
            proposals=len(outcome.drafts), tiers=tiers,
            unproven=outcome.unproven, file=str(source.file.path),
        )  # fmt: skip
    report.say(
        _(
            "{name}: pages: {pages:,}, proposals: {proposals:,} ({tiers})",
            name=source.name,
            pages=len(source.articles),
            proposals=len(outcome.drafts),
            tiers=", ".join(f"{count} {tier}" for tier, count in tiers.items() if count) or "–",
        )
    )
    for key, count in (
        ("copies", len(admitted.copies)),
        ("frames", len(admitted.frames)),
        ("reposts", len(admitted.reposts)),
        ("unproven", outcome.unproven),
    ):
        if count:
            report.say(f"  {ngettext(*_SET_ASIDE[key], count)}")
    if outcome.drafts:
        report.say(f"  → {source.file.path}")
