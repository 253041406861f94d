"""Commands whose standard input, output or error is closed, full, cut off, or in another encoding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from specimens import snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

COMMANDS = {
    "clean": ("clean", "a.txt"),
    "json": ("clean", "--json", "a.txt"),
    "stdout": ("clean", "--stdout", "a.txt"),
    "diff": ("clean", "--diff", "a.txt"),
    "explain": ("clean", "--explain", "a.txt"),
    "version": ("clean", "--version"),
    "list": ("archive", "list"),
    "stats": ("archive", "stats"),
    "verify": ("archive", "verify", "--json"),
}
"""Words of commands, all of which end with 0 where nothing is in their way."""


def started(redirections: str, words: tuple[str, ...], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with redirections of the shell."""
    script = f'"$@" {redirections}; code=$?; test $code -lt 128 && exit $code; exit 99'
    command = ["sh", "-c", script, "sh", sys.executable, "-m", "xuanzhi", *words]
    return subprocess.run(
        command, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment, timeout=100
    )


@pytest.fixture(autouse=True, scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a collection once."""
    path = tmp_path_factory.mktemp("kept")
    (path / "a.txt").write_text(snapshot(), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "xuanzhi", "clean", "-q", "a.txt"],
        cwd=path, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return path


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("closed", ["1>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_stream_is_in_nobodys_way(
    closed: str, words: tuple[str, ...], kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    done = started(closed, words)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"error" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_full_output_is_said_so(words: tuple[str, ...], kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    done = started("> /dev/full", words, XUANZHI_LANGUAGE="en")
    assert done.returncode == 4
    assert b"standard output cannot be written: [Errno 28]" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"internal" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_has_seen_enough(words: tuple[str, ...], kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    done = started("| true", words)
    assert (done.stdout, b"Traceback" in done.stderr, b"rror" in done.stderr) == (b"", False, False)


@pytest.mark.parametrize("words", [*COMMANDS.values(), ("archive", "--help"), ("--help",)], ids=" ".join)
def test_an_output_in_another_encoding(words: tuple[str, ...], kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kept)
    done = started("", words, PYTHONIOENCODING="ascii", COLUMNS="1")
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
