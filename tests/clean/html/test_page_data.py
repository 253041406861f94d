"""Pages whose text stands only in their data: each form in which frameworks, editors and search engines have it."""

import json
import runpy
import tomllib
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.document import Cleaned, State
from clean.html.data.structured import structured_html
from clean.page import clean_page

KEYS = [
    "type", "_type", "nodeType", "@type", "content", "children", "text", "value", "marks", "markDefs", "attrs", "data",
    "blocks", "entityMap", "inlineStyleRanges", "entityRanges", "key", "offset", "length", "style", "root", "items",
    "title", "url", "props", "tag", "markups", "start", "end", "metadata", "__ref", "json", "format", "level",
    "listItem",
]  # fmt: skip
KINDS = [
    "doc", "document", "root", "paragraph", "heading", "block", "element", "minimark", "image", "bulletList", "list",
    "Question", "text", "unstyled", "ordered-list-item", "hyperlink", "table", "P", "IMG",
]  # fmt: skip

MISSING = runpy.run_path(str(Path(__file__).parent / "conserved.py"))["missing"]

TEXTS = {
    "@1@": "竹纸以当年的嫩竹为料，砍下以后在塘里浸一百天，皮和肉才分得开。",
    "@2@": "浸好的竹料用石灰煮过，再放进石臼里舂成细浆，舂得越久，纸面越匀。",
    "@3@": "捞纸的人端着帘子在槽里一荡一抬，水漏下去，一张湿纸就留在了帘上。",
    "@x@": "养蚕的人家在清明前后扫蚁，蚕吃桑叶吃到四眠，才上山结茧。",
    "@y@": "缫丝用的水要滚热，丝头从茧子上挑起来，合成一根绕到车上去。",
}


def filled(text: str) -> str:
    for name, words in TEXTS.items():
        text = text.replace(name, words)
    return text


CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "page_data.toml").read_text(encoding="utf-8"))[
    "case"
]


def cleaned(case: dict[str, Any]) -> Cleaned:
    return clean_page(filled(case["page"]).encode(), url=case.get("url", ""))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    got = cleaned(case)
    assert got.state is State(case.get("state", "live"))
    if got.state is not State.LIVE:
        assert got.markdown is None
        return
    assert got.markdown is not None
    body = got.markdown.partition("\n---\n")[2]
    at = 0
    for words in case.get("has", ["@1@", "@2@", "@3@"]):
        assert filled(words) in body[at:], body
        at = body.index(filled(words), at) + len(filled(words))
    for words in case.get("hasnt", ["@x@", "@y@"]):
        assert filled(words) not in body
    assert got.fact("title") == case.get("title", "竹纸是怎样做的")
    assert body.count("竹纸是怎样做的") == body.startswith("\n# 竹纸是怎样做的\n")
    for key in ("author", "date"):
        if key in case:
            assert got.fact(key) == case[key]
    assert got.fact("derived_from") == case.get("rule", "")
    if "rule" in case:
        assert case["rule"] in got.ledger.counts()


STRANGE = [
    "\ud800" + TEXTS["@1@"], "\0" + TEXTS["@2@"] + "\x01\ufffe", "## 一\r\n\r\n- 二\r\n" + TEXTS["@3@"] + "\udfff",
    "&#0;&#xd800;&lt;p>" + TEXTS["@1@"], "<p>" + TEXTS["@2@"] + "\0</p>",
]  # fmt: skip

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 60)
    | st.sampled_from([*TEXTS.values(), *STRANGE, "", "text", "$", "p", "$1"]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner | st.sampled_from(KINDS), max_size=6)
    ),
    max_leaves=40,
)


@pytest.mark.slow
@settings(max_examples=draws(120), deadline=None)
@given(VALUES)
def test_no_value_is_too_strange(value: object) -> None:
    """Whatever data hold, they are read or left; nothing is raised, and the same comes out again."""
    structured_html(value)
    page = f"<html><body><script id='__NEXT_DATA__' type='application/json'>{json.dumps(value)}</script></body></html>"
    assert clean_page(page.encode()) == clean_page(page.encode())


