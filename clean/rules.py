"""Rules as data: what a stage removes and why, with examples and counter-examples, in TOML.

A stage knows how to look; a rule says what for. `load_rules` reads rules files and refuses, with file and line, what a
librarian would not want to find out later: an unknown word, a missing reason, a rule without a counter-example.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar, cast

from clean.document import ADVICE, Advice, State
from clean.errors import RuleError, suggest
from clean.frontmatter import KEY_ORDER

__all__ = [
    "ACTIVE",
    "BUILT_IN",
    "HEAD",
    "LABEL",
    "LEARNED_KEYS",
    "LEARNED_MATCHES",
    "PAGE_DATA",
    "PAGE_STAGES",
    "PIPELINE",
    "STAGE",
    "STATES",
    "TIERS",
    "Example",
    "ExamplePair",
    "Rule",
    "Ruleset",
    "built_in",
    "check_learned_rule",
    "load_rules",
    "parse_rules",
    "plain_toml",
]


# What a learned rule has beyond a hand-written one: where it may act, what it was learned from, what was decided.


STAGE = "learned"

STATES: Mapping[str, str] = {
    "proposed": "nobody has decided",
    "approved": "a person approved it",
    "rejected": "a person rejected it; it is not proposed again",
    "dormant": "approved, and has stopped firing on new pages; old ones still have what it names",
    "suspended": "approved once, and held back since, because it fires in the wrong place or takes too much",
}

ACTIVE = frozenset({"approved", "dormant"})
"""States in which a rule applies: in both a person has approved it."""

TIERS: Mapping[str, str] = {
    "A": "in a run at the edge, on most pages of some time, and nothing speaks against it: ticked",
    "B": "repeated as often, but alone, in the middle, or with something to consider: not ticked",
    "C": "repeated less often, inside a zone of repetition: to be looked at line by line",
    "D": "a label with changing text: its text is kept as a fact, nothing is removed",
}

LEARNED_ZONES = ("head", "tail", "middle")

LABEL = "label"

LEARNED_MATCHES = frozenset({"run", "list", LABEL})
"""`run`: lines that go together. `list`: the same, and the list of the source's own articles below the last of them.
`label`: a line that begins so names a fact; it stays."""

LEARNED_KEYS: Mapping[str, type] = {
    "least": int,
    "reach": int,
    "prose": int,
    "tier": str,
    "evidence": dict,
    "decision": dict,
}


def check_learned_rule(place: str, entry: Mapping[str, Any]) -> None:
    """Check what is a learned rule's own. Raises RuleError with file and line."""
    for key in ("source", "zone", "state", "text"):
        if not entry.get(key):
            raise RuleError(f"{place}: a learned rule needs a {key!r}")
    for key, known in (("state", STATES), ("zone", LEARNED_ZONES), ("tier", TIERS)):
        value = entry.get(key)
        if value is not None and value not in known:
            raise RuleError(f"{place}: the {key} {value!r} is not known in a learned rule{suggest(str(value), known)}")
    texts = [entry["text"]] if isinstance(entry["text"], str) else entry["text"]
    is_label = entry["match"] == LABEL
    numbers = {"reach": 1, "prose": 0} if is_label else {"reach": 0, "prose": 0, "least": 1}
    for key, smallest in numbers.items():
        number = entry.get(key)
        if not isinstance(number, int) or number < smallest:
            raise RuleError(f"{place}: a learned rule needs {key!r}, a whole number from {smallest} on")
    if entry["match"] == "list" and entry["zone"] != "tail":
        raise RuleError(f"{place}: lists of other articles stand in the 'tail'; elsewhere they are an article's own")
    if entry.get("least", 0) > len(texts):
        raise RuleError(f"{place}: 'least' is {entry['least']}, and the rule has only {len(texts)} lines")
    if is_label:
        if not entry.get("fact"):
            raise RuleError(f"{place}: a rule that matches by 'label' needs a 'fact'")
        return
    from clean.normalise import normalise_line  # its expressions cost 7 ms, which most cleaning does not need

    for text in texts:
        wanted = normalise_line(str(text)).text
        if wanted != text:
            hint = f"Write {wanted!r}." if wanted else "A line of symbols alone is never removed; leave it out."
            raise RuleError(f"{place}: {text!r} is not as lines are compared, so it would never be found", hint=hint)


