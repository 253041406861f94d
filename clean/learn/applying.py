"""Approved rules on a page: runs of lines go from the place where they were learned.

Only the rules of the page's own source apply. A run outside its guard stays and is counted; so does everything where
next to nothing would be left of the page.
"""

from collections.abc import Iterable, Sequence

from clean.frontmatter import Value
from clean.learn.apply import Hit, Matcher, Run, Seen
from clean.learn.form import LABEL, STAGE
from clean.learn.guards import label_of
from clean.learn.normal import FIXED, PROSE, Kind
from clean.learn.page import Line, lines_of, scope_of
from clean.rules import Rule
from clean.stages.stage import Found, Ruleset, View, lifting

__all__ = ["FLOOR", "MOST", "applied", "run_of", "seen_of", "too_much"]

FLOOR = 60
"""Characters of prose that must be left, or nothing goes: what is nothing but repetition is a page of another kind."""

MOST = 0.7
"""Share of a WeChat article's prose that may go at most: its frame is small."""


def run_of(rule: Rule) -> Run:
    """Return a rule's run and its guard."""
    options = rule.options
    return Run(
        rule.id, rule.texts, options["zone"], options["least"], options["reach"], options["prose"], rule.match == "list"
    )


class _Sources:
    """The rules by the source that they are for."""

    def __init__(self, ruleset: Ruleset) -> None:
        rules: dict[str, list[Rule]] = {}
        for rule in ruleset.rules:
            if rule.stage == STAGE:
                for source in _names(rule):
                    rules.setdefault(source, []).append(rule)
        self.matchers = {
            source: Matcher(run_of(rule) for rule in found if rule.match != LABEL) for source, found in rules.items()
        }
        self.labels = {source: [rule for rule in found if rule.match == LABEL] for source, found in rules.items()}


def _names(rule: Rule) -> Iterable[str]:
    source = rule.options["source"]
    return [source] if isinstance(source, str) else source


def applied(view: View, ruleset: Ruleset) -> Found:
    """Remove the runs that the approved rules of the page's source name."""
    sources = ruleset.compiled(f"{STAGE} by source", _Sources)
    scope = scope_of(view.front.get("url"), view.front.get("source"))
    matcher = sources.matchers.get(scope)
    if matcher is None:
        return Found()
    lines = lines_of(view)
    hits, outside = matcher.find(seen_of(lines), cut=view.facts.get("truncated") == "true")
    withheld = outside
    if too_much(lines, hits, wechat=bool(view.facts.get("kind"))):
        hits, withheld = (), (*hits, *outside)
    rules = {place: hit.rule for hit in hits for place in hit.places}
    edits = [lifting(view, lines[place].at, rules[place]) for place in sorted(rules)]
    left = [line for place, line in enumerate(lines) if place not in rules]
    facts = {key: value for key, value in _facts(left, sources.labels[scope]).items() if not view.facts.get(key)}
    return Found(edits, facts, withheld=_counts(withheld))


def _facts(lines: Sequence[Line], rules: Sequence[Rule]) -> dict[str, Value]:
    """Read the texts beside labels that name facts, near the head or the tail of what is left of the page."""
    facts: dict[str, Value] = {}
    for rule in rules:
        reach = rule.options["reach"]
        for line in lines[:reach] if rule.options["zone"] == "head" else lines[-reach:]:
            label = label_of(line.text)
            if label in rule.texts and line.kind is Kind.TEXT:
                value = line.text.partition(":")[2].strip()
                facts.setdefault(rule.options["fact"], value.encode("utf-8", "replace").decode())
    return facts


def seen_of(lines: Sequence[Line]) -> Seen:
    """Return lines as rules see them: those of a table or of code never go, and count as prose."""
    return Seen(
        [None if line.kind in FIXED else line.text for line in lines],
        [line.kind in FIXED or (line.kind is Kind.TEXT and line.units >= PROSE) for line in lines],
        [line.listed for line in lines],
    )


def too_much(lines: Sequence[Line], hits: Iterable[Hit], *, wechat: bool) -> bool:
    """Whether so much would go that the page is of another kind, and nothing may go."""
    gone = {place for hit in hits for place in hit.places}
    if not gone:
        return False
    whole = left = 0
    for place, line in enumerate(lines):
        size = 0 if line.kind in {Kind.LINK, Kind.IMAGE, Kind.HEADING} else len(line.text)
        whole += size
        left += 0 if place in gone else size
    return left < FLOOR or (wechat and whole - left > MOST * whole)


def _counts(hits: Iterable[Hit]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for hit in hits:
        counts[hit.rule] = counts.get(hit.rule, 0) + 1
    return dict(sorted(counts.items()))
