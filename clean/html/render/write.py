"""Serialisation of blocks and inline pieces to Markdown."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from clean.commonmark.inline import PUNCTUATION, SPACE, character_kind
from clean.html.render.escape import (
    BREAK_TOKEN,
    CLOSE,
    FORMULA,
    MARKUP,
    OPEN,
    WORDS,
    MarkdownToken,
    block_formula,
    destination,
    escape_alt,
    escape_dollars,
    escape_text,
    formula_code,
    guard_line,
    heading_end,
    left_open,
    paired_signs,
    pairs_dollars,
    quoted_title,
    settle_delimiters,
)
from clean.html.render.model import (
    BREAK,
    IMAGE,
    LATEX,
    PLAIN,
    RAW,
    TEXT,
    Block,
    Code,
    Formatting,
    Formula,
    Heading,
    InlinePiece,
    InlineTag,
    ItemList,
    Link,
    Note,
    Paragraph,
    Quote,
    Table,
    is_visible,
)

__all__ = ["write_cell", "write_image", "write_line", "write_markdown", "write_note", "write_paragraph"]


# Inline pieces to Markdown: neighbours of one formatting are merged, white space moves out, delimiters that render.
#
# Every piece has wraps: its link, its tags, strike, bold, italic. Pieces that share a wrap are put into it together,
# the longest stretch first, so `<b>a</b><a href=x><b>b</b></a>` becomes `**a[b](x)**`. The result is a flat list of
# tokens in which `settle_delimiters` decides, with both neighbours in view, between `**` and `<strong>`.


HARD_BREAK = "  \n"
"""Two spaces: the form of every converter and of the snapshots, kept by the white space stage; a backslash would
show at the end of every verse wherever Markdown is read as plain text."""

BOLD, ITALIC, STRIKE = "b", "i", "s"
STYLES = frozenset((BOLD, ITALIC, STRIKE))
COLLAPSIBLE = re.compile(r"[ \t\n\r\f]+")
BACK_TICKS = re.compile(r"`+")

TOKEN_KINDS = {TEXT: WORDS, BREAK: BREAK_TOKEN, LATEX: FORMULA}

Wraps = tuple[Hashable, ...]


@dataclass(slots=True)
class WrappedPiece:
    """A piece with its wraps; text without white space at its ends, or white space alone."""

    kind: int
    text: str
    wraps: Wraps
    neutral: bool = False
    """White space, breaks and invisible characters: they look like what they stand between."""
    code: object | None = None


@dataclass(slots=True)
class Writer:
    """Puts units into their wraps; what it leaves is a flat list of tokens."""

    units: list[WrappedPiece]
    tokens: list[MarkdownToken] = field(default_factory=list)

    def write(self, start: int, end: int, opened: Wraps) -> None:
        """Write these units, whose wraps `opened` are written already."""
        at = start
        while at < end:
            unit = self.units[at]
            wrap, after = self.widest(at, end, opened)
            if wrap is None:
                self.tokens.append(MarkdownToken(self.kind(unit), unit.text))
                at += 1
                continue
            if isinstance(wrap, Link) and not wrap.repeats():
                self.write(at, after, (*opened, wrap))
            elif isinstance(wrap, Link):
                self.tokens.append(MarkdownToken(MARKUP, "[", link=1))
                mark = len(self.tokens)
                self.write(at, after, (*opened, wrap))
                text = "".join([token.text for token in self.tokens[mark:]])
                title = quoted_title(wrap.title) if wrap.title.strip() != text.strip() else ""
                self.tokens.append(MarkdownToken(MARKUP, f"]({destination(wrap.address)}{title})", link=-1))
            elif isinstance(wrap, InlineTag):
                self.tokens.append(MarkdownToken(MARKUP, f"<{wrap.name}>"))
                self.write(at, after, (*opened, wrap))
                self.tokens.append(MarkdownToken(MARKUP, f"</{wrap.name}>"))
            else:
                opener = MarkdownToken(OPEN, str(wrap))
                self.tokens.append(opener)
                self.write(at, after, (*opened, wrap))
                self.tokens.append(MarkdownToken(CLOSE, str(wrap), opener=opener))
            at = after

    @staticmethod
    def kind(unit: WrappedPiece) -> int:
        """Return the kind of token that a unit becomes."""
        return TOKEN_KINDS.get(unit.kind, MARKUP)

    def widest(self, at: int, end: int, opened: Wraps) -> tuple[Hashable | None, int]:
        """Return the wrap to open here that reaches furthest, and how far."""
        best: Hashable | None = None
        reach = at
        for wrap in self.units[at].wraps:
            if wrap in opened or (wrap in STYLES and self.units[at].neutral):
                continue
            after = at + 1
            while after < end and wrap in self.units[after].wraps:
                after += 1
            after = self.whole(wrap, at, after, end, opened)
            while wrap in STYLES and after > at and self.units[after - 1].neutral:
                after -= 1
            if after > reach:
                best, reach = wrap, after
        return best, reach

    def whole(self, wrap: Hashable, at: int, after: int, end: int, opened: Wraps) -> int:
        """Return how far a wrap reaches if it may not cut a link or a tag in two."""
        while at < after < end:
            cut = [
                other
                for other in self.units[after - 1].wraps
                if other in self.units[after].wraps and other not in STYLES and other not in (wrap, *opened)
            ]
            if not cut:
                break
            while after > at and cut[0] in self.units[after - 1].wraps:
                after -= 1
        return after


def write_paragraph(pieces: Sequence[InlinePiece]) -> str:
    """Return the Markdown of a paragraph; its lines are hard breaks apart."""
    if len(pieces) == 1 and pieces[0].kind == TEXT and pieces[0].formatting == PLAIN:  # as most paragraphs are
        text = pieces[0].text.strip()
        return guard_line(write_words(text), first=True) if text else ""
    lines = assemble(pieces)
    return HARD_BREAK.join(
        guard_line(line, first=not number) if is_text else line for number, (line, is_text) in enumerate(lines)
    )


def write_note(pieces: Sequence[InlinePiece]) -> str:
    """Return the Markdown of a note, in a form that no reader of CommonMark takes for the definition of a link.

    `[^1]: [a](b)` would be the definition of a link to `[a](b)`, and show nothing; `[^1]: [a]( b)` is no definition,
    nor is `[^1]: Ibid. &#32;`, since only a title may follow an address on its line (section 4.7). The blank at the end
    of the line is shown by no renderer. Further lines are set in: without that pandoc loses them.
    """
    text = write_paragraph(pieces)
    before, mark, after = text.rpartition("](")
    if mark and text.startswith("[") and not any(map(str.isspace, text)):
        text = f"{before}]( {after}"
    first, *rest = text.split(HARD_BREAK)
    if is_definition(first):
        # What could be a title may end on any line; an address alone ends on the first.
        rest = [line + BLANK for line in rest] if len(first.split()) > 1 else rest
        first += BLANK
    return f"{HARD_BREAK}{NOTE_INDENT}".join([first, *rest])


BLANK = " &#32;"
NOTE_INDENT = "    "


def is_definition(line: str) -> bool:
    """Return whether CommonMark could read `[^1]: …` as the definition of a link, and show nothing (section 4.7)."""
    if line.startswith("<"):
        _, _, after = line.partition(">")
        if after and not after[0].isspace():
            return False
    else:
        _, _, after = line.replace("\t", " ").partition(" ")
    title = after.strip()
    if not title or title[0] not in TITLE_ENDS:
        return not title
    end = TITLE_ENDS[title[0]]
    _, closed, more = title[1:].replace("\\" + end, "").partition(end)
    return not closed or not more  # a title may go on in the next line


TITLE_ENDS = {'"': '"', "'": "'", "(": ")"}


def write_line(pieces: Sequence[InlinePiece]) -> str:
    """Return the Markdown of a heading: one line, in which bold says nothing."""
    plain = [
        piece._replace(formatting=piece.formatting._replace(bold=False)) if piece.formatting.bold else piece
        for piece in pieces
    ]
    return heading_end(" ".join([line for line, _ in assemble(plain)]))


def write_cell(pieces: Sequence[InlinePiece]) -> str:
    """Return the Markdown of a table's cell, in which bars are escaped and `<br>` breaks lines."""
    return "<br>".join([line for line, _ in assemble(pieces)]).replace("|", "\\|")


