"""One visit to a page: robots.txt, redirects, walls, requisites. Pure logic over effects."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import NamedTuple

from capture.addresses import Address, parse
from capture.effects import Flow
from capture.errors import CaptureError, NotAWebAddress, RedirectLoop, TooManyRedirects
from capture.gathering import Gathered, Gathering
from capture.pace import Pace
from capture.page import Exchange, Page, Robots
from capture.robots import RobotsGate, refuse
from capture.settings import Settings
from capture.tries import Tries, redirect_of
from capture.walls import WallIn, no_wall, wall_of

__all__ = ["Validators", "Visits"]

_NOT_ASKED = Robots("ignored", "", "not asked: the visit ended before")


class Validators(NamedTuple):
    """Validators of a stored version (RFC 9110 §8.8), for a conditional request (§13)."""

    etag: str = ""
    last_modified: str = ""
    url: str = ""
    """Where it was said: they are sent to this address alone, the first of the visit by default."""

    @classmethod
    def of(cls, exchange: Exchange) -> "Validators":
        """Return what an answer says about itself; nothing where it says nothing."""
        head = exchange.head
        return cls(head.get("ETag"), head.get("Last-Modified"), exchange.url) if head else cls()

    def fields_for(self, url: str, *, first: bool) -> list[tuple[str, str]]:
        """Return the request fields for an address of the visit; `first` tells whether it is the first one."""
        if not (_same(url, self.url) if self.url else first):
            return []
        named = [("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified)]
        return [(name, value) for name, value in named if value]


def _same(url: str, other: str) -> bool:
    try:
        return url == parse(other).url
    except NotAWebAddress:
        return False


@dataclass(slots=True)
class _VisitState:
    """What a visit has come by so far."""

    url: str
    robots: Robots = _NOT_ASKED
    hops: list[Exchange] = field(default_factory=list)
    attempts: list[Exchange] = field(default_factory=list)
    robots_exchanges: list[Exchange] = field(default_factory=list)
    requisites: Gathered = field(default_factory=Gathered)
    wall: str = ""
    blocks: bool = False
    """Whether the site wants us to come back later: a wall, also one that only the page tells."""


class Visits:
    """Makes the flows of visits; remembers robots.txt and the pace of hosts from one visit to the next."""

    def __init__(
        self,
        settings: Settings,
        pace: Pace,
        *,
        random: Random,
        clock: Callable[[], datetime],
        timer: Callable[[], float],
        wall_in: WallIn = no_wall,
    ) -> None:
        self._settings = settings
        self._pace = pace
        self._timer = timer
        self._wall_in = wall_in
        self._tries = Tries(settings, pace, random, clock, timer)
        self._robots = RobotsGate(settings, self._tries, timer)
        self._gathering = Gathering(settings, self._tries, pace, timer)

    def page(self, text: str, validators: Validators = Validators()) -> Flow[Page]:  # noqa: B008  # immutable
        """Visit a page. Raises CaptureError where nothing answered; its `page` holds what happened until then."""
        address = parse(text)
        visit = _VisitState(address.url)
        try:
            yield from self._hops(address, validators, visit)
            if self._settings.requisites and not visit.blocks and visit.hops[-1].status == 200:
                yield from self._gathering.gather(visit.hops[-1], visit.requisites)
        except CaptureError as error:
            error.page = self._finished(visit)
            raise
        return self._finished(visit)

    def _finished(self, visit: _VisitState) -> Page:
        return Page(
            url=visit.url,
            hops=tuple(visit.hops),
            attempts=(*visit.attempts, *visit.requisites.attempts),
            requisites=tuple(visit.requisites.exchanges),
            failures=tuple(visit.requisites.failures),
            shared=tuple(visit.requisites.shared),
            robots=visit.robots,
            robots_exchanges=tuple(visit.robots_exchanges),
            wall=visit.wall,
            insecure=self._settings.insecure,
        )

    def _hops(self, address: Address, validators: Validators, visit: _VisitState) -> Flow[None]:
        """Follow redirects until something else answers, or a wall does."""
        login, secure = address.credentials, address.origin
        been = {address.url}
        while True:
            permission = yield from self._robots.ask(address, visit.robots_exchanges, visit.attempts)
            visit.robots = permission.robots
            refuse(address.url, permission.robots)
            fields = validators.fields_for(address.url, first=not visit.hops)
            if login and address.origin == secure:  # nobody else is told the password
                token = b64encode(":".join(login).encode()).decode("ascii")
                fields.append(("Authorization", f"Basic {token}"))
            exchange = yield from self._tries.send(
                address,
                interval=max(self._settings.interval_of(address.host), permission.delay),
                largest=self._settings.largest,
                attempts=visit.attempts,
                tries=self._settings.tries,
                fields=tuple(fields),
            )
            visit.hops.append(exchange)
            visit.wall = wall_of(exchange)
            told = visit.wall or (self._wall_in(exchange) if exchange.status // 100 != 3 else "")
            if told:
                visit.blocks = True
                if exchange.status >= 400:  # of a status of 200 to 299 the page itself tells it, whenever it is read
                    visit.wall = told
                self._pace.walled(address.host, self._timer())
                return
            self._pace.answered(address.host, self._timer())
            target = redirect_of(exchange)
            if target is None:
                return
            if target.url in been:
                raise RedirectLoop(f"{exchange.url} redirects to {target.url}, where the visit has been already")
            if len(visit.hops) > self._settings.redirects:
                raise TooManyRedirects(f"{visit.url} redirects more than {self._settings.redirects} times")
            been.add(target.url)
            address = target
