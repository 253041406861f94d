"""Rendering of block elements: headings, lists, quotations, tables, code, comments, callouts.

What is read inside of one becomes one block.
"""

import re
from itertools import islice

from lxml.etree import _Element

from clean.html.custom import (
    CALLOUT_KINDS,
    NEXT,
    ItemMark,
    callout_kind,
    editor_block,
    editor_item_mark,
    is_callout_title,
    is_marker,
    is_quill_list,
    quill_item_mark,
    standard_name,
    stands_alone,
)
from clean.html.listings import is_code_element
from clean.html.render.code import code_block, is_numbering, is_prose, language, numbered_listing
from clean.html.render.model import (
    BREAK,
    HEADINGS,
    IMAGE,
    PLAIN,
    RAW,
    TEXT,
    Block,
    Code,
    Formatting,
    Heading,
    InlinePiece,
    ItemList,
    Paragraph,
    Quote,
    ThematicBreak,
    has_ink,
)
from clean.html.render.reader import DEEPEST, SKIP, Enter, Reader, Skip
from clean.html.render.style import class_roles
from clean.html.render.tables import Cell, Grid

__all__ = [
    "add_check_mark",
    "cut_cell",
    "enter_box",
    "enter_callout",
    "enter_caption",
    "enter_cell",
    "enter_code_block",
    "enter_comment",
    "enter_custom",
    "enter_editor_block",
    "enter_heading",
    "enter_item",
    "enter_list",
    "enter_loose_item",
    "enter_preformatted",
    "enter_quote",
    "enter_row",
    "enter_row_group",
    "enter_table",
    "enter_term",
    "enter_thematic_break",
    "is_comment",
]


# Comments and replies: other people's words below a text. Each becomes a quote, and a reply to it a quote inside.
#
# Below an article a comment is a box with a name and a picture; its words alone would read on as the author's. The
# boxes are those that a page calls so: by class, by schema.org's `Comment`, by an element of its own.


HOLDERS = frozenset(("div", "li", "article", "section", "aside"))
ITEM_TYPES = frozenset(("comment", "usercomments"))


def is_comment(element: _Element | None) -> bool:
    """Return whether a page says that an element is one comment."""
    if element is None or element.tag not in HOLDERS:
        return element is not None and element.tag == "shreddit-comment"
    if "comment" in class_roles(element.get("class")):
        return True
    kind = (element.get("itemtype") or "").rstrip("/").rpartition("/")
    return kind[2].lower() in ITEM_TYPES and kind[0].endswith("schema.org")


def is_opening_post(reader: Reader, element: _Element) -> bool:
    """Return whether a comment is the page's own text: the first post of a thread is often made like its replies."""
    return not reader.begun and not stands_among_comments(reader, element)


def stands_among_comments(reader: Reader, element: _Element) -> bool:
    """Return whether anything around an element is named after comments; of each the reader remembers it."""
    path: list[_Element] = []
    here = element.getparent()
    while here is not None and here not in reader.among_comments:
        path.append(here)
        here = here.getparent()
    among = here is not None and reader.among_comments[here]
    for one in reversed(path):
        names = (one.get("id") or "", *(one.get("class") or "").split())
        among = among or any(name.lower().startswith("comment") for name in names)
        reader.among_comments[one] = among
    return among


def enter_comment(reader: Reader, element: _Element, formatting: Formatting) -> Enter | None:
    """Enter a comment; None where a quote cannot stand, or if the element is none."""
    if reader.line or reader.list is not None or reader.depth >= DEEPEST or not is_comment(element):
        return None
    if is_opening_post(reader, element):
        return None

    def finish(blocks: list[Block]) -> None:
        # A comment whose own words are cut, or a box around one that is called so as well, says nothing itself.
        if all(isinstance(block, Quote) and block.voice for block in blocks):
            reader.blocks += blocks
        else:
            reader.blocks.append(Quote(blocks, voice=True))

    return reader.container(finish, formatting)


NOT_IN_HEADINGS = ("ul", "ol", "table", "pre", "blockquote", "hr", "dl", "section", "article", *HEADINGS)


