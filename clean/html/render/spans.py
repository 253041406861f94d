"""Elements within a line: links, code, tags, formulas, buttons."""

from lxml.etree import _Element

from clean.html.render import math
from clean.html.render.elements import HEADINGS
from clean.html.render.links import absolute, is_dead
from clean.html.render.model import BREAK, PLAIN, RAW, TEXT, Formula, Link, Look, Piece, Tag
from clean.html.render.reader import SKIP, Enter, Reader, Skip
from clean.html.render.style import roles

__all__ = [
    "button", "code", "formula", "line_break", "link", "quoted", "reading", "tag",
]  # fmt: skip

DEEPEST_TAGS = 3
ANCHOR_SIGNS = frozenset(("", "#", "¶", "§", "🔗", "link", "permalink", "＃"))


def line_break(reader: Reader, element: _Element, look: Look) -> Enter:
    """Break the line."""
    reader.flow.append(Piece(BREAK, "\n", PLAIN))
    # Careless pages put text into `<br>`; the parser keeps it there.
    return Enter(look)


def link(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Enter a link."""
    address = element.get("href")
    if address is None:
        return Enter(look)
    text = None
    if "anchor" in roles(element.get("class")) and address.lstrip().startswith("#"):
        text = str(element.xpath("string()")).strip()
        if text.lower() in ANCHOR_SIGNS and next(iter(element.iterdescendants("img")), None) is None:
            reader.drop_text(element, text or address, "html.heading-anchor")
            return SKIP
    address = absolute(address, reader.options.base)
    if is_dead(address):
        if address:
            reader.drop_text(element, address, "html.dead-link", "link")
        return Enter(look._replace(link=None))
    made = Link(address, element.get("title") or "")

    def leave() -> None:
        if not made.used:
            reader.drop_text(element, address, "html.empty-link", "link")

    return Enter(look._replace(link=made), leave)


def code(reader: Reader, element: _Element, look: Look) -> Enter:
    """Enter code within a line."""
    return Enter(look if look.code is not None else look._replace(code=element))


def tag(reader: Reader, element: _Element, look: Look) -> Enter:
    """Enter an element that stays a tag."""
    if look.code is not None or len(look.tags) >= DEEPEST_TAGS:
        return Enter(look)
    return Enter(look._replace(tags=(*look.tags, Tag(str(element.tag)))))


def reading(reader: Reader, element: _Element, look: Look) -> Enter:
    """Enter the reading of a character, in parentheses."""
    reader.flow.append(Piece(TEXT, "（", look))
    return Enter(look, lambda: reader.flow.append(Piece(TEXT, "）", look)))


def quoted(reader: Reader, element: _Element, look: Look) -> Enter:
    """Enter a quotation within a line, to which browsers add the marks."""
    reader.flow.append(Piece(TEXT, "“", look))
    return Enter(look, lambda: reader.flow.append(Piece(TEXT, "”", look)))


def formula(reader: Reader, element: _Element, look: Look) -> Skip | None:
    """Add a formula, if its LaTeX is known."""
    text = math.latex(element)
    if not text:
        return None
    if element.tag != "script" and element.get("data-formula") is None:
        drawn = str(element.xpath("string()")).strip()
        if drawn:
            reader.drop_text(element, drawn, "html.math-drawing")
    for one in element.iter("img", "embed"):
        found = one.get("src") or one.get("data-src")
        if found:
            reader.drop_text(one, found, "html.math-drawing", "image")
    if look.link is not None:
        look.link.used = True
    if math.is_display(element):
        reader.add_block(Formula(text))
    else:
        reader.flow.append(Piece(RAW, math.in_line(text), look._replace(bold=False, italic=False, code=None)))
    return SKIP


def button(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Enter a button that is a heading or holds an image; others are interface."""
    if reader.line or next(iter(element.iterdescendants("img", "p", *HEADINGS)), None) is not None:
        return Enter(look)
    if any(parent.tag in ("summary", "dt") for parent, _ in zip(element.iterancestors(), range(4), strict=False)):
        return Enter(look)
    return reader.drop(element, "html.control")
