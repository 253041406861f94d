"""Shards as tasks of Ray: on this machine, and on a cluster that loses a node in the middle."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import page, zipped

pytest.importorskip("ray")

Run = Callable[..., Any]

CLUSTER = """
import subprocess, sys, time
from pathlib import Path
from ray.cluster_utils import Cluster

here = {"node_ip_address": "127.0.0.2", "object_store_memory": 128 << 20, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args={**here, "num_cpus": 0})
nodes = [cluster.add_node(num_cpus=1, **here) for _ in range(2)]
try:
    command = [sys.executable, "-m", "xuanzhi", "clean", "--shards", "two", "--format", "warc,jsonl", "--json"]
    process = subprocess.Popen([*command, "--engine", "ray", "--address", cluster.address, *sys.argv[1:]])
    done = Path("two", "manifests")
    while process.poll() is None and (not done.is_dir() or len(list(done.glob("*.json"))) < 3):
        time.sleep(0.02)
    cluster.remove_node(nodes[0], allow_graceful=False)
    print("removed", process.poll(), flush=True)
    sys.exit(process.wait())
finally:
    cluster.shutdown()
"""


@pytest.fixture(autouse=True)
def _home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ray, which writes into the home folder, find an empty one."""
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")


def crawl(count: int) -> list[str]:
    names = []
    for number in range(1, count + 1):
        names.append(f"{number}.warc.gz")
        Path(names[-1]).write_bytes(zipped(*(page(number * 100 + each) for each in range(30))))
    middle = len(Path(names[0]).read_bytes()) // 2
    damaged = Path(names[0]).read_bytes()
    Path(names[0]).write_bytes(damaged[:middle] + bytes(100) + damaged[middle + 100 :])
    Path("none.warc.gz").write_bytes(b"nothing that anybody could read" * 100)
    return [*names, "none.warc.gz"]


def code(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the end of a process, and return its exit code."""
    process.communicate()
    return process.returncode


def content(out: str) -> dict[str, bytes]:
    paths = [path for path in Path(out).rglob("*") if path.is_file() and path.parent.name != "manifests"]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def test_ray_gives_what_one_process_gives(spawn: Callable, folder: Path) -> None:
    names = [str(folder / name) for name in crawl(4)]
    options = ("--format", "warc,jsonl", "-q")
    assert code(spawn("clean", "--shards", "one", *options, "-j", "1", *names)) == 3
    assert code(spawn("clean", "--shards", "ray", *options, "--engine", "ray", "-j", "2", *names)) == 3
    assert content("one") == content("ray")
    assert json.loads(Path("ray", "seal.json").read_text())["shards"] == 5


def test_a_node_that_is_removed_costs_no_row(spawn: Callable, spawn_script: Callable, folder: Path) -> None:
    names = [str(folder / name) for name in crawl(8)]
    assert code(spawn("clean", "--shards", "one", "--format", "warc,jsonl", "-q", "-j", "1", *names)) == 3
    # On a cluster the folder must be the same one for every machine: an absolute path.
    script = CLUSTER.replace('"two"', repr(str(folder / "two")))
    process = spawn_script(script, *names)
    said, told = process.communicate()
    assert process.returncode == 3, told.decode()
    lines = said.decode().splitlines()
    assert "removed None" in lines  # it was at work
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert {event["event"] for event in events} == {"shard", "error", "sealed"}
    assert content("one") == content("two")


def test_a_cluster_that_is_not_there_is_named(spawn: Callable, folder: Path) -> None:
    process = spawn("clean", "--shards", "out", "--engine", "ray", "--address", "127.0.0.1:1", crawl(1)[0])
    _, told = process.communicate()
    assert process.returncode == 2
    assert "the cluster of Ray at 127.0.0.1:1 does not answer" in told.decode()
