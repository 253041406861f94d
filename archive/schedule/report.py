"""Reports on scheduled visits: the schedule, the runs (runs.jsonl), and changes in a period."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from archive.catalogue.articles import find
from archive.collection.manifest import append_lines
from archive.errors import storage_errors
from archive.schedule.outcomes import ChangeEvent, change_events, outcomes_of, visited_articles
from archive.schedule.table import Schedule

__all__ = [
    "RUNS",
    "ActiveRunner",
    "ChangeLogLine",
    "ChangeReport",
    "RestingHost",
    "ScheduleHealth",
    "change_log",
    "change_report",
    "last_runs",
    "log_run",
    "schedule_health",
    "source_or_host",
]

RUNS = "runs.jsonl"

_LONGEST_LINE = 500
"""Bytes of a line at most; from the end of the file so many are read for each run that is asked for."""


class RestingHost(NamedTuple):
    """A host that is left alone because of walls."""

    name: str
    until: float
    """Seconds since 1970."""


class ActiveRunner(NamedTuple):
    """A process that visits what is due. Times are seconds since 1970."""

    name: str
    process: int
    started: float
    last_heartbeat: float
    visits: int
    """So far."""


class ScheduleHealth(NamedTuple):
    """The condition of the schedule. Times are seconds since 1970."""

    sources: int
    paused: int
    """Sources that are paused."""
    scheduled: int
    """Articles and feeds that will be visited."""
    due: int
    """Those that could be visited now."""
    due_since: float | None
    """Since when the first of them is due."""
    next_due: float | None
    """When the next one is due, of those that are not yet."""
    claimed: int
    """Those that runners have claimed."""
    resting: tuple[RestingHost, ...]
    runners: tuple[ActiveRunner, ...]
    """The oldest first."""


def schedule_health(schedule: Schedule, now: float) -> ScheduleHealth:
    """Return how the schedule stands; no lock is taken, whoever is at work. Raises Busy, Damaged or StorageError."""
    catalogue = schedule.catalogue
    with storage_errors(catalogue.path):
        sources, paused = catalogue.one("SELECT count(*), coalesce(sum(paused), 0) FROM source")
        (scheduled,) = catalogue.one("SELECT count(*) FROM schedule")
        due, due_since = catalogue.one("SELECT count(*), min(next_due) FROM schedule WHERE next_due <= ?", now)
        (next_due,) = catalogue.one("SELECT min(next_due) FROM schedule WHERE next_due > ?", now)
        (claimed,) = catalogue.one("SELECT count(*) FROM turn WHERE holder != '' AND ready > ?", now)
        resting = tuple(
            catalogue.select(RestingHost, "SELECT name, rests AS until FROM host WHERE rests > ? ORDER BY name", now)
        )
        runners = tuple(
            catalogue.select(
                ActiveRunner,
                "SELECT name, process, started, heard AS last_heartbeat, done AS visits FROM runner ORDER BY started",
            )
        )
    return ScheduleHealth(
        sources=sources,
        paused=paused,
        scheduled=scheduled,
        due=due,
        due_since=due_since,
        next_due=next_due,
        claimed=claimed,
        resting=resting,
        runners=runners,
    )


# Records of runs: runs.jsonl, one line for each


def log_run(schedule: Schedule, line: Mapping[str, Any]) -> None:
    """Add a run to the log. Raises Busy, DiskFull, NotWritable or StorageError."""
    with schedule.catalogue.transaction():
        append_lines(schedule.catalogue, schedule.root, RUNS, [line])


def last_runs(root: Path, limit: int) -> list[dict[str, Any]]:
    """Return what the last runs did, at most so many, the latest first. Raises StorageError."""
    path = root / RUNS
    with storage_errors(path):
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(size - limit * _LONGEST_LINE, 0))
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
    runs = []
    for line in reversed(lines):
        try:
            runs.append(json.loads(line))
        except ValueError:  # the end of a line whose beginning was not read, or of a process that died
            continue
    return [each for each in runs if isinstance(each, dict)][:limit]


# Changes in a period: counts by source, and single events


class ChangeLogLine(NamedTuple):
    """One visit in an article's change log."""

    at: str
    outcome: str
    events: tuple[str, ...]
    state: str
    status: int
    visit_id: str


class ChangeReport(NamedTuple):
    """Changes in a period."""

    since: str
    """UTC, as WARC-Date or its beginning; empty where there is no bound."""
    until: str
    outcomes: dict[str, Counter[str]]
    """Visits by what they found, by source: the account or site that the article names, else its host."""
    events: tuple[ChangeEvent, ...]
    """Oldest first."""

    def of(self, source: str) -> list[ChangeEvent]:
        """Return the events of a source."""
        return [event for event in self.events if source_or_host(event.source, event.url) == source]


def change_report(schedule: Schedule, since: str, until: str, wanted: Callable[[str], bool]) -> ChangeReport:
    """Return what visits found in a time, of the sources that are wanted. Raises Busy, Damaged or StorageError."""
    catalogue, confirmations = schedule.catalogue, schedule.settings.defaults.confirmations
    outcomes: dict[str, Counter[str]] = {}
    events: list[ChangeEvent] = []

    def within(at: str) -> bool:
        return at >= since and (not until or at < until)

    with storage_errors(catalogue.path):
        for article in visited_articles(catalogue, since, until):
            source = source_or_host(*catalogue.one("SELECT source, url FROM article WHERE id = ?", article))
            if not wanted(source):
                continue
            counter = outcomes.setdefault(source, Counter())
            counter.update(
                each.outcome for each in outcomes_of(catalogue, article, confirmations) if within(each.visit.at)
            )
            events += [event for event in change_events(catalogue, article, confirmations) if within(event.at)]
    ordered = sorted(events, key=lambda each: (each.at, each.id))
    return ChangeReport(since, until, dict(sorted(outcomes.items())), tuple(ordered))


def change_log(schedule: Schedule, name: str) -> list[ChangeLogLine]:
    """Return what every visit of an article found, oldest first; `name` is as `archive.catalogue.articles.find` has it.

    Raises NoSuchArticle, ManyArticles, Busy, Damaged or StorageError.
    """
    catalogue, confirmations = schedule.catalogue, schedule.settings.defaults.confirmations
    article = find(catalogue, name)
    with storage_errors(catalogue.path):
        return [
            ChangeLogLine(
                at=each.visit.at,
                outcome=each.outcome,
                events=each.events,
                state=each.visit.state,
                status=each.visit.status,
                visit_id=each.visit.visit_id,
            )
            for each in outcomes_of(catalogue, article, confirmations)
        ]


def source_or_host(source: str, url: str) -> str:
    """Return what an article is counted under: its source, else the host of its address."""
    return source or urlsplit(url).hostname or url
