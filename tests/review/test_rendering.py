"""Archived Markdown in the browser: it shows, and does nothing else."""

import pytest

pytest.importorskip("nh3", reason="pip install '.[review]'")

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from xuanzhi.review.render import render_markdown

KNOWN = {"https://mmbiz.qpic.cn/a/640": "/picture/aa"}


def rendered(markdown: str) -> str:
    return str(render_markdown(markdown, lambda address: KNOWN.get(address, ""), missing="not kept"))


def test_what_markdown_has_is_rendered() -> None:
    text = "# 题\n\n甲**乙**[丙](https://a.example/)\n\n- 一\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\n<b>\n```\n"
    found = rendered(text)
    for piece in (
        "<h1>题</h1>",
        "<strong>乙</strong>",
        'href="https://a.example/"',
        "<li>一</li>",
        "<td>2</td>",
        "&lt;b&gt;",
    ):
        assert piece in found


def test_the_tags_that_our_markdown_has_are_tags_and_no_others() -> None:
    assert rendered("甲<strong>“乙”</strong>丙<br>丁") == "<p>甲<strong>“乙”</strong>丙<br>丁</p>\n"
    assert rendered("a<strong onclick=x>b</strong><u>c</u>") == (
        "<p>a&lt;strong onclick=x&gt;b&lt;u&gt;c&lt;/u&gt;</p>\n"
    )
    assert "<strong>" not in rendered("`<strong>`")


def test_a_kept_picture_comes_from_here_and_any_other_is_told_of() -> None:
    assert '<img src="/picture/aa" alt="图" loading="lazy">' in rendered("![图](https://mmbiz.qpic.cn/a/640)")
    other = rendered('![图](https://elsewhere.example/b.png "t")')
    assert "<img" not in other
    assert "[not kept 图] https://elsewhere.example/b.png" in other


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](vbscript:x)",
    "![a](javascript:alert(1))",
    "![a](data:image/svg+xml;base64,PHN2Zy8+)",
    '![a](https://a.example/x.png "\\" onerror=\\"alert(1)")',
    '[a](https://a.example/ "\\" onclick=\\"alert(1)")',
    "<svg onload=alert(1)>",
    "<style>body{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<strong><img src=x onerror=alert(1)></strong>",
    "<javascript:alert(1)>",
    "![<script>](x)",
    "[![a](javascript:1)](javascript:2)",
    '```"onmouseover=alert(1)\nx\n```',
    "[a]: javascript:alert(1)\n\n[a]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def inert(found: str) -> None:
    for element in html.fragment_fromstring(found, create_parent=True).iter():
        assert element.tag not in {"script", "style", "svg", "iframe", "object", "form", "input", "link", "meta"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"style", "id", "srcdoc"}
            if name == "href":
                assert value.partition(":")[0] in {"http", "https", "mailto"}
            if name == "src":
                assert value.startswith("/picture/")


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_is_inert(markdown: str) -> None:
    inert(rendered(markdown))


@given(st.lists(st.sampled_from([*HOSTILE, "\n", "\n\n", "> ", "- ", "|", "<", ">", '"', "`", "甲"]), max_size=12))
def test_however_it_is_put_together(pieces: list[str]) -> None:
    inert(rendered("".join(pieces)))


def test_characters_that_turn_a_text_around_are_shown() -> None:
    assert rendered("甲\u202e乙\x1b[31m") == "<p>甲⟨U+202E⟩乙␛[31m</p>\n"
