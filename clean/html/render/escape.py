"""Escaping of text, addresses and emphasis for CommonMark, with readable prose.

Inline marks are judged by their neighbours (`escape_text`), the start of a line by the whole line (`guard_line`);
delimiters stand where they render, tags where they would not (`settle_delimiters`).
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from urllib.parse import urljoin

from clean.commonmark.blocks import HEADING, ITEM, RULE, UNDERLINE
from clean.commonmark.inline import character_kind, closes_emphasis, opens_emphasis

__all__ = [
    "BREAK_TOKEN",
    "CLOSE",
    "FORMULA",
    "MARKUP",
    "OPEN",
    "WORDS",
    "MarkdownToken",
    "absolute",
    "block_formula",
    "destination",
    "entity_at",
    "escape_alt",
    "escape_dollars",
    "escape_text",
    "formula_code",
    "guard_line",
    "heading_end",
    "is_dead",
    "left_open",
    "paired_signs",
    "pairs_dollars",
    "quoted_title",
    "settle_delimiters",
]


# Addresses: where links lead, made absolute, and how an address is written in Markdown.


# A scheme is bounded in CommonMark as well.
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}:")
# Browsers take these out of addresses wherever they stand (URL standard, 4.4).
LINE_ENDS = re.compile(r"[\t\n\r]+")
# Nothing of these can be opened from an archive. Renderers refuse to link the first three and `data:` as well.
DEAD = re.compile(r"(?:javascript|vbscript|file|data|about|blob):|#?$", re.IGNORECASE)
# What cannot stand in a bare address: white space, angle brackets at its start, control characters.
UNQUOTABLE = re.compile(r"[\s\x00-\x1f\x7f<>]")
# An entity as CommonMark reads it; every part is bounded.
ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
PUNCTUATED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
MOST_BRACKETS = 30


def trimmed_address(address: str) -> str:
    """Return an address without the white space that browsers take out of it."""
    return LINE_ENDS.sub("", address.strip())


def is_relative(address: str) -> bool:
    """Return whether a plain address says nothing without the page's base."""
    return bool(address) and not address.startswith("#") and SCHEME.match(address) is None


def absolute(address: str, base: str | None) -> str:
    """Return an address as the page's base makes it; an address with a scheme is left exactly as it is."""
    address = trimmed_address(address)
    if not base or not is_relative(address):
        return address
    try:
        return _joined(base, address) if len(base) + len(address) < LONGEST_JOINED else urljoin(base, address)
    except ValueError:
        return address


LONGEST_JOINED = 1000
"""Characters of an address and its base that are kept in memory: a page shows one picture a hundred times."""

_joined = lru_cache(maxsize=512)(urljoin)


def is_dead(address: str) -> bool:
    """Return whether an address leads nowhere that a reader could go."""
    return DEAD.match(address.strip()) is not None


def entity_at(text: str, at: int) -> bool:
    """Return whether CommonMark would read an entity here."""
    found = ENTITY.match(text, at)
    return found is not None and (found[1] is None or found[1] + ";" in html5)


def escape_entities(text: str) -> str:
    """Return text in which CommonMark reads no entity."""
    if "&" not in text:
        return text
    return ENTITY.sub(lambda found: "\\" + found[0] if entity_at(found[0], 0) else found[0], text)


def destination(address: str) -> str:
    """Return an address as the target of a Markdown link or image."""
    if not address:
        return "<>"
    # What follows the address is punctuation: `)` or `>`.
    text = escape_entities(PUNCTUATED.sub(r"\\\\", address + ")")[:-1] if "\\" in address else address)
    if UNQUOTABLE.search(text):
        return "<" + text.replace("\n", "%0A").replace("<", "\\<").replace(">", "\\>") + ">"
    if "(" in text or ")" in text:
        return text if balanced(text) else text.replace("(", "\\(").replace(")", "\\)")
    return text


def balanced(text: str) -> bool:
    """Return whether round brackets pair up, not too deep for any reader."""
    depth = 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        if depth < 0 or depth > MOST_BRACKETS:
            return False
    return depth == 0


def quoted_title(title: str) -> str:
    """Return a title as it stands behind a target, or nothing."""
    title = " ".join(title.split())
    if not title:
        return ""
    text = escape_entities(PUNCTUATED.sub(r"\\\\", title + '"')[:-1]).replace('"', '\\"')
    return f' "{text}"'