def assemble(pieces: Sequence[InlinePiece]) -> list[tuple[str, bool]]:
    """Return the lines, and of each whether it begins with text (and not with markup)."""
    if not pieces:
        return []
    if len(pieces) == 1 and pieces[0].kind == TEXT and pieces[0].formatting == PLAIN:
        text = pieces[0].text.strip()
        return [(write_words(text), True)] if text else []
    tokens = tokens_of(pieces)
    if len(tokens) == 1 and tokens[0].kind == WORDS:
        return [(write_words(tokens[0].text), True)]
    lines: list[tuple[str, bool]] = []
    line: list[str] = []
    begins = False
    links = 0
    tags = any(">" in token.text for token in tokens)
    underscores = sum(token.text.count("_") for token in tokens if token.kind in (WORDS, FORMULA)) > 1
    dollars = any(token.kind == FORMULA for token in tokens) or pairs_dollars("".join([one.text for one in tokens]))
    paired = paired_signs("".join([token.text if token.kind == WORDS else "x" for token in tokens]))
    opened = NO_MARKS if all(token.kind not in (OPEN, CLOSE) for token in tokens) else EMPHASIS
    for at, token in enumerate(tokens):
        if token.kind == BREAK_TOKEN:
            lines.append(("".join(line), begins))
            line = []
            continue
        if not line:
            begins = token.kind == WORDS
        links += token.link
        before = tokens[at - 1].text[-1:] if at else ""
        after = tokens[at + 1].text[:1] if at + 1 < len(tokens) else ""
        if token.kind == WORDS:
            if token.text[:1] in "([:" and tokens[at - 1 if at else 0].text.startswith("[^"):
                line.append("\\")  # behind a footnote's mark these would begin the target of a link
            text = escape_text(
                token.text, before, after, in_link=links > 0, tags=tags, underscores=underscores, paired=paired
            )
            line.append(escape_dollars(text) if dollars else text)
        elif token.kind == FORMULA:
            latex = token.text[1:-1]
            left = left_open(latex, opened, in_link=links > 0)
            # A closing dollar before a digit closes nothing for Pandoc: two prices are no formula.
            if left is None or after.isdigit():
                line.append(formula_code(latex))
            else:
                line.append(token.text)
                opened = left
            if after == "$" and tokens[at + 1].kind == FORMULA:
                line.append(" ")  # `$a$$b$` would begin a formula of its own
        else:
            line.append(token.text)
    if line:
        lines.append(("".join(line), begins))
    return lines


