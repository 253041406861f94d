"""Hostile pages: what is done for a page, and what is written of it, grows with the page and no faster.

Work is counted, never timed: calls of functions, characters of output. Where a bound is met all text is there still.
"""

import gc
import re
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from clean.document import Cleaned
from clean.errors import SourceError
from clean.html.generic.blocks import text_units
from clean.html.generic.metadata import generic_facts
from clean.html.generic.witnesses import TOO_INTRICATE, WitnessPair, ask_witnesses
from clean.html.javascript import OPAQUE, value_of
from clean.html.model import LONGEST_PATH, NodePlaces
from clean.html.opening import open_page
from clean.html.parse import parse_html
from clean.html.render import Options, render
from clean.html.render.model import FREE, PER_CHARACTER
from clean.html.render.visible import CANDIDATE, NOTHING, largest_candidate
from clean.html.script_data import scripts_of
from clean.html.wechat.data import PageData
from clean.ledger import restore_bytes
from clean.page import clean_page
from clean.pipeline import clean

PROSE = "<p>舀纸的人弯下腰，一荡一抬，水从竹帘的缝里漏下去，帘上就留下薄薄的一层。</p>" * 6
URL = "https://paper.example/2026/vat.html"


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>纸槽</title>{head}</head><body><article>{PROSE}{body}</article></body></html>".encode()


