"""Pages in frames: documents that are saved with a page or written into it stand at their place; others are named."""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from clean.document import Advice, Cleaned, State
from clean.page import clean_page

BEFORE = "这一页讲造纸的几道工序，先讲浸泡和蒸煮，再讲捞纸和晒纸，每一道都有要点，外行容易看漏。"
AFTER = "晒纸的人站在火墙前，用刷子把湿纸刷平，力道要匀，快慢要一致，不然纸面会起皱。"
INSIDE = "纸药用猕猴桃藤的汁，夏天要现榨现用，隔夜就失了黏性，捞出来的纸揭不开。"
DEEPER = "黄蜀葵的根也能做纸药，要在霜降以后挖，切段泡在凉水里，三天才出得尽。"


class Part(NamedTuple):
    """A document of a saved file."""

    html: str
    location: str
    name: str = ""
    charset: str = "utf-8"


def saved(parts: Sequence[Part]) -> bytes:
    """Write an MHTML file (RFC 2557), its first part the page."""
    lines = [
        "From: <Saved by Blink>", f"Snapshot-Content-Location: {parts[0].location}", "MIME-Version: 1.0",
        'Content-Type: multipart/related; type="text/html"; boundary="B"', "",
    ]  # fmt: skip
    for part in parts:
        lines += ["--B", f"Content-Type: text/html; charset={part.charset}", f"Content-Location: {part.location}"]
        lines += [f"Content-ID: <{part.name}>"] if part.name else []
        lines += ["Content-Transfer-Encoding: base64", "", b64encode(part.html.encode(part.charset)).decode(), ""]
    return "\r\n".join([*lines, "--B--", ""]).encode()


def page(inside: str, title: str = "竹纸") -> str:
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{BEFORE}</p>{inside}"
        f"<p>{AFTER}</p></article></body></html>"
    )


def body_of(cleaned: Cleaned) -> str:
    assert cleaned.markdown is not None
    return cleaned.markdown.partition("\n---\n")[2]


WHOLE = f"\n# 竹纸\n\n{BEFORE}\n\n{INSIDE}\n\n{AFTER}\n"
URL = "https://paper.example/2024/bamboo.html"


@pytest.mark.parametrize(
    "frame",
    [
        Part(f"<body><p>{INSIDE}</p></body>", "https://paper.example/f.html", "frame-1@mhtml.blink"),
        Part(f"<p>{INSIDE}</p>", "https://paper.example/f.html", "frame-1@mhtml.blink", "gb18030"),
        Part(f"<style>p{{color:red}}</style><script>alert(1)</script><p>{INSIDE}", "cid:x", "frame-1@mhtml.blink"),
    ],
)
def test_a_frame_that_was_saved_stands_at_its_place_by_its_id(frame: Part) -> None:
    cleaned = clean_page(saved([Part(page('<iframe src="cid:frame-1@mhtml.blink"></iframe>'), URL), frame]))
    assert body_of(cleaned) == WHOLE
    assert not cleaned.ledger.nodes


@pytest.mark.parametrize("given", ["https://paper.example/2024/f.html", "f.html", "/2024/f.html#top"])
def test_a_frame_that_was_saved_stands_at_its_place_by_its_address(given: str) -> None:
    frame = Part(f"<p>{INSIDE}</p>", "https://paper.example/2024/f.html")
    assert body_of(clean_page(saved([Part(page(f'<iframe src="{given}"></iframe>'), URL), frame]))) == WHOLE


def test_frames_stand_in_frames() -> None:
    parts = [
        Part(page('<iframe src="/f/1.html"></iframe>'), URL),
        Part('<iframe src="2.html"></iframe>', "https://paper.example/f/1.html"),
        Part(f"<p>{INSIDE}</p><p>{DEEPER}</p>", "https://paper.example/f/2.html"),
    ]
    assert body_of(clean_page(saved(parts))) == WHOLE.replace(INSIDE, f"{INSIDE}\n\n{DEEPER}")


