"""Names of Markdown files that every system takes."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.naming import fold, markdown_path, safe, with_suffix


def path(**facts: str) -> str:
    return markdown_path(lambda key: facts.get(key, ""), "wechat:a/1/1/b")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"source": "技术团队", "date": "2024-12-31", "title": "豆包 8个关键瞬间！"},
            "技术团队/2024-12-31-豆包-8个关键瞬间！",
        ),
        ({"source": "a/b\\c", "date": "2024-1-2 10:00", "title": 'x: "y" <z>|?*'}, "a-b-c/2024-01-02-x-y-z"),
        ({"url": "https://Example.com:8080/a", "title": "t"}, "Example.com/undated-t"),
        ({"url": "https://a.example/1", "source": "https://b.example/s?x=1", "title": "t"}, "b.example/undated-t"),
        ({}, "unknown/undated-untitled-6b7ad3b6"),
        ({"source": "..", "title": "...", "date": "昨天"}, "unknown/undated-untitled-6b7ad3b6"),
        ({"source": "con", "title": "aux.txt"}, "_con/undated-aux.txt"),
        ({"source": ".git", "title": "~x~"}, "git/undated-x"),
        ({"source": "a\u200bb", "title": "x\u202etxt.exe"}, "ab/undated-xtxt.exe"),
        ({"source": "s", "date": "2024-12-31", "title": "2024-12-31-旧文"}, "s/2024-12-31-旧文"),
        ({"source": "é", "title": "e\u0301"}, "é/undated-é"),
        ({"source": "s", "title": "line\nbreak\ttab"}, "s/undated-line-break-tab"),
    ],
)
def test_names(facts: dict[str, str], expected: str) -> None:
    assert path(**facts) == f"markdown/{expected}.md"


@given(st.text(), st.text(), st.text(max_size=20))
def test_any_front_matter_gives_a_portable_name(source: str, title: str, date: str) -> None:
    parts = path(source=source, title=title, date=date).split("/")
    assert len(parts) == 3
    for part in parts:
        assert 0 < len(part.encode()) <= 120
        assert part == unicodedata.normalize("NFC", part)
        assert not re.search(r'[\s<>:"/\\|?*\x00-\x1f\x7f]', part)
        assert part.strip(". ") == part
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", part)


@given(st.text(), st.integers(0, 200))
def test_a_safe_name_is_safe_already(text: str, longest: int) -> None:
    once = safe(text, longest)
    assert len(once.encode()) <= longest
    assert safe(once, longest) == once


def test_a_title_of_thousands_of_characters_is_cut_between_characters() -> None:
    name = path(title="长" * 8000).split("/")[-1]
    assert 115 < len(name.encode()) <= 120
    assert set(name) == set("undated-长.md")


def test_a_second_article_of_one_name_gets_a_suffix_from_its_key() -> None:
    taken: set[str] = set()
    for key in ("one", "two", "three"):
        taken.add(with_suffix("markdown/s/2024-01-01-题.md", key, taken.__contains__))
    assert taken == {
        "markdown/s/2024-01-01-题.md",
        "markdown/s/2024-01-01-题-3fc4ccfe.md",
        "markdown/s/2024-01-01-题-8b5b9db0.md",
    }


def test_a_suffix_keeps_the_length() -> None:
    long = path(title="长" * 8000)
    assert len(with_suffix(long, "key", {long}.__contains__).split("/")[-1].encode()) <= 120


def test_names_that_differ_in_case_are_one_file_somewhere() -> None:
    assert fold("markdown/OpenAI/A.md") == fold("markdown/openai/a.md")
    assert fold("É") == fold("e\u0301")
    assert fold("a") != fold("b")
