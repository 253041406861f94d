"""Delivery of events to hooks: commands and webhooks, beside the run.

The telling has a thread and a connection of its own. One process at a time tells, because the outbox has a lock that
the system takes away from a process that dies.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, time
from typing import Any

from archive.errors import ArchiveError
from archive.schedule.outbox import OUTBOX, HookMessage, Outbox
from archive.schedule.settings import Hook
from archive.schedule.table import Schedule
from xuanzhi.jobs.visits import without_login

__all__ = ["HookNotifier", "send"]

LONGEST_END = 20.0
"""Seconds for which a run that ends waits for its hooks; what was not told is told by the next run."""

_STEP = 0.1
"""Seconds after which somebody who waits looks whether it is to end."""

_LAST = 1.0
"""Seconds for a thread that was told to end; it ends with the program in any case."""

_WORDS = 300
"""Characters of a reason that are written down."""


class HookNotifier:
    """Tells hooks from a thread; use as a context manager, and `wake` it when there is news."""

    def __init__(
        self, root: Path, hooks: Sequence[Hook], complain: Callable[[str, str], None], clock: Callable[[], float] = time
    ) -> None:
        """`complain` is called with the hook's name and a reason; it may come from another thread."""
        self._root = root
        self._hooks = tuple(hooks)
        self._complain = complain
        self._clock = clock
        self._news = Event()
        self._ending = False
        self._hurried = Event()
        self._thread = Thread(target=self._work, name="hooks", daemon=True)

    def wake(self) -> None:
        """Say that there may be news."""
        self._news.set()

    def hurry(self) -> None:
        """End what is told at this moment: the next run tells it. Nothing more is told."""
        self._hurried.set()
        self._news.set()

    def __enter__(self) -> "HookNotifier":
        if self._hooks:
            self._news.set()  # what an earlier run could not tell
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._hooks:
            self._ending = True
            self._news.set()
            patience = LONGEST_END
            while self._thread.is_alive() and patience > 0 and not self._hurried.is_set():
                self._thread.join(_STEP)
                patience -= _STEP
            self._hurried.set()  # what hangs is not left behind
            self._thread.join(_LAST)

    def _work(self) -> None:
        try:
            with Schedule.open(self._root) as schedule:
                outbox = Outbox(schedule)
                while True:
                    self._news.wait(60)
                    ending = self._ending
                    self._news.clear()
                    self._tell(outbox)
                    if ending:
                        return
        except ArchiveError as error:  # the run goes on; the next one tells
            self._complain("", str(error))

    def _tell(self, outbox: Outbox) -> None:
        with _Lock(self._root / f"{OUTBOX}.lock") as ours:
            if not ours:
                return
            for message in outbox.pending(self._hooks):
                if self._hurried.is_set():
                    return
                if message.ready <= self._clock():
                    reason = send(message, self._hurried)
                    if self._hurried.is_set() and reason is not None:
                        return  # we ended it, which is no failure of the hook
                    outbox.record_attempt(message, self._clock(), reason)
                    if reason is not None:
                        self._complain(message.hook.name, reason)


def send(message: HookMessage, hurried: Event | None = None) -> str | None:
    """Tell a hook of an event; return why that failed, None where it did not. A command ends when `hurried` is set."""
    data = json.dumps(message.event, ensure_ascii=False).encode("utf-8", "replace")
    reason = _call(message, data) if message.hook.url else _run(message, data, hurried or Event())
    return None if reason is None else reason[:_WORDS]


def _run(message: HookMessage, data: bytes, hurried: Event) -> str | None:
    """Run a command: the event is on its standard input, its name and kind in the environment."""
    environment = {**os.environ, "XUANZHI_EVENT": message.event["event"], "XUANZHI_EVENT_ID": message.event["id"]}
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        # A session of its own, so that what it started ends with it.
        with subprocess.Popen(message.hook.command, env=environment, start_new_session=True, **pipes) as process:
            until = monotonic() + message.hook.timeout
            given: bytes | None = data
            while True:
                try:
                    _out, err = process.communicate(given, timeout=max(0.0, min(_STEP, until - monotonic())))
                    break
                except subprocess.TimeoutExpired:
                    given = None
                if hurried.is_set() or monotonic() >= until:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    return f"it did not end within {message.hook.timeout:g} s"
    except OSError as error:
        return f"it cannot be run: {error.strerror}"
    stderr = err.decode("utf-8", "replace").strip()
    code = process.returncode
    return None if code == 0 else f"it ended with exit code {code}{f': {stderr}' if stderr else ''}"


def _call(message: HookMessage, data: bytes) -> str | None:
    """Post the event as JSON. A receiver that has seen the Idempotency-Key has been told before."""
    import httpx  # only where somebody has such a hook

    fields = {"Content-Type": "application/json", "Idempotency-Key": message.event["id"]}
    try:
        answer = httpx.post(message.hook.url, content=data, headers=fields, timeout=message.hook.timeout)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{without_login(message.hook.url)} cannot be reached: {error}"
    return None if answer.is_success else f"{without_login(message.hook.url)} answered {answer.status_code}"


class _Lock:
    """A lock on a file, which no process keeps that is dead; whether it is ours is what entering gives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def __enter__(self) -> bool:
        import fcntl  # POSIX, as this project is

        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
