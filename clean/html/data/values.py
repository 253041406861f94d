r"""Values in a page's data: JSON and literals in its scripts and attributes, in the forms of many frameworks.

A page that a script fills holds what it is filled with: as JSON in a script element, assigned to a variable, given to a
function, or in an attribute. Some frameworks number or wrap their values; all come out as plain lists and dictionaries.
Nothing is run. Sizes and depths are bounded, and every text is read a bounded number of times.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import unquote

from lxml.etree import _Element

from clean.html.javascript import (
    CLOSE,
    END,
    MARK,
    OPAQUE,
    OPEN,
    WORD,
    Literal,
    OpaqueExpression,
    TokenReader,
    string_value,
)
from clean.html.model import line_of
from clean.html.opening import OpenPage
from clean.html.script_data import Script, assigned_values, called_with, script_of, scripts_of

__all__ = [
    "DEEPEST",
    "DataValue",
    "attribute_values",
    "called_values",
    "element_values",
    "read_json",
    "variable_values",
]

DEEPEST: Final = 100
"""Brackets within brackets of data that are read; the deepest known, a text in blocks in a cache, has 40."""

LONGEST: Final = 5_000_000
"""Characters of one script or attribute that are read as data; the longest known have two million."""

_ASSIGNMENTS: Final = 30
"""Assignments of one script that are read: each goes on with what is left of it."""


class DataValue(NamedTuple):
    """A value in a page's data."""

    value: Literal
    origin: str
    """Where it stood: the name of a variable or a function, an element's id, its type, an attribute."""
    line: int
    """Line of the page's source at which its element begins, counted from 1; 0 where it is not known."""


# JSON (RFC 8259), as pages write it.


# A string, or a bracket; strings are possessive: linear.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|([\[{])|([\]}])', re.DOTALL)
# A comma before a closing bracket. One run of white space between two single characters: linear.
_COMMA = re.compile(r",\s{0,200}([}\]])")
_MARKS = ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>", "/*", "*/")
_DECODER = json.JSONDecoder(strict=False)


def read_json(text: str, *, longest: int = LONGEST) -> Literal:
    """Return what JSON says; None where it says nothing, is longer or nested deeper than what is read.

    Known slips are mended: comment and CDATA marks around it, HTML escapes, line ends within strings, a comma or a
    semicolon too many.
    """
    text = text.strip()
    for mark in _MARKS:
        text = text.removeprefix(mark).removesuffix(mark).strip()
    if len(text) > longest or _is_too_deep(text):
        return None
    for mended in (text, _COMMA.sub(r"\1", text.rstrip(";")), unescape(text)):
        try:
            found: object = _DECODER.decode(mended)
        except (ValueError, RecursionError):
            continue
        return found
    return None


def _is_too_deep(text: str, start: int = 0) -> bool:
    """Whether the value that begins at `start` is nested deeper than what is read."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        depth += (match.lastindex == 1) - (match.lastindex == 2)
        if depth > DEEPEST:
            return True
        if depth <= 0 and match.lastindex == 2:
            return False
    return False


# Where a page keeps its data.


def element_values(opened: OpenPage, wanted: Sequence[str]) -> Iterator[DataValue]:
    """Yield the JSON of script elements, named by `#id` or by their type.

    Angular escapes what it writes there, older versions in a way of their own (`&q;`).
    """
    for element in opened.root.iter("script"):
        key, kind = f"#{element.get('id') or ''}", (element.get("type") or "").partition(";")[0].strip().lower()
        origin = next((name for name in (key, kind) if name and name in wanted), "")
        if not origin or not element.text:
            continue
        script = script_of(opened, element)
        if script is None or script.size > 3 * LONGEST:
            continue
        text = _unescaped(script.text)
        value = read_json(text)
        if value is None and "&q;" in text:
            value = read_json(_angular_unescaped(text))
        if value is not None:
            yield DataValue(plain_value(value), _in_words(origin), line_of(element))


def _unescaped(text: str) -> str:
    """Undo the escapes of addresses, with which ByteDance's sites and Ember write their JSON."""
    return unquote(text) if text.lstrip().startswith(("%7B", "%5B")) else text


def _in_words(origin: str) -> str:
    return origin.removeprefix("#")


