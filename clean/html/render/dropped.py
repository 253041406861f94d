"""What did not go into the Markdown: where it stood in the page, what it was, and which rule says why."""

from dataclasses import dataclass
from typing import Literal

from clean.html.model import Place

__all__ = ["STAGE", "Dropped", "Kind"]

Kind = Literal["text", "image", "link"]

STAGE = "render"
"""The stage of what rendering itself leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """One text, image or link target that is in the page and not in the Markdown."""

    place: Place
    kind: Kind
    text: str
    """The text, or the address."""
    rule: str
    stage: str = STAGE
    note: str = ""
    """For people; empty where the rule says it all."""
    line: int = 0
    """Line of the page's source, counted from 1; 0 where it is not known."""

    @property
    def path(self) -> str:
        """Where it stood: an XPath."""
        return self.place.path()
