"""What a person decides about learned rules, written into their files: what `approve` and `reject` share."""

import getpass
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.collection.reader import CollectionReader
from clean.errors import suggest
from clean.rules import Rule
from xuanzhi.cli.options import add_collection
from xuanzhi.jobs.learned import LearnedFile, decide_rules, read_learned_files, select_sources, today
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.labels import RULE_STATES
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["DecisionOptions", "add_decision", "decide"]

_HELP = {
    "by": N_("who decides (default: the collection's operator, else the login name)"),
    "note": N_("the reason, for later readers"),
}


@dataclass(frozen=True)
class DecisionOptions:
    """Which rules a person decides about, and what goes on record with the decision."""

    rules: tuple[str, ...]
    """Ids, or ends of ids that one rule alone has."""
    tier: str
    """Instead of ids: the proposed rules of this tier, `A` to `D`."""
    sources: tuple[str, ...]
    """Only rules of these sources."""
    by: str
    """Who decides; empty for the collection's operator, else the user of this machine."""
    note: str
    collection: Path
    output: OutputOptions


def add_decision(parser: ArgumentParser) -> None:
    """Add the options of a decision: the fields of `DecisionOptions`."""
    parser.add_argument("rules", nargs="*", metavar="ID", help=_("a rule's id, or the end of it"))
    parser.add_argument(
        "--tier", choices=("A", "B", "C", "D"), default="", help=_("decide all proposed rules of this tier instead")
    )
    for name, label in (("by", "NAME"), ("note", "TEXT")):
        parser.add_argument(f"--{name}", metavar=label, default="", help=_(_HELP[name]))
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME", dest="sources", help=_("only rules of this source")
    )
    add_collection(parser)


def decide(options: DecisionOptions, state: str) -> int:
    """Write a decision, `approved` or `rejected`, into the files of the rules; return the exit code.

    Raises UsageError, RuleError, StorageError, and what opening the collection raises.
    """
    report = Report.of("archive", options.output)
    if not (options.rules or options.tier):
        raise UsageError("no-rules-named", _("no rules are named"), _("Give their ids, or --tier A."))
    with CollectionReader.open(options.collection) as collection:
        files = read_learned_files(collection.path)
        if options.sources:
            wanted = {source.file.path for source in select_sources(collection, options.sources)}
            files = [file for file in files if file.path in wanted]
        by = options.by or collection.config.operator or _login()
        day = today()
    rule_ids = _named(files, options.rules) if options.rules else _of_tier(files, options.tier)
    count = 0
    for file in files:
        changed = decide_rules(file, rule_ids, state, by=by, on=day, note=options.note)
        count += len(changed)
        for rule in changed:
            if options.output.as_json:
                report.event(event=state, rule=rule, by=by, on=day, note=options.note or None, file=str(file.path))
            report.say(f"{_(RULE_STATES[state])}: {rule}")
    report.note(
        "archive: "
        + (
            _("nothing changed ({count:,})", count=count)
            if not count
            else ngettext(
                "{count:,} rule; it applies from now on; for what is already stored: archive reclean --dry-run --diff",
                "{count:,} rules; they apply from now on; for what is already stored: archive reclean --dry-run --diff",
                count,
            )
        )
    )
    return Exit.DONE


def _of_tier(files: list[LearnedFile], tier: str) -> set[str]:
    """Return the proposed rules of a tier."""
    return {
        rule.id
        for file in files
        for rule in file.rules
        if rule.options["state"] == "proposed" and rule.options.get("tier") == tier
    }


def _named(files: list[LearnedFile], names: tuple[str, ...]) -> set[str]:
    """Return the rules of these ids, or ends of ids that one rule alone has. Raises UsageError."""
    known: dict[str, Rule] = {rule.id: rule for file in files for rule in file.rules}
    ids = set()
    for name in names:
        matches = [name] if name in known else [rule for rule in known if rule.endswith(name)]
        if len(matches) != 1:
            near = suggest(name, known).split("; known are")[0] if not matches else ""
            if not matches:
                raise UsageError(
                    "no-such-rule",
                    _("there is no rule {rule}{near}", rule=name, near=near),
                    _("`archive rules list` lists all rules."),
                )
            raise UsageError("many-rules", _("several rules end in {rule!r}{near}", rule=name, near=near))
        ids.add(matches[0])
    return ids


def _login() -> str:
    with suppress(OSError, KeyError, ImportError):  # a machine without accounts, such as a container
        return getpass.getuser()
    return ""
