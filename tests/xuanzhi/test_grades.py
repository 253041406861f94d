"""`archive verify FILE`: damage, breaches of the standard and remarks, in files of every format that is read."""

import gzip
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, sha1, wacz, zipped

Run = Callable[..., Any]

INFO = record("warcinfo", b"software: x\r\n", "Content-Type: application/warc-fields", number=99)
CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS
WRONG = "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def named(name: str) -> bytes:
    fields = ("Content-Type: application/warc-fields", f"WARC-Filename: {name}")
    return record("warcinfo", b"software: x\r\n", *fields, number=99)


CASES: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "sound": ("a.warc.gz", zipped(INFO, page(1)), {}),
    "no suffix": ("a", zipped(INFO, page(1)), {}),
    "in progress": ("a.warc.gz.open", zipped(INFO, page(1)), {}),
    "plain": ("a.warc", INFO + page(1), {"not-compressed": "remark"}),
    "one member": ("a.warc.gz", gzip.compress(INFO + page(1)), {"one-member": "remark"}),
    "arc": ("a.arc", ARC_HEAD + arc("http://a.example/", answer(article(1))), {}),
    "renamed": ("a.warc.gz", zipped(named("b.warc.gz"), page(1)), {"file-name": "remark"}),
    "same name": ("a.warc.gz", zipped(named("a.warc.gz"), page(1)), {}),
    "no warcinfo": ("a.warc.gz", zipped(page(1)), {"no-warcinfo": "remark"}),
    "concurrent elsewhere": (
        "a.warc.gz", zipped(INFO, page(1, "WARC-Concurrent-To: <urn:uuid:1>")), {"dangling": "remark"}
    ),
    "refers elsewhere": (
        "a.warc.gz",
        zipped(INFO, record("metadata", b"a: b", "Content-Type: text/plain", "WARC-Refers-To: <urn:x:1>", number=1)),
        {},
    ),
    "reduced date": ("a.warc.gz", zipped(INFO, page(1, date="2026-03")), {"date-reduced": "remark"}),
    "date in another form": ("a.warc.gz", zipped(INFO, page(1, date="2026-03-04 05:06:07")), {"date-form": "breach"}),
    "30 February": ("a.warc.gz", zipped(INFO, page(1, date="2026-02-30T05:06:07Z")), {"date-partial": "breach"}),
    "no date": ("a.warc.gz", zipped(INFO, page(1, date="")), {"missing-field": "breach"}),
    "no date at all": ("a.warc.gz", zipped(INFO, page(1, date="soon")), {"date-unknown": "breach"}),
    "angle brackets": ("a.warc.gz", zipped(INFO, page(1, url="<http://a.example/>")), {"bad-value": "breach"}),
    "twice": ("a.warc.gz", zipped(INFO, page(1), page(1)), {"same-id": "breach"}),
    "line feeds": (
        "a.warc.gz",
        zipped(INFO, page(1).replace(b"\r\n", b"\n", 6).replace(b"\n\r\nHTTP", b"\n\nHTTP")),
        {"bad-head": "breach"},
    ),
    "no end": ("a.warc.gz", zipped(INFO, page(1)[:-4]), {"record-end": "breach"}),
    "digest with chunks": (
        "a.warc.gz",
        zipped(INFO, response(1, CHUNKED, f"WARC-Payload-Digest: {sha1(CHUNKS)}")),
        {"coded-digest": "breach"},
    ),
    "digest of the payload": (
        "a.warc.gz", zipped(INFO, response(1, CHUNKED, f"WARC-Payload-Digest: {sha1(b'abc')}")), {}
    ),
    "wrong payload digest": (
        "a.warc.gz",
        zipped(INFO, response(1, CHUNKED, f"WARC-Payload-Digest: {sha1(b'abd')}")),
        {"payload-digest": "damage"},
    ),
    "wrong block digest": ("a.warc.gz", zipped(INFO, page(1, WRONG)), {"block-digest": "damage"}),
    "cut": ("a.warc.gz", zipped(INFO, page(1))[:-30], {"cut": "damage"}),
    "cut plain": ("a.warc", INFO + page(1)[:-30], {"cut": "damage", "not-compressed": "remark"}),
    "checksum": ("a.warc.gz", zipped(INFO) + zipped(page(1))[:-8] + bytes(8), {"not-a-member": "damage"}),
    "between": (
        "a.warc", INFO + b"nothing of a record\r\n" + page(1), {"not-a-record": "damage", "not-compressed": "remark"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_grades(run: Run, case: str) -> None:
    name, data, wanted = CASES[case]
    Path(name).write_bytes(data)
    done = run("archive", "verify", "--json", name)
    *findings, summary = done.events
    assert {each["code"]: each["grade"] for each in findings} == wanted
    counts = Counter(wanted.values())
    is_damaged, is_breached = "damage" in counts, "breach" in counts
    worst = min(wanted.values(), default=None, key=["damage", "breach", "remark"].index)
    assert summary == {
        "event": "verified", "file": name, "grade": worst,
        "damage": counts["damage"], "breach": counts["breach"], "remark": counts["remark"],
    }  # fmt: skip
    assert done.code == (4 if is_damaged else 0)
    assert run("archive", "verify", "--strict", name).code == (4 if is_damaged or is_breached else 0)


def test_exit_codes_follow_the_files_that_are_damaged(run: Run) -> None:
    Path("good.warc.gz").write_bytes(zipped(INFO, page(1)))
    Path("odd.warc.gz").write_bytes(zipped(page(2, date="now")))
    Path("bad.warc.gz").write_bytes(zipped(INFO, page(3))[:-9])
    assert run("archive", "verify", "good.warc.gz", "odd.warc.gz").code == 0
    assert run("archive", "verify", "good.warc.gz", "odd.warc.gz", "bad.warc.gz").code == 3
    assert run("archive", "verify", "--strict", "good.warc.gz", "odd.warc.gz").code == 3
    assert run("archive", "verify", "--strict", "odd.warc.gz", "bad.warc.gz").code == 4
    assert run("archive", "verify", "bad.warc.gz").code == 4


def test_what_people_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.warc.gz").write_bytes(zipped(page(1, date="now")))
    out = run("archive", "verify", "a.warc.gz").out
    assert out == (
        "a.warc.gz: breach: date-unknown: WARC-Date is no date: 'now'\n"
        "a.warc.gz  no damage, 1 breach of the standard, 1 remark, -v shows the remarks\n"
    )
    out = run("archive", "verify", "-v", "a.warc.gz").out
    assert "a.warc.gz: remark: no-warcinfo: the file does not begin with a warcinfo record\n" in out
    assert out.endswith("a.warc.gz  no damage, 1 breach of the standard, 1 remark\n")
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh_CN")
    assert "a.warc.gz  没有损坏，1 处违反标准，1 条说明，用 -v 显示说明\n" in run("archive", "verify", "a.warc.gz").out


def test_our_own_file_under_another_name(run: Run) -> None:
    Path("a.warc").write_bytes(page(1))
    run("archive", "import", "a.warc")
    ours = next(Path("collection/warc").glob("xuanzhi-import-*"))
    shutil.copy(ours, "copy.warc.gz")
    done = run("archive", "verify", "--json", "copy.warc.gz")
    assert (done.code, done.events[-1]["grade"]) == (0, "remark")
    assert "file-name" in {each.get("code") for each in done.events}
    data = bytearray(Path("copy.warc.gz").read_bytes())
    data[len(data) // 2] ^= 1
    Path("copy.warc.gz").write_bytes(data)
    assert run("archive", "verify", "copy.warc.gz").code == 4


def test_wacz(run: Run) -> None:
    wacz(Path("a.wacz"), [("archive/a.warc.gz", zipped(INFO, page(1))), ("archive/b.warc", page(2))])
    done = run("archive", "verify", "--json", "a.wacz")
    assert (done.code, done.events[-1]["grade"]) == (0, "remark")
    wacz(Path("b.wacz"), [("archive/a.warc.gz", zipped(INFO, page(1))[:-20])], a_warc_gz="sha256:" + 64 * "0")
    assert run("archive", "verify", "b.wacz").code == 4


def test_what_is_no_file_is_named_and_the_others_are_checked(run: Run) -> None:
    Path("folder").mkdir()
    Path("a.warc.gz").write_bytes(zipped(INFO, page(1)))
    result = run("archive", "verify", "--json", "folder", "a.warc.gz", "nothing.warc.gz")
    errors = [(each["file"], each["code"]) for each in result.events if each["event"] == "error"]
    assert (result.code, errors) == (3, [("folder", "directory"), ("nothing.warc.gz", "missing")])
    assert "archive verify -c DIR" in run("archive", "verify", "folder").err
