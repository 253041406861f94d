"""The end of a program with an event loop, by a signal: what is under way is kept, and all is over within seconds."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from xuanzhi.output.signals import SIGNALS, Ended, restored

__all__ = ["Stopper", "run_stoppable"]

GRACE = 2.0
"""Seconds for which exchanges that are under way may end by themselves, unless a person pressed Ctrl-C."""

CLEANING = 1.0
"""Seconds more for what needs no network, such as cleaning."""

CANCEL = 4.0
"""Seconds after which what has not ended is cancelled."""


class Stopper:
    """Ends a program in steps: nothing new, nothing that comes over the network, nothing at all.

    A second signal takes all of them at once.
    """

    def __init__(self) -> None:
        self.signal = 0
        """Which signal came; 0 for none."""
        self._steps: tuple[list[Callable[[], None]], ...] = ([], [], [])

    def begin_nothing(self, call: Callable[[], None]) -> None:
        """Call this as soon as a signal comes."""
        self._steps[0].append(call)

    def cut(self, call: Callable[[], None]) -> None:
        """Call this to end what is under way over the network."""
        self._steps[1].append(call)

    def end(self, call: Callable[[], None]) -> None:
        """Call this to end everything else that may take long."""
        self._steps[2].append(call)

    def received(self, number: int, task: "asyncio.Task[Any]") -> None:
        """Take a signal; `task` is what is cancelled in the end."""
        if self.signal:
            for step in range(len(self._steps)):
                self._take(step)
            task.cancel()
            return
        self.signal = number
        loop = task.get_loop()
        grace = 0.0 if number == signal.SIGINT else GRACE
        self._take(0)
        loop.call_later(grace, self._take, 1)
        loop.call_later(grace + CLEANING, self._take, 2)
        loop.call_later(CANCEL, task.cancel)

    def _take(self, step: int) -> None:
        calls = self._steps[step]
        while calls:
            calls.pop()()


class _Threads(ThreadPoolExecutor):
    """Threads that nobody waits for at the end: one may ask a name server that does not answer."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


def run_stoppable(work: Callable[[Stopper], Coroutine[Any, Any, None]]) -> int:
    """Run an asynchronous program; return the signal that ended it, 0 for none.

    Raises what it raises, and Ended where it had to be cancelled.
    """
    stopper = Stopper()

    async def main() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # for the type checker
        loop.set_default_executor(_Threads(thread_name_prefix="waiting"))
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
                    loop.add_signal_handler(number, stopper.received, number, task)
        await work(stopper)

    with restored():
        try:
            asyncio.run(main())
        except asyncio.CancelledError:
            raise Ended(stopper.signal) from None
    return stopper.signal
