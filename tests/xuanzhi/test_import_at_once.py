"""Two processes that import at the same moment: nothing is kept twice, nothing is lost, none ends in an error."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import page, zipped

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Look = Callable[[], dict[str, Any]]

# Says when it has read the file and is about to commit what it holds, or to describe it, and then waits for a line.
SCRIPT = """
import sys
from archive.importing import importer
from xuanzhi.cli.main import main
importer.BATCH_RECORDS = int(sys.argv[1])
step = sys.argv[2]
go_on = getattr(importer.Importer, step)
def wait(self):
    setattr(importer.Importer, step, go_on)
    print("ready", flush=True)
    sys.stdin.readline()
    go_on(self)
setattr(importer.Importer, step, wait)
sys.exit(main(["archive", "import", "--json", *sys.argv[3:]]))
"""


@pytest.fixture
def waiting(spawn_script: Run) -> Run:
    """Start an import that has read its file and waits before a step."""

    def starter(batch: int, step: str, *files: str) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "text": True}
        process: subprocess.Popen[str] = spawn_script(SCRIPT, str(batch), step, *files, **pipes)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    return starter


def go_on(process: "subprocess.Popen[str]") -> tuple[int, str]:
    out, err = process.communicate("\n", timeout=60)
    return process.returncode, out + err


@pytest.mark.parametrize("step", ["keep_records", "finish"])
@pytest.mark.parametrize("batch", [3, 1000])
def test_the_same_file_is_there_already_for_the_later_one(waiting: Run, look: Look, batch: int, step: str) -> None:
    Path("a.warc.gz").write_bytes(zipped(*(page(number) for number in range(1, 9))))
    first, second = waiting(batch, step, "a.warc.gz"), waiting(batch, step, "a.warc.gz")
    code, said = go_on(first)
    assert (code, '"status": "added"' in said) == (0, True), said
    code, said = go_on(second)
    assert (code, '"status": "unchanged"' in said, "error" in said) == (0, True, False), said
    tables = look()["tables"]
    assert len(tables["capture"]) == len(tables["cleaning"]) == 8
    assert len(tables["import"]) == 1


def test_another_record_under_one_identifier_is_never_taken_for_the_same(waiting: Run, run: Run, look: Look) -> None:
    Path("a.warc").write_bytes(page(1) + page(2))
    Path("b.warc").write_bytes(page(1, date="2025-01-01T00:00:00Z"))
    process = waiting(1000, "keep_records", "b.warc")
    assert run("archive", "import", "a.warc").code == 0
    code, said = go_on(process)
    assert (code, '"code": "busy"' in said, "Run the same command again" in said) == (4, True, True), said
    assert run("archive", "import", "b.warc").code == 0
    assert sorted(each["fetched_at"][:4] for each in look()["tables"]["capture"]) == ["2024", "2024", "2025"]
