"""Makes the emphasis of a Markdown text render as its converter meant it, and changes nothing else.

Only delimiters are edited: some become `<strong>` or `<em>`, which need no flanking, some go, some move past
white space. The text between them stays as it is, character by character.
"""

import re
from bisect import bisect_right

from clean.commonmark.blocks import Text, inline_texts
from clean.commonmark.loose import loose_end
from clean.commonmark.repair import EMPTY, Repair
from clean.commonmark.scope import repair_scope

__all__ = ["Repair", "repair_emphasis"]

# A line whose emphasis certainly renders, so that most lines need no parsing: `**x**` and `*x*`, not nested, in a
# line that holds links at most besides. Each delimiter has a letter, a digit or a glyph of an icon font on its inner
# side, or common punctuation, a space or the line's edge on its outer one. Stretches without asterisks and links are
# taken possessively, a link begins with a bracket, which no stretch holds, and delimiters are asterisks, so a line
# can be read in one way only. The prefix is a heading, quote or list mark.
PLAIN = r"[^*\\`<_\[\]]"
LETTER = r"(?:[^\W_]|[\ue000-\uf8ff])"
OUTER = r" ，。、：；！？“”「」（）《》【】,.:;!?()"
ADDRESS = r'\([^()\s*\\`<>"]*+(?: "[^"*\\`<>]*+")?+\)'
LINK = rf"\[{PLAIN}*+\]{ADDRESS}"
BOLD = (
    rf"(?:\*\*(?={LETTER})|(?<![^{OUTER}])\*\*(?=[^\s*]))(?:{PLAIN}++|{LINK})++"
    rf"(?:(?<=[^\W_])\*\*|(?<=[\ue000-\uf8ff])\*\*|(?<=\S)\*\*(?=[{OUTER}]|$))(?!\*)"
)
ITALIC = rf"(?<!/)\*(?={LETTER}){PLAIN}++(?:(?<=[^\W_])|(?<=[\ue000-\uf8ff]))\*(?![*/])"
MARKED = rf"\[(?:{PLAIN}++|{BOLD}|{ITALIC})*+\]{ADDRESS}"
PREFIX = r"[ \t]*+(?:(?:[-+*>]|\#{1,6}|\d{1,9}[.)])[ \t]++)?+"
SURE = re.compile(rf"{PREFIX}(?:{PLAIN}++|{BOLD}|{ITALIC}|{LINK}|{MARKED})*+$")
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


def repair_emphasis(text: str) -> list[Repair]:
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
    repairs = repair_texts([Stretch(one, lines, starts) for one in texts], cut=is_cut(same), end=len(same.rstrip()))
    return sorted(repairs)


def is_cut(text: str) -> bool:
    """Return whether the text looks cut off: a snapshot of limited length ends with dots."""
    return text.rstrip().endswith(("...", "…"))


class Stretch:
    """One inline text, put together from its lines, and where its characters are in the whole."""

    __slots__ = ("_offsets", "_places", "kind", "text")

    def __init__(self, source: Text, lines: list[str], starts: list[int]) -> None:
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

    def repairs(self, *, opened: float | None = None, unclosed: float | None = None) -> list[Repair]:
        """Return the edits of this text, with positions in the whole."""
        if self.text.count("*") + self.text.count("_") > MOST or DEFINITION.match(self.text):
            return []
        if self.kind == "nothing":
            found = [Repair(run.start(), run.end(), "", EMPTY) for run in re.finditer(r"\*+", self.text)]
        else:
            found = repair_scope(self.text, block=self.kind != "cell", opened=opened, unclosed=unclosed)
        return [Repair(self.place(one.start), self.place(one.end), *one[2:]) for one in found]


def repair_texts(texts: list[Stretch], *, cut: bool, end: int) -> list[Repair]:
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
