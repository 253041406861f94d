"""Footnotes as they are read: the mark in the text, the note, and what stands in it only to lead back."""

import re

from lxml.etree import _Element

from clean.html.render.inline import write_note
from clean.html.render.model import PLAIN, RAW, TEXT, Block, Look, Note, Paragraph, Piece, is_visible
from clean.html.render.reader import SKIP, Enter, Reader, Skip
from clean.html.render.tables import flatten

__all__ = ["footnote"]


def footnote(reader: Reader, element: _Element, look: Look) -> Enter | Skip | None:
    """Deal with a mark, a note, or a way back; None for any other element."""
    notes = reader.notes
    number = notes.marks.get(element)
    if number is not None:
        reader.flow.append(Piece(RAW, f"[^{number}]", PLAIN))
        reader.marked.add(number)
        return SKIP
    number = notes.notes.get(element)
    if number is not None:
        return note(reader, element, look, number)
    return reader.drop(element, "html.note-return") if element in notes.returns else None


def note(reader: Reader, element: _Element, look: Look, number: str) -> Enter:
    """Enter a note."""
    in_line = reader.line > 0 or reader.grid is not None

    def finish(blocks: list[Block]) -> None:
        pieces, label = without_number(flatten(blocks), number)
        whole = all(isinstance(block, Paragraph) for block in blocks)
        if in_line or not whole or is_definition(write_note(pieces)):
            reader.unfit = True
            return
        if label:
            reader.drop_text(element, label, "html.note-number")
        reader.noted.add(number)
        reader.blocks.append(Note(number, pieces))

    return reader.container(finish, look)


def without_number(pieces: list[Piece], number: str) -> tuple[list[Piece], str]:
    """Return a note without the number that it begins with, and that number as it stood."""
    # The number, in brackets or not, with a full stop or a colon behind it; each part is a single character or bounded.
    label = re.compile(rf"\s*[\[(]?{number}[\])]?[.:、]?(?=\s|$)")
    for at, piece in enumerate(pieces):
        if piece.kind != TEXT:
            break
        if not is_visible(piece.text):
            continue
        found = label.match(piece.text)
        if found is None:
            break
        rest = piece._replace(text=piece.text[found.end() :])
        return [*pieces[:at], rest, *pieces[at + 1 :]], found[0].strip()
    return pieces, ""


def is_definition(text: str) -> bool:
    """Return whether CommonMark would read `[^1]: …` as the definition of a link, and show nothing (section 4.7)."""
    words = text.partition("\n")[0].split(maxsplit=1)
    return len(words) < 2 or text.startswith("<") or words[1][0] in "\"'("
