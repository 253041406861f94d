"""Which articles a name and a condition mean."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.catalogue.articles import ManyArticles, NoSuchArticle, Selection, find, select
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of


@pytest.fixture
def collection(opened: Callable[..., Collection], make: Callable[..., Snapshot], tmp_path: Path) -> Collection:
    opened_one: Collection = opened(tmp_path / "c")
    opened_one.add(
        [
            make(1, title="纸的历史"),
            make(2, title="纸的制造", source="造纸人"),
            make(3, title="100%_的纸", url="https://www.paper.example/a%25_b", fetch_date="2026-03-01"),
            make(4, title="不在了", state="deleted"),
            make(5, title="纸坊", url="http://127.0.0.1:8080/about.paper.example/"),
        ]
    )
    return opened_one


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&scene=27", "纸的历史"),
        ("http://www.paper.example/a%25_b?utm_source=x", "100%_的纸"),
        ("/elsewhere/c/markdown/造纸人/2024-12-31-纸的制造.md", "纸的制造"),
        ("历史", "纸的历史"),
        ("%_的", "100%_的纸"),
    ],
)
def test_an_article_has_many_names(collection: Collection, name: str, title: str) -> None:
    row = find(catalogue_of(collection), name)
    assert catalogue_of(collection).one("SELECT title FROM article WHERE id = ?", row) == (title,)
    (key,) = catalogue_of(collection).one("SELECT key FROM article WHERE id = ?", row)
    assert find(catalogue_of(collection), key) == row


def test_a_name_of_several_or_of_none_is_an_error(collection: Collection) -> None:
    with pytest.raises(ManyArticles, match="纸的历史; 纸的制造; 100%_的纸"):
        find(catalogue_of(collection), "纸")
    for name in ("竹", "", "https://mp.weixin.qq.com/s?__biz=MzI=&mid=9&idx=1&sn=abc", "markdown/x.md"):
        with pytest.raises(NoSuchArticle):
            find(catalogue_of(collection), name)


@pytest.mark.parametrize(
    ("selection", "rows"),
    [
        (Selection(), [1, 2, 3, 4, 5]),
        (Selection(sources=("造纸人",)), [2]),
        (Selection(hosts=("paper.example",)), [3]),
        (Selection(hosts=("mp.weixin.qq.com", "PAPER.example")), [1, 2, 3, 4]),
        (Selection(hosts=("aper.example", "%", "27.0.0.1", "8080")), []),
        (Selection(hosts=("127.0.0.1",)), [5]),
        (Selection(hosts=("127.0.0.1:8080",)), [5]),
        (Selection(hosts=("127.0.0.1:80",)), []),
        (Selection(states=("deleted",)), [4]),
        (Selection(since="2026"), [3]),
        (Selection(until="2026", states=("live",)), [1, 2, 5]),
        (Selection(articles=("制造", "历史")), [2, 1]),
        (Selection(articles=("制造", "历史"), sources=("技术团队",)), [1]),
    ],
)
def test_conditions_hold_together(collection: Collection, selection: Selection, rows: list[int]) -> None:
    assert select(catalogue_of(collection), selection) == rows
