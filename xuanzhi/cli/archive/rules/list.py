"""`archive rules`: for people who write rules: list, check, explain, try."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from clean.errors import suggest
from clean.rules import Rule, Ruleset, built_in, parse
from clean.trial import TrialFault, trials
from xuanzhi.cli.options import collection_path
from xuanzhi.jobs.batch import CleanWork
from xuanzhi.jobs.inputs import MAX_BYTES, expand, inputs
from xuanzhi.jobs.rules import read_rules
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import Report
from xuanzhi.words import reason, word

__all__ = ["check_rules", "explain_rule", "list_rules", "try_rule"]


def list_rules(options: Namespace) -> int:
    """List all rules with their stage."""
    report, ruleset = Report.of("archive", options), read_rules(options.rules, collection_path(options))
    width = max(len(rule.id) for rule in ruleset.rules)
    for rule in ruleset.rules:
        if options.json:
            report.event(event="rule", id=rule.id, stage=rule.stage, profile=rule.profile, reason=rule.reason)
        report.say(f"{rule.id:{width}}  {rule.stage}")
    return Exit.DONE


def check_rules(options: Namespace) -> int:
    """Read rules files, try every example in them; without files, the built-in rules."""
    report = Report.of("archive", options)
    ruleset = read_rules([*options.rules, *options.files], undecided=True)
    own = {rule.id for rule in built_in().rules}
    rules = [rule for rule in ruleset.rules if rule.id not in own] if options.files else list(ruleset.rules)
    tried = faults = 0
    for rule in rules:
        for fault in trials(rule, ruleset):
            tried += 1
            if fault is not None:
                faults += 1
                _tell(report, fault)
    if faults:
        report.note(f"archive: {word('rules.failed', count=faults)}")
        return Exit.SOME_FAILED if faults < tried else Exit.ALL_FAILED
    files = word("rules.count", count=len(rules))
    report.say(word("rules.good", files=files, examples=tried))
    return Exit.DONE


def _tell(report: Report, fault: TrialFault) -> None:
    expected = fault.example.after
    if report.as_json:
        report.event(
            event="error", file=fault.rule.place, code=f"rule-{fault.reason}", rule=fault.rule.id,
            message=word(f"rules.{fault.reason}"), expected=expected, got=fault.got,
        )  # fmt: skip
        return
    report.problem("label.error", fault.rule.place, 0, f"{fault.rule.id}: {word(f'rules.{fault.reason}')}", "")
    if fault.reason == "differs":
        for label, text in (("rules.expected", expected), ("rules.got", fault.got)):
            report.note(f"  {word(label)}:")
            for line in text.split("\n"):
                report.note(f"    │ {line}")


def explain_rule(options: Namespace) -> int:
    """Show one rule whole."""
    report, ruleset = Report.of("archive", options), read_rules(options.rules, collection_path(options), undecided=True)
    rule = _rule(options.rule, ruleset)
    if options.json:
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
    yield f"  {word('rules.reason')}: {reason(rule)}"
    for key, value in (("stage", rule.stage), ("match", rule.match), ("profile", rule.profile)):
        yield f"  {word(f'rules.{key}')}: {value}"
    if rule.texts:
        yield f"  {word('rules.text')}: {' · '.join(rule.texts)}"
    for key, value in rule.options.items():
        yield f"  {key}: {value}"
    yield f"  {word('rules.place')}: {rule.place}"
    for example in rule.examples:
        yield f"  {word('rules.example')}, {word('rules.before')}:"
        yield from (f"    │ {line}" for line in example.before.rstrip("\n").split("\n"))
        yield f"  {word('rules.after')}:"
        yield from (f"    │ {line}" for line in example.after.rstrip("\n").split("\n"))
    for example in rule.counter_examples:
        yield f"  {word('rules.counter-example')}:"
        yield from (f"    │ {line}" for line in example.before.rstrip("\n").split("\n"))


def try_rule(options: Namespace) -> int:
    """Show what one rule, or the rules of one file, take from real files; nothing is kept."""
    report = Report.of("archive", options)
    if options.rule.endswith(".toml"):
        ruleset = read_rules([*options.rules, options.rule], undecided=True)
        own = {rule.id for rule in parse(options.rule, Path(options.rule).read_text("utf-8"))}
    else:
        ruleset = read_rules(options.rules, collection_path(options), undecided=True)
        own = {_rule(options.rule, ruleset).id}
    job = CleanWork(ruleset, None, MAX_BYTES)
    hits = {rule: [0, 0] for rule in sorted(own)}
    total = 0
    for item in inputs(expand(options.inputs)):
        name = item.name
        outcome = job.do(item)
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
            if options.json:
                report.event(event="hit", file=name, line=entry.line, rule=entry.rule, text=entry.text,
                             replacement=entry.replacement)  # fmt: skip
            text = entry.text.strip("\n").replace("\n", "⏎")
            report.say(f"{name}:{entry.line}: {text[:100]}")
        for rule in seen:
            hits[rule][1] += 1
    for rule, (count, files) in hits.items():
        key = "rules.hits" if count else "rules.no-hits"
        report.note(word(key, rule=rule, count=count, files=files, total=total))
    return report.exit_code()


def _rule(name: str, ruleset: Ruleset) -> Rule:
    rule = ruleset.by_id.get(name)
    if rule is None:
        raise UsageError("no-such-rule", rule=name, near=suggest(name, ruleset.by_id).split("; known are")[0])
    return rule
