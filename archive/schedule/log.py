"""runs.jsonl: what each run did, one line a run; and how the schedule stands at this moment."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from archive.catalogue.articles import find
from archive.errors import storage_errors
from archive.schedule.due import ChangeEvent, change_events, of_articles, past_visits
from archive.schedule.settings import Hook
from archive.schedule.table import Schedule
from archive.storage import Journal

__all__ = [
    "OUTBOX",
    "RETRIES",
    "RUNS",
    "ChangeLogLine",
    "ChangeReport",
    "Health",
    "HookMessage",
    "Outbox",
    "change_log",
    "health",
    "last_runs",
    "log_run",
    "news",
]

RUNS = "runs.jsonl"

_LONG = 400
"""Bytes of a line at most; from the end of the file so many are read for each run that is asked for."""


class RestingHost(NamedTuple):
    """A host that is left alone because of walls."""

    name: str
    rests: float
    """Until when, in seconds since 1970."""


class RunnerAtWork(NamedTuple):
    """A runner. Times are seconds since 1970."""

    name: str
    process: int
    started: float
    heard: float
    """When it was heard of last."""
    done: int
    """Visits that it kept so far."""


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
    resting: tuple[RestingHost, ...]
    """By name."""
    runners: tuple[RunnerAtWork, ...]
    """In the order in which they began."""


def health(schedule: Schedule, now: float) -> Health:
    """Return how the schedule stands; no lock is taken, whoever is at work. Raises Busy, Damaged or StorageError."""
    catalogue = schedule.catalogue
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
    return Health(
        sources=sources,
        paused=paused,
        scheduled=scheduled,
        due=due,
        oldest=oldest,
        next=upcoming,
        held=held,
        resting=tuple(RestingHost(name=name, rests=rests) for name, rests in resting),
        runners=tuple(
            RunnerAtWork(name=name, process=process, started=started, heard=heard, done=done)
            for name, process, started, heard, done in runners
        ),
    )


def log_run(schedule: Schedule, line: Mapping[str, Any]) -> None:
    """Add a run to the log. Raises Busy, DiskFull, NotWritable or StorageError."""
    with schedule.catalogue.transaction():
        Journal(schedule.root / RUNS).append([line])


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


# outbox.jsonl: news for the hooks, and what became of it. No killed run loses any; each has a name to know it by.
#
# | line | says |
# | --- | --- |
# | `{"noticed": VISIT, "events": […]}` | the news of all visits up to this one |
# | `{"told": EVENT, "hook", "at"}` | a hook took it |
# | `{"failed": EVENT, "hook", "at", "attempt", "reason"}` | it did not; it is told again later |
#
# A run that dies between telling and writing that it told tells again: at least once, with the same name.


OUTBOX = "outbox.jsonl"

RETRIES = (60.0, 300.0, 3600.0, 6 * 3600.0, 86400.0)
"""Seconds after a failure until the next attempt; after the last one the message is given up, and stays in the file."""


class HookMessage(NamedTuple):
    """An event that a hook is to be told."""

    event: dict[str, Any]
    hook: Hook
    attempt: int
    """From 1."""
    ready: float
    """When it may be tried, in seconds since 1970."""


class Outbox:
    """The outbox of a collection, as one process sees it."""

    def __init__(self, schedule: Schedule) -> None:
        self._journal = Journal(schedule.root / OUTBOX)
        self._schedule = schedule
        self._catalogue = schedule.catalogue
        self._place = 0
        self._noticed = ""
        self._events: dict[str, dict[str, Any]] = {}
        self._told: set[tuple[str, str]] = set()
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}

    def notice(self, amount_of: Callable[[ChangeEvent], float | None]) -> int:
        """Write down what is news since the last time; return how much. Without hooks nobody is to be told.

        `amount_of` gives the share of the text that an event changed, from 0 to 1, or None. What had happened
        before there were hooks is no news. Raises Busy, Damaged, DiskFull or StorageError.
        """
        settings = self._schedule.settings
        if not settings.hooks:
            return 0
        with self._catalogue.transaction():
            self._read()
            latest = self._catalogue.one("SELECT visit_id FROM visit ORDER BY capture DESC LIMIT 1")
            last_id = latest[0] if latest else "-"
            if last_id == self._noticed:
                return 0
            news = []
            if self._noticed:
                known = self._catalogue.one("SELECT capture FROM visit WHERE visit_id = ?", self._noticed)
                news = self._since(int(known[0]) if known else 0, settings.manners.confirmations, amount_of)
            self._journal.append([{"noticed": last_id, "events": news}])
            self._read()
        return len(news)

    def _since(
        self, capture: int, confirmations: int, amount_of: Callable[[ChangeEvent], float | None]
    ) -> list[dict[str, Any]]:
        rows = self._catalogue.execute("SELECT capture, visit_id FROM visit WHERE capture > ?", (capture,)).fetchall()
        visits = {visit_id for _, visit_id in rows}
        articles = self._catalogue.execute(
            "SELECT DISTINCT article FROM capture WHERE id > ? AND kind = 'visit' ORDER BY article", (capture,)
        ).fetchall()
        found = [
            each
            for (article,) in articles
            for each in change_events(self._catalogue, article, confirmations)
            if each.id.rpartition("/")[0] in visits and each.id not in self._events
        ]
        return [_said(each, amount_of(each)) for each in sorted(found, key=lambda each: (each.at, each.id))]

    def waiting(self, hooks: Sequence[Hook]) -> list[HookMessage]:
        """Return what is still to be told, the oldest first. Raises Damaged or StorageError."""
        self._read()
        found = []
        for name, event in self._events.items():
            for hook in hooks:
                failed, ready = self._failed.get((name, hook.name), (0, 0.0))
                wanted = event["event"] in hook.events and (name, hook.name) not in self._told
                if wanted and failed <= len(RETRIES):
                    found.append(HookMessage(event, hook, failed + 1, ready))
        return found

    def told(self, message: HookMessage, at: float, reason: str | None) -> None:
        """Write down that a hook took a message, or why it did not. Raises Busy, DiskFull or StorageError."""
        line: dict[str, Any] = {"hook": message.hook.name, "at": at}
        if reason is None:
            line = {"told": message.event["id"], **line}
        else:
            line = {"failed": message.event["id"], **line, "attempt": message.attempt, "reason": reason}
        with self._catalogue.transaction():
            self._journal.append([line])

    def _read(self) -> None:
        """Read what was written since, by whomever."""
        for place, line in self._journal.entries(self._place):
            self._place = place
            if "noticed" in line:
                self._noticed = line["noticed"]
                self._events.update((event["id"], event) for event in line["events"])
            elif "told" in line:
                self._told.add((line["told"], line["hook"]))
            else:
                wait = RETRIES[min(line["attempt"], len(RETRIES)) - 1]
                self._failed[line["failed"], line["hook"]] = line["attempt"], line["at"] + wait


def _said(event: ChangeEvent, amount: float | None) -> dict[str, Any]:
    """Return an event as others are told it."""
    said: dict[str, Any] = {
        "id": event.id,
        "event": event.event,
        "at": event.at,
        "article": event.article,
        "url": event.url,
        "title": event.title,
        "source": event.source,
        "outcome": event.outcome,
    }
    if event.target:
        said["target"] = event.target
    if amount is not None:
        said["amount"] = round(amount, 4)
    return said


# What was noticed in a time: counts by source, and the news one by one. Made of the captures whenever it is asked.


class ChangeLogLine(NamedTuple):
    """One visit in an article's change log."""

    at: str
    outcome: str
    events: tuple[str, ...]
    state: str
    status: int
    visit_id: str


