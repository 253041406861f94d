"""Writes down what was meant, with as few changes to the delimiters as it takes."""

import re
from typing import NamedTuple

from clean.commonmark.flanking import closes, opens
from clean.commonmark.inline import Run, Scope
from clean.commonmark.meaning import BOLD, ITALIC, Step, flags
from clean.commonmark.reading import styled
from clean.commonmark.repair import ADJACENT, DOUBLED, EMPTY, FLANKING, LITERAL, SPACES, UNCLOSED, Repair

__all__ = ["Meant", "meant", "rewrite"]

# The tags that show nothing themselves.
SWITCHES = re.compile(r"</?(?:strong|em)>", re.IGNORECASE)
# What opens a block when it comes first in a line, or ends a paragraph when the line holds nothing else: a
# run at the start of a line must not go and leave that there. Told by the first characters, with counted
# runs.
OPENS_BLOCK = re.compile(r"[ \t]*+(?:$|[#>+*=|:<_~`-]|\d{1,9}[.)])|[ \t]{4}", re.MULTILINE)
ASTERISKS = {BOLD: "**", ITALIC: "*"}
TAG = {BOLD: "strong", ITALIC: "em"}
NOTHING = "<strong></strong>"


class Piece(NamedTuple):
    """A stretch of text between delimiters that shows something, white space at its edges left out."""

    start: int
    end: int
    look: int


class Seam(NamedTuple):
    """What lies between two pieces: delimiters and white space."""

    runs: list[Run]
    why: str
    """The rule by which delimiters here go, if they go."""
    look: int
    """How white space here looks."""


class Meant(NamedTuple):
    """What the converter meant by an inline text."""

    look: list[tuple[str, int]]
    """Its characters and how they look; see `styled`."""
    pieces: list[Piece]
    seams: list[Seam]
    """One before each piece and one after the last."""
    literal: list[Run]
    """Asterisks that are text."""