def _angular_unescaped(text: str) -> str:
    """Undo what Angular wrote until version 16 (`escapeTransferStateContent`)."""
    for escaped, character in (("&q;", '"'), ("&s;", "'"), ("&l;", "<"), ("&g;", ">"), ("&a;", "&")):
        text = text.replace(escaped, character)
    return text


def attribute_values(opened: OpenPage, wanted: Sequence[str]) -> Iterator[DataValue]:
    """Yield the JSON in attributes, named as `tag attribute`, `#id attribute`, or `attribute` of any element."""
    holders = _holders(opened.root, frozenset(name for name in wanted if " " not in name))
    for name in wanted:
        element, _, attribute = name.rpartition(" ")
        for node in _named(opened, element) if element else holders.get(attribute, ()):
            text = _unescaped((node.get(attribute) or "").strip())
            if text[:1] in {"{", "["} and (value := read_json(text)) is not None:
                if node.tag == "astro-island":
                    value = _unwrapped(value, 0)
                yield DataValue(plain_value(value), f"{node.tag}[{attribute}]", line_of(node))


def _named(opened: OpenPage, name: str) -> Iterator[_Element]:
    if name.startswith("#"):
        found = opened.places.by_id(name[1:])
        if found is not None:
            yield found
    else:
        yield from opened.root.iter(name)


def _holders(root: _Element, attributes: frozenset[str]) -> Mapping[str, Sequence[_Element]]:
    """Return the elements that have one of these attributes, by attribute; all are looked for in one walk."""
    found: dict[str, list[_Element]] = {}
    if attributes:
        for node in root.iter("*"):
            for attribute in attributes.intersection(node.keys()):
                found.setdefault(attribute, []).append(node)
    return found


def variable_values(opened: OpenPage, wanted: Sequence[str]) -> Iterator[DataValue]:
    """Yield what scripts assign to variables: JSON, JSON in a string, literals, a function that only gives a value."""
    # A name and a sign that assigns to it, a bracket and a few blanks between: linear.
    names = b"|".join(re.escape(name.encode()) for name in wanted)
    sign = re.compile(rb"(?:%s)[\"']?\]?\s{0,20}=(?!=)" % names)
    for script in _telling(opened, sign):
        for name, value in islice(assigned_values(script.text, wanted, _assigned), _ASSIGNMENTS):
            plain = value
            if isinstance(value, str) and value.startswith(_ESCAPED_JSON):
                plain = read_json(_unescaped(value if value[0] == "%" else _from_base64(value)))
            if not isinstance(plain, OpaqueExpression) and plain is not None:
                yield DataValue(plain_value(plain), name, script.line)


_BINARY: Final = 3
"""The kind of a piece that Next.js writes in base64, because it is not all text."""
_KIT: Final = "kit.start"
_KIT_DATA: Final = "const data"


def called_values(opened: OpenPage, wanted: Sequence[str]) -> Iterator[DataValue]:
    """Yield what scripts give to functions; what is given in pieces to one function is put together."""
    # The name as it stands; or its first word, where what is called is an expression in brackets. Literals: linear.
    signs = [name.partition(".")[0] if name.startswith("_") else name for name in wanted]
    sign = re.compile(b"|".join(re.escape(name.encode()) for name in signs))
    pieces: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for script in _telling(opened, sign):
        if _KIT in wanted and (at := script.text.find(_KIT_DATA)) >= 0:  # named before they are given on
            for name, value in islice(assigned_values(script.text[at:], ("data",), _assigned), 1):
                yield DataValue(plain_value(value), name, script.line)
        for name, arguments in called_with(script.text, wanted):
            lines.setdefault(name, script.line)
            given = [text for one in arguments for text in (one if isinstance(one, list) else [one])]
            texts = [text for text in given if isinstance(text, str)]
            if texts and not any(isinstance(one, dict) for one in given):
                text = texts[-1]
                pieces.setdefault(name, []).append(_from_base64(text) if given[0] == _BINARY else text)
            else:
                yield DataValue(plain_value(arguments), name, script.line)
    for name, texts in pieces.items():
        text = "".join(texts)
        if len(text) <= LONGEST:
            value = read_json(text) if text[:1] in {"{", "["} else _rows(text)
            if value is not None:
                yield DataValue(plain_value(value), name, lines[name])


def _telling(opened: OpenPage, sign: re.Pattern[bytes]) -> Iterator[Script]:
    """Yield the scripts in which a sign stands; to read a script by its tokens costs more than all else."""
    for script in scripts_of(opened):
        if script.size <= LONGEST and sign.search(script.source, script.start, script.end):
            yield script


