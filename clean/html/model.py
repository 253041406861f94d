"""Data types of extraction: content trees, cuts with their reasons, paths of nodes, facts.

The tree stays as it is: rendering passes by what is cut, and the ledger names it by its place.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from lxml.etree import XPath, _Element
from lxml.html import HtmlElement

from clean.document import CleanWarning, PageKind, State
from clean.frontmatter import Value

__all__ = [
    "NO_CUTS",
    "ContentTree",
    "CutReason",
    "NodeCuts",
    "NodePlace",
    "NodePlaces",
    "PageReading",
    "fold_space",
    "line_of",
]


class CutReason(NamedTuple):
    """Why a node was cut."""

    stage: str
    rule: str
    note: str = ""
    """For people: votes, score, strongest reasons; empty where the rule says it all."""


class NodeCuts(NamedTuple):
    """Nodes that are not to be rendered. Each of the three maps is looked up by identity of the element."""

    elements: Mapping[_Element, CutReason]
    """Elements with all that is in them. The text after their end tag stays."""
    texts: Mapping[_Element, CutReason]
    """Elements whose first text, the one before their first child, is cut."""
    tails: Mapping[_Element, CutReason]
    """Elements with the text after their end tag cut."""


NO_CUTS = NodeCuts({}, {}, {})


# Where a node stands in its page: an XPath, as a browser's "Copy XPath" gives it, so that a ledger can name it.
#
# `//*[@id="js_content"]/section[4]/p[1]` begins at the nearest element whose id is the only one of its kind. Steps
# count elements of one name from 1 (XPath 1.0, section 2.5), so comments and white space change nothing. A tree that
# stands in a page's data and not in the page itself is named by where it stood: `cgiDataNew.content_noencode/p[1]`.


_WITH_ID = XPath("descendant-or-self::*[@id]")
_WITH_CLASS = XPath("descendant-or-self::*[@class]")


LONGEST_PATH = 500
"""Characters of a path that names each step. A node that stands deeper is named by its number in the page instead, as
`/html/descendant::*[4711]`: a page of a few thousand levels would be outweighed by the names of its nodes."""
LONGEST_ID = 200
"""Characters of an id that a path may begin with."""


class NodePlace:
    """A node's place as steps from its anchor, linked upwards: a step costs nothing until it is read."""

    __slots__ = ("above", "length", "step")

    def __init__(self, above: "NodePlace | None", step: str) -> None:
        self.above = above
        self.step = step
        self.length: int = len(step) + (above.length + 1 if above is not None else 0)

    def path(self) -> str:
        """Return the place as an XPath."""
        steps = []
        here: NodePlace | None = self
        while here is not None:
            steps.append(here.step)
            here = here.above
        return "/".join(reversed(steps))


class NodePlaces:
    """Finds the places of the elements of one tree; what it learns of a parent it keeps, so many cost little."""

    def __init__(self, root: _Element, origin: str = "") -> None:
        """`origin` says where a tree stood that is no page of its own."""
        self.root = root
        self.origin = origin
        self._places: dict[_Element, NodePlace] = {root: NodePlace(None, origin or f"/{root.tag}")}
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

    def place(self, element: _Element) -> NodePlace:
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
                self._places[node] = NodePlace(None, f'{self.origin}//*[@id="{node.get("id")}"]')
            elif parent is None:
                self._places[node] = NodePlace(None, f"/{node.tag}")
            else:
                place = NodePlace(self._places[parent], self._step(parent, node))
                self._places[node] = place if place.length <= LONGEST_PATH else self._numbered(node)
        return self._places[element]

    def _numbered(self, node: _Element) -> NodePlace:
        """Return the place of an element as its number among all elements of the tree, from 1."""
        return NodePlace(NodePlace(None, self._places[self.root].step), f"descendant::*[{self._numbers[node]}]")

    @cached_property
    def _numbers(self) -> Mapping[_Element, int]:
        return {element: number for number, element in enumerate(self.root.iterdescendants("*"), 1)}

    def _is_anchor(self, element: _Element) -> bool:
        key = element.get("id")
        if not key or len(key) > LONGEST_ID or '"' in key or key in self._ambiguous:
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


class ContentTree(NamedTuple):
    """A tree that holds content: a node of the page, or one made from the page's data."""

    element: HtmlElement
    places: NodePlaces
    """Names of its nodes."""


class PageReading(NamedTuple):
    """A page as its profile reads it."""

    state: State
    rule: str
    """Id of the rule that told the state, or that found the text in the page's data; else empty."""
    notice: str
    """The notice's text where the state is not live, one line each."""
    facts: Mapping[str, Value]
    """Values for the front matter, by its keys, none of them empty."""
    trees: tuple[ContentTree, ...]
    """In reading order; none unless the state is live."""
    cuts: NodeCuts = NO_CUTS
    """What of the trees is not content."""
    revealed: Set[_Element] = frozenset()
    """What of the trees is content although the page hides it."""
    name: Callable[[_Element], CutReason | None] = lambda _: None
    """Names the interface that stands around the content, node by node."""
    rest: CutReason = CutReason("", "")
    """Why whatever else stands there is no content."""
    base: str = ""
    """What relative addresses are relative to; empty where it is not known."""
    titled: bool = True
    """Whether the title is a heading of its own; a post of text has none."""
    warnings: tuple[CleanWarning, ...] = ()
    confidence: float | None = None
    """F1 that the choice of the content is expected to have, 0 to 1; None where nothing had to be chosen."""
    page_kind: PageKind | None = None
    """What a general page is; None where nothing had to be chosen."""
    own_url: str = ""
    """An address that the page's own data give it; empty where they give none."""
    target: str = ""
    """Where a migrated article went; empty where the page does not say."""
    markdown: str = ""
    """The article's text where the page's data hold it as Markdown; else empty."""


def fold_space(text: str) -> str:
    """Return the text with every run of white space as one blank, and none at its ends."""
    return " ".join(text.split())
