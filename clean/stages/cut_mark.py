"""Whether the snapshot's tool cut the page: a fact that readers must know, and nothing that is removed."""

from clean.stages.headings import heading_text
from clean.stages.stage import Found, Ruleset, View

__all__ = ["cut_mark"]

LIMIT = 8000
"""Characters that a widespread snapshot tool keeps of a page before it writes three dots."""

MARK = "..."


def cut_mark(view: View, ruleset: Ruleset) -> Found:
    """Find out whether the text below the tool's title is cut at the tool's limit; fact: truncated."""
    if len(view.text) < LIMIT or not view.text.endswith(MARK):
        return Found()
    first = view.opening[0]
    start = view.until_next(first) if heading_text(view.lines[first], 1) else view.starts[first]
    if len(view.text) - start != LIMIT + len(MARK):
        return Found()
    return Found(facts={"truncated": "true"})
