"""Formulas that MathJax has drawn with elements of its own, and of which the page keeps nothing else: back to MathML.

MathJax 3 and 4 draw each element of a formula in one of their own (`mjx-mfrac`, `mjx-mi`), with boxes for its parts
(`mjx-num`, `mjx-den`, `mjx-script`); a character is a class name (`mjx-c3D`) and, from version 4 on, a text as well.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final
from unicodedata import normalize

from lxml import etree
from lxml.etree import _Element

__all__ = ["mathml_of"]

# A character as a class name: its code point, which has six digits at most.
CHARACTER = re.compile(r"mjx-c([0-9A-F]{1,6})$")
# Letters that MathJax sets in italics because they are variables; Unicode has them twice.
ITALIC = (range(0x1D434, 0x1D468), range(0x1D6E2, 0x1D71C))
PLANCK: Final = 0x210E  # the italic h stands elsewhere

TOKENS = frozenset(("mi", "mo", "mn", "mtext", "ms"))
ROWS = frozenset(("math", "mrow", "mstyle", "mpadded", "mtd", "mtr", "mphantom", "merror"))
PARTS = frozenset(("num", "den", "script", "base", "over", "under", "root", "box", "texatom"))
BOXES = frozenset(("frac", "dbox", "dtable", "row", "sqrt", "table", "itable", "labels", "math-item"))
NOTHING = frozenset(
    ("surd", "nstrut", "dstrut", "tstrut", "rstrut", "lstrut", "line", "spacer", "strut", "assistive-mml", "mspace")
)


def mathml_of(container: _Element) -> _Element | None:
    """Return the formula of an `mjx-container` as MathML; None if it holds what this does not know."""
    made: dict[_Element, list[_Element]] = {}
    walker = etree.iterwalk(container, events=("start", "end"))
    for event, node in walker:
        name = str(node.tag).removeprefix("mjx-")
        whole = name in NOTHING or name in TOKENS
        if event == "start":
            if whole:
                walker.skip_subtree()
            continue
        if name in NOTHING:
            made[node] = []
        elif name in TOKENS:
            made[node] = [element(name, text=characters(node))]
        else:
            found = built(name, [one for child in node for one in made.pop(child, [])])
            if found is None:
                return None
            made[node] = found
    inside = made.get(container, [])
    return inside[0] if len(inside) == 1 and inside[0].tag == "math" else None


def built(name: str, inside: list[_Element]) -> list[_Element] | None:
    """Return what an element of MathJax is in MathML; None for one that is not known."""
    if name in BOXES or name == "container":
        return inside
    if name in ROWS or name in PARTS or name == "mtable":
        return [element(name, inside)]
    parts = {str(one.tag): one for one in inside if one.tag in PARTS}
    wanted = SCHEMES.get(name)
    ordered = wanted(parts, inside) if wanted is not None else None
    return [element(name, map(row, ordered))] if ordered else None


def fraction(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return the parts of a fraction."""
    return [parts["num"], parts["den"]] if {"num", "den"} <= parts.keys() else []


def square_root(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return what is under a root."""
    return [parts["box"]] if "box" in parts else []


def any_root(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return what is under a root, and its degree."""
    return [parts["box"], parts["root"]] if {"box", "root"} <= parts.keys() else []


def scripted(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base and its script."""
    return inside if len(inside) == 2 and inside[1].tag == "script" else []


def twice_scripted(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base, what stands low and what stands high, which is drawn first."""
    scripts = scripted(parts, inside)
    return [inside[0], inside[1][1], inside[1][0]] if scripts and len(inside[1]) == 2 else []


def below(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base and what stands below it."""
    return [parts["base"], parts["under"]] if {"base", "under"} <= parts.keys() else scripted(parts, inside)


def above(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base and what stands above it."""
    return [parts["base"], parts["over"]] if {"base", "over"} <= parts.keys() else scripted(parts, inside)


def around(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base, what stands below and what above it: the first two are drawn as one of their own."""
    box = parts.get("box")
    if "over" in parts and box is not None and len(box) == 1 and box[0].tag == "munder":
        return [box[0][0], box[0][1], parts["over"]]
    return twice_scripted(parts, inside)


SCHEMES: dict[str, Callable[[dict[str, _Element], list[_Element]], list[_Element]]] = {
    "mfrac": fraction, "msqrt": square_root, "mroot": any_root, "msub": scripted, "msup": scripted,
    "msubsup": twice_scripted, "munder": below, "mover": above, "munderover": around,
}  # fmt: skip


def row(part: _Element) -> _Element:
    """Return a part as MathML has it."""
    if part.tag in PARTS:
        part.tag = "mrow"
    return part


def element(name: str, inside: "Sequence[_Element] | map[_Element]" = (), text: str = "") -> _Element:
    """Return a new element."""
    made = etree.Element("mrow" if name == "texatom" else name)
    made.text = text
    made.extend(list(inside))
    return made


def characters(token: _Element) -> str:
    """Return the text of a token, from the class names of its characters."""
    found: list[str] = []
    walker = etree.iterwalk(token, events=("start",))
    for _, node in walker:
        for name in (node.get("class") or "").split():
            code = CHARACTER.match(name)
            if code is not None:
                found.append(plain(int(code[1], 16)))
                walker.skip_subtree()  # a bracket that grows is drawn of pieces
                break
        else:
            found.append("".join((node.text or "").split()) if node.tag == "mjx-utext" else "")
    return "".join(found)


def plain(code: int) -> str:
    """Return a character, an italic letter as the plain one."""
    if code == PLANCK:
        return "h"
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or code < 0x20:
        return ""
    if any(code in letters for letters in ITALIC):
        return normalize("NFKC", chr(code))
    return chr(code)
