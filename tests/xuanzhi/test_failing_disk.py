"""Calls that fail: fsync and rename with the errors of a disk that is broken, full or read-only, at every place.

XUANZHI_FAILURES says how many failures of each command are tried (by default a few of some); `pytest -s` shows the
figures. After each, the disk is looked at as it is, and as a power cut would leave it: what waited for an fsync that
failed may be lost, whatever later ones say.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from losses import COMMANDS, Judge, Run, prepare
from power import Cut, Disk
from scripted import Server
from syscalls import Call, Traced, needs_strace, traced

FAILURES = int(os.environ.get("XUANZHI_FAILURES", "0"))
FEW = 2
BRIEFLY = ("clean, more", "rules approve")

pytestmark = [needs_strace, pytest.mark.slow]

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS")


def injections(calls: Sequence[Call], chance: random.Random) -> list[str]:
    """Return what is to fail: each call by itself, and all from it on; first all with EIO, in an order by chance."""
    found: dict[str, list[str]] = {error: [] for error in ERRORS}
    for name in ("fsync", "fdatasync", "rename"):
        # strace counts the calls of each thread.
        counts = Counter(call.thread for call in calls if call.name == name)
        for number in range(1, max(counts.values(), default=0) + 1):
            for error in ERRORS:
                found[error] += [f"{name}:error={error}:when={number}", f"{name}:error={error}:when={number}+"]
    for each in found.values():
        chance.shuffle(each)
    rest = [each for error in ERRORS[1:] for each in found[error]]
    chance.shuffle(rest)
    return [*found["EIO"], *rest]


def last_report(disk: Disk, done: Traced) -> int:
    """Return where a command last said that something is done; a command that did all it was to do says so by that."""
    if done.code in {0, 1}:
        return disk.end
    return max((report.at for report in disk.reports if report.done), default=-1)


@pytest.mark.parametrize("name", COMMANDS if FAILURES else BRIEFLY)
def test_a_call_that_fails_costs_nothing_that_was_reported(
    name: str, tmp_path: Path, runner: Run, server: Server
) -> None:
    command = COMMANDS[name]
    (tmp_path / "made").mkdir()
    arguments = prepare(tmp_path / "made", command, runner, server.url)
    box = shutil.copytree(tmp_path / "made", tmp_path / "box")
    whole = traced(box, arguments)
    chosen = injections(whole.calls, random.Random(name))
    outcomes, faults, faulty = Counter[str](), Counter[str](), []
    for inject in chosen[: FAILURES or FEW]:
        shutil.rmtree(box)
        shutil.copytree(tmp_path / "made", box)
        disk = Disk(box)
        done = traced(box, arguments, inject=[inject])
        disk.play(done.calls)
        outcomes[f"exit {done.code}"] += 1
        found = []
        if b"Traceback" in done.err or b"internal" in done.err + done.out or done.code not in {0, 1, 2, 3, 4}:
            found.append(f"ended with {done.code}: {(done.err + done.out).decode()[-300:]}")
        judge, report = Judge(disk, tmp_path, runner, COMMANDS[name]), last_report(disk, done)
        for cut in (Cut(disk.end, "kept", frozenset(range(len(disk.changes)))), Cut(disk.end, "lost", frozenset())):
            found += [f"{cut.kind}: {each}" for each in judge.faults(cut, report)]
        if found:
            faulty.append((inject, found))
            faults.update({each[:400] for each in found})
    print(f"\n{name}: {sum(outcomes.values())} of {len(chosen)} failures, {dict(outcomes)}; {len(faulty)} with a fault")
    for text, count in faults.most_common(8):
        print(f"  {count} × {text}")
    for inject, _ in faulty:
        print(f"  at {inject}")
    assert faulty == []
