"""Decisions: added and never changed, found again whatever died, and made again from their file."""

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive import decisions
from archive.collection import Collection
from archive.decisions import Decisions, Draft, Item, UnreadableLine
from archive.errors import Damaged, DiskFull
from archive.reindex import Damage, reindex

Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]

DECIDER = Path(__file__).with_name("decider.py")
ITEM = Item("wechat:MzI=/1/1/abc", "1" * 64, "2" * 64)
DIFF, RULES = "d" * 64, "e" * 64


def draft(verdict: str = "accepted", note: str = "", **given: str) -> Draft:
    return Draft(ITEM, given.get("diff", DIFF), given.get("rules", RULES), verdict, note, "王小纸")


@pytest.fixture
def collection(tmp_path: Path, opened: Opened) -> Iterator[Collection]:
    with opened(tmp_path / "c") as found:
        yield found


def of(collection: Collection) -> Decisions:
    return Decisions(collection.path, collection.catalogue, clock=collection._clock, new_id=collection._new_id)


def test_a_decision_is_a_line_of_the_file(collection: Collection) -> None:
    of(collection).record([draft("needs-work", "第三段少了一行。")])
    (line,) = (collection.path / "decisions.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "decision": 1, "id": "urn:uuid:00000000-0000-4000-8000-000000000001", "article": ITEM.article,
        "from": "1" * 64, "to": "2" * 64, "diff_sha256": DIFF, "ruleset_sha256": RULES, "verdict": "needs-work",
        "note": "第三段少了一行。", "reviewer": "王小纸", "at": "2026-11-22T08:30:00.123456Z", "supersedes": "",
        "batch": "",
    }  # fmt: skip


def test_the_last_decision_counts_and_names_the_one_before(collection: Collection) -> None:
    found = of(collection)
    (first,) = found.record([draft("accepted")])
    (second,) = found.record([draft("pending", "乙看错了。")])
    assert second.supersedes == first.id
    assert found.state(ITEM, DIFF, RULES) == second
    assert found.history(ITEM.article) == [first, second]


def test_another_difference_or_other_rules_are_not_decided(collection: Collection) -> None:
    found = of(collection)
    found.record([draft()])
    assert found.state(ITEM, "0" * 64, RULES) is None
    assert found.state(ITEM, DIFF, "0" * 64) is None
    assert found.state(ITEM._replace(to_sha256="3" * 64), DIFF, RULES) is None


def test_decisions_of_one_go_have_one_batch(collection: Collection) -> None:
    made = of(collection).record([draft(), draft(diff="f" * 64)])
    assert len({each.batch for each in made}) == 1
    assert made[0].batch
    with pytest.raises(ValueError, match="no verdict"):
        of(collection).record([draft("perhaps")])
    assert len(of(collection).history(ITEM.article)) == 2


def test_nobody_changes_or_deletes_one(collection: Collection) -> None:
    of(collection).record([draft()])
    for sql in ("UPDATE decision SET verdict = 'rejected'", "DELETE FROM decision"):
        with pytest.raises(sqlite3.IntegrityError, match="a later one supersedes it"):
            collection.catalogue.execute(sql)


def test_the_table_is_made_again_from_the_file(
    tmp_path: Path, opened: Opened, make: Callable[..., Any], whole: Whole
) -> None:
    with opened(tmp_path / "c") as collection:
        collection.add([make(1)])
        of(collection).record([draft(), draft("rejected", "a\nb\u2028c\ud800")])
        of(collection).record([draft("pending")])
    assert len(whole(tmp_path / "c")["tables"]["decision"]) == 3


def test_a_line_torn_anywhere_is_healed(collection: Collection) -> None:
    file = collection.path / "decisions.jsonl"
    first, second = (of(collection).record([draft(note=note)])[0] for note in ("一", "二"))
    content = file.read_bytes()
    start = content.index(b"\n") + 1
    for cut in range(start, len(content)):
        file.write_bytes(content[:cut])
        with sqlite3.connect(collection.path / "catalogue.sqlite") as index:  # as the dying process left it
            index.execute("DROP TRIGGER IF EXISTS decision_stays")
            index.execute("DELETE FROM decision WHERE note = '二'")
        index.close()
        found = of(collection)
        whole = cut == len(content) - 1  # only the line's end is missing
        assert found.history(ITEM.article) == ([first, second] if whole else [first])
        assert file.read_bytes() == (content if whole else content[:start])
        assert found.unreadable() == []


