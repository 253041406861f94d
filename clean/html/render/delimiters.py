"""Asterisks and tildes where they render as meant, tags where they would not.

`**“你好”**他说` is not bold in CommonMark: the closing asterisks stand behind punctuation and before a letter. Tags
need no such luck, so `<strong>“你好”</strong>他说` it is. The rules that decide are those of clean.commonmark.
"""

from dataclasses import dataclass

from clean.commonmark.flanking import closes, kind, opens

__all__ = ["BREAK_TOKEN", "CLOSE", "MARKUP", "OPEN", "WORDS", "Token", "settle"]

WORDS, MARKUP, OPEN, CLOSE, BREAK_TOKEN = range(5)

MARKS = {"b": ("**", "strong"), "i": ("*", "em"), "s": ("~~", "del")}
SPACE, LETTER, PUNCTUATION = kind(" "), kind("a"), kind(".")


@dataclass(slots=True, eq=False)
class Token:
    """A stretch of the Markdown to be: words still to be escaped, finished markup, an end of an emphasis."""

    kind: int
    text: str
    """For an OPEN or CLOSE not yet settled: which emphasis."""
    link: int = 0
    """1 where the text of a link begins, -1 where it ends."""
    opener: "Token | None" = None
    """For a CLOSE: where it was opened."""


def settle(tokens: list[Token]) -> None:
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
        mark, tag = MARKS[token.text]
        if renders(tokens, start, end, mark, nested=around[start] > 0):
            tokens[start].text = token.text = mark
        else:
            tokens[start].text, token.text = f"<{tag}>", f"</{tag}>"


def renders(tokens: list[Token], start: int, end: int, mark: str, *, nested: bool) -> bool:
    """Return whether these delimiters open and close, and can be read in no other way."""
    char = mark[0]
    before, clash = outward(tokens, start - 1, -1, OPEN, char)
    after = inward(tokens, start + 1, 1, OPEN, char)
    if clash or not opens(before, after):
        return False
    last = inward(tokens, end - 1, -1, CLOSE, char)
    following, clash = outward(tokens, end + 1, 1, CLOSE, char)
    if clash or not closes(last, following):
        return False
    if char == "~":
        return "~" not in (before, after, last, following)
    # Inside another emphasis a delimiter that could do both, open and close, might end the outer one.
    return not nested or (strict(before, after) and strict(following, last))


def strict(outer: str, inner: str) -> bool:
    """Return whether a run can do one thing only."""
    return kind(outer) == SPACE or (kind(outer) == PUNCTUATION and kind(inner) == LETTER)


def outward(tokens: list[Token], at: int, step: int, same: int, char: str) -> tuple[str, bool]:
    """Return the character outside a run of delimiters, and whether an emphasis ends or begins right there.

    The delimiters of outer emphases that begin (or end) at the same place are of the same run; they are not
    settled yet.
    """
    while 0 <= at < len(tokens):
        token = tokens[at]
        if token.kind == same and token.text in MARKS:
            if MARKS[token.text][0][0] != char:
                return MARKS[token.text][0][0], False
            at += step
            continue
        if token.kind in (OPEN, CLOSE):
            # An emphasis that ends where this one begins: `**a***b*` is hard to read, for people too.
            if token.text in MARKS:
                return "<", False
            return (token.text[-1] if step < 0 else token.text[0]), token.text[0] == char
        return (token.text[-1:] if step < 0 else token.text[:1]), False
    return "", False


def inward(tokens: list[Token], at: int, step: int, same: int, char: str) -> str:
    """Return the character inside a run of delimiters; inner ones are settled already."""
    while tokens[at].kind == same and tokens[at].text[0] == char:
        at += step
    return tokens[at].text[0] if step > 0 else tokens[at].text[-1]
