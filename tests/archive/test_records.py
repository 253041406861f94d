"""Records byte for byte, and as independent readers see them."""

import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.collection.collection import Collection, Snapshot
from archive.errors import BadRecord, Damaged
from archive.warc import reader, records
from archive.warc.members import member
from archive.warc.reader import iterate, parse_record
from archive.warc.records import target_uri

RESOURCE = records.resource(
    record_id="urn:uuid:1",
    date="2025-10-06T19:41:42.929239Z",
    uri="https://a.example/",
    content_type="text/markdown; charset=utf-8",
    block="正文\r\n\r\n".encode(),
)


def test_a_resource_record_to_the_byte() -> None:
    assert records.render(RESOURCE) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: resource\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2025-10-06T19:41:42.929239Z\r\n"
        b"WARC-Target-URI: https://a.example/\r\n"
        b"WARC-Block-Digest: sha256:8c8200b4071c091615bab36e9ed42b3d41baa74a727e3b0f6c9de89d1c7a5ecf\r\n"
        b"WARC-Payload-Digest: sha256:8c8200b4071c091615bab36e9ed42b3d41baa74a727e3b0f6c9de89d1c7a5ecf\r\n"
        b"Content-Type: text/markdown; charset=utf-8\r\n"
        b"Content-Length: 10\r\n"
        b"\r\n"
        b"\xe6\xad\xa3\xe6\x96\x87\r\n\r\n"
        b"\r\n\r\n"
    )


WARC = """\
WARC/1.1
WARC-Type: warcinfo
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000005>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Filename: xuanzhi-20261122083000-00001.warc.gz
WARC-Block-Digest: sha256:DIGEST
Content-Type: application/warc-fields
Content-Length: 147

software: xuanzhi/0.1.0
format: WARC File Format 1.1
conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/


WARC/1.1
WARC-Type: resource
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>
WARC-Date: 2025-10-06T19:41:42.929239Z
WARC-Target-URI: urn:snapshot:https://mp.weixin.qq.com/s%3F__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1
WARC-Block-Digest: sha256:DIGEST
WARC-Payload-Digest: sha256:DIGEST
Content-Type: text/markdown; charset=utf-8
Content-Length: 210

---
title: 题目1
url: https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd
source: 技术团队
date: 2024-12-31
fetch_date: 2025-10-06T19:41:42.929239
---
第1篇的正文。

微信扫一扫


WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Target-URI: urn:provenance:https://mp.weixin.qq.com/s%3F__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>
WARC-Block-Digest: sha256:DIGEST
Content-Type: application/json
Content-Length: 1032

{
 "provenance": 1,
 "title": "题目1",
 "url": "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd",
 "source": "技术团队",
 "date": "2024-12-31",
 "fetch_date": "2025-10-06T19:41:42.929239",
 "fetch_date_utc": "2025-10-06T19:41:42.929239Z",
 "fetch_date_from": "fetch_date",
 "fetch_date_zone": "UTC",
 "fetch_date_precision": "fraction",
 "fetch_date_note": "fetch_date as given; no zone given; read as UTC",
 "article": "wechat:MzI=/1/1/abc",
 "article_kind": "wechat",
 "article_url": "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc",
 "file": "001.txt",
 "size": 210,
 "encoding": "utf-8",
 "byte_order_mark": false,
 "line_end": "\\n",
 "source_sha256": "DIGEST",
 "state": "live",
 "notice": "",
 "profile": "wechat",
 "facts": {},
 "clean_sha256": "DIGEST",
 "ruleset_sha256": "DIGEST",
 "software": "xuanzhi/0.1.0"
}


"""

DERIVED = """\
WARC/1.1
WARC-Type: conversion
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000003>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Target-URI: urn:snapshot:https://mp.weixin.qq.com/s%3F__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>
WARC-Conversion-Software: xuanzhi/0.1.0
WARC-Conversion-Options: ruleset=sha256:DIGEST; profile=wechat
WARC-Block-Digest: sha256:DIGEST
WARC-Payload-Digest: sha256:DIGEST
Content-Type: text/markdown; charset=utf-8; variant=CommonMark
Content-Length: 193

---
title: 题目1
url: https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1#rd
source: 技术团队
date: 2024-12-31
fetch_date: 2025-10-06T19:41:42.929239
---
第1篇的正文。


WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000004>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Target-URI: urn:ledger:https://mp.weixin.qq.com/s%3F__biz=MzI=&mid=1&idx=1&sn=abc&chksm=1
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000003>
WARC-Block-Digest: sha256:DIGEST
Content-Type: application/x-ndjson
Content-Length: 489

{"ledger": 1, "state": "live", "source_sha256": "DIGEST", "clean_sha256": "DIGEST", "ruleset_sha256": \
"DIGEST", "software": "xuanzhi/0.1.0", "encoding": "utf-8", "byte_order_mark": false, "line_end": "\\n"}
{"start": 169, "end": 176, "line": 9, "stage": "tail", "rule": "wechat.scan", "text": "\\n微信扫一扫\\n"}


"""


@pytest.fixture
def kept(tmp_path: Path, make: Callable[..., Snapshot], opened: Callable[..., Collection]) -> Path:
    with opened(tmp_path) as collection:
        collection.add([make(1), make(2, state="deleted", notice="该内容已被发布者删除")])
        collection.add([make(3, url="http://a.example/?q=" + "长" * 3000)])
    return tmp_path


