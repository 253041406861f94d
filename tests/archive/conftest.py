"""What the tests of the archive share: snapshots cleaned by hand, a clock, identifiers."""

import importlib.util
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archive import reader
from archive.collection import Collection, Snapshot
from archive.reindex import rebuild

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
    found: dict[str, list[tuple[str, reader.Found]]] = {"warc": [], "derived": []}
    with Collection.open(path, create=False) as collection:
        catalogue = collection.catalogue
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
            reader.check(each.record)
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
            assert collection._record(record).block == texts[markdown]
        on_disk = {each.relative_to(path).as_posix() for each in (path / "markdown").rglob("*") if each.is_file()}
        assert on_disk >= set(texts)
        assert not [each for each in on_disk if each.endswith(".part")]
        rebuilt = rebuild(found["warc"], found["derived"])
        assert {key: (each.kind, each.url, each.title, each.current) for key, each in rebuilt.articles.items()} == {
            row[0]: row[1:]
            for row in catalogue.execute(
                "SELECT key, kind, article.url, title, clean_sha256 FROM article"
                " LEFT JOIN version ON version.id = current_version"
            )
        }
        assert {each[1:7] + each[7] for each in rebuilt.captures.values()} == {
            tuple(row)
            for row in catalogue.execute(
                "SELECT source_sha256, state, notice, fetch_date, file_name, clean_sha256, name, offset, length"
                " FROM capture LEFT JOIN version ON version.id = capture.version"
                " JOIN record ON record.id = capture.record JOIN file ON file.id = record.file"
            )
        }
        assert {each[:3] + each[3] for each in rebuilt.versions.values()} == {
            tuple(row)
            for row in catalogue.execute(
                "SELECT key, clean_sha256, ruleset_sha256, name, offset, length FROM version"
                " JOIN article ON article.id = version.article"
                " JOIN record ON record.id = version.record JOIN file ON file.id = record.file"
            )
        }
    return {
        "texts": texts,
        "warc": [each.record for _, each in found["warc"]],
        "derived": [each.record for _, each in found["derived"]],
        "rebuilt": rebuilt,
    }
