"""Rules files: what is refused, with file, line and a hint; the built-in rules against their own examples."""

import json
import pickle
import tomllib
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clean.errors import RuleError
from clean.pipeline import clean
from clean.rules import BUILT_IN, Rule, built_in, load_rules, parse_rules, plain_toml
from clean.trial import try_examples

GOOD = """\
profile = "any"

[[rule]]
id = "mine.footer"
stage = "lines"
match = "line"
text = ["订阅本刊", "关于我们"]
zone = "tail"
reason = "The journal's footer."
[[rule.example]]
before = "正文。\\n\\n订阅本刊\\n"
after = "正文。\\n"
[[rule.counter-example]]
text = "怎样订阅本刊？\\n"
"""

# What is replaced in the good file, by what, and the message that follows.
FAULTS = [
    (
        "[[rule]]",
        "[[rule",
        ": Expected ']]' at the end of an array declaration (at line 3, column 7)",
    ),
    (
        'profile = "any"',
        'profil = "any"',
        ":1: 'profil' is not known here; a rules file has `profile` and `[[rule]]`",
    ),
    (
        'profile = "any"',
        'profile = "wechta"',
        ":1: the profile 'wechta' is not known; did you mean 'wechat'?",
    ),
    (
        'profile = "any"',
        "profile = 7",
        ":1: the profile 7 is not known; known are any, generic, wechat",
    ),
    (
        "[[rule]]",
        "[rule]",
        ":1: rules stand under `[[rule]]`, each on a line of its own",
    ),
    (
        'reason = "',
        'raeson = "',
        ":3: 'raeson' is not known in a rule; did you mean 'reason'?",
    ),
    (
        'reason = "The journal\'s footer."',
        "reason = 3",
        ":3: 'reason' cannot be 3",
    ),
    (
        'reason = "The journal\'s footer."',
        'reason = "  "',
        ":3: the rule has no 'reason'",
    ),
    (
        'id = "mine.footer"\n',
        "",
        ":3: the rule has no 'id'",
    ),
    (
        'stage = "lines"',
        'stage = "line"',
        ":3: the stage 'line' is not known; did you mean 'lines'?",
    ),
    (
        'match = "line"',
        'match = "lnie"',
        ":3: the stage 'lines' has no match 'lnie'; did you mean 'line'?",
    ),
    (
        'match = "line"',
        'match = "structure"',
        ":3: the stage 'lines' has no match 'structure'; known are line, pattern, prefix",
    ),
    (
        'zone = "tail"',
        'zone = "tial"',
        ":3: the zone 'tial' is not known; did you mean 'tail'?",
    ),
    (
        'zone = "tail"',
        'profile = "x"',
        ":3: the profile 'x' is not known; known are any, generic, wechat",
    ),
    (
        'text = ["订阅本刊", "关于我们"]\n',
        "",
        ":3: a rule that matches by 'line' needs a `text`",
    ),
    (
        '["订阅本刊", "关于我们"]',
        '["订阅本刊", " "]',
        ":3: `text` is a string, or a list of strings, none of them empty",
    ),
    (
        '["订阅本刊", "关于我们"]',
        '["订阅本刊", 3]',
        ":3: `text` is a string, or a list of strings, none of them empty",
    ),
    (
        "[[rule.counter-example]]",
        "[[rule.counterexample]]",
        ":3: 'counterexample' is not known in a rule; did you mean 'counter-example'?",
    ),
    (
        '[[rule.counter-example]]\ntext = "怎样订阅本刊？\\n"\n',
        "",
        ":3: the rule 'mine.footer' has no [[rule.counter-example]] (text)",
    ),
    (
        'after = "正文。\\n"\n',
        "",
        ":3: an example here has before and after, each a string",
    ),
    (
        'text = "怎样订阅本刊？\\n"',
        'before = "怎样订阅本刊？\\n"',
        ":3: an example here has text, each a string",
    ),
    (
        'match = "line"',
        'match = "pattern"\nlines = "2"',
        ":3: 'lines' cannot be '2'",
    ),
    (
        'match = "line"\ntext = ["订阅本刊", "关于我们"]',
        'match = "pattern"\ntext = "订阅(本刊"',
        ":3: the pattern '订阅(本刊' is no regular expression: missing ), unterminated subpattern at position 2",
    ),
    (
        '"mine.footer"',
        '"text.white-space"',
        ":3: the rule id 'text.white-space' is taken by {taken}",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_a_faulty_file_is_refused_with_file_and_line(old: str, new: str, message: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(RuleError) as caught:
        load_rules([("mine.toml", GOOD.replace(old, new))])
    assert str(caught.value) == "mine.toml" + message.format(taken=built_in().by_id["text.white-space"].place)
    assert caught.value.hint


def test_no_example_is_refused() -> None:
    head, _, rest = GOOD.partition("[[rule.example]]")
    with pytest.raises(RuleError, match=r"^mine\.toml:3: the rule 'mine\.footer' has no \[\[rule\.example\]\] "):
        parse_rules("mine.toml", head + "[[rule.counter-example]]" + rest.partition("[[rule.counter-example]]")[2])


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(RuleError, match=r"^b\.toml:3: the rule id 'mine\.footer' is taken by a\.toml:3$"):
        load_rules([("a.toml", GOOD), ("b.toml", GOOD)])


def test_the_line_is_the_rules_own() -> None:
    second = GOOD.partition("\n\n")[2].replace("mine.footer", "mine.header").replace('zone = "tail"', 'zone = "haed"')
    with pytest.raises(RuleError, match=r"^mine\.toml:17: the zone 'haed' is not known; did you mean 'head'\?$"):
        parse_rules("mine.toml", f"{GOOD}\n\n{second}")


def test_a_librarians_rule_cleans() -> None:
    text = "订阅本刊\n\n" + "正文。\n\n" * 12 + "> **订阅本刊**\n\n怎样订阅本刊？\n\n```\n订阅本刊\n```\n\n订阅本刊\n"
    result = clean(text.encode(), ruleset=load_rules([("mine.toml", GOOD)]))
    assert result.markdown == "订阅本刊\n\n" + "正文。\n\n" * 12 + "怎样订阅本刊？\n\n```\n订阅本刊\n```\n"
    assert [(entry.line, entry.rule) for entry in result.ledger.entries] == [
        (27, "mine.footer"),
        (33, "text.white-space"),
        (35, "mine.footer"),
    ]


@pytest.mark.parametrize(("source", "fires"), [("纸上谈书", True), ("example.org", True), ("别处", False)])
def test_a_rule_may_be_for_one_source(source: str, fires: bool) -> None:
    rules = GOOD.replace('zone = "tail"', f'zone = "tail"\nsource = ["{source}"]')
    text = "---\nurl: https://example.org/1\nsource: 纸上谈书\n---\n\n正文。\n\n订阅本刊\n"
    result = clean(text.encode(), ruleset=load_rules([("mine.toml", rules)]))
    assert ("mine.footer" in result.ledger.counts()) == fires


def test_the_hash_names_what_decides_the_result() -> None:
    one = load_rules([("mine.toml", GOOD)]).sha256
    assert load_rules([("elsewhere.toml", "\n" + GOOD.replace("footer.", "foot."))]).sha256 == one
    assert load_rules([("mine.toml", GOOD.replace("关于我们", "联系我们"))]).sha256 != one
    assert load_rules([("mine.toml", GOOD.replace('"tail"', '"head"'))]).sha256 != one
    assert built_in().sha256 != one


def test_rules_go_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(built_in()))
    assert copy.rules == built_in().rules
    assert copy.sha256 == built_in().sha256


@pytest.mark.slow
@pytest.mark.parametrize("rule", built_in().rules, ids=[rule.id for rule in built_in().rules])
def test_a_built_in_rule_does_what_its_examples_say(rule: Rule) -> None:
    assert [fault for fault in try_examples(rule, built_in()) if fault] == []


def test_a_dead_rule_is_found() -> None:
    dead = GOOD.replace("正文。\\n\\n订阅本刊\\n", "正文。\\n").replace("怎样订阅本刊？", "订阅本刊")
    ruleset = load_rules([("mine.toml", dead)])
    faults = [
        (fault.counter, fault.reason, fault.got)
        for fault in try_examples(ruleset.by_id["mine.footer"], ruleset)
        if fault
    ]
    assert faults == [(False, "silent", "正文。\n"), (True, "fires", "")]


WORDS = st.text(st.sampled_from("纸 a\"'\\#,[]=\tné\u2028"), max_size=6)
STRINGS = st.one_of(
    WORDS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    WORDS.map(json.dumps),
    WORDS.map(lambda text: f"'{text}'"),
    WORDS.map(lambda text: f'"{text}"'),
    WORDS.map(lambda text: f"'''{text}'''"),
    WORDS.map(lambda text: f"'''\n{text}\n{text}'''"),
)
BETWEEN = st.sampled_from([",", ", ", " , ", ",\n  ", ", # 墨, \"'\n", " ", ",,"])
LISTS = st.tuples(st.lists(STRINGS, max_size=3), BETWEEN, st.sampled_from(["", ",", "\n", " # ]\n", ",\n"])).map(
    lambda parts: f"[{parts[1].join(parts[0])}{parts[2]}]"
)
VALUES = st.one_of(
    STRINGS, LISTS, st.sampled_from(["7", "0", "07", "-3", "+1", "1_000", "1.5", "true", "false", "True"])
)
STATEMENTS = st.one_of(
    st.tuples(st.sampled_from(["id", "text", "at-most", "example", "a b", '"q"']), VALUES).map(" = ".join),
    st.sampled_from(
        [
            "[[rule]]",
            "[[rule]] # 纸",
            "[rule.keys]",
            "[rule.example]",
            "[[rule.keys]]",
            "a_1 = 7",
            "example = []",
            "[[rule.example]]",
            "[rule]",
            "[[example]]",
            "# 墨",
            "",
            "  ",
            "\t# a",
            "[[rule",
        ]
    ),
)
ENDS = st.sampled_from(["\n", "\n", "\n", " # 砚\n", "\r\n", "  \n", ""])


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(STATEMENTS, ENDS), max_size=8).map(lambda lines: "".join(map("".join, lines))))
def test_a_rules_file_says_what_toml_says(text: str) -> None:
    """The quick reader reads it as a whole parser does, or leaves it to that."""
    found = plain_toml(text)
    if found is not None:
        assert found == tomllib.loads(text)


