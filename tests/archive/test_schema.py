"""A collection that an older version of this software made opens, keeps everything, and goes on."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from visitor import cleaned, visit

from archive.catalogue.schema import SCHEMA_VERSION
from archive.collection.collection import Collection, Snapshot
from archive.maintenance.check import verify_collection

Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]

URL = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Give a collection that code of schema 1 made; its catalogue is kept as SQL."""
    path = tmp_path / "c"
    shutil.copytree(Path(__file__).with_name("schema-1"), path)
    script = path / "catalogue.sql"
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as index:
        index.executescript(script.read_text())
    script.unlink()
    return path


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as index:
        return index.execute(sql).fetchall()


def test_an_old_collection_keeps_everything(old: Path, whole: Whole) -> None:
    assert rows(old, "PRAGMA user_version") == [(1,)]
    same = {
        table: f"SELECT {columns} FROM {table} ORDER BY id"
        for table, columns in {
            "file": "id, folder, name, committed_length",
            "record": "*",
            "article": "id, key, kind, url, title, source, date, current_version, markdown, markdown_folded, pending",
            "capture": "id, article, source_sha256, fetched_at, fetch_date, url, title, source, date, file_name,"
            " record, state, notice, version",
            "version": "id, article, clean_sha256, ruleset_sha256, software, capture, record",
            "cleaning": "*",
            "event": "*",
        }.items()
    }
    before = {table: rows(old, sql) for table, sql in same.items()}
    assert all(before.values())
    assert list(verify_collection(old)) == []  # looks at an old catalogue, and leaves it as it is
    assert rows(old, "PRAGMA user_version") == [(1,)]
    kept = whole(old)  # opens it, and makes it again from the files
    assert rows(old, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert {table: rows(old, sql) for table, sql in same.items()} == before
    assert {each["kind"] for each in kept["tables"]["capture"]} == {"snapshot"}
    assert len(kept["texts"]) == 2
    assert rows(old, "SELECT count(*) FROM version WHERE NOT indexed") == [(0,)]


def test_an_old_collection_goes_on(old: Path, opened: Opened, make: Callable[..., Snapshot], whole: Whole) -> None:
    with Collection.open(old, create=False) as collection:
        (known,) = collection.add([make(2, state="deleted", notice="该内容已被发布者删除")])
        (added,) = collection.keep([visit(1, url=URL, cleaned=cleaned("再访\n", url=URL))])
    assert known.status == "unchanged"
    assert (added.status, added.key) == ("added", "wechat:MzI=/1/1/abc")
    assert added.markdown == "markdown/技术团队/2024-12-31-题目1.md"
    whole(old)
    assert list(verify_collection(old)) == []


def test_a_new_catalogue_is_what_an_old_one_becomes(old: Path, opened: Opened, tmp_path: Path) -> None:
    opened(tmp_path / "new").close()
    Collection.open(old).close()
    sql = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert rows(old, sql) == rows(tmp_path / "new", sql)
