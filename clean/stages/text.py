"""Stages for the text of any snapshot or rendered page.

A cut mark at the end, emphasis that would not render, lines that a librarian's rules name, characters that nobody sees,
images and headings of nothing, white space, the tool's title and cover, tables of one cell.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from clean.commonmark.emphasis import UNCLOSED, repair_emphasis
from clean.frontmatter import Value
from clean.ledger import SourceEdit, apply_source_edits, compose_edits
from clean.rules import Rule
from clean.stages.heads import looks_like_head
from clean.stages.stage import Edit, Ruleset, StageResult, View, lifting, removal
from clean.view import UNSEEN, comparable_text, heading_level, heading_text, is_blank, same_title

__all__ = [
    "detect_cut",
    "mark_title",
    "mend_emphasis",
    "normalise_characters",
    "page_title",
    "remove_lines",
    "remove_placeholders",
    "remove_scraper_head",
    "replace_non_breaking_spaces",
    "trim_white_space",
    "unwrap_layout_tables",
]

LIMIT = 8000
"""Characters that a widespread snapshot tool keeps of a page before it writes three dots."""

MARK = "..."


def detect_cut(view: View, ruleset: Ruleset) -> StageResult:
    """Find out whether the text below the tool's title is cut at the tool's limit; fact: truncated."""
    if len(view.text) < LIMIT or not view.text.endswith(MARK):
        return StageResult()
    first = view.opening[0]
    start = view.until_next(first) if heading_text(view.lines[first], 1) else view.starts[first]
    if len(view.text) - start != LIMIT + len(MARK):
        return StageResult()
    return StageResult(facts={"truncated": "true"})


MOST_PASSES = 4
"""Mending an emphasis that crosses paragraphs can show that another one does, too; two passes are the most seen."""


def mend_emphasis(view: View, ruleset: Ruleset) -> StageResult:
    """Mend emphasis; only asterisks are touched, no character of the text."""
    if "*" not in view.text:
        return StageResult()
    claims: list[SourceEdit] = []
    text = view.text
    for _ in range(MOST_PASSES):
        repairs = repair_emphasis(text)
        claims = compose_edits(claims, [Edit(*repair) for repair in repairs], "emphasis", len(view.text))
        if not any(repair.rule == UNCLOSED for repair in repairs):
            break
        text = apply_source_edits(view.text, claims)
    return StageResult(_edits(claims))


def _edits(claims: Sequence[SourceEdit]) -> list[Edit]:
    return [Edit(claim.start, claim.end, claim.replacement, claim.rule) for claim in claims]


# Lines that a librarian's own rules name: in the head or the tail of a text, or anywhere, of one source or of all.


ZONE = 12
"""Lines with text that count as the head or the tail of a text, unless a rule says otherwise with `lines`."""


def remove_lines(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the lines that the rules of stage `lines` name; code is never touched."""
    rules = [rule for rule in ruleset.rules if rule.stage == "lines" and _concerns(rule, view)]
    edits: list[Edit] = []
    for place, index in enumerate(view.solid if rules else ()):
        if index in view.verbatim:
            continue
        for rule in rules:
            if _in_zone(rule, place, len(view.solid)) and _fits(rule, view.lines[index].strip()):
                edits.append(lifting(view, index, rule.id))
                break
    return StageResult(edits)


def _concerns(rule: Rule, view: View) -> bool:
    """Whether the rule is for this source: named by its source, its account or its host."""
    sources = rule.options.get("source", [])
    if not sources:
        return True
    host = re.sub(r"^[a-z]+://([^/:?#]*).*$", r"\1", view.front.get("url").lower(), flags=re.DOTALL)
    names = {view.front.get("source"), view.front.get("account"), str(view.facts.get("account", "")), host}
    return any(source in names for source in ([sources] if isinstance(sources, str) else sources))


def _in_zone(rule: Rule, place: int, total: int) -> bool:
    zone, width = rule.options.get("zone", "anywhere"), int(rule.options.get("lines", ZONE))
    if zone == "head":
        return place < width
    return place >= total - width if zone == "tail" else True


def _fits(rule: Rule, line: str) -> bool:
    if rule.match == "pattern":
        return any(re.fullmatch(text, line) for text in rule.texts)
    if rule.match == "prefix":
        return any(comparable_text(line).startswith(comparable_text(text)) for text in rule.texts)
    return any(comparable_text(line) == comparable_text(text) for text in rule.texts)


# Characters that nobody sees: zero width ones, control characters, stray bytes, non-breaking spaces.


CONTROL = "text.control-character"
STRAY = "text.stray-byte"
LINE_END = "text.line-end"
INVISIBLE = "text.zero-width"
NO_BREAK = "text.non-breaking-space"

