r"""Front matter: lenient parsing line by line, and output as valid YAML in a fixed order.

Files in the wild are not YAML: titles hold unquoted colons, begin with `[`, or contain `\"` without quotes, so a
YAML parser refuses them or, worse, reads something else. Here a key and everything after its colon is a value.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

__all__ = [
    "ARTICLE_KINDS",
    "BOOLEAN_KEYS",
    "KEY_ORDER",
    "PROVENANCE_KEYS",
    "FrontMatter",
    "Value",
    "read_front_matter",
    "write_front_matter",
]

Value = str | tuple[str, ...]

PROVENANCE_KEYS = ("title", "url", "source", "date", "fetch_date")
"""What a snapshot's tool writes; these stay as given."""

FACT_KEYS = (
    "kind",
    "author",
    "account",
    "original",
    "declaration",
    "edited",
    "modified",
    "place",
    "published",
    "cover",
    "description",
    "reposted_from",
    "reposted_author",
    "reposted_url",
    "source_url",
    "collection",
    "paid",
    "truncated",
    "derived_from",
)
"""What cleaning found in the interface text, in the order in which it is written."""

ARTICLE_KINDS = frozenset({"article", "image", "text", "audio", "video", "music", "short"})
"""Values of `kind`: what the platform calls the article."""

KEY_ORDER = (*PROVENANCE_KEYS, *FACT_KEYS)

BOOLEAN_KEYS = frozenset({"original", "edited", "paid", "truncated"})
"""Facts that are true where they are present."""

# A key at the start of a line. Keys are words as tools write them; a URL's "https:" is followed by no space or end.
_KEY = re.compile(r"([A-Za-z_][\w-]*):(?:[ \t]+(.*))?$", re.ASCII)

# A whole value in one pair of double quotes with nothing but escaped ones inside. Single characters in a star
# whose alternatives begin differently: linear.
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"$')

# A whole value in single quotes, where a quote is doubled. Alternatives begin differently: linear.
_SINGLE_QUOTED = re.compile(r"'((?:[^']|'')*)'$")

# Escapes in a double-quoted value that we write or that YAML tools commonly write.
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = dict(zip("ntr0eN_LP", "\n\t\r\0\x1b\x85\xa0\u2028\u2029", strict=True))

# Values that YAML 1.1 or 1.2 reads as something else than a string: truth values, nothing, numbers, dates, times.
_NOT_A_STRING = re.compile(
    r"(?:~|null|true|false|yes|no|on|off|y|n|[-+]?(?:\.inf|\.nan)|[-+.\d][-+.:_\d]*(?:e[-+]?\d+)?|0[xob][\da-f_]+"
    r"|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|=|<<)$",
    re.IGNORECASE | re.ASCII,
)

# Dates as tools write them: they stay plain, so that static site tools read them as dates.
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?$", re.ASCII)

# What makes a plain YAML scalar something else: an indicator first, a tab, ": " or " #" inside, white space at an end.
_UNSAFE_PLAIN = re.compile(r"""[-?:,\[\]{}#&*!|>'"%@`\s]|.*\t|.*:(?:\s|$)|.*\s#|.*\s$""", re.DOTALL)

# Characters that a YAML stream may not hold as such, and line ends, which would fold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\n\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class FrontMatter(NamedTuple):
    """What stood between the two `---` lines, and where it ends."""

    values: Mapping[str, Value]
    """By key, in the order of the file."""
    end: int
    """Characters of the source that the block takes, its last line end included; 0 where there is none."""
    closed: bool
    """Whether the second `---` was there."""
    line: int
    """Line of the file on which the block ends, counted from 1."""

    def get(self, key: str) -> str:
        """Return a value as one string, empty where it is missing."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ", ".join(value)


def read_front_matter(text: str) -> FrontMatter:
    """Read the front matter at the start of a text. Never fails: what is not front matter is left alone.

    A line without a key continues the value before it. Where the closing `---` is missing, the block ends at the
    first blank line.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if not text.startswith("---", start):
        return FrontMatter({}, 0, False, 0)
    position = _next_line(text, start)
    if text[start:position].rstrip() != "---" or not _KEY.match(_line(text, position)):
        return FrontMatter({}, 0, False, 0)
    raw: dict[str, list[str]] = {}
    key, number, closed = "", 1, False
    while position < len(text):
        line = _line(text, position)
        number += 1
        if line.rstrip() in {"---", "..."}:
            position, closed = _next_line(text, position), True
            break
        match = _KEY.match(line.rstrip())
        if match:
            key = match[1]
            raw[key] = [match[2] or ""]
        elif line.strip():
            raw[key].append(line.strip())
        elif not _closes(text, position):
            number -= 1
            break
        position = _next_line(text, position)
    return FrontMatter({key: _value(lines) for key, lines in raw.items()}, position, closed, number)


def _closes(text: str, position: int) -> bool:
    """Whether a `---` comes within the next lines, so that a blank line here is inside the block."""
    return "\n---\n" in text[position : position + 400].replace("\r", "")


def _line(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[position:] if end < 0 else text[position:end]


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _value(lines: list[str]) -> Value:
    first, *more = lines
    if not first and more and all(line.startswith("- ") for line in more):
        return tuple(_scalar(line[2:].strip()) for line in more)
    if more and first in {"|", ">", "|-", ">-"}:
        lines = more
    return _scalar("\n".join(lines).strip())


def _scalar(text: str) -> str:
    if match := _DOUBLE_QUOTED.match(text):
        return _ESCAPE.sub(_unescape, match[1])
    if match := _SINGLE_QUOTED.match(text):
        return match[1].replace("''", "'")
    return text


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else match[0]
    return _ESCAPED.get(match[4], match[4])


def write_front_matter(values: Mapping[str, Value]) -> str:
    """Return the block with its two `---` lines, as valid YAML: known keys in fixed order, then the others."""
    keys = [key for key in KEY_ORDER if key in values]
    keys += [key for key in values if key not in KEY_ORDER]
    lines = ["---"]
    for key in keys:
        value = values[key]
        if isinstance(value, tuple):
            lines.append(f"{key}:")
            lines += [f"- {_quote(item)}" for item in value]
        elif (value in {"true", "false"} and key in BOOLEAN_KEYS) or (
            key in {"date", "fetch_date", "published", "modified"} and _is_date(value)
        ):
            lines.append(f"{key}: {value}")
        else:
            lines.append(f"{key}: {_quote(value)}")
    lines.append("---")
    return "\n".join(lines) + "\n"


def _is_date(value: str) -> bool:
    """Whether a value is a date that exists; YAML tools stop at the thirteenth month."""
    if not _DATE.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _quote(value: str) -> str:
    """A YAML scalar that every YAML parser reads back as this very string."""
    if _UNPRINTABLE.search(value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return '"' + _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'
    if not value or _UNSAFE_PLAIN.match(value) or _NOT_A_STRING.match(value):
        return "'" + value.replace("'", "''") + "'"
    return value
