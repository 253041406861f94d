"""The outbox of hooks: it grows with what is undelivered, not with what was ever sent."""

from pathlib import Path
from typing import Any

import pytest

from archive.collection.collection import Collection
from archive.schedule.outbox import LARGE, OUTBOX, RETRIES, TAIL, HookMessage, Outbox
from archive.schedule.table import Schedule
from archive.storage import Journal

HOOKS = '[[hook]]\ncommand = ["a"]\n[[hook]]\ncommand = ["b"]\n'
COUNT = 4000


def event(number: int) -> dict[str, Any]:
    return {"id": f"<urn:uuid:{number:032}>/changed", "event": "changed", "at": "2026", "title": "纸" * 100}


def told(number: int, hook: str) -> dict[str, Any]:
    return {"told": event(number)["id"], "hook": hook, "at": 1.0}


def failed(number: int, hook: str, attempt: int) -> dict[str, Any]:
    return {"failed": event(number)["id"], "hook": hook, "at": 1.0, "attempt": attempt, "reason": "it ended"}


@pytest.fixture
def schedule(tmp_path: Path) -> Any:
    (tmp_path / "collection.toml").write_text(f'name = "c"\n{HOOKS}')
    Collection.open(tmp_path).close()
    with Schedule.open(tmp_path) as schedule:
        yield schedule


def messages(outbox: Outbox, schedule: Schedule) -> list[tuple[str, str, int, float]]:
    def row(each: HookMessage) -> tuple[str, str, int, float]:
        return each.event["id"], each.hook.name, each.attempt, each.ready

    return [row(each) for each in outbox.pending(schedule.settings.hooks)]


def test_what_is_settled_leaves_and_what_is_not_stays(schedule: Schedule) -> None:
    journal = Journal(schedule.root / OUTBOX)
    lines: list[dict[str, Any]] = [{"noticed": "v", "events": [event(number) for number in range(COUNT)]}]
    lines += [told(number, "a") for number in range(COUNT) if number not in {5, COUNT - 1}]
    lines += [told(number, "b") for number in range(COUNT) if number not in {6, 7}]
    lines += [failed(6, "b", 2), *(failed(7, "b", attempt) for attempt in range(1, len(RETRIES) + 2))]
    journal.append(lines)
    assert journal.size() > LARGE
    another = Outbox(schedule)
    before = messages(another, schedule)
    assert [(each[0], each[1]) for each in before] == [
        (event(5)["id"], "a"),
        (event(6)["id"], "b"),
        (event(COUNT - 1)["id"], "a"),
    ]  # the seventh was given up
    Outbox(schedule).add_events(lambda _: None)
    assert journal.size() < LARGE / 4
    kept = [each["id"] for _, line in journal.entries() for each in line.get("events", ())]
    assert kept == [event(number)["id"] for number in (5, 6, *range(COUNT - TAIL, COUNT))]
    assert messages(another, schedule) == messages(Outbox(schedule), schedule) == before
    another.record_attempt(another.pending(schedule.settings.hooks)[0], 2.0, None)
    assert messages(Outbox(schedule), schedule) == before[1:]


def test_what_nobody_took_stays_whole(schedule: Schedule) -> None:
    journal = Journal(schedule.root / OUTBOX)
    journal.append([{"noticed": "v", "events": [event(number) for number in range(COUNT)]}])
    before, size = messages(Outbox(schedule), schedule), journal.size()
    Outbox(schedule).add_events(lambda _: None)
    assert (len(before), messages(Outbox(schedule), schedule), journal.size() >= size) == (2 * COUNT, before, True)
