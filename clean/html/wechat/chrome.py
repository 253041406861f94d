"""The interface of a page: which rule names a node, by its tag, its id or one of its classes."""

from collections.abc import Iterable, Mapping

from lxml.etree import _Element

from clean.html.cuts import Why
from clean.html.wechat.content import Part
from clean.rules import Ruleset

__all__ = ["CHROME", "FRAME", "chrome_in", "selected", "selectors"]

CHROME, FRAME = "page-chrome", "page-frame"


def chrome_in(parts: Iterable[Part], ruleset: Ruleset) -> Mapping[_Element, Why]:
    """Find the interface inside the content, each node with its rule; of nested nodes the outermost."""
    wanted = selectors(ruleset, CHROME)
    found: dict[_Element, Why] = {}
    for part in parts:
        for node in part.element.iterdescendants("*"):
            why = selected(node, wanted)
            if why is not None and not (found and any(above in found for above in node.iterancestors())):
                found[node] = why
    return found


def selectors(ruleset: Ruleset, *stages: str) -> Mapping[str, Why]:
    """Return what the rules of some stages select: a tag, `.class` or `#id`, in lower case."""

    def compiled(rules: Ruleset) -> Mapping[str, Why]:
        return {
            text.lower(): Why(stage, rule.id)
            for stage in stages
            for rule in rules.of(stage, "wechat")
            if rule.match == "selector"
            for text in rule.texts
        }

    return ruleset.compiled(f"selectors of {' and '.join(stages)}", compiled)


def selected(node: _Element, wanted: Mapping[str, Why]) -> Why | None:
    """Return why a node is interface, None where no rule selects it."""
    why = wanted.get(str(node.tag))
    if why is not None:
        return why
    if key := node.get("id"):
        why = wanted.get(f"#{key.lower()}")
    if why is None and (classes := node.get("class")):
        found = (wanted.get(f".{name}") for name in classes.lower().split())
        why = next((one for one in found if one is not None), None)
    return why
