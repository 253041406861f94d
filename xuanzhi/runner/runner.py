"""The runner of due visits: claims by lease, visits, commits, plans the next visit.

One runner visits several hosts at once, and each host at the pace that all runners keep together. What it has claimed
is held by a lease that it renews; a runner that is killed loses nothing that it reported.

An article is asked for only as long as its lease runs. Leases are renewed from a thread of its own, which neither the
event loop nor what cleaning takes can hold up. Where a renewal does not get through, the exchange is ended by us before
another runner may begin one.

Two clocks tell that a lease is over, and either is believed. The event loop's stands still while the machine sleeps, so
the time of day is looked at before anything is sent; an exchange during which the machine slept is ended by the next
renewal. The time of day may be put back, so the event loop's ends an exchange, too.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from time import time
from typing import NamedTuple
from uuid import uuid4

from archive.collection.collection import Collection, CommitResult
from archive.dates import warc_date_at
from archive.errors import Busy
from archive.schedule.outcomes import VisitOutcome
from archive.schedule.queue import Claim, Claims, SharedPace, renew_claims
from archive.schedule.table import Schedule
from capture.client import AsyncClient, Fetched
from capture.content import whole_content
from capture.errors import CaptureError, NotContacted, Stopped
from capture.page import Page
from capture.settings import Settings
from capture.visit import Validators
from capture.walls import WallIn, no_wall
from xuanzhi.jobs.visits import PageCleaner, VisitReport, is_block, keep_visits, visit_report, without_login
from xuanzhi.output.failures import Failure, failure
from xuanzhi.runner.feeds import NotAFeed, entries

__all__ = ["FetchedVisit", "LeaseKeeper", "LeaseLost", "RunOutcome", "Runner"]


MARGIN = 0.1
"""Share of a lease that is left when an exchange is ended: it takes a moment."""


class LeaseLost(Exception):
    """An article is no longer ours; nothing of it is kept."""


class _Held(NamedTuple):
    limit: asyncio.Timeout
    known: float
    """A moment at which it was ours for certain."""
    ends: float
    """When it has to be given up, by the time of day."""


class LeaseKeeper:
    """Renews the leases on what one runner has claimed."""

    def __init__(
        self, name: str, open_schedule: Callable[[], Schedule], *, lease: float, clock: Callable[[], float]
    ) -> None:
        """Take the runner's name, what opens the schedule for the thread, seconds of a lease, and the time."""
        self.lease = lease
        self.done = 0
        """Visits that were kept so far; others may look at it."""
        self._name = name
        self._open_schedule = open_schedule
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
            with self._open_schedule() as schedule:
                while not self._stop.wait(self.lease / 3):
                    now = self._clock()
                    with suppress(Busy):  # the next time; if it is too late then, the exchanges have ended
                        keys = renew_claims(schedule, self._name, now=now, lease=self.lease, done=self.done)
                        self._loop.call_soon_threadsafe(self._renewed, now, keys)
        except Exception as error:  # told to the runner, which ends by it
            self._error = error

    def _renewed(self, now: float, keys: frozenset[str]) -> None:
        for key, held in self._held.items():
            if held.known >= now or held.limit.expired():  # taken since then, or ended already
                continue
            ends = self._ends(now) if key in keys else now
            held.limit.reschedule(self._by_loop(ends))
            self._held[key] = held._replace(ends=ends)


BATCH = 32
"""Visits that are committed together at most."""

LONGEST_SLEEP = 30.0
"""Seconds after which the loop looks again, because others may have changed the schedule."""

SOON = 3.0
"""Seconds for which a run waits for more, before it ends."""

REFUSED = 86400.0
"""Seconds until an address is tried again that a rule of ours forbids, such as robots.txt."""


class RunOutcome(NamedTuple):
    """The outcome of one visit."""

    claim: Claim
    result: VisitOutcome | None
    """None where nothing was visited."""
    failure: Failure | None
    """Why the visit failed, where it did."""
    blocked: bool
    """Whether the site wants us to come back later."""
    found: int
    """New addresses that a feed listed."""