_T = TypeVar("_T")

PIPELINE = 1
"""Raised when the stages' own code gives another text for the same rules: part of the ruleset's hash."""

BUILT_IN = (
    "document.toml",
    "heads.toml",
    "markdown.toml",
    "wechat-head.toml",
    "wechat-tail.toml",
    "wechat-states.toml",
    "wechat-pages.toml",
    "html.toml",
    "generic.toml",
    "page-data.toml",
    "notice-makers.toml",
    "notice-sites.toml",
    "notice-phrases.toml",
)

PROFILES = ("any", "wechat", "generic")

# What a rule about the head of another tool's text has: which keys it is known by, what they mean, which lines follow.


HEAD = "front-matter"

_BLANKS = re.compile(r"\{([a-z_]*)\}")  # a blank in the pattern of a line, with the key of its value; linear


def check_head_rule(place: str, entry: Mapping[str, Any]) -> None:
    """Check what is the own of a rule about heads. Raises RuleError with file and line."""
    keys = _texts(place, entry.get("keys", []))
    wanted = [key.rpartition(":")[2] for key in keys]
    for text in _texts(place, entry.get("text", [])):
        parts = _BLANKS.split(text)
        wanted += filter(None, parts[1::2])
        if "" in parts[2:-1:2]:
            raise RuleError(f"{place}: in {text!r} nothing stands between two blanks, so nobody knows where one ends")
    for name in wanted:
        if name not in KEY_ORDER:
            raise RuleError(f"{place}: {name!r} is no key of front matter{suggest(str(name), KEY_ORDER)}")
    if entry["match"] in {"keys", "foot"} and not keys:
        raise RuleError(f"{place}: a rule that matches by {entry['match']!r} needs `keys`, each written `theirs:ours`")
    if entry["match"] == "lines" and "url" not in wanted:
        hint = (
            "What begins with a title and a date may be somebody's text; one of the lines needs the place of the url."
        )
        raise RuleError(f"{place}: a head that is known by its lines has the address in one of them", hint=hint)


# What a rule about notices has: what of a page it looks for, which state that is, what a person can do then.


NOTICE = "notice"

NOTICE_MATCHES = frozenset({"marks", "phrases", "structure"})
"""`marks`: parts and words of a maker's page, where there is little else. `phrases`: what the whole text says."""

MARKS = ("title", "text", "line", "id", "class", "element", "script", "noscript", "frame", "form", "link", "has")
"""Kinds of marks, written `kind:value`. The first three are words that a reader sees."""


def check_notice_rule(place: str, entry: Mapping[str, Any]) -> None:
    """Check what is a notice rule's own. Raises RuleError with file and line."""
    state, advice = entry.get("state"), entry.get("advice")
    others = [one.value for one in State]  # `live` for what is an article all the same
    if state is None and entry["match"] != "phrases":
        raise RuleError(f"{place}: a rule about notices needs a 'state'")
    if state is not None and state not in others:
        raise RuleError(f"{place}: the state {state!r} is not known{suggest(str(state), others)}")
    if advice is not None and advice not in list(Advice):
        raise RuleError(f"{place}: the advice {advice!r} is not known{suggest(str(advice), list(Advice))}")
    texts = _texts(place, entry.get("text", []))
    for mark in (*(texts if entry["match"] == "marks" else ()), *_texts(place, entry.get("also", []))):
        kind, colon, value = mark.partition(":")
        if not colon or kind not in MARKS or not value.strip():
            raise RuleError(
                f"{place}: {mark!r} is no mark{suggest(kind, MARKS)}",
                hint=f"A mark is written `kind:value`; the kinds are {', '.join(MARKS)}.",
            )


# What a rule about a page's data has: where the data stand, which keys hold the text, what that is written in.


PAGE_DATA = "page-data"

