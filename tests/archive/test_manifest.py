"""Files beside the WARC files: whatever happens to one is found, and what commands wrote comes back from its record."""

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from archive.collection.collection import Collection
from archive.collection.decisions import ReviewBasis, record_decision
from archive.errors import Damaged
from archive.maintenance.check_manifest import check_beside
from archive.maintenance.rebuild import reindex
from archive.maintenance.repair import repair
from archive.schedule.report import log_run
from archive.schedule.table import Schedule
from archive.warc import reader
from clean.rules import built_in

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
LEARNED = "rules/learned/纸上谈书-0a1b2c3d.toml"
OWN = "rules/own.toml"
DUE = {"do": "add", "at": "2026-11-22T08:30:00.000000Z", "source": "s", "kind": "page", "plan": {"every": "1d"}}

Make = Callable[..., Any]


def decide(path: Path, note: str) -> None:
    seen = ReviewBasis("0123456789abcdef", "d" * 64, "e" * 64, "")
    record_decision(path, [seen], "accepted", note=note, reviewer="林书", at=AT)


def plan(path: Path, number: int) -> None:
    with Schedule.open(path) as schedule:
        schedule.change([{**DUE, "urls": [f"https://paper.example/{number}"]}])
        log_run(schedule, {"began": f"2026-11-22T08:3{number % 10}:00Z", "visits": number})


def approve(path: Path, text: str) -> None:
    with Collection.open(path) as collection:
        collection.change_file(LEARNED, lambda _: text.encode())


@pytest.fixture
def path(tmp_path: Path, make: Make) -> Path:
    """A collection with a file of each kind, the older ones bound in its WARC files, the last lines not yet."""
    path = tmp_path / "c"
    with Collection.open(path) as collection:
        (path / "collection.toml").write_text('name = "c"\noperator = "纸社"\n')
    approve(path, "# approved: 一\n")
    (path / OWN).write_text("# mine\n")
    for number in range(3):
        decide(path, f"note {number}")
        plan(path, number)
    with Collection.open(path) as collection:
        collection.add([make(1)])
    decide(path, "note 3")
    plan(path, 3)
    assert codes(path) == []
    return path


def codes(path: Path) -> list[tuple[str, str]]:
    return [(each.file, each.code) for each in check_beside(path)]


def records(path: Path, prefix: str) -> list[tuple[str, bytes]]:
    return [
        (stored.record.get("WARC-Target-URI"), stored.record.block)
        for file in sorted((path / "warc").glob("*.warc.gz"))
        for stored in reader.iterate(file)
        if stored.record.get("WARC-Target-URI").startswith(prefix)
    ]


def test_what_is_bound_stands_in_the_warc_files(path: Path, whole: Callable[[Path], Any]) -> None:
    manifests = [json.loads(block) for _, block in records(path, "urn:manifest:")]
    assert [[each["file"] for each in manifest["files"]] for manifest in manifests] == [
        ["collection.toml", LEARNED],
        ["decisions.jsonl", OWN, "runs.jsonl", "schedule.jsonl"],
    ]
    files = records(path, "urn:file:")
    assert [block for _, block in files] == [
        'name = "c"\noperator = "纸社"\n'.encode(), "# approved: 一\n".encode(), b"# mine\n",
    ]  # fmt: skip
    assert files[0][0] == "urn:file:collection.toml"
    assert files[1][0].startswith("urn:file:rules/learned/%E7%BA%B8")
    with Collection.open(path) as collection:  # nothing changed, so nothing is added
        assert not collection.change_file(LEARNED, lambda data: data)
    assert len(records(path, "urn:manifest:")) == 2
    whole(path)
    assert codes(path) == []


LOSSES = {
    "schedule.jsonl": ("lines-lost", False),
    "runs.jsonl": ("lines-lost", False),
    "decisions.jsonl": ("decisions-changed", True),
    "collection.toml": ("settings-missing", True),
    LEARNED: ("rules-missing", True),
    OWN: ("rules-missing", True),
}


