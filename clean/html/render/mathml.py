r"""MathML to LaTeX, for formulas of which a page keeps no LaTeX: presentation elements (MathML Core, section 3).

Only what can be said exactly is said: of an element that has no counterpart here, nothing is returned, and the
formula stays the text that it shows.
"""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree
from lxml.etree import _Element

from clean.html.render.symbols import ACCENTS, FUNCTIONS, LARGE, SPECIAL, SYMBOLS

__all__ = ["from_mathml"]

ROWS = frozenset(("math", "mrow", "mstyle", "mpadded", "mtd", "merror", "a"))
SPACES = re.compile(r"\s+")
LONGEST: Final = 20_000
"""Characters of MathML beyond which nobody reads a formula."""


def from_mathml(formula: _Element) -> str:
    """Return the LaTeX of a `math` element; nothing if it holds what this does not know."""
    known: dict[_Element, str] = {}
    size = 0
    walker = etree.iterwalk(formula, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            if node.tag in ("annotation", "annotation-xml"):
                walker.skip_subtree()
            continue
        tag = str(node.tag)
        if tag in ("annotation", "annotation-xml"):
            continue
        if tag in LEAVES:
            if len(node):
                return ""
            written: str | None = LEAVES[tag](node)
        else:
            written = branch(node, tag, [known[one] for one in node if one in known])
        if written is None or len(written) > LONGEST:
            return ""
        size += len(written)
        if size > 10 * LONGEST:
            return ""
        known[node] = written
    return known.get(formula, "").strip()


def branch(node: _Element, tag: str, parts: list[str]) -> str | None:
    """Return an element that holds others; None if it is not known."""
    if tag in ROWS:
        return joined(parts)
    if tag == "semantics":
        return parts[0] if parts else ""
    if tag == "msqrt":
        return rf"\sqrt{{{joined(parts)}}}"
    if tag == "mphantom":
        return rf"\phantom{{{joined(parts)}}}"
    if tag == "menclose" and node.get("notation") == "top":
        return rf"\overline{{{joined(parts)}}}"
    if tag == "mfenced":
        commas = (node.get("separators", ",") or " ")[0]
        return f"{delimiter(node.get('open', '('))}{commas.join(parts)}{delimiter(node.get('close', ')'))}"
    if tag == "mfrac" and len(parts) == 2 and (node.get("linethickness") or "").startswith("0"):
        return rf"{{{parts[0].strip()} \atop {parts[1].strip()}}}"
    if tag == "mtr":
        return " & ".join(parts)
    if tag == "mtable":
        return "\\begin{matrix} " + r" \\ ".join(parts) + " \\end{matrix}"
    wanted = SCHEMES.get(tag)
    return wanted[1](*parts) if wanted is not None and len(parts) == wanted[0] else None


def joined(parts: list[str]) -> str:
    """Return parts in a row; a command's name ends before a letter."""
    written = ""
    pieces = []
    for part in parts:
        if written and part and part[0].isalpha() and command_ends(written):
            pieces.append(" ")
        pieces.append(part)
        written = part or written
    return "".join(pieces)


def command_ends(text: str) -> bool:
    """Return whether a text ends with the name of a command."""
    name = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return name != text and name.endswith("\\")


def single(part: str) -> str:
    """Return a part as what a script is set on."""
    return part if len(part) == 1 or (part.startswith("\\") and part[1:].isalpha()) else f"{{{part}}}"


def identifier(node: _Element) -> str:
    """Return an `mi`."""
    text = content(node)
    if text in FUNCTIONS:
        return "\\" + text
    if len(text) > 1 and text.isascii() and text.isalpha():
        return rf"\mathrm{{{text}}}"
    return symbols(text)


def operator(node: _Element) -> str:
    """Return an `mo`."""
    text = symbols(content(node))
    if text.isalpha() and len(text) > 1:
        return rf"\operatorname{{{text}}}"
    return f" {text} " if text in ("=", "+", "<", ">", ":=") or text.startswith("\\") else text


def number(node: _Element) -> str:
    """Return an `mn`."""
    return symbols(content(node))


def words(node: _Element) -> str:
    """Return an `mtext`."""
    text = SPACES.sub(" ", node.text or "")
    return rf"\text{{{''.join(SPECIAL.get(char, char) for char in text)}}}" if text.strip() else " "


def space(node: _Element) -> str:
    """Return an `mspace`."""
    return " "


def content(node: _Element) -> str:
    """Return the text of a token."""
    return "".join((node.text or "").split())


def symbols(text: str) -> str:
    """Return characters, each as its command where it has one."""
    return joined([SYMBOLS[char] if char in SYMBOLS else SPECIAL.get(char, char) for char in text])


def delimiter(text: str) -> str:
    """Return a bracket."""
    return "".join(SPECIAL.get(char, char) for char in text)


def over(base: str, above: str) -> str:
    """Return a base with something above it: an accent, a limit, or a label."""
    accent = ACCENTS.get(above.strip())
    if accent is not None:
        return rf"{accent}{{{base}}}"
    return f"{base.strip()}^{{{above}}}" if base.strip() in LARGE else rf"\overset{{{above}}}{{{base}}}"


def under(base: str, below: str) -> str:
    """Return a base with something below it."""
    return f"{base.strip()}_{{{below}}}" if base.strip() in LARGE else rf"\underset{{{below}}}{{{base}}}"


def both(base: str, below: str, above: str) -> str:
    """Return a base with something below and above it."""
    if base.strip() in LARGE:
        return f"{base.strip()}_{{{below}}}^{{{above}}}"
    return rf"\overset{{{above}}}{{\underset{{{below}}}{{{base}}}}}"


LEAVES: dict[str, Callable[[_Element], str]] = {
    "mi": identifier, "mo": operator, "mn": number, "mtext": words, "ms": words, "mspace": space, "none": lambda _: "",
}  # fmt: skip

SCHEMES: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda above, below: rf"\frac{{{above.strip()}}}{{{below.strip()}}}"),
    "mroot": (2, lambda base, degree: rf"\sqrt[{degree.strip()}]{{{base.strip()}}}"),
    "msub": (2, lambda base, below: f"{single(base.strip())}_{{{below.strip()}}}"),
    "msup": (2, lambda base, above: f"{single(base.strip())}^{{{above.strip()}}}"),
    "msubsup": (3, lambda base, below, above: f"{single(base.strip())}_{{{below.strip()}}}^{{{above.strip()}}}"),
    "mover": (2, over),
    "munder": (2, under),
    "munderover": (3, both),
}
"""Elements of a fixed number of parts."""
