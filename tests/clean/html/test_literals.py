"""Data literals: every way in which WeChat writes a value, what is no value, and time."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.html.javascript import script_tokens
from clean.html.script_data import OPAQUE, assignments, value_of

VALUES = [
    ("'8' * 1", 8),
    ("'0.31' * 1", 0.31),
    ("'' * 1 || 0", 0),
    ('"" || "" || "x"', "x"),
    ('"a"||""', "a"),
    ("'1' || parseInt(Date.now() / 1000, 10)", "1"),
    ("'a &amp;amp; b &#39;'.html(false)", "a &amp; b '"),
    ("'&lt;'.html(false).html(false)", "<"),
    ('htmlDecode("a<br/>&lt;b&gt;")', "a\n<b>"),
    (r"JsDecode('a\x0a\x26amp; \x22\x5cn')", 'a\n&amp; "\\n'),
    (r"'\u4e2d\u{6587}\ud83d\ude00\ud83d'", "中文😀\ufffd"),
    (r"'it\'s \\x41'", "it's \\x41"),
    ("'a\\\nb'", "ab"),
    ("'a' + \"b\"", "ab"),
    ("-1", -1),
    ("!0", True),
    ("(1, ('x'))", "x"),
    ("true ? 'a' : f()", "a"),
    ("null", None),
    ("`plain`", "plain"),
    ("`${a + `}` + '}'}`", OPAQUE),
    ("0x1F", 31),
    ("[1, 'b', [], {},]", [1, "b", [], {}]),
    ("{a: 1, 'b': {c: 'd'}, 3: true, e: [ ], }", {"a": 1, "b": {"c": "d"}, "3": True, "e": []}),
    ("{a: f(x, {y: 1}), b: 2}", {"a": OPAQUE, "b": 2}),
    ("{a: function (x) { return {b: '}'}; }, b: 2}", {"a": OPAQUE, "b": 2}),
    ("{a(x) { return 1; }, b: 2}", {"a": OPAQUE, "b": 2}),
    ("{a: /[/}']{2}/g, b: 2}", {"a": OPAQUE, "b": 2}),
    ("{a: x => ({y: 1}), b: 2}", {"a": OPAQUE, "b": 2}),
    ("{a: 1 / 2 / 3, b: 2}", {"a": OPAQUE, "b": 2}),
    ("{/* a: 1, */ b: 2, // c: 3\n d: 4}", {"b": 2, "d": 4}),
    ("{a: '1' * 1, b: JsDecode('c'), d: \"e\" }", {"a": 1, "b": "c", "d": "e"}),
    ("{a: '1' * 10, b: JsDecode('c').length}", {"a": 10, "b": OPAQUE}),
    ("{...x, [k]: 1, b: 2}", {"b": 2}),
    ("'x' * 1", OPAQUE),
    ("window.a", OPAQUE),
    ("new Date", OPAQUE),
    ("1 2", OPAQUE),
    ("", OPAQUE),
]


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_values(expression: str, value: object) -> None:
    assert value_of(expression) == value


def test_only_the_pages_own_assignments_count() -> None:
    script = """
    // var ct = "1";  /* window.ct = "2" */
    var s = "var ct = '3'; window.ct = '4'";
    function f() { var ct = "5"; ct = "6"; }
    if (/window.ct = "7"/.test(s)) { g(`window.ct = "8"`); }
    var a = 1, ct = "9", b
    var ct2 = "10"
    window.ct = "11"; x.ct = "12"; ct == "13";
    """
    assert list(assignments(script, {"ct"})) == [("ct", "9"), ("ct", "11")]


def test_a_broken_script_costs_its_line() -> None:
    script = "var a = 'it's';\nvar ct = \"1\";\nwindow.d = {e: 'f', g: ;\n"
    assert dict(assignments(script, {"ct", "d"})) == {"ct": "1", "d": {"e": "f", "g": OPAQUE}}


PIECES = [
    "var", "window", ".", "ct", "=", "{", "}", "[", "]", "(", ")", ",", ";", ":", "'", '"', "`", "${", "/",
    "\\", "//", "/*", "*/", "*", "+", "||", "&&", "?", "!", "-", "1", "0x", "1e9", "true", "null", "JsDecode(",
    ".html(false)", "function", "=>", "\\x41", "\\u{110000}", "\\ud800", "<!--", "中", "a:", "'b',",
]  # fmt: skip
pieces = st.sampled_from([*PIECES, "\n", "\u2028", "\0", "\x85"])


@pytest.mark.slow
@given(st.lists(pieces, max_size=60).map(" ".join) | st.lists(pieces, max_size=60).map("".join) | st.text(max_size=80))
@settings(max_examples=draws(400), deadline=None)
def test_any_text_is_read_to_its_end(script: str) -> None:
    list(assignments(script, {"ct", "d"}))
    value_of(script)
    last = 0
    for token in script_tokens(script):
        assert token.end > last
        last = token.end


LONG = [
    *PIECES, "/[", '"\\"', "{a:", "a?", "a?b:", "a||", "'a'+", "var a=", "window.ct=", "ct={a:'", "ct={a:'b',",
    "ct=[", "a:{b:[", "1e", "'a'.html(", "}/",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", LONG)
def test_time_is_linear(piece: str) -> None:
    # Were it quadratic, this would take minutes.
    found = list(assignments("var ct = " + piece * (100_000 // len(piece)), {"ct"}))
    assert {name for name, *_ in found} <= {"ct"}
