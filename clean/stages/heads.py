"""Heads: what the tool that made a snapshot wrote above the text, read as facts whatever its form.

A rule says which keys of a block of front matter mean what, or which lines a tool writes in its place. What has the
project's own form, with an address and the time of fetching, needs no rule and stays as given.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from clean.frontmatter import ARTICLE_KINDS, FrontMatter, Value, is_key, read_front_matter
from clean.rules import HEAD, Rule, Ruleset
from clean.stages.stage import Edit

__all__ = ["FRONT_MATTER", "Head", "looks_like_head", "read_head"]

FRONT_MATTER = "snapshot.front-matter"

MOST_LINES = 40
"""Lines of a head that is known by its lines, at most."""

LONGEST_LINE = 10_000
"""Characters of one of them, at most."""


class Head(NamedTuple):
    """What stands above a text."""

    front: FrontMatter
    """The block of front matter, its values as the tool means them, and those of the lines below it."""
    edits: tuple[Edit, ...] = ()
    """On the text behind the block: lines that belong to the head, and summaries that the tool wrote below the text."""
    rule: str = FRONT_MATTER
    """By which the block is written anew."""

    @property
    def is_foreign(self) -> bool:
        """Whether another tool's rule read it."""
        return self.rule != FRONT_MATTER or bool(self.edits)

    @property
    def is_missing(self) -> bool:
        """Whether nothing stands above the text."""
        return not self.front.end and not self.edits


def read_head(text: str, ruleset: Ruleset) -> Head:
    """Read what stands above the text of a snapshot. Never fails: what is no head is left alone."""
    front = read_front_matter(text)
    if front.get("kind") in ARTICLE_KINDS:
        return Head(front)  # cleaned before
    rules = ruleset.compiled(HEAD, _compile)
    values, known = dict(front.values), None
    is_own = _address(front.get("url")) and front.get("fetch_date")
    for _ in () if is_own else rules.by_keys:  # a rule that changed something is not asked to change it again
        changed, rule = _by_keys(values, rules.by_keys)
        if rule is None:
            break
        values, known = changed, known or rule
    below = _below(text[front.end :], bool(front.end), values, known, rules.by_lines)
    if not front.end and not below.edits:
        below = next(filter(None, (_foot(text, rule) for rule in rules.by_foot)), below)
    values.update((key, value) for key, value in below.values.items() if not values.get(key))
    front = front._replace(values={key: value for key, value in values.items() if is_key(key)})
    return Head(front, below.edits, known.rule.id if known else FRONT_MATTER)


def looks_like_head(text: str, facts: Mapping[str, Value], ruleset: Ruleset, *, below: bool) -> bool:
    """Whether a text that is none would be read as a head where it begins, `below` front matter with these facts."""
    if not below and read_front_matter(text).end:
        return True
    if facts.get("kind") in ARTICLE_KINDS:
        return False
    rules = ruleset.compiled(HEAD, _compile)
    return bool(_below(text, False, facts, None, rules.by_lines).edits)


class _KeyRule(NamedTuple):
    """A rule by keys: all of `also` are there."""

    rule: Rule
    also: tuple[str, ...]
    keys: Mapping[str, str]
    lines: "_LineRule"


class _LineRule(NamedTuple):
    """A rule by lines, in the order in which a tool writes them; the last of them ends the head."""

    rule: Rule
    patterns: tuple["_Pattern", ...]
    also: frozenset[str]
    tail: tuple[str, ...]


class _HeadRules(NamedTuple):
    by_keys: tuple[_KeyRule, ...]
    by_lines: tuple[_LineRule, ...]
    by_foot: tuple[_KeyRule, ...]


def _compile(ruleset: Ruleset) -> _HeadRules:
    by_lines: list[_LineRule] = []
    by_keys: list[_KeyRule] = []
    by_foot: list[_KeyRule] = []
    for rule in ruleset.rules:
        if rule.stage != HEAD:
            continue
        also, tail = tuple(rule.options.get("also", ())), tuple(rule.options.get("tail", ()))
        lines = _LineRule(rule, tuple(map(_pattern, rule.texts)), frozenset(also), tail)
        if rule.match in {"keys", "foot"}:
            pairs = (pair.rpartition(":") for pair in rule.options["keys"])
            keys = {key.lower(): meaning for key, _, meaning in pairs}
            one = _KeyRule(rule, tuple(map(str.lower, also)), keys, lines._replace(also=frozenset()))
            (by_keys if rule.match == "keys" else by_foot).append(one)
        elif rule.match == "lines":
            by_lines.append(lines)
    return _HeadRules(tuple(sorted(by_keys, key=lambda one: -len(one.also))), tuple(by_lines), tuple(by_foot))


