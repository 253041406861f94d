"""`archive rules explain`: one rule, whole."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clean.rules import Rule
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_rules
from xuanzhi.jobs.rules import read_rules, rule_named
from xuanzhi.messages import N_, _, reason
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesExplainOptions", "add_arguments", "run"]

_LABELS = {
    "stage": N_("stage"),
    "match": N_("match"),
    "profile": N_("profile"),
}


@dataclass(frozen=True)
class RulesExplainOptions:
    """Which rule to show."""

    rule: str
    """Its id."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("rule", metavar="ID")
    add_rules(parser)
    add_collection(parser)


def run(options: RulesExplainOptions) -> int:
    """Show one rule whole; return the exit code. Raises UsageError, RuleError."""
    report = Report.of("archive", options.output)
    ruleset = read_rules(options.rules, options.collection, undecided=True)
    rule = rule_named(options.rule, ruleset)
    if options.output.as_json:
        report.event(
            event="rule", id=rule.id, stage=rule.stage, profile=rule.profile, match=rule.match, text=rule.texts,
            reason=rule.reason, place=rule.place, **rule.options,
            examples=[example._asdict() for example in rule.examples],
            counter_examples=[example.before for example in rule.counter_examples],
        )  # fmt: skip
        return Exit.DONE
    for line in _lines(rule):
        report.say(line)
    return Exit.DONE


def _lines(rule: Rule) -> Iterator[str]:
    yield rule.id
    yield f"  {_('reason')}: {reason(rule)}"
    for key, value in (("stage", rule.stage), ("match", rule.match), ("profile", rule.profile)):
        yield f"  {_(_LABELS[key])}: {value}"
    if rule.texts:
        yield f"  {_('texts')}: {' · '.join(rule.texts)}"
    for key, value in rule.options.items():
        yield f"  {key}: {value}"
    yield f"  {_('defined in')}: {rule.place}"
    for example in rule.examples:
        yield f"  {_('example')}, {_('before')}:"
        yield from (f"    │ {line}" for line in example.before.rstrip("\n").split("\n"))
        yield f"  {_('after')}:"
        yield from (f"    │ {line}" for line in example.after.rstrip("\n").split("\n"))
    for example in rule.counter_examples:
        yield f"  {_('counter-example')}:"
        yield from (f"    │ {line}" for line in example.before.rstrip("\n").split("\n"))
