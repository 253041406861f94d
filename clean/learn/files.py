"""Files of learned rules: TOML proposals, decisions, and detection of aged rules.

A file is changed without disturbing the rest of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import ceil, log
from typing import TYPE_CHECKING, Any, NamedTuple

from clean.learn.apply import PageEffect
from clean.learn.counts import line_digest
from clean.learn.propose import ProposedRule
from clean.rules import LABEL, STAGE, ExamplePair, Rule

if TYPE_CHECKING:
    from tomlkit.items import Array, String, Table

__all__ = [
    "FILE_HEADING",
    "RuleHealth",
    "RuleProblem",
    "draft_rule",
    "judge_rules",
    "merge_proposals",
    "record_decisions",
    "rule_id",
]


FILE_HEADING = """\
Rules learned from what this source repeats. `archive rules proposals` shows what they would remove, `archive rules
approve` and `archive rules reject` decide; or edit `state` here. Only approved rules apply. docs/learning.md explains.
"""

SHOWN = 5
"""Pages that the evidence names of each kind."""


def rule_id(scope: str, proposal: ProposedRule) -> str:
    """Return the id of a proposal: the same lines in the same place of a source have the same id, and no others."""
    name = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in scope.partition(":")[2])
    mark = line_digest(f"{scope} {proposal.run.rule}") & 0xFFFFFFFF
    return f"learned.{name.strip('.-')}.{proposal.run.rule.partition('-')[0]}-{mark:08x}"


def draft_rule(scope: str, label: str, proposal: ProposedRule) -> Rule:
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


def _reasons(label: str, proposal: ProposedRule) -> tuple[str, str]:
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


def _table(rule: Rule, proposal: ProposedRule, found: ExamplePair, day: str) -> "Table":
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


def merge_proposals(text: str, source: str, drafts: Sequence[tuple[Rule, ProposedRule, ExamplePair]], day: str) -> str:
    """Return a file's text with new proposals in place of its old ones; whatever was decided stays as it stands.

    `text` is empty for a new file, `source` the source's name for people, `day` when it was learned (YYYY-MM-DD).
    """
    from tomlkit import aot, comment, document, parse

    file = parse(text) if text.strip() else document()
    if not text.strip():
        for line in (source, *FILE_HEADING.splitlines()):
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


def record_decisions(text: str, states: Mapping[str, str], decision: Mapping[str, str]) -> str:
    """Return a file's text with other states of some rules, by id, and who decided so, when and why."""
    from tomlkit import parse

    file = parse(text)
    for entry in file.get("rule", ()):
        if state := states.get(entry.get("id", "")):
            entry["state"] = state
            entry["decision"] = {**entry.get("decision", {}), **decision}
    return file.as_string()


# Whether rules that a person approved still do what was approved.


CHANCE = 0.001
"""A rule has stopped where so many pages in a row without it would come about by chance no oftener."""

FEWEST = 5
"""Pages without a rule before it can have stopped."""

ELSEWHERE, ELSEWHERE_SHARE = 2, 0.1
"""Pages on which a rule's lines may stand outside its guard, and their share; beyond both it is not what it was. The
guard itself leaves out one page of twenty."""

FLOOR, FLOOR_SHARE = 2, 0.02
"""Pages that a rule fires on and that may have next to nothing left, and their share of all of those."""

PARTLY, PARTLY_SHARE = 0.6, 0.2
"""A page has a run partly, where it has fewer of its lines; and the share of the last pages on which it may."""

LATELY = 20
"""Pages that are the last ones."""


class RuleProblem(StrEnum):
    """A problem of an approved rule."""

    STOPPED = "stopped"
    """It no longer fires on new pages: the source has another frame, or has none for a while."""
    ELSEWHERE = "elsewhere"
    """Its lines stand in other places too, where they may be an author's."""
    TOO_MUCH = "too-much"
    """It takes so much that pages are left as they are."""
    CHANGED = "changed"
    """Pages have only some of its lines: a new version of the run is to be learned."""


NEXT = {RuleProblem.STOPPED: "dormant", RuleProblem.ELSEWHERE: "suspended", RuleProblem.TOO_MUCH: "suspended"}
"""The state that a rule in trouble should have."""


class RuleHealth(NamedTuple):
    """A rule and its condition."""

    rule: str
    pages: int
    hits: int
    """Pages on which it fires."""
    outside: int
    """Pages on which its lines stand outside its guard."""
    floor: int
    """Pages on which it fires and that are left as they are."""
    last: str
    """Date of the last page on which it fires; empty where none has it."""
    since: int
    """Pages since that one."""
    troubles: tuple[RuleProblem, ...]
    examples: tuple[str, ...]
    """Names of pages to look at."""

    @property
    def state(self) -> str:
        """The state that the rule should have: `approved` where nothing is the matter."""
        return next((NEXT[trouble] for trouble in reversed(self.troubles) if trouble in NEXT), "approved")


def judge_rules(rules: Sequence[Rule], found: Iterable[PageEffect]) -> list[RuleHealth]:
    """Judge rules by what they do on the pages of their source, given by date."""
    pages = list(found)
    return [_finding(rule, pages) for rule in rules if rule.match != LABEL]


def _finding(rule: Rule, pages: Sequence[PageEffect]) -> RuleHealth:
    lines = [one.lines(rule.id) for one in pages]
    hits = [number for number, count in enumerate(lines) if count]
    outside = [one.page.name for one in pages if rule.id in one.outside]
    floor = [one.page.name for one in pages if one.floor and one.lines(rule.id)]
    last = hits[-1] if hits else -1
    since = len(pages) - 1 - last
    lately = [number for number in hits if number >= len(pages) - LATELY]
    partly = [number for number in lately if lines[number] < PARTLY * len(rule.texts)]
    troubles = []
    if _has_stopped(hits, since):
        troubles.append(RuleProblem.STOPPED)
    if len(partly) > PARTLY_SHARE * len(lately):
        troubles.append(RuleProblem.CHANGED)
    if len(floor) > FLOOR and len(floor) > FLOOR_SHARE * len(hits):
        troubles.append(RuleProblem.TOO_MUCH)
    if len(outside) > ELSEWHERE and len(outside) > ELSEWHERE_SHARE * (len(hits) + len(outside)):
        troubles.append(RuleProblem.ELSEWHERE)
    examples = (*outside[-3:], *floor[-3:], *(pages[number].page.name for number in partly[-3:]))
    date = pages[last].page.date if hits else ""
    return RuleHealth(rule.id, len(pages), len(hits), len(outside), len(floor), date, since, tuple(troubles), examples)


def _has_stopped(hits: Sequence[int], since: int) -> bool:
    """Whether a rule that fired at its rate would hardly be silent for so long (m = ln p / ln(1 - rate))."""
    if not hits:
        return since >= FEWEST
    span = hits[-1] - hits[0] + 1
    rate = min(len(hits) / span, 0.999)
    return since >= max(FEWEST, ceil(log(CHANCE) / log(1 - rate)))
