"""Which lines are code, and which stretches are inline text; markdown-it is the independent reader."""

import re

import pytest
from draws import draws
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from clean.commonmark.blocks import Fence, fenced_blocks, inline_texts

READER = MarkdownIt("commonmark").enable("table").disable("reference")


@pytest.mark.parametrize(
    ("text", "fences"),
    [
        ("```\n码\n```\n文", [Fence(0, 2, True)]),
        ("~~~ python\n```\n~~~~", [Fence(0, 2, True)]),
        ("文\n```\n码\n\n", [Fence(1, 4, False)]),
        ("- 项\n  ```\n  码\n\n  ```\n文", [Fence(1, 4, True)]),
        ("- 项\n\n  ```\n  码\n文", [Fence(2, 3, False)]),
        ("> ```\n> 码\n文", [Fence(0, 1, False)]),
        ("````\n```\n````", [Fence(0, 2, True)]),
        ("    ```\n    码", []),
        ("```行内```", []),
        ("<pre>\n```\n</pre>\n```\n", [Fence(3, 4, False)]),
        ("没有", []),
    ],
)
def test_fences(text: str, fences: list[Fence]) -> None:
    assert fenced_blocks(text.split("\n")) == fences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一\n二\n\n三", ["一\n二", "三"]),
        ("# 题 #\n文\n===\n", ["题", "文"]),
        ("- 一\n  续\n- 二\n懒", ["一\n续", "二\n懒"]),
        ("> 一\n> - 二\n三", ["一", "二\n三"]),
        ("头\n甲 | 乙\n---|---\n丙 \\| 丁 | 戊 | 多\n\n文", ["头", "甲", "乙", "丙 \\| 丁", "戊", "文"]),
        ("文\n    续\n\n    码", ["文\n续"]),
        ("<div>\n一\n\n二\n<!-- 三\n\n四 -->\n五", ["二", "五"]),
        ("* * *\n***\n- - -", []),
        ("* ****", ["****"]),
    ],
)
def test_inline_texts(text: str, parts: list[str]) -> None:
    assert pieces(text) == parts


def pieces(text: str) -> list[str]:
    lines = text.split("\n")
    return ["\n".join(lines[part.line][part.start : part.end] for part in one.parts) for one in inline_texts(lines)]


def bare(text: str) -> str:
    """Return the text without white space at the ends of its lines, and without the escape of a bar."""
    return re.sub(r"[ \t]*\n[ \t]*", "\n", text.strip()).replace("\\|", "|")


MARKDOWN = st.lists(st.text("文a1 >-+*#`~:=_<.)\t\\", max_size=12), max_size=7).map(
    lambda lines: "\n".join(lines).rstrip()
)


@settings(max_examples=draws(800), deadline=None)
@given(MARKDOWN)
def test_reads_as_markdown_it(text: str) -> None:
    assume(">" not in text or not re.search(r"\t| {4}", text))  # markdown-it lets quotes go on behind four spaces
    tokens = READER.parse(text)
    theirs = [bare(token.content) for token in tokens if token.type == "inline"]
    ours = [bare(piece) for piece in pieces(text)]
    nothing = re.compile(r"[* ]*$")  # lines of asterisks alone, which we tell from breaks on purpose
    assert [piece for piece in ours if not nothing.match(piece)] == [
        piece for piece in theirs if not nothing.match(piece)
    ]
    fences = [(token.map[0], token.map[1] - 1) for token in tokens if token.type == "fence" and token.map]
    last = len(text.split("\n")) - 1
    found = [(fence.first, fence.last) for fence in fenced_blocks(text.split("\n"))]
    assert [(first, min(end, last)) for first, end in found] == [(first, min(end, last)) for first, end in fences]
