"""Shards in the hands of others: pyarrow, pandas, DuckDB, warcio, FastWARC, and the records' own digests."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, article, page, response, zipped
from specimens import deleted_page

from clean.ledger import Ledger, restore
from xuanzhi.shards.store import Folder

Run = Callable[..., Any]

DELETED = "https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid=7&idx=1&sn=00000000000000000000000000000007"
BROKEN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n<html>cut"


@pytest.fixture
def crawl() -> str:
    """Write a file with two articles, a notice, a picture and a page that is cut."""
    records = (
        page(1),
        response(2, answer(b"\x89PNG", kind="image/png")),
        response(3, answer(deleted_page().encode()), url=DELETED),
        response(4, BROKEN),
        response(5, answer(article(5)), url="http://www.Paper.example:80/b?z=1&a=2"),
    )
    Path("a.warc.gz").write_bytes(b"".join(map(zipped, records)))
    return "a.warc.gz"


def only(folder: str) -> str:
    """Return the one file in a folder."""
    (path,) = Path(folder).iterdir()
    return str(path)


def test_parquet_is_read_by_pyarrow_pandas_and_duckdb(run: Run, crawl: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run("clean", "--shards", "out", crawl).code == 0
    rows = parquet.read_table(only("out/parquet")).to_pylist()
    assert [row["state"] for row in rows] == ["live", "deleted", "error", "live"]
    assert [row["text"] is not None for row in rows] == [True, False, False, True]
    assert [row["id"][-1] for row in rows] == ["1", "3", "4", "5"]
    assert rows[3]["url_surtkey"] == "example,paper)/b?a=2&z=1"
    assert rows[1]["notice"] == "该内容已被发布者删除"
    assert rows[2]["error"].startswith("broken-record: ")
    assert str(rows[0]["fetch_time"]) == "2024-05-06 07:08:09"
    assert rows[0]["title"] == "第1种纸"
    ledgers = parquet.read_table(only("out/parquet-ledger")).to_pylist()
    assert [row["id"] for row in ledgers] == [row["id"] for row in rows]
    ledger = Ledger.from_json_lines(ledgers[0]["ledger"])
    assert sha256(restore(rows[0]["text"], ledger).encode()).hexdigest() == ledger.rendered_sha256
    assert [row["ledger"] is None for row in ledgers] == [False, False, True, False]

    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(only("out/parquet"))
    assert list(frame["text"].dropna()) == [rows[0]["text"], rows[3]["text"]]

    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql("SELECT state, count(*) FROM 'out/parquet/*.parquet' GROUP BY state ORDER BY state").fetchall()
    assert found == [("deleted", 1), ("error", 1), ("live", 2)]
    joined = duckdb.sql("SELECT count(*) FROM 'out/parquet/*.parquet' JOIN 'out/parquet-ledger/*.parquet' USING (id)")
    assert joined.fetchall() == [(4,)]


def test_a_shard_of_many_pages_has_many_row_groups(folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from xuanzhi.shards.formats.parquet import ParquetShard
    from xuanzhi.shards.rows import Row

    nothing: dict[str, Any] = dict.fromkeys(Row._fields, "")
    nothing |= {"warc_record_offset": 0, "warc_record_length": 0, "confidence": None, "warnings": ()}
    shard = ParquetShard(Folder(folder), "x")
    for number in range(30):
        shard.add(Row(**{**nothing, "id": str(number), "text": chr(0x4E00 + number) * 1_000_000}))
    for number in range(5_000):
        shard.add(Row(**{**nothing, "id": str(number)}))
    files = [parquet.ParquetFile(each.attempt) for each in shard.finish()]
    assert [file.metadata.num_row_groups for file in files] == [4, 4]
    assert [file.read(columns=["id"]).num_rows for file in files] == [5_030, 5_030]


def test_conversion_records_are_read_by_warcio(run: Run, crawl: str) -> None:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.checker import Checker

    assert run("clean", "--shards", "out", "--format", "warc", crawl).code == 0
    for folder in ("warc", "warc-ledger"):
        with Path(only(f"out/{folder}")).open("rb") as file:
            records = [
                (record.rec_type, dict(record.rec_headers.headers), record.content_stream().read())
                for record in ArchiveIterator(file, check_digests="raise")
            ]
        assert len({head["WARC-Record-ID"] for _, head, _ in records}) == len(records)
        if folder == "warc":
            kinds = ["warcinfo", "conversion", "metadata", "metadata", "metadata", "conversion", "metadata"]
            assert [kind for kind, _, _ in records] == kinds
            _, head, block = records[1]
            assert head["WARC-Refers-To"] == "<urn:uuid:00000000-0000-4000-8000-000000000001>"
            assert (head["WARC-Target-URI"], head["WARC-Date"]) == ("http://paper.example/1", "2024-05-06T07:08:09Z")
            assert "# 第1种纸" in block.decode()
            facts = [json.loads(block) for kind, _, block in records if kind == "metadata"]
            assert [each["state"] for each in facts] == ["live", "deleted", "error", "live"]
        else:
            assert [kind for kind, _, _ in records] == ["warcinfo", "metadata", "metadata", "metadata"]
            assert json.loads(records[1][2].split(b"\n")[0])["state"] == "live"
        checker = Checker(type("Command", (), {"verbose": False, "inputs": [only(f"out/{folder}")], "warn": False})())
        checker.process_all()
        assert checker.exit_value == 0


def test_conversion_records_are_read_by_fastwarc_and_by_ourselves(run: Run, crawl: str) -> None:
    fastwarc = pytest.importorskip("fastwarc")
    assert run("clean", "--shards", "out", "--format", "warc", crawl).code == 0
    with Path(only("out/warc")).open("rb") as file:
        kinds = [str(record.record_type) for record in fastwarc.ArchiveIterator(file)]
    assert sum("conversion" in kind for kind in kinds) == 2
    assert run("archive", "verify", only("out/warc"), only("out/warc-ledger")).code == 0


def test_documents_have_the_form_of_dolma(run: Run, crawl: str) -> None:
    import zstandard

    assert run("clean", "--shards", "out", "--format", "jsonl", crawl).code == 0
    with zstandard.open(only("out/documents"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert [set(row) - {"created"} for row in rows] == [{"id", "text", "source", "added", "metadata"}] * 4
    assert all(isinstance(row["text"], str) for row in rows)
    assert [bool(row["text"]) for row in rows] == [True, False, False, True]
    with zstandard.open(only("out/ledgers"), "rt", encoding="utf-8") as file:
        ledgers = [json.loads(line) for line in file]
    assert [row["id"] for row in ledgers] == [row["id"] for row in rows]
    assert ledgers[0]["ledger"][0]["clean_sha256"] == rows[0]["metadata"]["clean_sha256"]


def test_a_format_that_is_not_installed_is_named(run: Run, crawl: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    told = run("clean", "--shards", "out", crawl)
    assert told.code == 2
    assert "--format parquet requires pyarrow, which is not installed" in told.err
    assert "pip install 'xuanzhi[shards]'" in told.err
    assert not Path("out").exists()
