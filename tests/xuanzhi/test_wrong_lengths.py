"""Records whose length is missing or wrong: a gzip member of its own tells where one ends, or what follows it."""

import gzip
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import article, page, response, zipped
from taken import described, kept

pytestmark = pytest.mark.slow

Run = Callable[..., Any]


def lengths(number: int, change: Callable[[int], str]) -> bytes:
    """Return a page whose Content-Length, of the record, is another one."""
    return re.sub(
        rb"Content-Length: (\d+)\r\n\r\nHTTP", lambda match: change(int(match[1])).encode() + b"HTTP", page(number)
    )


CHANGES: dict[str, Callable[[int], str]] = {
    "missing": lambda length: "\r\n",
    "far too short": lambda length: "Content-Length: 300\r\n\r\n",
    "too short": lambda length: f"Content-Length: {length - 3}\r\n\r\n",
    "too long": lambda length: f"Content-Length: {length + 90}\r\n\r\n",
    "far too long": lambda length: f"Content-Length: {length + 10**9}\r\n\r\n",
    "a word": lambda length: "Content-Length: unknown\r\n\r\n",
    "negative": lambda length: f"Content-Length: -{length}\r\n\r\n",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_record_alone_in_its_member(run: Run, look: Callable[[], dict[str, Any]], change: str, place: int) -> None:
    odd = lengths(place, CHANGES[change])
    Path("a.warc.gz").write_bytes(zipped(*(odd if number == place else page(number) for number in (1, 2, 3))))
    done = run("archive", "import", "--json", "a.warc.gz")
    assert done.code == 0
    imported = next(each for each in done.events if each["event"] == "imported")
    assert (imported["records"], imported["damage"], imported["changed"]) == ({"response": 3}, [], 1)
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live"] * 3
    (changed,) = described()["changed"]
    assert (changed["why"], changed["record"][-1]) == ("length", str(place))
    assert b64decode(changed["head"]) == odd.partition(b"HTTP")[0]
    (stored,) = [each for each in kept() if changed["record"].encode() in each.partition(b"\r\n\r\n")[0]][:1]
    assert stored.partition(b"\r\n\r\n")[2] == page(place).partition(b"\r\n\r\n")[2]
    assert len(look()["texts"]) == 3
    done = run("clean", "--json", "-o", "out", "a.warc.gz")
    assert (done.code, len([each for each in done.events if each["event"] == "cleaned"])) == (0, 3)
    done = run("archive", "verify", "--json", "a.warc.gz")
    found = {each.get("code"): each["grade"] for each in done.events}
    assert (done.code, found["wrong-length"]) == (0, "breach")
    assert run("archive", "reindex").code == 0
    assert run("archive", "verify").code == 0


def test_where_others_follow_in_the_member_nothing_is_guessed(run: Run) -> None:
    odd = lengths(1, CHANGES["far too short"])
    for name, data in (("a.warc.gz", gzip.compress(odd + page(2))), ("a.warc", odd + page(2))):
        Path(name).write_bytes(data)
        done = run("archive", "import", "--json", "-c", f"c-{name}", name)
        assert done.code == 3
        assert [each["url"][-1] for each in done.events if each["event"] == "page"] == ["2"]
        assert run("archive", "verify", name).code == 4


def test_an_answer_that_is_cut_in_such_a_record_stays_cut(run: Run) -> None:
    block = page(1).partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    odd = response(1, block[:-200]).replace(b"Content-Length: ", b"Content-Length: 9", 1)
    Path("a.warc.gz").write_bytes(zipped(odd))
    done = run("archive", "import", "--json", "a.warc.gz")
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["unavailable"]
    assert article(1) in block


PACKED: dict[str, Callable[[bytes], bytes]] = {"a.warc": bytes, "a.warc.gz": gzip.compress}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize(("place", "more"), [(1, -3), (2, -60), (3, -4), (1, 5), (2, 60)])
def test_a_length_that_is_wrong_by_a_few_bytes(
    run: Run, look: Callable[[], dict[str, Any]], name: str, place: int, more: int
) -> None:
    odd = lengths(place, lambda length: f"Content-Length: {length + more}\r\n\r\n")
    Path(name).write_bytes(PACKED[name](b"".join(odd if number == place else page(number) for number in (1, 2, 3))))
    done = run("archive", "import", "--json", name)
    assert done.code == 0
    imported = next(each for each in done.events if each["event"] == "imported")
    assert (imported["records"], imported["damage"], imported["changed"]) == ({"response": 3}, [], 1)
    (changed,) = described()["changed"]
    assert (changed["why"], b64decode(changed["head"])) == ("length", odd.partition(b"HTTP")[0])
    (stored,) = [each for each in kept() if changed["record"].encode() in each.partition(b"\r\n\r\n")[0]][:1]
    assert stored.partition(b"\r\n\r\n")[2] == page(place).partition(b"\r\n\r\n")[2]
    assert len(look()["texts"]) == 3
    done = run("clean", "--json", "-o", "out", name)
    assert (done.code, [each["state"] for each in done.events if each["event"] == "cleaned"]) == (0, ["live"] * 3)
    assert len({Path(each["output"]).read_bytes() for each in done.events if each["event"] == "cleaned"}) == 3
    # The bytes are read, but nothing proves them.
    assert run("archive", "verify", name).code == 4


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("more", [-90, 90])
def test_a_length_that_is_wrong_by_more_is_damage(run: Run, name: str, more: int) -> None:
    odd = lengths(2, lambda length: f"Content-Length: {length + more}\r\n\r\n")
    Path(name).write_bytes(PACKED[name](page(1) + odd + page(3)))
    done = run("archive", "import", "--json", name)
    assert done.code == 3
    assert [each["url"][-1] for each in done.events if each["event"] == "page"] == ["1", "3"]


@pytest.mark.parametrize("count", [1, 2])
def test_line_ends_that_became_more(run: Run, look: Callable[[], dict[str, Any]], count: int) -> None:
    data = b"".join(page(number) for number in range(1, count + 1))
    Path("a.warc").write_bytes(data.replace(b"\r\n", b"\r\r\n"))
    done = run("archive", "import", "--json", "a.warc")
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live"] * count
    assert done.code == 0
    assert len(look()["texts"]) == count
    assert len(run("clean", "--json", "-o", "out", "a.warc").events) == count


def test_a_file_that_ends_within_its_last_record_is_cut(run: Run) -> None:
    Path("a.warc").write_bytes((page(1) + page(2))[:-9])
    done = run("archive", "import", "--json", "a.warc")
    assert done.code == 3
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live", "unavailable"]
