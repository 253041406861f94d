"""Repair of emphasis, so that it renders as its converter meant it.

Only delimiters are edited: some become `<strong>` or `<em>`, which need no flanking, some go, some move past
white space. The text between them stays as it is, character by character.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from clean.commonmark.blocks import FENCE, HEADING, ITEM, RULE, UNDERLINE, InlineText, inline_texts
from clean.commonmark.inline import (
    LETTER,
    PUNCTUATION,
    SPACE,
    DelimiterRun,
    InlineScope,
    character_kind,
    closes_emphasis,
    opens_emphasis,
    pair_delimiters,
    read_scope,
)
from clean.commonmark.meaning import BOLD, ITALIC, LONGEST, RunContext, RunReading, interpret, stack_style

__all__ = [
    "ADJACENT",
    "DOUBLED",
    "EMPTY",
    "FLANKING",
    "LITERAL",
    "MARK",
    "SPACES",
    "UNCLOSED",
    "EmphasisRepair",
    "IntendedEmphasis",
    "apply_repairs",
    "commonmark_styles",
    "emphasis_edits",
    "intended_emphasis",
    "loose_end",
    "repair_emphasis",
    "repair_scope",
    "split_by_style",
    "visible_underscores",
]


# Bold that opens in one paragraph and ends in another.


# Whether anything shows besides images: a letter or digit outside the target of an image.
IMAGE = re.compile(r"!\[[^\]\[]*+\]\([^()]*+\)")


def loose_end(text: str) -> str:
    """Return `opens` or `closes` if one `**` has no partner in the text and could have one elsewhere, else "".

    Only texts that consist of single spans of bold are told: an odd number of `**`, nothing else of
    asterisks.
    """
    if text.count("**") % 2 == 0:
        return ""
    runs = [run for run in read_scope(text).runs if run.char == "*"]
    if len(runs) % 2 == 0 or any(run.end - run.start != 2 for run in runs):
        return ""
    first, last = runs[0], runs[-1]
    before = text[last.start - 1 : last.start]
    after = text[last.end : last.end + 1]
    if character_kind(after) != SPACE and character_kind(before) != LETTER and IMAGE.sub("", text[last.end :]).strip():
        return "opens"
    before = text[first.start - 1 : first.start] if first.start else ""
    after = text[first.end : first.end + 1]
    if (
        character_kind(before) != SPACE
        and character_kind(after) != LETTER
        and IMAGE.sub("", text[: first.start]).strip()
    ):
        return "closes"
    return ""


# The edits that repair emphasis, and the rules that explain them.


FLANKING = "markdown.emphasis-flanking"
ADJACENT = "markdown.emphasis-adjacent"
DOUBLED = "markdown.emphasis-doubled"
EMPTY = "markdown.emphasis-empty"
MARK = "markdown.emphasis-mark"
SPACES = "markdown.emphasis-spaces"
UNCLOSED = "markdown.emphasis-unclosed"
LITERAL = "markdown.asterisk-literal"


class EmphasisRepair(NamedTuple):
    """One edit: the characters from `start` to `end` become `replacement`; equal positions insert."""

    start: int
    end: int
    replacement: str
    rule: str


def apply_repairs(text: str, repairs: list[EmphasisRepair]) -> str:
    """Return the text with the edits made."""
    pieces = []
    at = 0
    for repair in repairs:
        pieces += [text[at : repair.start], repair.replacement]
        at = repair.end
    pieces.append(text[at:])
    return "".join(pieces)


# How an inline text looks to a reader: its visible characters, and which of them are bold or italic.


# The tags that this package writes, and what they switch.
SWITCH_STEPS = {"<strong>": (BOLD, 1), "</strong>": (BOLD, -1), "<em>": (ITALIC, 1), "</em>": (ITALIC, -1)}


def split_by_style(text: str, scope: InlineScope, runs: Iterable[tuple[int, int, int]]) -> list[tuple[str, int]]:
    """Return the text in pieces of one style: (characters, BOLD | ITALIC).

    White space is left out, and so is the backslash before an asterisk, which does not show.

    `runs` are the delimiters, which do not show: where each begins and ends, and how the text after it looks.
    """
    events = [(start, end, "", style) for start, end, style in runs]
    events += [(*tag, text[slice(*tag)].lower(), 0) for tag in scope.tags if text[slice(*tag)].lower() in SWITCH_STEPS]
    events.sort()
    pieces: list[tuple[str, int]] = []
    tags = {BOLD: 0, ITALIC: 0}
    at = style = 0
    for start, end, tag, after in [*events, (len(text), len(text), "", 0)]:
        ink = "".join(text[at:start].split()).replace("\\*", "*")
        if ink:
            shown = style | (BOLD if tags[BOLD] > 0 else 0) | (ITALIC if tags[ITALIC] > 0 else 0)
            if pieces and pieces[-1][1] == shown:
                pieces[-1] = (pieces[-1][0] + ink, shown)
            else:
                pieces.append((ink, shown))
        at = end
        if tag:
            switch, by = SWITCH_STEPS[tag]
            tags[switch] += by
        else:
            style = after
    return pieces


def commonmark_styles(text: str, before: str, after: str) -> list[tuple[str, int]] | None:
    """Return how CommonMark shows an inline text; None if its editions differ or half a run stays visible."""
    scope = read_scope(text)
    views = []
    for symbols in (False, True):
        view = delimiter_asterisks(text, scope, before, after, symbols=symbols)
        if view is None:
            return None
        views.append(split_by_style(text, scope, view))
    return views[0] if views[0] == views[1] else None


def visible_underscores(text: str, before: str, after: str) -> list[list[int]]:
    """Return how many of each run of underscores show, in every edition of CommonMark; the others are delimiters."""
    scope = read_scope(text)
    views = []
    for symbols in (False, True):
        shown = [run.end - run.start for run in scope.runs]
        for opener, closer, width in pair_delimiters(text, scope.runs, before, after, symbols=symbols):
            shown[opener] -= width
            shown[closer] -= width
        views.append([count for run, count in zip(scope.runs, shown, strict=True) if run.char == "_"])
    return views


def delimiter_asterisks(
    text: str, scope: InlineScope, before: str, after: str, *, symbols: bool
) -> list[tuple[int, int, int]] | None:
    """Return the asterisks that CommonMark takes for delimiters, as `split_by_style` wants them.

    None if it takes half of a run and shows the other half.
    """
    left_over = [run.end - run.start for run in scope.runs]
    changes: list[list[int]] = [[0, 0] for _ in scope.runs]
    for opener, closer, width in pair_delimiters(text, scope.runs, before, after, symbols=symbols):
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


# Writes down what was meant, with as few changes to the delimiters as it takes.


# The tags that show nothing themselves.
SWITCHES = re.compile(r"</?(?:strong|em)>", re.IGNORECASE)
# What opens a block when it comes first in a line, or ends a paragraph when the line holds nothing else: a
# run at the start of a line must not go and leave that there. Told by the first characters, with counted
# runs.
OPENS_BLOCK = re.compile(r"[ \t]*+(?:$|[#>+*=|:<_~`-]|\d{1,9}[.)])|[ \t]{4}", re.MULTILINE)
ASTERISKS = {BOLD: "**", ITALIC: "*"}
TAG = {BOLD: "strong", ITALIC: "em"}
NOTHING = "<strong></strong>"


class StyledPiece(NamedTuple):
    """A stretch of text between delimiters that shows something, white space at its edges left out."""

    start: int
    end: int
    style: int


class Seam(NamedTuple):
    """What lies between two pieces: delimiters and white space."""

    runs: list[DelimiterRun]
    why: str
    """The rule by which delimiters here go, if they go."""
    style: int
    """How white space here looks."""


class IntendedEmphasis(NamedTuple):
    """What the converter meant by an inline text."""

    style: list[tuple[str, int]]
    """Its characters and how they look; see `split_by_style`."""
    pieces: list[StyledPiece]
    seams: list[Seam]
    """One before each piece and one after the last."""
    literal: list[DelimiterRun]
    """Asterisks that are text."""


def intended_emphasis(
    text: str, scope: InlineScope, stars: list[DelimiterRun], steps: list[RunReading]
) -> IntendedEmphasis:
    """Put together what the interpretation of the runs says about the text."""
    events = [(0, 0, stack_style(steps[0].stack))]
    pieces: list[StyledPiece] = []
    seams: list[Seam] = []
    runs: list[DelimiterRun] = []
    why = ""
    gap = BOLD | ITALIC
    style = stack_style(steps[0].stack)
    at = 0
    stack = steps[0].stack
    literal = [run for run, step in zip(stars, steps[1:], strict=True) if step.literal]
    edges = [(run, step) for run, step in zip(stars, steps[1:], strict=True) if not step.literal]
    for run, step in [*edges, (DelimiterRun(len(text), len(text), "*"), RunReading(""))]:
        start, end = trim_span(text, at, run.start)
        if SWITCHES.sub("", text[start:end]).strip():
            seams.append(Seam(runs, why, gap))
            pieces.append(StyledPiece(start, end, style))
            runs, why, gap = [], "", BOLD | ITALIC
        elif runs:
            gap &= style
            if style & ~(pieces[-1].style if pieces else 0):
                why = EMPTY  # what opened in this seam holds white space only
        if run.start == len(text):
            break
        runs.append(run)
        why = rule_for_run(stack, step, run, why)
        stack = step.stack
        style = stack_style(stack)
        at = run.end
        events.append((run.start, run.end, style))
    seams.append(Seam(runs, why, gap))
    return IntendedEmphasis(split_by_style(text, scope, events), pieces, seams, literal)


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch without white space at its edges. A backslash that breaks the line counts as white space."""
    inner = text[start:end]
    bare = inner.rstrip()
    while bare.endswith("\\") and text[start + len(bare) :].startswith("\n") and not is_escaped(bare, len(bare) - 1):
        bare = bare[:-1].rstrip()
    begin = start + len(inner) - len(inner.lstrip())
    return min(begin, end), max(start + len(bare), min(begin, end))


