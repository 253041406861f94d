"""Formulas as LaTeX: as the page has it in elements, images and its text, or converted from MathML."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, unquote_plus

from lxml.etree import _Element

from clean.html.mathml import CHARACTERS, FUNCTIONS, LONGEST, from_mathml, mathml_of
from clean.html.render.model import (
    BREAK,
    LATEX,
    PLAIN,
    TEXT,
    Block,
    Delimiters,
    Formatting,
    Formula,
    Heading,
    InlinePiece,
    ItemList,
    Note,
    Paragraph,
    Quote,
    Table,
    is_visible,
)
from clean.html.render.reader import SKIP, Reader, Skip, tree_root
from clean.html.render.style import class_roles, text_content

__all__ = ["TEX", "add_formula", "enter_formula", "enter_tex", "is_display", "of_image", "trim_latex", "with_formulas"]


# What MediaWiki puts around every formula.
DISPLAY_STYLE = re.compile(r"\{\\displaystyle\s(.*)\}\s*", re.DOTALL)
# Groups, empty or half ones; alternatives that share no beginning, taken possessively: linear.
GROUPS = re.compile(r"(?:\s|\{\}|\\begingroup(?![A-Za-z])|\\endgroup(?![A-Za-z]))++")
# A line break of the forum's software, which LaTeX would show as it stands: bounded.
BREAK_TAG = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
DRAWN = frozenset(("math", "svg", "img", "script", "style", "p", "div", "table", "code"))
SOURCES = ("data-formula", "data-tex", "data-latex", "data-math", "data-entry")
"""Attributes with LaTeX: of mdnice, several pages' own, Gemini, Temml."""
TEX = re.compile(r"(?:math/tex|application/x-tex)", re.IGNORECASE)
# A text for an image that is LaTeX from its first letter on: a command, and what can follow one. All is bounded.
COMMAND = re.compile(r"\\[A-Za-z]{2,24}(?:[{_^ (=,+-]|$)")
ZHIHU = re.compile(r"(?:https?:)?//(?:www\.)?zhihu\.com/equation$")
CODECOGS = re.compile(r"(?:https?:)?//latex\.codecogs\.com/(?:gif|png|svg|jpg|pdf)\.(?:latex|download|image)$")
# What CodeCogs reads before the LaTeX: resolution, style, colour of the ground.
CODECOGS_OPTION = re.compile(r"\\(?:dpi\{[0-9]{1,4}\}|inline|bg_[a-z]{1,20}|fn_[a-z]{1,10})\s{0,3}")


def latex_of(element: _Element) -> str:
    """Return the LaTeX that an element was drawn from, or nothing."""
    for name in SOURCES:
        given = element.get(name)
        if given:
            return trim_latex(within_marks(given) if element.tag == "amp-mathml" else given)
    if element.tag == "script":
        return trim_latex(element.text or "")
    for annotation in element.iterdescendants("annotation"):
        if TEX.match(annotation.get("encoding") or ""):
            return trim_latex("".join([str(text) for text in annotation.itertext()]))
    for formula in element.iter("math"):
        if formula.get("alttext"):
            return trim_latex(formula.get("alttext") or "")
    formulas = list(islice(element.iter("math"), 2))
    if not formulas and (element.get("class") or "").startswith("katex"):
        for part in element.iterdescendants("span"):
            if part.get("class") == "katex-mathml":
                return trim_latex(latex_behind("".join([str(text) for text in part.itertext()])))
    if not formulas and element.tag == "mjx-container":
        made = mathml_of(element)
        return from_mathml(made) if made is not None else ""
    return from_mathml(formulas[0]) if len(formulas) == 1 else ""