def test_addresses_in_a_frame_are_completed_by_its_own() -> None:
    inner = f'<p>{INSIDE}见<a href="lime.html">石灰</a>、<a href="#a">下文</a>。</p><img src="../a.png" alt="帘">'
    for written, address in ((inner, "/f/"), (f'<base href="/g/h/">{inner}', "/g/h/")):
        parts = [
            Part(page('<iframe src="/f/1.html"></iframe>'), URL),
            Part(written, "https://paper.example/f/1.html"),
        ]
        body = body_of(clean_page(saved(parts)))
        assert f"[石灰](https://paper.example{address}lime.html)" in body
        assert "![帘](https://paper.example" + ("/a.png)" if address == "/f/" else "/g/a.png)") in body


def test_frames_that_show_one_another_come_to_an_end() -> None:
    one, two = "https://paper.example/1.html", "https://paper.example/2.html"
    parts = [
        Part(page('<iframe src="/1.html"></iframe>'), URL),
        Part(f'<p>{INSIDE}</p><iframe src="/2.html"></iframe><iframe src="/2.html"></iframe>', one),
        Part(f'<p>{DEEPER}</p><iframe src="/1.html"></iframe>', two),
    ]
    body = body_of(clean_page(saved(parts)))
    assert body.count(INSIDE) == body.count(DEEPER) == 1


def test_what_a_frame_says_to_browsers_without_frames_is_in_the_ledger() -> None:
    frame = Part(f"<p>{INSIDE}</p>", "https://paper.example/f.html")
    cleaned = clean_page(saved([Part(page('<iframe src="/f.html"><p>请换一个浏览器。</p></iframe>'), URL), frame]))
    assert body_of(cleaned) == WHOLE
    assert [node.text for node in cleaned.ledger.nodes] == ["请换一个浏览器。"]


def test_a_frame_of_one_pixel_is_not_shown() -> None:
    frame = Part(f"<p>{INSIDE}</p>", "https://paper.example/f.html")
    cleaned = clean_page(saved([Part(page('<iframe src="/f.html" width="1" height="1"></iframe>'), URL), frame]))
    assert body_of(cleaned) == WHOLE.replace(f"{INSIDE}\n\n", "")
    assert [node.text for node in cleaned.ledger.nodes] == [INSIDE]


def test_a_page_of_frames_has_the_text_of_those_that_were_saved() -> None:
    outer = (
        '<html><head><title>县志</title></head><frameset rows="80,*"><frame src="top.htm" name="top">'
        '<frameset cols="20%,80%"><frame src="menu.htm"><frame src="main.htm"></frameset>'
        "<noframes><p>请换一个浏览器。</p></noframes></frameset></html>"
    )
    main = f"<html><body><h2>物产</h2><p>{BEFORE}</p><p>{INSIDE}</p><p>{AFTER}</p></body></html>"
    parts = [
        Part(outer, "https://paper.example/zhi/index.htm"),
        Part('<body><a href="1.htm">卷一</a> <a href="2.htm">卷二</a></body>', "https://paper.example/zhi/menu.htm"),
        Part(main, "https://paper.example/zhi/main.htm"),
    ]
    cleaned = clean_page(saved(parts))
    assert f"## 物产\n\n{BEFORE}\n\n{INSIDE}\n\n{AFTER}\n" in body_of(cleaned)
    said = body_of(cleaned) + " ".join(node.text for node in cleaned.ledger.nodes)
    for words in ("卷一", "卷二", "请换一个浏览器。", "top"):
        assert words in said


def test_a_page_of_frames_names_them() -> None:
    outer = (
        '<html><head><title>县志</title></head><frameset cols="20%,80%"><frame src="menu.htm"><frame src="main.htm">'
        '<noframes><body><p>请直接看<a href="main.htm">正文</a>。</p></body></noframes></frameset></html>'
    )
    cleaned = clean_page(outer.encode(), url="https://paper.example/zhi/index.htm")
    assert (cleaned.state, cleaned.advice) == (State.EMPTY, Advice.VISIT_FRAMES)
    addresses = ["https://paper.example/zhi/menu.htm", "https://paper.example/zhi/main.htm"]
    assert cleaned.notice.split("\n") == ["请直接看正文。", *addresses]
    assert [(node.kind, node.text) for node in cleaned.ledger.nodes] == [
        ("text", "请直接看正文。"),
        ("link", "menu.htm"),
        ("link", "main.htm"),
    ]


