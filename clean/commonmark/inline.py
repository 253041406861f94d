"""Inline structure of a text: delimiter runs, links, code spans, HTML.

CommonMark gives code spans, autolinks, HTML and links precedence over emphasis: an asterisk inside the target
of a link or inside code is text, and emphasis cannot begin inside the text of a link and end outside. So the
text of a link is a scope of its own.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "DelimiterRun",
    "EmphasisMatch",
    "InlineScope",
    "character_kind",
    "closes_emphasis",
    "opens_emphasis",
    "pair_delimiters",
    "read_scope",
]


class DelimiterRun(NamedTuple):
    """A run of one delimiter character, as long as it goes."""

    start: int
    end: int
    char: str


class InlineScope(NamedTuple):
    """What an inline text, or the text of one link in it, consists of."""

    runs: list[DelimiterRun]
    """Delimiter runs, in order; those inside the texts of links are not among them."""
    links: list[tuple[int, int]]
    """Where the text of each link begins and ends: scopes inside this one. Texts of images are not listed; an
    image shows no emphasis."""
    tags: list[tuple[int, int]]
    """The tags that this package writes: `<strong>`, `<em>` and their ends."""
    others: list[tuple[int, int]]
    """Code spans, autolinks and other HTML."""


# Whatever can matter: an escaped character, a run of back ticks, the start of HTML, brackets, delimiter runs.
# The branches start with different characters and each takes a single character or one possessive run.
MARKS = re.compile(r"\\[!-/:-@\[-`{-~]|`++|<|!?\[|\]|\*++|_++")
BACK_TICKS = re.compile(r"`++")

# An address between angle brackets. The scheme is bounded, and no class of the address holds its closing
# bracket.
AUTOLINK = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*+|[\w.!#$%&'*+/=?^`{|}~-]++@[A-Za-z0-9.-]++)>", re.ASCII
)
# A complete tag. An attribute starts with white space and a letter, and its value ends where its opening
# quote says, so the possessive repetition never has another reading to fall back on.
TAG = re.compile(
    r"""<[A-Za-z][A-Za-z0-9-]*+(?:\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+)*+\s*+/?>"""
    r"""|</[A-Za-z][A-Za-z0-9-]*+\s*+>"""
)
OWN_TAGS = frozenset(("<strong>", "</strong>", "<em>", "</em>"))
# What else looks like HTML, and the fixed word that ends it.
OTHER_HTML = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))

# The pieces of a link's target: an escaped character, a bracket, or what ends it. One character or two, by
# the first one.
TARGET = re.compile(r"\\[!-/:-@\[-`{-~]|[()\s\x00-\x1f]")
# A target between angle brackets: each turn takes an escaped pair or one other character.
ANGLED = re.compile(r"<(?:\\.|[^<>\\\n])*+>")
# A title in any of its three quotes; the same argument.
TITLE = re.compile(r"""\s++(?:"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|\((?:\\.|[^()\\])*+\))""", re.DOTALL)
WHITE = re.compile(r"\s*+")


