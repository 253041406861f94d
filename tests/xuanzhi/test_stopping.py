"""A signal ends every command: without a traceback from the first moment on, and with what came kept."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted import Answer, ok
from specimens import snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HTML = b"Content-Type: text/html; charset=utf-8"
FOUND = Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
PART = ok(b"<p>" + b"a" * 9000, HTML)[:4000]


# While it begins: Python tells which module it has imported, so the signal comes between two of them.

FIRST = b"xuanzhi.output.signals"
"""The module after which we answer; before it Python itself does."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("later", [0, 3, 15, 60, 120, 200, 280])
@pytest.mark.parametrize("words", [("clean", "a.txt"), ("archive", "list"), ("capture", "-n", "http://paper.example/")])
def test_a_signal_at_an_early_moment_ends_it_without_a_word(
    folder: Path, words: tuple[str, ...], later: int, number: int
) -> None:
    (folder / "a.txt").write_text(snapshot())
    command = [sys.executable, "-X", "importtime", "-m", "xuanzhi", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **pipes) as process:  # type: ignore[call-overload]
        assert process.stderr is not None
        while FIRST not in process.stderr.readline():
            pass
        lines = [process.stderr.readline() for _ in range(later + 3)]  # it answers as soon as the next one is there
        process.send_signal(number)
        rest = process.stderr.read()
    said = b"".join(each for each in (*lines, *rest.splitlines(True)) if not each.startswith(b"import time:"))
    assert b"Traceback" not in said, said
    assert b"Exception" not in said, said
    assert process.returncode in {128 + number, -number, 0, 2}  # ended by us, by Python at its end, or quicker


def test_what_is_ignored_stays_ignored(folder: Path) -> None:
    (folder / "a.txt").write_text(snapshot())
    code = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from xuanzhi.cli.start import clean\n"
        "from xuanzhi.jobs import clean as job\n"
        "run = job.CleanRun.run\n"
        "job.CleanRun.run = lambda self: (os.kill(os.getpid(), signal.SIGHUP), run(self))[1]\n"
        "sys.argv = ['clean', 'a.txt']; sys.exit(clean())"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0


# Later: what is under way is cut, and kept.


def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_capture_keeps_what_came(spawn: Callable, run: Callable, serve: Callable, number: int, folder: Path) -> None:
    server = serve({"/robots.txt": FOUND, "/whole": Answer(ok(b"<p>a</p>", HTML)), "/part": Answer(PART, "hang")})
    urls = [f"{server.url}/whole", f"{server.url}/part"]
    options = ["--json", "--allow-private", "--contact", "a@library.example"]
    with spawn("capture", *options, *urls) as process:
        until(lambda: server.requests("/part"))
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"] == urls[0]
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, b"Traceback" in err) == (128 + number, False)
    assert [(each["file"], each["code"]) for each in map(json.loads, out.splitlines())] == [(urls[1], "stopped")]
    shown = run("archive", "show", "--json", urls[1]).events[0]
    assert shown["states"][0]["state"] == "unavailable"
    assert PART.partition(b"\r\n\r\n")[2] in run("archive", "cat", "--raw", urls[1]).out.encode()
    assert run("archive", "verify").code == 0


def test_a_batch_of_cleaning_ends_at_once(spawn: Callable, run: Callable, folder: Path) -> None:
    """Also where a worker is in code that looks at no signal, and the batch goes on another time."""
    for number in range(200):
        (folder / f"{number}.txt").write_text(snapshot(number))
    with spawn("clean", "--json", "-j", "2", "*.txt") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert process.returncode == 143
    assert re.search(rb"stopped; \d+ done and saved", err)
    assert run("clean", "*.txt").code == 0
    assert run("archive", "verify").code == 0
    assert len(run("archive", "list", "--json").events) == 200


@pytest.mark.parametrize("kind", ["part", "hook"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_loop_ends_whatever_hangs(
    spawn: Callable, run: Callable, serve: Callable, folder: Path, kind: str, number: int
) -> None:
    whole = Answer(ok("<title>纸</title><p>竹子砍下来，先在水里泡上三个月。</p>".encode(), HTML))
    server = serve({"/robots.txt": FOUND, "/a": whole if kind == "hook" else Answer(PART, "hang")})
    run("archive", "init")
    hook = '[[hook]]\ncommand = ["sh", "-c", "echo told > told; sleep 1000"]\ntimeout = "999s"\n'
    settings = 'name = "c"\ncontact = "a@library.example"\n[schedule]\nallow-private = true\n'
    Path("collection/collection.toml").write_text(settings + hook * (kind == "hook"))
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    with spawn("archive", "run", "--loop", "--json") as process:
        until(lambda: Path("told").exists() if kind == "hook" else server.requests("/a"))
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, b"Traceback" in err) == (0 if number == signal.SIGTERM else 130, False)
    outcomes = [json.loads(line)["outcome"] for line in out.splitlines()]
    assert outcomes == (["new"] if kind == "hook" else ["interrupted"])
    assert run("archive", "verify").code == 0
