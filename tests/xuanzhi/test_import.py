"""`archive import`: what others captured is kept to the byte and cleaned; bad files cost nothing but themselves."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, sha1, wacz, zipped
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import files, reader, writer
from archive.collection import Collection
from archive.verify import verify_collection

Run = Callable[..., Any]
COLLECTION = Path("collection")


def kept() -> list[bytes]:
    """Return the bytes of all imported records, as they lie in the collection."""
    found = []
    for file in sorted((COLLECTION / "warc").glob("xuanzhi-import-*")):
        data, records = file.read_bytes(), list(reader.iterate(file))
        found += [gzip.decompress(data[each.offset : each.offset + each.length]) for each in records]
    return found


def described() -> dict[str, Any]:
    """Return what the last import says of itself."""
    said: dict[str, Any] = json.loads(kept()[-1].partition(b"\r\n\r\n")[2])
    return said


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
    assert "1 heads are not as they came" in done.out
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


PROFILE = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
ORIGIN = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    "says",
    [
        [f"WARC-Refers-To: <{ORIGIN}>"],
        ["WARC-Refers-To-Target-URI: http://paper.example/1", "WARC-Refers-To-Date: 2024-05-06T07:08:09Z"],
    ],
    ids=["by-id", "by-date"],
)
@pytest.mark.parametrize("apart", [False, True])
def test_revisits_share_the_text(run: Run, look: Callable[[], dict[str, Any]], says: list[str], apart: bool) -> None:
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    again = record(
        "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, *says, number=5,
        url="http://paper.example/1", date="2024-06-01T00:00:00Z",
    )  # fmt: skip
    if apart:
        Path("a.warc").write_bytes(page(1))
        Path("b.warc").write_bytes(again)
        assert run("archive", "import", "a.warc", "b.warc").code == 0
    else:
        Path("a.warc").write_bytes(page(1) + again)
        assert run("archive", "import", "a.warc").code == 0
    tables = look()["tables"]
    assert sorted((each["fetched_at"], each["state"]) for each in tables["capture"]) == [
        ("2024-05-06T07:08:09.000000Z", "live"), ("2024-06-01T00:00:00.000000Z", "live"),
    ]  # fmt: skip
    assert len(tables["version"]) == 1


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same-address", "other-address"])
def test_a_digest_alone_finds_a_page_of_another_file(
    run: Run, look: Callable[[], dict[str, Any]], elsewhere: bool
) -> None:
    url = f"http://paper.example/{'moved' if elsewhere else 1}"
    digest = f"WARC-Payload-Digest: {sha1(article(1))}"
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    again = record(
        "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, digest, number=5, url=url,
        date="2024-06-01T00:00:00Z",
    )  # fmt: skip
    Path("a.warc").write_bytes(page(1, digest) + page(2))
    Path("b.warc").write_bytes(again)
    done = run("archive", "import", "b.warc", "a.warc", "b.warc")
    assert (done.code, "1 revisits of pages that are not here" in done.out) == (0, True)
    tables = look()["tables"]
    assert [each["url"] for each in tables["capture"] if each["fetched_at"].startswith("2024-06")] == [url]
    assert {each["state"] for each in tables["capture"]} == {"live"}
    assert len(tables["version"]) == (3 if elsewhere else 2)  # a text names its address
    assert run("archive", "reclean", "--json").events[-1]["unchanged"] == 3


def test_a_revisit_of_a_revisit_in_another_file(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    for number, name in enumerate(("b.warc", "c.warc"), 5):
        earlier = f"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-{1 if number == 5 else number - 1:012}>"
        again = record(
            "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, earlier, number=number,
            url="http://paper.example/1", date=f"2024-06-0{number}T00:00:00Z",
        )  # fmt: skip
        Path(name).write_bytes(again)
    Path("a.warc").write_bytes(page(1))
    assert run("archive", "import", "a.warc", "b.warc", "c.warc").code == 0
    tables = look()["tables"]
    assert {each["state"] for each in tables["capture"]} == {"live"}
    assert [each["imported_payload"] for each in tables["visit"]] == [ORIGIN] * 3
    assert len(tables["version"]) == 1


def test_a_revisit_of_what_is_not_here_waits_for_it(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    again = record("revisit", b"", PROFILE, f"WARC-Refers-To: <{ORIGIN}>", number=5, url="http://paper.example/1")
    Path("b.warc").write_bytes(again)
    Path("a.warc").write_bytes(page(1))
    done = run("archive", "import", "b.warc")
    assert "1 revisits of pages that are not here" in done.out
    assert look()["tables"]["capture"] == []
    run("archive", "import", "a.warc")
    run("archive", "import", "b.warc")
    assert len(look()["tables"]["capture"]) == 2


def codings() -> dict[str, bytes]:
    import brotli
    import zstandard

    body = article(1)
    chunked = b"5;x=1\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:X}\r\n".encode() + body[5:] + b"\r\n0\r\n\r\n"
    return {
        "br": answer(brotli.compress(body), "Content-Encoding: br"),
        "zstd": answer(zstandard.compress(body), "Content-Encoding: zstd"),
        "gzip": answer(gzip.compress(body), "content-encoding: gzip"),
        "chunked": answer(chunked, "Transfer-Encoding: chunked"),
        "chunked-in-name-alone": answer(body, "Transfer-Encoding: chunked"),
        "br-in-name-alone": answer(body, "Content-Encoding: br"),
        "http2": answer(body).replace(b"HTTP/1.1 200 OK", b"HTTP/2.0 200"),
    }


@pytest.mark.parametrize("name", codings())
def test_bodies_as_servers_and_writers_leave_them(run: Run, look: Callable[[], dict[str, Any]], name: str) -> None:
    Path("plain.warc").write_bytes(page(1))
    run("archive", "import", "plain.warc")
    Path("a.warc").write_bytes(response(4, codings()[name], url="http://paper.example/1"))
    assert run("archive", "import", "a.warc").code == 0
    tables = look()["tables"]
    assert len(tables["capture"]) == 2
    assert len(tables["version"]) == 1


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_a_damaged_coding_gives_no_text(run: Run, look: Callable[[], dict[str, Any]], coding: str) -> None:
    import brotli
    import zstandard

    pack = {"br": brotli.compress, "zstd": zstandard.compress, "gzip": gzip.compress}[coding]
    broken = bytearray(pack(article(1)))
    broken[len(broken) // 2 :] = b"\xff" * 40
    Path("a.warc").write_bytes(response(2, answer(bytes(broken), f"Content-Encoding: {coding}")))
    assert run("archive", "import", "a.warc").code == 0
    assert [each["state"] for each in look()["tables"]["capture"]] == ["unavailable"]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_a_bomb_of_a_body_costs_a_message_and_keeps_the_record(
    run: Run, look: Callable[[], dict[str, Any]], coding: str
) -> None:
    import brotli
    import zstandard

    pack = {"br": brotli.compress, "zstd": zstandard.compress, "gzip": gzip.compress}[coding]
    Path("a.warc").write_bytes(page(1) + response(2, answer(pack(bytes(5_000_000)), f"Content-Encoding: {coding}")))
    done = run("archive", "import", "--json", "--max-megabytes", "1", "a.warc")
    assert done.code == 3
    assert [each["code"] for each in done.events if each["event"] == "error"] == ["content-too-large"]
    assert len(kept()) == 4
    assert len(look()["tables"]["capture"]) == 1


def test_a_page_that_is_too_large_keeps_its_record(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc").write_bytes(page(1) + response(2, answer(b"<p>" + b"x" * 2_000_000)))
    done = run("archive", "import", "--json", "--max-megabytes", "1", "a.warc")
    assert [each["code"] for each in done.events if each["event"] == "error"] == ["too-large"]
    assert len(kept()) == 4
    assert len(look()["tables"]["capture"]) == 1


def test_notices_and_cut_answers_never_replace_a_text(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    url = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc"
    notice = (
        '<html><body><div class="weui-msg"><div class="weui-msg__title">该内容已被发布者删除</div></div></body></html>'
    )
    Path("a.warc").write_bytes(
        response(1, answer(article(1)), url="http://paper.example/1")
        + response(
            2,
            answer(article(1, "半"))[:-900],
            "WARC-Truncated: length",
            url="http://paper.example/1",
            date="2025-01-01T00:00:00Z",
        )
        + response(3, answer(notice.encode(), status="404 Not Found"), url=url)
    )
    assert run("archive", "import", "a.warc").code == 0
    found = look()
    states = {(each["url"], each["state"]) for each in found["tables"]["capture"]}
    assert states == {
        ("http://paper.example/1", "live"), ("http://paper.example/1", "unavailable"), (url, "deleted"),
    }  # fmt: skip
    assert len(found["texts"]) == 1


def test_what_others_write_beside_captures_is_kept_and_is_no_page(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    beside = [
        record("resource", article(3), "Content-Type: text/html", "WARC-Page-ID: x", number=11, url="urn:view:http://a/"),
        record("resource", b"{}", "Content-Type: application/json", number=12, url="urn:pageinfo:http://paper.example/1"),
        record("conversion", article(4), "Content-Type: text/html", number=13, url="http://paper.example/1"),
        record("metadata", b"via: x\r\n", "Content-Type: application/warc-fields", number=14, url="http://paper.example/1"),
        record("resource", b"text", "Content-Type: text/plain", number=15, url="http://paper.example/robots.txt"),
    ]  # fmt: skip
    Path("a.warc.gz").write_bytes(zipped(page(1), *beside))
    assert run("archive", "import", "a.warc.gz").code == 0
    assert kept()[2:-1] == beside
    assert len(look()["tables"]["capture"]) == 1


def test_digests_that_came_wrong_stay_and_are_told_apart(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    stream = BytesIO()
    with_warcio = WARCWriter(stream, gzip=True)
    body = article(1)
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")], "HTTP/1.1")
    with_warcio.write_record(
        with_warcio.create_warc_record(
            "http://paper.example/1", "response", payload=BytesIO(chunked), length=len(chunked), http_headers=head
        )
    )
    Path("a.warc.gz").write_bytes(stream.getvalue())
    assert run("archive", "import", "a.warc.gz").code == 0
    look()
    assert {each.code for each in verify_collection(COLLECTION)} == {"payload-digest"}
    done = run("archive", "verify")
    assert (done.code, done.out) == (0, "")
    assert "1 findings are about imported records, which came so" in done.err
    assert "payload-digest" in run("archive", "verify", "--verbose").out


def test_our_own_collection_imported_into_another(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc").write_bytes(page(1))
    run("archive", "import", "a.warc")
    COLLECTION.rename("other")
    done = run("archive", "import", "other/warc")
    assert done.code == 0, done.err
    found = look()
    assert len(found["texts"]) == 1
    assert len(found["tables"]["import"]) == 2


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.warc", b"", "empty-file"),
        ("a.warc.gz", b"never a record\n" * 400, "not-a-warc"),
        ("a.warc.gz", gzip.compress(b"hello"), "not-a-warc"),
        ("a.wacz", b"PK\x03\x04 no zip", "bad-wacz"),
        ("a.wacz", b"hello", "bad-wacz"),
        ("missing.warc", None, "missing"),
    ],
)
def test_bad_files_are_named_and_cost_no_other(
    run: Run, look: Callable[[], dict[str, Any]], name: str, data: bytes | None, code: str
) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    Path("good.warc").write_bytes(page(1))
    done = run("archive", "import", "--json", name, "good.warc")
    assert done.code == 3
    errors = [each for each in done.events if each["event"] == "error"]
    assert [(each["file"], each["code"]) for each in errors] == [(name, code)]
    assert errors[0]["hint"]
    found = look()
    assert len(found["texts"]) == 1
    assert len(found["tables"]["import"]) == 1


def test_damage_is_reported_with_its_place_and_its_bytes_are_kept(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    members = [zipped(page(number)) for number in (1, 2, 3)]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    Path("a.warc.gz").write_bytes(b"".join((members[0], bytes(broken), members[2]))[:-9])
    done = run("archive", "import", "a.warc.gz")
    assert done.code == 3
    assert f"damaged at byte {len(members[0]):,}" in done.err
    assert f"damaged at byte {len(members[0]) + len(broken):,}" in done.err
    assert kept()[1] == page(1)
    assert kept()[2].endswith(bytes(broken) + b"\r\n\r\n")
    assert kept()[3].endswith(members[2][:-9] + b"\r\n\r\n")
    first = look()["tables"]
    assert len(first["capture"]) == 1
    assert run("archive", "import", "a.warc.gz").code == 3
    assert look()["tables"] == first


def test_a_bomb_in_a_wacz_is_not_set_off(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    import zipfile

    with zipfile.ZipFile("a.wacz", "w") as file:
        file.writestr("archive/good.warc", page(1))
        with file.open(zipfile.ZipInfo("pages/pages.jsonl"), "w") as part:
            for _ in range(65):
                part.write(bytes(1024 * 1024))
    done = run("archive", "import", "a.wacz")
    assert done.code == 3
    assert "it would become" in done.err
    assert len(look()["texts"]) == 1


def test_nothing_is_written_in_a_dry_run(run: Run) -> None:
    Path("a.warc").write_bytes(page(1))
    done = run("archive", "import", "--dry-run", "a.warc")
    assert (done.code, done.out) == (0, "a.warc  looked at  1 records  1 pages\n")
    wacz(Path("a.wacz"), [("archive/a.warc", page(1)), ("pages/pages.jsonl", b"{}")])
    assert run("archive", "import", "--dry-run", "a.wacz").out == "a.wacz  looked at  1 records  1 pages\n"
    assert not COLLECTION.exists()


def test_from_standard_input(spawn: Run, look: Callable[[], dict[str, Any]]) -> None:
    process = spawn("archive", "import", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(zipped(page(1)))
    assert process.returncode == 0, err
    assert out.startswith(b"-  taken over")
    assert len(look()["texts"]) == 1


def test_mixed_with_snapshots_and_rotation(
    run: Run, look: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.imports.taking.BATCH_RECORDS", 3)
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


def test_killed_at_any_moment_the_same_command_again_completes_it(
    spawn: Run, look: Callable[[], dict[str, Any]], run: Run
) -> None:
    pages = [page(number) for number in range(1, 40)]
    nameless = [each.replace(b"WARC-Record-ID", b"X-Was") for each in pages[:5]]
    Path("a.warc.gz").write_bytes(zipped(*pages, *nameless))
    script = """