def test_the_built_in_rules_are_read_quickly() -> None:
    """All of them are written so that no whole parser of TOML is needed, and say what it would read."""
    for name in BUILT_IN:
        text = (files("clean") / "rules" / name).read_text(encoding="utf-8")
        assert plain_toml(text) == tomllib.loads(text), name


HEAD_RULE = """\
[[rule]]
id = "mine.head"
stage = "front-matter"
match = "{match}"
text = {text}
keys = {keys}
reason = "Our scraper's head."
[[rule.example]]
before = "---\\nseite: https://example.org/1\\n---\\n\\n正文。\\n"
after = "---\\nurl: https://example.org/1\\nsource: example.org\\n---\\n\\n正文。\\n"
[[rule.counter-example]]
text = "---\\nseite: 7\\n---\\n\\n正文。\\n"
"""


def test_a_librarians_rule_about_a_head_is_used() -> None:
    ruleset = load_rules([("mine.toml", HEAD_RULE.format(match="keys", text=[], keys='["Seite:url"]'))])
    assert [fault for fault in try_examples(ruleset.by_id["mine.head"], ruleset) if fault] == []


@pytest.mark.parametrize(
    ("match", "text", "keys", "message"),
    [
        ("keys", "[]", "[]", ":1: a rule that matches by 'keys' needs `keys`, each written `theirs:ours`"),
        ("keys", "[]", '["seite:ulr"]', ":1: 'ulr' is no key of front matter; did you mean 'url'?"),
        ("keys", "[]", '["seite"]', ":1: 'seite' is no key of front matter"),
        ("lines", '["Titel: {title}"]', "[]", ":1: a head that is known by its lines has the address in one of them"),
        (
            "lines",
            '["Seite: {url}{title}"]',
            "[]",
            ":1: in 'Seite: {url}{title}' nothing stands between two blanks, so nobody knows where one ends",
        ),
    ],
)
def test_a_rule_about_a_head_is_refused(match: str, text: str, keys: str, message: str) -> None:
    with pytest.raises(RuleError) as error:
        load_rules([("mine.toml", HEAD_RULE.format(match=match, text=text, keys=keys))])
    assert str(error.value).startswith(f"mine.toml{message}")
