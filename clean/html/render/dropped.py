"""What did not go into the Markdown: where it stood in the page, what it was, and which rule says why."""

from dataclasses import dataclass
from typing import Literal

from lxml.etree import _Element

__all__ = ["Dropped", "Kind", "Place", "Places"]

Kind = Literal["text", "image", "link"]


class Place:
    """A node's place as steps from the root, linked upwards: a path of 10,000 steps costs nothing until it is read."""

    __slots__ = ("above", "step")

    def __init__(self, above: "Place | None", step: str) -> None:
        self.above = above
        self.step = step

    def path(self) -> str:
        """Return the place as an XPath, as lxml's `getpath` would, but with every number written."""
        steps = []
        here: Place | None = self
        while here is not None:
            steps.append(here.step)
            here = here.above
        return "/" + "/".join(reversed(steps))


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """One text, image or link target that is in the page and not in the Markdown."""

    place: Place
    kind: Kind
    text: str
    """The text, or the address."""
    rule: str

    @property
    def path(self) -> str:
        """Where it stood: an XPath from the document's root."""
        return self.place.path()


class Places:
    """Finds the places of elements; what it learns about a parent it keeps, so many elements cost little."""

    def __init__(self) -> None:
        self._places: dict[_Element, Place] = {}
        self._steps: dict[_Element, dict[_Element, str]] = {}

    def of(self, element: _Element) -> Place:
        """Return the place of an element."""
        unknown = []
        here: _Element | None = element
        while here is not None and here not in self._places:
            unknown.append(here)
            here = here.getparent()
        for node in reversed(unknown):
            parent = node.getparent()
            if parent is None:
                self._places[node] = Place(None, str(node.tag))
            else:
                self._places[node] = Place(self._places[parent], self._step(parent, node))
        return self._places[element]

    def _step(self, parent: _Element, node: _Element) -> str:
        steps = self._steps.get(parent)
        if steps is None:
            counts: dict[str, int] = {}
            steps = {}
            for child in parent.iterchildren("*"):
                tag = str(child.tag)
                counts[tag] = counts.get(tag, 0) + 1
                steps[child] = f"{tag}[{counts[tag]}]" if ":" not in tag else f"*[name()='{tag}'][{counts[tag]}]"
            self._steps[parent] = steps
        return steps[node]