# What is assigned to a variable.


# Functions around a string that give JSON, one in the other; each name is followed by a bracket. Bounded runs: linear.
_DECODERS = re.compile(
    r"(?:\s{0,99}(?:(?:window|self|globalThis)\s{0,9}\.\s{0,9})?(?:JSON\s{0,9}\.\s{0,9}parse|decodeURIComponent|decodeURI"
    r"|unescape|escape|atob|new\s{1,9}TextDecoder\s{0,9}\([^()]{0,20}\)\s{0,9}\.\s{0,9}decode"
    r"|Uint8Array\s{0,9}\.\s{0,9}from)\s{0,9}\(){1,8}\s{0,99}(?=['\"`])"
)
_DECODER_NAME = re.compile(r"parse|decodeURIComponent|decodeURI|unescape|escape|atob")
# An escape of the function `unescape`: two or four digits. One alternative each: linear.
_OLD_ESCAPE = re.compile(r"%u([\da-fA-F]{4})|%([\da-fA-F]{2})")
_ESCAPED_JSON = ("%7B", "%5B", "eyJ", "W3s")
"""How a string begins that is JSON in the escapes of addresses, or in base64."""
# `(function(a,b,c){`, as Nuxt 2 writes its values; names are possessive: linear.
_FUNCTION = re.compile(r"\s{0,99}\(\s{0,9}function\s{0,9}\(([\w$,\s]*+)\)\s{0,9}\{")


def _assigned(script: str, start: int) -> tuple[Literal, int]:
    """Read the value that begins at `start`; return it, and where it ends."""
    if len(script) - start > LONGEST:
        return OPAQUE, len(script)
    if around := _DECODERS.match(script, start):
        reader = TokenReader(script[around.end() :])
        token = reader.next()
        text = string_value(token.text) if token.text else ""
        return _decoded(text, _DECODER_NAME.findall(around[0])), around.end() + token.end
    if function := _FUNCTION.match(script, start):
        return _given(script, function)
    if script[start : start + 1] in {"{", "["} and not _is_too_deep(script, start):
        try:
            value, end = _DECODER.raw_decode(script, start)
        except (ValueError, RecursionError):
            pass
        else:
            return value, end
    reader = TokenReader(script[start:])
    value = reader.expression(0)
    return value, start + reader.position


def _decoded(text: str, names: Sequence[str]) -> Literal:
    """Return what these functions of JavaScript make of a string, the last named first."""
    for name in reversed(names):
        match name:
            case "atob":
                text = _from_base64(text)
            case "escape":
                continue  # what it is for, to read the bytes of UTF-8 as such, `_from_base64` has done
            case "unescape":
                text = _OLD_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
            case "parse":
                return read_json(text)
            case _:
                text = unquote(text)
    return text


def _from_base64(text: str) -> str:
    """Return the text that is written in base64, in UTF-8; empty where it is none."""
    try:
        return b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _given(script: str, function: re.Match[str]) -> tuple[Literal, int]:
    """Read what `(function(a,b){…; return {…}})(1,2)` gives: the object, its names replaced by the arguments."""
    names = [name.strip() for name in function[1].split(",")]
    reader = TokenReader(script[function.end() :])
    depth, start = 1, -1
    while depth and reader.peek is not END:
        token = reader.next()
        if token.kind == MARK:
            depth += (token.text in OPEN) - (token.text in CLOSE)
        elif token.kind == WORD and token.text == "return" and depth == 1 and start < 0:
            start = function.end() + reader.position
    end = function.end() + reader.position
    reader.take(")")
    if start < 0 or not reader.take("("):
        return OPAQUE, end
    values: list[Literal] = []
    while reader.peek is not END and not reader.take(")"):
        if not reader.take(","):
            before = reader.position
            values.append(reader.expression(0))
            if reader.position == before:
                reader.next()
    known = {name: None if value is OPAQUE else value for name, value in zip(names, values, strict=False)}
    return TokenReader(script[start:], known).expression(0), function.end() + reader.position


# Values that a framework numbers or wraps.


def plain_value(value: Literal) -> Literal:
    """Return a value with its numbers replaced by what they stand for, where it is a list of numbered values.

    As devalue writes them (Nuxt 3, SvelteKit: `[{"title":1},"…"]`) and turbo-stream (React Router: `[{"_1":2},…]`).
    """
    return _by_number(value) if isinstance(value, list) and _is_numbered(value) else value


