"""MathML to LaTeX, for formulas of which a page keeps nothing else; and MathJax's drawings to MathML."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from unicodedata import normalize

from lxml import etree
from lxml.etree import _Element

__all__ = ["CHARACTERS", "FUNCTIONS", "LONGEST", "from_mathml", "label_command", "mathml_of"]


# Formulas that MathJax has drawn with elements of its own, and of which the page keeps nothing else: back to MathML.
#
# MathJax 3 and 4 draw each element of a formula in one of their own (`mjx-mfrac`, `mjx-mi`), with boxes for its parts
# (`mjx-num`, `mjx-den`, `mjx-script`); a character is a class name (`mjx-c3D`) and, from version 4 on, a text as well.


# A character as a class name: its code point, which has six digits at most.
CHARACTER = re.compile(r"mjx-c([0-9A-F]{1,6})$")
# Letters that MathJax sets in italics because they are variables; Unicode has them twice.
ITALIC = (range(0x1D434, 0x1D468), range(0x1D6E2, 0x1D71C))
PLANCK: Final = 0x210E  # the italic h stands elsewhere

TOKENS = frozenset(("mi", "mo", "mn", "mtext", "ms"))
MATHJAX_ROWS = frozenset(("math", "mrow", "mstyle", "mpadded", "mtd", "mtr", "mphantom", "merror"))
PARTS = frozenset(("num", "den", "script", "base", "over", "under", "root", "box", "texatom"))
BOXES = frozenset(("frac", "dbox", "dtable", "row", "sqrt", "table", "itable", "math-item"))
LABELLED = frozenset(("mlabeledtr", "labels"))
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
            made[node] = [element(name, text=glyph_text(node))]
        else:
            found = build_mathml(name, [one for child in node for one in made.pop(child, [])])
            if found is None:
                return None
            made[node] = found
    inside = made.get(container, [])
    return inside[0] if len(inside) == 1 and inside[0].tag == "math" else None


def build_mathml(name: str, inside: list[_Element]) -> list[_Element] | None:
    """Return what an element of MathJax is in MathML; None for one that is not known."""
    if name in BOXES or name == "container":
        return inside
    if name == "mtable":
        return labelled_table(inside)
    if name in MATHJAX_ROWS or name in PARTS or name in LABELLED:
        return [element(name, inside)]
    parts = {str(one.tag): one for one in inside if one.tag in PARTS}
    wanted = MATHJAX_SCHEMES.get(name)
    ordered = wanted(parts, inside) if wanted is not None else None
    return [element(name, map(mathml_row, ordered))] if ordered else None


def labelled_table(inside: list[_Element]) -> list[_Element] | None:
    """Return a table whose labels, drawn beside it row by row, stand in their rows; None if they are of other rows."""
    rows = [one for one in inside if one.tag != "labels"]
    labels = [label for one in inside if one.tag == "labels" for label in one]
    if len(labels) != len(rows):
        rows_with = [row for row in rows if row.tag == "mlabeledtr"]
        if len(labels) != len(rows_with):
            return None
    else:
        rows_with = rows
    for row, label in zip(rows_with, labels, strict=True):
        if "".join([str(text) for text in label.itertext()]).strip():
            row.tag = "mlabeledtr"
            row.insert(0, element("mtd", list(label)))
        elif row.tag == "mlabeledtr":
            row.tag = "mtr"
    return [element("mtable", rows)]


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


def below_and_above(parts: dict[str, _Element], inside: list[_Element]) -> list[_Element]:
    """Return a base, what stands below and what above it: the first two are drawn as one of their own."""
    box = parts.get("box")
    if "over" in parts and box is not None and len(box) == 1 and box[0].tag == "munder":
        return [box[0][0], box[0][1], parts["over"]]
    return twice_scripted(parts, inside)


MATHJAX_SCHEMES: dict[str, Callable[[dict[str, _Element], list[_Element]], list[_Element]]] = {
    "mfrac": fraction, "msqrt": square_root, "mroot": any_root, "msub": scripted, "msup": scripted,
    "msubsup": twice_scripted, "munder": below, "mover": above, "munderover": below_and_above,
}  # fmt: skip


def mathml_row(part: _Element) -> _Element:
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


def glyph_text(token: _Element) -> str:
    """Return the text of a token, from the class names of its characters."""
    found: list[str] = []
    walker = etree.iterwalk(token, events=("start",))
    for _, node in walker:
        for name in (node.get("class") or "").split():
            code = CHARACTER.match(name)
            if code is not None:
                found.append(upright_character(int(code[1], 16)))
                walker.skip_subtree()  # a bracket that grows is drawn of pieces
                break
        else:
            found.append("".join((node.text or "").split()) if node.tag == "mjx-utext" else "")
    return "".join(found)


def upright_character(code: int) -> str:
    """Return a character, an italic letter as the plain one."""
    if code == PLANCK:
        return "h"
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or code < 0x20:
        return ""
    if any(code in letters for letters in ITALIC):
        return normalize("NFKC", chr(code))
    return chr(code)


# Mathematical characters and their names in LaTeX, as `unicode-math` and KaTeX have them.


SPECIAL = {"{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_", "\\": r"\backslash"}

FUNCTIONS = frozenset(
    (
        "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd",
        "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh",
        "sup", "tan", "tanh",
    )
)  # fmt: skip

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ϵ": "epsilon", "ϑ": "vartheta", "ϕ": "phi", "ϱ": "varrho",
    "ς": "varsigma", "ϖ": "varpi",
}  # fmt: skip

NAMES = {
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "⋃": "bigcup",
    "⋂": "bigcap", "⨁": "bigoplus", "⨂": "bigotimes", "⋁": "bigvee", "⋀": "bigwedge", "±": "pm", "∓": "mp",
    "×": "times", "÷": "div", "⋅": "cdot", "·": "cdot", "∘": "circ", "∗": "ast", "⊕": "oplus", "⊗": "otimes",
    "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "≡": "equiv", "∼": "sim", "≃": "simeq", "≅": "cong",
    "∝": "propto", "≪": "ll", "≫": "gg", "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset",
    "⊆": "subseteq", "⊇": "supseteq", "∪": "cup", "∩": "cap", "∖": "setminus", "∅": "emptyset", "∀": "forall",
    "∃": "exists", "¬": "neg", "∧": "wedge", "∨": "vee", "⊢": "vdash", "⊨": "models", "⊥": "perp", "∥": "parallel",
    "∣": "mid", "→": "to", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow",
    "⇔": "Leftrightarrow", "⟹": "implies", "⟺": "iff", "↦": "mapsto", "↑": "uparrow", "↓": "downarrow",
    "∞": "infty", "∂": "partial", "∇": "nabla", "√": "surd", "∠": "angle", "△": "triangle", "ℏ": "hbar", "ℓ": "ell",
    "ℜ": "Re", "ℑ": "Im", "ℵ": "aleph", "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "⟨": "langle",
    "⟩": "rangle", "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor", "‖": "Vert", "°": "degree",
    "†": "dagger", "⊤": "top",
}  # fmt: skip

CHARACTERS = {name: char for char, name in (*GREEK.items(), *NAMES.items())}
"""Characters by the names of their commands."""

DOUBLE = dict(zip("ℂℕℙℚℝℤ", "CNPQRZ", strict=True))

SYMBOLS = {
    **{char: "\\" + name for char, name in (*GREEK.items(), *NAMES.items())},
    **{char: rf"\mathbb{{{letter}}}" for char, letter in DOUBLE.items()},
    "−": "-", "′": "'", "″": "''", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "",
}  # fmt: skip
"""Invisible operators (applied to, times, comma, plus) leave nothing."""

LARGE = frozenset(
    (
        r"\sum", r"\prod", r"\coprod", r"\int", r"\iint", r"\iiint", r"\oint", r"\bigcup", r"\bigcap", r"\bigoplus",
        r"\bigotimes", r"\bigvee", r"\bigwedge", r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\liminf", r"\limsup",
    )
)  # fmt: skip
"""What stands below and above these are limits."""

ACCENTS = {
    "^": r"\hat", "ˆ": r"\hat", "~": r"\tilde", "˜": r"\tilde", "¯": r"\overline", "‾": r"\overline", "_": r"\overline",
    r"\_": r"\overline", r"\to": r"\vec", "⃗": r"\vec", "˙": r"\dot", "¨": r"\ddot", "ˇ": r"\check", "˘": r"\breve",
    "⏞": r"\overbrace", "´": r"\acute", "`": r"\grave",
}  # fmt: skip


# MathML to LaTeX, for formulas of which a page keeps no LaTeX: presentation elements (MathML Core, section 3).
#
# Only what can be said exactly is said: of an element that has no counterpart here, nothing is returned, and the
# formula stays the text that it shows.


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
            written = branch(node, tag, [(one, known[one]) for one in node if one in known])
        if written is None or len(written) > LONGEST:
            return ""
        size += len(written)
        if size > 10 * LONGEST:
            return ""
        known[node] = written
    return known.get(formula, "").strip()


def branch(node: _Element, tag: str, inside: list[tuple[_Element, str]]) -> str | None:
    """Return an element that holds others; None if it is not known."""
    if tag in ROWS:
        return join_latex(fenced_parts(inside))
    parts = [part for _, part in inside]
    if tag == "semantics":
        return parts[0] if parts else ""
    if tag == "msqrt":
        return rf"\sqrt{{{join_latex(parts)}}}"
    if tag == "mphantom":
        return rf"\phantom{{{join_latex(parts)}}}"
    if tag == "menclose" and (command := ENCLOSURES.get((node.get("notation") or "").strip())) is not None:
        return rf"{command}{{{join_latex(parts)}}}"
    if tag == "mmultiscripts":
        return scripts_around(inside)
    if tag == "mfenced":
        commas = (node.get("separators", ",") or " ")[0]
        return fenced(node.get("open", "("), commas.join(parts), node.get("close", ")"))
    if tag == "mfrac" and len(parts) == 2 and (node.get("linethickness") or "").startswith("0"):
        return rf"{{{parts[0].strip()} \atop {parts[1].strip()}}}"
    if tag == "mtr":
        return " & ".join(parts)
    if tag == "mlabeledtr" and len(parts) > 1 and len(parts) == len(node):
        return " & ".join(parts[1:]) + label_command("".join([str(text) for text in node[0].itertext()]).strip())
    if tag == "mtable" and any(row.tag == "mlabeledtr" for row in node):
        alone = len(node) == 1 and len(node[0]) == 2
        return parts[0] if alone else "\\begin{align} " + r" \\ ".join(parts) + " \\end{align}"
    if tag == "mtable":
        return MATRIX + r" \\ ".join(parts) + END
    wanted = SCHEMES.get(tag)
    return wanted[1](*parts) if wanted is not None and len(parts) == wanted[0] else None


BARS = frozenset("|‖∥")
"""Fences that open and close alike."""
OPENING = BARS.union("([{⟨⌈⌊")
CLOSING = BARS.union(")]}⟩⌉⌋")
# What is higher than a line, so that the brackets around it grow (MathML Core, 3.2.4.3).
TALL = re.compile(r"\\(?:frac|begin|sum|prod|coprod|i{0,3}nt|oint|big[a-z]{3,6}|atop|overset|underset)(?![A-Za-z])")
ENDS = re.compile(r"\\(begin|end)\{")
MATRICES = {"()": "pmatrix", "[]": "bmatrix", "{}": "Bmatrix", "||": "vmatrix", "‖‖": "Vmatrix", "∥∥": "Vmatrix"}


def fenced_parts(inside: list[tuple[_Element, str]]) -> list[str]:
    """Return the parts of a row, where brackets grow with what they stand around, in pairs.

    A bar opens where the row begins and closes where it ends; any other is a sign like `divides`.
    """
    parts: list[str] = []
    opened: list[tuple[int, str]] = []
    for number, (node, part) in enumerate(inside):
        sign = content(node) if node.tag == "mo" and node.get("stretchy") != "false" else ""
        form = node.get("form") or {0: "prefix", len(inside) - 1: "postfix"}.get(number, "infix")
        if sign in CLOSING and (sign not in BARS or form == "postfix"):
            while opened and opened[-1][1] in BARS and sign not in BARS:
                opened.pop()
            if opened and (opened[-1][1] in BARS) == (sign in BARS):
                at, before = opened.pop()
                text = join_latex(parts[at + 1 :])
                if TALL.search(text) is not None:
                    parts[at:] = [fenced(before, text, sign)]
                    continue
        elif sign in OPENING and (sign not in BARS or form == "prefix"):
            opened.append((len(parts), sign))
        parts.append(part)
    if opened and opened[0][1] == "{" and is_matrix(text := join_latex(parts[opened[0][0] + 1 :]).strip()):
        parts[opened[0][0] :] = [in_environment(text, "cases")]
    return parts


def fenced(before: str, text: str, after: str) -> str:
    """Return a text between brackets, which grow with it."""
    if TALL.search(text) is None:
        return f"{delimiter(before)}{text}{delimiter(after)}"
    if before + after in MATRICES and is_matrix(text.strip()):
        return in_environment(text.strip(), MATRICES[before + after])
    return rf"\left{delimiter(before) or '.'} {text.strip()} \right{delimiter(after) or '.'}"


MATRIX: Final = r"\begin{matrix} "
END: Final = r" \end{matrix}"


def is_matrix(text: str) -> bool:
    """Return whether a text is one matrix, and nothing else."""
    if not (text.startswith(MATRIX) and text.endswith(END)):
        return False
    depth = 0
    for found in ENDS.finditer(text, 0, len(text) - len(END) + 1):
        depth += 1 if found[1] == "begin" else -1
        if not depth:
            return False
    return True


def in_environment(matrix: str, name: str) -> str:
    """Return a matrix with what another environment puts around it."""
    rows = matrix.removeprefix(MATRIX).removesuffix(END)
    return rf"\begin{{{name}}} {rows} \end{{{name}}}"


ENCLOSURES = {
    "top": r"\overline", "bottom": r"\underline", "box": r"\boxed", "roundedbox": r"\boxed", "radical": r"\sqrt",
    "updiagonalstrike": r"\cancel", "downdiagonalstrike": r"\bcancel", "horizontalstrike": r"\sout",
    "updiagonalstrike downdiagonalstrike": r"\xcancel",
}  # fmt: skip
"""What `menclose` draws around or through a part; all are known to KaTeX."""


def scripts_around(inside: list[tuple[_Element, str]]) -> str | None:
    """Return a base with scripts on both sides: in pairs, low and high, those before it behind `mprescripts`."""
    if not inside:
        return None
    split = next((at for at, (node, _) in enumerate(inside) if node.tag == "mprescripts"), len(inside))
    behind = [part.strip() for _, part in inside[1:split]]
    before = [part.strip() for _, part in inside[split + 1 :]]
    if len(behind) % 2 or len(before) % 2:
        return None
    base = single(inside[0][1].strip())
    return f"{{}}{script_pairs(before)}{base}{script_pairs(behind)}" if before else f"{base}{script_pairs(behind)}"


def script_pairs(scripts: list[str]) -> str:
    """Return scripts that stand in pairs, low and high; each pair after the first on a base of nothing."""
    pairs = zip(scripts[::2], scripts[1::2], strict=True)
    written = ((f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "") for low, high in pairs)
    return "{}".join(one for one in written if one)


def label_command(text: str) -> str:
    """Return what gives an equation its label; LaTeX adds the parentheses."""
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return rf" \tag{'' if inner != text else '*'}{{{''.join(SPECIAL.get(char, char) for char in inner)}}}"


def join_latex(parts: list[str]) -> str:
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
    if node.get("mathvariant"):
        return in_variant(node, text)
    if text in FUNCTIONS:
        return "\\" + text
    if len(text) > 1 and text.isascii() and text.isalpha():
        return rf"\mathrm{{{text}}}"
    return symbols(text)


def operator(node: _Element) -> str:
    """Return an `mo`."""
    if content(node) in FUNCTIONS:
        return "\\" + content(node)
    text = symbols(content(node))
    if text.isalpha() and len(text) > 1:
        return rf"\operatorname{{{text}}}"
    return f" {text} " if text in ("=", "+", "<", ">", ":=") or text.startswith("\\") else text


def number(node: _Element) -> str:
    """Return an `mn`."""
    return in_variant(node, content(node))


VARIANTS = {
    "normal": "mathrm", "bold": "mathbf", "double-struck": "mathbb", "script": "mathcal", "fraktur": "mathfrak",
    "sans-serif": "mathsf", "monospace": "mathtt", "bold-italic": "boldsymbol", "bold-script": "boldsymbol",
}  # fmt: skip


def in_variant(node: _Element, text: str) -> str:
    """Return a letter or number in the alphabet that its `mathvariant` names; other signs have one form."""
    variant = VARIANTS.get(node.get("mathvariant") or "")
    if variant == "mathrm" and text in FUNCTIONS:
        return "\\" + text
    if variant is None or not text.isalnum() or (variant == "mathrm" and not (text.isascii() and text.isalpha())):
        return symbols(text)
    return rf"\{variant if text.isascii() or variant == 'boldsymbol' else 'boldsymbol'}{{{symbols(text)}}}"


def text_token(node: _Element) -> str:
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
    return join_latex([SYMBOLS[char] if char in SYMBOLS else SPECIAL.get(char, char) for char in text])


def delimiter(text: str) -> str:
    """Return a bracket."""
    text = "".join(text.split())
    return r"\Vert" if text in ("‖", "∥") else symbols(text)


def over(base: str, above: str) -> str:
    """Return a base with something above it: an accent, a limit, or a label."""
    accent = ACCENTS.get(above.strip())
    if accent is not None:
        return rf"{accent}{{{base}}}"
    return f"{base.strip()}^{{{above}}}" if base.strip() in LARGE else rf"\overset{{{above}}}{{{base}}}"


def under(base: str, below: str) -> str:
    """Return a base with something below it."""
    return f"{base.strip()}_{{{below}}}" if base.strip() in LARGE else rf"\underset{{{below}}}{{{base}}}"


def over_and_under(base: str, below: str, above: str) -> str:
    """Return a base with something below and above it."""
    if base.strip() in LARGE:
        return f"{base.strip()}_{{{below}}}^{{{above}}}"
    return rf"\overset{{{above}}}{{\underset{{{below}}}{{{base}}}}}"


LEAVES: dict[str, Callable[[_Element], str]] = {
    "mi": identifier, "mo": operator, "mn": number, "mtext": text_token, "ms": text_token, "mspace": space,
    "none": lambda _: "", "mprescripts": lambda _: "",
}  # fmt: skip

SCHEMES: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda above, below: rf"\frac{{{above.strip()}}}{{{below.strip()}}}"),
    "mroot": (2, lambda base, degree: rf"\sqrt[{degree.strip()}]{{{base.strip()}}}"),
    "msub": (2, lambda base, below: f"{single(base.strip())}_{{{below.strip()}}}"),
    "msup": (2, lambda base, above: f"{single(base.strip())}^{{{above.strip()}}}"),
    "msubsup": (3, lambda base, below, above: f"{single(base.strip())}_{{{below.strip()}}}^{{{above.strip()}}}"),
    "mover": (2, over),
    "munder": (2, under),
    "munderover": (3, over_and_under),
}
"""Elements of a fixed number of parts."""