# Blocks of front matter, by their keys.


def _by_keys(values: Mapping[str, Value], rules: Sequence[_KeyRule]) -> tuple[dict[str, Value], _KeyRule | None]:
    """Read values as the first rule means them that changes something; of all, those that ask for most come first."""
    present = {key.lower(): key for key in values}
    for rule in rules:
        if not all(key in present and _is_wanted(rule, key, values[present[key]]) for key in rule.also):
            continue
        result = dict(values)
        for key, meaning in rule.keys.items():
            if key in present:
                _move(result, present[key], meaning, is_tool=bool(rule.also))
        if result != values:
            return result, rule
    return dict(values), None


def _is_wanted(rule: _KeyRule, key: str, value: Value) -> bool:
    """Whether a key by which a tool is known holds what it writes there."""
    return rule.keys.get(key) != "url" or bool(_address(_joined(value)))


def _move(values: dict[str, Value], key: str, meaning: str, *, is_tool: bool) -> None:
    """Give a value the key of its meaning, where it can be read so and nothing stands there."""
    value = values[key]
    read = _READERS.get(meaning, _joined)(_listed(value) if is_tool and isinstance(value, str) else value)
    if not read:
        return
    if key == meaning:
        if meaning == "author" or (is_tool and not _address(_joined(values.get("url", "")))):
            values[key] = read  # else it is as we want it, or as somebody gave it
        return
    there = values.get(meaning)
    if there and (meaning != "url" or _address(_joined(there))):
        return
    if there and "permalink" not in values:
        values["permalink"] = there  # the path of a page on somebody's own site
    del values[key]
    values[meaning] = read


# Lines, by their patterns.


class _Pattern(NamedTuple):
    """The pattern of a line: fixed pieces, and between them blanks with the key of what stands there."""

    text: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether the line stays, because it is the text's own heading."""
        return self.text.startswith("# ") and bool(self.names)

    def read(self, line: str) -> list[tuple[str, str]] | None:
        """Read the blanks of a line, None where it is another one. Each piece is looked for once: linear."""
        first, *others = self.pieces
        if not line.startswith(first) or (not others and line != first):
            return None
        values, at = [], len(first)
        for number, piece in enumerate(others):
            if number + 1 == len(others):
                found = len(line) - len(piece) if line.endswith(piece) else -1
            else:
                found = line.find(piece, at)
            if found < at:
                return None
            values.append(line[at:found].strip())
            at = found + len(piece)
        read = []
        for name, value in zip(self.names, values, strict=True):
            if not name:
                continue
            meant = _READERS.get(name, _joined)(value)
            if not meant and name == "url":
                return None
            read.append((name, meant))
        return read


_BLANK = re.compile(r"\{([a-z_]*)\}")  # as in clean.rules


def _pattern(text: str) -> _Pattern:
    parts = _BLANK.split(text)
    return _Pattern(text, tuple(parts[::2]), tuple(parts[1::2]))


class _Below(NamedTuple):
    """What of the head stands below the block of front matter, or in its place."""

    values: Mapping[str, str] = {}
    edits: tuple[Edit, ...] = ()


def _below(
    body: str, has_block: bool, values: Mapping[str, Value], known: _KeyRule | None, rules: Sequence[_LineRule]
) -> _Below:
    """Read the lines of a tool whose block was read, or of one whose lines name the known address, or any."""
    if known is not None and known.lines.patterns and (found := _lines(body, known.lines)):
        return found
    # At most one blank line below a block: a second one keeps a text from being read as a head.
    start = 1 if has_block and body.startswith("\n") else 0
    if not body[start : start + 1].strip():
        return _Below()
    address = _address(_joined(values.get("url", "")))
    for rule in rules:
        found = _lines(body, rule)
        if found is not None and found.values.get("url") and found.values["url"] == (address or found.values["url"]):
            return found
    return _Below()


# A property at the foot of a text. One name up to a colon: linear.
_PROPERTY = re.compile(r"([a-z][a-z_]{1,40}):(?: (.*))?")


