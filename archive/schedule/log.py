"""runs.jsonl: what each run did, one line a run; and how the schedule stands at this moment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.storage import Journal

__all__ = ["RUNS", "Health", "health", "last_runs", "log_run"]

RUNS = "runs.jsonl"

_LONG = 400
"""Bytes of a line at most; from the end of the file so many are read for each run that is asked for."""


class Health(NamedTuple):
    """How the schedule stands. Times are seconds since 1970."""

    sources: int
    paused: int
    """Sources that are paused."""
    scheduled: int
    """Articles and feeds that will be visited."""
    due: int
    """Those that could be visited now."""
    oldest: float | None
    """Since when the first of them is due."""
    next: float | None
    """When the next one is due, where none is."""
    held: int
    """Those that runners have taken."""
    resting: tuple[tuple[str, float], ...]
    """Hosts that are left alone because of walls, and until when."""
    runners: tuple[tuple[str, int, float, float, int], ...]
    """Runners: name, process, when it began, when it was heard of last, visits so far."""


def health(catalogue: Catalogue, now: float) -> Health:
    """Return how the schedule stands; no lock is taken, whoever is at work. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path):
        sources, paused = catalogue.one("SELECT count(*), coalesce(sum(paused), 0) FROM source")
        (scheduled,) = catalogue.one("SELECT count(*) FROM schedule")
        due, oldest = catalogue.one("SELECT count(*), min(next_due) FROM schedule WHERE next_due <= ?", now)
        (upcoming,) = catalogue.one("SELECT min(next_due) FROM schedule WHERE next_due > ?", now)
        (held,) = catalogue.one("SELECT count(*) FROM turn WHERE holder != '' AND ready > ?", now)
        resting = catalogue.execute("SELECT name, rests FROM host WHERE rests > ? ORDER BY name", (now,)).fetchall()
        runners = catalogue.execute(
            "SELECT name, process, started, heard, done FROM runner ORDER BY started"
        ).fetchall()
        working = tuple((*row,) for row in runners)
    return Health(sources, paused, scheduled, due, oldest, upcoming, held, tuple((*row,) for row in resting), working)


def log_run(root: Path, catalogue: Catalogue, line: Mapping[str, Any]) -> None:
    """Add a run to the log. Raises Busy, DiskFull, NotWritable or StorageError."""
    with catalogue.transaction():
        Journal(root / RUNS).append([line])


def last_runs(root: Path, most: int) -> list[dict[str, Any]]:
    """Return what the last runs did, the latest first. Raises StorageError."""
    path = root / RUNS
    with storage_errors(path):
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(size - most * _LONG, 0))
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return []
    found = []
    for line in reversed(lines):
        try:
            found.append(json.loads(line))
        except ValueError:  # the end of a line whose beginning was not read, or of a process that died
            continue
    return [each for each in found if isinstance(each, dict)][:most]
