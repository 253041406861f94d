"""`archive rules check`: whether files of rules are well formed and do what their examples show."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from clean.rules import built_in
from clean.trial import TrialFault, try_examples
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_rules
from xuanzhi.jobs.rules import read_rules
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["RulesCheckOptions", "add_arguments", "run"]

_FAULTS = {
    "silent": N_("the rule does not match its example"),
    "fires": N_("the rule matches its counter-example"),
    "differs": N_("the result differs from the example's `after`"),
}


@dataclass(frozen=True)
class RulesCheckOptions:
    """Which rules to check."""

    files: tuple[str, ...]
    """Files of rules; none for the built-in rules."""
    rules: tuple[str, ...]
    """Files of rules that hold beside them."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("files", nargs="*", metavar="TOML")
    add_rules(parser)
    add_collection(parser)


def run(options: RulesCheckOptions) -> int:
    """Read files of rules and try every example in them; return the exit code. Raises UsageError, RuleError."""
    report = Report.of("archive", options.output)
    ruleset = read_rules([*options.rules, *options.files], undecided=True)
    own = {rule.id for rule in built_in().rules}
    rules = [rule for rule in ruleset.rules if rule.id not in own] if options.files else list(ruleset.rules)
    tried = faults = 0
    for rule in rules:
        for fault in try_examples(rule, ruleset):
            tried += 1
            if fault is not None:
                faults += 1
                _report(report, fault)
    if faults:
        report.note(
            "archive: "
            + ngettext(
                "{count:,} example does not give what the rules state",
                "{count:,} examples do not give what the rules state",
                faults,
            )
        )
        return Exit.SOME_FAILED if faults < tried else Exit.ALL_FAILED
    files = ngettext("{count:,} rule", "{count:,} rules", len(rules))
    report.say(_("{files} and {examples:,} examples are good", files=files, examples=tried))
    return Exit.DONE


def _report(report: Report, fault: TrialFault) -> None:
    expected = fault.example.after
    if report.as_json:
        report.event(
            event="error", file=fault.rule.place, code=f"rule-{fault.reason}", rule=fault.rule.id,
            message=_(_FAULTS[fault.reason]), expected=expected, got=fault.got,
        )  # fmt: skip
        return
    report.problem(N_("error"), fault.rule.place, 0, f"{fault.rule.id}: {_(_FAULTS[fault.reason])}", "")
    if fault.reason == "differs":
        for label, text in ((N_("expected"), expected), (N_("got"), fault.got)):
            report.note(f"  {_(label)}:")
            for line in text.split("\n"):
                report.note(f"    │ {line}")