def is_escaped(text: str, at: int) -> bool:
    """Return whether the character is escaped: an odd number of backslashes stands before it."""
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def rule_for_run(stack: str, step: RunReading, run: DelimiterRun, earlier: str) -> str:
    """Return the rule by which a run would go that leads from this stack to the next."""
    if step.empty or earlier == EMPTY:
        return EMPTY
    shared = min(len(stack), len(step.stack))
    length = run.end - run.start
    closes_too = length > sum(2 if emphasis == "S" else 1 for emphasis in step.stack[shared:] + stack[shared:])
    return ADJACENT if closes_too or earlier == ADJACENT else DOUBLED


class EmphasisSpan(NamedTuple):
    """One emphasis to be written: its kind, and the pieces it begins and ends with."""

    kind: int
    first: int
    last: int


def emphasis_edits(
    text: str, wanted: IntendedEmphasis, before: str, after: str, *, block: bool, tags: bool, escape: bool, keep: bool
) -> list[EmphasisRepair]:
    """Return the edits that write down what was meant.

    `tags`: no emphasis keeps its asterisks. `escape`: asterisks that are text get a backslash. `keep`: a run
    that goes leaves an empty pair of tags behind.
    """
    pieces, seams = wanted.pieces, wanted.seams
    openings: list[list[EmphasisSpan]] = [[] for _ in seams]
    closings: list[list[EmphasisSpan]] = [[] for _ in seams]
    for span in emphasis_spans(pieces, seams):
        openings[span.first].append(span)
        closings[span.last + 1].append(span)
    natives = {
        span: not tags and asterisks_render(text, span, wanted, before, after) for group in openings for span in group
    }
    repairs: list[EmphasisRepair] = []
    for number, seam in enumerate(seams):
        # The last to open is the first to close. `spans` gives the outer ones first.
        closing = "".join(delimiter_of(span, natives[span], end=True) for span in reversed(closings[number]))
        opening = "".join(delimiter_of(span, natives[span], end=False) for span in openings[number])
        stop = pieces[number - 1].end if number else 0
        go = pieces[number].start if number < len(pieces) else len(text)
        repairs += seam_edits(text, seam, stop, go, closing, opening, block=block, keep=keep)
    if escape:
        repairs += [
            EmphasisRepair(run.start, run.end, "\\*" * (run.end - run.start), LITERAL) for run in wanted.literal
        ]
    return sorted(repairs)


