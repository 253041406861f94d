"""Signals that end a command: at once while nothing has begun, then as an exception that every command expects.

| signal | from | exit code |
| --- | --- | --- |
| SIGINT | Ctrl-C | 130 |
| SIGTERM | systemd, `kill`, a shutdown | 143 |
| SIGHUP | a terminal that is closed | 129 |

One that whoever started us wants ignored, as nohup does, is ignored.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["SIGNALS", "Ended", "end_at_once", "interruptible", "restored"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(KeyboardInterrupt):
    """A signal asks the command to end. What handles Ctrl-C handles this."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """As shells give it for a process that a signal ended."""


def end_at_once() -> None:
    """Let signals end this process without a word, from now on: while it begins, and when all is done.

    An exception would meet imports half-way, and Python prints what it cannot raise.
    """
    _handle(lambda number, _frame: os._exit(128 + number))


@contextmanager
def interruptible() -> Iterator[None]:
    """Let signals raise Ended for as long as this lasts."""

    def end(number: int, _frame: object) -> None:
        raise Ended(number)

    with restored():
        _handle(end)
        yield


@contextmanager
def restored() -> Iterator[None]:
    """Handle signals afterwards as before."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            _set(number, handler)


def _handle(handler: Callable[[int, object], object]) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            _set(number, handler)


def _set(number: int, handler: object) -> None:
    with suppress(ValueError, TypeError):  # not in the main thread, or a handler that was not Python's
        signal.signal(number, handler)  # type: ignore[arg-type]  # what getsignal gave, or ours
