"""An article is asked for as long as its lease runs, and no longer."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from scripted import Answer, Server, ok

from archive.collection.collection import Collection
from archive.schedule.queue import Claim, Claims
from archive.schedule.table import Schedule
from archive.storage import CATALOGUE
from capture.settings import Settings
from clean.rules import built_in
from xuanzhi.jobs.visits import PageWork
from xuanzhi.jobs.workers import Companion, WorkLimits
from xuanzhi.runner.runner import LeaseKeeper, LeaseLost, Runner, RunOutcome

LEASE = 0.6


def planned(schedule: Schedule, url: str) -> None:
    line = {"do": "add", "at": "2026-11-22T08:00:00Z", "source": "all", "kind": "page", "plan": {"every": "1d"}}
    schedule.change([{**line, "urls": [url]}])


def claimed(collection: Collection) -> Claim:
    schedule = Schedule.of(collection)
    planned(schedule, "https://a.example/1")
    claims = Claims(schedule, "one", clock=time.time, process=1, pace_of=lambda _: 0.0)
    claims.begin(early=False)
    (claim,) = claims.claim(1)
    return claim


def held_while(path: Path, act: Callable[[sqlite3.Connection], None], seconds: float) -> float:
    """Hold a claim, let somebody do something to the catalogue, and return for how long the claim was held."""

    async def visit() -> float:
        with Collection.open(path) as collection:
            since = time.time()
            claim = claimed(collection)
            holding = LeaseKeeper("one", lambda: Schedule.open(path, timeout=5), lease=LEASE, clock=time.time)
            holding.start()
            began = time.monotonic()
            try:
                with closing(sqlite3.connect(path / CATALOGUE, isolation_level=None)) as other:
                    act(other)
                    async with holding.of(claim, since):
                        await asyncio.sleep(seconds)
            finally:
                held = time.monotonic() - began
                holding.stop()
                holding.check()
            return held

    (path / "collection.toml").write_text(f'name = "c"\n\n[schedule]\nlease = "{LEASE}s"\n')
    return asyncio.run(visit())


def test_what_is_renewed_is_held_for_many_leases(tmp_path: Path) -> None:
    assert held_while(tmp_path, lambda other: None, 3 * LEASE) >= 3 * LEASE


def test_what_cannot_be_renewed_is_given_up_before_the_lease_is_over(tmp_path: Path) -> None:
    with pytest.raises(LeaseLost):
        held_while(tmp_path, lambda other: other.execute("BEGIN IMMEDIATE") and None, 100)


def test_what_another_has_taken_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(LeaseLost):
        held_while(tmp_path, lambda other: other.execute("UPDATE turn SET holder = 'two'") and None, 100)


class Machine:
    """A machine that sleeps while it waits for robots.txt: the time of day goes on, the other clocks stand still."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.slept = 0.0
        self.left: list[float] = []
        """Seconds of the lease that were left each time the page was asked for."""

    def clock(self) -> float:
        return time.time() + self.slept

    def sleeping(self) -> Iterator[bytes]:
        self.slept += 3600
        yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def asked(self) -> Iterator[bytes]:
        with closing(sqlite3.connect(self.path / CATALOGUE)) as catalogue:
            self.left += [ready - self.clock() for (ready,) in catalogue.execute("SELECT ready FROM turn")]
        yield ok("<p>竹纸</p>".encode(), b"Content-Type: text/html; charset=utf-8")


def test_a_machine_that_slept_asks_for_nothing_on_its_old_lease(tmp_path: Path) -> None:
    machine, told = Machine(tmp_path), list[RunOutcome]()
    (tmp_path / "collection.toml").write_text('name = "c"\n')
    answers = {"/robots.txt": Answer(machine.sleeping()), "/1": Answer(machine.asked())}
    companion = Companion(PageWork(built_in()), WorkLimits())
    with companion as cleaner, Server(answers) as server, Collection.open(tmp_path) as collection:
        with Schedule.open(tmp_path) as schedule:
            planned(schedule, f"{server.url}/1")
            settings = Settings(contact="archive@library.example", allow_private=True, interval=0.0)
            runner = Runner(collection, schedule, settings, cleaner, told.extend, clock=machine.clock)
            asyncio.run(runner.run(forever=False))
        asked = [each.target for each in server.asked]
    assert (asked.count("/1"), len(told)) == (1, 1)
    assert machine.left
    assert all(left > 0 for left in machine.left), machine.left
