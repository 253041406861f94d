"""Records of exchanges to the byte: what stands in the file is what crossed the wire."""

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.ingest.prepared import Visit
from archive.ingest.state import judge
from archive.warc import exchanges, records
from archive.warc.exchanges import ExchangePlace, carriers, describe_exchange
from archive.warc.records import PayloadOrigin
from capture.page import Connection, Event, Tls

Opened = Callable[..., Collection]

DATE = "2026-11-22T08:00:00.250000Z"
CHUNKED = (
    b"HTTP/1.1 200 \xe5\xa5\xbd\r\nX-Latin: caf\xe9\r\nx-latin:  again \r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;a=1\r\nabc\r\n0\r\nX: y\r\n\r\n"
)


def rendered(fields: records.Fields, block: bytes) -> bytes:
    return records.render(records.Record(fields, block))


def test_a_response_to_the_byte() -> None:
    one = exchange("https://a.example/1", CHUNKED)
    fields = exchanges.response(one, record_id="urn:uuid:1", date=DATE)
    assert rendered(fields, one.response.read()) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: response\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2026-11-22T08:00:00.250000Z\r\n"
        b"WARC-Target-URI: https://a.example/1\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Protocol: tls/1.3\r\n"
        b"WARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
        b"WARC-Block-Digest: sha256:1702f9e894ae7cc5820e184f7f5f6ec4471a3ed51cab0e5a1547b4dcf6c30f84\r\n"
        b"WARC-Payload-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 104\r\n"
        b"\r\n" + CHUNKED + b"\r\n\r\n"
    )


def test_a_request_to_the_byte() -> None:
    one = exchange("http://a.example/1?q=2", CHUNKED, fields=("Accept: */*",))
    fields = exchanges.request(one, record_id="urn:uuid:2", date=DATE, concurrent_to="urn:uuid:1")
    assert rendered(fields, one.request.read()) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: request\r\n"
        b"WARC-Record-ID: <urn:uuid:2>\r\n"
        b"WARC-Date: 2026-11-22T08:00:00.250000Z\r\n"
        b"WARC-Target-URI: http://a.example/1?q=2\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Concurrent-To: <urn:uuid:1>\r\n"
        b"WARC-Block-Digest: sha256:" + one.request.sha256.encode() + b"\r\n"
        b"Content-Type: application/http; msgtype=request\r\n"
        b"Content-Length: 53\r\n"
        b"\r\n"
        b"GET /1?q=2 HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n"
        b"\r\n\r\n"
    )


ORIGIN = PayloadOrigin("urn:uuid:0", "https://b.example/", "2026-01-01T00:00:00.000001Z")


def test_a_revisit_with_an_identical_payload_to_the_byte() -> None:
    one = exchange("https://a.example/1", CHUNKED)
    response = exchanges.response(one, record_id="urn:uuid:1", date=DATE)
    head = exchanges.head_of(one)
    assert head == CHUNKED[: CHUNKED.index(b"\r\n\r\n") + 4]
    fields = exchanges.identical_payload(response, ORIGIN, size=len(head), sha256=records.digest(head)[7:])
    assert rendered(fields, head) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: revisit\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2026-11-22T08:00:00.250000Z\r\n"
        b"WARC-Target-URI: https://a.example/1\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Protocol: tls/1.3\r\n"
        b"WARC-Cipher-Suite: TLS_AES_256_GCM_SHA384\r\n"
        b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
        b"WARC-Refers-To: <urn:uuid:0>\r\n"
        b"WARC-Refers-To-Target-URI: https://b.example/\r\n"
        b"WARC-Refers-To-Date: 2026-01-01T00:00:00.000001Z\r\n"
        b"WARC-Truncated: length\r\n"
        b"WARC-Block-Digest: " + records.digest(head).encode() + b"\r\n"
        b"WARC-Payload-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
        b"Content-Length: 81\r\n"
        b"\r\n" + head + b"\r\n\r\n"
    )


