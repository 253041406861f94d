"""How fast a collection keeps snapshots: prepare and commit of synthetic ones of 8 KB.

    python benchmarks/collection.py [N] [--folder DIR] [--batch SIZE] [--jobs JOBS]

What fsync costs is the difference of the rows with and without it; its calls overlap, so their times do not add
up. Memory is the peak of resident memory, of this process and of the largest worker; each row runs in a process
of its own. Making the synthetic snapshots counts in every row but the first.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.collection.collection import Collection, Context, Snapshot, prepare
from archive.collection.reader import catalogue_of
from archive.ingest.prepared import PreparedSnapshot
from clean.document import Cleaned, State
from clean.ledger import Ledger, Removal, Span, apply
from clean.source import Encoding

SIZE = 8 * 1024


class Row(NamedTuple):
    """One line of the table."""

    name: str
    number: int
    seconds: float
    cpu: float
    own_mb: float
    worker_mb: float


def snapshot(number: int) -> Snapshot:
    """Return a synthetic snapshot: about 8 KB of Chinese, of which a tail was removed."""
    chance = random.Random(number)
    facts = {
        "title": f"第{number}篇：合成的文章",
        "url": f"https://mp.weixin.qq.com/s?__biz=MzI{number % 40}==&mid={number}&idx=1&sn={number:032x}",
        "source": f"公众号{number % 40}",
        "date": "2024-12-31",
        "fetch_date": f"2025-10-06T19:41:42.{number:06}",
    }
    head = "---\n" + "".join(f"{key}: {value}\n" for key, value in facts.items()) + "---\n\n"
    # As compressible as prose: common characters far more often than rare ones.
    body = "".join(chr(0x4E00 + int(chance.paretovariate(0.7)) % 3000) for _ in range((SIZE - 900) // 3))
    lines = [body[start : start + 90] for start in range(0, len(body), 90)]
    tail = "\n预览时标签不可点\n\n微信扫一扫\n关注该公众号\n\n知道了\n\n微信扫一扫\n使用小程序\n" * 4
    text = head + "\n\n".join(lines) + "\n" + tail
    data = text.encode()
    start = len(text) - len(tail)
    entries = (Removal(Span(start, len(text)), "cut-tail", "wechat.tail.preview", 40, tail),)
    clean = apply(text, entries)
    ledger = Ledger(
        sha256(data).hexdigest(), sha256(clean.encode()).hexdigest(), "0" * 64, "xuanzhi/0.1.0", State.LIVE,
        Encoding(), entries,
    )  # fmt: skip
    cleaned = Cleaned(State.LIVE, "wechat", clean, facts, ledger, "", ())
    return Snapshot(f"{number:06}.txt", data, cleaned)


def prepare_many(numbers: range, context: Context) -> list[PreparedSnapshot]:
    """Prepare a stretch of snapshots, in a worker or here."""
    return [prepare(snapshot(number), context) for number in numbers]


def ahead(
    pool: ProcessPoolExecutor, stretches: list[range], collection: Collection
) -> Iterator[list[PreparedSnapshot]]:
    """Yield prepared batches in order, a few ahead of the one being committed, so that memory stays flat."""
    left = iter(stretches)
    running = [pool.submit(prepare_many, each, collection.context()) for each in islice(left, 4)]
    while running:
        done = running.pop(0).result()
        running += [pool.submit(prepare_many, each, collection.context()) for each in islice(left, 1)]
        yield done


def run(name: str, number: int, batch: int, jobs: int, folder: Path, fsync: bool) -> Row:
    """Keep `number` snapshots in the collection at `folder`."""
    if not fsync:
        os.fsync = lambda fd: None
    stretches = [range(start, min(start + batch, number)) for start in range(0, number, batch)]
    pool = ProcessPoolExecutor(jobs) if jobs else None
    start = time.perf_counter()
    with Collection.open(folder) as collection:
        if not fsync:
            catalogue_of(collection).execute("PRAGMA synchronous = OFF")
        batches = (
            ahead(pool, stretches, collection)
            if pool
            else (prepare_many(each, collection.context()) for each in stretches)
        )
        for prepared in batches:
            collection.commit(prepared)
    seconds = time.perf_counter() - start
    if pool:
        pool.shutdown()
    return measured(name, number, seconds)


def prepare_only(name: str, number: int) -> Row:
    """Prepare without keeping; making the synthetic snapshots is not counted, but in the CPU time."""
    context = Context("UTC", datetime.now(UTC))
    seconds = 0.0
    for each in range(number):
        item = snapshot(each)
        start = time.perf_counter()
        prepare(item, context)
        seconds += time.perf_counter() - start
    return measured(name, number, seconds)


def measured(name: str, number: int, seconds: float) -> Row:
    """Return a row with this process's CPU time and memory."""
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
    return Row(name, number, seconds, cpu, own.ru_maxrss / 1024, workers.ru_maxrss / 1024)


def in_process(function: Callable[..., Row], *values: object) -> None:
    """Run a row in a fresh process, so that its memory is its own, and print it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        row = pool.submit(function, *values).result()
    print(
        f"{row.name:26}{row.number / row.seconds:12,.0f}{row.seconds:10.2f}{row.cpu:8.1f}"
        f"{row.own_mb:9.0f}{row.worker_mb:11.0f}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured; default: the current folder")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    print(f"{chosen.number:,} snapshots of 8 KB, batches of {chosen.batch}, {os.cpu_count()} cores")
    print(f"{'':26}{'per second':>12}{'seconds':>10}{'CPU s':>8}{'own MB':>9}{'worker MB':>11}")
    with tempfile.TemporaryDirectory(dir=chosen.folder or Path.cwd(), prefix=".benchmark-") as name:
        folder = Path(name)
        many, batch, jobs = chosen.number, chosen.batch, chosen.jobs
        in_process(prepare_only, "prepare only", min(many, 2000))
        in_process(run, f"{jobs} workers", many, batch, jobs, folder / "a", True)
        in_process(run, f"{jobs} workers, no fsync", many, batch, jobs, folder / "b", False)
        in_process(run, "one process", many, batch, 0, folder / "c", True)
        in_process(run, "one process, no fsync", many, batch, 0, folder / "d", False)
        in_process(run, "again, nothing new", many, batch, 0, folder / "c", True)


if __name__ == "__main__":
    main()
