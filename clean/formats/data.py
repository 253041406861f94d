"""Formats of data: JSON, tables, YAML, TOML and settings, told by what all of the text is made of."""

import csv
import json
import re
import tomllib
from io import StringIO
from itertools import islice, pairwise

from clean.formats.model import LOOK, first_lines

__all__ = ["is_object", "tell_csv", "tell_json", "tell_json_lines", "tell_settings", "tell_yaml"]

# JSON: one value that takes the whole file, or one that the file's end cuts off.

# The beginning of an object, or of a list of objects or strings. One run up to the quote that ends it: linear.
_JSON_START = re.compile(rb'[\[{]\s*(?:\{\s*)?"(?:[^"\\\n]|\\.){0,200}"\s*[:,\]]')
_HAR_START = re.compile(rb'\{\s*"log"\s*:\s*\{')
# What servers put before JSON so that no script of others can read it. Bounded runs: linear.
_GUARD = re.compile(rb"\)\]\}',?\s{0,9}\n|(?:for\s{0,9}\(;;\)|while\s{0,9}\(1\))\s{0,9};\s{0,9}")
_MOST_JSON = 4 * 1024 * 1024
"""Bytes of JSON that are parsed; of more, these must be the beginning of such a value."""
_LONGEST_WORD = 5
"""Letters of the longest word of JSON, `false`: a word that is cut off is reported where it begins."""


def tell_json(data: bytes, start: bytes) -> str:
    """Tell JSON, also where it is cut off or guarded, and the formats that are made of it."""
    if match := _GUARD.match(start):
        data = data.lstrip()[match.end() :]
        start = data[:LOOK].lstrip()
    if not start.startswith((b"{", b"[")):
        return ""
    text = data[:_MOST_JSON].decode("utf-8", "replace").strip()
    try:
        value = json.loads(text, parse_int=str, parse_float=str)  # nobody asks for the numbers
    except json.JSONDecodeError as error:
        at_end = error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LONGEST_WORD
        if error.msg == "Extra data" or not at_end or not _JSON_START.match(start):
            return ""
        return "har" if _HAR_START.match(start) else "json"
    except RecursionError:  # nothing that a person wrote
        return "json"
    if isinstance(value, dict):
        log, version = value.get("log"), value.get("version")
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return "har"
        return "json-feed" if isinstance(version, str) and "//jsonfeed.org/version" in version else "json"
    # A number or two in brackets may be a note of somebody's; objects, or many values, are data.
    return "json" if len(value) > 2 or any(isinstance(each, dict | list) for each in value) else ""


def is_object(line: str) -> bool:
    """Return whether a line is an object or a list of JSON."""
    try:
        return isinstance(json.loads(line, parse_int=str, parse_float=str), dict | list)
    except (ValueError, RecursionError):
        return False


def tell_json_lines(data: bytes, start: bytes) -> str:
    """Tell JSON Lines."""
    if not start.startswith((b"{", b"[")):
        return ""
    lines = first_lines(data)
    told = lines[:-1] if len(lines) > 2 else lines  # the end of the file may cut the last one off
    return "json-lines" if len(told) > 1 and all(map(is_object, told)) else ""


_LONGEST_CELL = 300

_NUMBER = re.compile(r'\s*"?[-+]?[\d.,:/ -]*\d[\d.,:/ %-]*"?\s*')
"""A number, a date or a time. Two classes around one digit that is in both: bounded by the length of a cell."""


# A name of a column as programs write it. One class: linear.
_COLUMN = re.compile(r"\ufeff?[A-Za-z_][\w .()/#%-]{0,60}")
_FEWEST_ROWS = 5


def tell_csv(data: bytes, start: bytes) -> str:
    """Tell tables of data (RFC 4180) with commas, semicolons or tabs.

    Prose has commas too, so a table has numbers below each other, names of columns, or quotes around every cell.
    """
    lines = first_lines(data)
    if len(lines) < 3 or any("|" in line for line in lines):
        return ""
    return "csv" if any(_is_table(lines, separator) for separator in ",\t;") else ""


def _is_table(lines: list[str], separator: str) -> bool:
    if separator not in lines[0]:
        return False
    try:
        rows = list(islice(csv.reader(StringIO("\n".join(lines)), delimiter=separator, strict=True), len(lines)))
    except csv.Error:
        return False
    width = len(rows[0])
    if width < 2 or any(len(row) != width for row in rows):
        return False
    cells = [cell for row in rows for cell in row]
    longest = max(map(len, cells))
    quoted = all(line.startswith('"') and line.rstrip().endswith('"') for line in lines)
    headed = len(set(rows[0])) == width and all(map(_COLUMN.fullmatch, rows[0]))
    if width > 2 and len(rows) > 2 and quoted and len(rows) == len(lines):
        return True
    if longest > _LONGEST_CELL:
        return False
    if separator == "\t" and width > 2 and len(rows) > 2:
        return True
    if len(rows) < _FEWEST_ROWS:
        return False
    numbers = any(all(map(_NUMBER.fullmatch, column)) for column in zip(*rows[1:], strict=True))
    tight = headed and not any(cell.startswith(" ") for cell in cells)  # prose has a blank after a comma
    return (numbers and (width > 2 or tight)) or (tight and width > 2)


