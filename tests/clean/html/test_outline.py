"""Data outlined: each field reads as it would among the others, and what is more than data is not outlined at all."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.html.javascript import TokenReader
from clean.html.opening import open_page
from clean.html.script_data import ObjectOutline, breaks_off_at, outline, scripts_of
from clean.html.wechat.data import PageData


def outlined(script: str) -> ObjectOutline | None:
    """Outline an object, and hold it against what reading all of it gives."""
    data = script.encode()
    found = outline(data, 0, len(data))
    if found is not None:
        whole = TokenReader(script).expression(0)
        assert isinstance(whole, dict)
        assert list(found.items()) == list(whole.items())
        assert len(found) == len(whole)
    return found


@pytest.mark.parametrize(
    "script",
    [
        "{}",
        "{ a: '8' * 1, 'b': JsDecode('c'), \"d\": { e: [ 'f', { g: true }, ], }, }",
        "{a:1}",
        r"""{a: JsDecode('\x27, b: {\x0a'), b: 'it\'s, \\', c: "\"}", d: ''}""",
        "{a: [ [ ], { b: 'c}' }, JsDecode( 'd' ) ], b: f(x, {y: 1}), c: (1, 2)}",
        "{a: '' * 1 || 0, b: \"\" || 'c' || \"\", c: 'x'.html(false), d: -1, e: !0, f: window.g}",
        "{a: 'b'\n c, d: 1}",
        "{a: '宣', b: '纸'}",
        "{a: 1, a: 2}",
        "{a: function (x) { return {b: '}'}; }, b: 2}",
        "{a: x => ({y: 1}), b: 2}",
        "{\n a: '1' * 10,\n b: JsDecode('c').length,\n}",
        "{a: '中\u2028文', b: ' '\n, c : 'd'}",
        "{a: 1};",
        "{a: 1} }",
        "{a: 1}, b = 2",
    ],
)
def test_fields_read_as_they_do_among_the_others(script: str) -> None:
    assert outlined(script) is not None


@pytest.mark.parametrize(
    "script",
    [
        "{a: 1} || x", "{a: 1}.b", "{a: 1", "{a: [1}", "{a: (1]}", "{a: 'b}", "{a: 'b\nc', d: 1}", "{a: 'b\\\nc'}",
        "{a: 1, /* b: 2, */ c: 3}", "{a: 1, // b\n c: 3}", "{a: 1 / 2, b: 3}", "{a: /[}]/, b: 3}", "{a: `}`, b: 3}",
        "{...a, b: 1}", "{[a]: 1}", "{a(x) { return 1; }, b: 2}", "{a: x ? 1 : 2}", "{a: 1; b: 2}", "{a, b}", "{1: 2}",
        "{a: 1 <!-- b\n}", "{宣: 1}", "{'a\\x41': 1}", "{a: [1 <!-- ]\n], b: 2}", "{a: 'b'\n c: 1}",
    ],
)  # fmt: skip
def test_what_is_more_than_data_is_read_by_those_who_know_more(script: str) -> None:
    assert outlined(script) is None


PIECES = [
    "a", "b:", "'c'", '"d"', "'e\\x27'", "'\\\\'", "'", '"', ",", ":", ";", "{", "}", "[", "]", "(", ")",
    "JsDecode('f')",
    "a: 1,", "b: '2' * 1,", "c: JsDecode('宣'),", "d: [],", "e: {},", "\n", " ", "`", "/", "//", "/*", "*/", "<!--",
    "*",
    "1", "||", "?", "!", "-", ".html(false)", "=>", "function", "\\", "\u2028", "宣", "...", "true", "$g: '',", "\0",
]  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(lambda pieces: "{" + " ".join(pieces) + "}"))
@settings(max_examples=draws(600), deadline=None)
def test_any_object_reads_alike_both_ways(script: str) -> None:
    outlined(script)
    outlined(script.replace(" ", ""))


MANY = ["'", "\\'", "\\", "[", "a:", "a: '', ", "a: [", "a: 'b\\'", "(", "''", "(''", "a", " "]


@pytest.mark.slow
@pytest.mark.parametrize("piece", MANY)
def test_time_is_linear(piece: str) -> None:
    # Were it quadratic, this would take minutes.
    many = piece * (250_000 // len(piece))
    for script in ("{" + many, "{a: " + many, "{a: '" + many, "{a: [" + many):
        outline(script.encode(), 0, len(script.encode()))


def data_of(*scripts: str) -> dict[str, object]:
    page = "".join(f"<script>{script}</script>" for script in scripts)
    return dict(PageData(scripts_of(open_page(page.encode()))).cgi)


FIELDS = "{a: 1, b: '2' * 1, c: JsDecode('\\x0a')}"
READ = {"a": 1, "b": 2, "c": "\n"}


@pytest.mark.parametrize(
    "script",
    [
        f"window.cgiDataNew = {FIELDS};",
        f"(function () {{ try {{ window.cgiDataNew = {FIELDS}; }} catch (e) {{ }} }})();",
        f"var cgiDataNew = {FIELDS}",
        f"window.cgiDataNew = {FIELDS.replace(', c', ', /* b: 3, */ c')};",
        f"var s = 'cgiDataNew = {{x: 1, y: 2, z: 3}}'; /* cgiDataNew = {{x: 1, y: 2}} */ window.cgiDataNew = {FIELDS};",
        f"function f() {{ cgiDataNew = {{x: 1, y: 2, z: 3}}; }} window.cgiDataNew = {FIELDS};",
        f"window.cgiDataNew = {{x: 1}}; window.cgiDataNew = {FIELDS};",
        f"{'a = 1;' * 1000} window.cgiDataNew = {FIELDS};",
    ],
)
def test_the_pages_data_is_found(script: str) -> None:
    assert data_of("var a = 1;", script) == READ


@pytest.mark.parametrize(
    "before", ["x.cgiDataNew", "// window.cgiDataNew", "cgiDataNewer", "'cgiDataNew", "mycgiDataNew"]
)
def test_what_is_not_the_pages_data_is_left(before: str) -> None:
    assert data_of(f"{before} = {FIELDS}") == {}


def test_where_a_script_breaks_off() -> None:
    assert breaks_off_at("var b = 1; window.a = ", {"a"})
    assert not breaks_off_at("window.a = 1; // window.a = ", {"a"})


@pytest.mark.slow
def test_data_behind_thousands_that_look_like_it_is_found() -> None:
    unit = "cgiDataNew = { a: 1 };\n"
    real = "window.cgiDataNew = { title: JsDecode('竹纸'), mid: '9', idx: '1', };"
    page = f"<html><body><div id=js_content>文</div><script>{unit * 20_000}{real}</script></body></html>"
    assert PageData(scripts_of(open_page(page.encode()))).text(".title") == "竹纸"
