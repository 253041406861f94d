"""The queue of due articles, from which several runners claim by lease.

A claim is held for a lease, which is renewed while the work goes on. A runner that was killed renews nothing, and its
claims are free again when the lease has run out. What it had visited and kept is known from the captures, so it is not
visited twice. The pace of hosts is shared by all runners, too.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from archive.dates import warc_date_at
from archive.errors import storage_errors
from archive.schedule.table import Schedule, refresh_host
from capture.errors import HostBlocks
from capture.pace import Pace
from capture.settings import Settings

__all__ = ["AHEAD", "Claim", "Claims", "SharedPace", "renew_claims"]

AHEAD = 30.0
"""Seconds of a host's pace that are claimed at once: enough to be always at work, few enough to share."""


class Claim(NamedTuple):
    """An article that a runner visits now, and nobody else."""

    key: str
    url: str
    host: str
    kind: str
    source: str


def renew_claims(schedule: Schedule, name: str, *, now: float, lease: float, done: int) -> frozenset[str]:
    """Renew a runner's lease on all that it has claimed; return the keys of these articles.

    `done` is how many visits it has made so far, for those who look.

    Raises Busy, DiskFull, NotWritable, Damaged or StorageError.
    """
    catalogue = schedule.catalogue
    with catalogue.transaction():
        rows = catalogue.execute(
            "UPDATE turn SET ready = ? WHERE holder = ? AND ready > ? RETURNING key", (now + lease, name, now)
        ).fetchall()
        catalogue.execute("UPDATE runner SET heard = ?, done = ? WHERE name = ?", (now, done, name))
    return frozenset(key for (key,) in rows)