def emphasis_spans(pieces: list[StyledPiece], seams: list[Seam]) -> list[EmphasisSpan]:
    """Return the emphasis that gives the pieces their styles, properly nested, the outer before the inner."""
    found: list[EmphasisSpan] = []
    for first, piece in enumerate(pieces):
        fresh = [
            kind
            for kind in (BOLD, ITALIC)
            if piece.style & kind and not any(span.kind == kind and span.last >= first for span in found)
        ]
        lasts = {kind: last_in_style(pieces, seams, kind, first) for kind in fresh}
        for kind in sorted(fresh, key=lambda kind: -lasts[kind]):
            last = lasts[kind]
            # What opens inside another emphasis ends with it at the latest; the rest opens again behind it.
            around = [span.last for span in found if span.last >= first]
            found.append(EmphasisSpan(kind, first, min([last, *around])))
    return found


def last_in_style(pieces: list[StyledPiece], seams: list[Seam], kind: int, first: int) -> int:
    """Return the last piece of those from the first that share this style without a break."""
    last = first
    while last + 1 < len(pieces) and pieces[last + 1].style & seams[last + 1].style & kind:
        last += 1
    return last


def asterisks_render(text: str, span: EmphasisSpan, wanted: IntendedEmphasis, before: str, after: str) -> bool:
    """Return whether CommonMark takes asterisks around these pieces for delimiters."""
    start, end = wanted.pieces[span.first].start, wanted.pieces[span.last].end
    left = wanted.pieces[span.first - 1].end if span.first else 0
    right = wanted.pieces[span.last + 1].start if span.last + 1 < len(wanted.pieces) else len(text)
    if steps_over_start(text, wanted.seams[span.first], start):
        return False
    outer_left = " " if has_space(text, left, start) else (text[left - 1] if left else before)
    outer_right = " " if has_space(text, end, right) else (text[right] if right < len(text) else after)
    return opens_emphasis(outer_left, text[start]) and closes_emphasis(text[end - 1], outer_right)


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


