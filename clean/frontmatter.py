r"""Front matter: lenient parsing of YAML line by line, of TOML and JSON, and output as valid YAML in a fixed order.

Files in the wild are not YAML: titles hold unquoted colons, begin with `[`, or contain `\"` without quotes, so a
YAML parser refuses them or, worse, reads something else. Here a key and everything after its colon is a value.
"""

import re
from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime, time
from typing import NamedTuple

__all__ = [
    "ARTICLE_KINDS",
    "BOOLEAN_KEYS",
    "KEY_ORDER",
    "KNOWN_KEYS",
    "PROVENANCE_KEYS",
    "FrontMatter",
    "Value",
    "is_key",
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
    "page_kind",
    "derived_from",
)
"""What cleaning found in the interface text, in the order in which it is written."""

ARTICLE_KINDS = frozenset({"article", "image", "text", "audio", "video", "music", "short"})
"""Values of `kind`: what the platform calls the article."""

KEY_ORDER = (*PROVENANCE_KEYS, *FACT_KEYS)

BOOLEAN_KEYS = frozenset({"original", "edited", "paid", "truncated"})
"""Facts that are true where they are present."""

KNOWN_KEYS = frozenset(KEY_ORDER) | {
    "aliases", "authors", "byline", "categories", "category", "clipped", "collection", "created", "date_published",
    "date_saved", "draft", "excerpt", "fetched_at", "id", "keywords", "lang", "language", "lastmod", "layout", "link",
    "permalink", "publish_date", "publish_time", "published_at", "saved", "site", "site_name", "slug", "source-url",
    "sourceurl", "summary", "tag", "tags", "type", "updated",
}  # fmt: skip
"""Keys by which a block that could as well be somebody's text is known as front matter, in lower case."""

# A key at the start of a line. Keys are words as tools write them, Joplin's `completed?` too; a URL's "https:" is
# followed by no space or end.
_KEY = re.compile(r"([A-Za-z_][\w-]*\??):(?:[ \t]+(.*))?$", re.ASCII)

# A whole value in one pair of double quotes with nothing but escaped ones inside. Single characters in a star
# whose alternatives begin differently: linear.
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"$', re.DOTALL)

# A whole value in single quotes, where a quote is doubled. Alternatives begin differently: linear.
_SINGLE_QUOTED = re.compile(r"'((?:[^']|'')*)'$")

# The head of a block scalar (YAML 1.2 §8.1.1): literal or folded, how its end is meant, its indentation. Linear.
_BLOCK_SCALAR = re.compile(r"([|>])[-+\d]{0,2}$", re.ASCII)

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
    """What stood between the two marks at the start of a text, and where it ends."""

    values: Mapping[str, Value]
    """By key, in the order of the file."""
    end: int
    """Characters of the source that the block takes, its last line end included; 0 where there is none."""
    closed: bool
    """Whether the second mark was there."""
    line: int
    """Line of the file on which the block ends, counted from 1."""

    def get(self, key: str) -> str:
        """Return a value as one string, empty where it is missing."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ", ".join(value)


_NONE = FrontMatter({}, 0, False, 0)


def read_front_matter(text: str) -> FrontMatter:
    """Read the front matter at the start of a text. Never fails: what is not front matter is left alone.

    Between two lines `---` stands YAML, in which a line without a key continues the value before it; where the
    closing `---` is missing, the block ends at the first blank line. Between two lines `+++` stands TOML, and a text
    may begin with a JSON object, as static site tools write them.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if text.startswith("---", start):
        return _yaml(text, start)
    if text.startswith("+++", start):
        return _toml(text, start)
    return _json(text, start) if text.startswith("{", start) else _NONE


# YAML, as people and tools write it.


def _yaml(text: str, start: int) -> FrontMatter:
    first = _next_line(text, start)
    if text[start:first].rstrip() != "---" or not _KEY.match(_line(text, first).rstrip()):
        return _NONE
    stop, closed = _yaml_end(text, first)
    raw: dict[str, list[str]] = {}
    key = ""
    for line in text[first:stop].split("\n"):
        match = _KEY.match(line.rstrip())
        if match:
            key = match[1]
            raw[key] = [match[2] or ""]
        else:
            raw[key].append(line.rstrip())
    if not closed and KNOWN_KEYS.isdisjoint(map(str.lower, raw)):
        return _NONE  # a thematic break above a sentence with a colon
    end = _next_line(text, stop) if closed else stop
    lines = text.count("\n", start, end) + (end == len(text) and not text.endswith("\n"))
    return FrontMatter({key: _value(lines) for key, lines in raw.items()}, end, closed, lines)