NO_MARKS: frozenset[str] = frozenset()
EMPHASIS = frozenset("*")
"""What counts as open where there is emphasis: an asterisk in a formula must not be able to close it."""


def write_words(text: str) -> str:
    """Return a text that is all of its paragraph."""
    written = escape_text(text, "", "", tags=">" in text, underscores=text.count("_") > 1, paired=paired_signs(text))
    if pairs_dollars(text):
        written = escape_dollars(written)
    return "\\" + written if text.startswith("[^") else written  # as it would be behind a footnote's mark


def tokens_of(pieces: Sequence[InlinePiece]) -> list[MarkdownToken]:
    """Return the pieces as tokens, each emphasis with its delimiters."""
    if (
        len(pieces) == 1
        and pieces[0].kind == TEXT
        and pieces[0].formatting.code is None
        and not wraps_of(pieces[0].formatting)
    ):
        text = pieces[0].text.strip()
        return [MarkdownToken(WORDS, text)] if text else []
    units = plain_marks(spread_wraps(gather_units(pieces)))
    writer = Writer(units)
    writer.write(0, len(units), ())
    settle_delimiters(writer.tokens)
    return writer.tokens


def gather_units(pieces: Sequence[InlinePiece]) -> list[WrappedPiece]:
    """Return the pieces as units: white space at edges split off, at line ends left out, neighbours merged."""
    units: list[WrappedPiece] = []
    for piece in pieces:
        formatting = piece.formatting
        wraps = wraps_of(formatting)
        if piece.kind == BREAK:
            while units and units[-1].kind == TEXT and units[-1].text.isspace():
                units.pop()
            if units:
                units.append(WrappedPiece(BREAK, "\n", (), neutral=True))
        elif piece.kind == IMAGE:
            units.append(WrappedPiece(IMAGE, write_image(piece), wraps))
        elif piece.kind == RAW:
            units.append(WrappedPiece(RAW, piece.text, wraps))
        elif piece.kind == LATEX:
            units.append(WrappedPiece(LATEX, f"${piece.text}$", wraps))
        elif formatting.code is not None:
            add_code(units, piece.text, wraps, formatting.code)
        else:
            add_text(units, piece.text, wraps)
    while units and units[-1].neutral and (units[-1].kind == BREAK or units[-1].text.isspace()):
        units.pop()
    for unit in units:
        if unit.code is not None:
            unit.kind, unit.text = RAW, code_span(unit.text)
    return units


def wraps_of(formatting: Formatting) -> Wraps:
    """Return what a piece of this formatting is put into."""
    wraps: Wraps = formatting.tags
    if formatting.link is not None:
        wraps = (formatting.link, *wraps)
    if formatting.strike:
        wraps = (*wraps, STRIKE)
    if formatting.bold:
        wraps = (*wraps, BOLD)
    if formatting.italic:
        wraps = (*wraps, ITALIC)
    return wraps