def test_a_revisit_that_is_not_modified_to_the_byte() -> None:
    one = exchange("http://a.example/1", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
    response = exchanges.response(one, record_id="urn:uuid:1", date=DATE)
    assert rendered(exchanges.not_modified(response, ORIGIN), b"") == (
        b"WARC/1.1\r\n"
        b"WARC-Type: revisit\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2026-11-22T08:00:00.250000Z\r\n"
        b"WARC-Target-URI: http://a.example/1\r\n"
        b"WARC-IP-Address: 192.0.2.7\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n"
        b"WARC-Refers-To: <urn:uuid:0>\r\n"
        b"WARC-Refers-To-Target-URI: https://b.example/\r\n"
        b"WARC-Refers-To-Date: 2026-01-01T00:00:00.000001Z\r\n"
        b"WARC-Block-Digest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"
        b"Content-Length: 0\r\n"
        b"\r\n\r\n\r\n"
    )


DERIVED = """\
WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000008>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Target-URI: urn:provenance:https://a.example/1
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Block-Digest: sha256:DIGEST
Content-Type: application/json
Content-Length: 906

{
 "provenance": 1,
 "title": "题目1",
 "url": "https://a.example/1",
 "source": "技术团队",
 "date": "2024-12-31",
 "fetch_date": "2026-11-22T08:00:00.250000Z",
 "fetch_date_utc": "2026-11-22T08:00:00.250000Z",
 "fetch_date_from": "visit",
 "article": "url://a.example/1",
 "article_kind": "url",
 "article_url": "https://a.example/1",
 "visit": "urn:uuid:00000000-0000-4000-8000-000000000001",
 "inherits": false,
 "page_url": "https://a.example/1",
 "encoding": "utf-8",
 "byte_order_mark": false,
 "line_end": "\\n",
 "source_sha256": "DIGEST",
 "state": "live",
 "notice": "",
 "profile": "generic",
 "facts": {},
 "clean_sha256": "DIGEST",
 "ruleset_sha256": "DIGEST",
 "software": "xuanzhi/0.1.0",
 "confidence": null
}


WARC/1.1
WARC-Type: conversion
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000009>
WARC-Date: 2026-11-22T08:30:00Z
WARC-Target-URI: https://a.example/1
WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Conversion-Software: xuanzhi/0.1.0
WARC-Conversion-Options: ruleset=sha256:DIGEST; profile=generic
WARC-Block-Digest: sha256:DIGEST
WARC-Payload-Digest: sha256:DIGEST
Content-Type: text/markdown; charset=utf-8; variant=CommonMark
Content-Length: 11

<p>第1篇


"""

VISIT = """\
WARC/1.1
WARC-Type: metadata
WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>
WARC-Date: 2026-11-22T08:00:00.250000Z
WARC-Target-URI: urn:visit:https://a.example/1
WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>
WARC-Block-Digest: sha256:DIGEST
Content-Type: application/json
Content-Length: 1206

{
 "visit": 1,
 "url": "https://a.example/1",
 "started": "2026-11-22T08:00:00.250000Z",
 "answer": "urn:uuid:00000000-0000-4000-8000-000000000002",
 "final_url": "https://a.example/1",
 "status": 200,
 "etag": "\\"abf1bb97\\"",
 "last_modified": "",
 "payload_sha256": "DIGEST",
 "wall": "",
 "error": "",
 "message": "",
 "robots": {
  "decision": "allowed",
  "url": "https://a.example/robots.txt",
  "reason": "no rule forbids it"
 },
 "insecure": false,
 "failures": [],
 "shared": [],
 "article": "url://a.example/1",
 "article_kind": "url",
 "article_url": "https://a.example/1",
 "aliases": [],
 "target": "",
 "target_key": "",
 "run": null,
 "item": 0,
 "exchanges": [
  {
   "record": "urn:uuid:00000000-0000-4000-8000-000000000002",
   "role": "page",
   "via": null,
   "url": "https://a.example/1",
   "status": 200
  },
  {
   "record": "urn:uuid:00000000-0000-4000-8000-000000000003",
   "role": "requisite",
   "via": "urn:uuid:00000000-0000-4000-8000-000000000002",
   "url": "https://a.example/logo.png",
   "status": 200
  }
 ],
 "certificates": {
  "DIGEST": "ZGVy"
 }
}


"""


def text_of(folder: Path) -> str:
    (file,) = folder.iterdir()
    # Digests are tested by every reader; here they would only hide the shape.
    return re.sub("[0-9a-f]{64}", "DIGEST", gzip.decompress(file.read_bytes()).decode(errors="replace")).replace(
        "\r\n", "\n"
    )


def test_what_is_said_of_a_visit_to_the_byte(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
    told = text_of(tmp_path / "warc")
    assert told[told.rindex("WARC/1.1\n") :] == VISIT
    derived = text_of(tmp_path / "derived")
    assert derived[derived.index("WARC/1.1\nWARC-Type: metadata") : derived.rindex("WARC/1.1\n")] == DERIVED


def test_the_description_of_an_exchange_whole() -> None:
    one = exchange(
        "https://a.example/1",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiJUNK",
        redacted=("Cookie",),
        reused=True,
        events=(Event(datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC), "stale-connection", "tried again"),),
    )
    assert describe_exchange(one, ExchangePlace("urn:uuid:1", "requisite", "urn:uuid:0"), "urn:uuid:9") == {
        "exchange": 1,
        "visit": "urn:uuid:9",
        "role": "requisite",
        "via": "urn:uuid:0",
        "method": "GET",
        "url": "https://a.example/1",
        "started": "2026-11-22T08:00:00.250000Z",
        "ended": "2026-11-22T08:00:00.370000Z",
        "status": 200,
        "outcome": "complete",
        "message": "",
        "whole": True,
        "framing": "",
        "truncated": "",
        "payload_size": 2,
        "payload_sha256": "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
        "redacted": ["Cookie"],
        "interim": "SFRUUC8xLjEgMTAzIEVhcmx5IEhpbnRzDQoNCg==",
        "surplus": "SlVOSw==",
        "address": "192.0.2.7",
        "port": 443,
        "proxied": False,
        "reused": True,
        "tls": {
            "version": "TLSv1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "alpn": "http/1.1",
            "verified": True,
            "chain": ["5050d80d22ecd471ea55df7034042c1e041341ff4066e7f6ff38e20b720df8ea"],
        },
        "events": [{"at": "2026-11-22T08:00:00.000000Z", "kind": "stale-connection", "message": "tried again"}],
    }


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (html("x"), 6),
        (html("x", "Content-Encoding: gzip"), 0),
        (html("x", "Content-Encoding: identity"), 6),
        (html("x", kind="image/jpeg"), 0),
        (html("x", kind="IMAGE/WEBP; q=1"), 0),
        (html("x", kind="image/svg+xml"), 6),
        (html("x", kind="font/woff2"), 0),
        (html("x", kind="font/ttf"), 6),
        (html("x", kind="application/pdf"), 0),
        (html("x", kind="video/mp4"), 0),
        (b"no http", 6),
    ],
)
def test_what_is_compressed_already_is_stored(answer: bytes, level: int) -> None:
    assert exchanges.level_for(exchange("https://a.example/", answer).head) == level