DATA_MATCHES = frozenset({"json-ld", "element", "variable", "call", "attribute", "markup"})
"""What `text` names: types of schema.org; script elements, by `#id` or by their type; variables; functions, as
`object.method`; attributes, as `element attribute`, `#id attribute` or `attribute`; elements that hold a copy."""

FORMATS = ("any", "html", "text", "markdown")

_KEY_LISTS = ("body", "replies", "title", "author", "date")


def check_data_rule(place: str, entry: Mapping[str, Any]) -> None:
    """Check what is the own of a rule about a page's data. Raises RuleError with file and line."""
    if not entry.get("body") and entry["match"] != "markup":
        raise RuleError(
            f"{place}: a rule about a page's data needs a 'body'",
            hint='Name the keys that hold the text, the best first: body = ["contentHtml", "content.rendered"].',
        )
    for key in _KEY_LISTS:
        if not isinstance(entry.get(key, []), list):
            raise RuleError(f"{place}: {key!r} is a list of keys")
        _texts(place, entry.get(key, []))
    if entry.get("format", "any") not in FORMATS:
        raise RuleError(f"{place}: the format {entry['format']!r} is not known{suggest(str(entry['format']), FORMATS)}")


_LINES = frozenset({"line", "prefix", "pattern"})
MATCHES: Mapping[str, frozenset[str]] = {
    HEAD: frozenset({"structure", "keys", "lines", "foot"}),
    "state": frozenset({"structure", "line", "prefix"}),
    NOTICE: NOTICE_MATCHES,
    PAGE_DATA: DATA_MATCHES,
    "page-state": frozenset({"structure", "prefix"}),
    "page-chrome": frozenset({"selector"}),
    "page-frame": frozenset({"structure", "selector"}),
    "render": frozenset({"structure"}),
    "generic": frozenset({"structure"}),
    "text-post": frozenset({"structure"}),
    "anchored-tail": frozenset({"structure", "line"}),
    "rendered-panel": frozenset({"lead", "anchor", "follow", "pattern"}),
    "scraper-head": frozenset({"structure"}),
    "title": frozenset({"structure"}),
    "wechat-head": frozenset({"structure", "line", "prefix", "pattern"}),
    "lines": _LINES,
    STAGE: LEARNED_MATCHES,
    "placeholders": frozenset({"structure"}),
    "layout-tables": frozenset({"structure"}),
    "characters": frozenset({"structure"}),
    "emphasis": frozenset({"structure"}),
    "white-space": frozenset({"structure"}),
}
"""Stages, and the ways in which their rules may say what to look for. `structure`: the stage's code knows."""

PAGE_STAGES = frozenset({PAGE_DATA, "page-state", "page-chrome", "page-frame", "render", "generic"})
"""Stages that work on the nodes of a page: the examples of their rules are HTML."""

_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "profile": str,
    "stage": str,
    "match": str,
    "text": (str, list),
    "reason": str,
    "reason-zh": str,
    "example": list,
    "counter-example": list,
    "order": int,
    "anchor": bool,
    "sure": (bool, list),
    "repeats": bool,
    "fact": str,
    "state": str,
    "zone": str,
    "lines": int,
    "source": (str, list),
    "after": str,
    "also": list,
    "at-most": int,
    "advice": str,
    "maker": str,
    "since": str,
    "body": list,
    "replies": list,
    "format": str,
    "title": list,
    "author": list,
    "date": list,
    "keys": list,
    "tail": list,
}
_EFFECTIVE = (
    "advice",
    "after",
    "also",
    "at-most",
    "maker",
    *_KEY_LISTS,
    "format",
    "order",
    "anchor",
    "sure",
    "repeats",
    "fact",
    "state",
    "zone",
    "lines",
    "source",
    "keys",
    "tail",
)
_EFFECTIVE_LEARNED = ("fact", "zone", "source", "least", "reach", "prose")
ZONES = ("head", "tail", "anywhere")


class Example(NamedTuple):
    """A text before and after cleaning. In a counter-example both are the same and the rule stays silent."""

    before: str
    after: str