@pytest.mark.parametrize("case", CASES[:12], ids=lambda case: case["name"])
def test_a_page_that_breaks_off_is_read_all_the_same(case: dict[str, Any]) -> None:
    page = filled(case["page"]).encode()
    for end in range(len(page) // 3, len(page), 397):
        assert clean_page(page[:end]).state in {State.LIVE, State.EMPTY}


def with_data(value: str) -> bytes:
    return f"<html><body><script id='__NEXT_DATA__' type='application/json'>{value}</script></body></html>".encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        "[" * 200_000 + "]" * 200_000,
        '{"content":' * 5000 + f'"{TEXTS["@1@"]}"' + "}" * 5000,
        json.dumps([{"content": 1}, *([number + 1] * 10 for number in range(1, 200)), "paragraph", TEXTS["@1@"]]),
        json.dumps({"content": {"type": "doc", "content": [{"type": "paragraph", "content": []}] * 450_000}}),
    ],
    ids=["brackets", "things", "numbers that multiply", "nodes"],
)
def test_data_beyond_the_bounds_leave_the_page_empty(value: str) -> None:
    assert clean_page(with_data(value)).state is State.EMPTY


def test_a_text_that_many_things_share_is_one_text() -> None:
    value = [[5] * 3, "content", "title", 0, 0, {"content": 6, "title": 7}, TEXTS["@1@"] * 1000, "竹纸是怎样做的"]
    cleaned = clean_page(with_data(json.dumps(value)))
    assert cleaned.markdown is not None
    assert cleaned.markdown.count(TEXTS["@1@"]) == 1000


def test_rows_that_name_one_another_come_to_an_end() -> None:
    rows = "".join(f'{n:x}:["$","div",null,{{"children":["${n + 1:x}","${(n + 1) % 40:x}"]}}]\n' for n in range(40))
    rows += f'28:["$","article",null,{{"children":["$1",["$","p",null,{{"children":"{TEXTS["@1@"]}"}}]]}}]\n'
    script = f"self.__next_f.push([1,{json.dumps(rows)}])"
    assert clean_page(f"<html><body><script>{script}</script></body></html>".encode()).state is State.EMPTY


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if "rule" in case], ids=lambda case: case["name"])
def test_what_the_page_shows_is_in_the_ledger_by_the_rule(case: dict[str, Any]) -> None:
    """Whatever stands around the data is named, and nothing else changes."""
    page = filled(case["page"]).replace("</body>", "<footer>某报 版权所有</footer></body>")
    got = clean_page(page.encode(), url=case.get("url", ""))
    assert got.markdown == cleaned(case).markdown
    assert "某报 版权所有" in " ".join(node.text for node in got.ledger.nodes if node.rule == case["rule"])
    lost, pictures = MISSING(page.encode(), got)
    assert not lost
    assert not pictures


@pytest.mark.parametrize("text", STRANGE)
def test_what_no_text_holds_is_left_out_and_the_rest_is_kept(text: str) -> None:
    cleaned = clean_page(with_data(json.dumps({"post": {"title": "竹" + text[:1] + "纸\x01", "content": text}})))
    assert cleaned.markdown is not None
    assert any(words.rstrip("。") in cleaned.markdown for words in TEXTS.values())
    cleaned.markdown.encode()
    cleaned.ledger.to_json_lines().encode()