def delimiter_of(span: EmphasisSpan, native: bool, *, end: bool) -> str:
    """Return the delimiter or the tag that opens or ends a span."""
    if native:
        return ASTERISKS[span.kind]
    return f"<{'/' if end else ''}{TAG[span.kind]}>"


def seam_edits(
    text: str, seam: Seam, stop: int, go: int, closing: str, opening: str, *, block: bool, keep: bool
) -> list[EmphasisRepair]:
    """Return the edits of one seam: `closing` behind the piece before it, `opening` before the piece after it."""
    repairs = []
    texts = [""] * len(seam.runs)
    if closing:
        if seam.runs and seam.runs[0].start == stop:
            texts[0] = closing
        else:
            repairs.append(EmphasisRepair(stop, stop, closing, SPACES if seam.runs else UNCLOSED))
    if opening:
        if seam.runs and (seam.runs[-1].end == go or steps_over_start(text, seam, go)):
            texts[-1] += opening
        else:
            repairs.append(EmphasisRepair(go, go, opening, SPACES if seam.runs else UNCLOSED))
    moved = bool(repairs)
    for run, new in zip(seam.runs, texts, strict=True):
        if new == text[run.start : run.end]:
            continue
        replacement = new
        if not new and (keep or (block and bares_block(text, run))):
            replacement = NOTHING
        rule = FLANKING if "<" in new else SPACES if moved and seam.why != EMPTY else seam.why
        repairs.append(EmphasisRepair(run.start, run.end, replacement, rule))
    return repairs


