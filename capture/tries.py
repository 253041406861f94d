"""Retries and redirects of one address."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

from capture.addresses import Address, join
from capture.effects import Flow, Reply, Send, Wait
from capture.errors import BadRedirect, CaptureError, HostBlocks, NotAWebAddress
from capture.heads import Head
from capture.pace import Pace
from capture.page import Exchange
from capture.settings import Settings

__all__ = ["REFUSALS", "Tries", "passes", "redirect_of", "retry_after", "wait_before"]


# Whether and when an exchange is tried again: only for what passes, later each time, never sooner than asked.


_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes that say "later" (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2); 501 and 505 mean never."""

REFUSALS = frozenset({429})
"""Those among them that say "you are too fast" (RFC 6585 §4)."""


def passes(exchange: Exchange | None, error: CaptureError | None) -> bool:
    """Return whether the same may go better later: by its status, by its error, or because it was cut."""
    if exchange is not None and exchange.head is not None:
        return exchange.status in _PASSING or (not exchange.whole and error is not None and error.passes)
    return error is not None and error.passes


def retry_after(exchange: Exchange, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110 §10.2.3), None where it does not.

    A date is counted from the server's own Date where it sends one, so a wrong clock on either side does no harm.
    """
    head = exchange.head
    value = head.get("Retry-After") if head else ""
    if not head or not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until = _date(value)
    return None if until is None else max(0.0, (until - (_date(head.get("Date")) or now)).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def wait_before(failed: int, settings: Settings, random: Random) -> float:
    """Return the seconds to wait after the n-th failed try: doubling, with chance, so that clients drift apart."""
    return settings.back_off * 2.0 ** (failed - 1) * (0.5 + random.random())


_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Tries:
    """Makes the flows that ask for one address."""

    def __init__(
        self,
        settings: Settings,
        pace: Pace,
        random: Random,
        clock: Callable[[], datetime],
        timer: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._pace = pace
        self._random = random
        self._clock, self._timer = clock, timer

    def send(
        self,
        address: Address,
        *,
        interval: float,
        largest: int,
        attempts: list[Exchange],
        tries: int,
        fields: tuple[tuple[str, str], ...] = (),
        wanted: Callable[[Head], bool] | None = None,
    ) -> Flow[Exchange]:
        """Send, at most `tries` times, and return the exchange that has an answer, whole or cut.

        Exchanges that were tried again, and those without an answer, go to `attempts`. Raises the last error where
        nothing answered.
        """
        tried = 0
        while True:
            reply: Reply = yield Send(address.url, address.host, interval, fields, largest, wanted)
            tried += 1
            is_retry = yield from self._retries(address.host, reply, tried, last=tried >= tries)
            if reply.exchange is not None and (is_retry or reply.exchange.head is None):
                attempts.append(reply.exchange)
            if not is_retry:
                break
        if reply.exchange is not None and reply.exchange.head is not None:
            return reply.exchange
        raise reply.error or CaptureError(f"{address.url} was not answered")

    def _retries(self, host: str, reply: Reply, tried: int, *, last: bool) -> Flow[bool]:
        """Wait where another try may help; return whether it may."""
        if isinstance(reply.error, HostBlocks) or not passes(reply.exchange, reply.error):
            return False
        delay = retry_after(reply.exchange, self._clock()) if reply.exchange is not None else None
        if delay is not None:
            self._pace.put_off(host, self._timer(), delay)
        if last or (delay or 0) > self._settings.longest_wait:
            return False
        yield Wait(max(delay or 0.0, wait_before(tried, self._settings, self._random)))
        return True


def redirect_of(exchange: Exchange) -> Address | None:
    """Return where an answer redirects to, None where it does not (RFC 9110 §15.4). Raises BadRedirect."""
    location = exchange.head.get("Location") if exchange.head and exchange.status in _REDIRECTS else ""
    if not location:
        return None
    try:
        return join(exchange.url, location)
    except NotAWebAddress as error:
        raise BadRedirect(f"{exchange.url} redirects to what is no page: {location[:200]!r}") from error