# Settings: sections in brackets, and names with values. One run up to a sign: linear.
_SECTION = re.compile(r"\[{1,2}[^\[\]\n]{0,60}[A-Za-z][^\[\]\n]{0,160}\]{1,2}\s*(?:[;#].*)?")
_SETTING = re.compile(
    r"(?:export\s{1,9})?([A-Za-z_@*\"'/$%.-][\w .\"'/\\:@*%+$-]{0,120}?)(?:\[[\w@.]{1,20}\])?\s{0,40}[=:].*"
)
_PLAIN_SETTING = re.compile(r"(?:export\s{1,9})?[A-Za-z_][\w.-]{1,120}\s{0,40}=.*")
_MOST_TOML = 256 * 1024
"""Bytes of TOML that are parsed."""
_FEWEST_SETTINGS = 3


def tell_settings(data: bytes, start: bytes) -> str:
    """Tell TOML, which must be whole, and the many forms of INI, whose every line is a section or a setting."""
    lines = [line.rstrip() for line in first_lines(data)]
    told = [line for line in lines if not line.lstrip().startswith(("#", ";", "!"))]
    if not told or not (_SECTION.fullmatch(told[0]) or _PLAIN_SETTING.fullmatch(told[0])):
        return ""
    if sum("=" in line for line in told) >= _FEWEST_SETTINGS and len(data) <= _MOST_TOML and _is_toml(data):
        return "toml"
    sections = sum(_SECTION.fullmatch(line) is not None for line in told)
    if not sections:
        plain = len(told) >= _FEWEST_SETTINGS and all(map(_PLAIN_SETTING.fullmatch, told))
        return "ini" if plain else ""
    settings = [line for line in told if _SETTING.fullmatch(line)]
    more = sum(line[:1].isspace() for line in told)  # values of several lines, and settings that are set in
    with_equals = sum("=" in line for line in settings)
    if sections + len(settings) + more < len(told) or with_equals < 2 or with_equals * 2 < len(told) - sections:
        return ""
    return "ini"


def _is_toml(data: bytes) -> bool:
    try:
        return bool(tomllib.loads(data.decode()))
    except (ValueError, RecursionError):
        return False


# YAML, told by its lines: a name and its value, set in or in a list or not; an item; what is set in under a text of
# several lines. Classes that end at a colon or a blank: linear.
_NAME = r"(?:[A-Za-z_$.@/][\w.$/@*-]{0,80}|\"[^\"\n]{1,80}\"|'[^'\n]{1,80}'|\d{1,20})"
_ENTRY = re.compile(rf"( *(?:- +){{0,4}}){_NAME} ?:(?: +(.*))?")
_ITEM = re.compile(r"( *)-(?: .*)?")
_OF_FILE = ("---", "...", "%YAML", "%TAG")
_TEXT_FOLLOWS = re.compile(r"[|>][-+\d]{0,3}")


def tell_yaml(data: bytes, start: bytes) -> str:
    """Tell YAML that is nested at least once, so that neither notes nor front matter are taken for it."""
    lines = [line.rstrip() for line in first_lines(data, 2000)]
    dashes = [number for number, line in enumerate(lines) if line == "---"]
    if start.startswith(b"---"):
        # Front matter stands between two such lines. A stream of documents is one where each of them is YAML.
        if len(dashes) > 1 and (dashes[-1] == len(lines) - 1 or not all(_is_yaml(part) for part in _parts(lines))):
            return ""
        return "yaml" if lines[0].split(" ")[0] == "---" and _is_yaml(lines) else ""
    return "yaml" if _is_yaml(lines) else ""


def _parts(lines: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line == "---":
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


def _is_yaml(lines: list[str]) -> bool:
    told: list[tuple[int, bool, bool]] = []  # how far set in, whether it is an entry, whether it is one without value
    inside = -1  # how far the entry is set in whose text of several lines is being passed
    loose = 0
    for line in lines:
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        if inside >= 0 and depth > inside:
            continue
        inside = -1
        if bare.startswith("#") or line.startswith(_OF_FILE):
            continue
        if entry := _ENTRY.fullmatch(line):
            value = (entry[2] or "").strip()
            if value and _TEXT_FOLLOWS.fullmatch(value.split(" #")[0].strip()):
                inside = depth
            told.append((len(entry[1]), True, not value or value.startswith(("#", "&", "!"))))
        elif _ITEM.fullmatch(line):
            told.append((depth, False, False))
        elif depth and told:
            loose += 1
        elif bare[:1] in "]}" and told:
            continue
        else:
            return False
    nested = any(above[2] and below[1] and below[0] > above[0] for above, below in pairwise(told))
    entries = sum(each[1] for each in told)
    return nested and entries >= 4 and entries * 3 >= len(told) and loose * 5 <= len(told)
