"""Behind the committed end of WARC files: whole records are indexed, torn ones moved aside, nothing is lost."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_reindex import operate, operations
from visitor import visit

from archive.collection.collection import Collection, Snapshot, prepare
from archive.collection.reader import CollectionReader, catalogue_of
from archive.collection.recovery import Recovery
from archive.errors import ArchiveError, FilesDiffer
from archive.ingest.visit import prepare_visit
from archive.maintenance.check import verify_collection
from archive.maintenance.rebuild import reindex
from archive.maintenance.repair import repair
from archive.warc import reader
from clean.rules import built_in

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]


def names(root: Path) -> set[str]:
    """Return the files and addresses of all captures that are listed."""
    with CollectionReader.open(root) as collection:
        rows = catalogue_of(collection).execute("SELECT coalesce(nullif(file_name, ''), url) FROM capture")
        return {name for (name,) in rows}


def warc_files(root: Path) -> dict[str, bytes]:
    """Return every WARC file by its name."""
    return {each.name: each.read_bytes() for folder in ("warc", "derived") for each in (root / folder).iterdir()}


def records(root: Path) -> list[tuple[str, bytes]]:
    """Return the identifier and the block of every record in the files, also behind damage."""
    found = []
    for folder in ("warc", "derived"):
        for path in (root / folder).glob("*.warc.gz"):
            start: int | None = 0
            while start is not None:
                end = start
                try:
                    for stored in reader.iterate(path, start=start):
                        end = stored.offset + stored.length
                        found.append((stored.record.record_id, stored.record.block))
                    start = None
                except ArchiveError:
                    start = reader.next_member(path, end + 1)
    return sorted(found)


def put_back(root: Path, copy: Path) -> None:
    """Put an earlier catalogue in the place of the one that is there."""
    for tail in ("", "-wal", "-shm"):
        (root / f"catalogue.sqlite{tail}").unlink(missing_ok=True)
    shutil.copyfile(copy, root / "catalogue.sqlite")


@settings(max_examples=draws(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, st.integers(1, 3), st.integers(0, 9), st.lists(st.integers(0, 1000), max_size=6))
def test_indexing_what_is_new_gives_what_a_rebuild_gives(
    make: Make,
    whole: Whole,
    all_operations: list[tuple[str, str, str, int, str, bool]],
    batch: int,
    copy: int,
    cuts: list[int],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, copies = Path(folder) / "c", []
        with Collection.open(root, limit=20_000) as collection:
            for start in range(0, len(all_operations) + batch, batch):
                copies.append(Path(folder) / f"catalogue{start}")
                catalogue_of(collection).copy_to(copies[-1])
                items = [operate(collection, make, one) for one in all_operations[start : start + batch]]
                context = collection.context()
                collection.commit(
                    [
                        prepare(each, context) if isinstance(each, Snapshot) else prepare_visit(each, context)
                        for each in items
                    ]
                )
        before = records(root)
        put_back(root, copies[copy % len(copies)])
        # As if the last batch had been torn by the death of its process, in one of the files or in both.
        with CollectionReader.open(root) as known:
            ends = dict(catalogue_of(known).execute("SELECT name, committed_length FROM file").fetchall())
        files = sorted((*(root / "warc").iterdir(), *(root / "derived").iterdir()))
        for each, share in zip(files, cuts, strict=False):
            end, size = ends.get(each.name, 0), each.stat().st_size
            os.truncate(each, end + (size - end) * share // 1000)
        there = records(root)
        assert set(there) <= set(before)
        told: list[Recovery] = []
        Collection.open(root, told=told.append).close()
        if not told or not (told[-1].captures or told[-1].lost):
            # Nothing in the files says that a later text was there. Only its Markdown file has it.
            findings = list(verify_collection(root))
            assert {each.code for each in findings} <= {"markdown-changed", "dangling", "torn-record"}
            repair(root, findings, built_in())
        whole(root)  # opens it, and compares its catalogue with a rebuilt one
        assert records(root) == there
        assert not {each.code for each in verify_collection(root)} & {"tail", "not-indexed", "not-there", "short-file"}


def test_a_catalogue_from_before_loses_nothing(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root) as collection:
        collection.add([make(1)])
        catalogue_of(collection).copy_to(copy)
        collection.add([make(2), make(3)])
        collection.keep([visit(1)])
    files, all_names = warc_files(root), names(root)
    put_back(root, copy)
    assert len(names(root)) == 1
    told: list[Recovery] = []
    with opened(root, told=told.append) as collection:
        (added,) = collection.add([make(2)])
    assert added.status == "unchanged"
    assert [(each.captures, each.lost, each.quarantined) for each in told] == [(3, 0, ())]
    assert (warc_files(root), names(root)) == (files, all_names)
    whole(root)


def test_files_that_are_begun_after_the_copy_are_indexed(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root, limit=900) as collection:
        collection.add([make(0)])
        catalogue_of(collection).copy_to(copy)
        for number in range(1, 6):
            collection.add([make(number)])
    files, all_names = warc_files(root), names(root)
    assert len(files) > 6
    put_back(root, copy)
    opened(root).close()
    assert (warc_files(root), names(root)) == (files, all_names)
    whole(root)


def test_somebody_elses_file_in_the_folder_stays_as_it_is(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path) as collection:
        collection.add([make(1)])
    foreign = tmp_path / "warc" / "crawl-2020.warc.gz"
    foreign.write_bytes(next((tmp_path / "warc").iterdir()).read_bytes() + b"torn")
    before = foreign.read_bytes()
    with Collection.open(tmp_path) as collection:
        collection.add([make(2)])
    assert foreign.read_bytes() == before
    assert len(names(tmp_path)) == 2
    assert {each.code for each in verify_collection(tmp_path)} >= {"unknown-file"}


@pytest.mark.parametrize("garbage", [b"x", bytes(3000), gzip.compress(b"no record", mtime=0), b"\x1f\x8b\x08" * 400])
def test_records_behind_bytes_that_are_none_are_kept(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, garbage: bytes
) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root) as collection:
        collection.add([make(1)])
        catalogue_of(collection).copy_to(copy)
        end = {each.name: each.stat().st_size for folder in ("warc", "derived") for each in (root / folder).iterdir()}
        collection.add([make(2)])
        middle = {
            each.name: each.stat().st_size for folder in ("warc", "derived") for each in (root / folder).iterdir()
        }
        collection.add([make(3)])
    files, all_names = warc_files(root), names(root)
    for folder in ("warc", "derived"):
        for path in (root / folder).iterdir():
            data = files[path.name]
            first, second, third = (
                data[: end[path.name]],
                data[end[path.name] : middle[path.name]],
                data[middle[path.name] :],
            )
            path.write_bytes(first + garbage + second + garbage + third + garbage)
    put_back(root, copy)
    found = [each.code for each in verify_collection(root)]
    assert found == ["not-indexed", "tail", "tail", "tail"] * 2
    with opened(root) as collection:
        assert [each.status for each in collection.add([make(2), make(3)])] == ["unchanged", "unchanged"]
    assert (warc_files(root), names(root)) == (files, all_names)
    assert [each.read_bytes() for each in (root / "quarantine").iterdir()] == [garbage] * 6
    whole(root)
    assert list(verify_collection(root)) == []


def test_records_that_are_there_twice_count_once(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
    for folder in ("warc", "derived"):
        (path,) = (tmp_path / folder).iterdir()
        path.write_bytes(path.read_bytes() * 2)
    files = warc_files(tmp_path)
    told: list[Recovery] = []
    with opened(tmp_path, told=told.append) as collection:
        collection.add([make(1)])
    assert warc_files(tmp_path) == files
    assert len(names(tmp_path)) == 1
    with opened(tmp_path, told=told.append) as collection:  # it is settled once
        collection.add([make(2)])
    assert len(told) == 1
    assert len(names(tmp_path)) == 2
    assert reindex(tmp_path).captures == 2
    assert {each.code for each in verify_collection(tmp_path)} == {"same-id"}


@pytest.mark.parametrize("how", ["shorter", "gone", "older"])
@pytest.mark.parametrize("folder", ["warc", "derived"])
def test_files_older_than_the_catalogue_stop_whoever_writes(
    tmp_path: Path, make: Make, opened: Opened, folder: str, how: str
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        (path,) = (tmp_path / folder).iterdir()
        older = path.read_bytes()
        collection.add([make(2)])
    newer = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(older if how == "older" else newer[:-1])
    files = warc_files(tmp_path)
    with pytest.raises(FilesDiffer) as raised:
        opened(tmp_path)
    assert (raised.value.code, "archive reindex" in raised.value.hint) == ("files-differ", True)
    assert (warc_files(tmp_path), len(names(tmp_path))) == (files, 2)
    assert {each.code for each in verify_collection(tmp_path)} & {"short-file", "missing-file"}
    path.write_bytes(newer)
    with opened(tmp_path) as collection:
        assert collection.add([make(3)])[0].status == "added"


def test_a_file_of_another_history_stops_whoever_writes(tmp_path: Path, make: Make, opened: Opened) -> None:
    # Both went on from the same copy, each with captures of its own.
    first, second = tmp_path / "a", tmp_path / "b"
    with opened(first) as collection:
        collection.add([make(1)])
    shutil.copytree(first, second)
    with opened(first) as collection:
        collection.add([make(2, body="甲" * 20)])
    with opened(second) as collection:
        collection.add([make(number, body=f"{number}" * 400) for number in range(3, 9)])
    for folder in ("warc", "derived"):
        (path,) = (second / folder).iterdir()
        shutil.copyfile(path, first / folder / path.name)
    files = warc_files(first)
    with pytest.raises(FilesDiffer, match="is not the file that the catalogue knows"):
        opened(first)
    assert warc_files(first) == files
    assert not (first / "quarantine").exists()
    assert reindex(first).captures == 7  # a person decides for the files


def test_damage_in_the_committed_part_does_not_keep_new_records_out(tmp_path: Path, make: Make, opened: Opened) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root) as collection:
        collection.add([make(1)])
        collection.add([make(2)])
        catalogue_of(collection).copy_to(copy)
        collection.add([make(3)])
    (path,) = (root / "warc").iterdir()
    data = bytearray(path.read_bytes())
    data[700] ^= 0xFF
    path.write_bytes(data)
    put_back(root, copy)
    opened(root).close()
    assert len(names(root)) == 3  # and what was damaged is still known
    assert path.read_bytes() == data


def test_texts_that_come_back_later_are_found(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    """The capture files are of a later moment than the others, which are restored after somebody wrote."""
    root, older = tmp_path / "c", tmp_path / "older"
    with opened(root) as collection:
        collection.add([make(1)])
        shutil.copytree(root, older)
        catalogue_of(collection).copy_to(older / "catalogue.sqlite")
        collection.add([make(2)])
        collection.keep([visit(1)])
    newest = warc_files(root)
    for tail in ("-wal", "-shm"):
        (older / f"catalogue.sqlite{tail}").unlink(missing_ok=True)
    (warc,) = (older / "warc").iterdir()
    (derived,) = (older / "derived").iterdir()
    warc.write_bytes(newest[warc.name])
    told: list[Recovery] = []
    opened(older, told=told.append).close()
    assert [(each.captures, each.lost) for each in told] == [(2, 2)]
    assert len(names(older)) == 3
    whole(older)
    derived.write_bytes(newest[derived.name])
    opened(older, told=told.append).close()
    assert told[-1].lost == 0
    kept = whole(older)
    assert {each["state"] for each in kept["tables"]["capture"]} == {"live"}
    assert len(kept["texts"]) == 3


@pytest.mark.parametrize("step", ["copy", "sync", "truncate", "index", "commit"])
def test_death_during_recovery(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, environment: dict[str, str], step: str
) -> None:
    root, copy = tmp_path / "c", tmp_path / "copy"
    with opened(root) as collection:
        collection.add([make(1)])
        catalogue_of(collection).copy_to(copy)
        collection.add([make(2), make(3)])
    files, all_names = warc_files(root), names(root)
    for folder in ("warc", "derived"):
        with next((root / folder).iterdir()).open("ab") as file:
            file.write(b"torn" * 9)
    put_back(root, copy)
    script = f"""
