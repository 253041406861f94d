"""Headings at the head of a snapshot, and whether two say the same."""

import re

from clean.view import plain

__all__ = ["heading_text", "same_title"]

# An ATX heading (CommonMark 0.31, section 4.2): up to six marks, white space, text. The text's class is everything
# left of the line, matched once: linear.
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t\xa0]+(\S.*)")


def heading_text(line: str, level: int) -> str:
    """Return the text of a heading of this level, empty for any other line."""
    if not line.lstrip(" ").startswith("#"):
        return ""
    match = _HEADING.match(line)
    return match[2].strip() if match and len(match[1]) == level else ""


def same_title(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but white space, escapes and letter case."""
    return plain(one) == plain(other)
