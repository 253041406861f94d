"""What a runner has taken stays its own, or is given up in time.

The rule: an article is asked for only as long as its lease runs. Leases are renewed from a thread of its own, which
neither the event loop nor what cleaning takes can hold up. Where a renewal does not get through, the exchange is ended
by us before another runner may begin one.

Two clocks tell that a lease is over, and either is believed. The event loop's stands still while the machine sleeps, so
the time of day is looked at before anything is sent; an exchange during which the machine slept is ended by the next
renewal. The time of day may be put back, so the event loop's ends an exchange, too.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import Busy
from archive.schedule.queue import Claim, renew

__all__ = ["Holding", "LeaseLost"]

MARGIN = 0.1
"""Share of a lease that is left when an exchange is ended: it takes a moment."""


class LeaseLost(Exception):
    """An article is no longer ours; nothing of it is kept."""


class _Held(NamedTuple):
    limit: asyncio.Timeout
    known: float
    """A moment by which it was taken for certain."""
    ends: float
    """When it has to be given up, by the time of day."""


class Holding:
    """Renews what one runner has taken."""

    def __init__(
        self, name: str, connect: Callable[[], Catalogue], *, lease: float, clock: Callable[[], float]
    ) -> None:
        """Take the runner's name, what opens a connection for the thread, seconds of a lease, and the time."""
        self.lease = lease
        self.done = 0
        """Visits that were kept so far; others may look at it."""
        self._name = name
        self._connect = connect
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        """Begin; call it where the event loop runs."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what ended the thread, if something did: Damaged, DiskFull, NotWritable or StorageError."""
        if self._error is not None:
            raise self._error

    @asynccontextmanager
    async def of(self, claim: Claim, since: float) -> AsyncIterator[Callable[[], None]]:
        """Do something as long as an article is ours, which was taken at `since`. Raises LeaseLost.

        Gives what is to be called before anything is sent: it raises LeaseLost where the lease is over by the time of
        day.
        """

        def still_ours() -> None:
            if self._clock() >= self._held[claim.key].ends:
                raise LeaseLost(claim.url)

        ends = self._ends(since)
        try:
            async with asyncio.timeout_at(self._by_loop(ends)) as limit:
                self._held[claim.key] = _Held(limit, self._clock(), ends)
                try:
                    yield still_ours
                finally:
                    del self._held[claim.key]
        except TimeoutError as error:
            raise LeaseLost(claim.url) from error

    def _ends(self, since: float) -> float:
        """Return when what was taken or renewed at a moment has to be given up, by the time of day."""
        return since + self.lease * (1 - MARGIN)

    def _by_loop(self, moment: float) -> float:
        """Return what the event loop's clock will show at a moment, if nobody sleeps."""
        return self._loop.time() + moment - self._clock()

    def _run(self) -> None:
        try:
            catalogue = self._connect()
            try:
                while not self._stop.wait(self.lease / 3):
                    now = self._clock()
                    with suppress(Busy):  # the next time; if it is too late then, the exchanges have ended
                        keys = renew(catalogue, self._name, now=now, lease=self.lease, done=self.done)
                        self._loop.call_soon_threadsafe(self._renewed, now, keys)
            finally:
                catalogue.close()
        except Exception as error:  # told to the runner, which ends by it
            self._error = error

    def _renewed(self, now: float, keys: frozenset[str]) -> None:
        for key, held in self._held.items():
            if held.known >= now or held.limit.expired():  # taken since then, or ended already
                continue
            ends = self._ends(now) if key in keys else now
            held.limit.reschedule(self._by_loop(ends))
            self._held[key] = held._replace(ends=ends)
