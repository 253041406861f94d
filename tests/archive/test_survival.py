"""What a collection survives: killed processes, full disks, two processes at once, forbidden folders."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from visitor import visit

from archive import files, writer
from archive.collection import Collection, Snapshot
from archive.errors import DiskFull, NotWritable
from archive.verify import verify_collection

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


@pytest.mark.parametrize("step", ["append", "commit", "markdown", "rename"])
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

from archive import files, writer
from archive.collection import Collection
def die(*_): os._exit(9)
def half(file, data):
    os.write(file, data[: len(data) // 2]); os._exit(9)
step = {step!r}
with Collection.open({str(tmp_path)!r}) as collection:
    if step == "append": writer._write = half
    if step == "commit": writer.os.fsync = die
    if step == "markdown": files._write = half
    if step == "rename": type(collection.path).replace = die
    collection.add([adder.snapshot(2)])
"""
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 9
    kept = whole(tmp_path)  # opens, and so heals
    assert len(kept["texts"]) == (1 if step in {"append", "commit"} else 2)
    with Collection.open(tmp_path) as collection:
        (added,) = collection.add([make(2)])
        assert added.status == ("added" if step in {"append", "commit"} else "unchanged")
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
            monkeypatch.setattr(files, "_write", disk.write)
            with suppress(DiskFull):
                collection.add([make(1), make(2)])
                break
            monkeypatch.undo()
            # Nothing half-written stays, even before anybody opens the collection again.
            assert not list(tmp_path.rglob("*.part"))
            for folder in ("warc", "derived"):
                row = collection.catalogue.current_file(folder)
                assert row
                assert (tmp_path / folder / row.name).stat().st_size == row.committed_length
            seen.add(collection.catalogue.one("SELECT count(*) FROM capture")[0])
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
            monkeypatch.setattr(files, "_write", disk.write)
            with suppress(DiskFull):
                collection.keep([visit(1, text="长" * 300)])
                break
            monkeypatch.undo()
            for folder in ("warc", "derived"):
                row = collection.catalogue.current_file(folder)
                assert row
                assert (tmp_path / folder / row.name).stat().st_size == row.committed_length
            seen.add(collection.catalogue.one("SELECT count(*) FROM capture")[0])
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
from archive import files, markdown, writer
from archive.collection import Collection
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
    assert len(kept["texts"]) == len(list((tmp_path / "markdown").rglob("*.md"))) == (1 if step == "markdown" else 2)


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
