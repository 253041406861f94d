"""What a stage gives back."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clean.document import State
from clean.edits import Edit
from clean.frontmatter import Value
from clean.rules import Ruleset
from clean.view import View

__all__ = ["Edit", "Found", "Ruleset", "State", "View", "removal"]


class Found(NamedTuple):
    """Edits on the text of the view, in order; facts for the front matter; a state where the stage knows it."""

    edits: Sequence[Edit] = ()
    facts: Mapping[str, Value] = {}
    state: State | None = None
    notice: str = ""


def removal(view: View, index: int, rule: str) -> Edit:
    """Remove one line with the blank lines after it."""
    return Edit(view.starts[index], view.until_next(index), "", rule)
