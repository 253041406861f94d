"""Repairs the emphasis of one inline text."""

import re
from itertools import pairwise

from clean.commonmark.flanking import LETTER, SPACE, closes, kind, opens
from clean.commonmark.inline import Run, Scope, read_scope
from clean.commonmark.markers import FENCE, HEADING, ITEM, RULE, UNDERLINE
from clean.commonmark.meaning import Sign, interpret
from clean.commonmark.reading import native, underscores
from clean.commonmark.repair import ADJACENT, FLANKING, Repair, apply
from clean.commonmark.rewrite import meant, rewrite

__all__ = ["repair_scope"]

# Images alone. A description may not hold brackets nor a target parentheses, so each image ends where it has
# to.
IMAGES = re.compile(r"(?:\s*+!\[[^\]\[]*+\]\([^()]*+\))++\s*+$")

MARKERS = (FENCE, HEADING, ITEM, RULE, UNDERLINE)

# What may be tried to write down what was meant, the smallest change first: asterisks where they render; the
# author's own asterisks escaped, if they would be taken for delimiters; tags everywhere; and a tag pair in
# place of each run that goes, where its going would join what it kept apart.
ATTEMPTS = (
    {"tags": False, "escape": False, "keep": False},
    {"tags": False, "escape": True, "keep": False},
    {"tags": True, "escape": False, "keep": False},
    {"tags": True, "escape": True, "keep": False},
    {"tags": True, "escape": True, "keep": True},
)


def repair_scope(
    text: str,
    *,
    before: str = "",
    after: str = "",
    block: bool = False,
    opened: float | None = None,
    unclosed: float | None = None,
) -> list[Repair]:
    """Return the edits for an inline text that stands between two characters, or alone.

    `block` says that its lines are lines of a block, so that what comes first in one might be read as the
    start of another block. `opened` and `unclosed` are how odd it would be that bold comes in from before the
    text or goes on behind it.
    """
    scope = read_scope(text)
    found: list[Repair] = []
    for start, end in scope.links:
        if "*" in text[start:end]:
            inner = repair_scope(text[start:end], before=text[start - 1], after=text[end])
            found += [Repair(one.start + start, one.end + start, *one[2:]) for one in inner]
    stars = [run for run in scope.runs if run.char == "*"]
    if stars:
        own = plain_bold(text, scope, stars, before, after, block=block) if opened is unclosed is None else None
        if own is None:
            own = repair_any(text, scope, stars, before, after, block=block, opened=opened, unclosed=unclosed)
        found += own
        found.sort()
    return found


def plain_bold(
    text: str, scope: Scope, stars: list[Run], before: str, after: str, *, block: bool
) -> list[Repair] | None:
    """Repair what nearly every text is: bold spans one after the other; None if there is more to it.

    Such spans do not influence one another: each either renders as it stands or becomes tags.
    """
    if len(stars) < len(scope.runs) and not all(within_word(text, run) for run in scope.runs if run.char == "_"):
        return None
    found = []
    opener: Run | None = None
    for run in stars:
        left = text[run.start - 1] if run.start else before
        right = text[run.end] if run.end < len(text) else after
        length = run.end - run.start
        if length == 4 and opener is not None:
            joins = kind(left) == kind(right) == LETTER or (left > "\x7f" and right > "\x7f")
            if not joins or (block and text[run.start - 1] == "\n"):
                return None
            found.append(Repair(run.start, run.end, "", ADJACENT))
        elif length != 2 or kind(right if opener is None else left) == SPACE:
            return None
        elif opener is None:
            opener = run
        else:
            outer = text[opener.start - 1] if opener.start else before
            if not (opens(outer, text[opener.end]) and closes(left, right)):
                found.append(Repair(opener.start, opener.end, "<strong>", FLANKING))
                found.append(Repair(run.start, run.end, "</strong>", FLANKING))
            opener = None
    return found if opener is None else None


def within_word(text: str, run: Run) -> bool:
    """Return whether underscores stand between letters, where they delimit nothing."""
    return bool(run.start) and run.end < len(text) and kind(text[run.start - 1]) == kind(text[run.end]) == LETTER


