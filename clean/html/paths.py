"""A short, lasting name for each node of a page, so that a ledger can say where something stood.

`#js_content/3/0` is the first child element of the fourth child element of the element with that id. Elements are
counted, comments are not, so that a parser that drops comments gives the same names.
"""

from lxml.html import HtmlElement

__all__ = ["Paths"]


class Paths:
    """Names of the elements of one tree."""

    def __init__(self, root: HtmlElement, name: str = "") -> None:
        """`name` stands for the root itself, where the tree is not a page but a part of a page's data."""
        self.root = root
        self._name = name
        self._ids: dict[str, HtmlElement] = {}
        for element in root.xpath("descendant-or-self::*[@id]"):
            key = element.get("id", "").strip()
            if key and "/" not in key and not key[0].isdigit():
                self._ids.setdefault(key, element)
        self._places: dict[HtmlElement, dict[HtmlElement, int]] = {}

    def by_id(self, key: str) -> HtmlElement | None:
        """Return the first element with an id."""
        return self._ids.get(key)

    def of(self, element: HtmlElement) -> str:
        """Name an element of this tree."""
        steps: list[str] = []
        node = element
        while node is not self.root:
            key = (node.get("id") or "").strip()
            if key and self._ids.get(key) is node:
                steps.append(f"{self._name}#{key}")
                break
            parent = node.getparent()
            if parent is None:
                break
            steps.append(str(self._place(parent, node)))
            node = parent
        else:
            steps.append(self._name)
        return "/".join(reversed(steps)) or "/"

    def find(self, path: str) -> HtmlElement | None:
        """Return the element of a name, None where there is none."""
        first, *rest = path.removeprefix(self._name).split("/")
        node = self._ids.get(first[1:]) if first.startswith("#") else self.root if not first else None
        for step in rest:
            if node is None or not step:
                break
            children = [child for child in node if isinstance(child.tag, str)]
            node = children[int(step)] if step.isdecimal() and int(step) < len(children) else None
        return node

    def _place(self, parent: HtmlElement, node: HtmlElement) -> int:
        if parent not in self._places:
            children = (child for child in parent if isinstance(child.tag, str))
            self._places[parent] = {child: number for number, child in enumerate(children)}
        return self._places[parent].get(node, -1)
