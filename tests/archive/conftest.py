"""What the tests of the archive share: snapshots cleaned by hand, a clock, identifiers."""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.maintenance.compare import tables as rows_of
from archive.maintenance.rebuild import reindex
from archive.schedule.table import Schedule
from archive.warc import reader

ROOT = Path(__file__).resolve().parents[2]
ADDER = Path(__file__).with_name("adder.py")

NOW = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)


def _adder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("adder", ADDER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_ADDER = _adder()


@pytest.fixture
def make() -> Callable[..., Snapshot]:
    """Make a cleaned snapshot; see adder.py."""
    return _ADDER.snapshot  # type: ignore[no-any-return]


@pytest.fixture
def adder() -> list[str]:
    """Give the command that adds snapshots in a process of its own; see adder.py."""
    return [sys.executable, str(ADDER)]


@pytest.fixture
def visitor() -> list[str]:
    """Give the command that keeps visits in a process of its own; see visitor.py."""
    return [sys.executable, str(ADDER.with_name("visitor.py"))]


@pytest.fixture
def environment() -> dict[str, str]:
    """Give the environment of such a process."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def opened() -> Callable[..., Collection]:
    """Open a collection with a clock that stands still and identifiers that count."""
    numbers = count(1)

    def opener(path: Path, **settings: Any) -> Collection:
        return Collection.open(
            path,
            clock=lambda: NOW,
            new_id=lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012}",
            **settings,
        )

    return opener


@pytest.fixture
def whole() -> Callable[[Path], dict[str, Any]]:
    """Look at a whole collection: every promise it makes at rest; return what it holds."""
    return look


def look(path: Path) -> dict[str, Any]:
    found: dict[str, list[tuple[str, reader.StoredRecord]]] = {"warc": [], "derived": []}
    with Collection.open(path, create=False) as collection:
        catalogue = catalogue_of(collection)
        for folder, name, committed in catalogue.execute(
            "SELECT folder, name, committed_length FROM file ORDER BY id"
        ).fetchall():
            file = path / folder / name
            assert (file.stat().st_size if file.exists() else 0) == committed
            if committed:
                found[folder] += [(name, each) for each in reader.iterate(file)]
        for folder in found:
            known = {row[0] for row in catalogue.execute("SELECT name FROM file WHERE folder = ?", (folder,))}
            assert {each.name for each in (path / folder).iterdir()} <= known
        places = {
            (each.record.record_id, name, each.offset, each.length)
            for records in found.values()
            for name, each in records
        }
        for _, each in (*found["warc"], *found["derived"]):
            reader.check_digests(each.record)
        rows = catalogue.execute(
            "SELECT record_id, name, offset, length FROM record JOIN file ON file.id = record.file"
        ).fetchall()
        assert set(rows) == places
        assert len(rows) == len(places)
        texts = {}
        for markdown, record, pending in catalogue.execute(
            "SELECT markdown, version.record, pending FROM article JOIN version ON version.id = current_version"
        ).fetchall():
            assert not pending
            texts[markdown] = (path / markdown).read_bytes()
            assert collection.record_at(record).block == texts[markdown]
        on_disk = {each.relative_to(path).as_posix() for each in (path / "markdown").rglob("*") if each.is_file()}
        assert on_disk >= set(texts)
        assert not [each for each in on_disk if each.endswith(".part")]
        first = tables(collection)
    assert rebuilt_tables(path) == first
    return {
        "texts": texts,
        "warc": [each.record for _, each in found["warc"]],
        "derived": [each.record for _, each in found["derived"]],
        "tables": first,
    }


def rebuilt_tables(path: Path) -> dict[str, Any]:
    """Make the catalogue of a copy of a collection's plain files again, and return what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "c"
        shutil.copytree(path, copy, ignore=shutil.ignore_patterns("catalogue.sqlite*"))
        result = reindex(copy)
        assert result.damage == ()
        with Collection.open(copy, create=False) as collection:
            return tables(collection)


def tables(collection: Collection) -> dict[str, Any]:
    """Return every table as it is, the schedule brought up to date before, as whoever uses it does."""
    Schedule.of(collection).sync()
    return rows_of(catalogue_of(collection))
