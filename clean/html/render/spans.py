"""Rendering of inline elements: links, code, tags, formulas, buttons, side notes; and of LaTeX in the text."""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import Final, NamedTuple

from lxml.etree import _Element

from clean.html.controls import holds_words, stands_in_sentence
from clean.html.render import blocks, math
from clean.html.render.code import is_block
from clean.html.render.escape import is_dead
from clean.html.render.footnotes import RETURNS, fragment, is_jump
from clean.html.render.model import (
    BLOCK_TAGS,
    BREAK,
    HEADINGS,
    LATEX,
    PLAIN,
    TEXT,
    Block,
    Delimiters,
    Formatting,
    Formula,
    Heading,
    InlinePiece,
    InlineTag,
    ItemList,
    Link,
    Note,
    Paragraph,
    Quote,
    Table,
    has_ink,
    is_visible,
)
from clean.html.render.reader import SKIP, Enter, Reader, Skip, tree_root
from clean.html.render.style import class_roles, text_content

__all__ = [
    "NOTE_ROLES",
    "enter_button",
    "enter_formula",
    "enter_inline_code",
    "enter_inline_quote",
    "enter_kept_tag",
    "enter_line_break",
    "enter_link",
    "enter_ruby_text",
    "enter_side_note",
    "enter_tex",
    "is_number_of_side_note",
    "with_formulas",
]  # fmt: skip

DEEPEST_TAGS = 3
SHORTEST_NOTE = 4
"""Characters of the shortest note in a title; less is the name of something."""
MOST_IN_JUMP = 10
NOT_IN_CODE = ("img", "pre", "table", "p")
# The mark of a note: a number, stars and daggers, in brackets or not. Classes that share no character: linear.
NOTE_MARK = re.compile(r"[\[(（]?(?:\d{1,3}|[*†‡§¶]{1,4}|[注註])[\])）]?")
NOTE_NAME = re.compile(r"fn|foot|note|cite|ref", re.IGNORECASE)
NOTE_ROLES = frozenset(("side-note", "note-toggle", "note-mark"))
NOTE_TAGS = frozenset(("span", "small", "i", "em", "d-footnote"))
LONGEST_MARK = 6
"""Characters of a note's number, with its brackets."""
MARK_LEVELS = 4
"""How far above its number a note in the line may be."""
NOT_IN_SIDE_NOTES = (*BLOCK_TAGS, *HEADINGS, "ul", "ol", "pre", "table", "blockquote", "br")
ANCHOR_SIGNS = frozenset(("", "#", "¶", "§", "🔗", "link", "permalink", "＃"))