def test_lines_that_are_no_decisions_stay_and_are_reported(collection: Collection) -> None:
    file = collection.path / "decisions.jsonl"
    of(collection).record([draft(note="一")])
    with file.open("ab") as added:
        added.write(b'not json\n\n{"decision": 2}\n\xff\xfe')
    found = of(collection)
    found.record([draft(note="二")])
    assert [each.note for each in found.history(ITEM.article)] == ["一", "二"]
    lines = file.read_bytes().split(b"\n")
    assert lines[1:5] == [b"not json", b"", b'{"decision": 2}', b"\xff\xfe"]
    assert [each.line for each in found.unreadable()] == [2, 4, 5]
    assert found.unreadable()[1] == UnreadableLine(4, "this is no decision: it has not the format 1")
    collection.close()
    assert reindex(collection.path).damage[1] == Damage(
        "decisions.jsonl", 4, "line 4: this is no decision: it has not the format 1"
    )
    assert file.read_bytes().split(b"\n") == lines


def test_what_somebody_added_to_the_file_counts(collection: Collection) -> None:
    file = collection.path / "decisions.jsonl"
    (made,) = of(collection).record([draft()])
    told = json.loads(file.read_text("utf-8")) | {"id": "urn:uuid:x", "verdict": "rejected"}
    file.write_text(file.read_text("utf-8") + json.dumps(told) + "\n", "utf-8")
    assert [each.id for each in of(collection).history(ITEM.article)] == [made.id, "urn:uuid:x"]


def test_a_file_that_lost_lines_is_refused(collection: Collection) -> None:
    of(collection).record([draft()])
    (collection.path / "decisions.jsonl").unlink()
    with pytest.raises(Damaged, match="shorter than it was"):
        of(collection)


def test_a_disk_that_is_full_leaves_all_as_it_was(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(collection)
    (made,) = found.record([draft()])
    before = (collection.path / "decisions.jsonl").read_bytes()

    def full(file: int, data: memoryview) -> int:
        os.write(file, data[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(decisions, "_write", full)
    with pytest.raises(DiskFull):
        found.record([draft("rejected")])
    assert (collection.path / "decisions.jsonl").read_bytes() == before
    assert found.history(ITEM.article) == [made]


def start(path: Path, name: str, count: int, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, str(DECIDER), str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def notes(path: Path) -> list[str]:
    with Collection.open(path) as collection:
        return [each.note for each in Decisions(path, collection.catalogue).history("wechat:1")]


@pytest.mark.parametrize("seen", [1, 2, 5])
def test_a_killed_process_loses_nothing_it_reported(
    tmp_path: Path, environment: dict[str, str], whole: Whole, seen: int
) -> None:
    path = tmp_path / "c"
    with start(path, "甲", 1000, environment) as process:
        assert process.stdout
        reported = [process.stdout.readline().strip() for _ in range(seen)]
        process.send_signal(signal.SIGKILL)
        reported += [line.strip() for line in process.stdout]
    kept = notes(path)
    assert kept[: len(reported)] == reported
    assert len(kept) <= len(reported) + 1  # the one that it was about to report
    whole(path)


def test_two_processes_at_once_lose_none(tmp_path: Path, environment: dict[str, str], whole: Whole) -> None:
    path = tmp_path / "c"
    with start(path, "甲", 20, environment) as one, start(path, "乙", 20, environment) as other:
        assert (one.wait(), other.wait()) == (0, 0)
    kept = notes(path)
    assert sorted(kept) == sorted(f"{name}-{number}" for name in "甲乙" for number in range(20))
    assert len((path / "decisions.jsonl").read_bytes().splitlines()) == 40
    whole(path)
