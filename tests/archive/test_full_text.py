"""Full text: words of any length in any script are found, and nothing that is not there."""

import re
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.articles import NoSuchArticle, Selection
from archive.catalogue.search import BREAK, RANKED, SINGLE, SearchResult, phrases, search, tokens
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import CollectionReader, catalogue_of
from archive.maintenance.rebuild import reindex

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]

ALL = Selection()

TEXTS = {
    1: ("宣纸", "宣纸产于泾县，以青檀皮为料。纸寿千年。\n"),
    2: ("造纸术", "造纸之法，始于汉。**宣**纸后出，竹\n纸更后。\n"),
    3: ("ＧＰＴ４与大模型", "OpenAI 的 GPT-4 是大模型；Machine\nLearning 与机器学习。𠮷野家，ｶﾞﾗｽ。\n"),
    4: ("Cafe\u0301", "[链接文字](https://secret.example/hidden) &amp; <span data-x='hidden'>可见</span> 宣\n\n纸\n"),
}


@pytest.fixture
def collection(tmp_path: Path, make: Make) -> Collection:
    opened = Collection.open(tmp_path / "c")
    opened.add(
        [
            make(
                number,
                title=title,
                clean=f"---\ntitle: {title}\nauthor: 王小纸\nurl: https://mp.weixin.qq.com/s/abc\n---\n\n{text}",
                source=f"来源{number % 2}",
            )
            for number, (title, text) in TEXTS.items()
        ]
    )
    return opened


def found(where: Collection | CollectionReader, query: str, selection: Selection = ALL, **given: bool) -> list[int]:
    result = search(catalogue_of(where), phrases(query), selection, limit=100, **given)
    assert len(result.matches) == result.total
    return [match.article for match in result.matches]


@pytest.mark.parametrize(
    ("query", "articles"),
    [
        ("宣纸", [1, 2]),  # also where emphasis stands inside of it
        ("竹纸", [2]),  # and across the end of a line, but not of a paragraph
        ("檀", [1]),
        ("青檀皮为料", [1]),
        ("料纸", []),  # a sentence ends between the two
        ("造纸 宣纸", [2]),
        ("宣纸　泾县", [1]),
        ("gpt4", [3]),  # full width and upper case in the title
        ("ＧＰＴ-4", [3]),
        ("openai", [3]),
        ("open", []),
        ('"machine learning"', [3]),
        ("“learning machine”", []),
        ("learning machine", [3]),
        ("「机器学习」", [3]),
        ("𠮷野", [3]),
        ("ガラス", [3]),
        ("café", [4]),
        ("链接文字 可见", [4]),
        ("hidden", []),
        ("amp", []),
        ("王小纸", [1, 2, 3, 4]),
        ("weixin", []),
        ('宣纸" OR title:*  -NEAR(', []),
        ('AND OR NOT "', []),
        ("100%_的纸", []),
    ],
)
def test_words_are_found(collection: Collection, query: str, articles: list[int]) -> None:
    assert sorted(found(collection, query)) == articles


def test_what_stands_in_the_title_or_oftener_comes_first(collection: Collection) -> None:
    assert found(collection, "宣纸") == [1, 2]
    assert found(collection, "造纸", in_title=True) == [2]
    assert found(collection, "机器学习", in_title=True) == []


def test_only_articles_that_are_meant(collection: Collection, make: Make) -> None:
    assert found(collection, "宣纸", Selection(sources=("来源0",))) == [2]
    assert found(collection, "宣纸", Selection(articles=("造纸术", "Cafe\u0301"))) == [2]
    assert found(collection, "宣纸", Selection(states=("deleted",))) == []
    collection.add([make(1, state="deleted", fetch_date="2026-01-01")])
    assert found(collection, "宣纸", Selection(states=("deleted",))) == [1]
    with pytest.raises(NoSuchArticle):
        found(collection, "宣纸", Selection(articles=("竹简",)))


