"""The interface of a page: which rule names a node, by its tag, its id or one of its classes."""

from collections.abc import Iterable, Iterator, Mapping

from lxml.etree import _Element

from clean.html.cuts import Why
from clean.html.wechat.content import Part
from clean.rules import Rule, Ruleset

__all__ = ["CHROME", "FRAME", "chrome_in", "rule_for", "selectors"]

CHROME, FRAME = "page-chrome", "page-frame"


def chrome_in(parts: Iterable[Part], ruleset: Ruleset) -> Mapping[_Element, Why]:
    """Find the interface inside the content, each node with its rule; of nested nodes the outermost."""
    wanted = selectors(CHROME, ruleset)
    found: dict[_Element, Why] = {}
    for part in parts:
        stack = list(reversed(part.element))
        while stack:
            node = stack.pop()
            if not isinstance(node.tag, str):
                continue
            rule = rule_for(node, wanted)
            if rule:
                found[node] = Why(CHROME, rule)
            else:
                stack.extend(reversed(node))
    return found


def selectors(stage: str, ruleset: Ruleset) -> Mapping[str, str]:
    """Return the ids of a stage's rules by what they select: a tag, `.class` or `#id`, in lower case."""
    return ruleset.compiled(
        f"selectors {stage}",
        lambda rules: {text.lower(): rule.id for rule in _selecting(stage, rules) for text in rule.texts},
    )


def _selecting(stage: str, ruleset: Ruleset) -> Iterator[Rule]:
    return (rule for rule in ruleset.of(stage, "wechat") if rule.match == "selector")


def rule_for(node: _Element, wanted: Mapping[str, str]) -> str:
    """Return the id of the rule that selects a node, empty where none does."""
    tag = str(node.tag)
    if tag in wanted:
        return wanted[tag]
    key = node.get("id")
    if key and f"#{key.lower()}" in wanted:
        return wanted[f"#{key.lower()}"]
    classes = node.get("class")
    if classes:
        for name in classes.lower().split():
            if f".{name}" in wanted:
                return wanted[f".{name}"]
    return ""
