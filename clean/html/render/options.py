"""What the one who renders knows and the tree does not say."""

from collections.abc import Callable, Set
from dataclasses import dataclass

from lxml.etree import _Element

from clean.html.cuts import NOTHING, Cuts
from clean.html.model import Places
from clean.html.render.images import address

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """The page's base address, and where its images keep theirs."""

    base: str | None = None
    """What relative links and images are relative to; None leaves them as they are."""
    image_address: Callable[[_Element], str | None] = address
    """Returns the address of an `img` as it stands in the page; None if it has none."""
    cuts: Cuts = NOTHING
    """What another stage has decided to leave out; each goes to what was dropped with its stage and rule."""
    revealed: Set[_Element] = frozenset()
    """Elements that are read although the page hides them; another stage has found that they are its content."""
    places: Places | None = None
    """Names the nodes; None for the places of the page that the root stands in."""
