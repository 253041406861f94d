r"""Data objects in the scripts of a page, read without running them.

WeChat writes its data as JavaScript that a browser would run: `title: JsDecode('…\x0a…')`, `idx: '1' * 1`,
`var biz = "" || "MzA="`, `msg_title = '…'.html(false)`. A program assigns the same names in its functions; those are
not the page's data, and a name in a string or a comment is none at all.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml.etree import _Element

from clean.html.javascript import (
    CLOSE,
    DECLARES,
    END,
    MARK,
    OPAQUE,
    OPEN,
    STRING,
    WORD,
    Literal,
    OpaqueExpression,
    TokenReader,
    string_value,
    value_of,
)
from clean.html.model import line_of
from clean.html.opening import OpenPage
from clean.ledger import Span

__all__ = [
    "OPAQUE",
    "Literal",
    "ObjectOutline",
    "OpaqueExpression",
    "Script",
    "assigned_values",
    "assignments",
    "breaks_off_at",
    "called_with",
    "outline",
    "script_of",
    "scripts_of",
    "value_of",
]

_GLOBAL = frozenset({"window", "self", "globalThis"})


def assignments(script: str, names: Collection[str]) -> Iterator[tuple[str, Literal]]:
    """Yield name and value of each assignment to one of the names, in the script's order.

    `var name = …` counts outside all functions only, `window.name = …` and `object.name = …` everywhere.
    """
    reader = TokenReader(script)
    for name in _targets(reader, names):
        yield name, reader.expression(0)


def breaks_off_at(script: str, names: Collection[str]) -> bool:
    """Whether a script that ends with `=` was about to assign to one of the names."""
    reader = TokenReader(script)
    for _ in _targets(reader, names):
        if reader.peek is END:
            return True
        reader.expression(0)
    return False


def assigned_values(
    script: str, names: Collection[str], read: Callable[[str, int], tuple[Literal, int]]
) -> Iterator[tuple[str, Literal]]:
    """Yield name and value of each assignment, as `assignments` does, with each value read by `read`.

    `read` is given the script and where the value begins, and gives the value and where it ends.
    """
    while True:
        reader = TokenReader(script)
        name = next(_targets(reader, names), None)
        if name is None:
            return
        value, end = read(script, reader.position)
        yield name, value
        script = script[max(end, reader.position + 1) :]


def called_with(script: str, functions: Collection[str]) -> Iterator[tuple[str, list[Literal]]]:
    """Yield name and arguments of each call of these functions, named by how their names end, as `object.method`."""
    reader = TokenReader(script)
    chain: list[str] = []
    while (token := reader.next()) is not END:
        if token.kind == WORD:
            chain = [*chain[-3:], token.text]
        elif token.kind == MARK and token.text == "." and chain:
            continue
        elif token.kind == MARK and token.text == ")" and reader.peek.text == ".":
            chain = [")"]  # what is called may be an expression in brackets
        elif token.kind == MARK and token.text == "(" and chain:
            found = next((name for name in functions if _ends_with(chain, name.split("."))), None)
            chain = []
            if found is not None:
                yield found, _arguments(reader)
        else:
            chain = []


def _ends_with(chain: Sequence[str], names: Sequence[str]) -> bool:
    return list(chain[-len(names) :]) == list(names)


def _arguments(reader: TokenReader) -> list[Literal]:
    """Read what stands in the brackets of a call, behind the opening one."""
    found: list[Literal] = []
    while reader.peek is not END and not reader.take(")"):
        if reader.take(",") or reader.take(";"):
            continue
        if reader.peek.kind == MARK and reader.peek.text in CLOSE:
            break
        before = reader.position
        found.append(reader.expression(0))
        if reader.position == before:
            reader.next()
    return found


def _targets(reader: TokenReader, names: Collection[str]) -> Iterator[str]:
    """Yield each name that is assigned to, with the reader at its value, which is to be read before the next."""
    depth = 0
    heads = {name.partition(".")[0] for name in names if "." in name}
    while (token := reader.next()) is not END:
        if token.kind == MARK:
            depth += (token.text in OPEN) - (token.text in CLOSE)
            if token.text == "." and reader.peek.kind == WORD:
                reader.next()  # a property of something else
        elif token.kind != WORD:
            continue
        elif token.text in DECLARES and depth <= 0:
            yield from _declared(reader, names)
        elif token.text in _GLOBAL and reader.take("["):
            name = string_value(reader.next().text) if reader.peek.kind == STRING else ""
            if name in names and reader.take("]") and reader.take("="):
                yield name
        elif token.text in _GLOBAL and reader.take("."):
            name = reader.peek.text
            if name in names:
                reader.next()
                if reader.take("="):
                    yield name
        elif token.text in names and depth <= 0 and reader.take("="):
            yield token.text
        elif token.text in heads and reader.take("."):
            name = f"{token.text}.{reader.next().text}"
            if name in names and reader.take("="):
                yield name


def _declared(reader: TokenReader, names: Collection[str]) -> Iterator[str]:
    """Do the same for `a = …, b, c = …` after `var`."""
    while reader.peek.kind == WORD:
        name = reader.next().text
        if reader.take("="):
            if name in names:
                yield name
            else:
                reader.skip()
        if not reader.take(","):
            return


# A large object of data, outlined: where the value of each field stands, found without reading any of them.
#
# WeChat's object has some three hundred fields, an article's whole markup among them, and a dozen are asked for. Only
# plain data is outlined, strings, words, brackets; at a comment, a slash, a template, an unclosed string the caller
# reads the script token by token. Each step goes on behind the last one, so time is linear.


# A key that is a name, or a string without escapes, up to its value. Runs of one class, each ended by another: linear.
_KEY = re.compile(rb"""\s*(?:([A-Za-z_$][\w$]*)|'([^'\\\n]*)'|"([^"\\\n]*)")\s*:""")

