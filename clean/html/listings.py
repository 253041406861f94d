"""Listings that stand in no `pre`: lines of code that a page sets in boxes, one for each.

Editors and highlighters of forums write every line as a `div` of `code` elements; read line by line, each would be a
paragraph with a few words set as code, and the listing without its indentation.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml.etree import _Element

__all__ = ["code_listings"]

CODE: Final = ("code", "samp", "tt")
LINES: Final = frozenset(("div", "p", "section", "dd"))
"""Elements that may be a line. Items of a list are none: a list of names is set in code as often as lines are."""
BOXES: Final = frozenset(("div", "section", "figure", "td", "dd", "blockquote", "center"))
"""Elements that may hold the lines."""
INLINE: Final = frozenset(("a", "b", "br", "code", "em", "font", "i", "samp", "span", "strong", "tt", "u"))
"""What may stand in a line of code."""
MOST_LEVELS: Final = 4
"""How far above its `code` a line may be."""
MOST_IN_LINE: Final = 400
"""Elements of the longest line."""
LEAST_LINES: Final = 2


def code_listings(root: _Element) -> frozenset[_Element]:
    """Return the boxes under `root` of which every line holds code and nothing else."""
    judged: dict[_Element, bool] = {}
    found: set[_Element] = set()
    for code in root.iter(*CODE):
        line = line_around(code, root)
        box = None if line is None else line.getparent()
        if box is not None and box is not root and box not in judged:
            judged[box] = holds_lines(box)
            if judged[box]:
                found.add(box)
    return frozenset(found)


def line_around(code: _Element, root: _Element) -> _Element | None:
    """Return the element that a `code` is a line of, or a part of one; None where none is near."""
    for above in islice(code.iterancestors(), MOST_LEVELS):
        if above is root or above.tag not in INLINE:
            return above if above.tag in LINES and above is not root else None
    return None


def holds_lines(box: _Element) -> bool:
    """Return whether a box holds lines of code and nothing else; empty ones part the others."""
    if box.tag not in BOXES or (box.text or "").strip():
        return False
    lines = 0
    for child in box:
        if (child.tail or "").strip():
            return False
        if not isinstance(child.tag, str) or child.tag == "br":
            continue
        if child.tag not in LINES:
            return False
        said = line_of_code(child)
        if said is None:
            return False
        lines += said
    return lines >= LEAST_LINES


def line_of_code(line: _Element) -> bool | None:
    """Return whether there is code in a line; None if there is anything else in it."""
    if (line.text or "").strip():
        return None
    code = 0
    for count, (node, within) in enumerate(parts_of(line)):
        if count > MOST_IN_LINE or (node.tag not in INLINE and not (within and node.tag in LINES)):
            return None
        if not within and node.tag not in CODE and (node.text or "").strip():
            return None
        if not within and (node.tail or "").strip():
            return None
        code += node.tag in CODE
    return code > 0


def parts_of(line: _Element) -> Iterator[tuple[_Element, bool]]:
    """Yield the elements in a line, and of each whether it stands within code."""
    stack = [(child, False) for child in reversed(line) if isinstance(child.tag, str)]
    while stack:
        node, within = stack.pop()
        yield node, within
        inside = within or node.tag in CODE
        stack.extend((child, inside) for child in reversed(node) if isinstance(child.tag, str))