@pytest.mark.parametrize("at", [0, 1])
def test_what_stands_beside_the_frames_is_in_the_ledger(at: int) -> None:
    parts = ['<frameset cols="*"><frame src="menu.htm"></frameset>', "<noframes><p>请直接看正文。</p></noframes>"]
    cleaned = clean_page(f"<html><head><title>县志</title></head>{parts[at]}{parts[1 - at]}</html>".encode())
    assert cleaned.notice == "请直接看正文。\nmenu.htm"
    assert {node.text for node in cleaned.ledger.nodes} == {"menu.htm", "请直接看正文。"}


def test_a_page_that_is_one_frame_names_it() -> None:
    html = (
        '<html><body><iframe src="//reader.example/7"></iframe><iframe src="/t" width="0" height="0"></iframe>'
        '<iframe src="about:blank"></iframe></body></html>'
    )
    cleaned = clean_page(html.encode(), url="https://paper.example/")
    assert (cleaned.state, cleaned.notice) == (State.EMPTY, "https://reader.example/7")


@pytest.mark.parametrize(
    ("html", "advice"),
    [
        ("<html><head><title>竹纸</title></head><body></body></html>", Advice.RETRY_LATER),
        ("<html><body><div id='app'></div><script src='/a.js'></script></body></html>", Advice.USE_BROWSER),
        (
            "<html><head><title>竹纸</title></head><body><header><a href='/'>首页</a></header><div id='root'></div>"
            "<div class='cookie'>本站使用 Cookie，继续浏览即表示您同意我们的隐私政策。</div>"
            "<footer>© 2026 某报 版权所有</footer>"
            "<script src='/a.js'></script></body></html>",
            Advice.USE_BROWSER,
        ),
        ("<html><body><form action='/login'><input name='u'></form></body></html>", Advice.USE_BROWSER),
    ],
)
def test_a_page_without_text_says_what_would_help(html: str, advice: Advice) -> None:
    cleaned = clean_page(html.encode())
    assert (cleaned.state, cleaned.advice) == (State.EMPTY, advice)


def test_an_article_beside_an_empty_root_is_an_article() -> None:
    cleaned = clean_page(page("<div id='app'></div><p>本站使用 Cookie。</p>").encode())
    assert cleaned.state is State.LIVE
    assert BEFORE in body_of(cleaned)


def test_a_document_written_into_a_frame_stands_at_its_place() -> None:
    inner = f"&lt;style&gt;p{{}}&lt;/style&gt;&lt;p&gt;{INSIDE}&lt;/p&gt;"
    assert body_of(clean_page(page(f'<iframe srcdoc="{inner}" src="/x"></iframe>').encode())) == WHOLE
    twice = f"&lt;iframe srcdoc=&quot;&amp;lt;p&amp;gt;{INSIDE}&amp;lt;/p&amp;gt;&quot;&gt;&lt;/iframe&gt;"
    assert body_of(clean_page(page(f'<iframe srcdoc="{twice}"></iframe>').encode())) == WHOLE


def test_an_empty_document_and_a_frame_that_was_not_saved_change_nothing() -> None:
    html = page('<iframe srcdoc=" "></iframe><iframe src="https://map.example/7" title="地图"></iframe>')
    assert body_of(clean_page(html.encode())) == WHOLE.replace(INSIDE, "[地图](https://map.example/7)")


def test_a_thousand_frames_cost_no_more_than_their_text() -> None:
    frames = "".join(f'<iframe srcdoc="&lt;p&gt;{INSIDE}第{number}段。"></iframe>' for number in range(1000))
    cleaned = clean_page(page(frames).encode())
    assert body_of(cleaned).count(INSIDE) + sum(node.text.count(INSIDE) for node in cleaned.ledger.nodes) == 1000
