"""`archive rules try`: what one rule, or the rules of one file, remove from real files; nothing is written."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from clean.rules import parse_rules
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_rules
from xuanzhi.jobs.batch import CleanWork, run_batch
from xuanzhi.jobs.inputs import MAX_BYTES, expand, inputs, read_once
from xuanzhi.jobs.rules import read_rules, rule_named
from xuanzhi.messages import _, ngettext
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesTryOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class RulesTryOptions:
    """Which rule to try, and on what."""

    rule: str
    """Its id, or a file of rules (`.toml`)."""
    inputs: tuple[str, ...]
    """Paths or globs, as `clean` takes them."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("rule", metavar="ID|TOML")
    parser.add_argument("inputs", nargs="+", metavar="FILE")
    add_rules(parser)
    add_collection(parser)


def run(options: RulesTryOptions) -> int:
    """Show what one rule, or the rules of one file, remove from real files; return the exit code.

    Raises UsageError, RuleError.
    """
    report = Report.of("archive", options.output)
    if options.rule.endswith(".toml"):
        ruleset = read_rules([*options.rules, options.rule], undecided=True)
        own = {rule.id for rule in parse_rules(options.rule, Path(options.rule).read_text("utf-8"))}
    else:
        ruleset = read_rules(options.rules, options.collection, undecided=True)
        own = {rule_named(options.rule, ruleset).id}
    job = CleanWork(ruleset, None, MAX_BYTES)
    hits = {rule: [0, 0] for rule in sorted(own)}
    total = 0
    items = [read_once(item, MAX_BYTES) for item in inputs(expand(options.inputs))]
    for item, outcome in zip(items, run_batch(items, job, len(items), 1), strict=True):
        name = item.name
        if outcome.failure is not None or outcome.cleaned is None:
            assert outcome.failure is not None
            report.fail(name, outcome.failure)
            continue
        total += 1
        report.done += 1
        seen = set()
        for entry in outcome.cleaned.ledger.entries:
            if entry.rule not in own:
                continue
            hits[entry.rule][0] += 1
            seen.add(entry.rule)
            if options.output.as_json:
                report.event(event="hit", file=name, line=entry.line, rule=entry.rule, text=entry.text,
                             replacement=entry.replacement)  # fmt: skip
            text = entry.text.strip("\n").replace("\n", "⏎")
            report.say(f"{name}:{entry.line}: {text[:100]}")
        for rule in seen:
            hits[rule][1] += 1
    for rule, (count, files) in hits.items():
        if count:
            report.note(
                ngettext(
                    "{rule}: {count:,} hit in {files:,} of {total:,} files",
                    "{rule}: {count:,} hits in {files:,} of {total:,} files",
                    count,
                    rule=rule,
                    files=files,
                    total=total,
                )
            )
        else:
            report.note(_("{rule}: no hits in {total:,} files", rule=rule, total=total))
    return report.exit_code()