class Claims:
    """The claims of one runner."""

    def __init__(
        self,
        schedule: Schedule,
        name: str,
        *,
        clock: Callable[[], float],
        process: int,
        pace_of: Callable[[str], float],
    ) -> None:
        """Prepare; nothing is claimed yet.

        name: of the runner.
        clock: gives seconds since 1970.
        process: the runner's process identifier.
        pace_of: gives the seconds between two pages of a host.
        """
        self._schedule = schedule
        self._catalogue = schedule.catalogue
        self._name = name
        self._clock = clock
        self._process = process
        self._pace_of = pace_of

    def begin(self, *, early: bool) -> None:
        """Register this runner. `early` makes ready what is due a little later, too; see `archive.schedule.due`."""
        now = self._clock()
        with self._catalogue.transaction():
            self._schedule.sync_inside()
            run = self._catalogue.execute
            run(
                "INSERT OR REPLACE INTO runner (name, process, started, heard) VALUES (?, ?, ?, ?)",
                (self._name, self._process, now, now),
            )
            run("DELETE FROM runner WHERE heard < ?", (now - 10 * self._schedule.settings.lease,))
            changed = self._correct_future_times(now)
            if early:
                advanced = run(
                    "UPDATE turn SET ready = ? WHERE ready > ? AND holder = ''"
                    " AND key IN (SELECT key FROM schedule WHERE early <= ? AND next_due > ?) RETURNING host",
                    (now, now, now, now),
                ).fetchall()
                changed |= {host for (host,) in advanced}
            for host in changed:
                refresh_host(self._catalogue, host)

    def _correct_future_times(self, now: float) -> set[str]:
        """Undo what was decided by a clock that ran ahead, or else nothing would be visited until that time."""
        run, lease = self._catalogue.execute, self._schedule.settings.lease
        rows = run("UPDATE turn SET ready = ?1 WHERE holder != '' AND ready > ?1 RETURNING host", (now + lease,))
        hosts = {host for (host,) in rows.fetchall()}
        rows = run(
            "UPDATE turn SET ready = ? WHERE holder = '' AND ready > ? AND key IN (SELECT alias.key FROM alias"
            " JOIN capture USING (article) WHERE capture.id IN (SELECT max(id) FROM capture WHERE kind = 'visit'"
            " GROUP BY article HAVING fetched_at > ?)) RETURNING host",
            (now, now, warc_date_at(now + lease)),
        )
        hosts |= {host for (host,) in rows.fetchall()}
        latest = now + max(86400.0, self._schedule.settings.rest)
        rows = run(
            "UPDATE host SET free = min(free, ?1), rests = min(rests, ?1) WHERE max(free, rests) > ?2 RETURNING name",
            (now, latest),
        )
        return hosts | {host for (host,) in rows.fetchall()}

    def claim(self, limit: int) -> list[Claim]:
        """Claim at most so many articles that are due, first those that are due for longest at their host."""
        now = self._clock()
        claims: list[Claim] = []
        with self._catalogue.transaction():
            self._schedule.sync_inside()
            hosts = self._catalogue.execute(
                "SELECT name, free FROM host WHERE ready <= ? ORDER BY ready LIMIT ?", (now, limit)
            ).fetchall()
            for host, free in hosts:
                if len(claims) >= limit:
                    break
                self._release_expired(host, now)
                capacity = min(self._capacity(host, free, now), limit - len(claims))
                if capacity > 0:
                    claims += self._claim_at(host, now, capacity)
                refresh_host(self._catalogue, host)
                if capacity <= 0:  # others are busy there; a moment later it is looked at again
                    self._catalogue.execute("UPDATE host SET ready = max(ready, ?) WHERE name = ?", (now + 1, host))
        return claims

    def _capacity(self, host: str, free: float, now: float) -> int:
        """Return how many pages of a host may be under way or waiting at once, less those that are."""
        pace = self._pace_of(host)
        most = max(1, int((AHEAD - max(free - now, 0.0)) / pace)) if pace > 0 else 1000
        (claimed,) = self._catalogue.one(
            "SELECT count(*) FROM turn INDEXED BY turn_held WHERE host = ? AND holder != '' AND ready > ?", host, now
        )
        return most - int(claimed)

    def _release_expired(self, host: str, now: float) -> None:
        """Free what dead runners have claimed at a host; what they had kept is known already."""
        run = self._catalogue.execute
        # Few are claimed, and many may be due: by the other index all of those would be read.
        run(
            "UPDATE turn INDEXED BY turn_held SET holder = '' WHERE host = ? AND holder != '' AND ready <= ?",
            (host, now),
        )

    def _claim_at(self, host: str, now: float, limit: int) -> list[Claim]:
        run = self._catalogue.execute
        keys = run(
            "UPDATE turn SET ready = ?, holder = ? WHERE key IN"
            " (SELECT key FROM turn WHERE host = ? AND ready <= ? AND holder = '' ORDER BY ready LIMIT ?)"
            " RETURNING key",
            (now + self._schedule.settings.lease, self._name, host, now, limit),
        ).fetchall()
        claims = []
        for (key,) in keys:
            claim = self._catalogue.first(Claim, "SELECT key, url, host, kind, source FROM schedule WHERE key = ?", key)
            if claim is not None:
                claims.append(claim)
            else:  # it was paused or removed while somebody had claimed it
                run("DELETE FROM turn WHERE key = ?", (key,))
        return claims

    def holds(self, claim: Claim) -> bool:
        """Whether an article is still this runner's: a machine that slept longer than its lease has lost it."""
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one("SELECT holder, ready FROM turn WHERE key = ?", claim.key)
        return row is not None and row[0] == self._name and row[1] > self._clock()

    def release(self, claims: Sequence[Claim], *, after: float) -> None:
        """Release articles of which no visit was kept; they are ready again after so many seconds."""
        now = self._clock()
        with self._catalogue.transaction():
            for claim in claims:
                self._catalogue.execute(
                    "UPDATE turn SET ready = ?, holder = '' WHERE key = ? AND holder = ?",
                    (now + after, claim.key, self._name),
                )
                refresh_host(self._catalogue, claim.host)

    def next_ready(self) -> float | None:
        """Return in how many seconds there may be something to claim; None where nothing is on the schedule."""
        with storage_errors(self._catalogue.path):
            (ready,) = self._catalogue.one("SELECT min(ready) FROM host")
        return None if ready is None else max(0.0, float(ready) - self._clock())

    def end(self) -> None:
        """Release all claims, and unregister this runner."""
        with self._catalogue.transaction():
            rows = self._catalogue.execute(
                "UPDATE turn SET ready = ?, holder = '' WHERE holder = ? RETURNING host", (self._clock(), self._name)
            ).fetchall()
            for host in {host for (host,) in rows}:
                refresh_host(self._catalogue, host)
            self._catalogue.execute("DELETE FROM runner WHERE name = ?", (self._name,))


