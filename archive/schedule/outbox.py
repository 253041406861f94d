"""The outbox of hooks: outbox.jsonl, with events and what became of each.

| line | says |
| --- | --- |
| `{"noticed": VISIT, "events": […]}` | the events of all visits up to this one |
| `{"told": EVENT, "hook", "at"}` | a hook took it |
| `{"failed": EVENT, "hook", "at", "attempt", "reason"}` | it did not; it is sent again later |

A run that dies between sending an event and writing so sends it again: at least once, with the same identifier.

A file that has grown is written anew, whole or not at all, with what is not delivered yet and a tail of what is: nobody
needs the rest, because the events can be made again from the records.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archive.errors import Damaged
from archive.schedule.outcomes import ChangeEvent, change_events
from archive.schedule.settings import Hook
from archive.schedule.table import Schedule
from archive.storage import Journal, write_atomically

__all__ = ["OUTBOX", "RETRIES", "HookMessage", "Outbox"]

OUTBOX = "outbox.jsonl"

RETRIES = (60.0, 300.0, 3600.0, 6 * 3600.0, 86400.0)
"""Seconds after a failure until the next attempt; after the last one the message is given up, and stays in the file."""


LARGE = 1 << 20
"""Bytes from which the file is written anew, where that makes it smaller by half."""

TAIL = 200
"""Events that stay in it although nobody waits for them, for people to read."""


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
        self._inode = 0
        """Of the file that was read so far: another one was written anew."""
        self._last_visit = ""
        """Identifier of the last visit whose events are written; `-` for none."""
        self._events: dict[str, dict[str, Any]] = {}
        self._delivered: set[tuple[str, str]] = set()
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}

    def add_events(self, share_of: Callable[[ChangeEvent], float | None]) -> int:
        """Write down the events since the last time; return how many. Without hooks nothing is written.

        What had happened before there were hooks is sent to none. `share_of` gives the share of the text that an event
        changed. Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
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
            self._shrink()
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
                if event["event"] in hook.events and not self._is_settled(event_id, hook.name):
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
        """Read what was written since, by whomever; all of it, where the file was written anew."""
        while True:
            inode = self._file_inode()
            if inode != self._inode:
                self._inode, self._offset, self._last_visit = inode, 0, ""
                self._events, self._delivered, self._failed = {}, set(), {}
            try:
                entries = list(self._journal.entries(self._offset))
            except Damaged:
                if self._file_inode() == inode:
                    raise
                continue
            if self._file_inode() == inode:  # else these may be lines of two files
                break
        for offset, line in entries:
            self._offset = offset
            if "noticed" in line:
                self._last_visit = line["noticed"]
                self._events.update((event["id"], event) for event in line["events"])
            elif "told" in line:
                self._delivered.add((line["told"], line["hook"]))
            else:
                wait = RETRIES[min(line["attempt"], len(RETRIES)) - 1]
                self._failed[line["failed"], line["hook"]] = line["attempt"], line["at"] + wait

    def _file_inode(self) -> int:
        try:
            return self._journal.path.stat().st_ino
        except OSError:  # none yet; what is wrong otherwise is said when it is read
            return 0

    def _shrink(self) -> None:
        """Write a large file anew, without what is settled; inside of a transaction, after reading."""
        if self._offset < LARGE:
            return
        hooks = self._schedule.settings.hooks
        waiting = {
            event_id
            for event_id, event in self._events.items()
            if any(event["event"] in each.events and not self._is_settled(event_id, each.name) for each in hooks)
        }
        # A hook that is not in collection.toml now may come back.
        waiting |= {event_id for event_id, hook in self._failed if not self._is_settled(event_id, hook)}
        kept = waiting | set(list(self._events)[-TAIL:])
        events = [event for event_id, event in self._events.items() if event_id in kept]
        lines: list[dict[str, Any]] = [{"noticed": self._last_visit, "events": events}]
        for _, line in self._journal.entries():
            if line.get("told", line.get("failed")) in kept:
                lines.append(line)
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")
        if len(data) * 2 <= self._offset:
            write_atomically(self._journal.path, data)
            self._read()

    def _is_settled(self, event_id: str, hook: str) -> bool:
        """Whether a hook took an event, or was given up."""
        failures, _unused = self._failed.get((event_id, hook), (0, 0.0))
        return (event_id, hook) in self._delivered or failures > len(RETRIES)


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