def enter_box(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a plain box."""
    reader.end_paragraph()
    return Enter(formatting, reader.end_paragraph)


def enter_heading(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a heading; one that holds lists, tables or several paragraphs is a box."""
    if formatting.waiting is not None and not formatting.waiting.used:
        formatting = formatting._replace(link=formatting.waiting, waiting=None)
    if reader.line:
        return enter_box(reader, element, formatting)
    if reader.cut_index.first(element, *NOT_IN_HEADINGS) is not None:
        return enter_box(reader, element, formatting)
    paragraphs = reader.cut_index.all(element, "p")
    if next(paragraphs, None) is not None and next(paragraphs, None) is not None:
        return enter_box(reader, element, formatting)
    reader.end_paragraph()
    reader.line += 1
    reader.heading = True
    level = level_of(element)

    def leave() -> None:
        reader.line -= 1
        reader.heading = False
        pieces, reader.flow = reader.flow, []
        if has_ink(pieces):
            if all(piece.kind == IMAGE or not piece.text.strip() for piece in pieces):
                reader.add_paragraph(pieces)
            else:
                reader.blocks.append(Heading(level, pieces))

    return Enter(formatting, leave)


def level_of(element: _Element) -> int:
    """Return the level of a heading; of one by its role alone, what it says, else 2 (WAI-ARIA 1.2, `heading`).

    The title of a part of a book is as deep as its sections are.
    """
    known = HEADINGS.get(str(element.tag)) or HEADINGS.get(standard_name(str(element.tag)))
    if known is not None:
        return known
    names = (element.get("class") or "").split()
    if "MsoTitle" in names or any(name.startswith("MsoHeading") for name in names):
        return 1 if "MsoTitle" in names else 6
    if (named := editor_block(" ".join(names))) in HEADINGS:
        return HEADINGS[named]
    level = (element.get("aria-level") or "").strip()
    if level and level in "123456789":
        return min(int(level), 6)
    return 2 if element.get("role") == "heading" else max(1, min(6, sum(1 for _ in element.iterancestors("section"))))


NOT_IN_CODE = ("pre", "p", "img", "table", "ul", "ol", *HEADINGS)


MOST_SEARCHED = 200
"""Texts of an element that are searched for a line end."""


def has_lines(element: _Element) -> bool:
    """Return whether there is a line end within the text of an element."""
    return "\n" in "".join(map(str, islice(element.itertext(), MOST_SEARCHED))).strip()


def enter_custom(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip | None:
    """Enter a custom element as what its name says, or as a box where it stands alone; None for a word of a line."""
    tag = str(element.tag)
    lines = is_code_element(tag) and not reader.line and has_lines(element)
    if lines and reader.cut_index.first(element, *NOT_IN_CODE) is None:
        return enter_code_block(reader, element, formatting)
    if is_marker(tag):
        return Enter(formatting, lambda: reader.flow.append(InlinePiece(TEXT, " ", PLAIN)))
    alike = standard_name(tag)
    if alike in HEADINGS:
        return enter_heading(reader, element, formatting)
    if alike == "blockquote":
        return enter_quote(reader, element, formatting)
    if alike in ("p", "li", "div") and not is_code_element(tag):
        return enter_box(reader, element, formatting)
    if alike in ("strong", "em"):
        return Enter(formatting._replace(bold=True) if alike == "strong" else formatting._replace(italic=True))
    if alike == "code" or (is_code_element(tag) and not stands_alone(element)):
        return Enter(formatting if formatting.code is not None else formatting._replace(code=element))
    return enter_box(reader, element, formatting) if alike in ("", "div") and stands_alone(element) else None


def enter_term(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter the term of a definition, or the summary of details: a paragraph in bold."""
    reader.end_paragraph()
    return Enter(formatting._replace(bold=True), reader.end_paragraph)


def enter_thematic_break(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Draw a line across the text."""
    if not reader.line:
        reader.end_paragraph()
        reader.blocks.append(ThematicBreak())
    return Enter(formatting)


def enter_quote(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a quotation."""
    if reader.line or reader.depth >= DEEPEST:
        return enter_box(reader, element, formatting)

    def finish(blocks: list[Block]) -> None:
        if blocks:
            reader.blocks.append(Quote(blocks))

    return reader.container(finish, formatting)


# Google Docs writes each level of a list as a list of its own, beside the others, and names its level.
LEVEL = re.compile(r"(?:^|\s)lst-kix_[a-z0-9]{1,40}-([0-8])(?:\s|$)")


def enter_list(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a list. What stands between its items belongs to the item before."""
    if is_numbering(element):
        return reader.drop(element, "html.code-gutter")
    first = next(element.iterchildren("li"), None)
    loose = is_quill_list(element)
    if loose:
        reader.loose = []
    if reader.line or reader.depth >= DEEPEST or first in reader.notes.notes or is_comment(first) or loose:
        return enter_box(reader, element, formatting)
    made = ItemList(None)
    if element.tag == "ol":
        given = element.get("start") or next((one.get("value") for one in element.iterchildren("li")), None) or "1"
        made.start = int(given) if given.strip().isascii() and given.strip().isdigit() and len(given) < 10 else 1

    def finish(blocks: list[Block]) -> None:
        add_stray_blocks(made, blocks)
        level = LEVEL.search(element.get("class") or "")
        if level is not None and made.items:
            for number, item in enumerate(made.items, made.start or 0):
                add_item(
                    reader, min(int(level[1]) + 1, DEEPEST - reader.depth), None if made.start is None else number, item
                )
        elif made.items and not (reader.blocks and goes_on_with(reader.blocks[-1], made, element)):
            reader.blocks.append(made)

    entered = reader.container(finish, formatting)
    reader.list = made
    return entered


SINGLE_ITEM_LISTS = frozenset(("bulleted-list", "to-do-list"))
"""How Notion's exports call the lists of which they make one for each item."""


def goes_on_with(before: Block, made: ItemList, element: _Element) -> bool:
    """Add the items of a list to the one right before it, where a reader sees one list; return whether they are."""
    if not isinstance(before, ItemList):
        return False
    numbered = before.start is not None and made.start == before.start + len(before.items) > 1
    names = (element.get("class") or "").split()
    if not numbered and (before.start is not None or made.start is not None or SINGLE_ITEM_LISTS.isdisjoint(names)):
        return False
    before.items += made.items
    return True


def enter_item(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter an item of a list; outside of a list it is a box."""
    made = reader.list
    if made is None and is_quill_list(element.getparent()):
        return enter_loose_item(reader, element, quill_item_mark(element), formatting) or enter_box(
            reader, element, formatting
        )
    if made is None or reader.line:
        return enter_box(reader, element, formatting)
    reader.end_paragraph()
    add_stray_blocks(made, reader.blocks)
    reader.blocks.clear()

    def finish(blocks: list[Block]) -> None:
        if blocks:
            made.items.append(blocks)

    entered = reader.container(finish, formatting)
    if element.get("data-inline-task-id"):  # Confluence's tasks, whose boxes a style sheet draws
        add_check_mark(reader, done="checked" in (element.get("class") or "").split())
    reader.depth -= 1  # a list and its items are one depth

    def leave() -> None:
        reader.depth += 1
        if entered.leave is not None:
            entered.leave()

    return Enter(formatting, leave)


# How LaTeXML and journals name tables of equations; alternatives of fixed words: linear.
EQUATIONS = re.compile(r"(?:^|[\s_-])(?:equations?|equationgroup|eqn|disp-formula|display-formula)(?=[\s_-]|$)")


def enter_loose_item(reader: Reader, element: _Element, mark: ItemMark, formatting: Formatting) -> Enter | None:
    """Enter an item that no list holds; neighbours become one list. None where no list can stand."""
    level = min(mark.level, DEEPEST - reader.depth)
    if reader.line or reader.list is not None or reader.grid is not None or level < 1:
        return None
    if mark.element is not None:
        if mark.element in reader.cut_index.touched:
            return None
        reader.left_out[mark.element] = "html.item-mark"
        if mark.in_text:
            reader.marked_texts.add(element)
    around, reader.loose = reader.loose, []

    def finish(blocks: list[Block]) -> None:
        reader.loose = around
        if blocks:
            add_item(reader, level, mark.number, blocks)

    entered = reader.container(finish, formatting)
    if mark.done is not None:
        add_check_mark(reader, done=mark.done)
    return entered


def enter_editor_block(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip | None:
    """Enter a block that its editor names in a class; None for one that holds what it is as HTML."""
    alike = editor_block(element.get("class") or "")
    if alike == "hr":
        return enter_thematic_break(reader, element, formatting)
    if reader.cut_index.first(element, alike, *(HEADINGS if alike in HEADINGS else ())) is not None:
        return None
    if alike == "blockquote" and "callout" in (element.get("class") or "") and not reader.line:
        return enter_box_with_icon(reader, formatting) if reader.depth < DEEPEST else None
    if alike == "blockquote":
        return enter_quote(reader, element, formatting)
    if alike in HEADINGS:
        return enter_heading(reader, element, formatting)
    return enter_loose_item(reader, element, editor_item_mark(element), formatting)


def add_check_mark(reader: Reader, *, done: bool) -> None:
    """Begin an item with a box that is ticked or not, as task lists have it."""
    reader.flow.append(InlinePiece(RAW, "[x]" if done else "[ ]", PLAIN))
    reader.flow.append(InlinePiece(TEXT, " ", PLAIN))


def add_item(reader: Reader, level: int, number: int | None, blocks: list[Block]) -> None:
    """Add an item to the list that stands last, in the list of its level; a new list where it does not go on."""
    if not reader.loose or not reader.blocks or reader.blocks[-1] is not reader.loose[0][1]:
        reader.loose.clear()
    while reader.loose and reader.loose[-1][0] > level:
        reader.loose.pop()
    if number == NEXT:
        open_list = reader.loose[-1][1] if reader.loose and reader.loose[-1][0] == level else ItemList(None)
        number = 1 if open_list.start is None else open_list.start + len(open_list.items)
    if reader.loose and reader.loose[-1][0] == level and not goes_on(reader.loose[-1][1], number):
        reader.loose.pop()
    if not reader.loose or reader.loose[-1][0] < level:
        made = ItemList(number)
        if reader.loose:
            reader.loose[-1][1].items[-1].append(made)
        else:
            reader.blocks.append(made)
        reader.loose.append((level, made))
    reader.loose[-1][1].items.append(blocks)


def goes_on(made: ItemList, number: int | None) -> bool:
    """Return whether an item with this number is the next one of a list."""
    if made.start is None or number is None:
        return made.start is None and number is None
    return number == made.start + len(made.items)


# How bulletin boards number the table that a contribution is set in, its author beside its text. Literals and a bounded
# run of digits between blanks: linear.
NUMBERED_POST = re.compile(
    r"(?:^|\s)(?:plhin|(?:post|pid|msg|message|comment|reply)[-_]?\d{1,12})(?=\s|$)", re.IGNORECASE
)


def is_contribution(table: _Element) -> bool:
    """Return whether a table holds one contribution to a thread: a text beside its author is no data."""
    return NUMBERED_POST.search(f"{table.get('id') or ''} {table.get('class') or ''}"[:500]) is not None


def is_in_callout(table: _Element) -> bool:
    """Return whether a table only sets the sign of a callout beside its text (Asciidoctor)."""
    around = table.getparent()
    return around is not None and "admonitionblock" in (around.get("class") or "").split()


def enter_table(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a table."""
    code = numbered_listing(element, reader)
    if code is not None:
        if code:
            reader.add_block(Code(code, language(element)))
        return SKIP
    if reader.line or reader.depth >= DEEPEST:
        return enter_box(reader, element, formatting)
    made = Grid(
        layout=element.get("role") in ("presentation", "none") or is_contribution(element) or is_in_callout(element),
        equations=EQUATIONS.search((element.get("class") or "")[:500]) is not None,
    )

    def finish(blocks: list[Block]) -> None:
        made.caption += blocks
        reader.blocks += made.blocks(reader.growth)

    entered = reader.container(finish, formatting)
    reader.grid = made
    return entered


def enter_row(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a row of a table."""
    if reader.grid is None:
        return enter_box(reader, element, formatting)
    reader.grid.rows.append([])
    return Enter(formatting)


def enter_row_group(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter the head, body or foot of a table."""
    if reader.grid is None:
        return enter_box(reader, element, formatting)
    reader.grid.declared |= element.tag == "thead"
    return Enter(formatting)


def enter_cell(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter a cell of a table."""
    grid = reader.grid
    if grid is None or reader.line:
        return enter_box(reader, element, formatting)
    if not grid.rows:
        grid.rows.append([])
    row = grid.rows[-1]
    head = element.tag == "th"

    def finish(blocks: list[Block]) -> None:
        row.append(Cell(blocks, head, cell_span(element.get("colspan")), cell_span(element.get("rowspan"))))

    return reader.container(finish, formatting)


def cut_cell(reader: Reader, element: _Element) -> None:
    """Leave the place of a cell that is cut empty: what stands beside it stays in its column."""
    grid = reader.grid
    if grid is not None and grid.rows and not reader.line:
        grid.rows[-1].append(Cell([], False, cell_span(element.get("colspan")), cell_span(element.get("rowspan"))))


def enter_caption(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter the caption of a table, which stands before it."""
    grid = reader.grid
    if grid is None:
        return enter_box(reader, element, formatting)
    grid.declared = True

    def finish(blocks: list[Block]) -> None:
        grid.caption += blocks

    return reader.container(finish, formatting)


def enter_preformatted(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Add a code block."""
    if formatting.zero or is_prose(element, reader):
        return enter_box(reader, element, formatting)
    return enter_code_block(reader, element, formatting)


def enter_code_block(reader: Reader, element: _Element, formatting: Formatting) -> Skip:
    """Add an element as a code block, whatever its name is."""
    made = code_block(element, reader)
    if made is not None:
        if formatting.link is not None:
            formatting.link.used = True
        reader.add_block(made)
    return SKIP


def add_stray_blocks(made: ItemList, blocks: list[Block]) -> None:
    """Add what stands between the items of a list to the item before, or before all to one of its own."""
    if blocks:
        if made.items:
            made.items[-1].extend(blocks)
        else:
            made.items.append(list(blocks))


def cell_span(given: str | None) -> int:
    """Return how far a cell reaches."""
    if not given or not given.strip().isascii() or not given.strip().isdigit() or len(given) > 5:
        return 1
    return max(1, int(given))


# Callouts: boxes that a page calls a note, a tip, a warning. They become quotes that begin with `[!note]`.
#
# That is how GitHub, Obsidian and Quarto write them, and for every other reader of Markdown it is a quote that says
# what it is. Read are the names of Bootstrap, GitHub, Sphinx and Hugo, Docusaurus, VitePress, Starlight, Obsidian.


TITLES = ("p", "div", "span", "summary", "strong", "h2", "h3", "h4", "h5", "h6")
MOST_BEFORE_TITLE = 4


def enter_callout(reader: Reader, element: _Element, formatting: Formatting) -> Enter | None:
    """Enter a callout; None if the page does not say of what kind it is. Notion's are figures, of no kind."""
    kind = (element.get("data-callout") or "").strip().lower() or callout_kind(element.get("class") or "")
    if kind not in CALLOUT_KINDS and element.tag == "figure" and not reader.line and reader.depth < DEEPEST:
        return enter_box_with_icon(reader, formatting)
    if kind not in CALLOUT_KINDS or reader.line or reader.depth >= DEEPEST:
        return None
    first = islice(reader.cut_index.all(element, *TITLES), MOST_BEFORE_TITLE)
    titled = any(is_callout_title(one.get("class") or "") for one in first)

    def finish(blocks: list[Block]) -> None:
        if blocks:
            reader.blocks.append(Quote(mark_callout(kind, blocks, titled=titled)))

    return reader.container(finish, formatting)


def enter_box_with_icon(reader: Reader, formatting: Formatting) -> Enter:
    """Enter a box that an editor sets apart from the text, behind a sign: a quotation that begins with it."""

    def finish(blocks: list[Block]) -> None:
        match blocks:
            case [Paragraph(sign), Paragraph(text), *rest] if is_sign(sign):
                reader.blocks.append(Quote([Paragraph([*sign, InlinePiece(TEXT, " ", PLAIN), *text]), *rest]))
            case [_, *_]:
                reader.blocks.append(Quote(blocks))

    return reader.container(finish, formatting)


def is_sign(pieces: list[InlinePiece]) -> bool:
    """Return whether a paragraph is a sign such as an emoji, and no word."""
    text = "".join([piece.text for piece in pieces]).strip()
    return all(piece.kind == TEXT for piece in pieces) and len(text) <= LONGEST_SIGN and not any(map(str.isalnum, text))


LONGEST_SIGN = 8
"""Code points of an emoji, which may be several joined ones."""


def mark_callout(kind: str, blocks: list[Block], *, titled: bool) -> list[Block]:
    """Return the blocks with the mark before them: with the title in its line, and the first paragraph below it."""
    head: list[InlinePiece] = [InlinePiece(RAW, f"[!{kind}]", PLAIN)]
    rest = list(blocks)
    title = rest[0]
    if titled and isinstance(title, Paragraph | Heading):
        head += [InlinePiece(TEXT, " ", PLAIN), *title.pieces]
        del rest[0]
    text = rest[0] if rest else None
    if isinstance(text, Paragraph):
        head += [InlinePiece(BREAK, "\n", PLAIN), *text.pieces]
        del rest[0]
    return [Paragraph(head), *rest]
