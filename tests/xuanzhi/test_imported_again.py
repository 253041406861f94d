"""What others captured, cleaned again, compared and repaired like our own."""

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, wacz, zipped
from scripted import Server
from small_site import ARTICLE, site
from small_site import page as small_page
from test_reclean import RULES

from archive.warc import reader
from capture import content

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Look = Callable[[], dict[str, Any]]

JOIN = "扫码入群".encode()
ANSWER = "Content-Type: application/http; msgtype=response"
PROFILE = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def joined(number: int) -> bytes:
    """Return a page with the words that the rule removes."""
    return article(number).replace(b"</article>", "<p>扫码入群</p></article>".encode())


def chunked(body: bytes) -> bytes:
    pieces = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    return answer(pieces, "Transfer-Encoding: chunked", "Content-Encoding: gzip")


def revisit(number: int, *fields: str, url: str, month: int = 6, head: bytes = b"") -> bytes:
    head = head or answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    date = f"2024-{month:02}-01T00:00:00Z"
    return record("revisit", head, ANSWER, PROFILE, *fields, number=number, url=url, date=date)


def take_all(run: Run) -> None:
    """Import pages in all forms, each with the words: of seven articles, two of them seen twice or three times."""
    by_date = ["WARC-Refers-To-Target-URI: http://paper.example/1", "WARC-Refers-To-Date: 2024-05-06T07:08:09Z"]
    by_id = "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>"
    not_modified = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    gb = joined(6).decode().encode("gb18030")
    Path("a.warc.gz").write_bytes(
        zipped(
            response(1, chunked(gzip.compress(joined(1)))),
            response(2, answer(joined(2)), "WARC-Payload-Digest: sha1:AAAA"),
            record("resource", joined(3), "Content-Type: text/html", number=3, url="http://paper.example/3"),
            revisit(10, *by_date, url="http://paper.example/1"),
            revisit(11, by_id, url="http://paper.example/2", head=not_modified),
            response(6, answer(gb, kind="text/html; charset=gb18030")),
            page(7),
        )
    )
    Path("b.warc").write_bytes(revisit(12, by_id, url="http://paper.example/2", month=7))
    Path("old.arc").write_bytes(ARC_HEAD + arc("http://paper.example/4", answer(joined(4))))
    wacz(Path("c.wacz"), [("archive/c.warc.gz", zipped(response(5, answer(joined(5)))))])
    done = run("archive", "import", "a.warc.gz", "b.warc", "old.arc", "c.wacz")
    assert done.code == 0, done.err


@pytest.fixture
def rules(folder: Path) -> str:
    (folder / "rules.toml").write_text(RULES)
    return "rules.toml"


def test_another_rule_makes_new_versions_of_imported_pages(run: Run, look: Look, rules: str) -> None:
    take_all(run)
    first = look()
    assert len(first["tables"]["capture"]) == 10
    assert sum(JOIN in text for text in first["texts"].values()) == 6
    *events, summary = run("archive", "reclean", "--rules", rules, "--json").events
    assert {each["rules"]["local.join"] for each in events} == {1}
    assert (summary["captures"], summary["unchanged"], summary["changed"], summary["uncleanable"]) == (10, 1, 9, 0)
    second = look()
    assert len(second["tables"]["version"]) == len(first["tables"]["version"]) + 6
    assert not any(JOIN in text for text in second["texts"].values())
    # Once more not a byte is added; without the rule the first texts come back.
    assert run("archive", "reclean", "--rules", rules, "--json").events[-1]["changed"] == 0
    assert look() == second
    assert run("archive", "reclean", "--json").events[-1]["changed"] == 9
    assert look()["texts"] == first["texts"]


def test_reclean_changes_nothing_where_the_rules_are_the_same(run: Run, look: Look) -> None:
    take_all(run)
    first = look()
    summary = run("archive", "reclean", "--json").events[-1]
    assert (summary["captures"], summary["unchanged"]) == (10, 10)
    assert look() == first


def test_a_cut_answer_and_a_picture_stay_what_they_were(run: Run, look: Look, rules: str) -> None:
    cut = response(1, answer(joined(1))[:-900], "WARC-Truncated: length")
    Path("a.warc").write_bytes(cut + response(2, answer(b"\x89PNG" * 99)))
    run("archive", "import", "a.warc")
    first = look()
    summary = run("archive", "reclean", "--rules", rules, "--json").events[-1]
    assert (summary["captures"], summary["changed"]) == (2, 0)
    assert look() == first


