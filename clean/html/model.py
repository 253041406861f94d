"""Where a node stands in its page: an XPath, as a browser's "Copy XPath" gives it, so that a ledger can name it.

`//*[@id="js_content"]/section[4]/p[1]` begins at the nearest element whose id is the only one of its kind. Steps count
elements of one name from 1 (XPath 1.0, section 2.5), so comments and white space change nothing. A tree that stands
in a page's data and not in the page itself is named by where it stood: `cgiDataNew.content_noencode/p[1]`.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from lxml.etree import XPath, _Element

__all__ = ["Place", "Places", "line_of"]

_WITH_ID = XPath("descendant-or-self::*[@id]")
_WITH_CLASS = XPath("descendant-or-self::*[@class]")


class Place:
    """A node's place as steps from its anchor, linked upwards: 10,000 steps cost nothing until they are read."""

    __slots__ = ("above", "step")

    def __init__(self, above: "Place | None", step: str) -> None:
        self.above = above
        self.step = step

    def path(self) -> str:
        """Return the place as an XPath."""
        steps = []
        here: Place | None = self
        while here is not None:
            steps.append(here.step)
            here = here.above
        return "/".join(reversed(steps))


class Places:
    """Finds the places of the elements of one tree; what it learns of a parent it keeps, so many cost little."""

    def __init__(self, root: _Element, origin: str = "") -> None:
        """`origin` says where a tree stood that is no page of its own."""
        self.root = root
        self.origin = origin
        self._places: dict[_Element, Place] = {root: Place(None, origin or f"/{root.tag}")}
        self._steps: dict[_Element, dict[_Element, str]] = {}
        self._ids: dict[str, _Element] = {}
        self._ambiguous: set[str] = set()
        # Held for as long as the page is read: otherwise lxml makes a new object for each look at an element.
        self._elements = list(root.iter())
        for element in _found(_WITH_ID, root):
            key = element.get("id") or ""
            if key in self._ids:
                self._ambiguous.add(key)
            else:
                self._ids[key] = element

    def by_id(self, key: str) -> _Element | None:
        """Return the first element with an id."""
        return self._ids.get(key)

    def by_class(self, name: str) -> Sequence[_Element]:
        """Return all elements of a class, in the order of the page."""
        return self._classes.get(name, ())

    @cached_property
    def _classes(self) -> Mapping[str, Sequence[_Element]]:
        classes: dict[str, list[_Element]] = {}
        for element in _found(_WITH_CLASS, self.root):
            for name in dict.fromkeys((element.get("class") or "").split()):
                classes.setdefault(name, []).append(element)
        return classes

    def of(self, element: _Element) -> str:
        """Return the path of an element of this tree."""
        return self.place(element).path()

    def place(self, element: _Element) -> Place:
        """Return the place of an element of this tree, its path still to be written."""
        unknown = []
        here: _Element | None = element
        while here is not None and here not in self._places:
            unknown.append(here)
            if self._is_anchor(here):
                break
            here = here.getparent()
        for node in reversed(unknown):
            parent = node.getparent()
            if self._is_anchor(node):
                self._places[node] = Place(None, f'{self.origin}//*[@id="{node.get("id")}"]')
            elif parent is None:
                self._places[node] = Place(None, f"/{node.tag}")
            else:
                self._places[node] = Place(self._places[parent], self._step(parent, node))
        return self._places[element]

    def _is_anchor(self, element: _Element) -> bool:
        key = element.get("id")
        if not key or '"' in key or key in self._ambiguous:
            return False
        return self._ids.get(key) is element

    def _step(self, parent: _Element, node: _Element) -> str:
        steps = self._steps.get(parent)
        if steps is None:
            counts: dict[str, int] = {}
            steps = {}
            for child in parent.iterchildren("*"):
                tag = str(child.tag)
                counts[tag] = counts.get(tag, 0) + 1
                # libxml2 keeps the colon of `o:p` in the name, where XPath would look for a namespace.
                steps[child] = f"{tag}[{counts[tag]}]" if ":" not in tag else f"*[name()='{tag}'][{counts[tag]}]"
            self._steps[parent] = steps
        return steps[node]


def line_of(element: _Element) -> int:
    """Return the line of the page's source at which an element begins, counted from 1; 0 where it is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _found(path: XPath, root: _Element) -> list[_Element]:
    found = path(root)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, _Element)]
