"""What stands inside an element and is not cut off: questions of those who deal with an element as a whole."""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element

from clean.html.cuts import Cuts

__all__ = ["Inside", "text_of"]

TEXT = etree.XPath("string()", smart_strings=False)


def text_of(element: _Element) -> str:
    """Return all text in an element."""
    if not len(element):
        return element.text or ""
    return str(TEXT(element))


class Inside:
    """Knows which elements have a cut inside, so that the many without one cost nothing."""

    def __init__(self, cuts: Cuts) -> None:
        """Mark everything above a cut, each element once."""
        self.cuts = cuts
        self.touched: set[_Element] = set()
        for element in cuts.texts:
            self.mark(element)
        for maps in (cuts.elements, cuts.tails):
            for element in maps:
                self.mark(element.getparent())

    def mark(self, element: _Element | None) -> None:
        """Mark an element and what it stands in."""
        while element is not None and element not in self.touched:
            self.touched.add(element)
            element = element.getparent()

    def is_cut(self, element: _Element) -> bool:
        """Return whether an element, or one around it, is cut off."""
        elements = self.cuts.elements
        return bool(elements) and (element in elements or any(above in elements for above in element.iterancestors()))

    def first(self, element: _Element, *tags: str) -> _Element | None:
        """Return the first descendant of these names that is not cut off."""
        return next(self.all(element, *tags), None)

    def all(self, element: _Element, *tags: str) -> Iterator[_Element]:
        """Return the descendants of these names that are not cut off."""
        if element not in self.touched:
            return element.iterdescendants(*tags)
        return self.kept(element, frozenset(tags))

    def kept(self, element: _Element, tags: frozenset[str]) -> Iterator[_Element]:
        """Return the descendants of these names, passing by what is cut off."""
        walker = etree.iterwalk(element, events=("start",))
        for _, node in walker:
            if node in self.cuts.elements:
                walker.skip_subtree()
            elif node is not element and node.tag in tags:
                yield node
