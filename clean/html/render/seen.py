"""What a reader sees of a node: its text, blocks and lines parted by a blank, and its images."""

from typing import NamedTuple

from lxml.etree import _Element

from clean.html.render.elements import BLOCKS, HEADINGS, LISTS

__all__ = ["SILENT", "Seen", "seen"]

SILENT = frozenset({"script", "style", "template", "title", "link", "meta", "textarea"})
"""Elements whose text no reader sees."""

_PARTED = BLOCKS.union(HEADINGS, LISTS, ("br", "table", "tr", "td", "th", "blockquote", "pre", "hr", "button"))


class Seen(NamedTuple):
    """What a reader sees of a node."""

    text: str
    """White space folded."""
    images: tuple[_Element, ...]
    """Every `img`, in the order of the page."""


def seen(element: _Element) -> Seen:
    """Return what a reader sees of an element, the text after its end tag left out."""
    pieces: list[str] = []
    images: list[_Element] = []
    stack: list[_Element | str] = [element]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            pieces.append(piece)
        elif isinstance(piece.tag, str) and (piece is element or piece.tag not in SILENT):
            gap = " " if piece.tag in _PARTED else ""
            if piece.tag == "img":
                images.append(piece)
            inside: list[_Element | str] = [gap + (piece.text or "")]
            for child in piece:
                inside += (child, child.tail or "")
            inside.append(gap)
            stack += reversed(inside)
    return Seen(" ".join("".join(pieces).split()), tuple(images))
