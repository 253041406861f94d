"""What stands on a page around its content: every text and image of it, named, so that nothing goes unsaid."""

from collections.abc import Callable, Iterator, Mapping, Set

from lxml.etree import _Element

from clean.html.cuts import Why
from clean.html.model import Places, line_of
from clean.html.render.images import address
from clean.html.render.model import is_visible
from clean.html.render.seen import SILENT, seen
from clean.ledger import NodeRemoval

__all__ = ["surroundings"]

Namer = Callable[[_Element], Why | None]


def surroundings(
    root: _Element, content: Set[_Element], places: Places, name: Namer, rest: Why
) -> Iterator[NodeRemoval | _Element]:
    """Yield what stands around the content, in the order of the page, and each content element in its place.

    An element that `name` knows is one entry with all that is in it; so is the largest element that holds neither
    content nor anything `name` knows, under the rule of `rest`.
    """
    named, open_ones = _named(root, content, name)
    stack: list[_Element | NodeRemoval] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, NodeRemoval) or node in content:
            yield node
            continue
        if not isinstance(node.tag, str) or node.tag in SILENT:
            continue
        if node in named or node not in open_ones:
            yield from _taken(node, places, named.get(node, rest))
            continue
        inside: list[_Element | NodeRemoval] = list(_text(node.text, node, places, rest))
        for child in node:
            inside.append(child)
            inside += _text(child.tail, node, places, rest)
        stack += reversed(inside)


def _named(root: _Element, content: Set[_Element], name: Namer) -> tuple[Mapping[_Element, Why], Set[_Element]]:
    """The elements that have a name of their own, and those in which there is such a one, or content."""
    named: dict[_Element, Why] = {}
    holding: set[_Element] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if not isinstance(node.tag, str) or node.tag in SILENT:
            continue
        why = name(node) if node not in content else None
        if why is not None:
            named[node] = why
        elif node not in content:
            stack += node
            continue
        above = node.getparent()
        while above is not None and above not in holding:
            holding.add(above)
            above = above.getparent()
    return named, holding


def _taken(node: _Element, places: Places, why: Why) -> Iterator[NodeRemoval]:
    """Yield the text of an element as one entry, and each of its images."""
    text, images = seen(node)
    yield from _text(text, node, places, why)
    for image in images:
        where = address(image)
        if where:
            yield NodeRemoval(places.of(image), "image", why.stage, why.rule, line_of(image), where, why.note)


def _text(text: str | None, node: _Element, places: Places, why: Why) -> Iterator[NodeRemoval]:
    folded = " ".join((text or "").split())
    if folded and is_visible(folded):
        yield NodeRemoval(places.of(node), "text", why.stage, why.rule, line_of(node), folded, why.note)