# Any of the characters that the next expression finds: one class, so that the usual look is a fast one.
_ANY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")

# A run of one kind, or one stray byte. A run of line ends goes from its first carriage return to its last. Single
# classes; what is taken back of a run holds no carriage return, so it is not looked at a third time: linear.
_UNSEEN = re.compile(
    r"(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)|(?P<zero>[\u200b\u2060\ufeff]+)|(?P<stray>[\ud800-\udfff])"
    r"|(?P<end>\r(?:[\r\n]*\r)?\n?)"
)

# Non-breaking spaces, with the other spaces among and after them. Two classes in a row, the second a superset of the
# first, matched once from the first non-breaking one: linear.
_NO_BREAK = re.compile(r"[\xa0\u202f][\xa0\u202f \t]*")

# What may stand before a line's text: quote marks, indents, one list or heading mark with its space. Anchored at the
# line's start and given at most `_DEEPEST` characters.
_BEFORE_TEXT = re.compile(r"[ \t>]*(?:(?:#{1,6}|[-+*]|\d{1,9}[.)])[ \t]+)?$")

# A word that would open a list or a heading if a space followed it, at the start of a line.
_MARKER = re.compile(r"[ \t>]*(?:#{1,6}|[-+*]|\d{1,9}[.)])$")

# What would open a block of another kind at the start of a line: one mark and what follows it. Bounded: linear.
_OPENS = re.compile(r"(?:#{1,6}|[-+*]|\d{1,9}[.)])(?:[ \t\n]|\Z)|[>=]|```|~~~|---|\*\*\*|___")

_DEEPEST = 80


def normalise_characters(view: View, ruleset: Ruleset) -> StageResult:
    """Remove control and zero width characters anywhere; a stray byte becomes U+FFFD, every line end a newline."""
    edits: list[Edit] = []
    if not _ANY.search(view.text):
        return StageResult()
    for match in _UNSEEN.finditer(view.text):
        start, end = match.span()
        if match.lastgroup == "stray":
            edits.append(Edit(start, end, "\ufffd", STRAY))
        elif match.lastgroup == "end":
            edits.append(Edit(start, end, match[0].replace("\r\n", "\n").replace("\r", "\n"), LINE_END))
        else:
            edits.append(Edit(start, end, "", CONTROL if match.lastgroup == "control" else INVISIBLE))
    return StageResult(edits)


def replace_non_breaking_spaces(view: View, ruleset: Ruleset) -> StageResult:
    """Write non-breaking spaces as spaces, where that makes no list, heading or code of a text."""
    if "\xa0" not in view.text and "\u202f" not in view.text:
        return StageResult()
    edits = []
    for match in _NO_BREAK.finditer(view.text):
        start, end = match.span()
        line = bisect_right(view.starts, start, 0, len(view.lines)) - 1
        first = view.starts[line]
        before = view.text[first:start] if start - first <= _DEEPEST else "text"
        if line in view.verbatim:
            if view.lines[line].strip("\xa0\u202f \t").startswith(("```", "~~~")):
                continue  # a space here could close the code
            replacement = " " * (end - start)
        elif view.text[end : end + 1] in {"", "\n"}:
            # Spaces before it would come to stand at the line's end, where two of them break the line.
            start, replacement = first + len(view.text[first:start].rstrip(" \t")), ""
        elif _BEFORE_TEXT.match(before):
            if _OPENS.match(view.text, end):
                continue
            replacement = ""  # four spaces here would make the text code
        elif _MARKER.match(before):
            continue
        else:
            replacement = " " * (end - start)
        edits.append(Edit(start, end, replacement, NO_BREAK))
    return StageResult(edits)


# What a converter leaves of nothing: images without address and words, headings without text.


IMAGE = "markdown.empty-image"
HEADING = "markdown.empty-heading"

# An image without words and without address. Fixed text: linear.
_IMAGE = re.compile(r"!\[\]\(\)")

# A line of nothing but heading marks, and white space that other stages trim. One class between the ends: linear.
_HEADING = re.compile(r" {0,3}#{1,6}[ \t\xa0\u202f\u3000]*$")

# Whether there may be such a line at all. Taken possessively: linear.
_MARK_LAST = re.compile(r"#[ \t\xa0\u202f\u3000]*+$", re.MULTILINE)


def remove_placeholders(view: View, ruleset: Ruleset) -> StageResult:
    """Remove empty images and empty headings outside code."""
    edits: list[Edit] = []
    if "![]()" in view.text:
        edits += _images(view)
    if "#" in view.text and _MARK_LAST.search(view.text):
        edits += _headings(view)
    return StageResult(sorted(edits))


