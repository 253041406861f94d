"""White space that nobody sees: at the ends of lines, more than one blank line, around the whole text."""

from clean.frontmatter import read
from clean.stages.stage import Edit, Found, Ruleset, View
from clean.view import UNSEEN

__all__ = ["white_space"]

RULE = "text.white-space"

_SPACES = " \t\r\f\v\xa0\u3000"

HARD_BREAK = "  "
"""Two spaces or more before a line end break the line (CommonMark 0.31, section 6.7)."""


def white_space(view: View, ruleset: Ruleset) -> Found:
    """Trim line ends, keep hard breaks; at most one blank line; one line end at the very end."""
    text = view.text
    if "\n\n\n" in text or not UNSEEN.isdisjoint({line[-1:] for line in view.lines}):
        first, last, inside = _lines(view)
    else:  # a look at the whole has shown that within the text nothing is to be done
        last = len(text.rstrip("\n"))
        first, inside = (len(text) - len(text.lstrip("\n")) if last else 0), []
    if not last:
        return Found([Edit(0, len(text), "", RULE)] if text else [])
    edits: list[Edit] = []
    # A blank line parts the text from the front matter, and keeps a text from being read as one.
    lead = "\n" if view.front.end or view.facts or read(text[first:]).end else ""
    if text[:first] != lead:
        edits.append(Edit(0, first, lead, RULE))
    edits += inside
    if text[last:] != "\n":
        edits.append(Edit(last, len(text), "\n", RULE))
    return Found(edits)


def _lines(view: View) -> tuple[int, int, list[Edit]]:
    """Where the text starts and ends, 0 for both where there is none, and the edits on its lines."""
    lines, starts, solid, text = view.lines, view.starts, view.solid, view.text
    edits: list[Edit] = []
    end = 0
    for place, index in enumerate(solid):
        line = lines[index]
        end = starts[index] + len(line)
        following = solid[place + 1] if place + 1 < len(solid) else None
        if line[-1:].isspace() and index not in view.verbatim:
            kept = len(line.rstrip(_SPACES))
            hard = following == index + 1 and line.endswith(HARD_BREAK) and line.lstrip()[0] not in "#|"
            keep = HARD_BREAK if hard else ""
            if line[kept:] != keep:
                edits.append(Edit(starts[index] + kept, end, keep, RULE))
        if following is None or following == index + 1 or index + 1 in view.verbatim:
            continue
        if text[end : starts[following]] != "\n\n":
            edits.append(Edit(end, starts[following], "\n\n", RULE))
    return (starts[solid[0]] if solid else 0), end, edits