SPACE, LETTER, PUNCTUATION = character_kind(" "), character_kind("a"), character_kind(".")
PUNCTUATION_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# What may be inline markup: single characters, and runs of the delimiters.
MARKS = re.compile(r"[\\`\[\]<&^]|\*++|_++|~++|==++|%%++")
# What an image's text may not hold as it is; it is one text, whatever stands around it.
BACK_TICKS = re.compile(r"`+")
ALT_MARKS = re.compile(r"[\\`*_\[\]<&~]")
# The row under a table's head.
DELIMITER_ROW = re.compile(r"(?=[^\n]*-)[|:\-\s]+$")
# An HTML block; at the start of a line it needs no closing bracket.
HTML = re.compile(r"<[A-Za-z/!?]")
CLOSING_MARKS = re.compile(r"(?:^|(?<=[ \t]))#+$")


def escape_text(
    text: str,
    before: str,
    after: str,
    *,
    in_link: bool = False,
    tags: bool = True,
    underscores: bool = True,
    paired: Set[str] = frozenset(),
) -> str:
    """Return a text so that CommonMark reads it as text between these two characters of Markdown.

    `in_link` says whether it stands in a link's text, `tags` whether a tag begun in it could be closed,
    `underscores` whether there are enough underscores around for emphasis, and `paired` which signs of `PAIRS` stand in
    pairs.
    """
    if MARKS.search(text) is None:
        return text[:-1] + "\\!" if text.endswith("!") and after == "[" else text
    parts = []
    at = 0
    for found in MARKS.finditer(text):
        start, end = found.span()
        char = text[start]
        left = text[start - 1] if start else before
        right = text[end] if end < len(text) else after
        if char == "\\":
            needed = right in PUNCTUATION_MARKS or right == "\n"
        elif char == "*":
            # Several by themselves are text too, but look like emphasis that lost what it was around.
            needed = end - start > 1 or not character_kind(left) == character_kind(right) == SPACE
        elif char == "_":
            sides = (character_kind(left), character_kind(right))
            needed = underscores and sides not in ((LETTER, LETTER), (SPACE, SPACE))
        elif char == "~":
            needed = end - start > 1 or "~" in (left, right) or "~" in paired
        elif char in "^=":
            needed = char in paired
            end = start + 1
        elif char == "%":  # two hide what follows from readers of Obsidian
            needed = True
            end = start + 1
        elif char == "[":
            needed = in_link
        elif char == "]":
            needed = in_link or right == "("
        elif char == "<":
            needed = tags and (right in "/!?" or (right.isascii() and right.isalpha())) and right != ""
        else:
            needed = char == "`" or entity_at(text, start)
        if needed:
            parts.append(text[at:start])
            parts.append("".join(["\\" + one for one in text[start:end]]))
            at = end
    parts.append(text[at:])
    escaped = "".join(parts)
    return escaped[:-1] + "\\!" if escaped.endswith("!") and after == "[" else escaped


# Signs that CommonMark leaves alone, and that others read in pairs: GitHub strikes out between single tildes, Pandoc
# lowers and raises between tildes and carets without white space, Obsidian marks between `==`. Of each pair the two
# expressions are looked for one behind the other, the second once; from one caret to the next is read once: linear.
PAIRS = {
    "~": (re.compile(r"~(?=[^\s~])"), re.compile(r"(?<=[^\s~])~")),
    "^": (re.compile(r"\^(?=[^\s^]++\^)"), re.compile(r"\^")),
    "=": (re.compile(r"==(?=[^\s=])"), re.compile(r"(?<=[^\s=])==")),
}


def paired_signs(text: str) -> frozenset[str]:
    """Return the signs of `PAIRS` of which the text of a paragraph has two that some reader may take for a pair."""
    if "~" not in text and "^" not in text and "==" not in text:
        return frozenset()
    found = set()
    for sign, (opens, closes) in PAIRS.items():
        first = opens.search(text)
        if first is not None and closes.search(text, first.end()) is not None:
            found.add(sign)
    return frozenset(found)


def escape_alt(text: str) -> str:
    """Return the text of an image, in one line."""
    line = ALT_MARKS.sub(r"\\\g<0>", " ".join(text.split()))
    return escape_dollars(line) if pairs_dollars(line) else line


# Where a formula could begin for a reader of formulas: before anything but white space (Pandoc, Obsidian, GitHub).
DOLLAR_OPENS = re.compile(r"\$(?=[^\s$])")
# Where one could end: behind anything but white space. What Pandoc says of a digit behind it, not all readers ask.
DOLLAR_CLOSES = re.compile(r"(?<=[^\s$])\$")