def _images(view: View) -> list[Edit]:
    edits: list[Edit] = []
    for index in view.solid:
        line = view.lines[index]
        if "![]()" not in line or index in view.verbatim or line.startswith(("    ", "\t")):
            continue
        # An image that was all of a quote, a list item or a heading leaves nothing but the mark.
        if not line.replace("![]()", "").strip("*#>+- \t\xa0\u202f\u3000"):
            edits.append(lifting(view, index, IMAGE))
            continue
        ticks = position = 0
        for match in _IMAGE.finditer(line):
            ticks += line.count("`", position, match.start())
            position = match.end()
            # Inside a link it is all that the reader could click, and in back ticks it is a word.
            if line[max(match.start() - 1, 0)] == "[" or ticks % 2:
                continue
            start = view.starts[index] + match.start()
            edits.append(Edit(start, start + len(match[0]), "", IMAGE))
    return edits


def _headings(view: View) -> list[Edit]:
    return [
        lifting(view, index, HEADING, block=True)
        for index in view.solid
        if _HEADING.match(view.lines[index]) and index not in view.verbatim
    ]


# White space that nobody sees: at the ends of lines, more than one blank line, around the whole text.


WHITE_SPACE = "text.white-space"

_SPACES = " \t\r\f\v\xa0\u3000"

HARD_BREAK = "  "
"""Two spaces or more before a line end break the line (CommonMark 0.31, section 6.7)."""


def trim_white_space(view: View, ruleset: Ruleset) -> StageResult:
    """Trim line ends, keep hard breaks; at most one blank line; one line end at the very end."""
    text = view.text
    if "\n\n\n" in text or not UNSEEN.isdisjoint({line[-1:] for line in view.lines}):
        first, last, inside = _lines(view)
    else:  # a look at the whole has shown that within the text nothing is to be done
        last = len(text.rstrip("\n"))
        first, inside = (len(text) - len(text.lstrip("\n")) if last else 0), []
    if not last:
        return StageResult([Edit(0, len(text), "", WHITE_SPACE)] if text else [])
    edits: list[Edit] = []
    # A blank line parts the text from the front matter; one more keeps a text from being read as a head.
    has_head = bool(view.front.end or view.facts)
    lead = "\n" * (has_head + looks_like_head(text[first:], view.facts, ruleset, below=has_head))
    if text[:first] != lead:
        edits.append(Edit(0, first, lead, WHITE_SPACE))
    edits += inside
    if text[last:] != "\n":
        edits.append(Edit(last, len(text), "\n", WHITE_SPACE))
    return StageResult(edits)


def _lines(view: View) -> tuple[int, int, list[Edit]]:
    """Where the text starts and ends, 0 for both where there is none, and the edits on its lines."""
    lines, starts, solid, text = view.lines, view.starts, view.solid, view.text
    edits: list[Edit] = []
    end = 0
    for place, index in enumerate(solid):
        line = lines[index]
        end = starts[index] + len(line)
        following = solid[place + 1] if place + 1 < len(solid) else None
        if line[-1:].isspace() and index not in view.verbatim:
            kept = len(line.rstrip(_SPACES))
            hard = following == index + 1 and line.endswith(HARD_BREAK) and line.lstrip()[0] not in "#|"
            keep = HARD_BREAK if hard else ""
            if line[kept:] != keep:
                edits.append(Edit(starts[index] + kept, end, keep, WHITE_SPACE))
        if following is None or following == index + 1 or index + 1 in view.verbatim:
            continue
        if text[end : starts[following]] != "\n\n":
            edits.append(Edit(end, starts[following], "\n\n", WHITE_SPACE))
    return (starts[solid[0]] if solid else 0), end, edits


# The head that the snapshot's tool wrote above the page: the title, and the cover's picture.
#
# The page has its title as well, so the tool's heading is a duplicate; it goes and the page's own heading stays. The
# cover stands above the page's heading, outside the article: its address moves to the front matter.


TITLE = "snapshot.duplicate-title"
UNDERLINED = "snapshot.underlined-title"
COVER = "wechat.head.cover"

# The cover as converters write it: its alternative text is the same on every page. Classes exclude what ends them.
_COVER = re.compile(r"!\[cover_image\]\(([^()\s]*)\)\s*$")


def mark_title(view: View, ruleset: Ruleset) -> StageResult:
    """Write an underlined title that a text opens with as a heading with its mark, as all clean files have it."""
    first = view.opening[0] if view.opening else None
    if first is None or first in view.verbatim or heading_text(view.lines[first], 1) or heading_level(view, first) != 1:
        return StageResult()
    text = view.lines[first].strip()
    if text.endswith("#"):
        return StageResult()  # its marks at the end would be taken for the heading's
    start = view.starts[first]
    end = view.starts[first + 1] + len(view.lines[first + 1])
    parts = first + 2 < len(view.lines) and not is_blank(view.lines[first + 2])
    return StageResult([Edit(start, end, f"# {text}" + "\n" * parts, UNDERLINED)])


