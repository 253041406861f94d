"""Rendering of inline elements: links, code, tags, buttons, side notes."""

import re
from collections.abc import Set
from itertools import islice

from lxml.etree import _Element

from clean.html.controls import holds_words, stands_in_sentence
from clean.html.render import blocks
from clean.html.render.code import is_block
from clean.html.render.escape import is_dead
from clean.html.render.footnotes import RETURNS, fragment, is_jump, without_number
from clean.html.render.model import (
    BLOCK_TAGS,
    BREAK,
    HEADINGS,
    PLAIN,
    TEXT,
    Formatting,
    InlinePiece,
    InlineTag,
    Link,
    has_ink,
    is_visible,
)
from clean.html.render.reader import SKIP, Enter, Reader, Skip
from clean.html.render.style import class_roles, text_content

__all__ = [
    "NOTE_ROLES",
    "enter_button",
    "enter_inline_code",
    "enter_inline_quote",
    "enter_kept_tag",
    "enter_line_break",
    "enter_link",
    "enter_raised",
    "enter_ruby_text",
    "enter_side_note",
    "is_number_of_side_note",
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


def enter_raised(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a raised text; the mark of a note that stands in an attribute of it, as on Zhihu, is that note's."""
    note = " ".join((element.get("data-text") or "").split())
    if not is_visible(note) or reader.line or reader.heading:
        return enter_kept_tag(reader, element, formatting)
    text = text_content(element).strip()
    if NOTE_MARK.fullmatch(text) is None:
        return enter_kept_tag(reader, element, formatting)
    if formatting.code is not None or reader.grid is not None or element in reader.cut_index.touched:
        return enter_kept_tag(reader, element, formatting)
    reader.drop_text(element, text, "html.note-number")
    pieces = [InlinePiece(TEXT, note, PLAIN)]
    address = (element.get("data-url") or "").strip()
    if address:
        link = Link(reader.resolve(address), "", used=True)
        pieces += [InlinePiece(TEXT, " ", PLAIN), InlinePiece(TEXT, address, PLAIN._replace(link=link))]
    reader.add_side_note(pieces)
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
        number = raised_number(outer)
        without, label = without_number(pieces, number.strip("[]()")) if number else (pieces, "")
        if label and has_ink(without):  # the note's number stands before it and in it: the footnote has its own
            while reader.flow and number.endswith(reader.flow[-1].text.strip()) and number:
                number = number.removesuffix(reader.flow.pop().text.strip())
            reader.drop_text(element, label, "html.note-number")
            pieces = without
        if not has_ink(pieces):
            reader.flow += pieces
        elif reader.line or reader.grid is not None:
            reader.flow += [InlinePiece(TEXT, "（", PLAIN), *pieces, InlinePiece(TEXT, "）", PLAIN)]
        else:
            reader.add_side_note(pieces)

    return Enter(formatting._replace(bold=False, italic=False), leave)


def raised_number(flow: list[InlinePiece]) -> str:
    """Return the raised number that a line ends with, brackets and all; nothing where it ends otherwise."""
    number = ""
    for piece in reversed(flow):
        if piece.kind != TEXT or not any(tag.name == "sup" for tag in piece.formatting.tags):
            break
        number = piece.text.strip() + number
    return number if number.strip("[]()").isdigit() and len(number) <= LONGEST_MARK else ""


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


TIME = re.compile(r"\s*(?:\d{1,2}:)?\d{1,2}:\d{2}\s*")


def enter_button(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a button that is a heading, holds an image or the author's words; others are interface.

    The name of a panel stands by itself, in bold like the summary of details; a word of a sentence flows on.
    """
    if reader.line or reader.cut_index.first(element, "img", "p", *HEADINGS) is not None:
        return Enter(formatting)
    if any(parent.tag in ("summary", "dt") for parent, _ in zip(element.iterancestors(), range(4), strict=False)):
        return Enter(formatting)
    if TIME.fullmatch(text_content(element)) is not None:  # of a line in a transcript, to which a player jumps
        return Enter(formatting, lambda: reader.flow.append(InlinePiece(TEXT, " ", PLAIN)))
    if not holds_words(element):
        return reader.drop(element, "html.control")
    if stands_in_sentence(element):
        return Enter(formatting)
    return blocks.enter_term(reader, element, formatting)