def bares_block(text: str, run: DelimiterRun) -> bool:
    """Return whether a line would start another block if this run at its start went."""
    at_start = run.start == 0 or text[run.start - 1] == "\n"
    alone = at_start and "\n" not in text and not text[run.end :].strip()
    return at_start and not alone and OPENS_BLOCK.match(text, run.end) is not None


# Repairs the emphasis of one inline text.


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
) -> list[EmphasisRepair]:
    """Return the edits for an inline text that stands between two characters, or alone.

    `block` says that its lines are lines of a block, so that what comes first in one might be read as the
    start of another block. `opened` and `unclosed` are how odd it would be that bold comes in from before the
    text or goes on behind it.
    """
    scope = read_scope(text)
    found: list[EmphasisRepair] = []
    for start, end in scope.links:
        if "*" in text[start:end]:
            inner = repair_scope(text[start:end], before=text[start - 1], after=text[end])
            found += [EmphasisRepair(one.start + start, one.end + start, *one[2:]) for one in inner]
    stars = [run for run in scope.runs if run.char == "*"]
    if stars:
        own = plain_bold(text, scope, stars, before, after, block=block) if opened is unclosed is None else None
        if own is None:
            own = repair_any(text, scope, stars, before, after, block=block, opened=opened, unclosed=unclosed)
        found += plain_marks(text, own)
        found.sort()
    return found


def plain_marks(text: str, repairs: list[EmphasisRepair]) -> list[EmphasisRepair]:
    """Return the edits by which a single mark of punctuation that would need tags around it is set plain."""
    found: list[EmphasisRepair] = []
    for repair in repairs:
        opener = found[-1] if found else repair
        around = repair.replacement == opener.replacement.replace("<", "</") and repair.start - opener.end == 1
        if around and opener.rule == FLANKING and opener.replacement in TAGS and is_mark(text[opener.end]):
            found[-1] = opener._replace(replacement="", rule=MARK)
            found.append(repair._replace(replacement="", rule=MARK))
        else:
            found.append(repair)
    return found


TAGS = ("<strong>", "<em>")
# Marks of ASCII that no other markup begins with.
PLAIN_MARKS = frozenset(",.:;?'\"")


def is_mark(char: str) -> bool:
    """Return whether a character is punctuation, and nothing that Markdown could read as markup."""
    return char in PLAIN_MARKS or (not char.isascii() and character_kind(char) == PUNCTUATION)


def plain_bold(
    text: str, scope: InlineScope, stars: list[DelimiterRun], before: str, after: str, *, block: bool
) -> list[EmphasisRepair] | None:
    """Repair what nearly every text is: bold spans one after the other; None if there is more to it.

    Such spans do not influence one another: each either renders as it stands or becomes tags.
    """
    if len(stars) < len(scope.runs) and not all(within_word(text, run) for run in scope.runs if run.char == "_"):
        return None
    found = []
    opener: DelimiterRun | None = None
    for run in stars:
        left = text[run.start - 1] if run.start else before
        right = text[run.end] if run.end < len(text) else after
        length = run.end - run.start
        if length == 4 and opener is not None:
            joins = character_kind(left) == character_kind(right) == LETTER or (left > "\x7f" and right > "\x7f")
            if not joins or (block and text[run.start - 1] == "\n"):
                return None
            found.append(EmphasisRepair(run.start, run.end, "", ADJACENT))
        elif length != 2 or character_kind(right if opener is None else left) == SPACE:
            return None
        elif opener is None:
            opener = run
        else:
            outer = text[opener.start - 1] if opener.start else before
            if not (opens_emphasis(outer, text[opener.end]) and closes_emphasis(left, right)):
                found.append(EmphasisRepair(opener.start, opener.end, "<strong>", FLANKING))
                found.append(EmphasisRepair(run.start, run.end, "</strong>", FLANKING))
            opener = None
    return found if opener is None else None


