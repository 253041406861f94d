"""`archive rules list`: the rules that hold, with their stages."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_rules
from xuanzhi.jobs.rules import read_rules
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesListOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class RulesListOptions:
    """Whose rules to list."""

    collection: Path
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_rules(parser)
    add_collection(parser)


def run(options: RulesListOptions) -> int:
    """List all rules with their stages; return the exit code. Raises UsageError, RuleError."""
    report, ruleset = Report.of("archive", options.output), read_rules(options.rules, options.collection)
    width = max(len(rule.id) for rule in ruleset.rules)
    for rule in ruleset.rules:
        if options.output.as_json:
            report.event(event="rule", id=rule.id, stage=rule.stage, profile=rule.profile, reason=rule.reason)
        report.say(f"{rule.id:{width}}  {rule.stage}")
    return Exit.DONE
