"""An article is asked for as long as its lease runs, and no longer."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.catalogue import FILE, Catalogue
from archive.collection import Collection
from archive.schedule.claims import Claim, Claims
from archive.schedule.table import Schedule
from xuanzhi.visits.holding import Holding, LeaseLost

LEASE = 0.6


def claimed(collection: Collection) -> Claim:
    schedule = Schedule(collection.path, collection.catalogue)
    line = {"do": "add", "at": "2026-11-22T08:00:00Z", "source": "all", "kind": "page", "plan": {"every": "1d"}}
    schedule.change([{**line, "urls": ["https://a.example/1"]}])
    claims = Claims(schedule, "one", clock=time.time, process=1, pace_of=lambda _: 0.0)
    claims.begin(early=False)
    (claim,) = claims.take(1)
    return claim


def held_while(path: Path, act: Callable[[sqlite3.Connection], None], seconds: float) -> float:
    """Hold a claim, let somebody do something to the catalogue, and return for how long the claim was held."""

    async def visit() -> float:
        with Collection.open(path) as collection:
            since = time.time()
            claim = claimed(collection)
            holding = Holding("one", lambda: Catalogue(path / FILE, timeout=5), lease=LEASE, clock=time.time)
            holding.start()
            began = time.monotonic()
            try:
                with closing(sqlite3.connect(path / FILE, isolation_level=None)) as other:
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