# A whole field of the usual make in one step, `key: '…' * 1,` or `key: JsDecode('…'),`, without escapes; as above.
_FIELD = re.compile(
    rb"""\s*([A-Za-z_$][\w$]*)\s*:"""
    rb"""(\s*(?:JsDecode\(\s*'[^'\\\n]*'\s*\)|'[^'\\\n]*'(?:\s*\*\s*1)?|\[\s*\]|\{\s*\})\s*),"""
)

# Around a string that is a value by itself; as above.
_CALL = re.compile(rb"\s*JsDecode\(\s*(?=['\"])")
_CALLED = re.compile(rb"\s*\)\s*")

_END = re.compile(rb"\s*\}\s*(?:[;,)\]}]|\Z)")

# What decides where a value ends, at its own level and in brackets within it. Single characters: linear.
_HERE = re.compile(rb"""['"\[{(\]}),;:/`]|<!--""")
_INSIDE = re.compile(rb"""['"\[{(\]})/`]|<!--""")

# As much within brackets as is words, strings of that make and empty brackets, of which there are most. No two
# alternatives begin alike, none is empty: linear.
_PLAIN = re.compile(rb"""(?:[^'"\[{(\]})/`<]+|'[^'\\\n]*'|\(\s*'[^'\\\n]*'\s*\)|\[\s*\]|\{\s*\}){0,1000}""")

_QUOTES = frozenset(b"'\"")
_CLOSING = dict(zip(b"[{(", b"]})", strict=True))
_CLOSE = frozenset(_CLOSING.values())
_COMMA, _BRACE, _BACKSLASH = b",}\\"

_WITHIN = 1
"""The level of brackets on which the values stand."""


class ObjectOutline(Mapping[str, Literal]):
    """The fields of an object, each read when it is first asked for."""

    def __init__(self, source: bytes, places: Mapping[str, Span]) -> None:
        self._source = source
        self._places = places
        self._read: dict[str, Literal] = {}

    def __getitem__(self, key: str) -> Literal:
        if key not in self._read:
            start, end = self._places[key]
            self._read[key] = _value(self._source[start:end])
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _value(data: bytes) -> Literal:
    call = _CALL.match(data)
    if call:  # an article's whole markup, for one
        end = _string_end(data, call.end(), len(data))
        if end > 0 and _CALLED.fullmatch(data, end):
            return string_value(data[call.end() : end].decode("utf-8", "replace"))
    return TokenReader(data.decode("utf-8", "replace")).expression(_WITHIN)