def enter_line_break(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Break the line."""
    reader.flow.append(InlinePiece(BREAK, "\n", PLAIN))
    # Careless pages put text into `<br>`; the parser keeps it there.
    return Enter(formatting)


def enter_link(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a link."""
    address = element.get("href")
    noted = enter_titled_mark(reader, element, formatting)
    if noted is not None:
        return noted
    if address is None:
        drop_title(reader, element)
        return Enter(formatting)
    if fragment(address.strip(), reader.page) is not None:
        return enter_jump(reader, element, formatting, address.strip())
    address = reader.resolve(address)
    if is_dead(address):
        if address:
            reader.drop_text(element, address, "html.dead-link", "link")
        drop_title(reader, element)
        return Enter(formatting._replace(link=None))
    return enter_web_link(reader, element, formatting, Link(address, element.get("title") or ""))


def enter_titled_mark(reader: Reader, element: _Element, formatting: Formatting) -> Skip | None:
    """Deal with the mark of a note whose text stands in its title alone; None for any other link.

    In the cell of a table, where no footnote can be, it stands in parentheses.
    """
    title, address = (element.get("title") or "").strip(), (element.get("href") or "").strip()
    if len(title) < SHORTEST_NOTE or not (is_dead(address) or address.startswith("#")) or len(element) > MOST_IN_JUMP:
        return None
    text = text_content(element).strip()
    above = element.getparent()
    high = above is not None and above.tag == "sup"
    if NOTE_MARK.fullmatch(text) is None or not (high or NOTE_NAME.search((element.get("class") or "")[:500])):
        return None
    if reader.line or reader.heading or formatting.code is not None or element in reader.cut_index.touched:
        return None
    if reader.cut_index.first(element, "img") is not None or not is_visible(title):
        return None
    reader.drop_text(element, text, "html.note-number")
    if address:
        reader.drop_text(element, address, "html.dead-link" if is_dead(address) else "html.note-link", "link")
    if reader.grid is not None:
        reader.flow.append(InlinePiece(TEXT, f"（{' '.join(title.split())}）", formatting._replace(link=None, tags=())))
    else:
        reader.add_side_note([InlinePiece(TEXT, " ".join(title.split()), PLAIN)])
    return reader.finish(element)


def enter_side_note(reader: Reader, element: _Element, names: Set[str], formatting: Formatting) -> Enter | Skip | None:
    """Enter a note that stands in the line it belongs to, as in Tufte's pages; None for any other element.

    It becomes a footnote, or stands in parentheses where a footnote cannot: in a heading, or in the cell of a table.
    """
    if "note-toggle" in names and element.tag == "label":
        text = str(element.xpath("string()")).strip()
        return None if any(map(str.isalpha, text)) else reader.drop(element, "html.note-number")
    if "note-mark" in names:
        return reader.drop(element, "html.note-number") if is_mark_of_side_note(reader, element) else None
    if element.tag not in NOTE_TAGS or not has_ink(reader.flow) or reader.cut_index.first(element, *NOT_IN_SIDE_NOTES):
        return None
    outer, reader.flow = reader.flow, []

    def leave() -> None:
        pieces, reader.flow = reader.flow, outer
        if not has_ink(pieces):
            reader.flow += pieces
        elif reader.line or reader.grid is not None:
            reader.flow += [InlinePiece(TEXT, "（", PLAIN), *pieces, InlinePiece(TEXT, "）", PLAIN)]
        else:
            reader.add_side_note(pieces)

    return Enter(formatting._replace(bold=False, italic=False), leave)


def is_mark_of_side_note(reader: Reader, element: _Element) -> bool:
    """Return whether an element holds the number of a note that stands in the line: it is in the note, or before it."""
    text = "".join(map(str, islice(element.itertext(), LONGEST_MARK + 1))).strip()
    if len(text) > LONGEST_MARK or sum(map(str.isalpha, text)) > 1:
        return False
    here: _Element | None = element
    for _ in range(MARK_LEVELS):
        if here is None:
            return False
        after = here.getnext()
        note = here if "side-note" in class_roles(here.get("class")) else None
        if after is not None and "side-note" in class_roles(after.get("class")) and not is_visible(here.tail or ""):
            note = after
        if note is not None:
            return note.tag in NOTE_TAGS and not reader.cut_index.is_cut(note)
        here = here.getparent()
    return False


def is_number_of_side_note(element: _Element, text: str) -> bool:
    """Return whether the text that an element begins with is no more than the number of the note that follows in it."""
    if len(text) > LONGEST_MARK or not len(element) or element.tag not in ("span", "sup", "small"):
        return False
    number = text.strip().strip("[]()")
    return number.isdigit() and element[0].tag in NOTE_TAGS and "side-note" in class_roles(element[0].get("class"))


def drop_title(reader: Reader, element: _Element) -> None:
    """Name the hover text of a link that is none in the Markdown."""
    title = (element.get("title") or "").strip()
    if is_visible(title) and title not in text_content(element):
        reader.drop_text(element, title, "html.hover-text")


RETURN_SIGNS = frozenset(text for text in RETURNS if not any(map(str.isalpha, text)))
"""Signs of a way back from a note, which say nothing where there is no place to go back to."""


def enter_jump(reader: Reader, element: _Element, formatting: Formatting, address: str) -> Enter | Skip:
    """Enter a link to another place of the page.

    Markdown has no places to jump to: of the sign beside a heading nothing is left, of a jump to a note its number.
    """
    text = text_content(element).strip() if len(element) < MOST_IN_JUMP else address
    at_heading = reader.heading or "anchor" in class_roles(element.get("class"))
    if at_heading and text.lower() in ANCHOR_SIGNS and next(iter(element.iterdescendants("img")), None) is None:
        reader.drop_text(element, text or address, "html.heading-anchor")
        drop_title(reader, element)
        return SKIP
    heads = reader.heading or reader.cut_index.first(element, *HEADINGS) is not None
    if text in RETURN_SIGNS and not heads and not reader.line:
        return reader.drop(element, "html.note-return")
    if address == "#" or heads or is_jump(element, text, fragment(address, reader.page) or ""):
        rule = "html.dead-link" if address == "#" else "html.heading-anchor" if heads else "html.note-link"
        reader.drop_text(element, address, rule, "link")
        drop_title(reader, element)
        return Enter(formatting._replace(link=None))
    return enter_web_link(reader, element, formatting, Link(address, element.get("title") or ""))


def enter_web_link(reader: Reader, element: _Element, formatting: Formatting, made: Link) -> Enter:
    """Enter a link that leads somewhere."""
    reader.links.append(made)

    def leave() -> None:
        if not made.used:
            reader.drop_text(element, made.address, "html.empty-link", "link")
            drop_title(reader, element)

    if len(element) and reader.cut_index.first(element, *HEADINGS) is not None:
        return Enter(formatting._replace(link=None, waiting=made), leave)
    return Enter(formatting._replace(link=made), leave)


def enter_inline_code(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter code within a line; or add it as a block, where it is one."""
    if (
        formatting.code is None
        and not formatting.zero
        and is_block(element)
        and reader.cut_index.first(element, *NOT_IN_CODE) is None
    ):
        return blocks.enter_code_block(reader, element, formatting)
    return Enter(formatting if formatting.code is not None else formatting._replace(code=element))


def enter_kept_tag(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter an element that stays a tag."""
    if formatting.code is not None or len(formatting.tags) >= DEEPEST_TAGS:
        return Enter(formatting)
    return Enter(formatting._replace(tags=(*formatting.tags, InlineTag(str(element.tag)))))


def enter_ruby_text(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter the reading of a character, in parentheses."""
    return enter_between(reader, "（", "）", formatting)


def enter_inline_quote(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a quotation within a line, to which browsers add the marks."""
    return enter_between(reader, "“", "”", formatting)


def enter_between(reader: Reader, before: str, after: str, formatting: Formatting) -> Enter:
    """Enter an element that stands between marks, unless there is nothing in it."""
    mark = InlinePiece(TEXT, before, formatting)
    reader.flow.append(mark)

    def leave() -> None:
        if reader.flow and reader.flow[-1] is mark:
            reader.flow.pop()
        else:
            reader.flow.append(InlinePiece(TEXT, after, formatting))

    return Enter(formatting, leave)


def enter_formula(reader: Reader, element: _Element, formatting: Formatting) -> Skip | None:
    """Add a formula, if its LaTeX is known."""
    text = math.latex_of(element)
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
    add_formula(reader, element, text, math.is_display(element), formatting)
    return SKIP


def add_formula(reader: Reader, element: _Element, text: str, display: bool, formatting: Formatting) -> None:
    """Add a formula, in its line or by itself; LaTeX that draws nothing is named."""
    if math.draws_nothing(text):
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


def enter_button(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a button that is a heading, holds an image or the author's words; others are interface.

    The name of a panel stands by itself, in bold like the summary of details; a word of a sentence flows on.
    """
    if reader.line or reader.cut_index.first(element, "img", "p", *HEADINGS) is not None:
        return Enter(formatting)
    if any(parent.tag in ("summary", "dt") for parent, _ in zip(element.iterancestors(), range(4), strict=False)):
        return Enter(formatting)
    if not holds_words(element):
        return reader.drop(element, "html.control")
    if stands_in_sentence(element):
        return Enter(formatting)
    return blocks.enter_term(reader, element, formatting)


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
        latex = math.undrawn_latex(element)
        if latex:
            add_formula(reader, element, latex, math.is_display(element), formatting)
        return SKIP if latex else None
    if any(child.tag != "br" for child in element):
        return None
    text = "\n".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    for each in (*DEFAULTS, UNSAID):
        inner = text[len(each.left) : -len(each.right)]
        if text.startswith(each.left) and text.endswith(each.right) and inner.strip() and each.right not in inner:
            add_formula(reader, element, math.trim_latex(inner), each.display, formatting)
            return SKIP
    names = (element.get("class") or "").lower().split()
    if text and "math" in names and ("inline" in names or "display" in names) and delimiters_of(reader):
        add_formula(reader, element, math.trim_latex(text), "display" in names, formatting)
        return SKIP
    return None


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
        if math.draws_nothing(found.latex):
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
            return FoundLatex(start, found.end(), math.trim_latex(text[start : found.end()]), display=True)
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
            return FoundLatex(start, found.end(), math.trim_latex(latex), mark.display)
        depth += {"{": 1, "}": -1}.get(found[0], 0)
    return None


def between_dollars(latex: str, after: str, mark: Delimiters) -> bool:
    """Return whether what stands between two dollars is LaTeX, and not what stands between two prices."""
    if LIKE_LATEX.search(latex):
        return True
    spaced = latex[0].isspace() + latex[-1].isspace()
    price = latex.lstrip()[:1].isdigit()
    return mark.certain and (spaced == 0 or (spaced == 2 and not price)) and not after.isdigit()