def calls(work: Callable[[], object]) -> int:
    """Return how many functions of Python's and of C's some work calls."""
    count = 0

    def count_one(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def codes(cleaned: Cleaned) -> set[str]:
    return {warning.code for warning in cleaned.warnings}


def numbered(count: int) -> str:
    return "".join(f"<p>第{number}张</p>" for number in range(count))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "paragraphs in nested lists": lambda n: page("<ol><li><ul><li>" * 20 + numbered(n)),
    "paragraphs in nested quotations": lambda n: page("<blockquote>" * 40 + numbered(n)),
    "callouts in callouts": lambda n: page("<div class='callout tip'>" * 30 + numbered(n)),
    "lists, quotations and tables in each other": lambda n: page("<ul><li><blockquote><table><td>" * 9 + numbered(n)),
    "paragraphs far down": lambda n: page("<section>" * 300 + numbered(n)),
    "pictures far down, text beside them": lambda n: page("<section>" * 300 + "<div><img src=a.png></div>" * n),
    "comments far down": lambda n: page("<section>" * 300 + "<div class=comment></div>" * n + "</section>" * 300),
    "cells far down": lambda n: page("<table><th>厚<tr><td>" + "<div>" * 300 + numbered(n)),
    "links around boxes": lambda n: page("<a href=/vat><div>槽" * n),
    "one row across, many down": lambda n: page("<table><tr>" + "<td>横" * n + "<tr><td>竖" * n + "</table>"),
    "spans over all": lambda n: page("<table>" + "<tr><td colspan=900 rowspan=9000>跨<td>单" * n + "</table>"),
    "tables as stairs": lambda n: page(("<table><tr>" + "<td>横" * 40 + "<tr><td>竖" * 40 + "</table>") * (n // 40)),
    "a page in one noscript": lambda n: page("<noscript>" + "<p>纸</p>" * 99 + numbered(n)),
    "sources and images in one picture": lambda n: page(
        "<picture>" + "<source srcset='a.png 1x'></source>" * n + "<img alt=x>" * n + "</picture>"
    ),
    "pictures in one link": lambda n: page("<a href=/vat>" + "<img src=a.png>" * n + "</a>"),
    "notes": lambda n: page(
        "".join(f"<p>纸<sup><a href=#n{at} id=m{at}>[{at}]</a></sup></p>" for at in range(1, n + 1))
        + "".join(f"<p id=n{at}>注{at}<a href=#m{at}>↩</a></p>" for at in range(1, n + 1))
    ),
    "a title of separators": lambda n: page("<h1>题</h1>", f"<title>{'| ' * n}</title>").replace(
        b"<title>", b"<!--", 1
    ),
    "headings that a long title might hold": lambda n: page(
        "<h1>题目在此</h1>" * n, f"<meta name=x content={'a' * n}>"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_work_and_output_grow_no_faster_than_the_page(shape: Callable[[int], bytes]) -> None:
    clean_page(shape(8), url=URL)  # what is made once is made
    small, large = shape(200), shape(400)
    assert calls(lambda: clean_page(large, url=URL)) < 2.3 * calls(lambda: clean_page(small, url=URL))
    size = len((clean_page(large, url=URL).markdown or "").encode())
    assert size < FREE + (PER_CHARACTER + 60) * len(large)


def test_text_in_many_noscripts_is_read_once() -> None:
    def read(levels: int) -> int:
        """Return how many characters the units of all texts are counted from."""
        counted = 0

        def count(text: str) -> int:
            nonlocal counted
            counted += len(text)
            return text_units(text)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("clean.html.generic.blocks.text_units", count)
            cleaned = clean_page(page("<noscript>" * levels + numbered(400)), url=URL)
        assert "第399张" in (cleaned.markdown or "")
        return counted

    assert read(300) == read(1)


def test_an_object_that_is_not_the_data_is_read_once() -> None:
    def read(before: str, operations: int) -> int:
        """Return the calls for a script with an object of one field, which is too little to be a page's data."""
        script = f"{before}window.cgiDataNew = {{n: 7{'*7' * operations}}}"
        scripts = scripts_of(open_page(f"<html><body><script>{script}</script></body></html>".encode()))
        return calls(lambda: PageData(scripts).cgi)

    far = "//\n" * 4000  # not where scripts are looked at first
    assert read("", 1000) - read("", 10) == read(far, 1000) - read(far, 10)


@pytest.mark.parametrize(
    ("srcset", "largest"),
    [
        ("a.png 1x, b.png 2x", "b.png"),
        ("b.png 20w,a.png 10w ,", "b.png"),
        (",, a.png 1x,, ,b,c.png 3x,", "b,c.png"),
        ("a.png,,,", "a.png"),
        ("," * 90_000, None),
        (" ," * 9000 + "a.png", "a.png"),
        ("a.png" + "," * 90_000, "a.png"),
        ("a.png" + " ,\u2003" * 9000, "a.png"),
    ],
)
def test_a_candidate_is_told_from_commas(srcset: str, largest: str | None) -> None:
    assert largest_candidate(srcset) == largest


def test_each_try_to_find_a_candidate_succeeds() -> None:
    """Otherwise it would be tried again at each of many commas: 20,000 took a second."""
    for text in (",", ", ", "a ,", " a 1x,,", ",\u3000"):
        candidates = (text * 40).rstrip(NOTHING)
        at = 0
        while at < len(candidates):
            found = CANDIDATE.match(candidates, at)
            assert found is not None
            at = found.end()


def test_a_list_is_written_once_however_many_lists_are_around_it() -> None:
    flat = calls(lambda: render(parse_html("<ul><li>" + numbered(100)), Options()))
    nested = calls(lambda: render(parse_html("<ul><li>" * 8 + numbered(100)), Options()))
    assert nested < 2 * flat


def table_of(rows: int, columns: int) -> str:
    head = "<tr>" + "".join(f"<td>横{at}</td>" for at in range(columns)) + "</tr>"
    return "<table>" + head + "".join(f"<tr><td>竖{at}</td></tr>" for at in range(rows)) + "</table>"


def cells_of(cleaned: Cleaned) -> list[list[str]]:
    lines = [line for line in (cleaned.markdown or "").split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_short_rows_are_filled_as_long_as_that_is_little() -> None:
    cleaned = clean_page(page(table_of(30, 30)), url=URL)
    assert {len(row) for row in cells_of(cleaned)} == {30}
    assert "page-growth" not in codes(cleaned)


def test_a_table_of_mostly_nothing_is_written_without_the_nothing() -> None:
    cleaned = clean_page(page(table_of(900, 900)), url=URL)
    head, rule, *rows = cells_of(cleaned)
    assert head == [f"横{at}" for at in range(900)]
    assert rule == ["---"] * 900
    assert rows == [[f"竖{at}"] for at in range(900)]
    assert "page-growth" in codes(cleaned)


@pytest.mark.slow
def test_spans_are_left_out_where_they_reach_over_too_much() -> None:
    rows = "".join(f"<tr><td colspan=100 rowspan=2000>跨{at}</td><td>单{at}</td></tr>" for at in range(2000))
    cleaned = clean_page(page(f"<table>{rows}</table>"), url=URL)
    written = cells_of(cleaned)
    assert [cell for row in written for cell in row if cell[0] in "跨单"] == [
        f"{kind}{at}" for at in range(2000) for kind in "跨单"
    ]
    assert len(cleaned.markdown or "") < 100_000
    assert "page-growth" in codes(cleaned)


@pytest.mark.slow
def test_many_small_tables_share_one_bound() -> None:
    tables = table_of(60, 60) * 200
    cleaned = clean_page(page(tables), url=URL)
    assert (cleaned.markdown or "").count("横") == 60 * 200
    assert (cleaned.markdown or "").count("竖") == 60 * 200
    assert len((cleaned.markdown or "").encode()) < FREE + (PER_CHARACTER + 8) * len(page(tables))
    message = next(warning.message for warning in cleaned.warnings if warning.code == "page-growth")
    filled = (cleaned.markdown or "").count("| 横59 |\n")
    assert filled == 200
    assert int(re.search(r"([\d,]+) of its tables", message)[1].replace(",", "")) < 200  # type: ignore[index]


def test_a_long_base_is_not_put_before_every_address() -> None:
    base = "https://paper.example/" + "vat/" * 10_000
    cleaned = clean_page(
        page("".join(f"<p><a href=n{at}.html>帘{at}</a></p>" for at in range(900)), f"<base href={base}>")
    )
    markdown = cleaned.markdown or ""
    targets = re.findall(r"\[帘\d+\]\((\S+)\)", markdown)
    assert [target.rpartition("/")[2] for target in targets] == [f"n{at}.html" for at in range(900)]
    assert 0 < sum(target.startswith(base) for target in targets) < 50
    assert "page-growth" in codes(cleaned)
    assert len(markdown) < 1_000_000


def test_an_ordinary_base_is_put_before_every_address() -> None:
    cleaned = clean_page(page("".join(f"<p><a href=n{at}>帘{at}</a></p>" for at in range(900))), url=URL)
    assert (cleaned.markdown or "").count("](https://paper.example/2026/n") == 900
    assert "page-growth" not in codes(cleaned)


def test_a_long_link_around_many_paragraphs_keeps_its_text_and_its_address() -> None:
    address = "https://paper.example/" + "a" * 15_000
    cleaned = clean_page(page(f"<a href={address}>{numbered(800)}</a>"), url=URL)
    markdown = cleaned.markdown or ""
    assert re.findall(r"第(\d+)张", markdown) == [str(at) for at in range(800)]
    assert 1 <= markdown.count(address) <= 3
    assert "page-growth" in codes(cleaned)


def test_a_short_link_around_some_paragraphs_is_repeated() -> None:
    cleaned = clean_page(page(f"<a href=/vat>{numbered(50)}</a>"), url=URL)
    assert (cleaned.markdown or "").count("](https://paper.example/vat)") == 50


@pytest.mark.parametrize(
    "around", ["<div>" * 700, f"<div id={'i' * 5000}>", f"<{'x' * 3000}>"], ids=["deep", "id", "name"]
)
def test_the_ledger_names_each_node_in_few_words(around: str) -> None:
    data = page(around + "".join(f"<p hidden>暗{at}</p>" for at in range(50)))
    opened = open_page(data)
    places = NodePlaces(opened.root)
    hidden = opened.root.xpath("//p[@hidden]")
    assert len(hidden) == 50
    for node in hidden:
        path = places.of(node)
        assert len(path) <= LONGEST_PATH + 40
        assert opened.root.getroottree().xpath(path) == [node]
    named = [node for node in clean_page(data, url=URL).ledger.nodes if node.text.startswith("暗")]
    assert all(len(node.path) <= LONGEST_PATH + 40 for node in named)


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("'7' * 1", 7),
        ("'纸' + '槽' + '帘'", "纸槽帘"),
        ("'a&amp;lt;'.html(false).html(false)", "a<"),
        ("1" + "0" * 39 + " + 1", 10**39 + 1),
        ("9" + " * 9" * 5000, OPAQUE),
        ("'9'" + " * '99' + 1" * 5000, OPAQUE),
        ("-" + "9" * 30 + " * " + "9" * 30, OPAQUE),
        ("'" + "纸" * 20_000 + "'" + ".html(false)" * 5000, OPAQUE),
        ("''" + "+'纸'" * 400, "纸" * 400),
    ],
    ids=lambda given: str(given)[:20],
)
def test_a_script_works_out_what_data_needs(script: str, value: object) -> None:
    assert value_of(script) == value


def test_numbers_of_a_script_stay_short() -> None:
    assert calls(lambda: value_of("9" + " * 9" * 4000)) < 2.3 * calls(lambda: value_of("9" + " * 9" * 2000))


def test_a_name_that_all_refer_to_is_read_once() -> None:
    name = "人" * 50_000
    articles = ",".join('{"@type":"Article","author":{"@id":"#a"}}' for _ in range(300))
    data = f'<script type="application/ld+json">[{{"@id":"#a","@type":"Person","name":"{name}"}},{articles}]</script>'
    assert "author" not in generic_facts(parse_html(f"<html><head>{data}</head></html>"))
    short = data.replace(name, "舀纸人")
    assert generic_facts(parse_html(f"<html><head>{short}</head></html>"))["author"] == "舀纸人"


@pytest.mark.parametrize(
    ("title", "heading", "found"),
    [
        ("一荡一抬 - 纸上谈书", "一荡一抬", "一荡一抬"),
        ("纸上谈书 | 一荡一抬", "一荡一抬", "一荡一抬"),
        ("一荡 - 一抬 - 纸上谈书", "一荡 - 一抬", "一荡 - 一抬"),
    ],
)
def test_a_title_is_cut_where_a_heading_says(title: str, heading: str, found: str) -> None:
    root = parse_html(f"<html><head><title>{title}</title></head><body><h1>{heading}</h1></body></html>")
    assert generic_facts(root)["title"] == found


@pytest.mark.parametrize(
    "body",
    ["<a href=/x><div>" * 900 + "纸", "<div>" * 900 + "<p>纸</p>" * 3000, "<p class=subtitle>纸</p>" * 16_000],
    ids=["links", "boxes", "paragraphs"],
)
def test_witnesses_are_not_asked_about_what_would_take_them_minutes(body: str) -> None:
    root = open_page(page(body)).root
    answer: WitnessPair = ask_witnesses(root, None, ["纸"])
    assert {witness.state for witness in answer} == {TOO_INTRICATE}
    assert not any(witness.votes for witness in answer)


def test_a_note_is_known_by_its_own_number() -> None:
    marks = "".join(f"<p>纸<sup><a href=#n{at}>[{at}]</a></sup></p>" for at in range(1, 13))
    notes = "".join(f"<p id=n{at}>{at}. 第 {at} 条</p>" for at in range(1, 11))
    notes += "<p id=n11>1. 又 一</p><p id=n12>12 又 二</p>"
    markdown = render(parse_html(f"<html><body><div>{marks}{notes}</div></body></html>")).markdown
    assert [line for line in markdown.split("\n") if line.startswith("[^")] == [
        *(f"[^{at}]: 第 {at} 条" for at in range(1, 11)),
        "[^11]: 1\\. 又 一",
        "[^12]: 又 二",
    ]


@pytest.mark.parametrize("ends", ["\r", "\r\n\r", "\n\r\r\n", "\r\n\n\r", "\r\r\n\n"])
def test_a_run_of_line_ends_is_one_entry(ends: str) -> None:
    data = f"---\ntitle: 槽\nurl: {URL}\n---\n\n上{ends * 3000}下\n".encode()
    cleaned = clean(data)
    assert restore_bytes(cleaned.markdown or "", cleaned.ledger) == data
    assert (cleaned.markdown or "").endswith("\n\n上\n\n下\n")
    assert len(cleaned.ledger.entries) < 6


@pytest.mark.slow
def test_the_collector_of_garbage_is_paused_and_goes_on() -> None:
    begun = 0

    def count(phase: str, info: object) -> None:
        nonlocal begun
        begun += phase == "start"

    gc.callbacks.append(count)
    try:
        clean(("---\ntitle: 槽\n---\n\n" + "# \n" * 5000).encode())
        during = begun
        gc.collect()
    finally:
        gc.callbacks.remove(count)
    assert during <= 2  # one at its end; without a pause it would be dozens
    assert (begun, gc.isenabled()) == (during + 1, True)


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        clean("---\ntitle: 槽\n---\n\n水\n".encode())
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(SourceError):
        clean_page(b"")
    assert gc.isenabled()
