"""Power cuts: each state of the disk that a command may leave is opened, and nothing that was reported is gone.

XUANZHI_CUTS says how many states of each command are tried (by default a few of some); `pytest -s` shows the figures.
"""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from losses import COMMANDS, THREE, Command, Judge, Run, prepare
from power import Cut, Disk, Tree, digest, read_tree, write_tree
from scripted import Server
from syscalls import needs_strace, traced

CUTS = int(os.environ.get("XUANZHI_CUTS", "0"))
FEW = 5
"""States that are tried by default, of the commands in BRIEFLY."""

BRIEFLY = ("clean, more", "clean -o", "rules approve", "review accept")

pytestmark = [needs_strace, pytest.mark.slow]


@pytest.mark.parametrize("name", COMMANDS if CUTS else BRIEFLY)
def test_a_power_cut_costs_nothing_that_was_reported(name: str, tmp_path: Path, runner: Run, server: Server) -> None:
    command = COMMANDS[name]
    box = tmp_path / "box"
    box.mkdir()
    arguments = prepare(box, command, runner, server.url)
    disk = Disk(box)
    done = traced(box, arguments)
    assert done.code in {0, 1}, done
    disk.play(done.calls)
    assert disk.whole(disk.end) == read_tree(box)  # the log has everything
    judge = Judge(disk, tmp_path, runner, command)
    tried, lost, faults = set(), [], Counter[str]()
    for cut in disk.cuts(random.Random(name)):
        if len(tried) == (CUTS or FEW):
            break
        state = digest(disk.tree(cut))
        if state in tried:
            continue
        tried.add(state)
        if found := judge.faults(cut):
            lost.append((cut, found))
            faults.update({each[:700] for each in found})
    print(f"\n{name}: {len(disk.changes)} changes, {len(tried)} states, {len(lost)} with a fault")
    for text, count in faults.most_common(6):
        print(f"  {count} × {text}")
    assert lost == []


TWICE = ("init", "clean, new collection", "clean, more", "clean -o", "import", "rules learn", "rules approve",
         "review accept", "export markdown", "add, more", "reclean", "report -o")  # fmt: skip
"""Commands that may be given again after they were killed."""


@pytest.mark.parametrize("name", TWICE if CUTS else ("clean -o",))
def test_what_a_killed_process_left_is_on_the_disk_before_the_next_one_reports_it(
    name: str, tmp_path: Path, runner: Run, server: Server
) -> None:
    (tmp_path / "made").mkdir()
    arguments = prepare(tmp_path / "made", COMMANDS[name], runner, server.url)
    box = shutil.copytree(tmp_path / "made", tmp_path / "box")
    calls = traced(box, arguments).calls
    moments = [
        f"{call}:error=EINTR:signal=KILL:when={number}"
        for call in ("fsync", "fdatasync", "rename")
        for number in range(1, sum(each.name == call for each in calls) + 1)
    ]
    random.Random(name).shuffle(moments)
    tried, lost = 0, []
    for moment in moments[: CUTS or 2]:
        shutil.rmtree(box)
        shutil.copytree(tmp_path / "made", box)
        disk = Disk(box)
        killed = traced(box, arguments, inject=[moment])
        disk.play(killed.calls)
        again = traced(box, arguments)
        disk.play(again.calls)
        assert disk.whole(disk.end) == read_tree(box)
        assert again.code in {0, 1}, (moment, again.out, again.err)
        tried += killed.code < 0
        if found := Judge(disk, tmp_path, runner, COMMANDS[name]).faults(Cut(disk.end, "lost", frozenset())):
            lost.append((moment, found))
    print(f"\n{name}: killed at {tried} of {len(moments)} calls and run again, {len(lost)} with a fault")
    for moment, found in lost:
        print(f"  at {moment}: {[each[:300] for each in found]}")
    assert lost == []


@pytest.mark.skipif(not CUTS, reason="XUANZHI_CUTS says how many states are tried")
@pytest.mark.parametrize("again", [False, True])
def test_a_backup_that_is_reported_is_on_the_disk_and_an_older_one_stays_usable(
    again: bool, tmp_path: Path, runner: Run, server: Server
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    before = (THREE, ("archive", "backup", "out"), ("clean", "-q", "1b.txt", "4.txt")) if again else (THREE,)
    arguments = prepare(box, Command(before, ("archive", "backup", "out")), runner, server.url)
    disk = Disk(box)
    done = traced(box, arguments)
    disk.play(done.calls)
    assert (done.code, disk.whole(disk.end)) == (0, read_tree(box))

    def copied(tree: Tree) -> Tree:
        return {path: data for path, data in tree.items() if path.startswith("out/") and not path.endswith("-wal")}

    cuts = list(disk.cuts(random.Random(1)))
    assert {digest(copied(disk.tree(cut))) for cut in cuts if cut.at == disk.end} == {digest(copied(read_tree(box)))}
    tried = set()
    for cut in cuts:
        if len(tried) == (CUTS if again else 0):
            break
        tree = disk.tree(cut)
        if digest(tree) not in tried:
            tried.add(digest(tree))
            write_tree(tree, tmp_path / "state")
            said = runner(tmp_path / "state", "archive", "verify", "-c", "out", "--jobs", "1")
            assert said.code in {0, 1}, (cut, said)
            assert runner(tmp_path / "state", "archive", "backup", "out").code == 0, cut
            assert runner(tmp_path / "state", "archive", "verify", "-c", "out", "--jobs", "1").code == 0, cut
            shutil.rmtree(tmp_path / "state")
    print(f"\nbackup: {len(disk.changes)} changes, {len(tried)} states, 0 with a fault")
