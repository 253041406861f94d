"""What it costs to keep visits: CPU of one exchange, and memory while a large body is kept.

    python benchmarks/keeping.py [--number N] [--large MEGABYTES] [--folder DIR]

Exchanges are made by hand, so that nothing of a network counts. Each has an answer, a request and a description; each
visit has one exchange, its own description and its provenance. Time is CPU of the process, the system's part with it.
"""

import argparse
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit
from capture.framing import Framer
from capture.page import Connection, Exchange, Page, Robots
from capture.spool import Block, Spool, block_of

START = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
REQUEST = b"GET /%d HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nUser-Agent: xuanzhi\r\n\r\n"


def exchange(number: int, head: bytes, response: Block, size: int, digest: str) -> Exchange:
    """Return a whole exchange."""
    framer = Framer()
    framer.feed(head)
    return Exchange(
        method="GET",
        url=f"https://a.example/{number}",
        started=START + timedelta(seconds=number),
        ended=START + timedelta(seconds=number, milliseconds=80),
        request=block_of(REQUEST % number),
        redacted=(),
        interim=b"",
        response=response,
        surplus=b"",
        head=framer.head,
        payload_size=size,
        payload_sha256=digest,
        whole=True,
        framing="",
        truncated="",
        outcome="complete",
        message="",
        connection=Connection(address="192.0.2.7", port=443, tls=None),
        reused=True,
        proxied=False,
        events=(),
    )


def visit(one: Exchange) -> Visit:
    """Return a visit of one exchange."""
    page = Page(
        url=one.url,
        hops=(one,),
        attempts=(),
        requisites=(),
        failures=(),
        robots=Robots("allowed", "", ""),
        robots_exchanges=(),
        wall="",
        insecure=False,
    )
    return Visit(one.url, page)


def small(number: int, kilobytes: int) -> Visit:
    """Return a visit whose answer is so large in gzip; every body is another one."""
    chance = random.Random(number)
    body = gzip.compress(chance.randbytes(kilobytes * 1000), 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    return visit(exchange(number, head, block_of(head + body), len(body), sha256(body).hexdigest()))


def large(megabytes: int, folder: Path) -> Visit:
    """Return a visit whose answer lies in a temporary file."""
    size = megabytes * 1024 * 1024
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % size
    spool, payload = Spool(folder), sha256()
    spool.write(head)
    for _ in range(megabytes):
        data = os.urandom(4096) * 256
        payload.update(data)
        spool.write(data)
    return visit(exchange(0, head, spool.block(), size, payload.hexdigest()))


def peak() -> float:
    """Return the peak of this process's memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run_small(kilobytes: int, number: int, batch: int, folder: Path) -> None:
    """Keep many visits; print CPU of each."""
    visits = [small(each, kilobytes) for each in range(number)]
    with Collection.open(folder / f"c{kilobytes}") as collection:
        begin, wall = cpu(), time.monotonic()
        for start in range(0, number, batch):
            collection.keep(visits[start : start + batch])
        used, took = cpu() - begin, time.monotonic() - wall
    print(
        f"{kilobytes:>4} KB gzip, {batch:>3} a batch: {used / number * 1000:6.2f} ms CPU, {number / took:6.0f} a second"
    )


def run_large(megabytes: int, folder: Path) -> None:
    """Keep one large body; print memory and time."""
    one = large(megabytes, folder)
    before, begin, wall = peak(), cpu(), time.monotonic()
    with Collection.open(folder / "large") as collection:
        collection.keep([one], directory=folder)
    print(
        f"{megabytes:,} MB: peak {peak():.0f} MB of memory ({before:.0f} MB before),"
        f" {cpu() - begin:.1f} s CPU, {time.monotonic() - wall:.1f} s"
    )


def main() -> None:
    """Run each row in a process of its own, so that its memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--large", type=int, default=2048, metavar="MEGABYTES")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--row")
    options = parser.parse_args()
    if options.row:
        kind, _, batch = options.row.partition("/")
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            if kind == "large":
                run_large(options.large, Path(folder))
            else:
                run_small(int(kind), options.number, int(batch), Path(folder))
        return
    for row in ("12/1", "12/16", "375/1", "375/16", "large"):
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--row", row], check=True)


if __name__ == "__main__":
    main()
