"""Segmented records (WARC 1.1 §7): a page that was written in parts is read where all of them are there."""

import gzip
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, article, page, record, response, wacz, zipped
from taken import kept

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

URL = "http://paper.example/1"
FIRST = "urn:uuid:00000000-0000-4000-8000-000000000001"


def segments(count: int, block: bytes = b"", *, total: int | None = None, kind: str = "response") -> list[bytes]:
    """Return the page 1 as a record of so many segments; `total` is the length that the last one says."""
    block = block or answer(article(1))
    size = -(-len(block) // count)
    parts = [block[at : at + size] for at in range(0, len(block), size)]
    type_of = "Content-Type: " + ("application/http; msgtype=response" if kind == "response" else "text/html")
    records = [record(kind, parts[0], type_of, "WARC-Segment-Number: 1", number=1, version="1.1", url=URL)]
    for number, part in enumerate(parts[1:], 2):
        fields = [f"WARC-Segment-Origin-ID: <{FIRST}>", f"WARC-Segment-Number: {number}"]
        if number == count:
            fields.append(f"WARC-Segment-Total-Length: {len(block) if total is None else total}")
        records.append(record("continuation", part, *fields, number=100 + number, version="1.1", url=URL))
    return records


PACKED: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    "a.warc": b"".join,
    "a.warc.gz": lambda records: zipped(*records),
    "one-member.warc.gz": lambda records: gzip.compress(b"".join(records), mtime=0),
}


def state_of(done: Any) -> tuple[str, str | None]:
    """Return state and notice of the only page."""
    (found,) = [each for each in done.events if each["event"] == "page"]
    return found["state"], found["notice"]


def text_of(done: Any) -> str:
    """Return the text of the only page."""
    (found,) = [each for each in done.events if each["event"] == "page"]
    return Path(found["output"]).read_text()


@pytest.fixture
def whole_text(run: Run) -> str:
    """The text of the same page in one record."""
    Path("whole.warc").write_bytes(page(1))
    return text_of(run("archive", "import", "--json", "-c", "of-whole", "whole.warc"))


@pytest.mark.parametrize(("name", "count"), [("a.warc.gz", 2), ("a.warc", 3), ("one-member.warc.gz", 3)])
def test_a_page_in_segments_has_the_text_of_the_whole(run: Run, whole_text: str, name: str, count: int) -> None:
    records = segments(count)
    Path(name).write_bytes(PACKED[name](records))
    done = run("archive", "import", "--json", name)
    assert (done.code, state_of(done)[0], text_of(done)) == (0, "live", whole_text)
    assert [
        each
        for each in records
        if each.removesuffix(b"\r\n\r\n") not in {one.removesuffix(b"\r\n\r\n") for one in kept()}
    ] == []
    before = kept()
    for command in ("reclean", "reindex", "verify") if count == 2 else ("verify",):
        assert run("archive", command).code == 0, command
    assert kept() == before
    assert text_of(done) == whole_text
    done = run("archive", "import", "--json", name)
    assert (done.code, done.events[0]["status"]) == (0, "unchanged")
    assert kept() == before
    done = run("clean", "--json", "-o", "out", name)
    assert (done.code, [each["event"] for each in done.events][:1]) == (0, ["cleaned"])
    done = run("archive", "verify", "--json", name)
    assert (done.code, "segment-missing" in {each.get("code") for each in done.events}) == (0, False)


@pytest.mark.parametrize("order", list(permutations(range(3)))[1::2])
def test_the_order_in_the_file_does_not_matter(run: Run, whole_text: str, order: tuple[int, ...]) -> None:
    records = segments(3)
    Path("a.warc.gz").write_bytes(zipped(*(records[place] for place in order), page(2)))
    done = run("archive", "import", "--json", "--url-prefix", URL, "a.warc.gz")
    assert (done.code, text_of(done)) == (0, whole_text)
    assert run("clean", "--json", "-o", "out", "a.warc.gz").code == 0


def without_total(records: list[bytes]) -> list[bytes]:
    return [each.replace(b"WARC-Segment-Total-Length", b"X-Length") for each in records]


