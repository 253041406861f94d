"""How an inline text looks to a reader: its visible characters, and which of them are bold or italic."""

from collections.abc import Iterable

from clean.commonmark.flanking import pair
from clean.commonmark.inline import Scope, read_scope
from clean.commonmark.meaning import BOLD, ITALIC

__all__ = ["native", "styled", "underscores"]

# The tags that this package writes, and what they switch.
SWITCHES = {"<strong>": (BOLD, 1), "</strong>": (BOLD, -1), "<em>": (ITALIC, 1), "</em>": (ITALIC, -1)}


def styled(text: str, scope: Scope, runs: Iterable[tuple[int, int, int]]) -> list[tuple[str, int]]:
    """Return the text in pieces of one look: (characters, BOLD | ITALIC).

    White space is left out, and so is the backslash before an asterisk, which does not show.

    `runs` are the delimiters, which do not show: where each begins and ends, and how the text after it looks.
    """
    events = [(start, end, "", look) for start, end, look in runs]
    events += [(*tag, text[slice(*tag)].lower(), 0) for tag in scope.tags if text[slice(*tag)].lower() in SWITCHES]
    events.sort()
    pieces: list[tuple[str, int]] = []
    tags = {BOLD: 0, ITALIC: 0}
    at = look = 0
    for start, end, tag, after in [*events, (len(text), len(text), "", 0)]:
        ink = "".join(text[at:start].split()).replace("\\*", "*")
        if ink:
            shown = look | (BOLD if tags[BOLD] > 0 else 0) | (ITALIC if tags[ITALIC] > 0 else 0)
            if pieces and pieces[-1][1] == shown:
                pieces[-1] = (pieces[-1][0] + ink, shown)
            else:
                pieces.append((ink, shown))
        at = end
        if tag:
            switch, by = SWITCHES[tag]
            tags[switch] += by
        else:
            look = after
    return pieces


def native(text: str, before: str, after: str) -> list[tuple[str, int]] | None:
    """Return how CommonMark shows an inline text; None if its editions differ or half a run stays visible."""
    scope = read_scope(text)
    views = []
    for symbols in (False, True):
        view = delimiters(text, scope, before, after, symbols=symbols)
        if view is None:
            return None
        views.append(styled(text, scope, view))
    return views[0] if views[0] == views[1] else None


def underscores(text: str, before: str, after: str) -> list[list[int]]:
    """Return how many of each run of underscores show, in every edition of CommonMark; the others are delimiters."""
    scope = read_scope(text)
    views = []
    for symbols in (False, True):
        shown = [run.end - run.start for run in scope.runs]
        for opener, closer, width in pair(text, scope.runs, before, after, symbols=symbols):
            shown[opener] -= width
            shown[closer] -= width
        views.append([count for run, count in zip(scope.runs, shown, strict=True) if run.char == "_"])
    return views


def delimiters(text: str, scope: Scope, before: str, after: str, *, symbols: bool) -> list[tuple[int, int, int]] | None:
    """Return the asterisks that CommonMark takes for delimiters, as `styled` wants them.

    None if it takes half of a run and shows the other half.
    """
    left_over = [run.end - run.start for run in scope.runs]
    changes: list[list[int]] = [[0, 0] for _ in scope.runs]
    for opener, closer, width in pair(text, scope.runs, before, after, symbols=symbols):
        left_over[opener] -= width
        left_over[closer] -= width
        if scope.runs[opener].char == "*":
            changes[opener][width == 1] += 1
            changes[closer][width == 1] -= 1
    found = []
    bold = italic = 0
    for run, left, change in zip(scope.runs, left_over, changes, strict=True):
        if run.char == "_":
            continue
        if left and left < run.end - run.start:
            return None
        bold += change[0]
        italic += change[1]
        if not left:
            found.append((run.start, run.end, (BOLD if bold else 0) | (ITALIC if italic else 0)))
    return found
