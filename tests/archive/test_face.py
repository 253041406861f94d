"""`import archive`: its names, its example, and what it costs."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import archive

ROOT = Path(__file__).resolve().parents[2]


def _run(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    return done.stdout.decode()


def test_the_example_runs(tmp_path: Path) -> None:
    assert archive.__doc__
    _, _, rest = archive.__doc__.partition("\n\n")
    example = textwrap.dedent(rest[: rest.index("\nA `Snapshot`")])
    shown = _run(example, tmp_path)
    assert shown.splitlines()[0] == "竹纸 https://paper.example/bamboo"
    assert "竹纸脆，皮纸韧。" in shown


def test_every_public_name_is_there() -> None:
    for name in archive.__all__:
        assert getattr(archive, name).__name__ == name
        assert name in dir(archive)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        archive.nothing  # noqa: B018  # asking is what is tested


def test_a_collection_is_opened_for_reading_unless_it_is_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(archive.NotACollection):
        archive.open(tmp_path / "papers")
    with archive.open(tmp_path / "papers", write=True) as collection:
        assert isinstance(collection, archive.Collection)
    with archive.open(str(tmp_path / "papers")) as reader:
        assert type(reader) is archive.CollectionReader


def test_importing_costs_next_to_nothing(tmp_path: Path) -> None:
    count = "import sys; before = {*sys.modules}; import archive; print(*sorted({*sys.modules} - before))"
    assert _run(count, tmp_path).split() == ["archive"]