def repair_any(
    text: str,
    scope: Scope,
    stars: list[Run],
    before: str,
    after: str,
    *,
    block: bool,
    opened: float | None = None,
    unclosed: float | None = None,
) -> list[Repair]:
    """Repair a text by finding out what was meant, writing that down, and reading it again as a reader would.

    What no attempt writes so that it reads as meant, and would be left alone the next time, stays as it is.
    """
    signs = read_signs(text, stars, before, after)
    steps = interpret(signs, opened=opened, unclosed=unclosed)
    wanted = meant(text, scope, stars, steps)
    if native(text, before, after) == wanted.look:
        return []
    for attempt in ATTEMPTS:
        repairs = rewrite(text, wanted, before, after, block=block, **attempt)
        written = apply(text, repairs)
        if (
            native(written, before, after) == wanted.look
            and underscores(written, before, after) == underscores(text, before, after)
            and shapes(written) == shapes(text)
            and not (block and announced(written) - announced(text))
            and is_settled(written, before, after)
        ):
            return repairs
    return []


def is_settled(text: str, before: str, after: str) -> bool:
    """Return whether a text renders as it is understood, so that nothing is left to repair."""
    scope = read_scope(text)
    stars = [run for run in scope.runs if run.char == "*"]
    steps = interpret(read_signs(text, stars, before, after))
    return native(text, before, after) == meant(text, scope, stars, steps).look


def shapes(text: str) -> list[str]:
    """Return the links, tags and code of an inline text: what a change of delimiters must not touch."""
    scope = read_scope(text)
    return [text[start:end] for start, end in sorted(scope.links + scope.others)]


def announced(text: str) -> set[tuple[int, int]]:
    """Return which lines begin like another block, and like which: `-** 7**` must not become an item `- **7**`."""
    return {
        (number, kind)
        for number, line in enumerate(text.split("\n"))
        for kind, marker in enumerate(MARKERS)
        if marker.match(line.lstrip())
    }


def read_signs(text: str, stars: list[Run], before: str, after: str) -> list[Sign]:
    """Return what the interpretation wants to know of each run."""
    signs = []
    link = before == "[" and after == "]"
    for number, run in enumerate(stars):
        left = text[run.start - 1] if run.start else before
        right = text[run.end] if run.end < len(text) else after
        length = run.end - run.start
        empty = length > 1 and may_be_empty(text, run, left, right, link=link)
        quoted = length == 1 and (left + right in QUOTES or only_slash(text, stars, number))
        signs.append(Sign(length, left, right, empty, quoted))
    return signs


# What stands around a character that is spoken about. Quotes that look alike on both sides are among them.
QUOTES = frozenset(("()", "（）", "“”", "‘’", "「」", "『』", "【】", "《》", "[]", "{}", '""', "''"))


def only_slash(text: str, stars: list[Run], number: int) -> bool:
    """Return whether the run is one side of `*/*`."""
    nearby = stars[max(number - 1, 0) : number + 2]
    return any(text[one.end : other.start] == "/" for one, other in pairwise(nearby))


def may_be_empty(text: str, run: Run, left: str, right: str, *, link: bool) -> bool:
    """Return whether the converter may have found an emphasis of nothing here.

    Four asterisks are such an emphasis by themselves. Two may also be half of one that lost its other half,
    or the author's own; so more is asked of them.
    """
    at_start = text[: run.start].strip() == ""
    at_end = text[run.end :].strip() == ""
    if (at_start and at_end) or (link and (at_start or at_end)):
        return True
    if run.end - run.start > 3:
        return not (is_latin(left) and is_latin(right))
    if at_start:
        return kind(right) == SPACE or right > "\x7f" or IMAGES.match(text, run.end) is not None
    if at_end:
        return kind(left) == SPACE or left > "\x7f" or left == "*"
    return left > "\x7f" and right > "\x7f" and SPACE not in (kind(left), kind(right))


def is_latin(char: str) -> bool:
    """Return whether this is a Latin letter or a digit."""
    return char.isascii() and char.isalnum()
