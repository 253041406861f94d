"""The outbox of hooks: outbox.jsonl, with events and what became of each.

| line | says |
| --- | --- |
| `{"noticed": VISIT, "events": […]}` | the events of all visits up to this one |
| `{"told": EVENT, "hook", "at"}` | a hook took it |
| `{"failed": EVENT, "hook", "at", "attempt", "reason"}` | it did not; it is sent again later |

A run that dies between sending an event and writing so sends it again: at least once, with the same identifier.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archive.schedule.outcomes import ChangeEvent, change_events
from archive.schedule.settings import Hook
from archive.schedule.table import Schedule
from archive.storage import Journal

__all__ = ["OUTBOX", "RETRIES", "HookMessage", "Outbox"]

OUTBOX = "outbox.jsonl"

RETRIES = (60.0, 300.0, 3600.0, 6 * 3600.0, 86400.0)
"""Seconds after a failure until the next attempt; after the last one the message is given up, and stays in the file."""


class HookMessage(NamedTuple):
    """An event that is to be sent to a hook."""

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
        self._offset = 0
        self._last_visit = ""
        """Identifier of the last visit whose events are written; `-` for none."""
        self._events: dict[str, dict[str, Any]] = {}
        self._delivered: set[tuple[str, str]] = set()
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}

    def add_events(self, share_of: Callable[[ChangeEvent], float | None]) -> int:
        """Write down the events since the last time; return how many. Without hooks nothing is written.

        What had happened before there were hooks is sent to none. `share_of` gives the share of the text that an event
        changed. Raises Busy, Damaged, DiskFull or StorageError.
        """
        settings = self._schedule.settings
        if not settings.hooks:
            return 0
        with self._catalogue.transaction():
            self._read()
            latest = self._catalogue.one("SELECT visit_id FROM visit ORDER BY capture DESC LIMIT 1")
            visit_id = latest[0] if latest else "-"
            if visit_id == self._last_visit:
                return 0
            events = []
            if self._last_visit:
                row = self._catalogue.one("SELECT capture FROM visit WHERE visit_id = ?", self._last_visit)
                events = self._events_after(int(row[0]) if row else 0, settings.defaults.confirmations, share_of)
            self._journal.append([{"noticed": visit_id, "events": events}])
            self._read()
        return len(events)

    def _events_after(
        self, capture: int, confirmations: int, share_of: Callable[[ChangeEvent], float | None]
    ) -> list[dict[str, Any]]:
        rows = self._catalogue.execute("SELECT visit_id FROM visit WHERE capture > ?", (capture,)).fetchall()
        visits = {visit_id for (visit_id,) in rows}
        articles = self._catalogue.execute(
            "SELECT DISTINCT article FROM capture WHERE id > ? AND kind = 'visit' ORDER BY article", (capture,)
        ).fetchall()
        events = [
            each
            for (article,) in articles
            for each in change_events(self._catalogue, article, confirmations)
            if each.id.rpartition("/")[0] in visits and each.id not in self._events
        ]
        return [_event_json(each, share_of(each)) for each in sorted(events, key=lambda each: (each.at, each.id))]

    def pending(self, hooks: Sequence[Hook]) -> list[HookMessage]:
        """Return the messages that are still to be sent, the oldest first. Raises Damaged or StorageError."""
        self._read()
        messages = []
        for event_id, event in self._events.items():
            for hook in hooks:
                failures, ready = self._failed.get((event_id, hook.name), (0, 0.0))
                wanted = event["event"] in hook.events and (event_id, hook.name) not in self._delivered
                if wanted and failures <= len(RETRIES):
                    messages.append(HookMessage(event, hook, failures + 1, ready))
        return messages

    def record_attempt(self, message: HookMessage, at: float, reason: str | None) -> None:
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
        for offset, line in self._journal.entries(self._offset):
            self._offset = offset
            if "noticed" in line:
                self._last_visit = line["noticed"]
                self._events.update((event["id"], event) for event in line["events"])
            elif "told" in line:
                self._delivered.add((line["told"], line["hook"]))
            else:
                wait = RETRIES[min(line["attempt"], len(RETRIES)) - 1]
                self._failed[line["failed"], line["hook"]] = line["attempt"], line["at"] + wait


def _event_json(event: ChangeEvent, share: float | None) -> dict[str, Any]:
    """Return an event as hooks get it."""
    values: dict[str, Any] = {
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
        values["target"] = event.target
    if share is not None:
        values["amount"] = round(share, 4)
    return values