@pytest.mark.parametrize("file", LOSSES)
@pytest.mark.parametrize("how", ["removed", "emptied", "catalogue too"])
def test_what_is_gone_is_found_and_comes_back_where_a_record_has_it(path: Path, file: str, how: str) -> None:
    before = (path / file).read_bytes()
    code, comes_back = LOSSES[file]
    if how == "emptied":
        (path / file).write_bytes(b"")
        code = {"rules-missing": "rules-changed", "settings-missing": "settings-changed"}.get(code, code)
        comes_back = comes_back and (file == LEARNED or file.endswith(".jsonl"))  # what people edit may be empty
    else:
        (path / file).unlink()
    if how == "catalogue too":
        (path / "catalogue.sqlite").unlink()
        reindex(path)  # what is left to compare with is in the WARC files; the last decision was not yet
        code = "lines-lost" if file.endswith(".jsonl") else code
        comes_back = not file.endswith(".jsonl")
    found = list(check_beside(path))
    assert [(each.file, each.code) for each in found] == [(file, code)]
    repair(path, found, built_in())
    assert ((path / file).exists() and (path / file).read_bytes() == before) == comes_back
    assert (codes(path) == []) == (not file.endswith(".jsonl") or comes_back)


@pytest.mark.parametrize("file", ["decisions.jsonl", "schedule.jsonl", "runs.jsonl"])
def test_an_older_copy_a_changed_and_a_lost_line_are_found_also_behind_later_lines(path: Path, file: str) -> None:
    whole = (path / file).read_bytes()
    lines = whole.splitlines(keepends=True)
    changed = (
        whole.replace(b"note 1", b"note 7").replace(b"example/1", b"example/7").replace(b'"visits": 1', b'"visits": 7')
    )
    assert changed != whole
    for other in (b"".join(lines[:2]), changed, b"".join(lines[1:]), lines[1] + lines[0] + b"".join(lines[2:])):
        (path / file).write_bytes(other)
        assert {name for name, _ in codes(path)} == {file}
        if file != "decisions.jsonl":  # a command that goes on writing hides nothing
            plan(path, 5)
            assert {name for name, _ in codes(path)} == {file}
        (path / file).write_bytes(other)
    (path / file).write_bytes(whole)


def test_decisions_that_the_catalogue_has_are_written_back_to_the_byte(
    path: Path, whole: Callable[[Path], Any]
) -> None:
    file = path / "decisions.jsonl"
    before = file.read_bytes()
    for damage in (before[:300], before.replace(b"note 2", b"note 9"), b"", before[:-9] + b"\0" * 9, b"x\n" + before):
        file.write_bytes(damage)
        found = list(check_beside(path))
        assert [each.code for each in found] == ["decisions-changed"]
        repair(path, found, built_in())
        assert file.read_bytes() == before
        assert codes(path) == []
        kept = [each.read_bytes() for each in path.glob("decisions.jsonl.*")]
        assert not damage or any(damage.startswith(each) or each == damage for each in kept)
    decide(path, "later")
    assert file.read_bytes().startswith(before)
    whole(path)


def test_nobody_decides_where_decisions_were_lost(path: Path) -> None:
    file = path / "decisions.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    before = file.read_bytes()
    with pytest.raises(Damaged, match="has lost lines"):
        decide(path, "later")
    assert file.read_bytes() == before


def test_reindex_drops_no_decision(path: Path) -> None:
    file = path / "decisions.jsonl"
    before = file.read_bytes()
    file.write_bytes(b"".join(before.splitlines(keepends=True)[:2]))
    reindex(path)
    assert file.read_bytes() == before


def test_a_change_by_hand_is_told_once_but_of_learned_rules_until_somebody_says_so(path: Path) -> None:
    for file in ("collection.toml", OWN, LEARNED):
        with (path / file).open("a") as rules:
            rules.write("# more\n")
    (path / "rules/new.toml").write_text("# new\n")
    expected = [(file, "rules-changed") for file in (LEARNED, "rules/new.toml", OWN)]
    expected.append(("collection.toml", "settings-changed"))
    assert sorted(codes(path)) == sorted(expected)
    Collection.open(path).close()
    assert codes(path) == [(LEARNED, "rules-changed")]
    with Collection.open(path) as collection:
        assert not collection.change_file(LEARNED, lambda data: data)
    assert codes(path) == []
    assert "# approved: 一\n# more\n".encode() in [block for _, block in records(path, "urn:file:rules/learned")]


def test_a_broken_file_is_one_finding_each(path: Path) -> None:
    (path / LEARNED).write_text("x = [")
    (path / "collection.toml").write_bytes(b"name = \xff")
    (path / "schedule.jsonl").write_bytes((path / "schedule.jsonl").read_bytes() + b"{]\n")
    assert sorted(codes(path)) == [
        ("collection.toml", "bad-config"), (LEARNED, "bad-rules"), ("schedule.jsonl", "not-a-line"),
    ]  # fmt: skip
    found = [each for each in check_beside(path) if each.file != "schedule.jsonl"]
    repair(path, found, built_in())
    assert codes(path) == [("schedule.jsonl", "not-a-line")]
    (aside,) = (path / LEARNED).parent.glob("*.before")
    assert aside.read_text() == "x = ["


