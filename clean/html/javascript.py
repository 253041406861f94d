"""JavaScript read as data: tokens, literals, and expressions of values.

It is a reader of data, not of programs: enough of the language to know where a string, a comment, a regular expression
or a template ends, so that nothing inside one is ever taken for code. Each step of the scanner consumes at least one
character and never looks back, so time is linear in the text. What only running would tell is OPAQUE.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = [
    "CLOSE",
    "DECLARES",
    "END",
    "MARK",
    "NUMBER",
    "OPAQUE",
    "OPEN",
    "REGEX",
    "STRING",
    "TEMPLATE",
    "WORD",
    "Literal",
    "OpaqueExpression",
    "ScriptToken",
    "TokenReader",
    "combine_values",
    "parse_number",
    "script_tokens",
    "string_value",
    "value_of",
]

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


class ScriptToken(NamedTuple):
    """One token. `text` is as written; for a template with expressions inside it is empty."""

    kind: int
    text: str
    end: int
    fresh: bool
    """Whether a line ended before it; told of words only."""


def script_tokens(text: str, start: int = 0) -> Iterator[ScriptToken]:
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
                yield ScriptToken(WORD, found, position, text.find("\n", match.start(), match.end(1)) >= 0)
                value = found not in _BEFORE_EXPRESSION
            else:
                yield ScriptToken(kind, found, position, False)
                value = kind != MARK or found in {")", "]"}
            continue
        position = _blanks_end(text, position)
        if position >= length:
            return
        character = text[position]
        if character == "`":
            end, plain = _template(text, position)
            yield ScriptToken(TEMPLATE, text[position:end] if plain else "", end, False)
            position, value = end, True
        elif character == "/":
            regex = _REGEX.match(text, position) if not value and tries < _TRIES else None
            tries += regex is None and not value
            position, value = (regex.end(), True) if regex else (position + 1, False)
            yield ScriptToken(REGEX if regex else MARK, regex[0] if regex else "/", position, False)
        else:  # a string that is not closed spoils its line, and the next one is read again
            position, value = _line_end(text, position), False
            yield ScriptToken(MARK, character, position, False)


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


# The values of JavaScript that data is written with, and the two operators that WeChat writes it with: `*` and `+`.


Literal = Any
"""A string, number, truth value, None, list or dictionary of such, or OPAQUE."""


class OpaqueExpression:
    """An expression that only running it would tell."""

    def __repr__(self) -> str:
        return "OPAQUE"

    def __bool__(self) -> bool:
        return False


OPAQUE: Final = OpaqueExpression()


_LONGEST_NUMBER = 40
"""Digits of a number that is read, or worked out: longer ones are not worth what they cost."""
_LARGEST_NUMBER = 10**_LONGEST_NUMBER


def combine_values(operator: str, left: Literal, right: Literal) -> Literal:
    """Multiply or add two values as JavaScript does; OPAQUE where that gives neither text nor a usual number."""
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    one, other = _as_number(left), _as_number(right)
    if one is None or other is None or (isinstance(left, str) != isinstance(right, str) and operator == "+"):
        return OPAQUE
    result = one * other if operator == "*" else one + other
    return result if isinstance(result, float) or -_LARGEST_NUMBER < result < _LARGEST_NUMBER else OPAQUE


def _as_number(value: Literal) -> int | float | None:
    if isinstance(value, str):
        number = parse_number(value.strip()) if value.strip() else 0
        return None if isinstance(number, OpaqueExpression) else number
    if value is None or isinstance(value, bool):
        return int(value or 0)
    return value if isinstance(value, int | float) else None


def parse_number(text: str) -> int | float | OpaqueExpression:
    """Read a number of a length that one meets."""
    text = text.replace("_", "").removesuffix("n")
    if not text or len(text) > _LONGEST_NUMBER or not text.isascii():
        return OPAQUE
    try:
        return int(text, 0) if text[:2].lower() in {"0x", "0o", "0b"} else int(text)
    except ValueError:
        pass
    try:
        return float(text) if text[0] in "+-.0123456789" else OPAQUE
    except ValueError:
        return OPAQUE


# Expressions of JavaScript, read as far as they are made of values.
#
# `'8' * 1`, `"" || "x"`, `'…'.html(false)`, `JsDecode('…')`, objects, arrays. Recursion is bounded. Each operation on a
# text reads it once more, so a chain of them over a long text is bounded by what they read together: time is linear.

_TIMES_READ = 8
"""How often a script's length may be read by the operations in it; data is read once or twice."""
_LEAST_READ = 1_000_000
"""Characters that the operations of a short script may read."""