class FetchedVisit(NamedTuple):
    """A fetched visit that is not committed yet."""

    claim: Claim
    visited: VisitReport
    found: int


class Runner:
    """One runner, for as long as it lives."""

    def __init__(
        self,
        collection: Collection,
        schedule: Schedule,
        settings: Settings,
        cleaner: PageCleaner,
        tell: Callable[[list[RunOutcome]], None],
        *,
        clock: Callable[[], float] = time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        idle: Callable[[], None] = lambda: None,
        wall_in: WallIn = no_wall,
    ) -> None:
        """Take a collection, its schedule (of `Schedule.open`), how to visit, who cleans, and who is told of visits.

        `idle` is called whenever there is nothing to do for the moment; `wall_in` names the wall that an answer is.
        """
        self._collection = collection
        self._schedule = schedule
        self._settings = settings
        self._cleaner = cleaner
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._idle = idle
        self._wall_in = wall_in
        self._stop = False
        self._client: AsyncClient | None = None
        name = f"runner-{uuid4().hex[:12]}"
        self.claims = Claims(schedule, name, clock=clock, process=os.getpid(), pace_of=settings.interval_of)
        self._leases = LeaseKeeper(
            name, lambda: Schedule.open(collection.path), lease=schedule.settings.lease, clock=clock
        )

    def stop(self) -> None:
        """End as soon as what is under way is done."""
        self._stop = True

    def cut(self) -> None:
        """End what is under way over the network; what came is kept. Call it from the event loop."""
        if self._client is not None:
            self._client.stop()

    async def run(self, *, forever: bool) -> None:
        """Visit what is due, once or as long as nobody says `stop`.

        Raises ArchiveError where the collection cannot be used. What was not visited is given back in any case.
        """
        self.claims.begin(early=not forever)
        pace = SharedPace(self._settings, Random(), self._schedule, self._clock)
        self._leases.start()
        try:
            async with AsyncClient(self._settings, pace=pace, wall_in=self._wall_in) as self._client:
                await self._work(self._client, forever=forever)
        finally:
            self._leases.stop()
            self.claims.end()

    async def _work(self, client: AsyncClient, *, forever: bool) -> None:
        at_once = self._schedule.settings.at_once
        running: set[asyncio.Task[FetchedVisit | Claim]] = set()
        visited_keys: set[str] = set()
        try:
            while True:
                self._leases.check()
                repeated: list[Claim] = []
                if len(running) < at_once and not self._stop:
                    self._leases.lease = self._schedule.settings.lease
                    now = self._clock()
                    claims = self.claims.claim(at_once - len(running))
                    # What is due again within one run is left to the next one, or it would never end.
                    repeated = [] if forever else [claim for claim in claims if claim.key in visited_keys]
                    self.claims.release(repeated, after=0.0)
                    for claim in (each for each in claims if each not in repeated):
                        visited_keys.add(claim.key)
                        running.add(asyncio.create_task(self._visit(client, claim, now)))
                wait = self.claims.next_ready()
                if not running:
                    if self._stop or repeated or (not forever and (wait is None or wait > SOON)):
                        return
                    self._idle()
                    await self._pause(LONGEST_SLEEP if wait is None else min(max(wait, 0.05), LONGEST_SLEEP))
                    continue
                timeout = None if len(running) >= at_once or repeated or self._stop else max(wait or 0.0, 0.05)
                finished, running = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if finished:
                    results = [task.result() for task in finished]
                    self._keep(results)
                    lost = [each for each in results if isinstance(each, Claim)]
                    self.claims.release(lost, after=0.0)  # for whoever comes first, us again included
                    visited_keys -= {claim.key for claim in lost}
        finally:  # also when we are interrupted: what has come is kept
            for task in running:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
            self._keep([each for each in ended if isinstance(each, (FetchedVisit, Claim))])

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not through a request to stop."""
        while seconds > 0 and not self._stop:
            await self._sleep(min(seconds, 1.0))
            seconds -= 1.0

    async def _visit(self, client: AsyncClient, claim: Claim, since: float) -> FetchedVisit | Claim:
        """Visit an article that was taken at a moment; return the claim where it is no longer ours."""
        if not self.claims.holds(claim):
            return claim
        known = self._collection.lookups.validators(claim.url) if claim.kind == "page" else None
        validators = Validators(*known) if known is not None else Validators()
        try:
            async with self._leases.of(claim, since) as still_ours:
                came = await client.fetch(claim.url, validators=validators, before=still_ours)
                fetched = Fetched(claim.url, came, None)
        except LeaseLost:
            return claim
        except CaptureError as error:
            fetched = Fetched(claim.url, None, error)
        page, found = fetched.page, 0
        if self._stop and isinstance(fetched.error, (Stopped, NotContacted)) and not _came(fetched.error.page):
            return claim
        if claim.kind == "feed" and page is not None and page.hops and page.answer.status // 100 == 2:
            try:
                found = self._take_feed(claim, page)
            except (NotAFeed, CaptureError) as error:
                return FetchedVisit(claim, VisitReport((await self._visited(fetched)).visit, error), 0)
        return FetchedVisit(claim, await self._visited(fetched), found)

    async def _visited(self, fetched: Fetched) -> VisitReport:
        url = without_login(fetched.url)
        return await visit_report(fetched, self._cleaner, self._settings.largest_content, url=url)

    def _take_feed(self, claim: Claim, page: Page) -> int:
        """Put on the schedule what a feed lists and nobody knew, before the feed's own visit is kept.

        Killed in between, the feed is visited again and lists the same. Return how many were new.
        """
        listed = entries(whole_content(page.answer, self._settings.largest_content), page.answer.url)
        new = self._schedule.unknown_addresses(claim.source, [each.url for each in listed])
        fresh = [each._asdict() for each in listed if each.url in new]
        if fresh:
            at = warc_date_at(self._clock())
            self._schedule.change([{"do": "found", "at": at, "source": claim.source, "entries": fresh}])
        return len(fresh)

    def _keep(self, ended: list[FetchedVisit | Claim]) -> None:
        """Keep visits, plan their articles anew, then tell of them: what is told is done."""
        visits = [each for each in ended if isinstance(each, FetchedVisit)]
        for start in range(0, len(visits), BATCH):
            batch = visits[start : start + BATCH]
            try:
                results = keep_visits([each.visited for each in batch], self._collection)
            finally:
                for each in batch:
                    if each.visited.visit.page is not None:
                        each.visited.visit.page.close()
            self._schedule.sync()
            outcomes = [self._outcome(each, result) for each, result in zip(batch, results, strict=True)]
            self._leases.done += len(outcomes)
            self._tell(outcomes)

    def _outcome(self, ended: FetchedVisit, result: CommitResult | Failure) -> RunOutcome:
        claim, visit = ended.claim, ended.visited.visit
        blocked = is_block(visit)
        if isinstance(result, Failure):
            self.claims.release([claim], after=self._schedule.settings.defaults.retry_delays[0])
            return RunOutcome(claim, None, result, blocked, ended.found)
        if result.status == "not-visited":
            # A host that is left alone is looked at again by itself; what is forbidden stays so for a while.
            self.claims.release([claim], after=0.0 if blocked else REFUSED)
            return RunOutcome(claim, None, failure(visit.error) if visit.error else None, blocked, ended.found)
        problem = visit.error or ended.visited.problem
        reason = failure(problem) if problem is not None and not blocked else None
        outcomes = self._schedule.outcomes(claim.key)
        return RunOutcome(claim, outcomes[-1] if outcomes else None, reason, blocked, ended.found)


def _came(page: Page | None) -> bool:
    """Whether the page was asked for."""
    return page is not None and bool(page.hops or page.attempts)