def outline(source: bytes, start: int, end: int) -> ObjectOutline | None:
    """Outline the object whose opening brace stands at `start`; None where it is more than plain data."""
    places: dict[str, Span] = {}
    at = start + 1
    while True:
        while field := _FIELD.match(source, at, end):
            places[field[1].decode()] = Span(*field.span(2))
            at = field.end()
        key = _KEY.match(source, at, end)
        if not key:
            return ObjectOutline(source, places) if _END.match(source, at, end) else None
        stop = _value_end(source, key.end(), end)
        if stop < 0:
            return None
        places[key[key.lastindex or 1].decode("utf-8", "replace")] = Span(key.end(), stop)
        at = stop + (source[stop] == _COMMA)


def _value_end(source: bytes, start: int, end: int) -> int:
    """Where a value ends: at a comma or the brace that closes the object; -1 where that is not certain."""
    at = start
    waiting: list[int] = []  # the closing brackets that are to come
    while match := _next_mark(source, at, end, inside=bool(waiting)):
        here, at = match.span()
        mark = source[here]
        if mark in _QUOTES:
            at = _string_end(source, here, end)
            if at < 0:
                return -1
        elif mark in _CLOSING:
            if not waiting and b"\n" in source[start:here].lstrip():  # a comma may be missing before
                return -1
            waiting.append(_CLOSING[mark])
        elif mark in _CLOSE and waiting:
            if waiting.pop() != mark:
                return -1
        else:
            return here if mark in {_COMMA, _BRACE} else -1
    return -1


def _next_mark(source: bytes, at: int, end: int, *, inside: bool) -> re.Match[bytes] | None:
    if not inside:
        return _HERE.search(source, at, end)
    plain = _PLAIN.match(source, at, end)
    return _INSIDE.search(source, plain.end() if plain else at, end)


def _string_end(source: bytes, start: int, end: int) -> int:
    """Where a string ends that begins at `start`, behind its quote; -1 where its line ends before."""
    quote = source[start : start + 1]
    at = source.find(quote, start + 1, end)
    while at >= 0:
        before = at
        while source[before - 1] == _BACKSLASH:
            before -= 1
        if (at - before) % 2 == 0:
            return at + 1 if source.find(b"\n", start, at) < 0 else -1
        at = source.find(quote, at + 1, end)
    return -1


class Script(NamedTuple):
    """One script: a stretch of UTF-8, of which no copy is made before somebody wants to read it."""

    source: bytes
    start: int
    end: int
    line: int = 0
    """Line of the page's source at which its element begins, counted from 1; 0 where it is not known."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.end - self.start

    @property
    def text(self) -> str:
        """The script itself, made anew each time."""
        return self.source[self.start : self.end].decode()

    def places(self, word: bytes, within: int | None = None) -> Iterator[int]:
        """Yield where a word stands, as places in `source`; `within` so many bytes from its beginning."""
        end = self.end if within is None else min(self.end, self.start + within)
        at = self.source.find(word, self.start, end)
        while at >= 0:
            yield at
            at = self.source.find(word, at + 1, end)


def scripts_of(opened: OpenPage) -> tuple[Script, ...]:
    """Return the scripts of a page, in its order."""
    found = (script_of(opened, element) for element in opened.root.iter("script"))
    return tuple(script for script in found if script is not None)


def script_of(opened: OpenPage, element: _Element) -> Script | None:
    """Return the script of one element, None where it holds none."""
    place = opened.programs.get(element)
    if place is not None:
        return Script(opened.decoded.data, *place, line_of(element))
    if not element.text:
        return None
    data = element.text.encode("utf-8", "replace")
    return Script(data, 0, len(data), line_of(element))
