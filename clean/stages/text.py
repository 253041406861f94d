"""Characters that nobody sees: zero width ones, control characters, stray bytes, non-breaking spaces."""

import re
from bisect import bisect_right

from clean.stages.stage import Edit, Found, Ruleset, View

__all__ = ["characters", "non_breaking"]

CONTROL = "text.control-character"
STRAY = "text.stray-byte"
LINE_END = "text.line-end"
INVISIBLE = "text.zero-width"
NO_BREAK = "text.non-breaking-space"

# Any of the characters that the next expression finds: one class, so that the usual look is a fast one.
_ANY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")

# A run of one kind, or one carriage return. Single classes: linear.
_UNSEEN = re.compile(
    r"(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)|(?P<zero>[\u200b\u2060\ufeff]+)|(?P<stray>[\ud800-\udfff])"
    r"|(?P<end>\r\n?)"
)

# Non-breaking spaces, with the other spaces among and after them. Two classes in a row, the second a superset of the
# first, matched once from the first non-breaking one: linear.
_NO_BREAK = re.compile(r"[\xa0\u202f][\xa0\u202f \t]*")

# What may stand before a line's text: quote marks, indents, one list or heading mark with its space. Anchored at the
# line's start and given at most `_DEEPEST` characters.
_BEFORE_TEXT = re.compile(r"[ \t>]*(?:(?:#{1,6}|[-+*]|\d{1,9}[.)])[ \t]+)?$")

# A word that would open a list or a heading if a space followed it, at the start of a line.
_MARKER = re.compile(r"[ \t>]*(?:#{1,6}|[-+*]|\d{1,9}[.)])$")

# What would open a block of another kind at the start of a line: one mark and what follows it. Bounded: linear.
_OPENS = re.compile(r"(?:#{1,6}|[-+*]|\d{1,9}[.)])(?:[ \t\n]|\Z)|[>=]|```|~~~|---|\*\*\*|___")

_DEEPEST = 80


def characters(view: View, ruleset: Ruleset) -> Found:
    """Remove control and zero width characters anywhere; a stray byte becomes U+FFFD, every line end a newline."""
    edits: list[Edit] = []
    if not _ANY.search(view.text):
        return Found()
    for match in _UNSEEN.finditer(view.text):
        if match["stray"]:
            edits.append(Edit(match.start(), match.end(), "\ufffd", STRAY))
        elif match["end"]:
            edits.append(Edit(match.start(), match.end(), "\n", LINE_END))
        else:
            edits.append(Edit(match.start(), match.end(), "", CONTROL if match["control"] else INVISIBLE))
    return Found(edits)


def non_breaking(view: View, ruleset: Ruleset) -> Found:
    """Write non-breaking spaces as spaces, where that makes no list, heading or code of a text."""
    if "\xa0" not in view.text and "\u202f" not in view.text:
        return Found()
    edits = []
    for match in _NO_BREAK.finditer(view.text):
        start, end = match.span()
        line = bisect_right(view.starts, start, 0, len(view.lines)) - 1
        first = view.starts[line]
        before = view.text[first:start] if start - first <= _DEEPEST else "text"
        if line in view.verbatim:
            if view.lines[line].strip("\xa0\u202f \t").startswith(("```", "~~~")):
                continue  # a space here could close the code
            replacement = " " * (end - start)
        elif view.text[end : end + 1] in {"", "\n"}:
            # Spaces before it would come to stand at the line's end, where two of them break the line.
            start, replacement = first + len(view.text[first:start].rstrip(" \t")), ""
        elif _BEFORE_TEXT.match(before):
            if _OPENS.match(view.text, end):
                continue
            replacement = ""  # four spaces here would make the text code
        elif _MARKER.match(before):
            continue
        else:
            replacement = " " * (end - start)
        edits.append(Edit(start, end, replacement, NO_BREAK))
    return Found(edits)