def add_text(units: list[WrappedPiece], text: str, wraps: Wraps) -> None:
    """Add a text, its white space apart from it."""
    core = text.strip()
    if not core:
        add_space(units, text)
        return
    lead = len(text) - len(text.lstrip())
    if lead:
        add_space(units, text[:lead])
    if not is_visible(core):
        units.append(WrappedPiece(TEXT, core, (), neutral=True))
    elif units and is_words(units[-1]) and units[-1].wraps == wraps:
        units[-1].text += core
    else:
        units.append(WrappedPiece(TEXT, core, wraps))
    if lead + len(core) < len(text):
        add_space(units, text[lead + len(core) :])


def is_words(unit: WrappedPiece) -> bool:
    """Return whether a unit is text that more text may be added to: white space and code are not."""
    return unit.kind == TEXT and not unit.neutral and unit.code is None


def add_space(units: list[WrappedPiece], space: str) -> None:
    """Add white space, unless it stands at the start of a line."""
    if not units or units[-1].kind == BREAK:
        return
    last = units[-1]
    if last.kind == TEXT and last.neutral and last.text.isspace():
        last.text = COLLAPSIBLE.sub(" ", last.text + space)
    elif space:
        units.append(WrappedPiece(TEXT, COLLAPSIBLE.sub(" ", space), (), neutral=True))


def add_code(units: list[WrappedPiece], text: str, wraps: Wraps, code: object) -> None:
    """Add a part of a code span; parts of one code element, and of two that touch, are one span."""
    if units and units[-1].code is not None and units[-1].wraps == wraps:
        units[-1].text += text
    elif is_visible(text):
        units.append(WrappedPiece(TEXT, text, wraps, code=code))
    else:
        add_space(units, text)


