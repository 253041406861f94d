"""The WARC files of a small collection to the byte: clock and identifiers are given, so the files are always the same.

The golden files hold them uncompressed, because another zlib may compress otherwise.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.catalogue.captures import stored_captures
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.importing.pages import ImportedPage, prepare_imported
from archive.ingest.answers import PageContent
from archive.ingest.prepared import Visit
from archive.ingest.reclean import RecleanResult, prepare_reclean
from archive.ingest.state import VisitState
from archive.warc.pages import page_record
from capture.errors import HostBlocks, NotAWebAddress, RedirectLoop
from capture.page import Robots
from clean.document import State

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]

GOLDEN = Path(__file__).with_name("golden")
URL = "https://a.example/1"
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGh"
LONG = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=9"


def not_modified(etag: str, hours: float) -> Visit:
    """Return a visit that a 304 answered."""
    answer = b"HTTP/1.1 304 Not Modified\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n\r\n"
    return visit(1, hours=hours, answer=answer, fields=(f"If-None-Match: {etag}",), cleaned=None)


def detour() -> Visit:
    """Return a visit with a redirect, tries before it, requisites of every kind, and one that failed."""
    hop = exchange("https://a.example/old", b"HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n")
    answer = exchange("https://a.example/new", html("正文"))
    busy = exchange("https://a.example/old", html("", status="503 Busy"))
    image = exchange("https://a.example/i", b"HTTP/1.1 302 Found\r\nLocation: /i.png\r\nContent-Length: 0\r\n\r\n")
    target = exchange("https://a.example/i.png", html("PNG", kind="image/png"))
    robots = exchange("https://a.example/robots.txt", html("User-agent: *", kind="text/plain"))
    broken = exchange("https://a.example/x", b"SSH-2.0-OpenSSH\r\n", outcome="not-http", truncated="unspecified")
    whole = page(
        hop.url, hop, answer, attempts=(busy, broken), requisites=(image, target), robots_exchanges=(robots,),
        robots=Robots("allowed", robots.url, "no rule forbids it"), insecure=True, shared=(URL,),
        failures=(("https://a.example/gone.png", "timed-out", "nothing came"),),
    )  # fmt: skip
    return Visit(hop.url, whole, cleaned("正文\n"))


def imported(record_id: str, *, live: bool) -> ImportedPage:
    """Return a page that others captured."""
    fields = (
        ("WARC-Type", "response"), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", "2020-01-02T03:04:05Z"),
        ("WARC-Target-URI", "https://b.example/1"), ("WARC-Payload-Digest", "sha1:ABC"),
    )  # fmt: skip
    answer = html("别人的", 'ETag: "b"') if live else html("没有", status="404 Not Found")
    record = page_record(record_id, fields, answer)
    assert record
    state = VisitState(State.LIVE, "") if live else VisitState(State.UNAVAILABLE, "404 Not Found")
    content = PageContent(cleaned("别人的\n") if live else None, state)
    return ImportedPage(record, content, (), "", "f" * 64, "theirs.warc.gz", f"{record_id}9", "别人的题目")


def fill(collection: Collection, make: Make) -> None:
    """Keep one of everything."""
    again = make(1, ruleset="1" * 64, clean="按新规则\n")
    collection.add([make(1), make(2, clean="同\n"), make(3, state="deleted", notice="该内容已被发布者删除")])
    collection.add([make(1), again])
    run = collection.begin_run([URL, "https://c.example/", "无"])
    collection.keep([visit(1)._replace(run=run, item=0), detour()])
    collection.keep([visit(1, hours=1), visit(1, hours=2, cleaned=None)])
    validators = collection.lookups.validators(URL)
    assert validators
    collection.keep([not_modified(validators.etag, 3), not_modified('"nobody"', 4)])
    collection.keep([visit(1, hours=5, cleaned=cleaned("按新规则\n"))])
    collection.keep([visit(1, hours=6, text="验证", wall="too-fast"), visit(1, hours=7, answer=html("短")[:-1])])
    collection.keep([visit(1, url=SHORT, hours=8, cleaned=cleaned("同\n", url=LONG))._replace(target=URL)])
    loop = exchange(URL, b"HTTP/1.1 302 Found\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n")
    collection.keep(
        [
            Visit(URL, page(URL, loop), error=RedirectLoop("it redirects in a circle")),
            Visit("https://c.example/", page("https://c.example/"), error=HostBlocks("left alone"), run=run, item=1),
            Visit("无", None, error=NotAWebAddress("'无' is not a web address"), run=run, item=2),
        ]
    )
    pages = [imported("urn:uuid:1", live=True), imported("urn:uuid:2", live=False)]
    collection.commit([prepare_imported(each, collection.context()) for each in pages])
    article = catalogue_of(collection).one("SELECT article FROM capture WHERE kind = 'visit' ORDER BY id")[0]
    for number, capture in enumerate(stored_captures(catalogue_of(collection), [article])):
        if capture.payload is not None and number < 4:
            text = "又清理了\n" if number < 2 else f"第{number}次\n"
            now = RecleanResult("live", "", cleaned(text, title="新题目"))
            collection.commit([prepare_reclean(collection.path, capture, now, collection.context())])


@pytest.mark.parametrize("folder", ["warc", "derived"])
def test_a_collection_to_the_byte(
    tmp_path: Path, make: Make, opened: Opened, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr("archive.ingest.visit.SOFTWARE", "xuanzhi/0.1.0")
    monkeypatch.setattr("archive.ingest.runs.SOFTWARE", "xuanzhi/0.1.0")
    with opened(tmp_path / "c") as collection:
        fill(collection, make)
    (file,) = (tmp_path / "c" / folder).iterdir()
    assert gzip.decompress(file.read_bytes()) == (GOLDEN / f"{folder}.warc").read_bytes()
