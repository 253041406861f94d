"""A page that the snapshot's tool cut at its limit of 8,000 characters: a fact and a warning, and nothing goes."""

import pytest

from clean.pipeline import clean

FRONT = "---\ntitle: 揭纸\nurl: https://example.org/1\n---\n\n# 揭纸\n\n"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("晾" * 8000 + "...", True),
        ("\u200b" * 10 + "\xa0晾" * 3995 + "...", True),
        ("晾" * 7999 + "...", False),
        ("晾" * 8001 + "...", False),
        ("晾" * 8000 + "……", False),
        ("晾" * 8003, False),
        ("晾" * 8000 + "...\n", False),
    ],
)
def test_a_cut_page_is_told(text: str, cut: bool) -> None:
    result = clean((FRONT + text).encode())
    assert result.fact("truncated") == ("true" if cut else "")
    assert [(one.code, one.line) for one in result.warnings] == ([("truncated", 0)] if cut else [])
    body = text.replace("\u200b", "").replace("\xa0", " ").strip()
    assert result.markdown is not None
    assert result.markdown.endswith(f"\n\n# 揭纸\n\n{body}\n")


def test_a_page_cut_in_its_interface_is_whole() -> None:
    text = FRONT.replace("example.org/1", "mp.weixin.qq.com/s/x") + "晾" * 7900 + "\n\n预览时标签不可点\n\n"
    text += ("知道了\n\n" + "取消\n允许\n\n" * 20)[: 8000 - 7912] + "..."
    result = clean(text.encode())
    assert result.markdown is not None
    assert result.markdown.endswith("晾晾\n")
    assert result.fact("truncated") == ""
    assert result.warnings == ()
