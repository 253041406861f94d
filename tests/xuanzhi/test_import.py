"""`archive import`: records of all forms are kept to the byte, once, and their pages become articles."""

import gzip
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, wacz, zipped
from taken import COLLECTION, described, kept

from archive.collection.collection import Collection
from archive.warc import reader

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

INFO = record("warcinfo", b"software: Someone/1.0\r\n", "Content-Type: application/warc-fields", number=99)
REQUEST = record("request", b"GET / HTTP/1.1\r\n\r\n", number=98, url="http://paper.example/1")
PICTURE = response(97, answer(b"PNG" * 50, kind="image/png"))


@pytest.mark.parametrize("form", ["plain", "members", "one-member"])
def test_records_are_kept_to_the_byte_and_pages_become_articles(
    run: Run, look: Callable[[], dict[str, Any]], form: str
) -> None:
    records = [INFO, page(1), REQUEST, PICTURE, page(2)]
    data = {"plain": b"".join(records), "members": zipped(*records), "one-member": gzip.compress(b"".join(records))}
    Path("crawl.warc").write_bytes(data[form])
    done = run("archive", "import", "crawl.warc")
    assert done.code == 0, done.err
    assert kept()[1:-1] == records
    found = look()
    assert sorted(found["texts"]) == [
        "markdown/paper.example/undated-第1种纸.md",
        "markdown/paper.example/undated-第2种纸.md",
    ]
    said = described()
    assert {key: said[key] for key in ("file", "sha256", "records", "kept", "damage", "changed", "software")} == {
        "file": "crawl.warc",
        "sha256": hashlib.sha256(data[form]).hexdigest(),
        "records": {"request": 1, "response": 3, "warcinfo": 1},
        "kept": 5,
        "damage": [],
        "changed": [],
        "software": ["Someone/1.0"],
    }
    captures = found["tables"]["capture"]
    assert {(each["kind"], each["fetched_at"], each["state"]) for each in captures} == {
        ("visit", "2024-05-06T07:08:09.000000Z", "live")
    }
    assert {each["record"][-2:] for each in captures} == {"01", "02"}


def test_the_same_file_again_adds_nothing(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc.gz").write_bytes(zipped(INFO, page(1), page(2)))
    run("archive", "import", "a.warc.gz")
    before = {path: path.read_bytes() for path in (COLLECTION / "warc").iterdir()}
    first = look()["tables"]
    shutil.copy("a.warc.gz", "copy.warc.gz")
    done = run("archive", "import", "--json", "a.warc.gz", "copy.warc.gz")
    assert [(each["status"], each["kept"]) for each in done.events] == [("unchanged", 0)] * 2
    assert {path: path.read_bytes() for path in (COLLECTION / "warc").iterdir()} == before
    assert look()["tables"] == first


def test_the_same_record_in_another_file_is_there_already(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc").write_bytes(page(1) + page(2))
    Path("b.warc.gz").write_bytes(zipped(page(2), page(3)))
    done = run("archive", "import", "--json", "a.warc", "b.warc.gz")
    files = [each for each in done.events if each["event"] == "imported"]
    assert [(each["kept"], each["already"]) for each in files] == [(2, 0), (1, 1)]
    assert len(look()["tables"]["capture"]) == 3


def test_one_identifier_and_other_bytes(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    other = page(1, date="2025-01-01T00:00:00Z")
    Path("a.warc").write_bytes(page(1) + other)
    done = run("archive", "import", "a.warc")
    assert "1 record header is not as it came" in done.out
    (change,) = described()["changed"]
    assert (change["why"], change["was"], change["offset"]) == (
        "same-id", "urn:uuid:00000000-0000-4000-8000-000000000001", len(page(1)),
    )  # fmt: skip
    named = b"<urn:uuid:00000000-0000-4000-8000-000000000001>"
    assert kept()[1:-1] == [page(1), other.replace(named, f"<{change['record']}>".encode())]
    first = look()["tables"]
    assert len(first["capture"]) == 2
    run("archive", "import", "a.warc")
    assert look()["tables"] == first


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"WARC-Type: resource\r\n", "no-id"),
        (b"WARC-Type: resource\r\nWARC-Record-ID: 17\r\n", "bad-id"),
        (b"WARC-Type: resource\r\nWARC-Record-ID: <urn:x:1>\r\nX-Name: \xff\r\n", "head"),
        (b"WARC-Type: resource\r\nWARC-Record-ID: <urn:x:1>\r\nno field\r\n", "head"),
    ],
)
def test_heads_that_cannot_stay(run: Run, look: Callable[[], dict[str, Any]], head: bytes, why: str) -> None:
    raw = (
        b"WARC/1.0\r\n"
        + head
        + b"WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
    )
    Path("a.warc").write_bytes(raw + b"Hi\r\n\r\n")
    run("archive", "import", "a.warc")
    (change,) = described()["changed"]
    assert change["why"] == why
    import base64

    assert base64.b64decode(change["head"]) == (raw if why == "head" else b"")
    assert kept()[1].endswith(b"Content-Length: 2\r\n\r\nHi\r\n\r\n")
    first = look()["tables"]
    run("archive", "import", "a.warc")
    assert look()["tables"] == first


