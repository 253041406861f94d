"""Plain files: whole or not at all, whoever else writes them."""

import subprocess
import sys
from pathlib import Path

from archive.storage import write_atomically

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from archive.storage import write_atomically
letter = sys.argv[2].encode()
for turn in range(200):
    write_atomically(Path(sys.argv[1]), letter * (20_000 + turn))
"""


def test_two_processes_that_write_one_file_never_mix(tmp_path: Path) -> None:
    target = tmp_path / "one.md"
    command = [sys.executable, "-c", WRITER, str(target)]
    both = [subprocess.Popen([*command, letter], env={"PYTHONPATH": str(ROOT)}) for letter in "ab"]
    while any(process.poll() is None for process in both):
        if target.exists():
            assert len(set(target.read_bytes())) == 1
    assert [process.returncode for process in both] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["one.md"]


def test_what_has_not_changed_keeps_its_time(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "one.md"
    assert write_atomically(target, b"text")
    before = target.stat().st_mtime_ns
    assert not write_atomically(target, b"text")
    assert target.stat().st_mtime_ns == before
