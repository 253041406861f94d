r"""JavaScript cut into tokens: strings, numbers, words, marks; comments and white space left out.

It is a reader of data, not of programs: enough of the language to know where a string, a comment, a regular
expression or a template ends, so that nothing inside one is ever taken for code. Each step of the scanner consumes at
least one character and never looks back, so time is linear in the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["MARK", "NUMBER", "REGEX", "STRING", "TEMPLATE", "WORD", "Token", "string_value", "tokens"]

WORD, NUMBER, STRING, TEMPLATE, REGEX, MARK = range(6)

# Possessive runs throughout: no alternative is tried twice, nothing is kept to come back to.
_BLANKS = r"(?:\s++|//[^\n\u2028\u2029]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|<!--[^\n]*+)"
_QUOTED = r'"[^"\\\n]*+(?:\\(?:\r\n|[\s\S])[^"\\\n]*+)*+"|' + r"'[^'\\\n]*+(?:\\(?:\r\n|[\s\S])[^'\\\n]*+)*+'"

# White space and comments, then a token, its kind by the number of its group, which is the kind plus two.
_NEXT = re.compile(
    rf"({_BLANKS}*+)(?:([^\W\d][\w$]*+|\$[\w$]*+)"
    r"|(0[xXbBoO][\da-fA-F_]++n?|(?:\d[\d_]*+\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?+n?)"
    rf"|({_QUOTED})"
    r"|(\|\||&&|\?\?|=>|[=!]==?|\+\+|--|[^\"'`/]))"
)
_BLANK = re.compile(_BLANKS + "*+")
_STRING = re.compile(_QUOTED)
_TEMPLATE_PART = re.compile(r"[^`\\$]*+(?:(?:\\[\s\S]|\$(?!\{))[^`\\$]*+)*+")
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n]){0,300}+\]){1,500}+/[\w$]*+")

# By the number of the group that matched.
_KINDS = {2: WORD, 3: NUMBER, 4: STRING, 5: MARK}

_TRIES = 200
"""Slashes of one script that looked like a regular expression and were none, before no more are tried."""

# After one of these words an expression begins, so that a slash opens a regular expression.
_BEFORE_EXPRESSION = frozenset(
    {"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "new", "throw", "instanceof", "yield"}
)

_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\}|(\r\n|[\s\S]))")
# An escape that is not one of ASCII in hexadecimal, which a whole article has ten thousand of. A literal first: linear.
_OTHER_ESCAPE = re.compile(rb"\\(?!x[0-7][\da-fA-F])")
_SINGLE = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0",
    "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": "",  # a line that goes on
}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")


class Token(NamedTuple):
    """One token. `text` is as written; for a template with expressions inside it is empty."""

    kind: int
    text: str
    end: int
    fresh: bool
    """Whether a line ended before it; told of words only."""


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a script, one after the other."""
    position, length = start, len(text)
    tries = 0
    value = False  # whether the last token ended a value, after which a slash divides
    following = _NEXT.match
    while position < length:
        match = following(text, position)
        if match is not None:
            kind = match.lastindex or MARK
            found, position = match[kind], match.end()
            kind = _KINDS[kind]
            if kind == WORD:
                yield Token(WORD, found, position, text.find("\n", match.start(), match.end(1)) >= 0)
                value = found not in _BEFORE_EXPRESSION
            else:
                yield Token(kind, found, position, False)
                value = kind != MARK or found in {")", "]"}
            continue
        position = _blanks_end(text, position)
        if position >= length:
            return
        character = text[position]
        if character == "`":
            end, plain = _template(text, position)
            yield Token(TEMPLATE, text[position:end] if plain else "", end, False)
            position, value = end, True
        elif character == "/":
            regex = _REGEX.match(text, position) if not value and tries < _TRIES else None
            tries += regex is None and not value
            position, value = (regex.end(), True) if regex else (position + 1, False)
            yield Token(REGEX if regex else MARK, regex[0] if regex else "/", position, False)
        else:  # a string that is not closed spoils its line, and the next one is read again
            position, value = _line_end(text, position), False
            yield Token(MARK, character, position, False)


def _blanks_end(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _template(text: str, start: int) -> tuple[int, bool]:
    """Where a template ends, and whether it is plain. Templates within templates are counted, not recursed into."""
    position, length = start + 1, len(text)
    open_braces: list[int] = []  # one entry for every template that an expression interrupts
    plain = True
    while position < length:
        match = _TEMPLATE_PART.match(text, position)
        assert match is not None
        position = match.end()
        if text.startswith("${", position):
            plain = False
            open_braces.append(1)
            position = _expression(text, position + 2, open_braces)
        else:
            position += 1
            if not open_braces:
                break
            position = _expression(text, position, open_braces)
    return min(position, length), plain


def _expression(text: str, position: int, open_braces: list[int]) -> int:
    """Skip code inside `${…}` up to where template text goes on: after its brace, or after an inner back quote."""
    length = len(text)
    while position < length:
        character = text[position]
        if character in {'"', "'"}:
            match = _STRING.match(text, position)
            position = match.end() if match else _line_end(text, position)
        elif character == "/":
            position = max(position + 1, _blanks_end(text, position))
        else:
            position += 1
            if character == "`":
                return position
            if character == "{":
                open_braces[-1] += 1
            elif character == "}":
                open_braces[-1] -= 1
                if not open_braces[-1]:
                    open_braces.pop()
                    return position
    return position


def string_value(text: str) -> str:
    """Return what a string, or a plain template, spells, given with its quotes."""
    body = text[1:-1]
    if "\\" in body:
        data = body.encode("utf-8", "surrogatepass")
        if not _OTHER_ESCAPE.search(data):  # Python spells these alike, and reads the bytes around them one by one
            return data.decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogatepass")
        halves = "\\u" in body
        body = _ESCAPE.sub(_unescape, body)
        if halves and _SURROGATE.search(body):  # two halves make one character; a lone half is none
            body = body.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return body


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return _SINGLE.get(match[4], match[4])