# Commands, and environments, of which some draw brackets; names are bounded.
COMMAND_NAME = re.compile(r"\\(?:(?:(begin)|end)\{([A-Za-z*]{1,20})\}|([A-Za-z]{1,30}))")
BRACKETED = {"pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "Vmatrix": "∥∥"}
WORD = re.compile(r"\S+")
UNDRAWN = frozenset("{}\\^_&~$")


def latex_behind(text: str) -> str:
    """Return the LaTeX in a text that is first a formula's characters as they are drawn, then its LaTeX; or nothing.

    CSDN keeps of KaTeX's MathML nothing but the text. Where the LaTeX begins, both sides have the same letters.
    """
    words = list(WORD.finditer(text[: 2 * LONGEST]))
    drawn = [Counter(drawn_characters(word[0])) for word in words]
    balance = Counter[str]()
    for one in drawn:
        balance.subtract(one)
    letters = sum(-count for char, count in balance.items() if char.isalnum())
    distance = [letters, -sum(balance.values())]
    best, at = distance.copy(), 0
    for number, one in enumerate(drawn[:-1], 1):
        for char, count in one.items():
            change = abs(balance[char] + 2 * count) - abs(balance[char])
            balance[char] += 2 * count
            distance[0] += change if char.isalnum() else 0
            distance[1] += change
        if distance < best:
            best, at = distance.copy(), number
    return text[words[at].start() :] if at and 4 * best[0] <= letters else ""


def drawn_characters(latex: str) -> str:
    """Return the characters that LaTeX, or a text, shows."""
    shown = normalize("NFKC", COMMAND_NAME.sub(drawn_command, latex))
    return "".join([char for char in shown if char not in UNDRAWN])


def drawn_command(found: re.Match[str]) -> str:
    """Return what a command shows by itself."""
    if found[2]:
        brackets = BRACKETED.get(found[2], "")
        return brackets[:1] if found[1] else brackets[1:]
    return CHARACTERS.get(found[3], found[3] if found[3] in FUNCTIONS else "")


def of_image(image: _Element) -> str:
    """Return the LaTeX of an image that shows a formula, or nothing.

    WordPress gives its images the class `latex`, MediaWiki one of its own; the LaTeX is what they have for text. Zhihu
    and CodeCogs draw what their address says.
    """
    alt = image.get("alt") or ""
    if alt.strip() and ("formula-image" in class_roles(image.get("class")) or COMMAND.match(alt.strip())):
        return trim_latex(alt)
    asked = (image.get("data-src") or image.get("src") or "").partition("?")
    if ZHIHU.match(asked[0]) and asked[2].startswith("tex="):
        return trim_latex(unquote_plus(asked[2][4:].partition("&")[0]))
    return (
        trim_latex(CODECOGS_OPTION.sub("", unquote(asked[2]).replace("&space;", " ")))
        if CODECOGS.match(asked[0])
        else ""
    )


def undrawn_latex(container: _Element) -> str:
    """Return the LaTeX of an `mjx-container` in which nothing is drawn yet, as pages write them; or nothing."""
    for inside in container.iterdescendants("*"):
        if str(inside.tag).startswith("mjx-") or inside.tag in DRAWN:
            return ""
    return trim_latex("".join([str(text) for text in container.itertext("*")]))


def trim_latex(text: str) -> str:
    """Return LaTeX without what the page's software put around it and, at its line ends, into it."""
    text = BREAK_TAG.sub("\n", text) if "<" in text else text
    found = DISPLAY_STYLE.fullmatch(text.strip())
    # Backslashes at the end break a line behind which nothing stands; Zhihu's editor asks for them.
    inner = (found[1] if found is not None else text).strip().rstrip("\\ \n")
    lines = [line.rstrip() for line in inner.splitlines()]
    return "\n".join([line for line in lines if line])


def draws_nothing(latex: str) -> bool:
    """Return whether LaTeX only opens or ends a group, as forums put around each post to keep its definitions in it."""
    return GROUPS.fullmatch(latex) is not None


def is_display(element: _Element) -> bool:
    """Return whether a formula stands by itself."""
    if "block" in (element.get("data-formula-type") or "") or "mode=display" in (element.get("type") or ""):
        return True
    zhihu = element.get("eeimg") or element.get("data-eeimg")
    if zhihu and (zhihu == "2" or (element.get("data-tex") or element.get("alt") or "").strip().endswith(r"\\")):
        return True
    if element.tag == "amp-mathml":
        return element.get("inline") is None
    names = (element.get("class") or "").lower()
    if "math-block" in names or "math-display" in names or "block-equation" in names:
        return True
    if "katex-display" in names or "mathjax_display" in names or "mwe-math-fallback-image-display" in names:
        return True
    if element.tag == "mjx-container" and element.get("display") == "true":
        return True
    formula = element if element.tag == "math" else next(iter(element.iterdescendants("math")), None)
    return formula is not None and formula.get("display") == "block"


def is_drawing(element: _Element) -> bool:
    """Return whether an element is what MathJax 2 draws, or the box around it that stands by itself."""
    return (element.get("class") or "").startswith("MathJax")


def enter_formula(reader: Reader, element: _Element, formatting: Formatting) -> Skip | None:
    """Add a formula, if its LaTeX is known; a drawing of MathJax 2 right before its source goes."""
    after = element.getnext()
    if after is not None and after.tag == "script" and TEX.match(after.get("type") or "") and is_drawing(element):
        return reader.drop(element, "html.math-drawing")
    text = latex_of(element)
    if not text:
        return None
    if element.tag != "script":
        drawn = text_content(element).strip()
        if drawn:
            reader.drop_text(element, drawn, "html.math-drawing")
    for one in element.iter("img", "embed"):
        found = one.get("src") or one.get("data-src")
        if found:
            reader.drop_text(one, found, "html.math-drawing", "image")
    add_formula(reader, element, text, is_display(element), formatting)
    return SKIP


def add_formula(reader: Reader, element: _Element, text: str, display: bool, formatting: Formatting) -> None:
    """Add a formula, in its line or by itself; LaTeX that draws nothing is named."""
    if draws_nothing(text):
        reader.drop_text(element, text, "html.math-empty")
        return
    if formatting.link is not None:
        formatting.link.used = True
    if display:
        reader.add_block(Formula(text))
    else:
        reader.flow.append(
            InlinePiece(LATEX, " ".join(text.split()), formatting._replace(bold=False, italic=False, code=None))
        )


# LaTeX in the text of a page, between marks that the page's script looks for: MathJax 2 to 4, KaTeX's auto-render.
#
# The script shows formulas, so these become formulas. Which marks count, the page's configuration says; of a page that
# keeps it in another file, the defaults are taken, and single dollars only around what looks like LaTeX.


ENVIRONMENT = Delimiters(r"\begin", r"\end", display=True)
DEFAULTS = (
    Delimiters(r"\(", r"\)", display=False),
    Delimiters(r"\[", r"\]", display=True),
    Delimiters("$$", "$$", display=True),
)
TAGGED = tuple(Delimiters(f"[{name}]", f"[/{name}]", display=False) for name in ("tex", "math", "latex"))
UNSAID = Delimiters("$", "$", display=False, certain=False)

# A script that shows formulas, by its address, or by what it says to MathJax or KaTeX.
MATH_ADDRESS = re.compile(r"mathjax|katex", re.IGNORECASE)
MATH_PROGRAM = re.compile(r"\bMathJax\s?[.=]|\bMathJax['\"]\s?\]|renderMathInElement\s?\(|/mathjax|/katex")
CONFIGURED = re.compile(r"\b(inline|display)Math['\"]?\s{0,9}:")
LONGEST_CONFIGURATION: Final = 500
# Two texts of a program in square brackets, without a quotation mark or a line's end inside.
TWO_TEXTS = re.compile(r"\[\s{0,99}(['\"])([^'\"\n]{1,20})\1\s{0,9},\s{0,99}(['\"])([^'\"\n]{1,20})\3\s{0,99}\]")
# `{left: "$$", right: "$$", display: true}`, as KaTeX's auto-render has it.
LEFT_RIGHT = re.compile(
    r"\bleft['\"]?\s{0,9}:\s{0,9}(['\"])([^'\"\n]{1,20})\1\s{0,9},\s{0,99}"
    r"['\"]?right['\"]?\s{0,9}:\s{0,9}(['\"])([^'\"\n]{1,20})\3"
    r"(?:\s{0,9},\s{0,99}['\"]?display['\"]?\s{0,9}:\s{0,9}(true|!0))?"
)
ESCAPED = re.compile(r"\\(.)")


def delimiters_of(reader: Reader) -> tuple[Delimiters, ...]:
    """Return what stands around LaTeX in the page's text; nothing where no script shows formulas."""
    if reader.delimiters is None:
        reader.delimiters = read_delimiters(tree_root(reader.root))
    return reader.delimiters


def read_delimiters(root: _Element) -> tuple[Delimiters, ...]:
    """Return what a page's scripts say of the marks around LaTeX."""
    found: list[Delimiters] = []
    shows = False
    for script in root.iter("script"):
        text = script.text or ""
        program = MATH_PROGRAM.search(text) is not None or "mathjax" in (script.get("type") or "")
        if not program and not MATH_ADDRESS.search(script.get("src") or ""):
            continue
        shows = True
        for start in CONFIGURED.finditer(text):
            said = text[start.end() : start.end() + LONGEST_CONFIGURATION].partition("]]")[0] + "]"
            for pair in TWO_TEXTS.finditer(said):
                left, right = (ESCAPED.sub(r"\1", one) for one in (pair[2], pair[4]))
                found.append(Delimiters(left, right, start[1] == "display"))
        for pair in LEFT_RIGHT.finditer(text):
            left, right = (ESCAPED.sub(r"\1", one) for one in (pair[2], pair[4]))
            if not left.startswith(r"\begin"):
                found.append(Delimiters(left, right, pair[5] is not None))
    if not shows:
        return ()
    kinds = {one.display for one in found}
    said_nothing = (*(one for one in DEFAULTS if one.display not in kinds), *(() if False in kinds else (UNSAID,)))
    return (*dict.fromkeys(found), *said_nothing, *TAGGED, ENVIRONMENT)


def enter_tex(reader: Reader, element: _Element, formatting: Formatting) -> Skip | None:
    """Add the formula of an element whose class says that its whole text is LaTeX; None where it is not."""
    if formatting.code is not None:
        return None
    if element.tag == "mjx-container":
        latex = undrawn_latex(element)
        if latex:
            add_formula(reader, element, latex, is_display(element), formatting)
        return SKIP if latex else None
    if any(child.tag != "br" for child in element):
        return None
    text = "\n".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    marks = marks_around(text)
    if marks is not None:
        add_formula(reader, element, trim_latex(within_marks(text)), marks.display, formatting)
        return SKIP
    names = (element.get("class") or "").lower().split()
    if text and "math" in names and ("inline" in names or "display" in names) and delimiters_of(reader):
        add_formula(reader, element, trim_latex(text), "display" in names, formatting)
        return SKIP
    return None


def marks_around(text: str) -> Delimiters | None:
    """Return the marks between which a whole text stands; None where it stands between none, or holds them again."""
    for each in (*DEFAULTS, UNSAID):
        inner = text[len(each.left) : -len(each.right)]
        if text.startswith(each.left) and text.endswith(each.right) and inner.strip() and each.right not in inner:
            return each
    return None


def within_marks(text: str) -> str:
    """Return LaTeX without the marks between which all of it stands."""
    text = text.strip()
    marks = marks_around(text)
    return text if marks is None else text[len(marks.left) : -len(marks.right)]


def with_formulas(reader: Reader, blocks: list[Block]) -> list[Block]:
    """Return blocks in which LaTeX that the page's script shows as formulas is formulas.

    The blocks are a tree of no more levels than `DEEPEST`.
    """
    made: list[Block] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            made += paragraph_parts(reader, block)
            continue
        if isinstance(block, Heading | Note):
            block.pieces = in_a_line(reader, block.pieces)
        elif isinstance(block, Quote):
            block.blocks = with_formulas(reader, block.blocks)
        elif isinstance(block, ItemList):
            block.items = [with_formulas(reader, item) for item in block.items]
        elif isinstance(block, Table):
            block.rows = [[in_a_line(reader, cell) for cell in row] for row in block.rows]
        made.append(block)
    return made


def paragraph_parts(reader: Reader, paragraph: Paragraph) -> list[Block]:
    """Return a paragraph as several, with the formulas that stand by themselves between them."""
    parts: list[Block] = []
    pieces: list[InlinePiece] = []
    for piece in found_formulas(reader, paragraph.pieces):
        if isinstance(piece, InlinePiece):
            pieces.append(piece)
            continue
        if any(one.kind not in (BREAK, TEXT) or is_visible(one.text) for one in pieces):
            parts.append(Paragraph(pieces))
        parts.append(piece)
        pieces = []
    if not parts or any(one.kind not in (BREAK, TEXT) or is_visible(one.text) for one in pieces):
        parts.append(Paragraph(pieces))
    return parts


def in_a_line(reader: Reader, pieces: list[InlinePiece]) -> list[InlinePiece]:
    """Return the pieces of a line with its formulas, all of them in the line."""
    return [
        piece if isinstance(piece, InlinePiece) else InlinePiece(LATEX, " ".join(piece.text.split()), PLAIN)
        for piece in found_formulas(reader, pieces)
    ]


def found_formulas(reader: Reader, pieces: list[InlinePiece]) -> Sequence[InlinePiece | Formula]:
    """Return pieces, and the formulas that stand in them as LaTeX; what is set in two ways is no formula."""
    if not any(piece.kind == TEXT and LATEX_MAY_BEGIN.search(piece.text) for piece in pieces):
        return pieces
    delimiters = delimiters_of(reader)
    if not delimiters:
        return pieces
    found: list[InlinePiece | Formula] = []
    at = 0
    while at < len(pieces):
        end = at + 1
        formatting = pieces[at].formatting
        if pieces[at].kind == TEXT and formatting.code is None and not formatting.plain:
            while end < len(pieces) and (
                pieces[end].kind == BREAK or (pieces[end].kind == TEXT and pieces[end].formatting == formatting)
            ):
                end += 1
            text = "".join([piece.text for piece in pieces[at:end]])
            found += formulas_in_text(reader, text, formatting, delimiters)
        else:
            found += pieces[at:end]
        at = end
    return found


LATEX_MAY_BEGIN = re.compile(r"\\[(\[b]|\$|\[")
# What makes a text between two dollars LaTeX: a command, or a script.
LIKE_LATEX = re.compile(r"\\[A-Za-z]{2}|[_^]\{|\^[0-9a-z]|(?<![A-Za-z])[A-Za-z]_[A-Za-z0-9](?![A-Za-z0-9])")
ENVIRONMENT_NAME = re.compile(r"\{([A-Za-z]{1,20}\*?)\}")
LONGEST_LATEX: Final = 5_000
"""Characters between two marks."""
MOST_UNCLOSED: Final = 100
"""Marks without an end, after which a text is read no further: each costs a look at what follows."""


def formulas_in_text(
    reader: Reader, text: str, formatting: Formatting, delimiters: Sequence[Delimiters]
) -> Iterator[InlinePiece | Formula]:
    """Yield the text as pieces, with the formulas in it."""
    at = 0
    for found in delimited_latex(text, delimiters):
        yield from text_pieces(text[at : found.start], formatting)
        at = found.end
        if draws_nothing(found.latex):
            reader.drop_text(reader.root, text[found.start : found.end], "html.math-empty")
            continue
        if formatting.link is not None:
            formatting.link.used = True
        if found.display and formatting.link is None:
            yield Formula(found.latex)
        else:
            set_plain = formatting._replace(bold=False, italic=False)
            yield InlinePiece(LATEX, " ".join(found.latex.split()), set_plain)
    yield from text_pieces(text[at:], formatting)


def text_pieces(text: str, formatting: Formatting) -> Iterator[InlinePiece]:
    """Yield a text as pieces, its line ends as breaks."""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield InlinePiece(BREAK, "\n", PLAIN)
        if line:
            yield InlinePiece(TEXT, line, formatting)


class FoundLatex(NamedTuple):
    """LaTeX in a text, and where it stands with its marks."""

    start: int
    end: int
    latex: str
    display: bool


def delimited_latex(text: str, delimiters: Sequence[Delimiters]) -> Iterator[FoundLatex]:
    """Yield the LaTeX of a text that stands between marks of the page."""
    known = {one.left: one for one in reversed(delimiters)}
    lefts = sorted(known, key=len, reverse=True)
    # A backslash or a dollar that is escaped begins nothing, then the marks, the longest first: linear.
    opening = re.compile(r"\\\\|\\\$|" + "|".join(map(re.escape, lefts)))
    at = unclosed = 0
    while unclosed < MOST_UNCLOSED:
        start = opening.search(text, at)
        if start is None:
            return
        at = start.end()
        mark = known.get(start[0])
        if mark is None:
            continue
        found = (environment if mark is ENVIRONMENT else latex_between)(text, start.start(), mark)
        if found is None:
            unclosed += 1
        else:
            yield found
            at = found.end


def environment(text: str, start: int, mark: Delimiters) -> FoundLatex | None:
    """Return the environment that begins here; it keeps its name."""
    name = ENVIRONMENT_NAME.match(text, start + len(mark.left))
    if name is None:
        return None
    depth = 0
    for found in re.compile(rf"\\(begin|end){re.escape(name[0])}").finditer(text, start, start + LONGEST_LATEX):
        depth += 1 if found[1] == "begin" else -1
        if not depth:
            return FoundLatex(start, found.end(), trim_latex(text[start : found.end()]), display=True)
    return None


def latex_between(text: str, start: int, mark: Delimiters) -> FoundLatex | None:
    """Return the LaTeX between this mark and the one that ends it; None if there is none, or it is no LaTeX."""
    begin = start + len(mark.left)
    depth = 0
    ends = re.compile(re.escape(mark.right) + r"|\\.|[{}]", re.DOTALL)
    for found in ends.finditer(text, begin, begin + LONGEST_LATEX):
        if found[0] == mark.right and depth <= 0:
            latex = text[begin : found.start()]
            if not latex.strip() or (mark.left == "$" and not between_dollars(latex, text[found.end() :][:1], mark)):
                return None
            return FoundLatex(start, found.end(), trim_latex(latex), mark.display)
        depth += {"{": 1, "}": -1}.get(found[0], 0)
    return None


def between_dollars(latex: str, after: str, mark: Delimiters) -> bool:
    """Return whether what stands between two dollars is LaTeX, and not what stands between two prices."""
    if LIKE_LATEX.search(latex):
        return True
    spaced = latex[0].isspace() + latex[-1].isspace()
    price = latex.lstrip()[:1].isdigit()
    return mark.certain and (spaced == 0 or (spaced == 2 and not price)) and not after.isdigit()
