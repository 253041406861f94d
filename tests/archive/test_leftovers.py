"""Temporary files: those of a process that lives are left alone, those of a dead one are its collection's."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.collection.collection import Collection, Snapshot
from archive.maintenance.check_texts import DerivedCheck
from archive.maintenance.repair import repair
from archive.storage import leftovers, try_lock
from clean.rules import built_in

Make = Callable[..., Snapshot]

WORKER = """
import sys
from pathlib import Path
from archive.collection.collection import Collection
from capture.spool import Spool
from archive.storage import try_lock
collection = Collection.open(sys.argv[1])
spool = Spool(in_memory=10)
spool.write(b"x" * 100)
part = open(Path(sys.argv[1], ".review.toml.0123456789ab.part"), "wb")
try_lock(part.fileno())
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def worker(root: Path, environment: dict[str, str], *around: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that works for a collection and has temporary files."""
    process = subprocess.Popen(
        [*around, sys.executable, "-c", WORKER, str(root)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Path:
    """Give a folder for temporary files, here and in other processes."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    environment["TMPDIR"] = str(folder)
    return folder


def found(root: Path) -> set[str]:
    with DerivedCheck(root) as derived:
        return {Path(each.file).name.partition("-")[0] for each in derived.files() if each.code == "leftover"}


def test_files_of_a_process_are_left_alone_until_it_is_dead(
    tmp_path: Path, make: Make, environment: dict[str, str], temporary: Path
) -> None:
    root, other = tmp_path / "c", tmp_path / "other"
    for path in (root, other):
        with Collection.open(path) as collection:
            collection.add([make(1)])
    with worker(root, environment) as process:
        before = sorted(each.name for each in temporary.iterdir())
        assert [each.split("-")[1] for each in before] == ["exchange", "owner"]
        for path in (root, other):
            assert found(path) == set()
            assert repair(path, [], built_in()).removed == 0
        assert sorted(each.name for each in temporary.iterdir()) == before
        assert (root / ".review.toml.0123456789ab.part").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (found(other), repair(other, [], built_in()).removed) == (set(), 0)
    assert found(root) == {"xuanzhi", ".review.toml.0123456789ab.part"}
    assert repair(root, [], built_in()).removed == 3
    assert (list(temporary.iterdir()), list(leftovers(root, writers=False))) == ([], [])


def test_another_container_on_the_machine(tmp_path: Path, environment: dict[str, str], temporary: Path) -> None:
    around = ["unshare", "-pf", "--mount-proc"]
    if not shutil.which("unshare") or subprocess.run([*around, "true"], capture_output=True, check=False).returncode:
        pytest.skip("process namespaces are not allowed here")
    root = tmp_path / "c"
    Collection.open(root).close()
    with worker(root, environment, *around):
        before = sorted(temporary.iterdir())
        assert len(before) == 2
        assert list(leftovers(root)) == []  # its number means nothing here
        assert sorted(temporary.iterdir()) == before
    # Killed, the outer process has taken the inner one with it, or left it alone: then it lives.


def test_a_process_that_ends_by_itself_leaves_nothing(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    with worker(tmp_path / "c", environment) as process:
        process.communicate("")
        assert process.returncode == 0
    assert list(temporary.iterdir()) == []


def test_what_is_written_under_the_lock_is_told_when_nobody_holds_it(tmp_path: Path, make: Make) -> None:
    with Collection.open(tmp_path) as collection:
        (added,) = collection.add([make(1)])
    assert added.markdown
    part = (tmp_path / added.markdown).with_name(".x.md.part")
    part.write_text("half")
    assert list(leftovers(tmp_path)) == []
    assert found(tmp_path) == {".x.md.part"}
    assert repair(tmp_path, [], built_in()).removed == 1
    assert not part.exists()


def test_a_file_has_one_holder(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as first, (tmp_path / "x").open("rb") as second:
        assert try_lock(first.fileno())
        assert not try_lock(second.fileno())
