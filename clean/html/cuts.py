"""What of a page is not to be rendered, and why. The tree stays as it is; rendering passes these nodes by."""

from collections.abc import Mapping
from typing import NamedTuple

from lxml.etree import _Element

__all__ = ["NOTHING", "Cuts", "Why"]


class Why(NamedTuple):
    """Why a node was cut."""

    stage: str
    rule: str
    note: str = ""
    """For people: votes, score, strongest reasons; empty where the rule says it all."""


class Cuts(NamedTuple):
    """Nodes that are not to be rendered. Each of the three maps is looked up by identity of the element."""

    elements: Mapping[_Element, Why]
    """Elements with all that is in them. The text after their end tag stays."""
    texts: Mapping[_Element, Why]
    """Elements whose first text, the one before their first child, is cut."""
    tails: Mapping[_Element, Why]
    """Elements with the text after their end tag cut."""


NOTHING = Cuts({}, {}, {})
