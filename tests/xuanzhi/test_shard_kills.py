"""Shards while everything around them is killed at random: XUANZHI_KILLS says how many times (a handful by default)."""

import json
import os
import random
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import sleep

from foreign import page, zipped

KILLS = int(os.environ.get("XUANZHI_KILLS", "6"))

FILES, PAGES = 6, 60


def crawl(folder: Path) -> list[str]:
    """Write files of pages; one is damaged in the middle, one cut off, one is none."""
    names = []
    for number in range(FILES):
        data = b"".join(zipped(page(1 + number * 1000 + each)) for each in range(PAGES))
        names.append(f"{number}.warc.gz")
        (folder / names[-1]).write_bytes(data)
    whole = (folder / names[0]).read_bytes()
    (folder / names[0]).write_bytes(whole[: len(whole) // 2] + bytes(200) + whole[len(whole) // 2 + 200 :])
    (folder / names[1]).write_bytes((folder / names[1]).read_bytes()[:-100])
    (folder / "none.warc.gz").write_bytes(b"nothing that anybody could read" * 100)
    return [*names, "none.warc.gz"]


def below(process: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for each in found:
        found += children.get(each, [])
    return found[1:]


def content(out: Path) -> dict[str, bytes]:
    """Return the files of a folder but its manifests, which hold dates, and what they say but for dates."""
    found = {}
    for path in out.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.parent.name == "manifests":
                data = json.dumps({**json.loads(data), "made": None}).encode()
            found[str(path.relative_to(out))] = data
    return found


def test_whatever_is_killed_the_shards_are_the_same(spawn: Callable, folder: Path) -> None:
    chance = random.Random(20261130)
    names = crawl(folder)

    def begin(out: str) -> "subprocess.Popen[bytes]":
        command = ("clean", "--shards", out, "--format", "warc,jsonl", "-j", "2", "-q", *names)
        process: subprocess.Popen[bytes] = spawn(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return process

    assert begin("whole").wait() == 3
    expected = content(folder / "whole")
    drivers = workers = rounds = 0
    while drivers + workers < KILLS:
        rounds += 1
        out = folder / f"out{rounds}"
        process = begin(out.name)
        while process.poll() is None:
            sleep(chance.uniform(0.05, 0.6))
            victims = below(process.pid)
            if drivers + workers == KILLS:
                process.wait()
            elif chance.random() < 0.2:
                process.kill()
                process.wait()
                drivers += 1
                process = begin(out.name)
            elif victims:
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(victims), signal.SIGKILL)
                    workers += 1
        if process.returncode == 3 and content(out) != expected:  # a shard that was lost too often waits for the next
            assert begin(out.name).wait() == 3
        assert content(out) == expected
    print(f"\n{drivers} drivers and {workers} workers killed in {rounds} rounds")
