"""Those who capture: each fetches addresses and keeps what crossed the wire in WARC files, in a process of its own.

The times are the processor's, the system's part with them. A Python program is measured from its second request on;
wget from its start, which takes it a few milliseconds.
"""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from archive.collection.collection import Collection
    from capture.page import Page
    from capture.settings import Settings

__all__ = ["CONTESTANTS", "Cost", "available", "measured"]

BATCH = 64
"""Visits in one commit, as in the command."""


class Cost(NamedTuple):
    """What a run of one contestant cost."""

    requests: int
    cpu: float
    """Seconds of the processor."""
    wall: float
    memory: float
    """Peak of resident memory, in MB."""
    written: int
    """Bytes of its files."""


Told = Callable[[float, float, int], None]
"""Takes CPU and wall clock seconds, and the number of requests in them."""


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def _timed(tell: Told, requests: int) -> Iterator[None]:
    cpu, wall = _used(), time.perf_counter()
    yield
    tell(_used() - cpu, time.perf_counter() - wall, requests)


def _settings(folder: Path) -> "Settings":
    """Return settings without manners: nothing but the pages is asked for, and nobody waits."""
    from capture.settings import Settings

    return Settings(
        contact="benchmark@example.org",
        allow_private=True,
        robots=False,
        requisites=False,
        interval=0,
        per_host=8,
        largest=4 * 1024**3,
        directory=folder,
    )


def _keep(fetched: "Sequence[tuple[str, Page | None]]", collection: "Collection", folder: Path) -> None:
    """Write, bring to the disk, index, in one commit."""
    from archive.ingest.prepared import Visit

    collection.keep([Visit(url, page) for url, page in fetched], directory=folder)
    for _, page in fetched:
        if page is not None:
            page.close()


def as_a_list(urls: Sequence[str], folder: Path, tell: Told) -> None:
    """Fetch eight at once and keep 64 in one commit, as the command does it with a list."""
    import asyncio
    from contextlib import aclosing

    from archive.collection.collection import Collection
    from capture.client import AsyncClient

    async def run(collection: Collection) -> None:
        async with AsyncClient(_settings(folder)) as client:
            _keep([(urls[0], await client.fetch(urls[0]))], collection, folder)
            batch: list[tuple[str, Page | None]] = []
            with _timed(tell, len(urls) - 1):
                async with aclosing(client.fetch_all(urls[1:], at_once=8)) as found:
                    async for each in found:
                        batch.append((each.url, each.page))
                        if len(batch) == BATCH:
                            _keep(batch, collection, folder)
                            batch.clear()
                _keep(batch, collection, folder)

    with Collection.open(folder / "collection") as collection:
        asyncio.run(run(collection))


def in_turn(urls: Sequence[str], folder: Path, tell: Told, batch: int = BATCH) -> None:
    """Fetch one after the other and keep 64 in one commit."""
    import asyncio

    from archive.collection.collection import Collection
    from capture.client import AsyncClient

    async def run(collection: Collection) -> None:
        async with AsyncClient(_settings(folder)) as client:
            _keep([(urls[0], await client.fetch(urls[0]))], collection, folder)
            with _timed(tell, len(urls) - 1):
                for start in range(1, len(urls), batch):
                    pages = [(url, await client.fetch(url)) for url in urls[start : start + batch]]
                    _keep(pages, collection, folder)

    with Collection.open(folder / "collection") as collection:
        asyncio.run(run(collection))


def one_by_one(urls: Sequence[str], folder: Path, tell: Told) -> None:
    """Fetch one after the other and keep each in a commit of its own: what polite visits come to."""
    in_turn(urls, folder, tell, 1)


def fetch_only(urls: Sequence[str], folder: Path, tell: Told) -> None:
    """Fetch and record, and keep nothing: ours without the archive."""
    import asyncio

    from capture.client import AsyncClient

    async def run() -> None:
        async with AsyncClient(_settings(folder)) as client:
            (await client.fetch(urls[0])).close()
            with _timed(tell, len(urls) - 1):
                for url in urls[1:]:
                    (await client.fetch(url)).close()

    asyncio.run(run())


def capture_http(urls: Sequence[str], folder: Path, tell: Told) -> None:
    """Use requests as warcio's documentation shows it, with a session."""
    from warcio.capture_http import capture_http as capturing  # noqa: I001  # before requests, which it changes

    import requests

    with capturing(str(folder / "requests.warc.gz")), requests.Session() as session:
        session.get(urls[0])
        with _timed(tell, len(urls) - 1):
            for url in urls[1:]:
                session.get(url)


def wget(urls: Sequence[str], folder: Path, tell: Told) -> None:
    """Run wget over a list."""
    names = folder / "list"
    names.write_text("\n".join(urls))
    command = [
        *("wget", "--no-config", "--quiet", "--no-warc-keep-log", "--output-document=/dev/null"),
        *(f"--warc-file={folder / 'wget'}", f"--warc-tempdir={folder}", f"--input-file={names}"),
    ]
    start = time.perf_counter()
    subprocess.run(command, check=True, env={"PATH": os.environ["PATH"]})
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    tell(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, len(urls))


CONTESTANTS: dict[str, Callable[[Sequence[str], Path, Told], None]] = {
    "xuanzhi, in turn": in_turn,
    "xuanzhi, eight at once": as_a_list,
    "xuanzhi, a commit each": one_by_one,
    "xuanzhi, not kept": fetch_only,
    "wget --warc-file": wget,
    "requests, capture_http": capture_http,
}


def available(name: str) -> bool:
    """Whether a contestant is installed."""
    if name.startswith("wget"):
        return which("wget") is not None
    return not name.startswith("requests") or find_spec("requests") is not None


def measured(name: str, urls: Sequence[str], folder: Path) -> Cost:
    """Run a contestant in a fresh process and an empty folder."""
    context = get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=_run, args=(name, urls, folder, results))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{name} failed with {process.exitcode}")
    cpu, wall, requests, memory = results.get()
    written = sum(each.stat().st_size for each in folder.rglob("*.warc.gz"))
    return Cost(requests, cpu, wall, memory, written)


def _run(name: str, urls: Sequence[str], folder: Path, results: Any) -> None:
    told: list[tuple[float, float, int]] = []
    CONTESTANTS[name](urls, folder, lambda *values: told.append(values))
    who = resource.RUSAGE_CHILDREN if name.startswith("wget") else resource.RUSAGE_SELF
    results.put((*told[0], resource.getrusage(who).ru_maxrss / 1024))