def pairs_dollars(text: str) -> bool:
    """Return whether a reader of formulas could take two dollars of a paragraph for the ends of one.

    Two dollars in a row begin a formula for some readers even where none ends it.
    """
    opens = DOLLAR_OPENS.search(text)
    return "$$" in text or (opens is not None and DOLLAR_CLOSES.search(text, opens.end()) is not None)


def escape_dollars(text: str) -> str:
    """Return escaped text in which no dollar begins or ends a formula."""
    return text.replace("$", "\\$")


# LaTeX in Markdown: `$…$` and `$$…$$`, which every reader of formulas knows, where CommonMark leaves the LaTeX alone.
# Where it would not (`\,` loses its backslash, `_` and `*` become emphasis), the LaTeX goes into code, which GitHub and
# GitLab read as formulas: ``$`…`$`` and ```` ```math ````.


# What CommonMark or GFM would change of LaTeX, whatever stands around it: escapes, hard breaks, code, a second formula,
# strikes, footnotes, links, addresses. Single characters, and what is between two tildes, once: linear.
CHANGED = re.compile(r"\\[!-/:-@\[-`{-~\n]|\\$|[`$]|~~|!?\[\^|\]\(|://|www\.")
EMPHASIS_RUN = re.compile(r"\*++|_++")
TAG_OPENS = re.compile(r"<[A-Za-z/!?]")


def left_open(latex: str, before: frozenset[str] = frozenset(), *, in_link: bool = False) -> frozenset[str] | None:
    """Return the marks of emphasis that are open behind `$latex$`; None if CommonMark would change the LaTeX.

    `before` are those that the formulas before it in the same paragraph have left open.
    """
    if CHANGED.search(latex) or latex.count("~") > 1 or escape_entities(latex) != latex:
        return None
    tag = TAG_OPENS.search(latex)
    # The end of a tag, or its attributes, which may reach to a later formula; `:` makes an address of it.
    if tag is not None and max(map(latex.rfind, (">", "=", ":"))) > tag.start():
        return None
    if in_link and not balanced(latex.translate(BRACKETS)):
        return None
    opened = set(before)
    for run in EMPHASIS_RUN.finditer(latex):
        char, start, end = run[0][0], *run.span()
        left = character_kind(latex[start - 1] if start else "$")
        right = character_kind(latex[end] if end < len(latex) else "$")
        opens, closes = may_flank(left, right), may_flank(right, left)
        if char == "_" and opens and closes:  # within a word: only where punctuation is on the one side
            opens, closes = left != LETTER, right != LETTER
        if closes and char in opened:
            return None
        if opens:
            opened.add(char)
    return frozenset(opened)


BRACKETS = str.maketrans("[]()", "()  ")


def may_flank(outer: int, inner: int) -> bool:
    """Return whether a run of delimiters flanks what is on its inner side in some edition of CommonMark."""
    return inner != SPACE and (inner != PUNCTUATION or outer != LETTER)


