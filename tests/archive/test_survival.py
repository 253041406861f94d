"""What a collection survives: killed processes, full disks, two processes at once, forbidden folders."""

import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from visitor import visit

from archive import storage
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.errors import (
    ArchiveError,
    Damaged,
    DiskFull,
    FilesDiffer,
    NewerSchema,
    NotACatalogue,
    NotWritable,
    Replaced,
)
from archive.maintenance.check import verify_collection
from archive.maintenance.rebuild import reindex
from archive.warc import writer

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]
Write = Callable[[int, memoryview], int]


class Disk:
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, file: int, data: memoryview) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = os.write(file, data[: self.room])
        self.room -= written
        return written


def test_two_processes_fill_one_collection(
    tmp_path: Path, adder: list[str], environment: dict[str, str], whole: Whole
) -> None:
    # From an empty folder, so that both also create it; 50 snapshots are the same for both.
    folder = tmp_path / "c"
    both = [
        subprocess.Popen([*adder, str(folder), first, "200", "7"], env=environment, stdout=subprocess.PIPE)
        for first in ("0", "150")
    ]
    said = [each.communicate(timeout=120)[0].decode().split("\n") for each in both]
    assert [each.returncode for each in both] == [0, 0]
    kept = whole(folder)
    assert len(kept["texts"]) == 350
    assert sum(each.type == "resource" for each in kept["warc"]) == 350
    assert sum(line.endswith(" added") for lines in said for line in lines) == 350
    assert sum(line.endswith(" unchanged") for lines in said for line in lines) == 50


