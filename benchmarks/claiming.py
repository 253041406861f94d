"""What it costs to take the next 100 articles of a schedule of a million.

    python benchmarks/claiming.py [N]

Three schedules: many hosts, few hosts, and one host at a pace, of which only a few may be taken at once. The time is
of `Claims.take` with its transaction, in milliseconds: the median and the worst of 50.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.collection.collection import Collection
from archive.schedule.queue import Claims
from archive.schedule.table import Schedule


def fill(schedule: Schedule, number: int, hosts: int) -> None:
    """Put articles on the schedule, all of them due; past the reading of addresses, which is not what is measured."""
    schedule.sync()
    now = time.time()
    rows = [(f"url:{n}", f"https://h{n % hosts}.example/{n}", f"h{n % hosts}.example", now - n) for n in range(number)]
    with schedule.catalogue.transaction():
        schedule.catalogue.executemany(
            "INSERT INTO schedule (key, source, url, host, kind, next_due, early)"
            " VALUES (?, 'all', ?, ?, 'page', ?, 0)",
            rows,
        )
        schedule.catalogue.execute("INSERT INTO turn (key, host, ready) SELECT key, host, next_due FROM schedule")
        schedule.catalogue.execute("INSERT INTO host (name, ready) SELECT host, min(ready) FROM turn GROUP BY host")


def measure(number: int, hosts: int, pace: float) -> None:
    """Print one row."""
    with tempfile.TemporaryDirectory() as folder, Collection.open(folder) as collection:
        schedule = Schedule.open(collection.path)
        start = time.perf_counter()
        fill(schedule, number, hosts)
        planned = time.perf_counter() - start
        claims = Claims(schedule, "one", clock=time.time, process=1, pace_of=lambda _: pace)
        claims.begin(early=True)
        times, taken = [], []
        for _ in range(50):
            start = time.perf_counter()
            taken.append(len(claims.claim(100)))
            times.append((time.perf_counter() - start) * 1000)
        row = f"{number:>10,} {hosts:>8,} {pace:>6g} {planned:>9.1f}"
        print(row, f"{taken[0]:>6} {median(times):>9.2f} {max(times):>9.2f}")
        schedule.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="?", type=int, default=1_000_000)
    options = parser.parse_args()
    print("  articles    hosts pace s  put on, s  taken  median ms  worst ms")
    for hosts, pace in ((100_000, 2.0), (100, 0.0), (1, 10.0)):
        measure(options.number, min(hosts, options.number), pace)


if __name__ == "__main__":
    main()