def _foot(body: str, rule: _KeyRule) -> _Below | None:
    """Read the properties that a tool writes below a text whose first line is its title; None where there are none."""
    given: dict[str, str] = {}
    start = end = len(body.rstrip())
    while end > 0:
        begin = body.rfind("\n", 0, end) + 1
        match = _PROPERTY.fullmatch(body[begin:end].rstrip())
        if match is None:
            break
        given.setdefault(match[1], (match[2] or "").strip())
        start, end = begin, begin - 1
    first = next(_lines_of(body), None)
    is_parted = start > 0 and not body[:start].endswith("\n\n\n") and body[:start].endswith("\n\n")
    if not set(rule.also) <= given.keys() or not is_parted or first is None or first.end > start:
        return None
    values = {meaning: _READERS.get(meaning, _joined)(given.get(key, "")) for key, meaning in rule.keys.items()}
    if not values.get("url"):
        return None
    text = next((line.start for line in _lines_of(body) if line.start >= first.end), start)
    edits = (Edit(0, text, "", rule.rule.id), Edit(start, len(body), "", rule.rule.id))
    return _Below({"title": first.text, **{key: value for key, value in values.items() if value}}, edits)


class _Line(NamedTuple):
    """A line with text, and where it and the next one begin."""

    text: str
    start: int
    end: int


def _lines_of(body: str) -> Iterator[_Line]:
    start = 0
    while start < len(body):
        end = body.find("\n", start)
        end = len(body) if end < 0 else end + 1
        if body[start:end].strip():
            yield _Line(body[start:end].strip(), start, end)
        start = end


def _lines(body: str, rule: _LineRule) -> _Below | None:
    """Read the lines at the beginning that are a rule's, None where one is missing by which it is known."""
    values: dict[str, str] = {}
    seen: set[str] = set()
    edits: list[Edit] = []
    more: list[_Line] = []  # lines below a title that may go on with it
    taken = stop = -1
    last = ""
    for number, line in enumerate(_lines_of(body)):
        if taken >= 0:  # the blank lines below a line go with it
            _take(edits, body, taken, line.start, rule.rule.id)
        in_title = (bool(more) or (taken >= 0 and last == "title")) and not rule.also <= seen
        taken = -1
        if number in {stop, MOST_LINES} or len(line.text) > LONGEST_LINE:
            break
        pattern, read = next(_matches(line.text, rule.patterns), (None, []))
        if pattern is None and in_title:
            more.append(line)
            continue
        if pattern is None:
            break
        if more:
            _take(edits, body, more[0].start, line.start, rule.rule.id)
            values["title"] = "\n".join([values["title"], *(one.text for one in more)])
            more = []
        seen.add(pattern.text)
        for key, value in read:
            values[key] = f"{values[key]} {value}" if key == "description" and values.get(key) else value or ""
        last = read[-1][0] if read else ""
        if not pattern.stays:
            taken = line.start
        if pattern == rule.patterns[-1]:
            stop = number + 1
    if taken >= 0:
        _take(edits, body, taken, len(body), rule.rule.id)
    if not edits or not rule.also <= seen:
        return None
    return _Below(values, (*edits, *_tail(body, edits[-1].end, rule)))


def _matches(line: str, patterns: Sequence[_Pattern]) -> Iterator[tuple[_Pattern, list[tuple[str, str]]]]:
    for pattern in patterns:
        read = pattern.read(line)
        if read is not None:
            yield pattern, read


def _take(edits: list[Edit], body: str, start: int, end: int, rule: str) -> None:
    """Take lines with the blank ones below them, but leave a blank line below a heading that had none."""
    if edits and edits[-1].end == start:
        start = edits.pop().start
    parts = start > 0 and not body.startswith("\n\n", start - 2) and body[start:end].endswith("\n\n")
    edits.append(Edit(start, end, "\n" if parts else "", rule))


def _tail(body: str, head: int, rule: _LineRule) -> tuple[Edit, ...]:
    """Find the summaries below a text: a line of `tail`, and a list that goes on to the end or to the next of them."""
    end = start = len(body.rstrip())
    while rule.tail and end > head:
        begin = body.rfind("\n", head, end) + 1 or head
        line = body[begin:end].strip()
        if line in rule.tail:
            start = begin
        elif line and not line.startswith(("- ", "* ", "+ ")):
            break
        end = begin - 1
    return (Edit(start, len(body), "", rule.rule.id),) if start < len(body.rstrip()) else ()


# Values, as tools write them and as the project does.


def _joined(value: Value) -> str:
    return (value if isinstance(value, str) else ", ".join(value)).strip()


# An address with its scheme; what it holds is the site's business. Single classes in a row: linear.
_ADDRESS = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)

# A link of Markdown that is all of a value, with what it points at. Classes that end at the next sign: linear.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(<?([^\s<>]+?)>?(?:\s+\"[^\"]*\")?\)$")