def meant(text: str, scope: Scope, stars: list[Run], steps: list[Step]) -> Meant:
    """Put together what the interpretation of the runs says about the text."""
    events = [(0, 0, flags(steps[0].stack))]
    pieces: list[Piece] = []
    seams: list[Seam] = []
    runs: list[Run] = []
    why = ""
    gap = BOLD | ITALIC
    look = flags(steps[0].stack)
    at = 0
    stack = steps[0].stack
    literal = [run for run, step in zip(stars, steps[1:], strict=True) if step.literal]
    edges = [(run, step) for run, step in zip(stars, steps[1:], strict=True) if not step.literal]
    for run, step in [*edges, (Run(len(text), len(text), "*"), Step(""))]:
        start, end = trimmed(text, at, run.start)
        if SWITCHES.sub("", text[start:end]).strip():
            seams.append(Seam(runs, why, gap))
            pieces.append(Piece(start, end, look))
            runs, why, gap = [], "", BOLD | ITALIC
        elif runs:
            gap &= look
            if look & ~(pieces[-1].look if pieces else 0):
                why = EMPTY  # what opened in this seam holds white space only
        if run.start == len(text):
            break
        runs.append(run)
        why = reason(stack, step, run, why)
        stack = step.stack
        look = flags(stack)
        at = run.end
        events.append((run.start, run.end, look))
    seams.append(Seam(runs, why, gap))
    return Meant(styled(text, scope, events), pieces, seams, literal)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch without white space at its edges. A backslash that breaks the line counts as white space."""
    inner = text[start:end]
    bare = inner.rstrip()
    while bare.endswith("\\") and text[start + len(bare) :].startswith("\n") and not escaped(bare, len(bare) - 1):
        bare = bare[:-1].rstrip()
    begin = start + len(inner) - len(inner.lstrip())
    return min(begin, end), max(start + len(bare), min(begin, end))


def escaped(text: str, at: int) -> bool:
    """Return whether the character is escaped: an odd number of backslashes stands before it."""
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def reason(stack: str, step: Step, run: Run, earlier: str) -> str:
    """Return the rule by which a run would go that leads from this stack to the next."""
    if step.empty or earlier == EMPTY:
        return EMPTY
    shared = min(len(stack), len(step.stack))
    length = run.end - run.start
    closes_too = length > sum(2 if emphasis == "S" else 1 for emphasis in step.stack[shared:] + stack[shared:])
    return ADJACENT if closes_too or earlier == ADJACENT else DOUBLED


class Span(NamedTuple):
    """One emphasis to be written: its kind, and the pieces it begins and ends with."""

    kind: int
    first: int
    last: int


def rewrite(
    text: str, wanted: Meant, before: str, after: str, *, block: bool, tags: bool, escape: bool, keep: bool
) -> list[Repair]:
    """Return the edits that write down what was meant.

    `tags`: no emphasis keeps its asterisks. `escape`: asterisks that are text get a backslash. `keep`: a run
    that goes leaves an empty pair of tags behind.
    """
    pieces, seams = wanted.pieces, wanted.seams
    openings: list[list[Span]] = [[] for _ in seams]
    closings: list[list[Span]] = [[] for _ in seams]
    for span in spans(pieces, seams):
        openings[span.first].append(span)
        closings[span.last + 1].append(span)
    natives = {span: not tags and renders(text, span, wanted, before, after) for group in openings for span in group}
    repairs: list[Repair] = []
    for number, seam in enumerate(seams):
        # The last to open is the first to close. `spans` gives the outer ones first.
        closing = "".join(mark(span, natives[span], end=True) for span in reversed(closings[number]))
        opening = "".join(mark(span, natives[span], end=False) for span in openings[number])
        stop = pieces[number - 1].end if number else 0
        go = pieces[number].start if number < len(pieces) else len(text)
        repairs += sew(text, seam, stop, go, closing, opening, block=block, keep=keep)
    if escape:
        repairs += [Repair(run.start, run.end, "\\*" * (run.end - run.start), LITERAL) for run in wanted.literal]
    return sorted(repairs)


def spans(pieces: list[Piece], seams: list[Seam]) -> list[Span]:
    """Return the emphasis that gives the pieces their looks, properly nested, the outer before the inner."""
    found: list[Span] = []
    for first, piece in enumerate(pieces):
        fresh = [
            kind
            for kind in (BOLD, ITALIC)
            if piece.look & kind and not any(span.kind == kind and span.last >= first for span in found)
        ]
        lasts = {kind: lasting(pieces, seams, kind, first) for kind in fresh}
        for kind in sorted(fresh, key=lambda kind: -lasts[kind]):
            last = lasts[kind]
            # What opens inside another emphasis ends with it at the latest; the rest opens again behind it.
            around = [span.last for span in found if span.last >= first]
            found.append(Span(kind, first, min([last, *around])))
    return found


def lasting(pieces: list[Piece], seams: list[Seam], kind: int, first: int) -> int:
    """Return the last piece of those from the first that share this look without a break."""
    last = first
    while last + 1 < len(pieces) and pieces[last + 1].look & seams[last + 1].look & kind:
        last += 1
    return last


def renders(text: str, span: Span, wanted: Meant, before: str, after: str) -> bool:
    """Return whether CommonMark takes asterisks around these pieces for delimiters."""
    start, end = wanted.pieces[span.first].start, wanted.pieces[span.last].end
    left = wanted.pieces[span.first - 1].end if span.first else 0
    right = wanted.pieces[span.last + 1].start if span.last + 1 < len(wanted.pieces) else len(text)
    if steps_over_start(text, wanted.seams[span.first], start):
        return False
    outer_left = " " if has_space(text, left, start) else (text[left - 1] if left else before)
    outer_right = " " if has_space(text, end, right) else (text[right] if right < len(text) else after)
    return opens(outer_left, text[start]) and closes(text[end - 1], outer_right)


def has_space(text: str, start: int, end: int) -> bool:
    """Return whether there is white space among the delimiters between two pieces."""
    return any(char.isspace() for char in text[start:end])


def steps_over_start(text: str, seam: Seam, go: int) -> bool:
    """Return whether the opening would have to move over white space at the start of a line.

    Moving it would change the indentation of the line, and so perhaps the block that it is in.
    """
    if not seam.runs or seam.runs[-1].end == go:
        return False
    run = seam.runs[-1]
    return (run.start == 0 or text[run.start - 1] == "\n") and "\n" not in text[run.end : go]


def mark(span: Span, native: bool, *, end: bool) -> str:
    """Return the delimiter or the tag that opens or ends a span."""
    if native:
        return ASTERISKS[span.kind]
    return f"<{'/' if end else ''}{TAG[span.kind]}>"


def sew(
    text: str, seam: Seam, stop: int, go: int, closing: str, opening: str, *, block: bool, keep: bool
) -> list[Repair]:
    """Return the edits of one seam: `closing` behind the piece before it, `opening` before the piece after it."""
    repairs = []
    texts = [""] * len(seam.runs)
    if closing:
        if seam.runs and seam.runs[0].start == stop:
            texts[0] = closing
        else:
            repairs.append(Repair(stop, stop, closing, SPACES if seam.runs else UNCLOSED))
    if opening:
        if seam.runs and (seam.runs[-1].end == go or steps_over_start(text, seam, go)):
            texts[-1] += opening
        else:
            repairs.append(Repair(go, go, opening, SPACES if seam.runs else UNCLOSED))
    moved = bool(repairs)
    for run, new in zip(seam.runs, texts, strict=True):
        if new == text[run.start : run.end]:
            continue
        replacement = new
        if not new and (keep or (block and bares_block(text, run))):
            replacement = NOTHING
        rule = FLANKING if "<" in new else SPACES if moved and seam.why != EMPTY else seam.why
        repairs.append(Repair(run.start, run.end, replacement, rule))
    return repairs


def bares_block(text: str, run: Run) -> bool:
    """Return whether a line would start another block if this run at its start went."""
    at_start = run.start == 0 or text[run.start - 1] == "\n"
    alone = at_start and "\n" not in text and not text[run.end :].strip()
    return at_start and not alone and OPENS_BLOCK.match(text, run.end) is not None