def test_verify_compares_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    take_all(run)
    assert run("archive", "verify", "--json").events[-1]["compared"] == {"yes": 10}
    # A reader that takes a coding for another no longer gives the text that was kept.
    monkeypatch.delitem(content._DECODERS, "gzip")
    found = run("archive", "verify", "--json", "--jobs", "1").events[:-1]
    assert [(each["code"], each["message"].partition(":")[0]) for each in found if not each["came_so"]] == [
        ("not-reproduced", "http")
    ] * 2  # page 1 and its revisit


def test_repair_writes_their_damaged_texts_anew(run: Run, look: Look) -> None:
    take_all(run)
    first = look()
    (path,) = Path("collection/derived").iterdir()
    whole = path.read_bytes()
    stored = list(reader.iterate(path))
    for damaged in (stored[:1], stored[1::2], stored[2::2]):  # every one of them once, the warcinfo by itself
        broken = bytearray(whole)
        for found in damaged:
            broken[found.offset + found.length // 2] ^= 0xFF
        path.write_bytes(broken)
        run("archive", "verify", "--repair")
        assert path.read_bytes() == whole, [found.record.fields for found in damaged]
    assert look() == first


def test_they_are_ingested_and_not_captured_by_us(run: Run, look: Look) -> None:
    take_all(run)
    assert {each["type"] for each in look()["tables"]["event"]} == {"ingestion"}
    assert {json.loads(line)["type"] for line in run("archive", "log", "--json").out.splitlines()} == {"ingestion"}


@pytest.mark.parametrize(
    ("number", "captures", "expected"),
    [
        (1, 2, joined(1)),  # chunked and gzip, and a revisit that says when and where
        (2, 3, joined(2)),  # revisits by identifier: with a status of 304, and in another file
        (3, 1, joined(3)),  # a resource
        (4, 1, joined(4)),  # an ARC record
        (6, 1, joined(6).decode().encode("gb18030")),
    ],
)
def test_what_they_were_made_of_is_printed(run: Run, spawn: Run, number: int, captures: int, expected: bytes) -> None:
    take_all(run)
    for capture in range(1, captures + 1):
        process = spawn("archive", "cat", f"http://paper.example/{number}", "--raw", "--capture", str(capture))
        assert process.communicate() == (expected, b"")


def test_they_are_found_and_reviewed(run: Run, look: Look) -> None:
    take_all(run)
    assert run("archive", "search", "捶打均匀", "--json").events[-1]["total"] == 7
    items = [each for each in run("archive", "review", "list", "--json").events if each["event"] == "item"]
    assert len(items) == len(look()["tables"]["article"]) == 7


def test_revisits_of_what_we_captured_ourselves(run: Run, look: Look, capture: Run, serve: Run, rules: str) -> None:
    text = ARTICLE.replace("</article>", "<p>扫码入群</p></article>")
    server: Server = serve(site(a=[small_page(text)] * 2))
    url = f"{server.url}/a"
    capture(url)
    capture(url)  # the same again: a revisit of ours, which has no payload either
    ours = [each["record"] for each in look()["tables"]["capture"]]
    digest = f"WARC-Payload-Digest: sha256:{sha256(text.encode()).hexdigest()}"
    Path("a.warc").write_bytes(
        revisit(1, digest, url=url) + revisit(2, f"WARC-Refers-To: <{ours[1]}>", url=url, month=7)
    )
    done = run("archive", "import", "a.warc")
    assert (done.code, "that are not here" in done.out) == (0, False), done.err
    tables = look()["tables"]
    assert sorted(each["type"] for each in tables["event"]) == ["capture", "capture", "ingestion", "ingestion"]
    assert {each["imported_payload"] for each in tables["visit"]} == {"", ours[0]}
    summary = run("archive", "reclean", "--rules", rules, "--json").events[-1]
    assert (summary["captures"], summary["changed"]) == (4, 4)
    assert not any(JOIN in each for each in look()["texts"].values())


def test_one_file_under_another_address_is_not_added_twice(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.html").write_bytes(article(1))
    run("archive", "import", "--url", "http://paper.example/1", "a.html")
    before = look()
    done = run("archive", "import", "--json", "--url", "http://paper.example/2", "a.html")
    assert done.code == 0
    (event,) = done.events
    assert event["status"] == "elsewhere"
    assert (event["output"] or "").endswith(".md")
    assert look() == before
    assert "under another address" in run("archive", "import", "--url", "http://paper.example/2", "a.html").out
    assert run("archive", "import", "a.html").code == 0
    assert look() == before