def code_span(text: str) -> str:
    """Return a code span, with a fence that is not in the text."""
    text = " ".join(text.split())
    runs = {len(run) for run in BACK_TICKS.findall(text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def write_image(piece: InlinePiece) -> str:
    """Return an image."""
    title = quoted_title(piece.title) if piece.title.strip() != piece.alt.strip() else ""
    return f"![{escape_alt(piece.alt)}]({destination(piece.text)}{title})"


def spread_wraps(units: list[WrappedPiece]) -> list[WrappedPiece]:
    """Give what has no formatting of its own that of what it stands between."""
    # Images first: bold and italic do not show on them, and must neither begin nor end there.
    if any(unit.wraps for unit in units):
        settle_wraps(units, [unit.kind == IMAGE for unit in units], styles_only=True)
        settle_wraps(units, [unit.neutral for unit in units], styles_only=False)
    return units


def settle_wraps(units: list[WrappedPiece], chosen: list[bool], *, styles_only: bool) -> None:
    """Give the chosen units the wraps that both the solid units around them have."""
    if True not in chosen:
        return
    solid = [not pick and not unit.neutral for pick, unit in zip(chosen, units, strict=True)]
    following: list[Wraps] = [()] * len(units)
    later: Wraps = ()
    for at in range(len(units) - 1, -1, -1):
        following[at] = later
        if solid[at]:
            later = units[at].wraps
    earlier: Wraps = ()
    for at, unit in enumerate(units):
        if solid[at]:
            earlier = unit.wraps
        elif chosen[at]:
            common = tuple(wrap for wrap in earlier if wrap in following[at])
            if styles_only:
                own = tuple(wrap for wrap in unit.wraps if wrap not in STYLES)
                common = own + tuple(wrap for wrap in common if wrap in STYLES)
            unit.wraps = common


def plain_marks(units: list[WrappedPiece]) -> list[WrappedPiece]:
    """Set a single mark of punctuation plain that would need tags to be bold or italic: nobody sees what it is.

    Delimiters at punctuation begin and end something only beside white space and other punctuation.
    """
    for at, unit in enumerate(units):
        if unit.kind != TEXT or unit.code is not None or len(unit.text) != 1 or not unit.wraps:
            continue
        if character_kind(unit.text) != PUNCTUATION:
            continue
        sides = [units[near] for near in (at - 1, at + 1) if 0 <= near < len(units)]
        outside = [side.text[-1:] if side is units[at - 1] else side.text[:1] for side in sides]
        if any(character_kind(char) not in (SPACE, PUNCTUATION) for char in outside):
            alone = {style for style in (BOLD, ITALIC) if not any(style in side.wraps for side in sides)}
            unit.wraps = tuple(wrap for wrap in unit.wraps if wrap not in alone)
    return units


FENCE_TICKS = re.compile(r"^[ ]{0,3}(`{3,})", re.MULTILINE)
LAST_NUMBER = 999_999_999
"""CommonMark reads no number of more than nine digits as a list item's."""


def write_markdown(blocks: Sequence[Block]) -> str:
    """Return the Markdown of a page's blocks, one line end at its end."""
    lines = write_blocks(blocks)
    return "\n".join(lines) + "\n" if lines else ""


def write_blocks(blocks: Sequence[Block], *, in_list: bool = False) -> list[str]:
    """Return the lines of some blocks."""
    return join_groups(write_groups(blocks, in_list=in_list), loose=True)


def write_groups(blocks: Sequence[Block], *, in_list: bool) -> list[list[str]]:
    """Return the lines of each block that says anything."""
    groups: list[list[str]] = []
    before: Block | None = None
    other = False  # whether the list before used the second kind of mark
    for block in blocks:
        other = not other if isinstance(block, ItemList) and would_merge(before, block) else False
        written = write_block(block, other=other, in_list=in_list)
        if written:
            groups.append(written)
            before = block
    return groups


def join_groups(groups: Sequence[list[str]], *, loose: bool) -> list[str]:
    """Return the lines of several blocks in a row; `loose`: with a blank line between two."""
    lines: list[str] = []
    for group in groups:
        if lines and loose:
            lines.append("")
        lines += group
    return lines


def would_merge(before: Block | None, after: ItemList) -> bool:
    """Return whether two lists would become one if they had the same marks."""
    return isinstance(before, ItemList) and (before.start is None) == (after.start is None)


def write_block(block: Block, *, other: bool, in_list: bool) -> list[str]:
    """Return the lines of one block."""
    if isinstance(block, Paragraph):
        return split_lines(write_paragraph(block.pieces))
    if isinstance(block, Note):
        return split_lines(f"[^{block.number}]: {write_note(block.pieces)}")
    if isinstance(block, Heading):
        line = write_line(block.pieces)
        return [f"{'#' * block.level} {line}"] if line else []
    if isinstance(block, Code):
        return write_code(block)
    if isinstance(block, Formula):
        return block_formula(block.text)
    if isinstance(block, Quote):
        return [f"> {line}" if line else ">" for line in write_blocks(block.blocks)]
    if isinstance(block, ItemList):
        return write_list(block, other=other)
    if isinstance(block, Table):
        return write_table(block.rows)
    # Behind a list's dash, dashes would be one long line; underscores never are.
    return ["___" if in_list else "---"]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; of no text, none."""
    return text.split("\n") if text else []


def write_code(code: Code) -> list[str]:
    """Return a fenced block; its fence is longer than any in it."""
    longest = max((len(run) for run in FENCE_TICKS.findall(code.text)), default=2)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{code.language}", *code.text.split("\n"), fence]


def write_list(block: ItemList, *, other: bool) -> list[str]:
    """Return a list; without blank lines if every item is one paragraph, with lists below it at most.

    Each block is written once, whether blank lines come between or not: to write it again at every level would take
    twice the time for each list around it.
    """
    written = [(item, write_groups(item, in_list=True)) for item in block.items]
    written = [(item, groups) for item, groups in written if groups]
    tight = all(is_tight(item) for item, _ in written)
    number = block.start if block.start is not None and 0 <= block.start <= LAST_NUMBER - len(written) else 1
    lines: list[str] = []
    for _, groups in written:
        if block.start is None:
            mark = "* " if other else "- "
        else:
            mark = f"{number}{')' if other else '.'} "
            number += 1
        if lines and not tight:
            lines.append("")
        indent = " " * len(mark)
        body = join_groups(groups, loose=not tight)
        lines.append(mark + body[0])
        lines += [indent + line if line else "" for line in body[1:]]
    return lines


def is_tight(item: Sequence[Block]) -> bool:
    """Return whether an item needs no blank lines: one block, then lists that may follow a paragraph directly."""
    first, *rest = item
    if isinstance(first, ItemList | Quote | Table):
        return not rest
    return all(isinstance(block, ItemList) and block.start in (None, 1) for block in rest[:1]) and len(rest) < 2


def write_table(rows: Sequence[Sequence[Sequence[InlinePiece]]]) -> list[str]:
    """Return a table; the first row is its head."""
    written = [[write_cell(cell) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in written]
    lines.insert(1, "|" + " --- |" * len(written[0]))
    return lines