def within_word(text: str, run: DelimiterRun) -> bool:
    """Return whether underscores stand between letters, where they delimit nothing."""
    return (
        bool(run.start)
        and run.end < len(text)
        and character_kind(text[run.start - 1]) == character_kind(text[run.end]) == LETTER
    )


def repair_any(
    text: str,
    scope: InlineScope,
    stars: list[DelimiterRun],
    before: str,
    after: str,
    *,
    block: bool,
    opened: float | None = None,
    unclosed: float | None = None,
) -> list[EmphasisRepair]:
    """Repair a text by finding out what was meant, writing that down, and reading it again as a reader would.

    What no attempt writes so that it reads as meant, and would be left alone the next time, stays as it is.
    """
    signs = run_contexts(text, stars, before, after)
    steps = interpret(signs, opened=opened, unclosed=unclosed)
    wanted = intended_emphasis(text, scope, stars, steps)
    if commonmark_styles(text, before, after) == wanted.style:
        return []
    for attempt in ATTEMPTS:
        repairs = emphasis_edits(text, wanted, before, after, block=block, **attempt)
        written = apply_repairs(text, repairs)
        if (
            commonmark_styles(written, before, after) == wanted.style
            and visible_underscores(written, before, after) == visible_underscores(text, before, after)
            and protected_markup(written) == protected_markup(text)
            and not (block and block_starts(written) - block_starts(text))
            and is_settled(written, before, after)
        ):
            return repairs
    return []


def is_settled(text: str, before: str, after: str) -> bool:
    """Return whether a text renders as it is understood, so that nothing is left to repair."""
    scope = read_scope(text)
    stars = [run for run in scope.runs if run.char == "*"]
    steps = interpret(run_contexts(text, stars, before, after))
    return commonmark_styles(text, before, after) == intended_emphasis(text, scope, stars, steps).style


def protected_markup(text: str) -> list[str]:
    """Return the links, tags and code of an inline text: what a change of delimiters must not touch."""
    scope = read_scope(text)
    return [text[start:end] for start, end in sorted(scope.links + scope.others)]


def block_starts(text: str) -> set[tuple[int, int]]:
    """Return which lines begin like another block, and like which: `-** 7**` must not become an item `- **7**`."""
    return {
        (number, kind)
        for number, line in enumerate(text.split("\n"))
        for kind, marker in enumerate(MARKERS)
        if marker.match(line.lstrip())
    }


def run_contexts(text: str, stars: list[DelimiterRun], before: str, after: str) -> list[RunContext]:
    """Return what the interpretation wants to know of each run."""
    signs = []
    link = before == "[" and after == "]"
    for number, run in enumerate(stars):
        left = text[run.start - 1] if run.start else before
        right = text[run.end] if run.end < len(text) else after
        length = run.end - run.start
        empty = length > 1 and may_be_empty(text, run, left, right, link=link)
        quoted = length == 1 and (left + right in QUOTES or is_beside_slash(text, stars, number))
        signs.append(RunContext(length, left, right, empty, quoted))
    return signs


# What stands around a character that is spoken about. Quotes that look alike on both sides are among them.
QUOTES = frozenset(("()", "（）", "“”", "‘’", "「」", "『』", "【】", "《》", "[]", "{}", '""', "''"))


def is_beside_slash(text: str, stars: list[DelimiterRun], number: int) -> bool:
    """Return whether the run is one side of `*/*`."""
    nearby = stars[max(number - 1, 0) : number + 2]
    return any(text[one.end : other.start] == "/" for one, other in pairwise(nearby))


