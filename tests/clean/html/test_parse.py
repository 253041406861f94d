"""The tree: hostile pages are read in bounded time, ordinary ones untouched; names of nodes; saved files."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.errors import CleanError, EmptySource, SourceError
from clean.html.mhtml import is_mhtml, read_mhtml
from clean.html.model import NodePlaces
from clean.html.opening import open_page
from clean.html.parse import parse_fragment, parse_html, simplify_source
from clean.html.saved import saved_note
from clean.html.wechat.page import read_wechat_page
from clean.rules import built_in

BOMBS = {
    "nested": "<div>" * 10_000 + "<p>deep</p>" + "</div>" * 10_000 + "<p>after</p>",
    "formatting": "<b><i>" * 50_000 + "deep after",
    "tables": "<a><table>" * 50_000 + "deep after",
    "lists": "<ul><li>" * 50_000 + "deep after",
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">deep after</p>",
    "quoted": ("<p " + " ".join(f'a{n}=">"' for n in range(2_000)) + ">deep after</p>") * 20,
    "quoted and many": "<p " + " ".join(f'a{n}=">"' for n in range(50_000)) + ">deep after</p>",
    "behind a comment": "<title><!-- </title><p " + " ".join(f"a{n}" for n in range(50_000)) + ">deep after</p> -->",
    "title's": "<title " + " ".join(f"a{n}" for n in range(50_000)) + "></title>deep after",
    "script's": "<script " + " ".join(f"a{n}" for n in range(50_000)) + "></script>deep after",
    "entities": "&amp;&#x41;&nosuch;" * 200_000 + "deep after",
    "ends": "</div></p>" * 100_000 + "deep after",
    "scripts": "<script>var a = '<p>';</script>" * 20_000 + "deep after",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name: str) -> None:
    text = "".join(parse_html(BOMBS[name]).itertext())
    assert "deep" in text
    assert "after" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a ", "<!--", '<p a="', "<p a='", "<title>", "<style><", "<script><", "=", '<a ="', "</",
        "<p" + 30 * (40 * " " + "a=b"), "<p" + 30 * "\n  a='b'" + "'", "<p" + 9 * (90 * " " + "a = b") + 200 * "\n",
    ],
)  # fmt: skip
def test_unclosed_pieces_take_linear_time(piece: str) -> None:
    # Were it quadratic, this would take hours.
    assert parse_html(piece * (1_000_000 // len(piece))).tag == "html"


def test_an_ordinary_page_is_not_touched() -> None:
    long_style = "".join(f"a{n}: {n}px; " for n in range(900))
    script = f"<script>for (i=0;i<n;i++) {{ {long_style} }}</script>"
    page = f'<p style="{long_style}">a</p>{script}<!-- <p {long_style} -->'.encode()
    assert simplify_source(page).source is page


def test_a_fragment_that_closes_its_frame_keeps_its_text() -> None:
    assert "".join(parse_fragment("<p>a</p></div><p>b</p>").itertext()) == "ab"
    assert parse_fragment("").tag == "div"
    assert parse_fragment("x").text == "x"


def test_names_of_nodes_lead_back_to_them() -> None:
    root = parse_html("<p>a</p><div id=x><!-- c --><p>b</p><section><p id=y>c<i>d</i></p><p id=y>e</p></section></div>")
    places = NodePlaces(root)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    names = [places.of(element) for element in elements]
    assert [root.xpath(name) for name in names] == [[element] for element in elements]
    assert names[4:6] == ['//*[@id="x"]/p[1]', '//*[@id="x"]/section[1]']
    assert names[-1] == '//*[@id="x"]/section[1]/p[2]', "two elements have the id y, so it names none"


def mhtml(body: str, head: str = 'Content-Type: multipart/related; boundary="b"') -> bytes:
    return f"MIME-Version: 1.0\r\n{head}\r\n\r\n{body}".encode()


def test_the_page_is_the_part_that_the_head_names() -> None:
    parts = "".join(
        f"--b\r\nContent-Type: text/html\r\nContent-Location: https://e.org/{name}\r\n\r\n<p>{name}</p>\r\n"
        for name in "ab"
    )
    data = mhtml(
        parts + "--b--", 'Snapshot-Content-Location: https://e.org/b\r\nContent-Type: multipart/related; boundary="b"'
    )
    assert is_mhtml(data)
    assert read_mhtml(data)[:3] == (b"<p>b</p>\r", "", "https://e.org/b")


def test_a_page_within_a_multipart_in_base64() -> None:
    inner = "--c\nContent-Type: text/html; charset=gbk\nContent-Transfer-Encoding: base64\n\nPHA+YTwv\ncD4\n--c--\n"
    data = mhtml(f"--b\nContent-Type: multipart/alternative; boundary=c\n\n{inner}\n--b--\n")
    assert read_mhtml(data)[:2] == (b"<p>a</p>", "gbk")


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (mhtml("--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--"), SourceError, "holds no HTML page"),
        (mhtml("x", "Content-Type: multipart/related"), SourceError, "no boundary"),
        (mhtml("--b\r\nContent-Type: text/html\r\n\r\n\r\n--b--"), EmptySource, "is empty"),
        (b"MIME-Version: 1.0\r\nSubject: x", SourceError, "no end of its header"),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(data: bytes, error: type[CleanError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        read_mhtml(data)
    assert caught.value.hint


def test_deep_multiparts_are_bounded() -> None:
    data = mhtml("".join(f"--b\nContent-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000)))
    with pytest.raises(SourceError):
        read_mhtml(data)


def test_what_a_browser_noted() -> None:
    assert saved_note("<!-- saved from url=(0014)https://e.org/ --><html>") == ("https://e.org/", "")
    when = "Sat Dec 07 2018 21:40:15 GMT+0800 (China Standard Time)"
    note = f"<html><!--\n Page saved with SingleFile \n url: https://e.org/a \n saved date: {when}\n-->"
    assert saved_note(note) == ("https://e.org/a", "2018-12-07T21:40:15+08:00")
    assert saved_note("<p>saved from url=(3)x</p>") == ("", "")


TAGS = [
    "<div id=js_content>", "<div class=weui-msg>", "<h2 class='weui-msg__title'>", "</div>", "<p>", "</p>",
    "宣纸", "<img data-src=x>", "<script>var ct = '1762747210';</script>", "<em id=publish_time>昨天</em>",
    "<a id=js_name>", "<script>window.cgiDataNew = {a: 1, title: 'x', item_show_type: '8' * 1, ",
    "item_show_type: '10' * 1, ", "picture_page_info_list: [{cdn_url: 'http://x'}, 3, null]};</script>",
    "content_noencode: '\\x3cp>', ", "text_page_info: 7, ", "ip_wording: [], ", "claim_source: {x: ['中']}, ",
    "<!--", "-->", "<style>", "<svg>", "\0", "\ufffd", "&#0;", "<html>", "<body class='page_share_text'>",
    "<table>", "<mp-style-type>", "<p style='display:none'>", "MIME-Version: 1.0\n\n",
    "<em class='rich_media_meta_text'>", "<!-- saved from url=(1)http://[ -->",
]  # fmt: skip
tags = st.sampled_from(TAGS)


@pytest.mark.slow
@given(st.lists(tags, max_size=25).map("".join))
@settings(max_examples=draws(400), deadline=None)
def test_any_page_is_read(html: str) -> None:
    try:
        page = read_wechat_page(open_page(html.encode()), built_in())
    except SourceError:
        return
    assert bool(page.content) == (page.state == "live")
    inside = {node for part in page.content for node in part.element.iter()}
    assert all(element in inside for element in page.chrome)


@given(st.binary(max_size=200))
@settings(max_examples=draws(200), deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    try:
        read_wechat_page(open_page(data), built_in())
    except SourceError:
        return
