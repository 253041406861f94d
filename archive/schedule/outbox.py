"""outbox.jsonl: news for the hooks, and what became of it. No killed run loses any; each has a name to know it by.

| line | says |
| --- | --- |
| `{"noticed": VISIT, "events": […]}` | the news of all visits up to this one |
| `{"told": EVENT, "hook", "at"}` | a hook took it |
| `{"failed": EVENT, "hook", "at", "attempt", "reason"}` | it did not; it is told again later |

A run that dies between telling and writing that it told tells again: at least once, with the same name.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.schedule.history import Event, events
from archive.schedule.settings import Hook
from archive.storage import Journal

__all__ = ["OUTBOX", "RETRIES", "Message", "Outbox"]

OUTBOX = "outbox.jsonl"

RETRIES = (60.0, 300.0, 3600.0, 6 * 3600.0, 86400.0)
"""Seconds after a failure until the next attempt; after the last one the message is given up, and stays in the file."""


class Message(NamedTuple):
    """An event that a hook is to be told."""

    event: dict[str, Any]
    hook: Hook
    attempt: int
    """From 1."""
    ready: float
    """When it may be tried, in seconds since 1970."""


class Outbox:
    """The outbox of a collection, as one process sees it."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self._journal = Journal(root / OUTBOX)
        self._catalogue = catalogue
        self._place = 0
        self._noticed = ""
        self._events: dict[str, dict[str, Any]] = {}
        self._told: set[tuple[str, str]] = set()
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}

    def notice(self, hooks: Sequence[Hook], confirmations: int, amount_of: Callable[[Event], float | None]) -> int:
        """Write down what is news since the last time; return how much. Without hooks nobody is to be told.

        What had happened before there were hooks is no news. Raises Busy, Damaged, DiskFull or StorageError.
        """
        if not hooks:
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
                news = self._since(int(known[0]) if known else 0, confirmations, amount_of)
            self._journal.append([{"noticed": last_id, "events": news}])
            self._read()
        return len(news)

    def _since(
        self, capture: int, confirmations: int, amount_of: Callable[[Event], float | None]
    ) -> list[dict[str, Any]]:
        rows = self._catalogue.execute("SELECT capture, visit_id FROM visit WHERE capture > ?", (capture,)).fetchall()
        visits = {visit_id for _, visit_id in rows}
        articles = self._catalogue.execute(
            "SELECT DISTINCT article FROM capture WHERE id > ? AND kind = 'visit' ORDER BY article", (capture,)
        ).fetchall()
        found = [
            each
            for (article,) in articles
            for each in events(self._catalogue, article, confirmations)
            if each.id.rpartition("/")[0] in visits and each.id not in self._events
        ]
        return [_said(each, amount_of(each)) for each in sorted(found, key=lambda each: (each.at, each.id))]

    def waiting(self, hooks: Sequence[Hook]) -> list[Message]:
        """Return what is still to be told, the oldest first. Raises Damaged or StorageError."""
        self._read()
        found = []
        for name, event in self._events.items():
            for hook in hooks:
                failed, ready = self._failed.get((name, hook.name), (0, 0.0))
                wanted = event["event"] in hook.events and (name, hook.name) not in self._told
                if wanted and failed <= len(RETRIES):
                    found.append(Message(event, hook, failed + 1, ready))
        return found

    def told(self, message: Message, at: float, reason: str | None) -> None:
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


def _said(event: Event, amount: float | None) -> dict[str, Any]:
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
