"""What it costs to capture: CPU of one request, beside the peers, and memory.

    python benchmarks/capturing.py [--rounds N] [--requests N] [--folder DIR]
    python benchmarks/capturing.py --memory [--megabytes 2048] [--number 10000] [--folder DIR]

A server in a process of its own sends pages of 12 KB and 375 KB, gzip and chunked, no two alike. Every contestant
fetches them over kept connections and writes WARC files; ours also describes each exchange and visit, brings every
commit to the disk and indexes it. A row is the median of rounds in which the contestants take turns. The times are the
processor's, the system's part with them. wget is a package of Debian; requests comes with the extra `bench`.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.crossing.contestants import CONTESTANTS, Cost, available, measured
from benchmarks.crossing.server import serving

SIZES = (12, 375)
LIMIT = 150.0
"""MB of memory that capturing may take, whatever it captures."""


def speed(rounds: int, requests: int, folder: Path) -> None:
    """Print CPU of one request for each contestant and size."""
    names = [name for name in CONTESTANTS if available(name)]
    with serving() as port:
        print(f"{'':26}{'KB':>5}{'CPU ms a request':>18}{'spread':>14}{'wall ms':>9}{'KB written':>12}")
        for size in SIZES:
            number = max(20, requests * 12 // size) if size > 100 else requests
            costs: dict[str, list[Cost]] = {name: [] for name in names}
            for turn in range(rounds):
                for place, name in enumerate(names):
                    first = (turn * len(names) + place) * (number + 1)
                    urls = [f"http://127.0.0.1:{port}/page/{size}/{first + each}" for each in range(number + 1)]
                    with tempfile.TemporaryDirectory(dir=folder, prefix=".benchmark-") as work:
                        costs[name].append(measured(name, urls, Path(work)))
            for name, rows in costs.items():
                cpu = [1000 * row.cpu / row.requests for row in rows]
                wall = statistics.median(1000 * row.wall / row.requests for row in rows)
                written = rows[-1].written / (number + 1) / 1000
                spread = f"{min(cpu):.2f}–{max(cpu):.2f}"
                print(f"{name:26}{size:5}{statistics.median(cpu):18.2f}{spread:>14}{wall:9.2f}{written:12.1f}")


def memory(megabytes: int, number: int, folder: Path) -> bool:
    """Print the peak of memory while one large body, and while many pages are captured and kept."""
    with serving() as port:
        large = [f"http://127.0.0.1:{port}/page/12/0", f"http://127.0.0.1:{port}/stream/{megabytes}"]
        many = [f"http://127.0.0.1:{port}/page/12/{each}" for each in range(number + 1)]
        peaks = []
        for title, urls in ((f"one body of {megabytes:,} MB", large), (f"{number:,} pages of 12 KB", many)):
            with tempfile.TemporaryDirectory(dir=folder, prefix=".benchmark-") as work:
                cost = measured("xuanzhi, eight at once", urls, Path(work))
            peaks.append(cost.memory)
            print(
                f"{title:26}{cost.memory:8.0f} MB at most{cost.wall:8.1f} s{cost.cpu:8.1f} s of CPU"
                f"{cost.written / 1e6:10,.0f} MB written",
                flush=True,
            )
    return max(peaks) < LIMIT


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400, help="of the small page in each round")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to be measured")
    chosen = parser.parse_args()
    if chosen.memory:
        return 0 if memory(chosen.megabytes, chosen.number, chosen.folder) else 1
    speed(chosen.rounds, chosen.requests, chosen.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
