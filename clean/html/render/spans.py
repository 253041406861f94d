"""Rendering of inline elements: links, code, tags, formulas, buttons."""

import re

from lxml.etree import _Element

from clean.html.controls import holds_words, stands_in_sentence
from clean.html.render import blocks, math
from clean.html.render.code import is_block
from clean.html.render.escape import is_dead
from clean.html.render.footnotes import fragment, is_jump
from clean.html.render.model import (
    BREAK,
    HEADINGS,
    PLAIN,
    RAW,
    TEXT,
    Formatting,
    Formula,
    InlinePiece,
    InlineTag,
    Link,
    is_visible,
)
from clean.html.render.reader import SKIP, Enter, Reader, Skip
from clean.html.render.style import class_roles, text_content

__all__ = [
    "enter_button",
    "enter_formula",
    "enter_inline_code",
    "enter_inline_quote",
    "enter_kept_tag",
    "enter_line_break",
    "enter_link",
    "enter_ruby_text",
]  # fmt: skip

DEEPEST_TAGS = 3
SHORTEST_NOTE = 4
"""Characters of the shortest note in a title; less is the name of something."""
MOST_IN_JUMP = 10
NOT_IN_CODE = ("img", "pre", "table", "p")
# The mark of a note: a number, stars and daggers, in brackets or not. Classes that share no character: linear.
NOTE_MARK = re.compile(r"[\[(（]?(?:\d{1,3}|[*†‡§¶]{1,4}|[注註])[\])）]?")
NOTE_NAME = re.compile(r"fn|foot|note|cite|ref", re.IGNORECASE)
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

    A note of one word stands in parentheses: behind `[^1]:` CommonMark would take it for an address (section 4.7).
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
    if len(title.split()) < 2 or title[0] == "<" or title.split()[1][0] in "\"'(" or reader.grid is not None:
        reader.flow.append(InlinePiece(TEXT, f"（{' '.join(title.split())}）", formatting._replace(link=None, tags=())))
    else:
        reader.add_side_note([InlinePiece(TEXT, " ".join(title.split()), PLAIN)])
    return reader.is_whole(element)


def drop_title(reader: Reader, element: _Element) -> None:
    """Name the hover text of a link that is none in the Markdown."""
    title = (element.get("title") or "").strip()
    if is_visible(title) and title not in text_content(element):
        reader.drop_text(element, title, "html.hover-text")


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
    add_formula(reader, text, math.is_display(element), formatting)
    return SKIP


def add_formula(reader: Reader, text: str, display: bool, formatting: Formatting) -> None:
    """Add a formula, in its line or by itself."""
    if formatting.link is not None:
        formatting.link.used = True
    if display:
        reader.add_block(Formula(text))
    else:
        reader.flow.append(
            InlinePiece(RAW, math.in_line(text), formatting._replace(bold=False, italic=False, code=None))
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
