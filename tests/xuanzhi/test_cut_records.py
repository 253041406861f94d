"""Records that a file's end or damage cuts off: kept as far as they are there, and never shown as whole."""

import gzip
import zlib
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, zipped
from taken import COLLECTION, described, kept

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

NOISE = Random(7).randbytes(3000).hex()
"""Text that compresses badly, so that a cut of the compressed bytes falls into it."""


def long_page(number: int) -> bytes:
    return response(number, answer(article(number, NOISE)))


def damaged(data: bytes) -> bytes:
    """Return a gzip member whose checksum is wrong, though all of it inflates."""
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


FILES = {
    "plain.warc": page(1) + long_page(2)[:-900],
    "no-end-of-block.warc": page(1) + long_page(2)[:-5],
    "members.warc.gz": zipped(page(1)) + zipped(long_page(2))[:-300],
    "one-member.warc.gz": gzip.compress(page(1) + long_page(2), mtime=0)[:-300],
    "checksum.warc.gz": zipped(page(1)) + damaged(zipped(long_page(2))),
    "checksum-between.warc.gz": zipped(page(1)) + damaged(zipped(long_page(2))) + zipped(page(3)),
    "tail-of-member.warc.gz": zipped(page(1)) + zipped(long_page(2))[:-6],
    "old.arc": ARC_HEAD
    + arc("http://paper.example/1", answer(article(1)))
    + arc("http://paper.example/2", answer(article(2, NOISE)))[:-800],
}


@pytest.mark.parametrize("name", FILES)
def test_a_cut_page_is_kept_and_not_shown(run: Run, look: Callable[[], dict[str, Any]], name: str) -> None:
    Path(name).write_bytes(FILES[name])
    done = run("archive", "import", "--json", name)
    assert done.code == 3
    others = ["3"] if "between" in name else []
    states = {each["url"][-1]: each["state"] for each in done.events if each["event"] == "page"}
    assert states == {"1": "live", "2": "unavailable", **dict.fromkeys(others, "live")}
    assert [each["code"] for each in done.events if each["event"] == "error"] == ["damaged-records"]
    before = look()["tables"]["capture"]
    assert not [text for text in (COLLECTION / "markdown").rglob("*.md") if "第2种纸" in text.read_text("utf-8")]
    assert run("archive", "reindex").code == 0
    assert look()["tables"]["capture"] == before
    assert run("archive", "verify").code == 0
    done = run("clean", "--json", "-o", "out", name)
    assert done.code == 3
    assert {each["file"] for each in done.events if each["event"] == "cleaned"} == {
        f"{name}#{number}" for number in ("1", *others)
    }
    (lost,) = [each for each in done.events if each["event"] == "error"]
    assert (lost["file"], lost["code"]) == (f"{name}#2", "broken-record")


@pytest.mark.parametrize("name", ["plain.warc", "members.warc.gz", "one-member.warc.gz"])
def test_what_there_is_of_it_is_kept_to_the_byte(run: Run, name: str) -> None:
    Path(name).write_bytes(FILES[name])
    run("archive", "import", name)
    (cut,) = [each for each in kept() if b"WARC-Truncated: unspecified" in each]
    head, _, block = cut.partition(b"\r\n\r\n")
    whole = long_page(2)
    (change,) = described()["changed"]
    assert change["why"] == "cut"
    assert change["was"].strip("<>")[-1] == "2"
    given = b64decode(change["head"])
    assert whole.startswith(given)
    block = block.removesuffix(b"\r\n\r\n")
    assert whole[len(given) :].startswith(block)
    if name == "plain.warc":
        assert given + block == whole[:-900]
    else:
        inflated = zlib.decompressobj(31).decompress(FILES[name][len(zipped(page(1))) if "members" in name else 0 :])
        assert inflated.endswith(block)
        assert len(block) > 1000
    assert f"Content-Length: {len(block)}".encode() in head


def test_the_whole_record_later_is_the_page(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("cut.warc").write_bytes(page(1)[:-300])
    Path("whole.warc").write_bytes(page(1))
    assert run("archive", "import", "cut.warc").code == 3
    done = run("archive", "import", "--json", "whole.warc")
    assert done.code == 0
    assert [each["changed"] for each in done.events if each["event"] == "imported"] == [0]
    assert [each["state"] for each in look()["tables"]["capture"]] == ["unavailable", "live"]
    assert len(list((COLLECTION / "markdown").rglob("*.md"))) == 1


def test_a_cut_page_moves_no_version(run: Run) -> None:
    Path("a.warc").write_bytes(page(1))
    run("archive", "import", "a.warc")
    (text,) = (COLLECTION / "markdown").rglob("*.md")
    before = text.read_bytes()
    later = response(5, answer(article(1, "新的一段。")), url="http://paper.example/1", date="2025-01-01T00:00:00Z")
    Path("b.warc.gz").write_bytes(zipped(later)[:-20])
    assert run("archive", "import", "b.warc.gz").code == 3
    assert text.read_bytes() == before


def test_a_large_record_is_kept_as_far_as_it_goes(run: Run) -> None:
    big = response(2, answer(b"<html>" + Random(3).randbytes(1_500_000).hex().encode()))
    Path("big.warc").write_bytes(big[:-9])
    done = run("archive", "import", "--json", "--max-megabytes", "8", "big.warc")
    assert done.code == 3
    (damage,) = next(each["damage"] for each in done.events if each["event"] == "imported")
    (cut,) = [each for each in kept() if b"WARC-Truncated" in each[:2000]]
    assert damage["record"].encode() in cut
    assert cut.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n") == big.partition(b"\r\n\r\n")[2][:-9]


def test_records_of_every_kind(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    request = record(
        "request", b"GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n", number=4, url="http://paper.example/1"
    )
    picture = response(5, answer(b"\x89PNG" * 400, kind="image/png"))
    for name, last in (("request.warc", request), ("picture.warc", picture)):
        Path(name).write_bytes(page(1) + last[:-30])
        assert run("archive", "import", name).code == 3
        assert run("clean", "-o", name + "-out", name).code == 3
    assert [each["state"] for each in look()["tables"]["capture"]] == ["live"]


def test_a_head_that_is_cut_is_no_record(run: Run) -> None:
    Path("a.warc").write_bytes(page(1) + page(2)[:60])
    done = run("archive", "import", "--json", "a.warc")
    assert done.code == 3
    assert [each["url"][-1] for each in done.events if each["event"] == "page"] == ["1"]
    assert kept()[2].endswith(page(2)[:60] + b"\r\n\r\n")