import os, sys
from archive import writer
from archive.imports import taking
from xuanzhi import batch
from xuanzhi.commands.main import main
taking.BATCH_RECORDS, batch.BATCH = 7, 7
left = [int(sys.argv[1])]
sync = os.fsync
def fsync(file):
    left[0] -= 1
    if left[0] < 0:
        os._exit(9)
    sync(file)
writer.os.fsync = fsync
main(["archive", "import", "-q", "a.warc.gz"])
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    Collection.open(COLLECTION).close()
    for moment in (1, 3, 4, 6, 9, 14):
        killed = subprocess.run([sys.executable, "-c", script, str(moment)], env=environment, check=False)
        assert killed.returncode == 9
        look()
    assert run("archive", "import", "a.warc.gz").code == 0
    tables = look()["tables"]
    assert len(tables["capture"]) == 44
    assert len(tables["import"]) == 1
    assert sum(b"WARC-Type: response" in each for each in kept()) == 44


def test_a_disk_that_runs_full_leaves_nothing_half(
    run: Run, look: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.imports.taking.BATCH_RECORDS", 2)
    Path("a.warc").write_bytes(b"".join(page(number) for number in range(1, 6)))
    assert run("archive", "import", "--dry-run", "a.warc").code == 0
    Collection.open(COLLECTION).close()
    lock = Lock()
    for room in range(0, 60_000, 1500):
        left = [room]

        def write(file: int, data: memoryview, left: list[int] = left) -> int:
            with lock:  # Markdown files are written by several threads
                if not left[0]:
                    raise OSError(28, "No space left on device")
                written = os.write(file, data[: left[0]])
                left[0] -= written
                return written

        with monkeypatch.context() as patch:
            patch.setattr(writer, "_write", write)
            patch.setattr(files, "_write", write)
            done = run("archive", "import", "--json", "a.warc")
        if done.code == 0:
            break
        assert {each["code"] for each in done.events if each["event"] == "error"} == {"disk-full"}
        look()
    assert done.code == 0
    assert len(look()["tables"]["capture"]) == 5


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_a_huge_record_is_not_held_in_memory() -> None:
    size = 200 * 1024 * 1024
    head, _ = response(6, answer(b"", kind="video/mp4")).split(b"Content-Length:", 1)
    block = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
    with Path("a.warc").open("wb") as file:
        file.write(page(1) + head + f"Content-Length: {len(block) + size}\r\n\r\n".encode() + block)
        file.seek(size, 1)
        file.write(b"\r\n\r\n" + page(2))
    script = """
from pathlib import Path
from xuanzhi.commands.main import main
assert main(["archive", "import", "--json", "a.warc"]) == 0
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    first, *_, peak = done.stdout.splitlines()
    event = json.loads(first)
    assert (event["records"], event["kept"], event["pages"]) == ({"response": 3}, 3, 2)
    assert int(peak) * 1024 < size / 2