def may_be_empty(text: str, run: DelimiterRun, left: str, right: str, *, link: bool) -> bool:
    """Return whether the converter may have found an emphasis of nothing here.

    Four asterisks are such an emphasis by themselves. Two may also be half of one that lost its other half,
    or the author's own; so more is asked of them. Very many may be a line that somebody drew, by itself, between
    spaces, or once before and once behind a text.
    """
    at_start = text[: run.start].strip() == ""
    at_end = text[run.end :].strip() == ""
    if run.end - run.start > LONGEST:
        drawn = (at_start and at_end) or left.isspace() or right.isspace() or text.count(text[run.start : run.end]) > 1
        return not drawn and (run.end - run.start) % 2 == 0 and not (is_latin(left) and is_latin(right))
    if (at_start and at_end) or (link and (at_start or at_end)):
        return True
    if run.end - run.start > 3:
        return not (is_latin(left) and is_latin(right))
    if at_start:
        return character_kind(right) == SPACE or right > "\x7f" or IMAGES.match(text, run.end) is not None
    if at_end:
        return character_kind(left) == SPACE or left > "\x7f" or left == "*"
    return left > "\x7f" and right > "\x7f" and SPACE not in (character_kind(left), character_kind(right))


def is_latin(char: str) -> bool:
    """Return whether this is a Latin letter or a digit."""
    return char.isascii() and char.isalnum()


# A line whose emphasis certainly renders, so that most lines need no parsing: `**x**` and `*x*`, not nested, in a
# line that holds links at most besides. Each delimiter has a letter, a digit or a glyph of an icon font on its inner
# side, or common punctuation, a space or the line's edge on its outer one. Stretches without asterisks and links are
# taken possessively, a link begins with a bracket, which no stretch holds, and delimiters are asterisks, so a line
# can be read in one way only. The prefix is a heading, quote or list mark.
PLAIN = r"[^*\\`<_\[\]]"
LETTER_OR_PRIVATE = r"(?:[^\W_]|[\ue000-\uf8ff])"
OUTER = r" ，。、：；！？“”「」（）《》【】,.:;!?()"
ADDRESS = r'\([^()\s*\\`<>"]*+(?: "[^"*\\`<>]*+")?+\)'
LINK = rf"\[{PLAIN}*+\]{ADDRESS}"
BOLD_SPAN = (
    rf"(?:\*\*(?={LETTER_OR_PRIVATE})|(?<![^{OUTER}])\*\*(?=[^\s*]))(?:{PLAIN}++|{LINK})++"
    rf"(?:(?<=[^\W_])\*\*|(?<=[\ue000-\uf8ff])\*\*|(?<=\S)\*\*(?=[{OUTER}]|$))(?!\*)"
)
ITALIC_SPAN = rf"(?<!/)\*(?={LETTER_OR_PRIVATE}){PLAIN}++(?:(?<=[^\W_])|(?<=[\ue000-\uf8ff]))\*(?![*/])"
MARKED = rf"\[(?:{PLAIN}++|{BOLD_SPAN}|{ITALIC_SPAN})*+\]{ADDRESS}"
PREFIX = r"[ \t]*+(?:(?:[-+*>]|\#{1,6}|\d{1,9}[.)])[ \t]++)?+"
SURE = re.compile(rf"{PREFIX}(?:{PLAIN}++|{BOLD_SPAN}|{ITALIC_SPAN}|{LINK}|{MARKED})*+$")
# A line whose asterisks cannot be delimiters: a list bullet and no other; a thematic break, which an author draws
# with single asterisks or exactly three; or all of them escaped. Each branch is possessive or has classes in a row
# that share no character.
NO_DELIMITER = re.compile(r"[ \t]*+(?:\*[ \t][^*]*+|\*[ \t]++\*[ \t]++\*[ \t*]*+|\*\*\*[ \t]*+)$|(?:[^*\\]++|\\.)*+$")
# A link definition: nothing of it shows. The label ends at its first bracket.
DEFINITION = re.compile(r"\[[^\[\]]++\]:")
# No converter writes so many asterisks into one paragraph. Leaving such a text alone bounds the work.
MOST = 20_000
# Over how many inline texts the two ends of one emphasis may be apart, and how odd it is that bold crosses an
# edge.
REACH = 40
CROSSING = 1.0


