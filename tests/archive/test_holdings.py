"""Looking at a collection leaves no trace, asks for no permission, and shows what is committed."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalogue.schema import SCHEMA_VERSION
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import CollectionReader, catalogue_of
from archive.errors import (
    ArchiveError,
    BadConfig,
    Busy,
    Damaged,
    NewerSchema,
    NoCatalogue,
    NotACatalogue,
    NotACollection,
    NotWritable,
)
from archive.maintenance.rebuild import reindex

Make = Callable[..., Snapshot]

ROOT = Path(__file__).parents[2]


def state(path: Path) -> dict[str, Any]:
    """Return all files with what they hold and when they were written."""
    return {
        str(each.relative_to(path)): (each.read_bytes(), each.stat().st_mtime_ns)
        for each in sorted(path.rglob("*"))
        if each.is_file() and not each.name.endswith("-shm")  # holds locks, nothing that lasts
    }


def titles(holdings: CollectionReader) -> list[str]:
    return [row[0] for row in catalogue_of(holdings).execute("SELECT title FROM article ORDER BY id")]


@pytest.fixture
def path(tmp_path: Path, make: Make) -> Path:
    with Collection.open(tmp_path / "c") as collection:
        collection.add([make(1), make(2)])
    return tmp_path / "c"


def test_a_look_leaves_no_trace(path: Path) -> None:
    before = state(path)
    with CollectionReader.open(path) as holdings:
        assert titles(holdings) == ["题目1", "题目2"]
        assert "第1篇" in holdings.record_at(catalogue_of(holdings).one("SELECT record FROM version")[0]).block.decode()
    assert state(path) == before


def test_a_look_never_heals(path: Path) -> None:
    (file,) = (path / "warc").iterdir()
    with file.open("ab") as stream:
        stream.write(b"torn")
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as index:
        index.execute("UPDATE article SET pending = 1")
        index.commit()
    shutil.rmtree(path / "markdown")
    before = state(path)
    with CollectionReader.open(path) as holdings:
        assert titles(holdings) == ["题目1", "题目2"]
    assert state(path) == before


def test_nothing_can_be_written(path: Path) -> None:
    with CollectionReader.open(path) as holdings, pytest.raises(NotWritable), catalogue_of(holdings).transaction():
        catalogue_of(holdings).execute("DELETE FROM event")


def test_a_look_shows_what_is_committed_and_one_moment_of_it(path: Path, make: Make) -> None:
    with Collection.open(path) as writer:
        writer.add([make(3)])
        with CollectionReader.open(path) as first:
            assert len(titles(first)) == 3
            with catalogue_of(writer).transaction():
                catalogue_of(writer).execute("UPDATE article SET title = '未定'")
                with CollectionReader.open(path, timeout=0) as second:  # waits for nobody
                    assert titles(second) == ["题目1", "题目2", "题目3"]
            writer.add([make(4)])  # and nobody waits for it
            assert titles(first) == ["题目1", "题目2", "题目3"]
        with CollectionReader.open(path) as third:
            assert titles(third) == ["未定", "未定", "未定", "题目4"]


def test_a_writer_that_comes_while_nobody_wrote_disturbs_nobody(path: Path, make: Make) -> None:
    with CollectionReader.open(path) as holdings:
        with Collection.open(path) as collection:
            collection.add([make(3)])
        assert titles(holdings) == ["题目1", "题目2"]


def test_a_writer_that_comes_while_there_was_no_log_is_told(path: Path, make: Make) -> None:
    (path / "catalogue.sqlite").unlink()
    reindex(path)
    holdings = CollectionReader.open(path)
    assert len(titles(holdings)) == 2
    with Collection.open(path) as collection:
        collection.add([make(3)])
    with pytest.raises(Busy, match="while it was read"), holdings:
        pass


def test_a_catalogue_that_is_made_again_meanwhile_disturbs_nobody(path: Path) -> None:
    with CollectionReader.open(path) as holdings:
        reindex(path)
        assert len(titles(holdings)) == 2


def test_a_rebuilt_catalogue_is_read_while_it_is_written_to(path: Path, make: Make) -> None:
    reindex(path)
    with Collection.open(path) as writer, catalogue_of(writer).transaction():
        catalogue_of(writer).execute("UPDATE article SET title = '未定'")
        with CollectionReader.open(path, timeout=0) as holdings:
            assert titles(holdings) == ["题目1", "题目2"]


@pytest.fixture
def medium() -> Iterator[Path]:
    """Give a folder that everybody may enter, not only the user of these tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "medium"


@pytest.mark.parametrize("left", ["", "-wal", "-wal -shm"])
def test_a_copy_of_a_collection_in_use_on_a_read_only_medium(path: Path, medium: Path, make: Make, left: str) -> None:
    with Collection.open(path) as writer:
        writer.add([make(3)])
        shutil.copytree(path, medium)  # the third article is in the log alone
    for tail in {"-wal", "-shm"} - set(left.split()):
        (medium / f"catalogue.sqlite{tail}").unlink()
    for each in (*medium.rglob("*"), medium):
        each.chmod(0o555 if each.is_dir() else 0o444)
    before = state(medium)
    script = f"""
import os, sqlite3, tempfile, tomllib
from archive.collection.reader import CollectionReader, catalogue_of
if os.geteuid() == 0:
    os.setuid(65534)  # permissions do not bind root
with CollectionReader.open({str(medium)!r}) as holdings:
    print(catalogue_of(holdings).one("SELECT count(*) FROM article")[0])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("3\n" if left else "2\n", "")
    assert state(medium) == before


def test_what_is_no_collection_is_told(path: Path, tmp_path: Path) -> None:
    index = path / "catalogue.sqlite"
    with pytest.raises(NotACollection, match=r"no collection\.toml"):
        CollectionReader.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    with closing(sqlite3.connect(index)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    _refused(path, NewerSchema, "this software knows schemas up to")
    for data in (b"SQLite is not here. " * 100, index.read_bytes()[:3000]):
        index.write_bytes(data)
        _refused(path, Damaged, "is damaged")
    index.write_bytes(b"")
    _refused(path, NoCatalogue, r"has no catalogue\.sqlite")
    index.unlink()
    _refused(path, NoCatalogue, r"has no catalogue\.sqlite")
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    _refused(path, NotACatalogue, "other tables .bookmarks.")
    with pytest.raises(NotACatalogue):
        Collection.open(path)
    (path / "collection.toml").write_text("name = 1\n")
    _refused(path, BadConfig, "name")


def _refused(path: Path, error: type[ArchiveError], message: str) -> None:
    before = state(path)
    with pytest.raises(error, match=message) as caught:
        CollectionReader.open(path)
    assert caught.value.hint
    assert state(path) == before
