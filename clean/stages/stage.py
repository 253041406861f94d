"""The result of a stage: edits, facts, state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clean.document import State
from clean.frontmatter import Value
from clean.ledger import Edit
from clean.rules import Ruleset
from clean.view import View, is_blank

__all__ = ["Edit", "Ruleset", "StageResult", "State", "View", "lifting", "removal"]


class StageResult(NamedTuple):
    """Edits on the text of the view, in order; facts for the front matter; a state where the stage knows it."""

    edits: Sequence[Edit] = ()
    facts: Mapping[str, Value] = {}
    state: State | None = None
    notice: str = ""
    withheld: Mapping[str, int] = {}
    """How often a rule found what its guard does not let go, by rule."""


def removal(view: View, index: int, rule: str) -> Edit:
    """Remove one line with the blank lines after it: of a run that goes as a whole, or below a heading."""
    return Edit(view.starts[index], view.until_next(index), "", rule)


def lifting(view: View, index: int, rule: str, *, block: bool = False) -> Edit:
    """Remove one line from the midst of a text, so that what was a paragraph before it and after it stays one.

    `block` says that the line, a heading, parted the two by itself.
    """
    if index == 0 or is_blank(view.lines[index - 1]):
        return removal(view, index, rule)
    parts = block and index + 1 < len(view.lines) and not is_blank(view.lines[index + 1])
    return Edit(view.starts[index], view.starts[index + 1], "\n" if parts else "", rule)