import os
from archive.collection import rebuild, recovery
from archive.collection.collection import Collection
def die(*_, **__): os._exit(9)
step = {step!r}
if step == "copy": recovery.read_range = die
if step == "sync": recovery.sync_folder = die
if step == "truncate": recovery.os.truncate = die
if step == "index": rebuild._Replay.name_files = die
if step == "commit": recovery.Recovery = die
Collection.open({str(root)!r})
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 9
    opened(root).close()
    assert (warc_files(root), names(root)) == (files, all_names)
    assert {each.read_bytes() for each in (root / "quarantine").glob("x*")} == {b"torn" * 9}
    whole(root)


def test_a_batch_that_fails_takes_back_only_what_is_its_own(
    tmp_path: Path, make: Make, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        before = warc_files(tmp_path)
        monkeypatch.setattr(collection, "_take_batch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            collection.add([make(2)])
        monkeypatch.undo()
        assert warc_files(tmp_path) == before
        # Another process wrote a batch whole and died before it committed it; then ours fails.
        with opened(tmp_path) as other:
            other.add([make(3)])
        after = warc_files(tmp_path)
        monkeypatch.setattr(collection, "_take_batch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            collection.add([make(2)])
        assert warc_files(tmp_path) == after


def test_a_session_that_goes_on_beside_a_process_that_is_killed(
    tmp_path: Path, make: Make, adder: list[str], environment: dict[str, str], whole: Whole
) -> None:
    root = tmp_path / "c"
    reported: set[str] = set()
    with Collection.open(root) as collection:
        for turn in range(6):
            command = [*adder, str(root), str(100 + turn * 40), "40", "3"]
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout
                said = [process.stdout.readline() for _ in range(turn * 5 % 17)]
                process.send_signal(signal.SIGKILL)
                said += process.stdout
            reported |= {line.split()[0] for line in said if line.endswith("added\n")}
            (added,) = collection.add([make(turn)])
            assert added.status == "added"
            reported.add(added.name)
    kept = whole(root)
    assert {each["file_name"] for each in kept["tables"]["capture"]} >= reported
