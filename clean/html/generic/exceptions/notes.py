"""Exceptions for notes: a number in kept text leads to one.

They stand far below the text, short and full of links, and look to the model like what stands there otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from lxml.etree import _Element

from clean.html.generic.blocks import HIDDEN, Block
from clean.html.render.footnotes import is_reference

__all__ = ["keep_notes"]


# A note's number as it stands in the text: three digits at most, in brackets or not, with the name of its group; one
# in a circle, or letters in brackets. Alternatives of bounded parts: linear.
NUMBER = re.compile(
    r"[\[(]?\s?(?:(?:note|nb|n|注|註|註釋|注释)\s?)?[0-9]{1,3}\s?[\])]?$|[\[(]?[①-⑳㉑-㉟㊱-㊿][\])]?$|\[[a-z]{1,2}\]$",
    re.IGNORECASE,
)
MOST_IN_LINK: Final = 3
"""Elements in a link that is the number of a note: two brackets, and the number."""
# How pages name notes.
NAMED = re.compile(r"fn|ftn|edn|foot|note|cite|ref|bib", re.IGNORECASE)
LEVELS: Final = 4
"""How far above a text the link, or the note, may stand that it is in."""


def keep_notes(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the notes kept that kept text above them refers to; `blocks` in document order."""
    result = dict(kept)
    names: set[str] = set()
    number_alone = False
    for block in blocks:
        if not block.text or block.sight >= HIDDEN:
            continue
        if names and not result[block] and (number_alone or is_note(block, names)):
            result[block] = True
            number_alone = NUMBER.match(block.text) is not None
        else:
            number_alone = False
        if block.links and kept[block]:
            names.update(filter(None, (note_reference(piece.element) for piece in block.pieces)))
    return result


def is_note(block: Block, names: set[str]) -> bool:
    """Return whether a block bears one of these names, or stands in an element that does."""
    return any(
        (above.get("id") or above.get("name")) in names
        for piece in block.pieces
        for above in (piece.element, *islice(piece.element.iterancestors(), LEVELS))
    )


def note_reference(element: _Element) -> str:
    """Return the name of the note that a number leads to; nothing for any other text."""
    around = (element, *islice(element.iterancestors(), LEVELS))
    link = next((above for above in around if above.tag == "a"), None)
    address = "" if link is None else link.get("href") or ""
    if link is None or not address.startswith("#") or len(link) > MOST_IN_LINK:
        return ""
    text = "".join(map(str, link.itertext())).strip()
    if NUMBER.match(text) is None and (text or not is_reference(link)):  # books show a picture as the mark
        return ""
    high = any(above.tag == "sup" for above in (*around, *link))
    return address[1:] if high or NAMED.search(address) is not None or is_reference(link) else ""
