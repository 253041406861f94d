"""Decisions are only ever added, are in the file and in the catalogue, and none is lost."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from archive.collection.collection import Collection
from archive.collection.decisions import (
    FILE,
    UNDONE,
    DecidedMeanwhile,
    Decision,
    ReviewBasis,
    decision_history,
    latest,
    record_decision,
)
from archive.collection.reader import CollectionReader, catalogue_of
from archive.maintenance.check_manifest import check_beside
from archive.maintenance.check_texts import check_catalogue
from archive.maintenance.rebuild import reindex

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
SEEN = ReviewBasis("0123456789abcdef", "d" * 64, "e" * 64, "")


@pytest.fixture
def path(tmp_path: Path, make: Callable[..., Any]) -> Path:
    with Collection.open(tmp_path / "c") as collection:
        collection.add([make(1)])
    return tmp_path / "c"


def one(path: Path, verdict: str = "accepted", **given: Any) -> Decision:
    (made,) = record_decision(path, [SEEN], verdict, **{"note": "", "reviewer": "林书", "at": AT, **given})
    return made


def known(path: Path) -> list[Decision]:
    with CollectionReader.open(path) as holdings:
        return decision_history(catalogue_of(holdings), SEEN.item)


def test_a_decision_is_a_line_of_the_file_and_a_row(path: Path, whole: Callable[[Path], Any]) -> None:
    first = one(path, note="年份\n已核")
    second = one(path, UNDONE)
    assert (first.supersedes, second.supersedes) == ("", first.decision)
    assert first.at == "2026-11-22T08:30:00.000000Z"
    lines = [json.loads(line) for line in (path / FILE).read_text("utf-8").splitlines()]
    digests = [line.pop("previous") for line in lines]
    assert lines == [first._asdict(), second._asdict()]
    ends = [sha256(line).hexdigest() for line in (b"", (path / FILE).read_bytes().splitlines(keepends=True)[0])]
    assert digests == ends  # of all bytes before the first line, of which there are none, and of the first line
    assert known(path) == [first, second]
    with CollectionReader.open(path) as holdings:
        assert latest(catalogue_of(holdings)) == {SEEN.item: second}
    whole(path)  # the catalogue made again from the files is the same


def test_none_is_ever_changed_or_removed(path: Path) -> None:
    one(path)
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as index:
        for statement in ("UPDATE decision SET verdict = 'rejected'", "DELETE FROM decision"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                index.execute(statement)


def test_a_decision_upon_another_than_was_seen_is_refused(path: Path) -> None:
    first = one(path, after={SEEN.item: ""})
    with pytest.raises(DecidedMeanwhile) as refused:
        one(path, "rejected", after={SEEN.item: ""})
    assert refused.value.decision == first
    assert known(path) == [first]
    assert one(path, "rejected", after={SEEN.item: first.decision}).supersedes == first.decision


def test_what_a_killed_process_had_written_is_taken_in_and_half_a_line_is_cut_off(
    path: Path, whole: Callable[[Path], Any]
) -> None:
    first = one(path)
    written = first._replace(decision="urn:uuid:written", verdict="rejected", supersedes=first.decision)
    with (path / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(written._asdict()) + "\n" + '{"decision": "urn:uuid:ha')
    Collection.open(path).close()
    assert known(path) == [first, written]
    third = one(path)
    assert third.supersedes == written.decision
    assert known(path) == [first, written, third]
    whole(path)


def test_a_line_that_is_no_decision_is_told_of_and_costs_no_other(path: Path) -> None:
    first = one(path)
    end = (path / FILE).stat().st_size
    with (path / FILE).open("a", encoding="utf-8") as file:
        file.write("[1, 2]\n")
    second = one(path)
    assert second.supersedes == first.decision
    assert list(check_catalogue(path)) == []
    (found,) = check_beside(path)
    assert (found.file, found.offset, found.code) == (FILE, end, "not-a-decision")
    (damage,) = reindex(path).damage
    assert (damage.file, damage.offset) == (FILE, end)
    assert known(path) == [first, second]
    assert b"[1, 2]\n" in (path / FILE).read_bytes()


def test_reviewers_at_the_same_time_lose_none(path: Path, whole: Callable[[Path], Any]) -> None:
    threads = [
        Thread(target=lambda name=name: [one(path, reviewer=name) for _ in range(10)])  # type: ignore[misc]
        for name in ("林书", "王纸", "李墨")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    decisions = known(path)
    assert len(decisions) == 30
    assert [each.supersedes for each in decisions[1:]] == [each.decision for each in decisions[:-1]]
    assert len((path / FILE).read_text("utf-8").splitlines()) == 30
    whole(path)


def decider(path: Path, name: str, count: int, environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, str(Path(__file__).with_name("decider.py")), str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("seen", [1, 2, 5])
def test_a_killed_process_loses_nothing_it_reported(
    path: Path, environment: dict[str, str], whole: Callable[[Path], Any], seen: int
) -> None:
    with decider(path, "甲", 1000, environment) as process:
        assert process.stdout
        reported = [process.stdout.readline().strip() for _ in range(seen)]
        process.send_signal(signal.SIGKILL)
        reported += [line.strip() for line in process.stdout]
    Collection.open(path).close()
    notes = [each.note for each in known(path)]
    assert notes[: len(reported)] == reported
    assert len(notes) <= len(reported) + 1  # the one that it was about to report
    whole(path)


def test_two_processes_at_once_lose_none(path: Path, environment: dict[str, str], whole: Callable[[Path], Any]) -> None:
    with decider(path, "甲", 20, environment) as one_of_them, decider(path, "乙", 20, environment) as other:
        assert (one_of_them.wait(), other.wait()) == (0, 0)
    notes = [each.note for each in known(path)]
    assert sorted(notes) == sorted(f"{name}-{number}" for name in "甲乙" for number in range(20))
    whole(path)
