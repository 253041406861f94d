"""Block structure of a Markdown text: lines of code, and stretches of inline text.

Only as much of CommonMark's first phase as is needed to know where inline text begins and ends: quotes, list
items, headings, tables, thematic breaks, code and HTML. Lines are given without their line ends.
"""

import re
from collections.abc import Sequence, Set
from itertools import pairwise
from typing import NamedTuple

__all__ = [
    "BULLETS_OF_NOTHING",
    "FENCE",
    "FENCE_END",
    "HEADING",
    "HEADING_END",
    "HTML_STARTS",
    "HTML_TAG_ALONE",
    "ITEM",
    "RULE",
    "UNDERLINE",
    "Fence",
    "InlineLine",
    "InlineText",
    "cells",
    "delimiter_columns",
    "fenced_blocks",
    "inline_texts",
]


# How the blocks of CommonMark announce themselves at the start of a line.
#
# Every pattern is matched at the first character of a line that is not white space, and looks at one line only.


# The fence of a code block. A back tick may not follow back ticks on the line: ```` ```x``` ```` is a code
# span. The run is possessive, so what follows is tried once, behind all of it.
FENCE = re.compile(r"`{3,}+(?!.*`)|~{3,}+")
# A closing fence: fence characters and white space only, in that order; the two classes share no character.
FENCE_END = re.compile(r"(`{3,}|~{3,})[ \t]*$")
# One to six number signs and white space open a heading; a counted run cannot be read two ways.
HEADING = re.compile(r"#{1,6}(?:[ \t]+|$)")
# The number signs that may close a heading. Matched on the reversed text, where it starts at once, so that a
# heading of many spaces is not searched again from each of them.
HEADING_END = re.compile(r"[ \t]*+#++(?:[ \t]++|$)")
# The line under a paragraph that makes it a heading: one character repeated, then white space; no overlap.
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
# A thematic break: three or more of one character, white space between. Each turn takes exactly one mark and
# then white space, which is no mark, so a line is read in one way.
RULE = re.compile(r"(?:\*[ \t]*){3,}$|(?:-[ \t]*){3,}$|(?:_[ \t]*){3,}$")
# Asterisks in pairs, perhaps behind a list bullet: not a break that an author drew but what <strong></strong>
# leaves when nothing stands in it. Each turn takes two asterisks and then white space; at most eight
# asterisks, so the work is bounded.
BULLETS_OF_NOTHING = re.compile(r"(?:\*[ \t]+)?((?:\*\*[ \t]*){1,4})$")
# A list bullet or number; white space or the end of the line must follow.
ITEM = re.compile(r"([-+*]|(\d{1,9})[.)])(?=[ \t]|$)")

# The tags that open an HTML block which lasts until a blank line (CommonMark, HTML block 6).
BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|"
    "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
