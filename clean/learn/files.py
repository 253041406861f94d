"""Proposals as TOML that a person reads and edits, and files of learned rules changed without disturbing the rest."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clean.learn.counts import digest
from clean.learn.examples import Examples
from clean.learn.form import LABEL, STAGE
from clean.learn.propose import Proposal
from clean.rules import Rule

if TYPE_CHECKING:
    from tomlkit.items import Array, String, Table

__all__ = ["HEADING", "decided", "drafted", "merged", "rule_id"]

HEADING = """\
Rules learned from what this source repeats. `archive rules proposals` shows what they would remove, `archive rules
approve` and `archive rules reject` decide; or edit `state` here. Only approved rules apply. docs/learning.md explains.
"""

SHOWN = 5
"""Pages that the evidence names of each kind."""


def rule_id(scope: str, proposal: Proposal) -> str:
    """Return the id of a proposal: the same lines in the same place of a source have the same id, and no others."""
    name = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in scope.partition(":")[2])
    mark = digest(f"{scope} {proposal.run.rule}") & 0xFFFFFFFF
    return f"learned.{name.strip('.-')}.{proposal.run.rule.partition('-')[0]}-{mark:08x}"


def drafted(scope: str, label: str, proposal: Proposal) -> Rule:
    """Return a proposal as a rule, without examples."""
    run = proposal.run
    is_label = bool(proposal.fact)
    match = LABEL if is_label else "list" if run.lists else "run"
    options: dict[str, Any] = {
        "source": scope, "zone": run.zone, "least": run.least, "reach": run.reach, "prose": run.prose,
        "tier": proposal.tier, "state": "proposed",
    }  # fmt: skip
    if is_label:
        options["fact"] = proposal.fact
    reasons = _reasons(label, proposal)
    return Rule(rule_id(scope, proposal), STAGE, match, proposal.texts, *reasons, "any", (), (), options, "")


def _reasons(label: str, proposal: Proposal) -> tuple[str, str]:
    hits, pages, days = proposal.hits, proposal.pages, f"{proposal.first[:10]} – {proposal.last[:10]}"
    if proposal.fact:
        return (
            f"{hits} of {pages} pages of {label} say this beside the label; it becomes the fact {proposal.fact!r}.",
            f"{label} 的 {pages} 页中有 {hits} 页在此标签旁写明，作为 {proposal.fact} 记录；原文保留。",
        )
    return (
        f"Stands on {hits} of {pages} pages of {label}, {days}.",
        f"{label} 的 {pages} 页中有 {hits} 页出现，{days}。",
    )


def _table(rule: Rule, proposal: Proposal, found: Examples, day: str) -> "Table":
    from tomlkit import aot, item, table

    made = table()
    made["id"], made["stage"], made["match"] = rule.id, rule.stage, rule.match
    for key in ("state", "tier", "source", "zone", "least", "reach", "prose", "fact"):
        if key in rule.options:
            made[key] = rule.options[key]
    made["text"] = _lines(rule.texts)
    made["reason"], made["reason-zh"] = _string(rule.reason), _string(rule.reason_zh)
    evidence = {
        "pages": proposal.pages, "hits": proposal.hits, "share": round(proposal.share, 2),
        "confidence": round(proposal.confidence, 2), "characters": proposal.characters,
        "first": proposal.first, "last": proposal.last, "learned": day,
        "doubts": [str(doubt) for doubt in proposal.doubts], "variant": proposal.variant,
        "without": len(proposal.without), "elsewhere": len(proposal.elsewhere),
        "examples": _lines(proposal.examples), "counter-examples": _lines(proposal.without[:SHOWN]),
        "near-misses": _lines(proposal.elsewhere[:SHOWN]),
    }  # fmt: skip
    made["evidence"] = item(evidence, _parent=made)
    made["decision"] = item({"by": "", "on": "", "note": ""}, _parent=made)
    one, other = table(), table()
    one["before"], one["after"] = _string(found.example.before), _string(found.example.after)
    other["text"] = _string(found.counter_example.before)
    made["example"], made["counter-example"] = aot(), aot()
    made["example"].append(one)
    made["counter-example"].append(other)
    return made


def _lines(texts: Sequence[str]) -> "Array":
    from tomlkit import array

    made = array()
    made.extend(_string(text) for text in texts)
    return made.multiline(len(texts) > 1)


def _string(text: str) -> "String":
    """A string as TOML reads it back: stray bytes as U+FFFD, since TOML has only characters."""
    from tomlkit import string

    return string(text.encode("utf-8", "replace").decode())


def merged(text: str, source: str, drafts: Sequence[tuple[Rule, Proposal, Examples]], day: str) -> str:
    """Return a file's text with new proposals in place of its old ones; whatever was decided stays as it stands.

    `text` is empty for a new file, `source` the source's name for people, `day` when it was learned (YYYY-MM-DD).
    """
    from tomlkit import aot, comment, document, parse

    file = parse(text) if text.strip() else document()
    if not text.strip():
        for line in (source, *HEADING.splitlines()):
            file.add(comment(line))
    kept = [entry for entry in file.get("rule", ()) if entry.get("state") != "proposed"]
    taken = {entry["id"] for entry in kept}
    rules = aot()
    for entry in kept:
        rules.append(entry)
    for rule, proposal, found in drafts:
        if rule.id not in taken:
            rules.append(_table(rule, proposal, found, day))
    file["rule"] = rules
    return file.as_string()


def decided(text: str, states: Mapping[str, str], decision: Mapping[str, str]) -> str:
    """Return a file's text with other states of some rules, by id, and who decided so, when and why."""
    from tomlkit import parse

    file = parse(text)
    for entry in file.get("rule", ()):
        if state := states.get(entry.get("id", "")):
            entry["state"] = state
            entry["decision"] = {**entry.get("decision", {}), **decision}
    return file.as_string()