# Pace and circuit breaker of hosts, in the catalogue, so that they hold for all runners of a collection together.


class SharedPace(Pace):
    """As `Pace`, for pages; between the images and styles of one page each runner keeps its own pace."""

    def __init__(self, settings: Settings, random: Random, schedule: Schedule, clock: Callable[[], float]) -> None:
        """`clock` gives seconds since 1970, the same for all runners."""
        super().__init__(settings, random)
        self._catalogue = schedule.catalogue
        self._clock = clock

    def reserve(self, host: str, now: float, interval: float) -> float:
        """Return how many seconds to wait before the next exchange. Raises HostBlocks."""
        own = super().reserve(host, now, 0.0 if self._is_shared(interval) else interval)
        wall_clock = self._clock()
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one("SELECT free, rests FROM host WHERE name = ?", host)
        if row and row[1] > wall_clock:
            raise HostBlocks(f"{host} blocks us and is left alone for another {row[1] - wall_clock:,.0f} s")
        if not self._is_shared(interval):
            return own
        with self._catalogue.transaction():
            self._ensure_host(host)
            (free,) = self._catalogue.one("SELECT free FROM host WHERE name = ?", host)
            start = max(wall_clock + own, free)
            step = interval * (1 + self._settings.jitter * self._random.random())
            self._catalogue.execute("UPDATE host SET free = ? WHERE name = ?", (start + step, host))
        return float(start) - wall_clock

    def _is_shared(self, interval: float) -> bool:
        return interval > self._settings.requisite_interval

    def put_off(self, host: str, now: float, seconds: float) -> None:
        """Leave a host alone for a time that it asked for."""
        super().put_off(host, now, seconds)
        column = "rests" if seconds > self._settings.longest_wait else "free"
        with self._catalogue.transaction():
            self._ensure_host(host)
            self._catalogue.execute(
                f"UPDATE host SET {column} = max({column}, ?) WHERE name = ?", (self._clock() + seconds, host)
            )
            refresh_host(self._catalogue, host)

    def walled(self, host: str, now: float) -> None:
        """Note a wall; a few in a row, and all runners leave the host alone."""
        del now
        with self._catalogue.transaction():
            self._ensure_host(host)
            self._catalogue.execute(
                "UPDATE host SET walls = walls + 1, rests = CASE WHEN walls + 1 >= ? THEN ? ELSE rests END"
                " WHERE name = ?",
                (self._settings.walls, self._clock() + self._settings.rest, host),
            )
            refresh_host(self._catalogue, host)

    def answered(self, host: str, now: float) -> None:
        """Note an answer that is no wall."""
        del now
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one("SELECT walls FROM host WHERE name = ?", host)
        if row and row[0]:
            with self._catalogue.transaction():
                self._catalogue.execute("UPDATE host SET walls = 0 WHERE name = ?", (host,))

    def _ensure_host(self, host: str) -> None:
        """Insert the row of a host that has none: one to which others redirect has nothing on the schedule."""
        self._catalogue.execute("INSERT OR IGNORE INTO host (name, ready) VALUES (?, 9e15)", (host,))
