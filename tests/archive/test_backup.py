"""A backup is a collection itself, whoever writes meanwhile and whenever it is interrupted."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_recovery import names, records, warc_files
from visitor import visit

from archive.collection.collection import Collection, Snapshot
from archive.collection.decisions import ReviewBasis, record_decision
from archive.collection.reader import catalogue_of
from archive.errors import AlreadyThere, Busy, FilesDiffer
from archive.maintenance.backup import backup
from archive.maintenance.check import verify_collection
from archive.maintenance.check_manifest import check_beside
from archive.maintenance.check_texts import DerivedCheck, check_catalogue
from archive.storage import held

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]


def findings(root: Path) -> list[str]:
    """Return the codes of what is wrong with a collection."""
    with DerivedCheck(root) as derived:
        return [each.code for each in (*verify_collection(root), *check_catalogue(root), *derived.files())]


def markdown(root: Path) -> dict[str, bytes]:
    return {each.relative_to(root).as_posix(): each.read_bytes() for each in (root / "markdown").rglob("*.md")}


def decide(root: Path, note: str) -> None:
    seen = ReviewBasis("0123456789abcdef", "d" * 64, "e" * 64, "")
    record_decision(root, [seen], "accepted", note=note, reviewer="r", at=datetime(2026, 11, 22, tzinfo=UTC))


def test_a_backup_is_the_collection(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    root, copy = tmp_path / "c", tmp_path / "copies" / "c"
    with opened(root) as collection:
        (added,) = collection.add([make(1)])
        collection.keep([visit(1)])
    decide(root, "one")
    (root / "rules").mkdir()
    (root / "rules" / "mine.toml").write_text("# mine\n")
    assert added.markdown
    (root / added.markdown).with_suffix(".edited.md").write_text("我的\n")
    done = backup(root, copy)
    assert (done.captures, done.copied) == (2, done.bytes)
    assert (warc_files(copy), markdown(copy)) == (warc_files(root), markdown(root))
    assert (copy / "rules" / "mine.toml").read_text() == "# mine\n"
    assert findings(copy) == []
    assert whole(copy)["tables"] == whole(root)["tables"]


def test_a_second_backup_copies_what_is_new(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root, limit=1500) as collection:
        collection.add([make(1), make(2)])
        first = backup(root, copy)
        (root / "rules").mkdir()
        (root / "rules" / "old.toml").write_text("# old\n")
        backup(root, copy)
        (root / "rules" / "old.toml").rename(root / "rules" / "new.toml")
        collection.add([make(1, clean="新的\n", ruleset="1" * 64), make(3), make(4)])
        decide(root, "two")
        for quick in (False, True):
            done = backup(root, copy, quick=quick)
            assert done.copied == (0 if quick else done.bytes - first.bytes)
    assert [each.name for each in (copy / "rules").iterdir()] == ["new.toml"]
    assert (warc_files(copy), markdown(copy)) == (warc_files(root), markdown(root))
    assert findings(copy) == []
    whole(copy)


def test_rules_that_are_decided_about_meanwhile_are_those_of_the_catalogue(tmp_path: Path, make: Make) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    known, new = "rules/learned/a-0a1b2c3d.toml", "rules/learned/b-0a1b2c3d.toml"
    with Collection.open(root) as collection:
        collection.add([make(1)])
        collection.change_file(known, lambda _: b"# proposed\n")
        decided: list[str] = []

        def decide_once(size: int) -> None:  # called between the copy of the catalogue and that of the rules
            for file in {known, new} - set(decided):
                decided.append(file)
                collection.change_file(file, lambda _: b"# approved\n")

        backup(root, copy, watch=decide_once)
        assert sorted(decided) == [known, new]
        assert list(check_beside(copy)) == []
        assert ((copy / known).read_text(), (copy / new).exists()) == ("# proposed\n", False)
        backup(root, copy)
        assert list(check_beside(copy)) == []
        assert {(copy / file).read_text() for file in decided} == {"# approved\n"}


def test_a_backup_can_be_gone_on_with(tmp_path: Path, make: Make, whole: Whole) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with Collection.open(root) as collection:
        collection.add([make(1)])
    backup(root, copy)
    shutil.rmtree(root)
    shutil.copytree(copy, root)
    with Collection.open(root) as collection:
        assert [each.status for each in collection.add([make(1), make(2)])] == ["unchanged", "added"]
    assert backup(root, copy).captures == 2
    whole(copy)


def test_what_is_no_backup_of_this_is_refused_and_stays(tmp_path: Path, make: Make) -> None:
    root, other, copy = tmp_path / "c", tmp_path / "other", tmp_path / "copy"
    for number, path in enumerate((root, other)):
        with Collection.open(path) as collection:
            collection.add([make(number)])
    backup(root, copy)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter.txt").write_text("Dear")
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    for source, target in ((other, copy), (root, other), (root, tmp_path / "folder"), (root, root), (root, root / "x")):
        with pytest.raises(AlreadyThere) as raised:
            backup(source, target)
        assert raised.value.hint
    with Collection.open(copy) as collection:  # somebody went on with the backup: it is newer
        collection.add([make(5)])
    with pytest.raises(AlreadyThere, match="later moment"):
        backup(root, copy)
    after = {each: each.read_bytes() for each in before if copy not in each.parents and "sqlite" not in each.name}
    assert after == {each: before[each] for each in after}


def test_a_changed_byte_in_an_older_backup_is_found(tmp_path: Path, make: Make) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with Collection.open(root) as collection:
        collection.add([make(1)])
    backup(root, copy)
    (path,) = (copy / "derived").iterdir()
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(AlreadyThere, match="damaged"):
        backup(root, copy)


def test_a_collection_whose_files_differ_does_not_replace_its_backup(tmp_path: Path, make: Make) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with Collection.open(root) as collection:
        collection.add([make(1)])
        backup(root, copy)
        collection.add([make(2)])
    (path,) = (root / "warc").iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(FilesDiffer):
        backup(root, copy)
    assert findings(copy) == []


def test_two_backups_at_once_into_one_folder(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path / "c") as collection:
        collection.add([make(1)])
    backup(tmp_path / "c", tmp_path / "copy")
    with held(tmp_path / "copy" / ".backup.lock") as is_ours:
        assert is_ours
        with pytest.raises(Busy):
            backup(tmp_path / "c", tmp_path / "copy")


def test_backups_while_another_process_writes(
    tmp_path: Path, adder: list[str], environment: dict[str, str], whole: Whole
) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    Collection.open(root).close()
    command = [*adder, str(root), "0", "240", "4"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        reported: set[str] = set()
        for _ in range(6):
            reported |= {process.stdout.readline().split()[0] for _ in range(30)}
            backup(root, copy)
            assert names(copy) >= reported
            assert findings(copy) == []
        process.communicate()
    backup(root, copy)
    assert len(whole(copy)["texts"]) == 240


STEPS = {
    "catalogue": "connection.Catalogue.copy_to = die",
    "compare": "backup._require_same = die",
    "first": "backup._grow = die",
    "append": "backup.os.fsync = die",
    "lines": "backup._copy_lines = die",
    "replace": "backup._replace_catalogue = die",
    "rest": "backup._copy_rest = die",
    "markdown": "markdown._write = die",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("older", [True, False])
def test_death_during_a_backup(
    tmp_path: Path, make: Make, environment: dict[str, str], whole: Whole, step: str, older: bool
) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with Collection.open(root) as collection:
        collection.add([make(1), make(2)])
    decide(root, "one")
    kept, texts = [], {}
    if older:
        backup(root, copy)
        kept, texts = records(copy), markdown(copy)
    with Collection.open(root) as collection:
        collection.add([make(3), make(1, clean="新的\n", ruleset="1" * 64)])
    decide(root, "two")
    script = f"""
import os
from pathlib import Path
from archive.catalogue import connection
from archive.collection import markdown
from archive.maintenance import backup
def die(*_, **__): os._exit(9)
{STEPS[step]}
backup.backup(Path({str(root)!r}), Path({str(copy)!r}))
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 9
    if older:  # it is usable as it is
        aside = tmp_path / "aside"
        shutil.copytree(copy, aside)
        assert set(records(aside)) >= set(kept)
        assert set(findings(aside)) <= {"not-indexed", "tail", "markdown-due", "leftover", "catalogue-differs"}
        whole(aside)
        assert names(aside) >= {"001.txt", "002.txt"}
        assert set(markdown(aside)) >= set(texts)
        decisions = (aside / "decisions.jsonl").read_text().splitlines()
        assert "one" in {json.loads(line)["note"] for line in decisions}
    assert backup(root, copy).captures == 3
    assert (warc_files(copy), markdown(copy)) == (warc_files(root), markdown(root))
    assert findings(copy) == []
    with Collection.open(copy) as collection:
        assert catalogue_of(collection).one("SELECT count(*) FROM decision") == (2,)