# A wiki link, with the words that stand for its page. Classes that end at the next sign: linear.
_WIKI = re.compile(r"\[\[([^\[\]|]*)(?:\|([^\[\]]*))?\]\]")


def _address(value: Value) -> str:
    """An address, out of a link or of angle brackets; empty where it is none."""
    text = _joined(value)
    if match := _LINK.match(text):
        text = match[2]
    text = text.removeprefix("<").removesuffix(">")
    return text if _ADDRESS.match(text) else ""


def _listed(value: str) -> Value:
    """A YAML list on one line as its items; anything else as it is."""
    if not value.startswith("[") or not value.endswith("]") or value.startswith("[["):
        return value
    items = [item.strip().strip("\"'") for item in value[1:-1].split(",")]
    return tuple(filter(None, items)) or ""


def _words(value: Value) -> str:
    """Words without the marks of wiki links and links around them."""
    text = _WIKI.sub(lambda match: match[2] or match[1].rpartition("/")[2], _joined(value))
    match = _LINK.match(text)
    return (match[1] if match else text).strip()


def _names(value: Value) -> str:
    """Names of people, as one value."""
    if isinstance(value, str) and value.startswith(('["', "['", "[[[")):
        value = _listed(value.replace("[[[", "[ [[", 1))
    return ", ".join(filter(None, map(_words, (value,) if isinstance(value, str) else value)))


def _site(value: Value) -> str:
    """The name of a source; an address is none."""
    text = _words(value)
    return "" if _ADDRESS.match(text) else text


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# A day by numbers, as files of many countries have it, perhaps with a time and a zone in words. Bounded parts that
# begin with different characters: linear.
_BY_NUMBERS = (
    r"(\d{4})(?:-|/|\.|年\s?)(\d{1,2})(?:-|/|\.|月\s?)(\d{1,2})日?(?:[Tt,\s]\s{0,3}(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?"
    r"\s{0,2}(?:\(?(?:UTC|GMT)?\s?([-+]\d{2}:?\d{2}|Z)?\)?)$"
)

# The same with the month's name behind the day (RFC 9110 §5.6.7, RFC 5322 §3.3). Bounded parts: linear.
_DAY_FIRST = (
    r"(?:[A-Za-z]{3,9},?\s)?(\d{1,2})[\s-]([A-Za-z]{3})[a-z]{0,6}\.?,?[\s-](\d{4})"
    r"(?:\s(\d{1,2}:\d{2}(?::\d{2})?)(?:\s(?:UTC|GMT)?([-+]\d{2}:?\d{2}|Z)?)?)?"
)

# And with the month first, as English and JavaScript write it. Bounded parts: linear.
_MONTH_FIRST = (
    r"(?:[A-Za-z]{3,9},?\s)?([A-Za-z]{3})[a-z]{0,6}\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})"
    r"(?:,?\s(\d{1,2}:\d{2}(?::\d{2})?)(?:\s(?:UTC|GMT)?([-+]\d{2}:?\d{2}|Z)?(?:\s\([^()]{1,60}\))?)?)?"
)


def _date(value: Value) -> str:
    """A date in the form of ISO 8601 where it can be told; else as it is given."""
    text = _words(value)
    if match := re.match(_BY_NUMBERS, text, re.ASCII):
        year, month, day, clock, zone = match.groups()
    elif match := re.fullmatch(_DAY_FIRST, text, re.ASCII):
        day, name, year, clock, zone = match.groups()
        month = _month(name)
        zone = zone or ("Z" if clock and text.endswith(("GMT", "UTC")) else None)
    elif match := re.fullmatch(_MONTH_FIRST, text, re.ASCII):
        name, day, year, clock, zone = match.groups()
        month = _month(name)
    else:
        return text
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return text
    written = f"{year}-{int(month):02}-{int(day):02}"
    if not clock:
        return written if not zone else text
    return f"{written}T{clock.zfill(len(clock) + (clock[1] == ':'))}{zone or ''}"


def _month(name: str) -> str:
    return str(_MONTHS.index(name.lower()) + 1) if name.lower() in _MONTHS else "0"


_READERS: Mapping[str, Callable[[Value], str]] = {
    "title": _joined,
    "url": _address,
    "source": _site,
    "author": _names,
    "account": _words,
    "date": _date,
    "fetch_date": _date,
    "modified": _date,
    "cover": _address,
    "description": _joined,
}
"""How a value is read that means this."""
