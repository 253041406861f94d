"""Where a text holds what was asked for: the hits marked, as the index sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.search import marks, phrases, plain, snippet


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("纸寿千年，绢保八百。", "千年 绢", ["千年", "绢"]),
        ("**宣**纸与宣\n纸", "宣纸", ["宣纸", "宣 纸"]),
        ("料。纸", "料纸", []),
        ("ＧＰＴ－４ 与 gpt4", "GPT-4", ["ＧＰＴ－４"]),
        ("OpenAI open", "open", ["open"]),
        ("GPT4模型", "gpt4模", ["GPT4模"]),
        ("İstanbul 纸", "纸", ["纸"]),
        ("纸纸纸", "纸", ["纸纸纸"]),
        ("1,000 张", "1,000", ["1,000"]),
    ],
)
def test_hits_are_marked(text: str, query: str, marked: list[str]) -> None:
    piece = snippet(text, phrases(query))
    assert [piece.text[start:end] for start, end in piece.marks] == marked


def test_the_place_with_most_of_the_words_is_shown() -> None:
    text = f"纸。{'空白处。' * 100}有纸也有墨。{'空白处。' * 100}墨。"
    piece = snippet(text, phrases("纸 墨"))
    assert "有纸也有墨" in piece.text
    assert piece.text.startswith("…")
    assert piece.text.endswith("…")
    assert len(piece.marks) == 2


def test_without_a_hit_the_beginning_is_shown() -> None:
    assert snippet("\n\n甲乙。\n丙\n", phrases("丁")) == ("甲乙。 丙", [])


def test_a_long_text_is_looked_through() -> None:
    piece = snippet("纸 寿\n千年。\n" * 100_000 + "末\n", phrases("末"))
    assert [piece.text[start:end] for start, end in piece.marks] == ["末"]


@given(st.text(), st.text())
def test_marks_are_in_order_and_within_the_text(text: str, query: str) -> None:
    last = 0
    for start, end in marks(text, phrases(query)):
        assert last <= start < end <= len(text)
        last = end


def test_plain_words_have_no_addresses_and_no_marks() -> None:
    markdown = (
        "---\ntitle: 题\nurl: https://a.example/\nauthor: 王小纸\ncover: https://a.example/x.jpg\n---\n\n"
        "![图](https://a.example/p.png) [字](u) <b title='x'>粗</b> 1 \\< 2 &copy; <https://a.example/>\n"
    )
    assert plain(markdown) == ("题", "王小纸\n\n\n![图] [字] 粗 1 \\< 2 © \n")
