"""A text post: its feed title is its text, and becomes the body."""

import re

from clean.stages.headings import heading_text
from clean.stages.stage import Edit, Found, Ruleset, View
from clean.stages.state import TEXT_POST

__all__ = ["text_post"]

# A line end as the feed writes it: one backslash or an escaped one before an n. Linear.
_LINE_END = re.compile(r"\\{1,2}n")


def text_post(view: View, ruleset: Ruleset) -> Found:
    """Write the heading of a text post as the text that it is."""
    if view.facts.get("kind") != "text" or not view.opening:
        return Found()
    first = view.opening[0]
    title = heading_text(view.lines[first], 1)
    if not title:
        return Found()
    start = view.starts[first]
    text = _LINE_END.sub("\n", title)
    return Found([Edit(start, start + len(view.lines[first]), text, TEXT_POST)])