def remove_scraper_head(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the tool's title where the page's own follows, and the cover; fact: cover."""
    edits: list[Edit] = []
    facts: dict[str, Value] = {}
    headings: list[int] = []
    for index in view.opening[:6]:
        line = view.lines[index]
        if heading_text(line, 1):
            headings.append(index)
        elif (match := _COVER.match(line)) and "cover" not in facts:
            edits.append(removal(view, index, COVER))
            facts["cover"] = match[1]
        else:
            break
    title = view.front.get("title")
    for index in headings[:-1]:
        # With the cover between them the second heading is the page's own, even if its words differ from the feed's.
        text, last = heading_text(view.lines[index], 1), heading_text(view.lines[headings[-1]], 1)
        if same_title(text, last) or (facts and same_title(text, title) and index == headings[0]):
            edits.append(removal(view, index, TITLE))
    return StageResult(sorted(edits), facts)


def remove_duplicate_titles(view: View, ruleset: Ruleset) -> StageResult:
    """On other sites: remove the tool's title where the page has the same heading further down."""
    title = view.front.get("title")
    first = page_title(view)
    if first is None or not title or not same_title(heading_text(view.lines[first], 1), title):
        return StageResult()
    if "\n# " not in view.text[view.starts[first + 1] - 1 :]:
        return StageResult()
    wanted = comparable_text(title)
    same = [
        index
        for index in view.solid
        if view.lines[index].startswith("# ")
        and index not in view.verbatim
        and comparable_text(heading_text(view.lines[index], 1)) == wanted
    ]
    return StageResult([lifting(view, index, TITLE, block=True) for index in same[:-1]])


def page_title(view: View) -> int | None:
    """Index of the heading that the article opens with, None where it does not open with one."""
    if view.opening and heading_text(view.lines[view.opening[0]], 1):
        return view.opening[0]
    return None


# Tables of one cell, which editors use as boxes: the box goes, its text stays.


ONE_CELL_TABLE = "markdown.one-cell-table"

# The delimiter row of one cell. Classes in a row that share no character: linear.
_DELIMITER = re.compile(r"\|\s*:?-{3,}:?\s*\|\s*$")

# What would be read as a block of another kind once it stands outside of the cell.
_BLOCK = re.compile(r"(?:#{1,6}|[-+*]|\d{1,9}[.)]|>|```|~~~|-{3,}|={3,})(?:\s|$)|```|~~~|<")


def unwrap_layout_tables(view: View, ruleset: Ruleset) -> StageResult:
    """Unwrap tables of one cell; remove the ones whose only cell is empty."""
    edits: list[Edit] = []
    if "---" not in view.text or "|" not in view.text:
        return StageResult()
    for index in view.solid:
        if _DELIMITER.match(view.lines[index]) and index > 0 and index not in view.verbatim:
            edits += _unwrap(view, index)
    return StageResult(edits)


class _Cell(NamedTuple):
    """The text of a row's only cell, and where it stands in the line."""

    text: str
    start: int
    end: int


def _cell(line: str) -> _Cell | None:
    """Read a row of one cell; None for any other line, and for a cell that holds a bar."""
    row = line.rstrip(" \t")
    inner = row[1:-1]
    if len(row) < 2 or row[0] != "|" or row[-1] != "|" or "|" in inner or inner.endswith("\\"):
        return None
    text = inner.strip(" \t")
    start = 1 + inner.find(text)
    return _Cell(text, start, start + len(text))


def _unwrap(view: View, delimiter: int) -> list[Edit]:
    lines, starts = view.lines, view.starts
    header = _cell(lines[delimiter - 1])
    if header is None or (delimiter > 1 and lines[delimiter - 2].strip()):
        return []
    rows = 0
    while delimiter + 1 + rows < len(lines) and lines[delimiter + 1 + rows].strip():
        rows += 1
    body = _cell(lines[delimiter + 1]) if rows == 1 else None
    if header.text and rows == 0:
        row, cell, last = delimiter - 1, header, delimiter
    elif not header.text and body is not None:
        row, cell, last = delimiter + 1, body, delimiter + 1
    elif not header.text and rows == 0:
        row, cell, last = delimiter - 1, header, delimiter
    else:
        return []
    if not cell.text:
        return [Edit(starts[delimiter - 1], view.until_next(last), "", ONE_CELL_TABLE)]
    if _BLOCK.match(cell.text):
        return []
    end = starts[last] + len(lines[last])
    return [
        Edit(starts[delimiter - 1], starts[row] + cell.start, "", ONE_CELL_TABLE),
        Edit(starts[row] + cell.end, end, "", ONE_CELL_TABLE),
    ]