_DEEPEST = 60
"""Brackets within brackets that are read; WeChat's data has eight."""

OPEN, CLOSE = frozenset("([{"), frozenset(")]}")
_CONSTANTS: Mapping[str, Literal] = {
    "true": True, "false": False, "null": None, "undefined": None, "NaN": OPAQUE, "Infinity": OPAQUE,
}  # fmt: skip
DECLARES = frozenset({"var", "let", "const"})

# What `.html(false)` and `htmlDecode()` of WeChat's own scripts replace, in their order.
_ENTITIES = (
    ("&#39;", "'"), ("&quot;", '"'), ("&nbsp;", " "), ("&gt;", ">"), ("&lt;", "<"), ("&yen;", "¥"), ("&amp;", "&"),
)  # fmt: skip
_BREAK = re.compile(r"<br\s{0,9}/?\s{0,9}>")

# The field that WeChat's data is made of, in one step: `key: JsDecode('…'),` or `key: '…' * 1,`. Its string is
# possessive, so a field of another make costs one look and is then read token by token.
_FIELD = re.compile(
    r"\s*+([A-Za-z_]\w*+)\s*+:\s*+(JsDecode\(\s*+)?('[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+\")"
    r"\s*+(?(2)\)\s*+|(\*\s*+1\s*+)?)(?:,|(?=\}))"
)

END = ScriptToken(MARK, "", -1, False)


def html_decode(text: str) -> str:
    """Replace the entities that WeChat's scripts replace, once."""
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _decode_with_breaks(text: str) -> str:
    return html_decode(_BREAK.sub("\n", text))


_FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    "JsDecode": lambda text: text,  # it undoes \xHH, which reading the string has done
    "htmlDecode": _decode_with_breaks,
    "String": lambda text: text,
}
_METHODS: Mapping[str, Callable[[str], str]] = {
    "html": html_decode,
    "trim": str.strip,
    "toString": lambda text: text,
}


def value_of(expression: str) -> Literal:
    """Read one expression; OPAQUE where something follows it."""
    reader = TokenReader(expression)
    value = reader.expression(0)
    return value if reader.peek is END else OPAQUE


