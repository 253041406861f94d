"""Commands killed at random moments, on one collection: XUANZHI_KILLS says how many times (a handful by default)."""

import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from scripted import Server
from small_site import page, site
from test_reclean import JOIN, RULES, snapshot

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("XUANZHI_KILLS", "6"))


def test_killed_at_any_moment_nothing_that_was_reported_is_lost(spawn: Callable, serve: Callable, folder: Path) -> None:
    chance = random.Random(20261122)
    (folder / "rules.toml").write_text(RULES)
    answers = {f"p{number}": page(JOIN.replace("竹纸", f"竹纸{number}")) for number in range(200)}
    server: Server = serve(site(**answers))
    reported: set[str] = set()
    died: Counter[str] = Counter()
    usual: dict[str, float] = {}
    for turn in range(KILLS):
        command, arguments = _command(turn, server, folder)
        process: subprocess.Popen[bytes] = spawn(*arguments, stderr=subprocess.DEVNULL)
        assert process.stdout
        # A moment between the start and a little behind the end, which was measured with the first one of its kind.
        begin = monotonic()
        try:
            process.wait(chance.uniform(0.1, 1.2) * usual[command] if command in usual else 60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        usual.setdefault(command, monotonic() - begin)
        said = process.communicate()[0].decode()
        died[f"{command} {'killed' if process.returncode == -signal.SIGKILL else 'ended'}"] += 1
        reported |= {name for line in said.splitlines() if (name := _done(line))}
        if turn % 20 == 19 or turn == KILLS - 1:
            _look(spawn, reported)
            print(f"\n{turn + 1} of {KILLS}: {dict(sorted(died.items()))}; {len(reported)} reported done, none lost")


def _command(turn: int, server: Server, folder: Path) -> tuple[str, list[str]]:
    kind = ("clean", "capture", "reclean")[turn % 3]
    if kind == "clean":
        names = [f"{turn}-{number}.txt" for number in range(40)]
        for number, name in enumerate(names):
            text = snapshot(1, f"第{turn}轮第{number}篇。\n\n扫码入群").replace("example/1", f"example/{turn}/{number}")
            (folder / name).write_text(text)
        return kind, ["clean", "--json", "--jobs", "1", *names]
    if kind == "capture":
        urls = [f"{server.url}/p{(turn * 7 + number) % 200}" for number in range(12)]
        options = ["--allow-private", "--contact", "a@library.example", "--pace", "0", "--again", "--json"]
        return kind, ["capture", *options, *urls]
    rules = ["--rules", "rules.toml"] if turn % 2 else []
    return kind, ["archive", "reclean", "--json", *rules]


def _done(line: str) -> str:
    """Return what a line says is done; a line that was cut off says nothing."""
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    event = said.get("event")
    return str({"cleaned": said.get("file"), "captured": said.get("url")}.get(event) or "")


def _look(spawn: Callable, reported: set[str]) -> None:
    with Collection.open("collection") as collection:  # heals what a dead process left
        rows = catalogue_of(collection).execute("SELECT file_name FROM capture UNION SELECT url FROM capture")
        assert {row[0] for row in rows} >= reported
    # In a process of its own: worker processes are no children for one with the threads of a server.
    said = spawn("archive", "verify", "--json").communicate()[0].decode()
    events = [json.loads(line) for line in said.splitlines()]
    assert [each for each in events if each["event"] == "finding" and each["code"] != "leftover"] == []
    assert events[-1]["event"] == "summary"