POST = json.dumps(
    {"post": {"title": "竹纸是怎样做的", "html": filled("<p>@1@</p><p>@2@</p><p>@3@</p>")}, "user": None},
    ensure_ascii=False,
)
BASE64 = b64encode(POST.encode()).decode()
QUOTED = b64encode(quote(POST).encode()).decode()
BYTES = f'Uint8Array.from(atob("{BASE64}"), c => c.charCodeAt(0))'
STATE = "<script>window.__INITIAL_STATE__ = {};</script>"
DELTA = {
    "ops": [
        {"insert": filled("@1@\n@2@")},
        {"attributes": {"header": 2}, "insert": "\n"},
        {"insert": {"image": "https://paper.example/a.png"}, "attributes": {"alt": "帘"}},
        {"insert": "\n石灰"},
        {"attributes": {"list": "ordered"}, "insert": "\n"},
        {"insert": "水", "attributes": {"bold": True, "link": "https://paper.example/w", "background": "#fff"}},
        {"attributes": {"list": "ordered"}, "insert": "\n"},
        {"insert": {"divider": True}},
        {"insert": filled("@3@")},
        {"attributes": {"blockquote": True}, "insert": "\n"},
        {"insert": "a<b\n", "attributes": {"code-block": True}},
    ]
}
IN_MARKDOWN = [
    "@1@",
    "## @2@",
    "![帘](https://paper.example/a.png)",
    "1. 石灰\n2. [**水**](https://paper.example/w)",
    "---",
    "> @3@",
]


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ("data.state", STATE.format(f'JSON.parse(atob("{BASE64}"))')),
        ("data.state", STATE.format(f"JSON.parse(decodeURIComponent(escape(window.atob('{BASE64}'))))")),
        ("data.state", STATE.format(f'JSON.parse(decodeURIComponent(atob("{QUOTED}")))')),
        ("data.state", STATE.format(f"JSON.parse(new TextDecoder().decode({BYTES}))")),
        ("data.state", STATE.format(f'window.JSON.parse(decodeURIComponent("{quote(POST)}"))')),
        ("data.state", STATE.format(f'JSON.parse(unescape("{quote(json.dumps(json.loads(POST)))}"))')),
        ("data.state", STATE.format(f'"{quote(POST)}"')),
        ("data.state", STATE.format(f'"{BASE64}"')),
        ("data.state", f"<script>window.___pageData={{result: {POST}}};</script>"),
        ("data.ember", f'<meta name="paper/config/environment" content="{quote(POST)}">'),
        ("data.json", f'<script type="fastboot/shoebox" id="shoebox-main">{json.dumps(POST)}</script>'),
        ("data.sveltekit", f"<script>{{const data = [null, {{type: 'data', data: {POST}}}];\nimport('a').then(app => "
         "{kit.start(app, el, {node_ids: [0, 2], data, form: null})});}</script>"),
        ("data.next-stream", "<script>self.__next_f.push([3,"
         f'"{b64encode(f"2:[{POST}]".encode() + bytes([10])).decode()}"])</script>'),
        ("data.attribute", f'<post-view :post="{escape(json.dumps(json.loads(POST)["post"]))}"></post-view>'),
    ],
)  # fmt: skip
def test_data_that_is_written_in_other_signs_is_read(rule: str, inside: str) -> None:
    page = f"<html><head><title>竹纸是怎样做的</title></head><body><div id='app'></div>{inside}</body></html>"
    got = clean_page(page.encode())
    assert (got.state, got.fact("derived_from")) == (State.LIVE, rule)
    assert got.markdown is not None
    assert got.markdown.partition("\n---\n")[2] == filled("\n# 竹纸是怎样做的\n\n@1@\n\n@2@\n\n@3@\n")