class _Paragraph:
    """What the lines since the last blank one are, while the end of a block is looked for."""

    def __init__(self) -> None:
        self.lines = 0
        self.belongs = False
        """Whether it begins with a key, or goes on with an indented value."""
        self.keys: list[str] = []
        """Known keys of the lines at its end, in lower case; a line without a key that follows one belongs to it."""

    def add(self, line: str) -> None:
        match = _KEY.match(line.rstrip())
        self.belongs = self.belongs or (not self.lines and (bool(match) or line[0] in " \t"))
        self.lines += 1
        if match and match[1].lower() in KNOWN_KEYS:
            self.keys.append(match[1].lower())

    def has_more_than(self, given: Set[str]) -> bool:
        """Whether it has a known key that the block's first paragraph has not."""
        return not set(self.keys) <= given

    def is_rest_of(self, given: Set[str]) -> bool:
        """Whether it is the rest of a block that nothing closes: the address and another key."""
        return "url" in self.keys and "url" not in given and len(self.keys) > 1


def _yaml_end(text: str, first: int) -> tuple[int, bool]:
    """Where the block's lines end, and whether a closing mark stands there.

    A title of several lines has blank lines in it, and may be of any length; a body that follows an unclosed block
    has a line `---` somewhere, too. So behind a blank line the mark closes the block only where the lines right
    above it have a key that is known, or every paragraph since begins with a key.
    """
    blank = extended = -1
    all_belong = True
    given: set[str] = set()
    paragraph = _Paragraph()
    position = first
    while position < len(text):
        line = _line(text, position)
        if line.rstrip() in {"---", "..."}:
            goes_on = paragraph.belongs or not paragraph.lines
            if blank < 0 or paragraph.has_more_than(given) or (all_belong and given and goes_on):
                return position, True
            break
        if line.strip():
            if line.startswith("# ") and blank >= 0 and not paragraph.lines:
                break  # the text has begun
            paragraph.add(line)
        else:
            if blank < 0:
                blank, given = position, set(paragraph.keys)
            elif paragraph.lines:
                all_belong = all_belong and paragraph.belongs
                if extended < 0 and paragraph.is_rest_of(given):
                    extended = position
            paragraph = _Paragraph()
        position = _next_line(text, position)
    if extended < 0 <= blank and position >= len(text) and paragraph.is_rest_of(given):
        extended = position
    return next(place for place in (extended, blank, position) if place >= 0), False