def read_scope(text: str) -> InlineScope:
    """Return the delimiter runs, links and tags of an inline text."""
    runs: list[DelimiterRun] = []
    links: list[tuple[int, int]] = []
    tags: list[tuple[int, int]] = []
    others: list[tuple[int, int]] = []
    # An open bracket: where its text begins, is it an image, can it still become a link, and how much was
    # read before it.
    brackets: list[tuple[int, bool, int, int, int, int]] = []
    no_link_before = 0  # brackets below this height hold a link already; links do not nest
    ticks: dict[int, list[int]] | None = None
    missing: set[str] = set()
    at = 0
    while (mark := MARKS.search(text, at)) is not None:
        start, at = mark.span()
        char = text[start]
        if char in "*_":
            runs.append(DelimiterRun(start, at, char))
        elif char == "`":
            if ticks is None:
                ticks = back_ticks(text)
            same = ticks.get(at - start, [])
            later = bisect_left(same, at)
            if later < len(same):
                at = same[later] + at - start
                others.append((start, at))
        elif char == "<":
            tag = AUTOLINK.match(text, start) or TAG.match(text, start)
            if tag is not None:
                at = tag.end()
                (tags if tag[0].lower() in OWN_TAGS else others).append(tag.span())
            elif text.startswith(("<!", "<?"), start):
                end = other_html(text, start, missing)
                if end:
                    others.append((start, end))
                    at = end
        elif char == "]":
            if not brackets:
                continue
            begin, image, *before = brackets.pop()
            live = image or len(brackets) >= no_link_before
            no_link_before = min(no_link_before, len(brackets))
            end = link_end(text, at) if live and text.startswith("(", at) else 0
            if end:
                del runs[before[0] :], links[before[1] :], tags[before[2] :]
                del others[before[3] :]
                at = end
                if not image:
                    links.append((begin, start))
                    no_link_before = len(brackets)
        elif char != "\\":
            brackets.append((at, char == "!", len(runs), len(links), len(tags), len(others)))
    return InlineScope(runs, links, tags, others)


def back_ticks(text: str) -> dict[int, list[int]]:
    """Return where the runs of back ticks start, by their length."""
    found: dict[int, list[int]] = {}
    for run in BACK_TICKS.finditer(text):
        found.setdefault(run.end() - run.start(), []).append(run.start())
    return found


def other_html(text: str, start: int, missing: set[str]) -> int:
    """Return where the comment, instruction or declaration at `start` ends; 0 if it is none.

    `missing` remembers the ends that do not occur any more, so that a text of a thousand openings is searched
    once.
    """
    for opening, ending in OTHER_HTML:
        if ending not in missing and text.startswith(opening, start):
            if opening == "<!" and not text[start + 2 : start + 3].isalpha():
                continue
            end = text.find(ending, start + len(opening))
            if end >= 0:
                return end + len(ending)
            missing.add(ending)
    return 0


def link_end(text: str, at: int) -> int:
    """Return where the link whose target opens with the bracket at `at` ends; 0 if this is no link."""
    at = match_end(WHITE, text, at + 1)
    angled = ANGLED.match(text, at)
    if angled is not None:
        at = angled.end()
    else:
        depth = 0
        for piece in TARGET.finditer(text, at):
            at = piece.start()
            char = text[at]
            if char == "(":
                depth += 1
                # CommonMark lets a parser stop here; so brackets without end are not read again and again.
                if depth > 32:
                    return 0
            elif char == ")":
                if depth == 0:
                    break
                depth -= 1
            elif char != "\\":
                break
        else:
            return 0
        if depth:
            return 0
    title = TITLE.match(text, at)
    at = match_end(WHITE, text, title.end() if title is not None else at)
    return at + 1 if text.startswith(")", at) else 0