def test_current_versions_or_all(collection: Collection, make: Make) -> None:
    collection.add([make(1, title="宣纸", clean="改了：墨\n", fetch_date="2026-01-01")])
    assert (found(collection, "泾县"), found(collection, "墨")) == ([], [1])
    assert found(collection, "泾县", all_versions=True) == [1]


def test_a_rebuilt_catalogue_finds_the_same(collection: Collection) -> None:
    queries = ["宣纸", "檀", "gpt4", "造纸 宣纸", "王小纸"]
    with CollectionReader.open(collection.path) as holdings:
        before = [found(holdings, query) for query in queries]
    assert before == [found(collection, query) for query in queries]
    collection.close()
    reindex(collection.path)
    with CollectionReader.open(collection.path) as holdings:
        assert [found(holdings, query) for query in queries] == before


def test_a_text_that_cannot_be_read_is_told(collection: Collection) -> None:
    (file,) = (collection.path / "derived").iterdir()
    collection.close()
    with closing(sqlite3.connect(collection.path / "catalogue.sqlite")) as index:  # as before there was an index
        index.execute("UPDATE version SET indexed = 0")
        index.execute("DROP TABLE words")
        index.execute("CREATE VIRTUAL TABLE words USING fts5 (title, text, content = '', tokenize = 'ascii')")
        (offset,) = index.execute(
            "SELECT offset FROM version JOIN record ON record.id = version.record WHERE version.id = 1"
        ).fetchone()
        index.commit()
    data = bytearray(file.read_bytes())
    data[offset + 60] ^= 0xFF
    file.write_bytes(data)
    with Collection.open(collection.path) as healed:
        result = search(catalogue_of(healed), phrases("宣纸"), Selection(), limit=9)
    assert ([match.article for match in result.matches], result.missing) == ([2], 1)


def test_of_very_many_the_newest_come_first(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path / "c") as collection:
        collection.add([make(number, clean=f"第{number}封信\n") for number in range(RANKED + 2)])
        result = search(catalogue_of(collection), phrases("封"), Selection(), limit=2)
        everything = search(catalogue_of(collection), phrases("封"), ALL, limit=0)
    assert result == SearchResult(result.matches, RANKED, more=True, ranked=False, missing=0)
    assert [match.article for match in result.matches] == [RANKED + 2, RANKED + 1]
    assert (len(everything.matches), everything.total, everything.more) == (RANKED + 2, RANKED + 2, False)


def test_texts_and_queries_of_any_length(tmp_path: Path, make: Make) -> None:
    lines = "纸寿千年，绢保八百。\n" * 100_000
    with Collection.open(tmp_path / "c") as collection:
        collection.add([make(1, clean=lines + "末\n"), make(2, clean="w" * 100_000 + " x\n")])
        assert found(collection, "末") == [1]
        assert found(collection, "绢保八百 纸寿千年") == [1]
        assert found(collection, "w" * 100_000) == [2]
        assert found(collection, " ".join(f"词{number}" for number in range(1_000))) == []
        assert found(collection, "纸寿千年" * 1_000) == []


@given(st.text())
def test_any_query_is_one(query: str) -> None:
    """The expression that FTS5 gets is always one, and asks for what the text of the query itself holds."""
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'ascii')")
        index.execute("INSERT INTO words VALUES (?)", (" ".join(tokens(query)),))
        asked = phrases(query)
        match = " ".join('"' + " ".join(phrase) + '"' for phrase in asked)
        if asked:
            assert index.execute("SELECT count(*) FROM words WHERE words MATCH ?", (match,)).fetchone() == (1,)


@given(st.text())
def test_tokens_hold_nothing_that_means_anything_to_fts5(text: str) -> None:
    once = tokens(text)
    assert tokens(unicodedata.normalize("NFC", text)) == once
    assert all(re.fullmatch(rf"[\w{SINGLE}]+|{BREAK}", token) for token in once)