def test_whole_files_to_the_byte(
    tmp_path: Path, make: Callable[..., Snapshot], opened: Callable[..., Collection]
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
    found = {}
    for folder in ("warc", "derived"):
        (file,) = (tmp_path / folder).iterdir()
        # Digests are tested by every reader; here they would only hide the shape.
        text = re.sub("[0-9a-f]{64}", "DIGEST", gzip.decompress(file.read_bytes()).decode())
        found[folder] = text.replace("\r\n", "\n")
    assert found["warc"] == WARC
    opening, _, rest = found["derived"].partition("WARC/1.1\nWARC-Type: conversion")
    assert "WARC-Filename: xuanzhi-derived-20261122083000-00001.warc.gz\n" in opening
    assert "WARC/1.1\nWARC-Type: conversion" + rest == DERIVED


def test_warcio_reads_every_record_and_agrees_with_its_digests(kept: Path) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    for file in [*(kept / "warc").iterdir(), *(kept / "derived").iterdir()]:
        ours = list(iterate(file))
        with file.open("rb") as stream:
            iterator = archiveiterator.ArchiveIterator(stream, check_digests="raise")
            theirs = []
            for each in iterator:
                block = each.raw_stream.read()
                theirs.append((iterator.get_record_offset(), each.rec_headers.headers, block))
                assert each.digest_checker.passed is not False
        assert [offset for offset, _, _ in theirs] == [each.offset for each in ours]
        assert [tuple(headers) for _, headers, _ in theirs] == [each.record.fields for each in ours]
        assert [block for _, _, block in theirs] == [each.record.block for each in ours]


def test_fastwarc_reads_every_record_and_agrees_with_its_digests(kept: Path) -> None:
    fastwarc = pytest.importorskip("fastwarc.warc")
    for file in [*(kept / "warc").iterdir(), *(kept / "derived").iterdir()]:
        ours = list(iterate(file))
        theirs = []
        for each in fastwarc.ArchiveIterator(io.BytesIO(file.read_bytes()), parse_http=False):
            assert each.verify_block_digest()
            theirs.append(
                (
                    each.stream_pos,
                    dict(each.headers)["WARC-Target-URI"] if "WARC-Target-URI" in each.headers else "",
                )
            )
        assert theirs == [(each.offset, each.record.get("WARC-Target-URI")) for each in ours]


def test_each_record_is_one_gzip_member_at_its_place(kept: Path) -> None:
    (file,) = (kept / "warc").iterdir()
    data = file.read_bytes()
    for offset, length, record in iterate(file):
        assert gzip.decompress(data[offset : offset + length]) == records.render(record)
        assert reader.read(file, offset, length) == record


def test_the_same_record_gives_the_same_bytes() -> None:
    assert member(RESOURCE) == member(RESOURCE)


def test_fresh_identifiers_are_uuids_of_version_4_and_differ() -> None:
    made = {records.new_record_id() for _ in range(1000)}
    assert len(made) == 1000
    pattern = "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, each) for each in made)


@given(st.text(max_size=80))
def test_a_value_stands_on_one_line_or_is_refused(value: str) -> None:
    record = RESOURCE._replace(fields=(("WARC-Filename", value), ("Content-Length", "10")))
    try:
        data = records.render(record)
    except BadRecord:
        return
    assert parse_record(data) == record
    assert len(data.decode().partition("\r\n\r\n")[0].splitlines()) == 3


@given(
    st.text(max_size=200),
    st.sampled_from(["http://a.example/", "HTTPS://a.example/", "", " http://a.example/ "]),
)
def test_a_target_uri_is_always_a_uri(text: str, begin: str) -> None:
    uri = target_uri(begin + text, "00" * 32)
    assert set(uri) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:/?@!$&'()*+,;=")
    assert not re.search("%(?![0-9A-Fa-f]{2})", uri)
    assert uri.lower().startswith(("http://", "https://", "ni:///sha-256;"))


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("https://a.example/a%20b?c=%e4#rd", "https://a.example/a%20b?c=%e4"),
        ("https://a.example/中 文\r\nX: y", "https://a.example/%E4%B8%AD%20%E6%96%87%0D%0AX:%20y"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("", "ni:///sha-256;AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("见原文", "ni:///sha-256;AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ],
)
def test_target_uris(url: str, uri: str) -> None:
    assert target_uri(url, "00" * 32) == uri


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data.replace(b"Content-Length: 10", b"Content-Length: 11"),
        lambda data: data.replace(b"WARC/1.1", b"HTTP/1.1"),
        lambda data: data.replace(b"WARC-Type: ", b"WARC-Type "),
        lambda data: data.replace(b"WARC-Type: ", b"WARC-Type: \xff"),
        lambda data: b"",
    ],
)
def test_what_is_not_exactly_a_record_is_damaged(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Damaged):
        parse_record(change(records.render(RESOURCE)))


def test_a_changed_byte_of_the_block_is_found() -> None:
    reader.check_digests(RESOURCE)
    with pytest.raises(Damaged, match="digest"):
        reader.check_digests(RESOURCE._replace(block=b"0123456789"))


def test_a_file_cut_anywhere_is_damaged_at_a_named_place(tmp_path: Path) -> None:
    whole = member(RESOURCE).data
    file = tmp_path / "a.warc.gz"
    for cut in range(1, len(whole)):
        file.write_bytes(whole + whole[:cut])
        with pytest.raises(Damaged, match=f"a.warc.gz: .*{len(whole)}"):
            list(iterate(file))
    file.write_bytes(whole + b"garbage")
    with pytest.raises(Damaged, match="no gzip member"):
        list(iterate(file))
    assert [each.record for each in iterate(file, len(whole))] == [RESOURCE]
    with pytest.raises(Damaged, match="ends before"):
        reader.read(file, len(whole), 100)
    with pytest.raises(Damaged):
        reader.read(file, 0, len(whole) + 3)
