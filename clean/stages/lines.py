"""Lines that a librarian's own rules name: in the head or the tail of a text, or anywhere, of one source or of all."""

import re

from clean.rules import Rule
from clean.stages.stage import Edit, Found, Ruleset, View, lifting
from clean.view import plain

__all__ = ["lines"]

ZONE = 12
"""Lines with text that count as the head or the tail of a text, unless a rule says otherwise with `lines`."""


def lines(view: View, ruleset: Ruleset) -> Found:
    """Remove the lines that the rules of stage `lines` name; code is never touched."""
    rules = [rule for rule in ruleset.rules if rule.stage == "lines" and _concerns(rule, view)]
    edits: list[Edit] = []
    for place, index in enumerate(view.solid if rules else ()):
        if index in view.verbatim:
            continue
        for rule in rules:
            if _in_zone(rule, place, len(view.solid)) and _fits(rule, view.lines[index].strip()):
                edits.append(lifting(view, index, rule.id))
                break
    return Found(edits)


def _concerns(rule: Rule, view: View) -> bool:
    """Whether the rule is for this source: named by its source, its account or its host."""
    sources = rule.options.get("source", [])
    if not sources:
        return True
    host = re.sub(r"^[a-z]+://([^/:?#]*).*$", r"\1", view.front.get("url").lower(), flags=re.DOTALL)
    names = {view.front.get("source"), view.front.get("account"), str(view.facts.get("account", "")), host}
    return any(source in names for source in ([sources] if isinstance(sources, str) else sources))


def _in_zone(rule: Rule, place: int, total: int) -> bool:
    zone, width = rule.options.get("zone", "anywhere"), int(rule.options.get("lines", ZONE))
    if zone == "head":
        return place < width
    return place >= total - width if zone == "tail" else True


def _fits(rule: Rule, line: str) -> bool:
    if rule.match == "pattern":
        return any(re.fullmatch(text, line) for text in rule.texts)
    if rule.match == "prefix":
        return any(plain(line).startswith(plain(text)) for text in rule.texts)
    return any(plain(line) == plain(text) for text in rule.texts)