class TokenReader:
    """Tokens with one of them looked at in advance."""

    def __init__(self, text: str, names: Mapping[str, Literal] | None = None) -> None:
        """`names` are variables whose values are known."""
        self._text = text
        self._names = names or {}
        self._stream = script_tokens(text)
        self.peek = next(self._stream, END)
        self._last = END
        self._readable = max(_LEAST_READ, _TIMES_READ * len(text))

    def _spend(self, *values: Literal) -> bool:
        """Count what an operation reads of these values; False where all has been read that may be."""
        self._readable -= sum(len(value) for value in values if isinstance(value, str))
        return self._readable >= 0

    @property
    def position(self) -> int:
        """Return where the next token begins, as a place in the text."""
        return self.peek.end - len(self.peek.text) if self.peek is not END else len(self._text)

    def next(self) -> ScriptToken:
        """Go on by one token, END behind the last one, and return it."""
        token = self._last = self.peek
        if token is not END:
            self.peek = next(self._stream, END)
        return token

    def take(self, mark: str) -> bool:
        """Go on by one token if it is this mark."""
        if self.peek.kind == MARK and self.peek.text == mark:
            self.next()
            return True
        return False

    def skip(self) -> OpaqueExpression:
        """Go to the end of an expression: a comma, semicolon, closing bracket of its own level, or a new statement."""
        depth = 0
        while self.peek is not END:
            token = self.peek
            if token.kind == MARK:
                if not depth and token.text in {",", ";", ")", "]", "}"}:
                    break
                depth += (token.text in OPEN) - (token.text in CLOSE)
            elif not depth and token.fresh and token.kind == WORD and (token.text in DECLARES or self._value_ended()):
                break
            self.next()
        return OPAQUE

    def _value_ended(self) -> bool:
        """Whether a line may end behind the last token, so that a word on the next one begins a statement."""
        return self._last.kind != MARK or self._last.text in CLOSE

    def _ends(self) -> bool:
        """Whether the expression ends here; a line that begins with a word, after a value, is another statement."""
        token = self.peek
        if token.kind == MARK:
            return token is END or token.text in {",", ";", ")", "]", "}", ":"}
        return token.fresh and token.kind == WORD

    def expression(self, depth: int) -> Literal:
        """Read values joined by `||`, `*`, `+`, `&&`, `?:`; skip to the end where anything else turns up."""
        value = self._product(depth)
        while not self._ends():
            if self.take("||"):
                other = self._product(depth)
                value = value if value is OPAQUE or value else other
            elif self.take("&&"):
                other = self._product(depth)
                value = other if value is OPAQUE or value else value
                value = OPAQUE if other is OPAQUE else value
            elif self.take("?"):
                yes = self.expression(depth + 1) if depth < _DEEPEST else self.skip()
                if not self.take(":"):
                    return self.skip()
                no = self.expression(depth + 1) if depth < _DEEPEST else self.skip()
                return OPAQUE if value is OPAQUE else yes if value else no
            else:
                return self.skip()
        return value

    def _product(self, depth: int) -> Literal:
        value = self._primary(depth)
        while self.peek.kind == MARK and self.peek.text in {"*", "+"}:
            operator = self.next().text
            other = self._primary(depth)
            known = value is not OPAQUE and other is not OPAQUE and self._spend(value, other)
            value = combine_values(operator, value, other) if known else OPAQUE
        return value

    def _primary(self, depth: int) -> Literal:
        token = self.peek
        if depth > _DEEPEST:
            return self.skip()
        if token.kind in {STRING, TEMPLATE}:
            self.next()
            value: Literal = string_value(token.text) if token.text else OPAQUE
        elif token.kind == NUMBER:
            self.next()
            value = parse_number(token.text)
        elif token.kind == WORD:
            self.next()
            value = self._word(token.text, depth)
        elif self.take("{"):
            value = self._object(depth + 1)
        elif self.take("["):
            value = self._array(depth + 1)
        elif self.take("("):
            value = self.expression(depth + 1)
            while self.take(","):
                value = self.expression(depth + 1)
            self.take(")")
        elif token.text in {"-", "+"} and token.kind == MARK:
            self.next()
            value = combine_values("*", self._primary(depth + 1), -1 if token.text == "-" else 1)
        elif self.take("!"):
            operand = self._primary(depth + 1)
            value = OPAQUE if operand is OPAQUE else not operand
        else:
            return self.skip()
        return self._postfix(value, depth)

    def _word(self, word: str, depth: int) -> Literal:
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word in self._names:
            return self._names[word]
        if word in _FUNCTIONS and self.take("("):
            value = self.expression(depth + 1)
            self._close(")")
            return _FUNCTIONS[word](value) if isinstance(value, str) and self._spend(value) else OPAQUE
        return self.skip()

    def _postfix(self, value: Literal, depth: int) -> Literal:
        while self.take("."):
            name = self.next().text
            if not self.take("("):
                return self.skip()
            argument = None if self.take(")") else self.expression(depth + 1)
            self._close(")") if argument is not None else None
            known = isinstance(value, str) and name in _METHODS and argument in (None, False)
            value = _METHODS[name](value) if known and self._spend(value) else OPAQUE
        return value

    def _close(self, mark: str) -> None:
        while not self.take(mark) and self.peek is not END and self.peek.text not in CLOSE:
            self.skip()
            self.take(",") or self.take(";")

    def _array(self, depth: int) -> list[Literal]:
        items: list[Literal] = []
        while self.peek is not END and not self.take("]"):
            if self.peek.kind == MARK and self.peek.text in {")", "}", ";", ":"}:
                self.next()
            elif not self.take(","):
                items.append(self.expression(depth))
        return items

    def _plain_fields(self, fields: dict[str, Literal]) -> None:
        """Read the fields that follow as far as they are of the usual make."""
        start = position = self.peek.end - len(self.peek.text)
        while match := _FIELD.match(self._text, position):
            value: Literal = string_value(match[3])
            fields[match[1]] = combine_values("*", value, 1) if match[4] else value
            position = match.end()
        if position > start:
            self._stream = script_tokens(self._text, position)
            self.peek = next(self._stream, END)

    def _object(self, depth: int) -> dict[str, Literal]:
        fields: dict[str, Literal] = {}
        while self.peek is not END and not self.take("}"):
            if self.peek.kind == WORD:
                self._plain_fields(fields)
                if self.peek.text == "}":
                    continue
            token = self.next()
            if token.kind in {WORD, NUMBER}:
                key = token.text
            elif token.kind == STRING:
                key = string_value(token.text)
            else:
                if token.text in {"[", "("}:  # a computed key
                    self.skip()
                continue
            if self.take(":"):
                fields[key] = self.expression(depth)
            elif self.peek.text == "(":  # a method: its parameters, then its body
                fields[key] = self.skip()
        return fields
