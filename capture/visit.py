"""One visit to a page: robots.txt, redirects, tries, walls, requisites. Pure logic, as flows of effects."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import NamedTuple

from capture import requisites as needs
from capture.addresses import Address, join, parse
from capture.content import content
from capture.effects import Flow, Once, Reply, Send, Together, Wait
from capture.errors import (
    BadRedirect,
    CaptureError,
    HostBlocks,
    Interrupted,
    NoConnection,
    NotAWebAddress,
    NotContacted,
    RedirectLoop,
    RobotsForbidden,
    TimedOut,
    TooManyRedirects,
)
from capture.pace import Pace
from capture.page import Exchange, Page, Robots
from capture.retry import passes, retry_after, wait_before
from capture.robots import LARGEST as LARGEST_ROBOTS
from capture.robots import Memory, Rules, read
from capture.settings import Settings
from capture.walls import placeholders, wall_of

__all__ = ["Validators", "Visits"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ROBOTS_REDIRECTS = 5  # RFC 9309 §2.3.1.2
_STYLES_DEEP = 3
"""Levels of styles that import styles."""


_NOT_ASKED = Robots("ignored", "", "not asked")


class Validators(NamedTuple):
    """What a server said about a version that we have (RFC 9110 §8.8), for a conditional request (§13)."""

    etag: str = ""
    last_modified: str = ""
    url: str = ""
    """Where it was said: they are sent to this address alone, the first of the visit by default."""

    @classmethod
    def of(cls, exchange: Exchange) -> "Validators":
        """Return what an answer says about itself; without validators where it says nothing."""
        head = exchange.head
        return cls(head.get("ETag"), head.get("Last-Modified"), exchange.url) if head else cls()

    def fields_for(self, url: str, *, first: bool) -> list[tuple[str, str]]:
        """Return the request fields for an address of the visit."""
        if url != self.url if self.url else not first:
            return []
        named = [("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified)]
        return [(name, value) for name, value in named if value]


@dataclass(slots=True)
class _Seen:
    """What a visit has gathered so far."""

    url: str
    robots: Robots = _NOT_ASKED
    hops: list[Exchange] = field(default_factory=list)
    attempts: list[Exchange] = field(default_factory=list)
    robots_exchanges: list[Exchange] = field(default_factory=list)
    requisites: list[Exchange] = field(default_factory=list)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    wall: str = ""
    failed_hosts: Counter[str] = field(default_factory=Counter)
    """Of requisites."""


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
    ) -> None:
        self._settings = settings
        self._pace = pace
        self._random = random
        self._clock, self._timer = clock, timer
        self._robots = Memory()

    def page(self, text: str, validators: Validators = Validators()) -> Flow[Page]:  # noqa: B008  # immutable
        """Visit a page. Raises CaptureError where nothing answered; its `page` holds what happened until then."""
        address = parse(text)
        seen = _Seen(address.url)
        try:
            yield from self._hops(address, validators, seen)
            if self._settings.requisites and not seen.wall and seen.hops[-1].status == 200:
                yield from self._requisites(seen)
        except CaptureError as error:
            error.page = self._finished(seen)
            raise
        return self._finished(seen)

    def _finished(self, seen: _Seen) -> Page:
        return Page(
            url=seen.url,
            hops=tuple(seen.hops),
            attempts=tuple(seen.attempts),
            requisites=tuple(seen.requisites),
            failures=tuple(seen.failures),
            robots=seen.robots,
            robots_exchanges=tuple(seen.robots_exchanges),
            wall=seen.wall,
            insecure=self._settings.insecure,
        )

    def _hops(self, address: Address, validators: Validators, seen: _Seen) -> Flow[None]:
        """Follow redirects until something else answers, or a wall does."""
        login, secure = address.credentials, address.origin
        been = {address.url}
        while True:
            delay = yield from self._ask_robots(address, seen)
            fields = validators.fields_for(address.url, first=not seen.hops)
            if login and address.origin == secure:
                token = b64encode(":".join(login).encode()).decode("ascii")
                fields.append(("Authorization", f"Basic {token}"))
            interval = max(self._settings.interval_of(address.host), delay)
            exchange = yield from self._tries(address, interval, tuple(fields), self._settings.largest, seen.attempts)
            seen.hops.append(exchange)
            seen.wall = wall_of(exchange)
            if seen.wall:
                self._pace.walled(address.host, self._timer())
                return
            self._pace.answered(address.host, self._timer())
            target = _target(exchange)
            if target is None:
                return
            if target.url in been:
                raise RedirectLoop(f"{exchange.url} redirects to {target.url}, where the visit has been already")
            if len(seen.hops) > self._settings.redirects:
                raise TooManyRedirects(f"{seen.url} redirects more than {self._settings.redirects} times")
            been.add(target.url)
            address = target

    def _tries(
        self,
        address: Address,
        interval: float,
        fields: tuple[tuple[str, str], ...],
        largest: int,
        attempts: list[Exchange],
        *,
        requisite: bool = False,
    ) -> Flow[Exchange]:
        """Send, and again where it may help. Return the last exchange; raises the last error where nothing answered."""
        wanted = (lambda head: needs.is_wanted(head, largest)) if requisite else None
        tries = self._settings.requisite_tries if requisite else self._settings.tries
        tried = 0
        while True:
            reply: Reply = yield Send(address.url, address.host, interval, fields, largest, wanted)
            tried += 1
            again = yield from self._again(address.host, reply, last=tried >= tries, tried=tried)
            if not again:
                break
            if reply.exchange is not None:
                attempts.append(reply.exchange)
        if reply.exchange is not None and reply.exchange.head is not None:
            return reply.exchange
        if reply.exchange is not None:
            attempts.append(reply.exchange)  # bytes that are no answer; kept beside it
        raise reply.error or CaptureError(f"{address.url} was not answered")

    def _again(self, host: str, reply: Reply, *, tried: int, last: bool) -> Flow[bool]:
        """Wait where another try may help; return whether it may."""
        if isinstance(reply.error, HostBlocks) or not passes(reply.exchange, reply.error):
            return False
        asked = retry_after(reply.exchange, self._clock()) if reply.exchange is not None else None
        if asked is not None:
            self._pace.put_off(host, self._timer(), asked)
        if last or (asked or 0) > self._settings.longest_wait:
            return False
        yield Wait(max(asked or 0.0, wait_before(tried, self._settings, self._random)))
        return True

    # robots.txt

    def _ask_robots(self, address: Address, seen: _Seen) -> Flow[float]:
        """Decide whether the page may be asked for; return the delay that the site wishes. Raises RobotsForbidden."""
        if not self._settings.robots or address.host in self._settings.ignore_robots_of:
            seen.robots = Robots("ignored", "", "not asked, by the operator's settings")
            return 0.0
        known = self._robots.get(address.origin, self._timer())
        rules: Rules = known or (yield Once(f"robots {address.origin}", self._fetch_robots(address, seen)))
        seen.robots = rules.decide(address.url)
        if seen.robots.decision in {"forbidden", "unreachable"}:
            raise RobotsForbidden(f"{address.url} is not captured: {rules.url}: {seen.robots.reason}")
        return rules.delay

    def _fetch_robots(self, page: Address, seen: _Seen) -> Flow[Rules]:
        if known := self._robots.get(page.origin, self._timer()):
            return known  # another visit fetched it while this one waited
        address, message, status, text = parse(page.origin + "/robots.txt"), "", 0, b""
        url = address.url
        for _ in range(1 + _ROBOTS_REDIRECTS):
            interval = self._settings.requisite_interval
            try:
                exchange = yield from self._tries(address, interval, (), LARGEST_ROBOTS * 2, seen.attempts)
            except (NoConnection, NotContacted, TimedOut, NotAWebAddress) as error:
                if address.host == page.host:
                    raise  # what keeps us from robots.txt keeps us from the page, too, and says it better
                message, status = str(error), 0
                break
            except CaptureError as error:
                message, status = str(error), 0
                break
            seen.robots_exchanges.append(exchange)
            status = exchange.status
            try:
                target = _target(exchange)
            except BadRedirect:
                break
            if target is None:
                text = content(exchange, LARGEST_ROBOTS)
                break
            address = target
        rules = read(url, status, text, message)
        self._robots.put(page.origin, rules, self._timer())
        return rules

    # Requisites

    def _requisites(self, seen: _Seen) -> Flow[None]:
        answer = seen.hops[-1]
        kind = answer.head.get("Content-Type").lower() if answer.head else ""
        if kind and "html" not in kind:
            return
        limit = self._settings.largest_content
        page, known = answer.url, {answer.url}
        until = self._timer() + self._settings.requisites_longest
        wanted = needs.find(content(answer, limit), page, answer.head)
        for _ in range(_STYLES_DEEP + 1):
            fresh = [each for each in wanted if each.url not in known]
            most = self._settings.most_requisites - len(known) + 1
            seen.failures += [(each.url, "too-many", "the page needs more than is fetched") for each in fresh[most:]]
            fresh = fresh[:most]
            known.update(each.url for each in fresh)
            results = yield Together([self._requisite(each, page, until, seen) for each in fresh])
            wanted = []
            for each, exchanges in zip(fresh, results, strict=True):
                seen.requisites += exchanges
                if each.kind == "style" and exchanges and exchanges[-1].status == 200:
                    style = exchanges[-1]
                    wanted += needs.find_in_style(content(style, limit), style.url, style.head)
            if not wanted:
                break
        for exchange in placeholders(seen.requisites):
            seen.failures.append(
                (exchange.url, "placeholder", "the server sent its placeholder instead of the picture")
            )
        if any(code == "placeholder" for _, code, _ in seen.failures):
            self._pace.walled(parse(seen.failures[-1][0]).host, self._timer())

    def _requisite(self, requisite: needs.Requisite, page: str, until: float, seen: _Seen) -> Flow[list[Exchange]]:
        """Fetch one requisite with its redirects. Never raises CaptureError: a page without an image is a page."""
        hops: list[Exchange] = []
        largest = self._settings.largest_requisite
        address = parse(requisite.url)
        if self._timer() > until or seen.failed_hosts[address.host] > 1:
            late = "the page's time is up" if self._timer() > until else f"{address.host} has failed before"
            seen.failures.append((requisite.url, "not-tried", late))
            return hops
        been = {address.url}
        try:
            while True:
                referer = needs.referer_for(page, address.url)
                fields = (("Referer", referer),) if referer else ()
                interval = self._settings.requisite_interval
                exchange = yield from self._tries(address, interval, fields, largest, seen.attempts, requisite=True)
                hops.append(exchange)
                target = _target(exchange)
                if target is None:
                    break
                if target.url in been or len(hops) > _ROBOTS_REDIRECTS:
                    raise RedirectLoop(f"{exchange.url} redirects in a circle, or too often")
                been.add(target.url)
                address = target
        except CaptureError as error:
            seen.failed_hosts[address.host] += isinstance(error, NoConnection | Interrupted)
            seen.failures.append((requisite.url, error.code, str(error)))
            return hops
        if exchange.outcome == "abandoned":
            said = exchange.head.get("Content-Type") if exchange.head else ""
            message = f"not read: of type {said[:100] or 'unknown'}, or larger than {largest:,} bytes"
            seen.failures.append((requisite.url, "not-wanted", message))
        return hops


def _target(exchange: Exchange) -> Address | None:
    """Return where an answer redirects to, None where it does not (RFC 9110 §15.4). Raises BadRedirect."""
    location = exchange.head.get("Location") if exchange.head and exchange.status in _REDIRECTS else ""
    if not location:
        return None
    try:
        return join(exchange.url, location)
    except NotAWebAddress as error:
        raise BadRedirect(f"{exchange.url} redirects to what is no page: {location[:200]!r}") from error