@pytest.mark.parametrize(
    "broken", ["atob(x)", 'atob("%%%")', 'JSON.parse(atob("', 'JSON.parse(unescape("%u12"))', '"eyJ!"']
)
def test_data_in_other_signs_that_cannot_be_read_leave_the_page_empty(broken: str) -> None:
    page = f"<html><title>竹纸</title><body><div id='app'></div>{STATE.format(broken)}</body></html>"
    assert clean_page(page.encode()).state is State.EMPTY


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        (
            "data.next",
            f'<script id="__NEXT_DATA__">{json.dumps({"post": {"title": "竹纸", "content": DELTA}})}</script>',
        ),
        (
            "data.next",
            f'<script id="__NEXT_DATA__">{json.dumps({"post": {"title": "竹纸", "body": json.dumps(DELTA)}})}</script>',
        ),
        ("data.state", f"<script>__DATA__ = {json.dumps({'title': '竹纸', 'delta': DELTA['ops']})}</script>"),
        ("data.quill", f"<script>const q = new Quill('#e'); q.setContents({json.dumps(DELTA)});</script>"),
        ("data.quill-attribute", f'<div data-delta="{escape(json.dumps(DELTA))}"></div>'),
    ],
)
def test_a_delta_of_quill_is_what_the_editor_shows(rule: str, inside: str) -> None:
    page = f"<html><head><title>竹纸</title></head><body><div id='app'></div>{inside}</body></html>"
    got = clean_page(page.encode())
    assert (got.state, got.fact("derived_from")) == (State.LIVE, rule)
    body = (got.markdown or "").partition("\n---\n")[2]
    places = [body.find(filled(words)) for words in IN_MARKDOWN]
    assert -1 not in places, body
    assert places == sorted(places)
    assert "```\na<b\n```" in body


FORMS = st.dictionaries(
    st.sampled_from(["list", "header", "link", "bold", "script", "code-block"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
)
PIECES = st.fixed_dictionaries(
    {"insert": st.text(max_size=5) | st.dictionaries(st.text(), st.text())}, optional={"attributes": FORMS}
)


@pytest.mark.slow
@given(st.lists(PIECES))
def test_any_delta_is_written(pieces: list[dict[str, object]]) -> None:
    written = structured_html({"ops": pieces})
    assert written.count("<li>") == written.count("</li>")


CLOSED = {"@type": "NewsArticle", "headline": "竹纸", "isAccessibleForFree": False}
PART = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".for-members"}


def offered(thing: object, paragraphs: int) -> Cleaned:
    body = "".join(filled(f"<p>第{n}段。@1@@2@@3@</p>") for n in range(paragraphs))
    given = json.dumps(thing)
    head = f"<title>竹纸</title><script type='application/ld+json'>{given}</script>"
    return clean_page(f"<html><head>{head}</head><body><article><h1>竹纸</h1>{body}</article></body></html>".encode())


@pytest.mark.parametrize(
    ("thing", "paragraphs", "facts"),
    [
        (CLOSED, 2, {"paid", "truncated"}),
        ({**CLOSED, "isAccessibleForFree": "http://schema.org/False"}, 2, {"paid", "truncated"}),
        (
            [{"@type": "Organization"}, {"@type": ["Article", "BlogPosting"], "hasPart": [PART]}],
            2,
            {"paid", "truncated"},
        ),
        ({"@graph": [{"@type": "WebPage", "name": "竹纸", "hasPart": PART}]}, 2, {"paid", "truncated"}),
        ({**CLOSED, "wordCount": 9000}, 2, {"paid", "truncated"}),
        ({**CLOSED, "wordCount": "150"}, 2, {"paid"}),
        (CLOSED, 30, {"paid"}),
        ({**CLOSED, "isAccessibleForFree": True}, 2, set()),
        ({"@type": "ItemList", "itemListElement": [CLOSED]}, 2, set()),
        ({"@type": "Product", "isAccessibleForFree": False}, 2, set()),
        ([None, 7, {"@type": None, "hasPart": 3}, {"@type": "Article", "hasPart": [None, "x"]}], 2, set()),
    ],
)
def test_the_free_beginning_of_an_article_says_so(thing: object, paragraphs: int, facts: set[str]) -> None:
    got = offered(thing, paragraphs)
    assert got.state is State.LIVE
    assert {key for key in ("paid", "truncated") if got.fact(key) == "true"} == facts
    assert ("preview" in {each.code for each in got.warnings}) == ("truncated" in facts)
