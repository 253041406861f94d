"""Shadow trees that a page declares, put where a browser shows them.

A `<template shadowrootmode>` is what its parent shows, with the parent's own children in the `<slot>` elements
(https://html.spec.whatwg.org/multipage/scripting.html#attr-template-shadowrootmode, and "flat tree" in CSS Scoping 1).
Browsers' older `shadowroot` and what savers of pages write (`shadowmode`) are the same. Children that no slot takes are
not shown: they stay, hidden, so that the ledger has their text.
"""

from collections.abc import Iterator

from lxml.etree import _Element

__all__ = ["MARK", "attach_shadow_trees"]

MARK = b"shadow"
"""In the bytes of every page that declares a shadow tree."""

_NEVER_SHOWN = frozenset(("script", "style", "link", "meta", "template"))
_ATTRIBUTES = ("shadowrootmode", "shadowroot", "shadowmode")


def attach_shadow_trees(root: _Element) -> None:
    """Change a tree into the one that is shown."""
    # The innermost first: what a slot takes may hold shadow trees of its own, and they are whole then.
    inner: set[_Element] = set()
    for template in reversed(list(root.iter("template"))):
        host = template.getparent()
        if host is not None and any(template.get(name) is not None for name in _ATTRIBUTES):
            _attach(host, template, inner)


def _attach(host: _Element, template: _Element, inner: set[_Element]) -> None:
    """Put a shadow tree in its place; `inner` has the slots of the trees in it, which take nothing of this host."""
    light = list(_light_nodes(host, template))
    for node in list(host):
        host.remove(node)
    host.append(template)
    template.tag = "div"
    for name in _ATTRIBUTES:
        template.attrib.pop(name, "")
    slots: dict[str, _Element] = {}
    for slot in template.iter("slot"):
        if slot not in inner:
            slots.setdefault(slot.get("name") or "", slot)
            inner.add(slot)
    filled: set[_Element] = set()
    for node in light:
        taken_by = slots.get(node.get("slot") or "")
        if taken_by is None:
            if node.tag not in _NEVER_SHOWN:
                node.set("hidden", "")
            host.append(node)
            continue
        if taken_by not in filled:  # what stands in a slot is for want of something to take
            filled.add(taken_by)
            for child in list(taken_by):
                taken_by.remove(child)
            taken_by.text = None
        taken_by.append(node)


def _light_nodes(host: _Element, template: _Element) -> Iterator[_Element]:
    """Yield what stands in a host beside its shadow tree, in order; each text as an element of its own."""
    yield from _words(host, host.text)
    host.text = None
    for child in list(host):
        tail, child.tail = child.tail, None
        if child is not template and isinstance(child.tag, str):
            yield child
        yield from _words(host, tail)


def _words(host: _Element, text: str | None) -> Iterator[_Element]:
    if text and text.strip():
        span = host.makeelement("span")
        span.text = text
        yield span