def match_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a pattern that matches anything, even nothing, stops."""
    found = pattern.match(text, at)
    return found.end() if found is not None else at


# CommonMark's own reading of delimiter runs: which open, which close, which pair up, which stay visible.
#
# Two editions of CommonMark differ in what counts as punctuation: since 0.31 symbols such as `￥` and emoji do.
# Renderers of both kinds are in use, so what we write has to render the same with either reading.


SPACE, LETTER, SYMBOL, PUNCTUATION = range(4)


@lru_cache(maxsize=4096)
def character_kind(char: str) -> int:
    """Return what a character is to the flanking rules; the edge of a text (an empty string) is white space."""
    if char == "" or char in " \t\n\f\r" or unicodedata.category(char) == "Zs":
        return SPACE
    category = unicodedata.category(char)[0]
    if category == "P" or (category == "S" and char < "\x80"):
        return PUNCTUATION
    return SYMBOL if category == "S" else LETTER


def flanks(outer: int, inner: int) -> bool:
    """Return whether a run flanks the text on its inner side in both editions.

    In 0.30 a symbol is a letter, in 0.31 it is punctuation. As the inner neighbour it is better a letter, as
    the outer one better punctuation; to hold in both, it counts as the worse of the two each time. A symbol
    on both sides is the same on both sides, whichever edition reads it.
    """
    if inner == SPACE:
        return False
    if inner == LETTER or outer in (SPACE, PUNCTUATION):
        return True
    return inner == outer == SYMBOL


def opens_emphasis(before: str, after: str) -> bool:
    """Return whether asterisks between these two characters can open emphasis in both editions."""
    return flanks(character_kind(before), character_kind(after))


def closes_emphasis(before: str, after: str) -> bool:
    """Return whether asterisks between these two characters can close emphasis in both editions."""
    return flanks(character_kind(after), character_kind(before))


class EmphasisMatch(NamedTuple):
    """One emphasis: the runs that open and close it, and how many characters of each it uses."""

    opener: int
    closer: int
    width: int


def pair_delimiters(
    text: str, runs: Sequence[DelimiterRun], before: str, after: str, *, symbols: bool
) -> list[EmphasisMatch]:
    """Pair up delimiter runs as CommonMark does; `symbols` says whether symbols count as punctuation.

    This is the procedure of CommonMark's appendix, with its memory of where no opener was found, which keeps
    it linear.
    """
    can_open, can_close = delimiter_abilities(text, runs, before, after, symbols=symbols)
    lengths = [run.end - run.start for run in runs]
    left_over = lengths.copy()
    matches: list[EmphasisMatch] = []
    stack: list[int] = []  # runs that may still open, oldest first
    floor: dict[tuple[str, bool, int], int] = {}  # below this run no opener for such a closer is left
    for closer, run in enumerate(runs):
        while can_close[closer] and left_over[closer]:
            key = (run.char, can_open[closer], lengths[closer] % 3)
            found = opener_height(runs, stack, closer, floor.get(key, 0), lengths, can_open, can_close)
            if found < 0:
                floor[key] = closer
                break
            opener = stack[found]
            width = 2 if left_over[opener] >= 2 and left_over[closer] >= 2 else 1
            matches.append(EmphasisMatch(opener, closer, width))
            left_over[opener] -= width
            left_over[closer] -= width
            del stack[found + (left_over[opener] > 0) :]
        if left_over[closer] and can_open[closer]:
            stack.append(closer)
    return matches


def delimiter_abilities(
    text: str, runs: Sequence[DelimiterRun], before: str, after: str, *, symbols: bool
) -> tuple[list[bool], list[bool]]:
    """Return for each run whether it can open and whether it can close emphasis (CommonMark, section 6.2)."""
    can_open, can_close = [], []
    for run in runs:
        left = character_kind(text[run.start - 1] if run.start else before)
        right = character_kind(text[run.end] if run.end < len(text) else after)
        left_odd = left == PUNCTUATION or (symbols and left == SYMBOL)
        right_odd = right == PUNCTUATION or (symbols and right == SYMBOL)
        left_flanking = right != SPACE and (not right_odd or left == SPACE or left_odd)
        right_flanking = left != SPACE and (not left_odd or right == SPACE or right_odd)
        underscore = run.char == "_"
        can_open.append(left_flanking and (not underscore or not right_flanking or left_odd))
        can_close.append(right_flanking and (not underscore or not left_flanking or right_odd))
    return can_open, can_close


def opener_height(
    runs: Sequence[DelimiterRun],
    stack: list[int],
    closer: int,
    floor: int,
    lengths: list[int],
    can_open: list[bool],
    can_close: list[bool],
) -> int:
    """Return where in the stack the nearest run stands that this one can close; -1 if none does from `floor` on.

    Of two runs one of which could both open and close, the lengths must not add up to a multiple of three, unless both
    are multiples of three.
    """
    for height in range(len(stack) - 1, -1, -1):
        opener = stack[height]
        if opener < floor:
            break
        if runs[opener].char != runs[closer].char:
            continue
        both = can_close[opener] or can_open[closer]
        total = lengths[opener] + lengths[closer]
        if not (both and total % 3 == 0 and (lengths[opener] % 3 or lengths[closer] % 3)):
            return height
    return -1
