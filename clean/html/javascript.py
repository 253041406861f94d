r"""Expressions of JavaScript, read as far as they are made of values; what only running would tell is OPAQUE.

`'8' * 1`, `"" || "x"`, `'…'.html(false)`, `JsDecode('…')`, objects, arrays. Recursion is bounded, time is linear.
"""

import re
from collections.abc import Callable, Mapping

from clean.html.arithmetic import OPAQUE, Literal, Opaque, combined, number_of
from clean.html.tokens import MARK, NUMBER, STRING, TEMPLATE, WORD, Token, string_value, tokens

__all__ = ["CLOSE", "DECLARES", "END", "OPAQUE", "OPEN", "Literal", "Opaque", "Reader", "value_of"]

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

END = Token(MARK, "", -1, False)


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
    reader = Reader(expression)
    value = reader.expression(0)
    return value if reader.peek is END else OPAQUE


class Reader:
    """Tokens with one of them looked at in advance."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stream = tokens(text)
        self.peek = next(self._stream, END)
        self._last = END

    def next(self) -> Token:
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

    def skip(self) -> Opaque:
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
            value = combined(operator, value, self._primary(depth))
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
            value = number_of(token.text)
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
            value = combined("*", self._primary(depth + 1), -1 if token.text == "-" else 1)
        elif self.take("!"):
            operand = self._primary(depth + 1)
            value = OPAQUE if operand is OPAQUE else not operand
        else:
            return self.skip()
        return self._postfix(value, depth)

    def _word(self, word: str, depth: int) -> Literal:
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word in _FUNCTIONS and self.take("("):
            value = self.expression(depth + 1)
            self._close(")")
            return _FUNCTIONS[word](value) if isinstance(value, str) else OPAQUE
        return self.skip()

    def _postfix(self, value: Literal, depth: int) -> Literal:
        while self.take("."):
            name = self.next().text
            if not self.take("("):
                return self.skip()
            argument = None if self.take(")") else self.expression(depth + 1)
            self._close(")") if argument is not None else None
            known = isinstance(value, str) and name in _METHODS and argument in (None, False)
            value = _METHODS[name](value) if known else OPAQUE
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
            fields[match[1]] = combined("*", value, 1) if match[4] else value
            position = match.end()
        if position > start:
            self._stream = tokens(self._text, position)
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
