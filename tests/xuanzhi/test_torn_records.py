"""Records that were torn before anybody was told of them: after a recovery they are a remark, no fault for ever."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from specimens import snapshot

from archive.warc.reader import iterate

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

COLLECTION = Path("collection")


class Torn(NamedTuple):
    """A collection in which a visit was written and not reported."""

    file: Path
    members: list[tuple[int, int, str]]
    """Offset, length and type of the records of that visit."""


def whole_records() -> list[tuple[str, bytes]]:
    """Return all captured records that are whole."""
    (file,) = (COLLECTION / "warc").glob("*.warc.gz")
    return [(each.record.record_id, each.record.block) for each in iterate(file)]


@pytest.fixture
def unreported(capture: Run, server: Any) -> Torn:
    """Capture a page, and another one of which the catalogue knows nothing, as after a kill or a power cut."""
    assert capture(f"{server.url}/a").code == 0
    (file,) = (COLLECTION / "warc").glob("*.warc.gz")
    committed = file.stat().st_size
    shutil.copyfile(COLLECTION / "catalogue.sqlite", "before.sqlite")
    assert capture(f"{server.url}/b").code == 0
    for tail in ("", "-wal", "-shm"):
        (COLLECTION / f"catalogue.sqlite{tail}").unlink(missing_ok=True)
    shutil.copyfile("before.sqlite", COLLECTION / "catalogue.sqlite")
    members = [(each.offset, each.length, each.record.type) for each in iterate(file) if each.offset >= committed]
    return Torn(file, members)


def tear(torn: Torn, *numbers: int, beginning: bool) -> None:
    """Let some records of the visit be as a power cut may leave them: with a hole of zeros."""
    data = bytearray(torn.file.read_bytes())
    for number in numbers:
        offset, length, _ = torn.members[number]
        place = offset if beginning else offset + length // 2
        data[place : place + 24] = bytes(24)
    torn.file.write_bytes(data)


def codes(done: Any) -> set[str]:
    return {each["code"] for each in done.events if each["event"] == "finding"}


@pytest.mark.parametrize("beginning", [False, True], ids=["middle", "beginning"])
@pytest.mark.parametrize("kinds", [["response"], ["response", "request"], ["request"], ["metadata"]], ids="-".join)
def test_a_torn_record_is_a_remark(run: Run, unreported: Torn, kinds: list[str], beginning: bool) -> None:
    order = [kind for _, _, kind in unreported.members]
    first = order.index("response")
    numbers = [first + order[first:].index(kind) for kind in kinds]
    known = whole_records()
    gone = {number + len(known) - len(order) for number in numbers}
    kept = [record for place, record in enumerate(known) if place not in gone]
    tear(unreported, *numbers, beginning=beginning)

    Path("a.txt").write_text(snapshot())
    assert run("clean", "a.txt").code == 0  # the next command that writes recovers
    assert [each for each in whole_records() if each in kept] == kept
    for _ in range(2):
        done = run("archive", "verify", "--json")
        assert (done.code, codes(done)) == (0, {"torn-record"} if "response" in kinds else set())
        assert all(each["settled"] for each in done.events if each["event"] == "finding")
        assert done.events[-1]["findings"] == 0
        assert run("archive", "reindex").code == 0
    if "response" in kinds:
        assert "settled (-v shows" in run("archive", "verify").err

        # Without the bytes nothing says why the record is not there.
        for each in (COLLECTION / "quarantine").iterdir():
            each.write_bytes(each.read_bytes()[:-1])
        done = run("archive", "verify", "--json")
        assert (done.code, codes(done)) == (3, {"dangling"})


def test_a_record_that_was_there_is_still_missed(run: Run, unreported: Torn) -> None:
    tear(unreported, 0, beginning=False)
    Path("a.txt").write_text(snapshot())
    run("clean", "a.txt")
    file = unreported.file
    place, length = next((each.offset, each.length) for each in iterate(file) if each.record.type == "response")
    data = file.read_bytes()
    file.write_bytes(data[:place] + data[place + length :])  # of the visit before, which was reported
    done = run("archive", "verify", "--json")
    assert done.code == 3
    assert {"short-file", "not-there"} <= codes(done)