def repair_emphasis(text: str) -> list[EmphasisRepair]:
    """Return the edits that make every emphasis in a Markdown text render, in order; none where all does already."""
    if "*" not in text:
        return []
    # A carriage return ends a line as well. What takes its place is as long, so positions stay.
    same = text if "\r" not in text else text.replace("\r\n", " \n").replace("\r", "\n")
    lines = same.split("\n")
    doubtful = {
        number
        for number, line in enumerate(lines)
        if "*" in line and not (SURE.match(line) or NO_DELIMITER.match(line))
    }
    if not doubtful:
        return []
    texts = [one for one in inline_texts(lines, doubtful) if any(part.line in doubtful for part in one.parts)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    repairs = repair_texts(
        [InlineStretch(one, lines, starts) for one in texts], cut=is_cut(same), end=len(same.rstrip())
    )
    return sorted(repairs)


def is_cut(text: str) -> bool:
    """Return whether the text looks cut off: a snapshot of limited length ends with dots."""
    return text.rstrip().endswith(("...", "…"))


class InlineStretch:
    """One inline text, put together from its lines, and where its characters are in the whole."""

    __slots__ = ("_offsets", "_places", "kind", "text")

    def __init__(self, source: InlineText, lines: list[str], starts: list[int]) -> None:
        self.kind = source.kind
        self.text = "\n".join([lines[part.line][part.start : part.end] for part in source.parts])
        self._places = [starts[part.line] + part.start for part in source.parts]
        self._offsets = [0]
        for part in source.parts[:-1]:
            self._offsets.append(self._offsets[-1] + part.end - part.start + 1)

    def place(self, at: int) -> int:
        """Return where a character of this text is in the whole."""
        part = bisect_right(self._offsets, at) - 1
        return self._places[part] + at - self._offsets[part]

    def repairs(self, *, opened: float | None = None, unclosed: float | None = None) -> list[EmphasisRepair]:
        """Return the edits of this text, with positions in the whole."""
        if self.text.count("*") + self.text.count("_") > MOST or DEFINITION.match(self.text):
            return []
        if self.kind == "nothing":
            found = [EmphasisRepair(run.start(), run.end(), "", EMPTY) for run in re.finditer(r"\*+", self.text)]
        else:
            found = repair_scope(self.text, block=self.kind != "cell", opened=opened, unclosed=unclosed)
        return [EmphasisRepair(self.place(one.start), self.place(one.end), *one[2:]) for one in found]


def repair_texts(texts: list[InlineStretch], *, cut: bool, end: int) -> list[EmphasisRepair]:
    """Return the edits of all texts, in order.

    An emphasis may begin in one text and end in a later one: HTML allows that, and Markdown does not. Such
    ends are recognised by each other, and then each is completed in its own text.
    """
    ends = [loose_end(one.text) if one.kind != "nothing" else "" for one in texts]
    opened: set[int] = set()
    unclosed: set[int] = set()
    last = -REACH - 1
    for number, one in enumerate(ends):
        if one == "opens":
            last = number
        elif one == "closes" and number - last <= REACH:
            unclosed.add(last)
            opened.add(number)
            last = -REACH - 1
    if cut and ends and ends[-1] == "opens" and texts[-1].place(len(texts[-1].text.rstrip())) == end:
        unclosed.add(len(texts) - 1)
    return [
        repair
        for number, one in enumerate(texts)
        for repair in one.repairs(
            opened=CROSSING if number in opened else None, unclosed=CROSSING if number in unclosed else None
        )
    ]
