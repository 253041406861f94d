"""`archive accept`: a loss in a journal that a person accepted is a remark; any other change is found as before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from specimens import snapshot

from archive.collection.collection import Collection
from archive.schedule.report import log_run
from archive.schedule.table import Schedule

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

COLLECTION = Path("collection")
SCHEDULE = COLLECTION / "schedule.jsonl"


@pytest.fixture(autouse=True)
def scheduled(run: Run) -> None:
    """Give a collection with four lines in its schedule, and a record that binds them."""
    assert run("archive", "init", "-q").code == 0
    for number in range(4):
        assert run("archive", "add", "-q", f"https://paper.example/{number}").code == 0
    Path("a.txt").write_text(snapshot())
    assert run("clean", "-q", "a.txt").code == 0
    assert run("archive", "verify").code == 0


def lose_the_end() -> None:
    SCHEDULE.write_bytes(b"".join(SCHEDULE.read_bytes().splitlines(keepends=True)[:2]))


def lose_the_middle() -> None:
    lines = SCHEDULE.read_bytes().splitlines(keepends=True)
    SCHEDULE.write_bytes(lines[0] + b"".join(lines[2:]))


def change_a_line() -> None:
    SCHEDULE.write_bytes(SCHEDULE.read_bytes().replace(b"paper.example/1", b"paper.example/7", 1))


def lose_all() -> None:
    SCHEDULE.unlink()


LOSSES = (lose_the_end, lose_the_middle, change_a_line, lose_all)
ACCEPT = ("archive", "accept", "schedule.jsonl", "--reason", "the disk of 2025 broke", "--reviewer", "馆员")


def found(run: Run) -> tuple[int, set[str]]:
    done = run("archive", "verify", "--json")
    return done.code, {each["code"] for each in done.events if each["event"] == "finding"}


@pytest.mark.parametrize("lose", LOSSES)
def test_it_is_settled_from_then_on(run: Run, lose: Callable[[], None]) -> None:
    lose()
    before = SCHEDULE.read_bytes() if SCHEDULE.exists() else b""
    code, codes = found(run)
    assert (code, codes <= {"lines-lost", "line-changed"}) == (3, True)
    done = run(*ACCEPT)
    assert (done.code, done.out) == (
        0,
        "schedule.jsonl: what is lost is accepted; any other change is found as before\n",
    )
    assert (SCHEDULE.read_bytes() if SCHEDULE.exists() else b"") == before  # nothing is written anew
    (line,) = map(json.loads, (COLLECTION / "acceptances.jsonl").read_text().splitlines())
    assert (line["file"], line["reason"], line["reviewer"]) == ("schedule.jsonl", "the disk of 2025 broke", "馆员")

    assert found(run) == (0, {"accepted-loss"})
    verbose = run("archive", "verify", "-v").out
    assert "a loss that 馆员 accepted on " in verbose
    assert "the disk of 2025 broke" in verbose
    assert run("archive", "add", "-q", "https://paper.example/9").code == 0  # the schedule goes on
    assert found(run) == (0, {"accepted-loss"})
    assert "https://paper.example/9" in run("archive", "due", "--json").out

    # Also where the catalogue is made again from nothing but the files.
    assert run("archive", "reindex").code == 0
    assert found(run) == (0, {"accepted-loss"})
    for tail in ("", "-wal", "-shm"):
        (COLLECTION / f"catalogue.sqlite{tail}").unlink(missing_ok=True)
    assert run("archive", "reindex").code == 0
    assert found(run) == (0, {"accepted-loss"})

    # And in a backup.
    assert run("archive", "backup", "copy").code == 0
    assert run("archive", "verify", "-c", "copy").code == 0


@pytest.mark.parametrize("lose", LOSSES)
def test_another_loss_is_found(run: Run, lose: Callable[[], None]) -> None:
    lose()
    assert run(*ACCEPT).code == 0
    run("archive", "add", "-q", "https://paper.example/8")
    lines = SCHEDULE.read_bytes().splitlines(keepends=True)
    SCHEDULE.write_bytes(b"".join(lines[:-1]))
    assert found(run) == (3, {"lines-lost", "accepted-loss"})
    assert run(*ACCEPT).code == 0
    assert found(run) == (0, {"accepted-loss"})


def test_a_change_before_the_accepted_one_is_found(run: Run) -> None:
    lose_the_middle()
    assert run(*ACCEPT).code == 0
    SCHEDULE.write_bytes(SCHEDULE.read_bytes().replace(b"paper.example/0", b"paper.example/6", 1))
    code, codes = found(run)
    assert (code, "line-changed" in codes) == (3, True)


def test_the_acceptances_are_checked_themselves(run: Run) -> None:
    lose_the_end()
    assert run(*ACCEPT).code == 0
    path = COLLECTION / "acceptances.jsonl"
    path.write_bytes(path.read_bytes().replace("馆员".encode(), b"nobody"))
    code, codes = found(run)
    assert (code, "line-changed" in codes) == (3, True)
    path.unlink()
    code, codes = found(run)
    assert (code, "lines-lost" in codes) == (3, True)


def test_the_list_of_runs(run: Run) -> None:
    with Collection.open(COLLECTION, create=False) as collection:
        for number in range(3):
            at = f"2026-01-0{number + 1}T00:00:00.000000Z"
            log_run(Schedule.of(collection), {"started": at, "ended": at, "exit": 0, "outcomes": {"unchanged": number}})
    runs = COLLECTION / "runs.jsonl"
    lines = runs.read_bytes().splitlines(keepends=True)
    assert found(run) == (0, set())
    runs.write_bytes(lines[0] + lines[2])
    assert found(run) == (3, {"line-changed", "lines-lost"})
    assert run("archive", "accept", "runs.jsonl", "--reason", "an older copy", "--reviewer", "x").code == 0
    assert found(run) == (0, {"accepted-loss"})
    assert run("archive", "runs").code == 0


def test_what_cannot_be_accepted(run: Run) -> None:
    done = run(*ACCEPT)
    assert (done.code, "nothing is lost in schedule.jsonl" in done.err) == (2, True)
    assert run("archive", "accept", "decisions.jsonl", "--reason", "x").code == 2
    assert run("archive", "accept", "schedule.jsonl", "--reason", " ").code == 2
    assert run("archive", "accept", "schedule.jsonl").code == 2
    lines = SCHEDULE.read_bytes().splitlines(keepends=True)
    SCHEDULE.write_bytes(lines[0] + b"what is no line\n" + lines[2])
    done = run(*ACCEPT)
    assert (done.code, "take that line out by hand" in done.err) == (3, True)
    assert not (COLLECTION / "acceptances.jsonl").exists()
    SCHEDULE.write_bytes(lines[0] + lines[2])
    assert run(*ACCEPT).code == 0
    assert found(run) == (0, {"accepted-loss"})