def test_a_process_killed_at_any_moment_loses_nothing_it_reported(
    tmp_path: Path, adder: list[str], environment: dict[str, str], whole: Whole
) -> None:
    folder = tmp_path / "c"
    reported: set[str] = set()
    for turn in range(20):
        command = [*adder, str(folder), str(turn * 40), "40", "3"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            # Killed after another number of reports each turn: in the middle of some later batch.
            said = [process.stdout.readline() for _ in range(turn * 2 % 37)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout
        reported |= {line.split()[0] for line in said if line.endswith("added\n")}
        if turn % 4 == 3:  # also several deaths in a row without anybody looking in between
            kept = whole(folder)
            assert {each["file_name"] for each in kept["tables"]["capture"]} >= reported
    assert reported


@pytest.mark.parametrize("step", ["append", "source", "text", "markdown", "rename"])
def test_death_at_each_step_of_a_commit(
    tmp_path: Path, make: Make, whole: Whole, step: str, environment: dict[str, str]
) -> None:
    with Collection.open(tmp_path) as collection:
        collection.add([make(1)])
    # The dying process is real: what it holds in memory and its locks are gone, what it wrote is not.
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import adder
from visitor import visit

from archive import storage
from archive.collection.collection import Collection
from archive.warc import writer
fsync, synced = os.fsync, []
def die(*_): os._exit(9)
def second(file): synced.append(file); fsync(file) if len(synced) == 1 else die()
def half(file, data):
    os.write(file, data[: len(data) // 2]); os._exit(9)
step = {step!r}
with Collection.open({str(tmp_path)!r}) as collection:
    if step == "append": writer._write = half
    if step == "source": writer.os.fsync = die
    if step == "text": writer.os.fsync = second
    if step == "markdown": storage._write = half
    if step == "rename": type(collection.path).replace = die
    collection.add([adder.snapshot(2)])
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 9
    kept = whole(tmp_path)  # opens, and so heals
    # What was written whole is kept, whether it was reported or not: no record is ever cut off. A text is written when
    # its source is on the disk, and not before.
    assert len(kept["tables"]["capture"]) == (1 if step == "append" else 2)
    assert len(kept["texts"]) == (1 if step in {"append", "source"} else 2)
    assert (tmp_path / "quarantine").exists() == (step == "append")
    with Collection.open(tmp_path) as collection:
        (added,) = collection.add([make(2)])
        assert added.status == {"append": "added", "source": "recleaned"}.get(step, "unchanged")
    assert len(whole(tmp_path)["texts"]) == 2


def test_a_disk_that_runs_full_at_any_byte(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(0)])
        seen = set()
        for room in range(0, 100_000, 150):
            disk = Disk(room)
            monkeypatch.setattr(writer, "_write", disk.write)
            monkeypatch.setattr(storage, "_write", disk.write)
            with suppress(DiskFull):
                collection.add([make(1), make(2)])
                break
            monkeypatch.undo()
            # Nothing half-written stays, even before anybody opens the collection again.
            assert not list(tmp_path.rglob("*.part"))
            for folder in ("warc", "derived"):
                row = catalogue_of(collection).current_file(folder)
                assert row
                assert (tmp_path / folder / row.name).stat().st_size == row.committed_length
            seen.add(catalogue_of(collection).one("SELECT count(*) FROM capture")[0])
    monkeypatch.undo()
    assert seen == {1, 3}  # full while the records were written, and full at the Markdown files
    assert len(whole(tmp_path)["texts"]) == 3


def test_killed_while_visits_are_kept_nothing_reported_is_lost(
    tmp_path: Path, visitor: list[str], environment: dict[str, str], whole: Whole
) -> None:
    folder = tmp_path / "c"
    reported: set[str] = set()
    for turn in range(16):
        command = [*visitor, str(folder), str(turn * 30), "30", "3"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            said = [process.stdout.readline() for _ in range(turn * 2 % 27)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout
        reported |= {line.split()[0] for line in said if line.endswith("added\n")}
        if turn % 4 == 3:
            kept = whole(folder)
            assert {each["url"] for each in kept["tables"]["capture"]} >= reported
    assert reported
    assert list(verify_collection(folder)) == []


def test_a_disk_that_runs_full_at_any_byte_of_a_visit(
    tmp_path: Path, opened: Opened, whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(0)])
        seen = set()
        for room in range(0, 100_000, 150):
            disk = Disk(room)
            monkeypatch.setattr(writer, "_write", disk.write)
            monkeypatch.setattr(storage, "_write", disk.write)
            with suppress(DiskFull):
                collection.keep([visit(1, text="长" * 300)])
                break
            monkeypatch.undo()
            for folder in ("warc", "derived"):
                row = catalogue_of(collection).current_file(folder)
                assert row
                assert (tmp_path / folder / row.name).stat().st_size == row.committed_length
            seen.add(catalogue_of(collection).one("SELECT count(*) FROM capture")[0])
    monkeypatch.undo()
    assert seen >= {1, 2}  # full while the records were written, and full at the Markdown file
    assert list(verify_collection(tmp_path)) == []
    whole(tmp_path)


@pytest.mark.parametrize("step", ["append", "commit", "markdown"])
def test_death_while_articles_become_one(
    tmp_path: Path, make: Make, whole: Whole, step: str, environment: dict[str, str]
) -> None:
    short = "https://mp.weixin.qq.com/s/AbCdEfGh"
    with Collection.open(tmp_path) as collection:
        collection.add([make(1), make(1, url=short, title="短")])
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import visitor
from archive import storage
from archive.collection import markdown
from archive.warc import writer
from archive.collection.collection import Collection
def die(*_): os._exit(9)
step = {step!r}
with Collection.open({str(tmp_path)!r}) as collection:
    if step == "append": writer._write = die
    if step == "commit": writer.os.fsync = die
    if step == "markdown": markdown._remove = die
    long = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc"
    collection.keep([visitor.visit(1, url={short!r}, cleaned=visitor.cleaned("再\\n", url=long))])
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 9
    kept = whole(tmp_path)
    assert len(kept["texts"]) == len(list((tmp_path / "markdown").rglob("*.md"))) == (2 if step == "append" else 1)


def test_a_full_disk_is_named_with_the_next_step(
    tmp_path: Path, make: Make, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_write", Disk(100).write)
    with opened(tmp_path) as collection, pytest.raises(DiskFull, match=r"warc\.gz: No space left") as caught:
        collection.add([make(1)])
    assert caught.value.code == "disk-full"
    assert "Make room" in caught.value.hint


def test_a_limit_of_file_size_is_a_full_disk(
    tmp_path: Path, adder: list[str], environment: dict[str, str], whole: Whole
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    folder = tmp_path / "c"
    process = subprocess.run(
        [*adder, str(folder), "0", "3000", "20"], env=environment, capture_output=True, text=True,
        check=False, preexec_fn=limit,
    )  # fmt: skip
    assert process.returncode == 1
    assert "DiskFull" in process.stderr
    kept = whole(folder)
    added = {line.split()[0] for line in process.stdout.splitlines() if line.endswith("added")}
    assert added
    assert {each["file_name"] for each in kept["tables"]["capture"]} >= added


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir(mode=0o555)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:  # permissions do not bind root, so root becomes somebody else; in a process that then ends
        try:
            os.chdir(folder)
            if os.geteuid() == 0:
                os.setuid(65534)
            Collection.open(".")
        except NotWritable as error:
            os.write(writing, f"{error} {error.hint}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert "cannot write to" in said
    assert "Choose another folder" in said
    assert list(folder.iterdir()) == []


def test_below_the_floor_nothing_is_begun(tmp_path: Path, make: Make, whole: Whole) -> None:
    room = [10**12]
    with Collection.open(tmp_path, free=lambda _: room[0]) as collection:
        collection.add([make(1)])
        before = {each: each.stat().st_size for each in tmp_path.rglob("*.warc.gz")}
        room[0] = writer.FLOOR
        with pytest.raises(DiskFull, match="67 MB are kept free"):
            collection.add([make(2)])
        assert {each: each.stat().st_size for each in tmp_path.rglob("*.warc.gz")} == before
        collection.add([make(1)])  # adds nothing, and so needs nothing
        room[0] = 10**12
        collection.add([make(2)])
    assert len(whole(tmp_path)["texts"]) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 2 MB, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path, make: Make, whole: Whole) -> None:
    folder, kept = small_disk / "c", 0
    with Collection.open(folder, free=lambda _: 10**12) as collection:
        while True:
            try:
                collection.add([make(kept, body=f"{os.urandom(3000).hex()}\n")])
            except DiskFull:
                break
            kept += 1
    (small_disk / "c" / "warc" / "note").write_bytes(b"")  # a name still fits
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    (small_disk / "c" / "warc" / "note").unlink()
    assert len(whole(folder)["texts"]) in {kept, kept + 1}  # the last may have lacked room for its Markdown alone
    assert list(verify_collection(folder)) == []


def test_a_disk_that_may_only_be_read(small_disk: Path, make: Make) -> None:
    with Collection.open(small_disk / "c", free=lambda _: 10**12) as collection:
        collection.add([make(1)])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(NotWritable), Collection.open(small_disk / "c") as collection:
        collection.add([make(2)])


def test_a_clock_that_jumps_back_changes_neither_names_nor_order(tmp_path: Path, make: Make, whole: Whole) -> None:
    moments = iter([datetime(2026, 5, 1, tzinfo=UTC), *[datetime(2020, 1, 1, tzinfo=UTC)] * 99])
    now = [next(moments)]
    for number in range(4):
        with Collection.open(tmp_path, clock=lambda: now[0], limit=500) as collection:
            collection.add([make(number)])
        now[0] = next(moments)
    names = sorted(each.name for each in (tmp_path / "warc").iterdir())
    assert [name.split("-")[1][:4] for name in names] == ["2020", "2020", "2020", "2026"]
    assert sorted(name.split("-")[2][:5] for name in names) == ["00001", "00002", "00003", "00004"]
    rows = whole(tmp_path)["tables"]["capture"]
    assert [each["file_name"] for each in rows] == ["000.txt", "001.txt", "002.txt", "003.txt"]


def test_a_catalogue_that_says_too_little_is_committed_cuts_nothing_off(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path) as collection:
        collection.add([make(1)])
    (file,) = (tmp_path / "warc").iterdir()
    before = file.read_bytes()
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as index:
        index.execute("UPDATE file SET committed_length = committed_length - 300")
    index.close()
    with pytest.raises(FilesDiffer, match="its last record ends at"):
        Collection.open(tmp_path)
    assert file.read_bytes() == before
    assert not (tmp_path / "quarantine").exists()
    reindex(tmp_path)
    with Collection.open(tmp_path) as collection:
        assert [each.status for each in collection.add([make(1), make(2)])] == ["unchanged", "added"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"no database at all" * 100, Damaged),
        (b"SQLite format 3\x00" + bytes(84), Damaged),
        ("CREATE TABLE song (title TEXT)", NotACatalogue),
        ("CREATE TABLE song (title TEXT); PRAGMA user_version = 2", NotACatalogue),
        ("PRAGMA user_version = 99", NewerSchema),
    ],
)
def test_a_database_that_is_not_ours_is_named(
    tmp_path: Path, make: Make, content: bytes | str, error: type[ArchiveError]
) -> None:
    with Collection.open(tmp_path) as collection:
        collection.add([make(1)])
    file = tmp_path / "catalogue.sqlite"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        if "CREATE" in content:
            file.unlink()
        with closing(sqlite3.connect(file)) as index:
            index.executescript(content)
    before = file.read_bytes()
    with pytest.raises(error) as raised:
        Collection.open(tmp_path)
    assert raised.value.hint
    if error is not Damaged:  # somebody's own: it is not made anew in silence
        with pytest.raises(error):
            reindex(tmp_path)
        assert file.read_bytes() == before
        file.unlink()
    assert reindex(tmp_path).captures == 1


def test_who_waits_for_a_rebuild_sees_the_new_catalogue(tmp_path: Path, make: Make, whole: Whole) -> None:
    with Collection.open(tmp_path) as first, Collection.open(tmp_path) as second:
        first.add([make(1)])
        reindex(tmp_path)
        second.add([make(2)])
        first.add([make(3)])
    assert len(whole(tmp_path)["texts"]) == 3


def test_a_copy_that_was_put_in_its_place_is_not_written_over(tmp_path: Path, make: Make) -> None:
    file = tmp_path / "catalogue.sqlite"
    with Collection.open(tmp_path) as collection:
        collection.add([make(1)])
        copy = tmp_path / "copy"
        copy.write_bytes(file.read_bytes())
        copy.replace(file)
        with pytest.raises(Replaced):
            collection.add([make(2)])


def test_what_somebody_wrote_into_a_markdown_file_is_kept_beside(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path) as collection:
        (added,) = collection.add([make(1)])
        assert added.markdown
        (tmp_path / added.markdown).write_text("我的笔记\n")
        collection.add([make(1, clean="新的\n", ruleset="1" * 64)])
    assert (tmp_path / added.markdown).read_text() == "新的\n"
    assert (tmp_path / added.markdown).with_suffix(".edited.md").read_text() == "我的笔记\n"