def test_arc(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    block = answer(article(1)).replace(b"HTTP/1.1", b"HTTP/1.0")
    dns = arc("dns:paper.example", b"20040506070809\npaper.example. 1 IN A 192.0.2.7\n", "text/dns")
    Path("old.arc.gz").write_bytes(zipped(ARC_HEAD, dns, arc("http://paper.example/1", block)))
    done = run("archive", "import", "old.arc.gz")
    assert done.code == 0, done.err
    records = [each.record for each in reader.iterate(next((COLLECTION / "warc").glob("xuanzhi-import-*")))]
    assert [(each.type, each.get("WARC-Target-URI")) for each in records[1:-1]] == [
        ("metadata", "urn:arc:filedesc://old.arc"),
        ("metadata", "urn:arc:filedesc://old.arc"),
        ("resource", "dns:paper.example"),
        ("metadata", "urn:arc:dns:paper.example"),
        ("response", "http://paper.example/1"),
        ("metadata", "urn:arc:http://paper.example/1"),
    ]
    assert records[5].block == block
    assert records[5].get("WARC-Date") == "2004-05-06T07:08:09Z"
    assert records[6].block == arc("http://paper.example/1", block)[: -len(block) - 1]
    assert len(look()["texts"]) == 1


def test_wacz(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    redirect = response(5, b"HTTP/1.1 301 Moved\r\nLocation: /1\r\n\r\n", url="http://paper.example/start")
    frame = page(2)
    pages = '{"format": "json-pages-1.0", "id": "pages"}\n{"url": "http://paper.example/start", "title": "竹纸"}\n'
    parts = [
        ("archive/data.warc.gz", zipped(INFO, redirect, page(1), frame)),
        ("pages/pages.jsonl", pages.encode()),
        ("indexes/index.cdx", b"index"),
        ("../../outside.warc", page(7)),
    ]
    done = run("archive", "import", "--json", str(wacz(Path("a.wacz"), parts, pages_jsonl="sha256:" + "0" * 64)))
    assert done.code == 3
    kinds = [each["event"] for each in done.events]
    assert kinds == ["imported", "error", "page"]
    assert done.events[1]["code"] == "wrong-digest"
    assert "pages/pages.jsonl" in done.events[1]["message"]
    assert done.events[2]["url"] == "http://paper.example/1"
    assert not Path("../../outside.warc").exists()
    said = described()
    assert [(each["name"], each["kept"]) for each in said["parts"]] == [
        ("archive/data.warc.gz", True), ("pages/pages.jsonl", True), ("indexes/index.cdx", False),
        ("../../outside.warc", True), ("datapackage.json", True),
    ]  # fmt: skip
    assert frame in kept()
    assert page(7) in kept()
    visits = [each for each in look()["warc"] if each.get("WARC-Target-URI").startswith("urn:visit:")]
    assert [json.loads(each.block)["import"]["title"] for each in visits] == ["竹纸"]


def test_a_page_without_records(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("page.html").write_bytes(article(1))
    done = run("archive", "import", "page.html", "--url", "https://paper.example/1", "--date", "2024-05-06T07:08:09Z")
    assert done.code == 0, done.err
    (capture,) = look()["tables"]["capture"]
    assert (capture["kind"], capture["url"], capture["fetched_at"]) == (
        "snapshot", "https://paper.example/1", "2024-05-06T07:08:09.000000Z",
    )  # fmt: skip


def test_a_folder_with_a_mix(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    folder = Path("given/deep")
    folder.mkdir(parents=True)
    (folder / "a.warc.gz").write_bytes(zipped(page(1)))
    note = b"<!-- saved from url=(0024)http://paper.example/2 -->\n"
    (folder / "b.html").write_bytes(article(2).replace(b"<html>", b"<html>" + note))
    (folder / "c.txt").write_text("---\ntitle: 信\nurl: http://paper.example/3\n---\n信的正文。\n", "utf-8")
    (folder / "d.bin").write_bytes(b"?")
    done = run("archive", "import", "given")
    assert done.code == 0, done.err
    assert sorted(each["url"] for each in look()["tables"]["capture"]) == [
        f"http://paper.example/{number}" for number in (1, 2, 3)
    ]


def test_only_pages_of_a_host(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    far = response(8, answer(article(8)), url="http://other.example/8")
    Path("a.warc").write_bytes(page(1) + far)
    run("archive", "import", "a.warc", "--host", "paper.example")
    assert far in kept()
    assert len(look()["texts"]) == 1
    run("archive", "import", "a.warc", "--url-prefix", "http://other.example/")
    assert len(look()["texts"]) == 2


def test_our_own_collection_imported_into_another(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc").write_bytes(page(1))
    run("archive", "import", "a.warc")
    COLLECTION.rename("other")
    done = run("archive", "import", "other/warc")
    assert done.code == 0, done.err
    found = look()
    assert len(found["texts"]) == 1
    assert len(found["tables"]["import"]) == 2


def test_nothing_is_written_in_a_dry_run(run: Run) -> None:
    Path("a.warc").write_bytes(page(1))
    done = run("archive", "import", "--dry-run", "a.warc")
    assert (done.code, done.out) == (0, "a.warc  examined  1 record  1 page\n")
    wacz(Path("a.wacz"), [("archive/a.warc", page(1)), ("pages/pages.jsonl", b"{}")])
    assert run("archive", "import", "--dry-run", "a.wacz").out == "a.wacz  examined  1 record  1 page\n"
    assert not COLLECTION.exists()


def test_from_standard_input(spawn: Run, look: Callable[[], dict[str, Any]]) -> None:
    process = spawn("archive", "import", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(zipped(page(1)))
    assert process.returncode == 0, err
    assert out.startswith(b"-  imported")
    assert len(look()["texts"]) == 1


def test_mixed_with_snapshots_and_rotation(
    run: Run, look: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.importing.importer.BATCH_RECORDS", 3)
    opened = Collection.open.__func__  # type: ignore[attr-defined]
    small = classmethod(lambda cls, path, **given: opened(cls, path, limit=1500, **given))
    monkeypatch.setattr(Collection, "open", small)
    Path("s.txt").write_text("---\ntitle: 信\nurl: http://paper.example/2\n---\n信的正文。\n", "utf-8")
    Path("a.warc").write_bytes(b"".join(page(number) for number in range(1, 12)))
    Path("b.warc").write_bytes(b"".join(page(number, date="2025-01-01T00:00:00Z") for number in range(20, 24)))
    Path("t.txt").write_text("---\ntitle: 信\nurl: http://paper.example/21\n---\n另一封信。\n", "utf-8")
    for command in (
        ["clean", "s.txt"],
        ["archive", "import", "a.warc"],
        ["clean", "t.txt"],
        ["archive", "import", "b.warc"],
    ):
        assert run(*command).code == 0
    found = look()
    names = {each["name"] for each in found["tables"]["file"] if each["imported"]}
    assert len(names) > 3
    assert len(found["tables"]["capture"]) == 17
