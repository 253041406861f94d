"""Intended emphasis: what a converter meant by its asterisks.

A converter writes `**` before and after bold text, `*` around italic text and `***` around both, and does not
look at what stands next to them. So a run of asterisks may close, open, or close and open at once, and which
one it is follows from the other runs. Each run is a step from one stack of open emphasis to the next; of all
ways through the text that begin and end with nothing open, the one with the least that is odd about it is
what was meant.
"""

from functools import cache
from typing import NamedTuple

from clean.commonmark.inline import SPACE, character_kind

__all__ = ["BOLD", "ITALIC", "LONGEST", "RunContext", "RunReading", "interpret", "stack_style"]

BOLD, ITALIC = 1, 2

# The stacks of open emphasis that are considered, outermost first: S for strong, E for em. Converters do
# write bold in bold.
STACKS = ("", "S", "E", "SE", "ES", "SS", "SSE", "SES", "ESS", "SSS")
# More asterisks than these close or open nothing: they are emphasis of nothing, many times over, or a line that
# somebody drew.
LONGEST = 12

# How odd each thing is. Only the order of the sums matters; the tests' tables hold the cases that fixed it.
BOLD_TOUCHES_BOLD = 1.0
ITALIC_TOUCHES_ITALIC = 2.0
NESTED = 0.5
BOLD_IN_BOLD = 2.5
BOLD_IN_BOLD_AGAIN = 0.5
SPACE_INSIDE = 0.5
SPACE_INSIDE_ITALIC = 50.0  # `a * b`, `5 *`, a bullet: an asterisk alone next to a space is not emphasis
EMPTY = 3.0
EMPTY_BESIDES = 5.0  # in a run that also closes or opens something
EMPTY_UNLIKELY = 10.0  # between Latin letters, as in 138****1234 or 2**3: more likely the author's own
LITERAL_ONE = 2.0
LITERAL = 5.0
QUOTED = 10.0  # “*”, (*): somebody writes about the asterisk
SLASH = 2.5  # /* … */


class RunContext(NamedTuple):
    """A run of asterisks as the interpretation sees it."""

    length: int
    before: str
    after: str
    may_be_empty: bool
    """Whether empty emphasis is likely here."""
    quoted: bool
    """Whether the asterisk is what the text is about."""


class RunReading(NamedTuple):
    """What one run does."""

    stack: str
    """What is open after it."""
    empty: bool = False
    """Whether some of its asterisks open and close emphasis of nothing."""
    literal: bool = False
    """Whether it is text."""


class ReadingPath(NamedTuple):
    """One way through the runs so far; linked back to front."""

    odd: float
    step: RunReading
    previous: "ReadingPath | None"


def interpret(
    signs: list[RunContext], *, opened: float | None = None, unclosed: float | None = None
) -> list[RunReading]:
    """Return the least odd meaning of the runs: a step for each, before them one for what is open at the start.

    `opened` and `unclosed` say how odd it is that bold is open already at the start, or still at the end;
    None forbids it.
    """
    ways = {"": ReadingPath(0.0, RunReading(""), None)}
    if opened is not None:
        ways["S"] = ReadingPath(opened, RunReading("S"), None)
    for sign in signs:
        literal = LITERAL if sign.length > 1 else LITERAL_ONE
        if sign.length > LONGEST and sign.may_be_empty:
            ways = {
                stack: ReadingPath(way.odd + EMPTY, RunReading(stack, empty=True), way) for stack, way in ways.items()
            }
            continue
        if sign.quoted or sign.length > LONGEST:
            literal = 0.0
        following = {
            stack: ReadingPath(way.odd + literal, RunReading(stack, literal=True), way) for stack, way in ways.items()
        }
        if sign.length <= LONGEST:
            for stack, way in ways.items():
                for step, odd, closing, opening in run_readings(stack, sign.length):
                    total = way.odd + odd + neighbours(sign, closing, opening, empty=step.empty)
                    best = following.get(step.stack)
                    if best is None or total < best.odd:
                        following[step.stack] = ReadingPath(total, step, way)
        ways = following
    best = ways[""]
    if unclosed is not None and "S" in ways and ways["S"].odd + unclosed < best.odd:
        best = ways["S"]
    found = [best.step]
    while best.previous is not None:
        best = best.previous
        found.append(best.step)
    return found[::-1]


def neighbours(sign: RunContext, closing: str, opening: str, *, empty: bool) -> float:
    """Return how odd it is for these to close and open between the characters beside the run."""
    odd = 0.0
    if opening and character_kind(sign.after) == SPACE:
        odd += SPACE_INSIDE_ITALIC if opening == "E" else SPACE_INSIDE
    if closing and character_kind(sign.before) == SPACE:
        odd += SPACE_INSIDE_ITALIC if closing == "E" else SPACE_INSIDE
    if empty and not sign.may_be_empty:
        odd += EMPTY_UNLIKELY
    if sign.quoted:
        odd += QUOTED
    if sign.length == 1 and ((opening and sign.before == "/") or (closing and sign.after == "/")):
        odd += SLASH
    return odd


@cache
def run_readings(stack: str, length: int) -> tuple[tuple[RunReading, float, str, str], ...]:
    """Return what a run of this length can do to a stack: the step, how odd it is, what it closes, what it opens."""
    found = []
    for kept in range(len(stack) + 1):
        closing = stack[kept:]
        for after in STACKS:
            if not after.startswith(stack[:kept]):
                continue
            opening = after[kept:]
            left = length - stack_width(closing) - stack_width(opening)
            if left < 0 or left % 2 or left > 8:
                continue
            if not left and not closing and not opening:
                continue
            odd = oddity(stack[:kept], closing, opening)
            if left:
                odd += (EMPTY_BESIDES if closing or opening else EMPTY) + left / 100
            found.append((RunReading(after, empty=left > 0), odd, closing, opening))
    return tuple(found)


def oddity(below: str, closing: str, opening: str) -> float:
    """Return how odd it is to close and open these on top of what stays open below."""
    odd = 0.0
    if "S" in closing and "S" in opening:
        odd += BOLD_TOUCHES_BOLD
    if "E" in closing and "E" in opening:
        odd += ITALIC_TOUCHES_ITALIC
    for place, emphasis in enumerate(opening):
        around = below + opening[:place]
        if emphasis == "S" and "S" in around:
            if closing.count("S") < 2:  # else it goes on as it was
                odd += BOLD_IN_BOLD if around.count("S") == 1 else BOLD_IN_BOLD_AGAIN
        elif below and not place:
            odd += NESTED
    return odd


def stack_width(stack: str) -> int:
    """Return how many asterisks open or close these."""
    return 2 * stack.count("S") + stack.count("E")


def stack_style(stack: str) -> int:
    """Return how text on this stack looks: BOLD, ITALIC, both or neither."""
    return (BOLD if "S" in stack else 0) | (ITALIC if "E" in stack else 0)