class ExamplePair(NamedTuple):
    """One example and one counter-example, which a rule must have to be loaded."""

    example: Example
    counter_example: Example


class Rule(NamedTuple):
    """A rule: a thing that a stage looks for."""

    id: str
    stage: str
    match: str
    texts: tuple[str, ...]
    reason: str
    reason_zh: str
    """The reason in Chinese, empty where nobody wrote one."""
    profile: str
    examples: tuple[Example, ...]
    counter_examples: tuple[Example, ...]
    options: Mapping[str, Any]
    """What the stage asks for: `advice`, `after`, `also`, `anchor`, `at-most`, `fact`, `keys`, `lines`, `maker`,
    `order`, `repeats`, `source`, `state`, `sure`, `tail`, `zone`; of a page's data `body`, `replies`, `format`,
    `title`, `author`, `date`; of a learned rule all that clean.rules knows."""
    place: str
    """`file:line` where the rule stands."""

    @property
    def is_active(self) -> bool:
        """Whether the rule applies: a learned one only where a person approved it."""
        return self.stage != STAGE or self.options["state"] in ACTIVE


class Ruleset:
    """All rules of one cleaning, in the order of their files."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.by_id: Mapping[str, Rule] = {rule.id: rule for rule in self.rules}
        self._compiled: dict[str, Any] = {}

    def of(self, stage: str, profile: str) -> tuple[Rule, ...]:
        """The rules of one stage that a profile uses."""
        return tuple(rule for rule in self.rules if rule.stage == stage and rule.profile in {profile, "any"})

    def advice(self, state: State, rule: str) -> Advice | None:
        """Return what to do where a rule told a state: what the rule says, else what the state does."""
        own = self.by_id[rule].options.get("advice") if rule in self.by_id else None
        return Advice(own) if own else ADVICE.get(state)

    def maker(self, rule: str) -> str:
        """Return who makes what a rule tells, empty where it does not say."""
        return str(self.by_id[rule].options.get("maker", "")) if rule in self.by_id else ""

    def compiled(self, stage: str, compiler: Callable[["Ruleset"], _T]) -> _T:
        """Return what a stage makes of its rules, made once for this ruleset."""
        if stage not in self._compiled:
            self._compiled[stage] = compiler(self)
        return cast(_T, self._compiled[stage])

    @cached_property
    def sha256(self) -> str:
        """Lowercase hex over everything in the rules that decides the result; reasons and examples do not."""
        effective = [
            [rule.id, rule.stage, rule.match, rule.texts, rule.profile]
            + [[key, rule.options[key]] for key in _effective(rule.stage) if key in rule.options]
            for rule in sorted(self.rules)
        ]
        return sha256(json.dumps([PIPELINE, effective], ensure_ascii=False).encode()).hexdigest()

    def __reduce__(self) -> tuple[Any, ...]:
        return Ruleset, (self.rules,)


def _effective(stage: str) -> tuple[str, ...]:
    return _EFFECTIVE_LEARNED if stage == STAGE else _EFFECTIVE


@cache
def built_in() -> Ruleset:
    """Return the rules that come with this software."""
    folder = files("clean") / "rules"
    return load_rules([(name, (folder / name).read_text(encoding="utf-8")) for name in BUILT_IN], extend=False)


def load_rules(named_texts: Sequence[tuple[str, str]], *, extend: bool = True, undecided: bool = False) -> Ruleset:
    """Read rules files, given as (name, text) pairs, on top of the built-in rules unless `extend` is off.

    Learned rules that nobody approved are read and left out, unless `undecided` asks for them, to try them.

    Raises RuleError, which says file and line, at the first thing that is wrong.
    """
    rules = list(built_in().rules) if extend else []
    seen = {rule.id: rule.place for rule in rules}
    for name, text in named_texts:
        for rule in parse_rules(name, text):
            if rule.id in seen:
                raise RuleError(
                    f"{rule.place}: the rule id {rule.id!r} is taken by {seen[rule.id]}",
                    hint="Ids are never used twice; add a word to yours.",
                )
            seen[rule.id] = rule.place
            if undecided or rule.is_active:
                rules.append(rule)
    return Ruleset(rules)


# TOML as rules files are mostly written: strings, lists of strings, whole numbers and `true`, under `[[rule]]` and what
# belongs to it. Read by one expression, the built-in rules take an eighth of the time that a parser of all of TOML
# takes, which is a third of what it takes to clean one file. Whatever is not written so is left to that parser.
#
# Every repetition is possessive and of characters that what follows it cannot begin with: linear.


_BLANK = r"(?:[ \t]*+(?:\#[^\n]*+)?\n)*+"
_WITHIN = r"(?:[ \t\n]|\#[^\n]*+\n)*+"
_ESCAPE = r"""\\(?:[btnfr"\\]|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4})"""
_QUOTED = rf"""(?:"(?!"")[^"\\\n]*+(?:{_ESCAPE}[^"\\\n]*+)*+"|'(?!'')[^'\n]*+')"""
_STATEMENT = re.compile(
    rf"""{_BLANK}(?:
        \[\[(?P<table>[A-Za-z-]++)\]\]
        | \[\[(?P<above>[A-Za-z-]++)\.(?P<below>[A-Za-z-]++)\]\]
        | \[(?P<holder>[A-Za-z-]++)\.(?P<part>[A-Za-z-]++)\]
        | (?P<key>[A-Za-z0-9_-]++|"[^"\\\n]++")[ ]*+=[ ]*+(?:
            (?P<quoted>{_QUOTED})
            | '''\n?(?P<block>(?:[^']|''?(?!'))*+)'''
            | (?P<list>\[{_WITHIN}(?:{_QUOTED}{_WITHIN}(?:,{_WITHIN}|(?=\])))*+\])
            | (?P<number>0|[1-9][0-9]{{0,8}}+)
            | (?P<truth>true|false)
        )
    )[ \t]*+(?:\#[^\n]*+)?(?:\n|\Z)""",
    re.VERBOSE,
)
_REST = re.compile(rf"{_BLANK}[ \t]*+(?:\#[^\n]*+)?\Z")
_QUOTED_IN_LIST = re.compile(rf"\#[^\n]*+|{_QUOTED}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def plain_toml(text: str) -> dict[str, Any] | None:
    """Return what a TOML file says that is written as most rules files are; None for all others, wrong ones too."""
    if _CONTROL.search(text):
        return None
    root: dict[str, Any] = {}
    here = root
    at = 0
    while (found := _STATEMENT.match(text, at)) is not None:
        at = found.end()
        table, above, below, holder, part, key, quoted, block, items, number, truth = found.groups()
        if key is not None:
            key = key.strip('"')
            if key in here:
                return None
            if quoted is not None:
                here[key] = _unquoted(quoted)
            elif block is not None:
                here[key] = block
            elif items is not None:
                here[key] = [_unquoted(one) for one in _QUOTED_IN_LIST.findall(items) if one[0] != "#"]
            else:
                here[key] = int(number) if number is not None else truth == "true"
            continue
        if part is not None:
            outer = _last_table(root, holder)
            if outer is None or part in outer:
                return None
            here = outer[part] = {}
            continue
        name, outer = (table, root) if table is not None else (below, _last_table(root, above))
        if outer is None or (name in outer and _last_table(outer, name) is None):
            return None
        here = {}
        outer.setdefault(name, []).append(here)
    return root if _REST.match(text, at) else None


def _last_table(root: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the table that `[[name.…]]` belongs to; None where it is not one of several."""
    tables = root.get(name)
    last = tables[-1] if isinstance(tables, list) and tables else None
    return last if isinstance(last, dict) else None


def _unquoted(text: str) -> str:
    """Return the value of a string; of what TOML escapes, all that gets here JSON escapes in the same way."""
    return text[1:-1] if text[0] == "'" or "\\" not in text else str(json.loads(text, strict=False))


def parse_rules(name: str, text: str) -> list[Rule]:
    """Read one rules file. Raises RuleError with file and line."""
    table = plain_toml(text)
    if table is None:
        import tomllib  # 10 ms that the built-in rules do not need

        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RuleError(f"{name}: {error}", hint="The file is not TOML; see https://toml.io") from error
    for key in table:
        if key not in {"profile", "rule"}:
            raise RuleError(f"{name}:1: {key!r} is not known here; a rules file has `profile` and `[[rule]]`")
    profile = table.get("profile", "any")
    if profile not in PROFILES:
        raise RuleError(f"{name}:1: the profile {profile!r} is not known{suggest(str(profile), PROFILES)}")
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == "[[rule]]"]
    entries = table.get("rule", [])
    if not isinstance(entries, list) or len(starts) != len(entries):
        raise RuleError(f"{name}:1: rules stand under `[[rule]]`, each on a line of its own")
    return [_rule(f"{name}:{line}", entry, profile) for line, entry in zip(starts, entries, strict=True)]


def _rule(place: str, entry: Mapping[str, Any], profile: str) -> Rule:
    known = {**_KEYS, **LEARNED_KEYS} if entry.get("stage") == STAGE else _KEYS
    for key, value in entry.items():
        if key not in known:
            raise RuleError(f"{place}: {key!r} is not known in a rule{suggest(key, known)}")
        if not isinstance(value, known[key]):
            raise RuleError(f"{place}: {key!r} cannot be {value!r}")
    for key in ("id", "stage", "match", "reason"):
        if not str(entry.get(key, "")).strip():
            raise RuleError(f"{place}: the rule has no {key!r}")
    stage, match, zone = entry["stage"], entry["match"], entry.get("zone", "anywhere")
    if stage not in MATCHES:
        raise RuleError(f"{place}: the stage {stage!r} is not known{suggest(stage, MATCHES)}")
    if match not in MATCHES[stage]:
        raise RuleError(f"{place}: the stage {stage!r} has no match {match!r}{suggest(match, MATCHES[stage])}")
    if stage == NOTICE:
        check_notice_rule(place, entry)
    if stage == PAGE_DATA:
        check_data_rule(place, entry)
    if stage == HEAD:
        check_head_rule(place, entry)
    if stage == STAGE:
        check_learned_rule(place, entry)
    elif zone not in ZONES:
        raise RuleError(f"{place}: the zone {zone!r} is not known{suggest(zone, ZONES)}")
    profile = entry.get("profile", profile)
    if profile not in PROFILES:
        raise RuleError(f"{place}: the profile {profile!r} is not known{suggest(profile, PROFILES)}")
    texts = _texts(place, entry.get("text", []))
    if not texts and match not in {"structure", "keys", "foot"}:
        raise RuleError(f"{place}: a rule that matches by {match!r} needs a `text`")
    if match == "pattern":
        for text in texts:
            _check_pattern(place, text)
    examples = tuple(_example(place, item, ("before", "after")) for item in entry.get("example", []))
    counters = tuple(_example(place, item, ("text",)) for item in entry.get("counter-example", []))
    if not examples or not counters:
        missing = "[[rule.example]] (before, after)" if not examples else "[[rule.counter-example]] (text)"
        raise RuleError(f"{place}: the rule {entry['id']!r} has no {missing}")
    options = {key: entry[key] for key in (*_EFFECTIVE, *LEARNED_KEYS) if key in entry}
    reasons = entry["reason"], entry.get("reason-zh", "")
    return Rule(entry["id"], stage, match, texts, *reasons, profile, examples, counters, options, place)


def _texts(place: str, value: str | list[Any]) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise RuleError(f"{place}: `text` is a string, or a list of strings, none of them empty")
    return tuple(texts)


def _check_pattern(place: str, text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise RuleError(f"{place}: the pattern {text!r} is no regular expression: {error}") from error


def _example(place: str, item: Any, keys: tuple[str, ...]) -> Example:
    if not isinstance(item, dict) or set(item) != set(keys) or not all(isinstance(v, str) for v in item.values()):
        raise RuleError(f"{place}: an example here has {' and '.join(keys)}, each a string")
    return Example(item[keys[0]], item[keys[-1]])
