"""The edits that repair emphasis, and the rules that explain them."""

from typing import NamedTuple

__all__ = ["ADJACENT", "DOUBLED", "EMPTY", "FLANKING", "LITERAL", "SPACES", "UNCLOSED", "Repair", "apply"]

FLANKING = "markdown.emphasis-flanking"
ADJACENT = "markdown.emphasis-adjacent"
DOUBLED = "markdown.emphasis-doubled"
EMPTY = "markdown.emphasis-empty"
SPACES = "markdown.emphasis-spaces"
UNCLOSED = "markdown.emphasis-unclosed"
LITERAL = "markdown.asterisk-literal"


class Repair(NamedTuple):
    """One edit: the characters from `start` to `end` become `replacement`; equal positions insert."""

    start: int
    end: int
    replacement: str
    rule: str


def apply(text: str, repairs: list[Repair]) -> str:
    """Return the text with the edits made."""
    pieces = []
    at = 0
    for repair in repairs:
        pieces += [text[at : repair.start], repair.replacement]
        at = repair.end
    pieces.append(text[at:])
    return "".join(pieces)
