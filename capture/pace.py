"""Pace of requests to a host: intervals, backing off, and no more requests after a wall.

Arithmetic over a clock that comes from outside; nothing here waits.
"""

from dataclasses import dataclass
from random import Random

from capture.errors import HostBlocks
from capture.settings import Settings

__all__ = ["Pace"]

_MANY = 1000
"""Hosts that are remembered before those with nothing to remember are forgotten."""


@dataclass(slots=True)
class _Host:
    free: float = 0.0
    """When the next exchange may begin."""
    rests: float = 0.0
    """Until when it is left alone."""
    walls: int = 0
    """In a row."""


class Pace:
    """Remembers every host's pace. Times are seconds of one clock that never goes back."""

    def __init__(self, settings: Settings, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._hosts: dict[str, _Host] = {}

    def reserve(self, host: str, now: float, interval: float) -> float:
        """Return how many seconds to wait before the next exchange, which is hereby promised.

        Raises HostBlocks while the host is left alone.
        """
        state = self._host(host, now)
        if state.rests > now:
            raise HostBlocks(f"{host} blocks us and is left alone for another {state.rests - now:,.0f} s")
        start = max(now, state.free)
        state.free = start + interval * (1 + self._settings.jitter * self._random.random())
        return start - now

    def put_off(self, host: str, now: float, seconds: float) -> None:
        """Leave a host alone for a time that it asked for, without taking it for a block as long as it is short."""
        state = self._host(host, now)
        state.free = max(state.free, now + seconds)
        if seconds > self._settings.longest_wait:
            state.rests = max(state.rests, now + seconds)

    def walled(self, host: str, now: float) -> None:
        """Note a wall; a few in a row, and the host is left alone."""
        state = self._host(host, now)
        state.walls += 1
        if state.walls >= self._settings.walls:
            state.rests = now + self._settings.rest
            state.walls = self._settings.walls - 1  # after the rest, the next wall is enough

    def answered(self, host: str, now: float) -> None:
        """Note an answer that is no wall."""
        self._host(host, now).walls = 0

    def _host(self, host: str, now: float) -> _Host:
        if host not in self._hosts and len(self._hosts) >= _MANY:
            busy = {name: each for name, each in self._hosts.items() if each.walls or max(each.free, each.rests) > now}
            self._hosts = busy
        return self._hosts.setdefault(host, _Host())