# HTML blocks 1 to 6: what opens each, and what ends it, both on one line. Openings are fixed words; ends are
# searched for, and are fixed words too.
HTML_STARTS = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?=[\s>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{BLOCK_TAGS})(?=\s|/?>|$)", re.IGNORECASE), None),
)
# HTML block 7: one complete tag alone on its line. Each attribute starts with white space and a letter, and
# its value ends at the first character that its opening quote allows, so no stretch of the tag can be read as
# two different attributes.
ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*+(?:\s*=\s*(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?"""
HTML_TAG_ALONE = re.compile(rf"(?:<[A-Za-z][A-Za-z0-9-]*+(?:{ATTRIBUTE})*+\s*/?>|</[A-Za-z][A-Za-z0-9-]*+\s*>)\s*$")


# The rows of a table, and the cells of a row.


# The row under a table's head: bars, dashes, colons and white space only. One class, read once.
DELIMITERS = re.compile(r"(?=[|:-][|:\s-])[|:\s-]+$")
# One column of that row. Classes follow one another without a common character.
COLUMN = re.compile(r"\s*:?-+:?\s*$")
# A bar that divides cells: one that no backslash escapes.
BAR = re.compile(r"(?<!\\)\|")


def delimiter_columns(line: str, start: int) -> int:
    """Return how many columns the delimiter row in `line` announces; 0 if it is none."""
    if DELIMITERS.match(line, start) is None or (line[start] == "-" and line[start + 1] in " \t"):
        return 0
    columns = [line[first:last] for first, last in cells(line, start, len(line))]
    return len(columns) if all(COLUMN.match(column) for column in columns) else 0


def cells(line: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each cell of the row `line[start:end]` begins and ends, white space around it left out."""
    edges = [start - 1, *(bar.start() for bar in BAR.finditer(line, start, end)), end]
    found = []
    for first, last in pairwise(edges):
        cell = line[first + 1 : last]
        text = cell.strip()
        begin = first + 1 + (len(cell) - len(cell.lstrip()) if text else 0)
        found.append((begin, begin + len(text)))
    if found[0][0] == found[0][1]:
        del found[0]
    if found and found[-1][0] == found[-1][1]:
        del found[-1]
    return found


class Fence(NamedTuple):
    """One fenced code block, its fences included."""

    first: int
    """Index of the line that opens it."""
    last: int
    """Index of the last line that belongs to it: the closing fence, or the last line of code."""
    closed: bool
    """False when no fence closed it: it ran to the end of the text, or of the list item or quote around it."""


class InlineLine(NamedTuple):
    """One line's share of an inline text."""

    line: int
    start: int
    end: int


class InlineText(NamedTuple):
    """Inline text that is parsed as one: a paragraph, a heading, a table cell."""

    kind: str
    """`paragraph`, `heading` or `cell`; `nothing` for a line of asterisks that only empty emphasis explains."""
    parts: tuple[InlineLine, ...]


def fenced_blocks(lines: Sequence[str]) -> list[Fence]:
    """Return the fenced code blocks of a text given as lines, in order; those in list items and quotes too."""
    if not any("```" in line or "~~~" in line for line in lines):
        return []
    scanner = BlockReader(lines)
    scanner.scan()
    return scanner.fences


def inline_texts(lines: Sequence[str], only: Set[int] | None = None) -> list[InlineText]:
    """Return the inline texts of a Markdown text given as lines, in order; code and HTML blocks are in none.

    `only` limits them to those that have a share in one of these lines, which takes less time.
    """
    scanner = BlockReader(lines, only)
    scanner.scan()
    return scanner.texts


# What an open leaf block is. The two that a new line may simply continue come first.
NONE, PARAGRAPH, TABLE, CODE, FENCED, HTML = range(6)
# A quote among the open containers; a list item is the number of columns that its text is indented by.
QUOTE = -1
# No text is nested deeper by people; a line of a million bullets must not cost a million times a million.
DEEPEST = 100
# A line that starts with none of these cannot open, close or turn anything: outside containers it is plain
# text.
SPECIAL = frozenset(" \t#>`~<*+-_=:|0123456789")


class BlockReader:
    """Reads lines one by one and keeps the open blocks, as CommonMark's appendix on parsing describes."""

    __slots__ = (
        "_columns",
        "_containers",
        "_empty_item",
        "_end",
        "_fence",
        "_first",
        "_leaf",
        "_lines",
        "_only",
        "_paragraph",
        "fences",
        "texts",
    )

    def __init__(self, lines: Sequence[str], only: Set[int] | None = None) -> None:
        self.texts: list[InlineText] = []
        self.fences: list[Fence] = []
        self._lines = lines
        self._only = only
        self._containers: list[int] = []
        self._leaf = NONE
        self._paragraph: list[tuple[int, int, int]] = []
        self._fence = ""
        self._first = 0
        self._end: re.Pattern[str] | None = None
        self._columns = 0
        self._empty_item = -2

    def scan(self) -> None:
        """Read all lines; where only some are wanted, no further than the blank line after the last of them."""
        last = max(self._only, default=0) if self._only is not None else len(self._lines)
        for number, line in enumerate(self._lines):
            if number > last and not line:
                break
            first = line[:1]
            if self._leaf <= PARAGRAPH and not self._containers:
                if not line:
                    if self._leaf:
                        self._end_paragraph("paragraph")
                    continue
                if first not in SPECIAL or (first == "*" and line[1:2] not in " \t" and line.strip("* \t")):
                    self._leaf = PARAGRAPH
                    self._paragraph.append((number, 0, len(line)))
                    continue
            self._read(number, line)
        self._close(0, len(self._lines))

    def _read(self, number: int, line: str) -> None:
        """Read one line: first the containers that go on, then those that open, then the leaf."""
        at, column, base, matched = self._match_containers(line)
        whole = matched == len(self._containers)
        if self._leaf >= FENCED:
            if whole:
                self._continue_raw(number, line, at, column - base)
                return
            self._close(matched, number)
            whole = True
        if at == len(line):
            self._read_blank(number, matched, whole=whole)
            return
        opened: list[int] = []
        while True:
            indent = column - base
            interrupts = self._leaf == PARAGRAPH and whole and not opened
            if indent > 3:
                if self._leaf == PARAGRAPH and not opened:
                    self._paragraph.append((number, at, len(line)))
                else:
                    self._open(matched, opened, CODE, number)
                return
            char = line[at]
            if char not in SPECIAL or matched + len(opened) > DEEPEST:
                break
            if char == ">":
                opened.append(QUOTE)
                at, column, base = after_quote_mark(line, at, column)
            elif self._leaf_starts(number, line, at, matched, opened, interrupts=interrupts):
                return
            else:
                item = item_start(line, at, column, interrupts=interrupts)
                if item is None:
                    break
                opened.append(indent + item.width)
                base = column + item.width
                at, column = item.at, item.column
                if at == len(line):
                    self._empty_item = number
            if at == len(line):
                self._open(matched, opened, NONE, number)
                return
        self._read_text(number, line, at, matched, opened, whole=whole)

    def _match_containers(self, line: str) -> tuple[int, int, int, int]:
        """Return how far the open containers go on in a line.

        These are the next character and its column, the column that indentation counts from, and the number of
        containers that go on.
        """
        at, column = skip(line, 0, 0)
        base = matched = 0
        for container in self._containers:
            if container == QUOTE:
                if at == len(line) or line[at] != ">" or column - base > 3:
                    break
                at, column, base = after_quote_mark(line, at, column)
            elif at == len(line) or column - base >= container:
                base += container
            else:
                break
            matched += 1
        return at, column, base, matched

    def _read_blank(self, number: int, matched: int, *, whole: bool) -> None:
        """Read a line that holds nothing but the marks of the open containers."""
        if whole and self._empty_item == number - 1 and self._containers:
            matched -= 1  # a list item may begin with at most one blank line
        if self._leaf != CODE or matched < len(self._containers):
            self._close(matched, number)

    def _read_text(self, number: int, line: str, at: int, matched: int, opened: list[int], *, whole: bool) -> None:
        """Read a line that goes on with a paragraph or a table, or begins a paragraph."""
        if self._leaf == PARAGRAPH and not opened:
            self._paragraph.append((number, at, len(line)))
        elif self._leaf == TABLE and whole and not opened:
            self._row(number, line, at)
        else:
            self._open(matched, opened, PARAGRAPH, number)
            self._paragraph.append((number, at, len(line)))

    def _leaf_starts(
        self, number: int, line: str, at: int, matched: int, opened: list[int], *, interrupts: bool
    ) -> bool:
        """Open the leaf block that starts at `line[at]`, if one does: heading, code, HTML, break or table."""
        char = line[at]
        if char == "#" and (heading := HEADING.match(line, at)):
            self._open(matched, opened, NONE, number)
            end = len(line)
            if closing := HEADING_END.match(line[: heading.end() - 1 : -1]):
                end = len(line) - closing.end()
            self.texts.append(InlineText("heading", (InlineLine(number, heading.end(), max(end, heading.end())),)))
            return True
        if char in "`~" and (fence := FENCE.match(line, at)):
            self._open(matched, opened, FENCED, number)
            self._fence, self._first = fence[0], number
            return True
        if char == "<":
            return self._html_starts(number, line, at, matched, opened)
        if interrupts and char in "|:-" and (columns := delimiter_columns(line, at)):
            above, start, end = self._paragraph[-1]
            head = self._lines[above]
            if "|" in head and len(cells(head, start, end)) == columns:
                self._paragraph.pop()
                self._open(matched, opened, TABLE, number)
                self._columns = columns
                self._row(above, head, start)
                return True
        if interrupts and char in "=-" and UNDERLINE.match(line, at):
            self._end_paragraph("heading")
            return True
        if char in "*-_" and len(line.rstrip(char + " \t")) <= at and RULE.match(line, at):
            nothing = BULLETS_OF_NOTHING.match(line, at) if char == "*" else None
            self._open(matched, opened, NONE, number)
            if nothing is not None:
                self.texts.append(InlineText("nothing", (InlineLine(number, nothing.start(1), nothing.end(1)),)))
            return True
        return False

    def _html_starts(self, number: int, line: str, at: int, matched: int, opened: list[int]) -> bool:
        """Open an HTML block, if one starts at `line[at]`."""
        ends = [end for start, end in HTML_STARTS if start.match(line, at)]
        if not ends and ((self._leaf == PARAGRAPH and not opened) or not HTML_TAG_ALONE.match(line, at)):
            return False
        end = ends[0] if ends else None
        self._open(matched, opened, HTML, number)
        self._end = end
        if end is not None and end.search(line, at):
            self._leaf = NONE
        return True

    def _continue_raw(self, number: int, line: str, at: int, indent: int) -> None:
        """Read one more line of fenced code or of an HTML block."""
        if self._leaf == FENCED:
            closing = FENCE_END.match(line, at) if indent < 4 else None
            if closing is not None and closing[1].startswith(self._fence):
                self.fences.append(Fence(self._first, number, closed=True))
                self._leaf = NONE
        elif self._end is None:
            if at == len(line):
                self._leaf = NONE
        elif self._end.search(line):
            self._leaf = NONE

    def _row(self, number: int, line: str, at: int) -> None:
        """Read one row of a table."""
        if self._only is not None and number not in self._only:
            return
        row = cells(line, at, len(line))[: self._columns]  # what a row has more of than the head is not shown
        self.texts += [InlineText("cell", (InlineLine(number, *cell),)) for cell in row]

    def _end_paragraph(self, kind: str) -> None:
        """Close the open paragraph, which turns out to be a paragraph or a heading."""
        lines = self._paragraph
        if lines and (self._only is None or any(line in self._only for line, _, _ in lines)):
            self.texts.append(InlineText(kind, tuple([InlineLine(*part) for part in lines])))
        self._paragraph = []
        self._leaf = NONE

    def _open(self, matched: int, opened: list[int], leaf: int, number: int) -> None:
        """Close what line `number` does not continue, and open new containers and a new leaf."""
        if self._leaf != leaf or leaf != CODE or opened or matched < len(self._containers):
            self._close(matched, number)
        self._containers += opened
        self._leaf = leaf

    def _close(self, matched: int, number: int) -> None:
        """Close the leaf, and all containers but the first `matched`, before line `number`."""
        if self._leaf == PARAGRAPH:
            self._end_paragraph("paragraph")
        elif self._leaf == FENCED:
            self.fences.append(Fence(self._first, number - 1, closed=False))
        self._leaf = NONE
        del self._containers[matched:]


def skip(line: str, at: int, column: int) -> tuple[int, int]:
    """Return the next character that is no white space, and its column; a tab reaches to a multiple of four."""
    rest = len(line)
    while at < rest and (char := line[at]) in " \t":
        column += 4 - column % 4 if char == "\t" else 1
        at += 1
    return at, column


def after_quote_mark(line: str, at: int, column: int) -> tuple[int, int, int]:
    """Return where the text after a quote mark is, and the column where its indentation starts to count."""
    padded = line[at + 1 : at + 2] in (" ", "\t")
    next_at, next_column = skip(line, at + 1, column + 1)
    return next_at, next_column, column + 1 + padded


class ItemStart(NamedTuple):
    """The mark of a list item."""

    at: int
    """Where the item's text begins; the end of the line if it has none on it."""
    column: int
    width: int
    """Columns that the item's further lines are indented by, counted from its mark."""


def item_start(line: str, at: int, column: int, *, interrupts: bool) -> ItemStart | None:
    """Return the list item that starts at `line[at]`, in this column; None if none does.

    Only a filled item, and of an ordered list a first one, may end a paragraph without a blank line (`interrupts`).
    """
    item = ITEM.match(line, at)
    if item is None:
        return None
    after, wide = skip(line, item.end(), column + len(item[1]))
    if interrupts and (after == len(line) or item[2] not in (None, "1")):
        return None
    padding = wide - column - len(item[1])
    if after == len(line) or padding > 4:
        padding = 1
    return ItemStart(after, wide, len(item[1]) + padding)
