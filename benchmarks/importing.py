"""How fast records of others are taken over, and how much memory it costs: many small ones, and one large one.

python benchmarks/importing.py [RECORDS] [MEGABYTES]    beside it, how long warcio takes to read the same file
"""

import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def record(number: int, block: bytes) -> bytes:
    """Return a metadata record."""
    head = (
        f"WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Target-URI: http://paper.example/{number}\r\n"
        f"Content-Type: application/warc-fields\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def read_by_warcio(path: Path) -> None:
    """Read all records to their end."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file:
        for each in ArchiveIterator(file):
            each.content_stream().read()


def timed(work: Callable[[], None]) -> float:
    """Return the seconds of CPU that something took."""
    start = time.process_time()
    work()
    return time.process_time() - start


def imported(path: Path, collection: Path) -> tuple[float, float]:
    """Import in a process of its own; return its seconds of CPU, and its largest size in MB."""
    command = [
        sys.executable,
        "-m",
        "xuanzhi",
        "archive",
        "import",
        "-q",
        "-c",
        str(collection),
        str(path),
    ]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    count, megabytes = (int(each) for each in [*sys.argv[1:], *("100000", "300")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as folder:
        many, large = Path(folder) / "many.warc.gz", Path(folder) / "large.warc"
        with many.open("wb") as file:
            for number in range(1, count + 1):
                file.write(gzip.compress(record(number, b"via: http://paper.example/\r\n"), mtime=0))
        head = record(1, b"").replace(b"Length: 0", b"Length: %d" % (megabytes * 1024 * 1024)).removesuffix(b"\r\n\r\n")
        with large.open("wb") as file:  # in pieces: a process begins with the size of the one that starts it
            file.write(head)
            for _ in range(megabytes):
                file.write(os.urandom(1024 * 1024))
            file.write(b"\r\n\r\n")
        for name, path, records in (("many small records", many, count), ("one large record", large, 1)):
            seconds, memory = imported(path, Path(folder) / path.stem)
            again, _ = imported(path, Path(folder) / path.stem)
            peer = timed(lambda path=path: read_by_warcio(path))  # type: ignore[misc]
            rate = path.stat().st_size / 1e6 / seconds
            print(
                f"{name}: {seconds:.1f} s, {records / seconds:,.0f} records/s, {rate:.0f} MB/s,"
                f" {memory:.0f} MB of memory; again {again:.1f} s; warcio reads it in {peer:.1f} s"
            )


if __name__ == "__main__":
    main()