class ChangeReport(NamedTuple):
    """What was noticed in a time."""

    since: str
    """UTC, as WARC-Date or its beginning; empty for ever."""
    until: str
    outcomes: dict[str, Counter[str]]
    """Visits by what they found, by source: the account or site that the article names, else its host."""
    events: tuple[ChangeEvent, ...]
    """Oldest first."""

    def of(self, source: str) -> list[ChangeEvent]:
        """Return the events of a source."""
        return [event for event in self.events if source_of(event.source, event.url) == source]


def news(schedule: Schedule, since: str, until: str, wanted: Callable[[str], bool]) -> ChangeReport:
    """Return what was noticed in a time, of the sources that are wanted. Raises Busy, Damaged or StorageError."""
    catalogue, confirmations = schedule.catalogue, schedule.settings.manners.confirmations
    outcomes: dict[str, Counter[str]] = {}
    found: list[ChangeEvent] = []

    def within(at: str) -> bool:
        return at >= since and (not until or at < until)

    with storage_errors(catalogue.path):
        for article in of_articles(catalogue, since, until):
            named = source_of(*catalogue.one("SELECT source, url FROM article WHERE id = ?", article))
            if not wanted(named):
                continue
            counter = outcomes.setdefault(named, Counter())
            counter.update(
                each.outcome for each in past_visits(catalogue, article, confirmations) if within(each.capture.at)
            )
            found += [event for event in change_events(catalogue, article, confirmations) if within(event.at)]
    ordered = sorted(found, key=lambda each: (each.at, each.id))
    return ChangeReport(since, until, dict(sorted(outcomes.items())), tuple(ordered))


def change_log(schedule: Schedule, name: str) -> list[ChangeLogLine]:
    """Return what every visit of an article found, oldest first; `name` is as `archive.catalogue.articles.find` has it.

    Raises NoSuchArticle, ManyArticles, Busy, Damaged or StorageError.
    """
    catalogue, confirmations = schedule.catalogue, schedule.settings.manners.confirmations
    article = find(catalogue, name)
    with storage_errors(catalogue.path):
        return [
            ChangeLogLine(
                at=each.capture.at,
                outcome=each.outcome,
                events=each.events,
                state=each.capture.state,
                status=each.capture.status,
                visit_id=each.capture.visit_id,
            )
            for each in past_visits(catalogue, article, confirmations)
        ]


def source_of(source: str, url: str) -> str:
    """Return what an article is counted under."""
    return source or urlsplit(url).hostname or url