def test_a_collection_of_an_earlier_version_is_sound_and_bound_when_it_is_next_written_to(
    path: Path, make: Make, whole: Callable[[Path], Any]
) -> None:
    for file in ("decisions.jsonl", "schedule.jsonl", "runs.jsonl"):
        lines = [json.loads(line) for line in (path / file).read_text().splitlines()]
        for line in lines:
            del line["previous"]
        (path / file).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as index:
        index.execute("DROP TABLE manifest")
        index.execute("DROP TRIGGER decision_is_never_changed")
        end = 0
        for number, line in enumerate((path / "decisions.jsonl").read_bytes().splitlines(keepends=True), 1):
            end += len(line)
            index.execute("UPDATE decision SET line_end = ? WHERE id = ?", (end, number))
        index.commit()
    before = (path / "decisions.jsonl").read_bytes()
    assert codes(path) == []
    decide(path, "first of the new ones")
    assert codes(path) == []
    with Collection.open(path) as collection:
        collection.add([make(2)])
    assert codes(path) == []
    (path / "decisions.jsonl").write_bytes(before.replace(b"note 0", b"note 9"))
    assert codes(path) == [("decisions.jsonl", "decisions-changed")]


def extended(data: bytes, line: str) -> bytes:
    return data + line.encode()


def test_approvals_at_the_same_time_lose_none(path: Path) -> None:
    def add(name: str) -> None:
        for number in range(5):
            with Collection.open(path) as collection:
                collection.change_file(LEARNED, partial(extended, line=f"# {name}{number}\n"))

    threads = [Thread(target=add, args=(name,)) for name in "甲乙丙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (path / LEARNED).read_text().splitlines()[1:]
    assert sorted(lines) == sorted(f"# {name}{number}" for name in "甲乙丙" for number in range(5))
    assert codes(path) == []
    assert len(records(path, "urn:file:rules/learned/")) == 16


@contextmanager
def killed_before(step: int) -> Iterator[None]:
    """Let this process die, as by SIGKILL, before it brings something to the disk for the nth time."""
    count = 0

    def dying(function: Callable[..., Any], *, half: bool = False) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                if half and len(arguments[1]) > 1:
                    function(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return call

    for name in ("fsync", "replace", "ftruncate", "truncate"):
        setattr(os, name, dying(getattr(os, name)))
    os.write = dying(os.write, half=True)
    yield


def test_a_kill_at_any_moment_leaves_nothing_that_looks_like_damage(
    path: Path, make: Make, tmp_path: Path, whole: Callable[[Path], Any]
) -> None:
    steps = 0
    while True:
        steps += 1
        copy = tmp_path / f"{steps}"
        shutil.copytree(path, copy)
        reported, told = os.pipe()
        child = os.fork()
        if not child:
            code = 1
            try:
                os.close(reported)
                say = os.write
                with killed_before(steps):
                    for number in range(2):
                        approve(copy, f"# approved: {number}\n")
                        say(told, f"a{number}\n".encode())
                        decide(copy, f"late {number}")
                        say(told, f"d{number}\n".encode())
                        plan(copy, 6 + number)
                        say(told, f"p{number}\n".encode())
                        with Collection.open(copy) as collection:
                            collection.add([make(5 + number)])
                        say(told, f"c{number}\n".encode())
                code = 0
            finally:
                os._exit(code)
        os.close(told)
        with os.fdopen(reported) as lines:
            done = lines.read().split()
        _, status = os.waitpid(child, 0)
        assert status in {0, signal.SIGKILL}
        assert {code for _, code in codes(copy)} <= {"unfinished-line"}, (steps, done, codes(copy))
        Collection.open(copy).close()
        plan(copy, 9)
        decide(copy, "after")
        assert codes(copy) == [], (steps, done)
        decisions = (copy / "decisions.jsonl").read_text()
        assert all(f"late {each[1]}" in decisions for each in done if each[0] == "d")
        schedule = (copy / "schedule.jsonl").read_text()
        assert all(f"example/{6 + int(each[1])}" in schedule for each in done if each[0] == "p")
        last = max((each for each in done if each[0] == "a"), default="")
        assert (copy / LEARNED).read_text() >= (f"# approved: {last[1]}\n" if last else "")
        if steps % 7 == 0:
            whole(copy)
        shutil.rmtree(copy)
        if status == 0:
            break
    assert steps > 30
