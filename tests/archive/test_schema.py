"""A catalogue that an older version of this software made is refused; `reindex` makes it again, and loses nothing."""

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
from archive.collection.reader import CollectionReader
from archive.errors import OlderSchema
from archive.maintenance.check import verify_collection
from archive.maintenance.check_texts import check_catalogue
from archive.maintenance.rebuild import reindex
from archive.maintenance.repair import HEALABLE, repair
from clean.rules import Ruleset

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


def test_an_older_catalogue_is_refused_and_stays_as_it_is(old: Path) -> None:
    before = (old / "catalogue.sqlite").read_bytes()
    for opening in (Collection, CollectionReader):
        with pytest.raises(OlderSchema, match=rf"schema 1; this software needs schema {SCHEMA_VERSION}") as caught:
            opening.open(old)
        assert "`archive reindex`" in caught.value.hint
    assert (old / "catalogue.sqlite").read_bytes() == before


def test_reindexing_an_old_collection_keeps_everything(old: Path, whole: Whole) -> None:
    assert rows(old, "PRAGMA user_version") == [(1,)]
    # A rebuilt catalogue may number its rows otherwise, so what a number leads to is compared.
    record = "(SELECT record_id FROM record WHERE id = {})"
    article = "(SELECT key FROM article AS known WHERE known.id = article)"
    version = "(SELECT clean_sha256 FROM version AS known WHERE known.id = {})"
    capture = "(SELECT source_sha256 FROM capture AS known WHERE known.id = capture)"
    same = {
        table: f"SELECT {columns} FROM {table} ORDER BY {'1' if table == 'record' else 'id'}"
        for table, columns in {
            "file": "id, folder, name, committed_length",
            "record": "record_id, (SELECT name FROM file WHERE id = file), offset, length",
            "article": f"id, key, kind, url, title, source, date, {version.format('current_version')}, markdown,"
            " markdown_folded, pending",
            "capture": f"id, {article}, source_sha256, fetched_at, fetch_date, url, title, source, date, file_name,"
            f" {record.format('record')}, state, notice, {version.format('version')}",
            "version": f"id, {article}, clean_sha256, ruleset_sha256, software, {capture}, {record.format('record')}",
            "cleaning": f"id, {capture}, at, state, notice, {version.format('version')}, ruleset_sha256, software,"
            f" {record.format('provenance')}, {record.format('ledger')}",
            "event": f"id, at, type, {article}, {capture}, outcome",
        }.items()
    }
    before = {table: rows(old, sql) for table, sql in same.items()}
    assert all(before.values())
    assert list(verify_collection(old)) == []  # looks at an old catalogue, and leaves it as it is
    assert rows(old, "PRAGMA user_version") == [(1,)]
    result = reindex(old)
    assert (result.damage, result.lost) == ((), ())
    kept = whole(old)
    assert rows(old, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert {table: rows(old, sql) for table, sql in same.items()} == before
    assert {each["kind"] for each in kept["tables"]["capture"]} == {"snapshot"}
    assert len(kept["texts"]) == 2
    assert rows(old, "SELECT count(*) FROM version WHERE NOT indexed") == [(0,)]


def test_an_old_collection_goes_on(old: Path, opened: Opened, make: Callable[..., Snapshot], whole: Whole) -> None:
    reindex(old)
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
    reindex(old)
    sql = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert rows(old, sql) == rows(tmp_path / "new", sql)


def test_the_check_tells_of_an_older_catalogue_and_repair_rebuilds_it(old: Path, whole: Whole) -> None:
    (finding,) = check_catalogue(old)
    assert finding.code == "catalogue-damaged"
    assert finding.code in HEALABLE
    assert f"this software needs schema {SCHEMA_VERSION}" in finding.message
    assert repair(old, [finding], Ruleset(())).reindexed
    assert list(check_catalogue(old)) == []
    whole(old)
