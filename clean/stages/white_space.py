"""White space that nobody sees: at the ends of lines, more than one blank line, around the whole text."""

from clean.frontmatter import read
from clean.stages.found import Edit, Found, Ruleset, View
from clean.view import UNSEEN

__all__ = ["white_space"]

RULE = "text.white-space"

_SPACES = " \t\r\f\v\xa0\u3000"

HARD_BREAK = "  "
"""Two spaces or more before a line end break the line (CommonMark 0.31, section 6.7)."""


def white_space(view: View, ruleset: Ruleset) -> Found:
    """Trim line ends, keep hard breaks; at most one blank line; one line end at the very end."""
    if _is_tidy(view):
        return Found()
    lines, starts, solid = view.lines, view.starts, view.solid
    edits: list[Edit] = []
    text = view.text
    if not solid:
        return Found([Edit(0, len(text), "", RULE)] if text else [])
    # A blank line parts the text from the front matter, and keeps a text from being read as one.
    lead = "\n" if view.front.end or view.facts or read(text[starts[solid[0]] :]).end else ""
    if text[: starts[solid[0]]] != lead:
        edits.append(Edit(0, starts[solid[0]], lead, RULE))
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
        if following is None:
            if text[end:] != "\n":
                edits.append(Edit(end, len(text), "\n", RULE))
        elif following > index + 1 and index + 1 not in view.verbatim and text[end : starts[following]] != "\n\n":
            edits.append(Edit(end, starts[following], "\n\n", RULE))
    return Found(edits)


def _is_tidy(view: View) -> bool:
    """Whether a look at the whole shows that nothing is to be done; false where only a look at the lines can tell."""
    text = view.text
    return (
        bool(view.front.end or view.facts)
        and text.startswith("\n")
        and text.endswith("\n")
        and not text[1:2].isspace()
        and not text.endswith("\n\n")
        and "\n\n\n" not in text
        and UNSEEN.isdisjoint({line[-1:] for line in view.lines})
    )
