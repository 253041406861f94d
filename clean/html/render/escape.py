"""Backslashes where CommonMark would read markup, and only there, so that prose stays readable.

Inline marks are judged by their neighbours (`escape_text`), the start of a line by the whole line (`guard_line`).
"""

import re

from clean.commonmark.flanking import kind
from clean.commonmark.markers import HEADING, ITEM, RULE, UNDERLINE
from clean.html.render.links import entity_at

__all__ = ["escape_alt", "escape_text", "guard_line", "heading_end"]

SPACE, LETTER, PUNCTUATION = kind(" "), kind("a"), kind(".")
PUNCTUATION_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# What may be inline markup: single characters, and runs of the delimiters.
MARKS = re.compile(r"[\\`\[\]<&]|\*++|_++|~++")
# What an image's text may not hold as it is; it is one text, whatever stands around it.
ALT_MARKS = re.compile(r"[\\`*_\[\]<&~]")
# The row under a table's head.
DELIMITER_ROW = re.compile(r"(?=[^\n]*-)[|:\-\s]+$")
# An HTML block; at the start of a line it needs no closing bracket.
HTML = re.compile(r"<[A-Za-z/!?]")
CLOSING_MARKS = re.compile(r"(?:^|(?<=[ \t]))#+$")


def escape_text(
    text: str, before: str, after: str, *, in_link: bool = False, tags: bool = True, underscores: bool = True
) -> str:
    """Return a text so that CommonMark reads it as text between these two characters of Markdown.

    `in_link` says whether it stands in a link's text, `tags` whether a tag begun in it could be closed, and
    `underscores` whether there are enough underscores around for emphasis.
    """
    if MARKS.search(text) is None:
        return text[:-1] + "\\!" if text.endswith("!") and after == "[" else text
    parts = []
    at = 0
    for found in MARKS.finditer(text):
        start, end = found.span()
        char = text[start]
        left = text[start - 1] if start else before
        right = text[end] if end < len(text) else after
        if char == "\\":
            needed = right in PUNCTUATION_MARKS or right == "\n"
        elif char == "*":
            # Several by themselves are text too, but look like emphasis that lost what it was around.
            needed = end - start > 1 or not kind(left) == kind(right) == SPACE
        elif char == "_":
            sides = (kind(left), kind(right))
            needed = underscores and sides not in ((LETTER, LETTER), (SPACE, SPACE))
        elif char == "~":
            needed = end - start > 1 or "~" in (left, right)
        elif char == "[":
            needed = in_link
        elif char == "]":
            needed = in_link or right == "("
        elif char == "<":
            needed = tags and (right in "/!?" or (right.isascii() and right.isalpha())) and right != ""
        else:
            needed = char == "`" or entity_at(text, start)
        if needed:
            parts.append(text[at:start])
            parts.append("".join(["\\" + one for one in found[0]]))
            at = end
    parts.append(text[at:])
    escaped = "".join(parts)
    return escaped[:-1] + "\\!" if escaped.endswith("!") and after == "[" else escaped


def escape_alt(text: str) -> str:
    """Return the text of an image, in one line."""
    return ALT_MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def guard_line(line: str, *, first: bool) -> str:
    """Return a line of a paragraph that begins with text, so that it begins no other block.

    `first` says whether it is the paragraph's first line; only a first line can be a link definition, and only
    a later one can be the underline of a heading or of a table's head.
    """
    char = line[:1]
    if char.isdigit():
        item = ITEM.match(line)
        if item is not None and (first or int(item[2]) == 1):
            return line[: item.end() - 1] + "\\" + line[item.end() - 1 :]
        return line
    if char not in "#>-+*_=<|:[" or not char:
        return line
    block = (
        char == ">"
        or HEADING.match(line)
        or ITEM.match(line)
        or RULE.match(line)
        or (char == "<" and HTML.match(line))
        or (first and char == "[" and "]:" in line)
        or (not first and (UNDERLINE.match(line) or DELIMITER_ROW.match(line)))
    )
    return "\\" + line if block else line


def heading_end(line: str) -> str:
    """Return the text of a heading, so that number signs at its end are not taken for a closing sequence."""
    found = CLOSING_MARKS.search(line)
    return line[: found.start()] + "\\" + line[found.start() :] if found is not None else line