def test_a_stored_answer_stands_in_the_file_as_it_is(tmp_path: Path, opened: Opened) -> None:
    body = "壓".join(str(number) for number in range(2000))
    one = exchange("https://a.example/1", html(body, kind="image/jpeg"))
    with opened(tmp_path) as collection:
        collection.keep([Visit(one.url, page(one.url, one))])
    (file,) = (tmp_path / "warc").iterdir()
    assert body.encode() in file.read_bytes()


@pytest.mark.parametrize(
    ("version", "cipher", "said"),
    [
        ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", ["tls/1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]),
        ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", ["tls/1.3", "TLS_CHACHA20_POLY1305_SHA256"]),
        ("TLSv1", "DES-CBC3-SHA", ["tls/1.0"]),  # no name is better than one that no registry has
        ("TLSv1.4", "TLS_NEW", ["TLS_NEW"]),
    ],
)
def test_what_carried_an_exchange(version: str, cipher: str, said: list[str]) -> None:
    tls = Tls(version=version, cipher=cipher, alpn="", verified=True, chain=())
    one = exchange("https://a.example/", html("x"), connection=Connection(address="", port=0, tls=tls))
    assert [value for _, value in carriers(one)] == ["http/1.1", *said]  # no address behind a proxy
    assert carriers(exchange("https://a.example/", b"", connection=None)) == []


def test_a_cut_answer_says_so_and_its_payload_is_not_shared(tmp_path: Path, opened: Opened) -> None:
    cut = exchange("https://a.example/1", html("整页")[:-1], truncated="time")
    with opened(tmp_path) as collection:
        collection.keep([Visit(cut.url, page(cut.url, cut), cleaned("整\n"))])
        assert catalogue_of(collection).one("SELECT count(*) FROM payload")[0] == 0
    assert "WARC-Truncated: time\n" in text_of(tmp_path / "warc")


def test_an_error_page_in_its_own_words() -> None:
    gone = page("https://a.example/", exchange("https://a.example/", html("x", status="410 Gone")))
    assert judge(gone, cleaned(None, state="deleted", notice="已删除"), None) == ("deleted", "已删除")
    assert judge(gone, cleaned("整篇\n"), None) == ("unavailable", "410 Gone")
    assert judge(gone, cleaned(None, state="empty"), None) == ("unavailable", "410 Gone")
    assert judge(None, None, None) == ("unavailable", "nothing answered")
