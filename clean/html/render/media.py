"""Elements that are played or embedded: each becomes a line with a link."""

from lxml.etree import _Element

from clean.html.render import cards
from clean.html.render.links import absolute
from clean.html.render.model import PLAIN, TEXT, Link, Look, Piece
from clean.html.render.reader import SKIP, Enter, Reader, Skip, has_content

__all__ = [
    "add_line", "card", "frame", "medium",
]  # fmt: skip


def card(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Add a card's line; a card that says nothing is a box with whatever is in it."""
    line = cards.card(element)
    if line is None:
        reader.end_paragraph()
        if element.tag in cards.CARDS and not has_content(element):
            return SKIP
        if not has_content(element) and str(element.tag).startswith("mp-common-"):
            add_line(reader, cards.Line(str(element.tag).removeprefix("mp-common-")), look)
            reader.end_paragraph()
            return SKIP
        return Enter(look, reader.end_paragraph)
    reader.end_paragraph()
    add_line(reader, line, look)
    reader.end_paragraph()
    return reader.drop(element, "html.card-interface")


def frame(reader: Reader, element: _Element, look: Look) -> Skip:
    """Add the link of a frame."""
    line = cards.frame(element)
    if line is not None:
        reader.end_paragraph()
        add_line(reader, line, look)
        reader.end_paragraph()
    return reader.drop(element, "html.fallback")


def medium(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Add the link of a video, a sound or an embedded object."""
    line = cards.medium(element)
    if line is None:
        return Enter(look) if element.tag == "object" else reader.drop(element, "html.fallback")
    reader.end_paragraph()
    add_line(reader, line, look)
    reader.end_paragraph()
    return reader.drop(element, "html.fallback")


def add_line(reader: Reader, line: cards.Line, look: Look) -> None:
    """Add the line of a card to the paragraph."""
    look = PLAIN._replace(link=look.link)
    if line.address:
        look = look._replace(link=Link(absolute(line.address, reader.options.base)))
    if line.cover:
        reader.add_image(absolute(line.cover, reader.options.base), look)
        reader.flow.append(Piece(TEXT, " ", look))
    words = absolute(line.words, reader.options.base) if line.words.startswith("//") else line.words
    reader.flow.append(Piece(TEXT, words, look))
    if look.link is not None:
        look.link.used = True
    if line.note:
        reader.flow.append(Piece(TEXT, " " + line.note, PLAIN))