def _is_numbered(values: list[Literal]) -> bool:
    if len(values) < 3 or not any(isinstance(one, str) for one in values):
        return False
    first = values[0]
    inner = first.values() if isinstance(first, dict) else first if isinstance(first, list) else ()
    if isinstance(first, list) and first and isinstance(first[0], str):
        inner = first[1:]
    return bool(inner) and all(isinstance(one, int) and -10 < one < len(values) for one in inner)


def _by_number(values: list[Literal]) -> Literal:
    """Put each value in the place of its number. A value that several places name is one object in all of them."""
    made: dict[int, Literal] = {}
    for number, value in enumerate(values):
        if isinstance(value, dict):
            made[number] = {}
        elif isinstance(value, list):
            made[number] = []
        else:
            made[number] = value

    def of(number: Literal) -> Literal:
        return made.get(number) if isinstance(number, int) and not isinstance(number, bool) else number

    plain: set[int] = set()
    wrapped: dict[int, int] = {}  # `["Reactive", 5]` is the fifth value
    for number, value in enumerate(values):
        if isinstance(value, list) and value and isinstance(value[0], str):
            if len(value) == 2 and isinstance(value[1], int):
                wrapped[number] = value[1]
            elif value[0] in {"Set", "Date"}:
                made[number] = [of(one) for one in value[1:]]
    for number in list(wrapped):
        way = [number]
        while (here := wrapped.pop(way[-1], -1)) >= 0:  # each is followed once
            way.append(here)
        made.update(dict.fromkeys(way, made.get(way[-1])))
        plain.update(way[:-1])
    for number, value in enumerate(values):
        target = made[number]
        if isinstance(value, dict) and isinstance(target, dict):
            target.update((_key(key, values), of(one)) for key, one in value.items())
        elif isinstance(value, list) and isinstance(target, list) and number not in plain and not target:
            target.extend(of(one) for one in value)
    return made[0]


def _key(key: str, values: list[Literal]) -> str:
    if key[:1] == "_" and key[1:].isdecimal() and int(key[1:]) < len(values):
        named = values[int(key[1:])]
        return named if isinstance(named, str) else key
    return key


_PAIR = 2


def _unwrapped(value: Literal, depth: int) -> Literal:
    """Undo what Astro wraps: `[0, value]`, `[1, [values]]`, other kinds with their text."""
    if depth > DEEPEST:
        return None
    if isinstance(value, list) and len(value) == _PAIR and isinstance(value[0], int):
        kind, inner = value
        if kind == 1 and isinstance(inner, list):
            return [_unwrapped(one, depth + 1) for one in inner]
        value = inner
    if isinstance(value, dict):
        return {key: _unwrapped(one, depth + 1) for key, one in value.items()}
    return value


# React's stream of server components: `id:json` a line, `id:T<bytes in hex>,<text>` for texts.


_ROW = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),)?")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]{1,8})")


def _rows(text: str) -> Literal:
    """Return the rows of a stream by their ids, each reference replaced by the row it names; None without rows."""
    data = text.encode("utf-8", "replace")
    rows: dict[str, Literal] = {}
    at = 0
    while match := _ROW.match(data, at):
        key = match[1].decode()
        if match[2]:
            at = match.end() + int(match[2], 16)
            rows[key] = data[match.end() : at].decode("utf-8", "replace")
            continue
        end = data.find(b"\n", match.end())
        end = end if end >= 0 else len(data)
        if data[match.end() : match.end() + 1] in {b"[", b"{", b'"'}:
            rows[key] = read_json(data[match.end() : end].decode("utf-8", "replace"))
        at = end + 1
    for row in list(rows.values()):
        _refer(row, rows)
    return rows or None


def _refer(row: Literal, rows: Mapping[str, Literal]) -> None:
    stack = [row]
    while stack:
        here = stack.pop()
        if not isinstance(here, dict | list):
            continue
        for key, value in here.items() if isinstance(here, dict) else list(enumerate(here)):
            if isinstance(value, str):
                match = _REFERENCE.fullmatch(value)
                if match and match[1] in rows:
                    here[key] = rows[match[1]]
                elif value.startswith("$$"):
                    here[key] = value[1:]
            else:
                stack.append(value)
