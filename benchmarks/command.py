"""The whole command: 10,000 snapshots into a new collection; snapshots a second, memory, and what fsync costs.

    python benchmarks/command.py [--number 10000] [--size 8000] [FOLDER]

Snapshots are made with the structure of real ones, or taken from FOLDER over and over with other addresses. The share
of fsync is the part of the run during which at least one call of `os.fsync` was under way.
"""

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
RUN = "import sys; from xuanzhi.cli.clean import main; sys.exit(main(sys.argv[1:]))"
TIMED = """
import atexit, os, time
calls, fsync = [], os.fsync
def timed(number):
    start = time.perf_counter()
    fsync(number)
    calls.append((start, time.perf_counter()))
os.fsync = timed
def tell():
    busy = end = 0.0
    for first, last in sorted(calls):
        busy += max(last - max(first, end), 0.0)
        end = max(end, last)
    with open(os.environ["FSYNC"], "w") as file:
        file.write(f"{len(calls)} {busy}")
atexit.register(tell)
"""


def snapshots(folder: Path | None, number: int, size: int) -> list[str]:
    """Make so many snapshots, each of another article."""
    sys.path.insert(0, str(ROOT / "tests" / "xuanzhi"))
    from specimens import snapshot

    chance = random.Random(1)
    if folder is not None:
        given = [path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*.txt"))]
        return [
            re.sub(
                r"(?m)^url: .*$", f"url: https://mp.weixin.qq.com/s?__biz=Mz&mid={n}&idx=1&sn={n:032x}", text, count=1
            )
            for n, text in ((n, given[n % len(given)]) for n in range(number))
        ]
    words = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(20_000))
    made = []
    for n in range(number):
        paragraphs, length = [], 0
        while length < size // 3:  # Chinese characters take three bytes
            start, extent = chance.randrange(19_000), chance.randrange(20, 160)
            paragraphs.append(words[start : start + extent] + "。")
            length += extent
        made.append(snapshot(n, body="\n\n".join(paragraphs), account=f"账号{n % 50}"))
    return made


def run(code: str, files: Path, work: Path) -> tuple[float, float]:
    """Run the command once; return seconds and the largest process's megabytes."""
    start = perf_counter()
    command = [sys.executable, "-c", code, "-q", "-c", str(work / "collection"), "-f", str(files)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the command failed with {os.waitstatus_to_exitcode(status)}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return perf_counter() - start, max(usage.ru_maxrss, children) / 1024


def main() -> None:
    """Make the snapshots, run the command with and without fsync, and over what is there already."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=8_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for number, text in enumerate(snapshots(options.folder, options.number, options.size)):
            (work / f"{number:06}.txt").write_text(text)
        files = work / "list"
        files.write_text("\n".join(map(str, sorted(work.glob("*.txt")))))
        print(f"{options.number:,} snapshots, {os.cpu_count()} cores")
        print(f"{'':28} {'a second':>10} {'seconds':>10} {'largest process, MB':>20}")
        told = work / "fsync"
        os.environ["FSYNC"] = str(told)
        for title, code, fresh in (
            ("into a new collection", TIMED + RUN, True),
            ("again, nothing new", RUN, False),
        ):
            if fresh:
                subprocess.run(["rm", "-rf", str(work / "collection")], check=True)
            seconds, memory = run(code, files, work)
            print(f"{title:28} {options.number / seconds:10,.0f} {seconds:10.1f} {memory:20,.0f}")
            if fresh:
                calls, busy = told.read_text().split()
                note = f"{int(calls):,} calls of fsync, under way during {float(busy) / seconds:.0%} of the time"
        print(note)


if __name__ == "__main__":
    main()
