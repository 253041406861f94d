"""What a profile reads out of an opened page: all that rendering and the ledger need."""

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.document import State, Warn
from clean.frontmatter import Value
from clean.html.cuts import NOTHING, Cuts, Why
from clean.html.model import Places

__all__ = ["Reading", "Tree"]


class Tree(NamedTuple):
    """One tree that holds content: a node of the page, or one made from the page's data."""

    element: HtmlElement
    places: Places
    """Names of its nodes."""


class Reading(NamedTuple):
    """One page, read by its profile."""

    state: State
    rule: str
    """Id of the rule that told the state; empty for an article."""
    notice: str
    """The notice's text where the state is not live, one line each."""
    facts: Mapping[str, Value]
    """Values for the front matter, by its keys, none of them empty."""
    trees: tuple[Tree, ...]
    """In reading order; none unless the state is live."""
    cuts: Cuts = NOTHING
    """What of the trees is not content."""
    revealed: Set[_Element] = frozenset()
    """What of the trees is content although the page hides it."""
    name: Callable[[_Element], Why | None] = lambda _: None
    """Names the interface that stands around the content, node by node."""
    rest: Why = Why("", "")
    """Why whatever else stands there is no content."""
    base: str = ""
    """What relative addresses are relative to; empty where it is not known."""
    titled: bool = True
    """Whether the title is a heading of its own; a post of text has none."""
    warnings: tuple[Warn, ...] = ()
    confidence: float | None = None
    """How sure the choice of the content is, from 0 to 1; None where nothing had to be chosen."""
    own_url: str = ""
    """An address that the page's own data give it; empty where they give none."""
    target: str = ""
    """Where a migrated article went; empty where the page does not say."""