def _line(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[position:] if end < 0 else text[position:end]


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


FOLDED_FROM = 50
"""Characters above which a plain value that goes on indented was folded by a tool, as PyYAML does at 80 columns; below,
its lines are somebody's."""


def _value(lines: list[str]) -> Value:
    """The value of a key: what stands behind its colon, and the lines below it."""
    first, *more = lines
    filled = [line.strip() for line in more if line.strip()]
    if not first and filled and all(line.startswith("- ") for line in filled):
        return tuple(_scalar(line[2:].strip()) for line in filled)
    if filled and (match := _BLOCK_SCALAR.match(first)):
        margin = min(len(line) - len(line.lstrip()) for line in more if line.strip())
        inside = [line[margin:] for line in more]
        return (_folded(inside) if match[1] == ">" else "\n".join(inside)).strip("\n")
    if filled and first[:1] in {'"', "'"} and filled[-1][-1] == first[0]:
        return _scalar(_folded([first, *(line.strip() for line in more)], escapes=first[0] == '"').strip())
    if len(first) > FOLDED_FROM and filled and all(line[:1] in {" ", "\t"} for line in more if line):
        return _scalar(_folded([first, *(line.strip() for line in more)]).strip())
    return _scalar("\n".join([first, *filled]).strip())


def _folded(lines: list[str], *, escapes: bool = False) -> str:
    """Lines as YAML folds them (1.2 §6.5): a line end is a space, a blank line is a line end."""
    text = ""
    for line in lines:
        if escapes and (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1] + line  # an escaped line end
        elif not line:
            text += "\n"
        else:
            text += line if not text or text.endswith("\n") else " " + line
    return text


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


# TOML and JSON, as Hugo and Zola write them.


LONGEST = 100_000
"""Characters above which nothing is read as TOML or JSON: their readers are made for files that people write."""

# A line of TOML that a careless tool wrote: a bare or quoted key, and what stands behind the sign. Classes in a row
# that share no character, then the rest of the line: linear.
_TOML_LINE = re.compile(r"""["']?([A-Za-z_][\w-]*)["']?[ \t]*=[ \t]*(\S.*)$""", re.ASCII)


def _toml(text: str, start: int) -> FrontMatter:
    """Read what stands between two lines `+++`; a poem or a divider of plus signs is none."""
    first = _next_line(text, start)
    stop = first
    while stop < len(text) and stop - first <= LONGEST and _line(text, stop).rstrip() != "+++":
        stop = _next_line(text, stop)
    if text[start:first].rstrip() != "+++" or stop >= len(text) or stop - first > LONGEST:
        return _NONE
    block = text[first:stop].replace("\r\n", "\n")
    if any(_is_deep(line) for line in block.split("\n")):
        return _NONE
    import tomllib  # few texts begin so

    try:
        table: Mapping[str, object] | None = tomllib.loads(block)
    except (ValueError, RecursionError):
        table = _careless_toml(block)
    return _from_table(table, text, _next_line(text, stop)) if table else _NONE


def _is_deep(line: str) -> bool:
    """Whether a line has keys with so many dots that nobody wrote it; tomllib takes their square."""
    return line.partition("=")[0].count(".") > 40 or ("{" in line and line.count(".") > 400)


def _careless_toml(block: str) -> Mapping[str, object] | None:
    """Read lines of keys and values that are no valid TOML, such as titles with quotes in their quotes."""
    table: dict[str, object] = {}
    inside = ""
    for line in filter(None, map(str.strip, block.split("\n"))):
        if line.startswith("[") and line.endswith("]") and "=" not in line:
            inside = line.strip("[] ") + "."
        elif match := _TOML_LINE.match(line):
            value = match[2].strip()
            is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            table[inside + match[1]] = value[1:-1] if is_quoted else value
        elif not line.startswith("#"):
            return None
    return table


def _json(text: str, start: int) -> FrontMatter:
    """Read the object at the start of a text; a file that is nothing but JSON is no snapshot."""
    if not text[start + 1 : start + 200].lstrip().startswith('"'):
        return _NONE
    import json  # few texts begin so

    try:
        table, length = json.JSONDecoder().raw_decode(text[start : start + LONGEST])
    except (ValueError, RecursionError):
        return _NONE
    end = _next_line(text, start + length)
    if text[start + length : end].strip() or not text[end : end + LONGEST].strip():
        return _NONE
    return _from_table(table, text, end)


def _from_table(table: Mapping[str, object], text: str, end: int) -> FrontMatter:
    values = dict(_flattened(table, ""))
    if KNOWN_KEYS.isdisjoint(key.rpartition(".")[2].lower() for key in values):
        return _NONE
    lines = text.count("\n", 0, end) + (end == len(text) and not text.endswith("\n"))
    return FrontMatter(values, end, True, lines)


def _flattened(table: Mapping[str, object], above: str) -> Iterator[tuple[str, Value]]:
    """Yield keys with their values as texts; the keys of a table inside of it have its name and a dot before them."""
    for key, value in table.items():
        if isinstance(value, dict):
            if not above:  # deeper ones are settings of a theme
                yield from _flattened(value, f"{key}.")
        elif isinstance(value, list):
            items = tuple(_plain(item) for item in value if not isinstance(item, dict | list))
            if items:
                yield above + key, items
        else:
            yield above + key, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def is_key(key: str) -> bool:
    """Whether a key can stand in front matter as this project writes it."""
    return _KEY.match(f"{key}:") is not None


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
