"""The text as a stage sees it: the body that earlier stages left, by line, with what is code."""

import re
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from itertools import accumulate, islice

from clean.commonmark.blocks import fenced_blocks
from clean.frontmatter import FrontMatter, Value

__all__ = [
    "INVISIBLE",
    "OPENING",
    "UNSEEN",
    "View",
    "comparable_text",
    "first_title",
    "heading_level",
    "heading_text",
    "is_blank",
    "same_title",
    "title_length",
]

INVISIBLE = "\u200b\u2060\ufeff"
"""Characters without width or meaning: zero width space, word joiner, byte order mark inside a text.

Not here: the joiners U+200C and U+200D, which shape emoji and several scripts.
"""

_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
UNSEEN = frozenset(INVISIBLE + _SPACE)
"""What a blank line may hold."""

_BLANK = "".join(sorted(UNSEEN))

OPENING = 60
"""Lines with text that count as a text's opening."""

# A backslash before ASCII punctuation is an escape (CommonMark 0.31, section 2.4). Fixed length: linear.
_ESCAPES = re.compile(r"\\([!-/:-@\[-`{-~])")

# White space of any kind, and characters without width: what does not count when two lines are compared.
_SPACES = re.compile(r"[\s\u00ad\u200b\u2060\ufeff]+")


def is_blank(line: str) -> bool:
    """Whether a reader sees nothing on this line."""
    return not line.strip(_BLANK)


def comparable_text(line: str) -> str:
    """Return a line's text for comparing: without marks, escapes, white space, in one letter case."""
    text = line.lstrip("#>*_" + _SPACE).rstrip("*_" + _SPACE)
    return _SPACES.sub("", _ESCAPES.sub(r"\1", text)).casefold()


class View:
    """A body of Markdown, split once. Line numbers here are indexes; positions are characters of `text`.

    `facts` are those found so far, `done` the stages that have changed the text, `memo` what one stage has worked
    out and another needs too.
    """

    def __init__(
        self, text: str, front: FrontMatter, facts: Mapping[str, Value] | None = None, done: Set[str] = frozenset()
    ) -> None:
        self.text = text
        self.front = front
        self.facts: Mapping[str, Value] = facts or {}
        self.done = done
        self.memo: dict[str, object] = {}

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts, and one more: where a line after the last would."""
        starts = list(accumulate(map((1).__add__, map(len, self.lines)), initial=0))
        starts[-1] = len(self.text)  # the last line has no end
        return starts

    @cached_property
    def solid(self) -> list[int]:
        """Indexes of the lines that are not blank."""
        return [index for index, line in enumerate(self.lines) if line and line.strip(_BLANK)]

    @cached_property
    def opening(self) -> list[int]:
        """The first of these, more than any head has, for stages that look no further."""
        found = (index for index, line in enumerate(self.lines) if line and line.strip(_BLANK))
        return list(islice(found, OPENING))

    @cached_property
    def code(self) -> frozenset[int]:
        """Indexes of the lines in fenced code, fences included.

        An unclosed fence is no code here: a text may hold three stray back ticks, and would keep its whole tail.
        """
        return self._fenced(closed_only=True)

    @cached_property
    def verbatim(self) -> frozenset[int]:
        """Indexes of the lines that CommonMark shows as code, so also after an unclosed fence."""
        return self._fenced(closed_only=False)

    def _fenced(self, *, closed_only: bool) -> frozenset[int]:
        if "```" not in self.text and "~~~" not in self.text:
            return frozenset()
        blocks = fenced_blocks(self.lines)
        return frozenset(
            index for block in blocks if block.closed or not closed_only for index in range(block.first, block.last + 1)
        )

    def until_next(self, index: int) -> int:
        """Position at which the next line that is not blank starts, or the text ends."""
        index += 1
        while index < len(self.lines) and is_blank(self.lines[index]):
            index += 1
        return self.starts[index] if index < len(self.lines) else len(self.text)


# An ATX heading (CommonMark 0.31, section 4.2): up to six marks, white space, text. The text's class is everything
# left of the line, matched once: linear.
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t\xa0]+(\S.*)")


def heading_text(line: str, level: int) -> str:
    """Return the text of a heading of this level, empty for any other line."""
    if not line.lstrip(" ").startswith("#"):
        return ""
    match = _HEADING.match(line)
    return match[2].strip() if match and len(match[1]) == level else ""


# The line below the text of a setext heading (CommonMark 0.31, section 4.3), first or second level. One class: linear.
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")

# What opens a block of another kind than a paragraph: lists, quotes, headings, code, HTML, tables, definitions of
# links, another underline. Bounded, or one class with its end: linear.
_OTHER_BLOCK = re.compile(r"[-*+][ \t]|\d{1,9}[.)][ \t]|[>#|<=\s]|-+[ \t]*$|```|~~~|\[[^\[\]]{1,200}\]:|[*_ \t]+$")


def heading_level(view: View, index: int) -> int:
    """Level of the heading that a line is the text of, one line and underlined or with marks; 0 for any other line."""
    line = view.lines[index]
    if match := _HEADING.match(line):
        return len(match[1])
    below = view.lines[index + 1] if index + 1 < len(view.lines) else ""
    if not below or not line.strip() or not _UNDERLINE.match(below) or _OTHER_BLOCK.match(line):
        return 0
    if index and not is_blank(view.lines[index - 1]):
        return 0  # the last line of a heading of several lines
    return 1 if below.lstrip()[0] == "=" else 2


def first_title(view: View) -> str:
    """The heading of the first level that a text opens with, empty where it does not open with one."""
    if not view.opening or heading_level(view, view.opening[0]) != 1:
        return ""
    line = view.lines[view.opening[0]].strip()
    return line.strip("#").strip() if line.startswith("#") else line


def same_title(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but white space, escapes and letter case."""
    return comparable_text(one) == comparable_text(other)


def title_length(lines: Sequence[str], title: str) -> int:
    """How many lines at the beginning are the title, which may go over several; 0 where they are not the title."""
    wanted = comparable_text(title)
    text = ""
    for number, line in enumerate(lines, 1):
        text += comparable_text(line)
        if text == wanted:
            return number if wanted else 0
        if not wanted.startswith(text):
            return 0
    return 0
