"""A host's pace and its breaker, kept in the catalogue, so that they hold for all runners of a collection together."""

from collections.abc import Callable
from random import Random

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.schedule.table import refresh_host
from capture.errors import HostBlocks
from capture.pace import Pace
from capture.settings import Settings

__all__ = ["SharedPace"]


class SharedPace(Pace):
    """As `Pace`, for pages; between the images and styles of one page each runner keeps its own pace."""

    def __init__(self, settings: Settings, random: Random, catalogue: Catalogue, clock: Callable[[], float]) -> None:
        """`clock` gives seconds since 1970, the same for all runners."""
        super().__init__(settings, random)
        self._catalogue = catalogue
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
            self._know(host)
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
            self._know(host)
            self._catalogue.execute(
                f"UPDATE host SET {column} = max({column}, ?) WHERE name = ?", (self._clock() + seconds, host)
            )
            refresh_host(self._catalogue, host)

    def walled(self, host: str, now: float) -> None:
        """Note a wall; a few in a row, and all runners leave the host alone."""
        del now
        with self._catalogue.transaction():
            self._know(host)
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

    def _know(self, host: str) -> None:
        """Have a row; a host to which others redirect has nothing of its own on the schedule."""
        self._catalogue.execute("INSERT OR IGNORE INTO host (name, ready) VALUES (?, 9e15)", (host,))
