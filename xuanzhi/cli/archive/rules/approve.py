"""`archive rules approve` and `reject`: what a person decides about proposals, written into their files."""

import getpass
from argparse import Namespace
from contextlib import suppress

from clean.errors import suggest
from clean.rules import Rule
from xuanzhi.cli.options import opened
from xuanzhi.jobs.rules import LearnedFile, chosen, learned_files, settle, today
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import Report
from xuanzhi.words import word

__all__ = ["approve", "reject"]


def approve(options: Namespace) -> int:
    """Approve rules by their ids, or those of a tier that nobody has decided about; return the exit code."""
    return _decide(options, "approved")


def reject(options: Namespace) -> int:
    """Reject rules: they are not proposed again, and no longer apply; return the exit code."""
    return _decide(options, "rejected")


def _decide(options: Namespace, state: str) -> int:
    report = Report.of("archive", options)
    if not (options.rules or options.tier):
        raise UsageError("no-rules-named")
    with opened(options) as collection:
        files = learned_files(collection.path)
        if options.sources:
            wanted = {source.file.path for source in chosen(collection, options.sources)}
            files = [file for file in files if file.path in wanted]
        by = options.by or collection.config.operator or _login()
        day = today()
    chosen_ids = _named(files, options.rules) if options.rules else _of_tier(files, options.tier)
    count = 0
    for file in files:
        changed = settle(file, chosen_ids, state, by=by, on=day, note=options.note)
        count += len(changed)
        for rule in changed:
            if options.json:
                report.event(event=state, rule=rule, by=by, on=day, note=options.note or None, file=str(file.path))
            report.say(f"{word(f'decide.{state}')}: {rule}")
    report.note(f"archive: {word('decide.none' if not count else 'decide.next', count=count)}")
    return Exit.DONE


def _of_tier(files: list[LearnedFile], tier: str) -> set[str]:
    """Return the proposed rules of a tier."""
    return {
        rule.id
        for file in files
        for rule in file.rules
        if rule.options["state"] == "proposed" and rule.options.get("tier") == tier
    }


def _named(files: list[LearnedFile], names: list[str]) -> set[str]:
    """Return the rules of these ids, or ends of ids that one rule alone has. Raises UsageError."""
    known: dict[str, Rule] = {rule.id: rule for file in files for rule in file.rules}
    found = set()
    for name in names:
        meant = [name] if name in known else [rule for rule in known if rule.endswith(name)]
        if len(meant) != 1:
            near = suggest(name, known).split("; known are")[0] if not meant else ""
            raise UsageError("no-such-rule" if not meant else "many-rules", rule=name, near=near)
        found.add(meant[0])
    return found


def _login() -> str:
    with suppress(OSError, KeyError, ImportError):  # a machine without accounts, such as a container
        return getpass.getuser()
    return ""