def formula_code(latex: str) -> str:
    """Return a formula of a line as code between dollars, which CommonMark never changes."""
    runs = {len(run) for run in BACK_TICKS.findall(latex)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    edge = " " if latex.startswith("`") or latex.endswith("`") else ""
    return f"${fence}{edge}{latex}{edge}{fence}$"


def block_formula(latex: str) -> list[str]:
    """Return the lines of a formula that stands by itself."""
    lines = [line.strip() for line in latex.split("\n")]
    if all(line == guard_line(line, first=False) for line in lines) and left_open("\n".join(lines)) is not None:
        return ["$$", *lines, "$$"]
    longest = max((len(run) for run in BACK_TICKS.findall(latex)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}math", *lines, fence]


def guard_line(line: str, *, first: bool) -> str:
    """Return a line of a paragraph that begins with text, so that it begins no other block.

    `first` says whether it is the paragraph's first line; only a first line can be a link definition, and only
    a later one can be the underline of a heading or of a table's head.
    """
    char = line[:1]
    if char.isdigit():
        item = ITEM.match(line)
        if item is not None and (first or int(item[2]) == 1):
            return line[: item.end() - 1] + "\\" + line[item.end() - 1 :]
        return line
    if char not in "#>-+*_=<|:[" or not char:
        return line
    block = (
        char == ">"
        or HEADING.match(line)
        or ITEM.match(line)
        or RULE.match(line)
        or (char == "<" and HTML.match(line))
        or (first and char == "[" and "]:" in line)
        or (not first and (UNDERLINE.match(line) or DELIMITER_ROW.match(line)))
    )
    return "\\" + line if block else line


def heading_end(line: str) -> str:
    """Return the text of a heading, so that number signs at its end are not taken for a closing sequence."""
    found = CLOSING_MARKS.search(line)
    return line[: found.start()] + "\\" + line[found.start() :] if found is not None else line


# Asterisks and tildes where they render as meant, tags where they would not.
#
# `**“你好”**他说` is not bold in CommonMark: the closing asterisks stand behind punctuation and before a letter. Tags
# need no such luck, so `<strong>“你好”</strong>他说` it is. The rules that decide are those of clean.commonmark.


WORDS, MARKUP, OPEN, CLOSE, BREAK_TOKEN, FORMULA = range(6)

STYLE_MARKS = {"b": ("**", "strong"), "i": ("*", "em"), "s": ("~~", "del")}


@dataclass(slots=True, eq=False)
class MarkdownToken:
    """A stretch of the Markdown to be: words still to be escaped, a formula, finished markup, an end of an emphasis."""

    kind: int
    text: str
    """For an OPEN or CLOSE not yet settled: which emphasis."""
    link: int = 0
    """1 where the text of a link begins, -1 where it ends."""
    opener: "MarkdownToken | None" = None
    """For a CLOSE: where it was opened."""


def settle_delimiters(tokens: list[MarkdownToken]) -> None:
    """Decide for every emphasis, inner ones first, how it is written."""
    place = {id(token): at for at, token in enumerate(tokens) if token.kind == OPEN}
    if not place:
        return
    # How many emphases of asterisks, decided or not, are open around each token.
    around: list[int] = []
    depth = 0
    for token in tokens:
        depth -= token.kind == CLOSE and token.text != "s"
        around.append(depth)
        depth += token.kind == OPEN and token.text != "s"
    for end, token in enumerate(tokens):
        if token.kind != CLOSE or token.opener is None:
            continue
        start = place[id(token.opener)]
        mark, tag = STYLE_MARKS[token.text]
        if delimiters_render(tokens, start, end, mark, nested=around[start] > 0):
            tokens[start].text = token.text = mark
        else:
            tokens[start].text, token.text = f"<{tag}>", f"</{tag}>"


def delimiters_render(tokens: list[MarkdownToken], start: int, end: int, mark: str, *, nested: bool) -> bool:
    """Return whether these delimiters open and close, and can be read in no other way."""
    char = mark[0]
    before, clash = outward(tokens, start - 1, -1, OPEN, char)
    after = inward(tokens, start + 1, 1, OPEN, char)
    if clash or not opens_emphasis(before, after):
        return False
    last = inward(tokens, end - 1, -1, CLOSE, char)
    following, clash = outward(tokens, end + 1, 1, CLOSE, char)
    if clash or not closes_emphasis(last, following):
        return False
    if char == "~":
        return "~" not in (before, after, last, following)
    # Inside another emphasis a delimiter that could do both, open and close, might end the outer one.
    return not nested or (strict(before, after) and strict(following, last))


def strict(outer: str, inner: str) -> bool:
    """Return whether a run can do one thing only."""
    return character_kind(outer) == SPACE or (character_kind(outer) == PUNCTUATION and character_kind(inner) == LETTER)


def outward(tokens: list[MarkdownToken], at: int, step: int, same: int, char: str) -> tuple[str, bool]:
    """Return the character outside a run of delimiters, and whether an emphasis ends or begins right there.

    The delimiters of outer emphases that begin (or end) at the same place are of the same run; they are not
    settled yet.
    """
    while 0 <= at < len(tokens):
        token = tokens[at]
        if token.kind == same and token.text in STYLE_MARKS:
            if STYLE_MARKS[token.text][0][0] != char:
                return STYLE_MARKS[token.text][0][0], False
            at += step
            continue
        if token.kind in (OPEN, CLOSE):
            # An emphasis that ends where this one begins: `**a***b*` is hard to read, for people too.
            if token.text in STYLE_MARKS:
                return "<", False
            return (token.text[-1] if step < 0 else token.text[0]), token.text[0] == char
        return (token.text[-1:] if step < 0 else token.text[:1]), False
    return "", False


def inward(tokens: list[MarkdownToken], at: int, step: int, same: int, char: str) -> str:
    """Return the character inside a run of delimiters; inner ones are settled already."""
    while tokens[at].kind == same and tokens[at].text[0] == char:
        at += step
    return tokens[at].text[0] if step > 0 else tokens[at].text[-1]
