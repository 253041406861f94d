"""The interface inside the content: nodes that a rule names, each with the rule that took it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from lxml.html import HtmlElement

from clean.html.wechat.content import Part
from clean.html.wechat.rules import CHROME, rules_of
from clean.html.wechat.text import folded
from clean.rules import Ruleset

__all__ = ["Dropped", "dropped_from"]

HIDDEN = "wechat.page.hidden"

# `display: none` as a declaration of its own. Single runs of white space: linear.
_HIDDEN = re.compile(
    r"(?:^|;)\s{0,40}display\s{0,40}:\s{0,40}none\s{0,40}(?:!\s{0,9}important\s{0,9})?(?:;|$)", re.IGNORECASE
)


class Dropped(NamedTuple):
    """One node that is not the author's. It stays in its tree; rendering passes it by."""

    element: HtmlElement
    path: str
    rule: str
    text: str
    """Its text, white space folded: what the ledger keeps."""


def dropped_from(parts: Iterable[Part], ruleset: Ruleset | None = None) -> tuple[Dropped, ...]:
    """Find the interface in the content; of nested nodes the outermost is named."""
    rules = rules_of(CHROME, ruleset)
    wanted = {text.lower(): rule.id for rule in rules if rule.match == "selector" for text in rule.texts}
    hidden = any(rule.id == HIDDEN for rule in rules)
    found: list[Dropped] = []
    for part in parts:
        stack = list(reversed(part.element))
        while stack:
            node = stack.pop()
            if not isinstance(node.tag, str):
                continue
            rule = _rule(node, wanted, hidden=hidden)
            if rule:
                found.append(Dropped(node, part.places.of(node), rule, folded("".join(node.itertext()))))
            else:
                stack.extend(reversed(node))
    return tuple(found)


def _rule(node: HtmlElement, wanted: dict[str, str], *, hidden: bool) -> str:
    if node.tag in wanted:
        return wanted[node.tag]
    key = node.get("id")
    if key and f"#{key.lower()}" in wanted:
        return wanted[f"#{key.lower()}"]
    classes = node.get("class")
    if classes:
        for name in classes.lower().split():
            if f".{name}" in wanted:
                return wanted[f".{name}"]
    style = node.get("style")
    return HIDDEN if hidden and style and "none" in style.lower() and _HIDDEN.search(style) else ""