BROKEN: dict[str, tuple[Callable[[], list[bytes]], str]] = {
    "second missing": (
        lambda: [each for number, each in enumerate(segments(3)) if number != 1],
        "segment 2 of 3 is missing",
    ),
    "last missing": (lambda: segments(3)[:2], "the last segment is missing: no segment behind number 2 is there"),
    "only the first": (lambda: segments(2)[:1], "the last segment is missing: no segment behind number 1 is there"),
    "no total": (
        lambda: without_total(segments(2)),
        "the last segment is missing: no segment behind number 2 is there",
    ),
    "total too large": (lambda: segments(2, total=10**6), "segments have"),
    "total too small": (lambda: segments(3, total=100), "segments have"),
    "one twice": (
        lambda: [*segments(2), segments(2)[1].replace(b"000102>", b"000103>")],
        "segment 2 of 2 is there 2 times",
    ),
    "last is truncated": (
        lambda: [segments(2)[0], segments(2)[1].replace(b"WARC-Date", b"WARC-Truncated: time\r\nWARC-Date")],
        "segment 2 of 2 is truncated (time)",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_where_a_segment_is_missing_it_is_named(run: Run, case: str) -> None:
    make, reason = BROKEN[case]
    Path("a.warc.gz").write_bytes(zipped(*make()))
    done = run("archive", "import", "--json", "a.warc.gz")
    state, notice = state_of(done)
    assert (done.code, state) == (0, "unavailable")
    assert reason in (notice or "")
    if case == "second missing":
        before = kept()
        for command in ("reclean", "reindex", "verify"):
            assert run("archive", command).code == 0, command
        assert kept() == before
    done = run("clean", "--json", "-o", "out", "a.warc.gz")
    assert done.code == 4
    assert reason in str(done.events)
    done = run("archive", "verify", "--json", "a.warc.gz")
    (found,) = [each for each in done.events if each.get("code") == "segment-missing"]
    assert (done.code, found["grade"], found["record_id"]) == (0, "remark", FIRST)
    assert reason in found["message"]


def test_a_segment_that_the_end_of_the_file_cuts_off(run: Run) -> None:
    Path("a.warc").write_bytes(b"".join(segments(2))[:-60])
    done = run("archive", "import", "--json", "a.warc")
    assert (done.code, state_of(done)[0]) == (3, "unavailable")
    assert run("archive", "verify").code == 0


def test_segments_in_the_files_of_a_wacz_and_of_a_file_that_is_no_http(run: Run, whole_text: str) -> None:
    first, second = segments(2)
    wacz(Path("a.wacz"), [("archive/a.warc.gz", zipped(first)), ("archive/b.warc.gz", zipped(second))])
    done = run("archive", "import", "--json", "a.wacz")
    assert text_of(done) == whole_text
    assert run("clean", "--json", "-o", "out", "a.wacz").code == 0
    Path("b.warc.gz").write_bytes(zipped(*segments(3, article(1), kind="resource")))
    done = run("archive", "import", "--json", "-c", "other", "b.warc.gz")
    assert (done.code, state_of(done)[0]) == (0, "live")


def test_a_revisit_of_a_segmented_page(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    again = record(
        "revisit", answer(b"").replace(b"Content-Length: 0\r\n", b""),
        "Content-Type: application/http; msgtype=response",
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest", f"WARC-Refers-To: <{FIRST}>",
        number=9, version="1.1", url=URL, date="2025-01-01T00:00:00Z",
    )  # fmt: skip
    Path("a.warc.gz").write_bytes(zipped(*segments(2), again))
    done = run("archive", "import", "--json", "a.warc.gz")
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live", "live"]
    assert len(look()["texts"]) == 1


def test_segments_that_are_too_large_together(run: Run) -> None:
    large = response(1, answer(article(1) + b" " * 1_300_000)).partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    Path("a.warc.gz").write_bytes(zipped(*segments(2, large), page(2)))
    done = run("archive", "import", "--json", "--max-megabytes", "1", "a.warc.gz")
    assert done.code == 3
    assert "content-too-large" in str(done.events)
    assert [each["url"][-1] for each in done.events if each["event"] == "page"] == ["2"]
    done = run("archive", "import", "--json", "a.warc.gz")
    assert (done.code, state_of(done)[0]) == (0, "live")
    assert run("archive", "verify").code == 0
