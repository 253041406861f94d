"""One address asked for, and again where that may help; what redirects, leads on from here."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from capture.addresses import Address, join
from capture.effects import Flow, Reply, Send, Wait
from capture.errors import BadRedirect, CaptureError, HostBlocks, NotAWebAddress
from capture.heads import Head
from capture.pace import Pace
from capture.page import Exchange
from capture.retry import passes, retry_after, wait_before
from capture.settings import Settings

__all__ = ["Tries", "redirect_of"]

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
            again = yield from self._again(address.host, reply, tried, last=tried >= tries)
            if reply.exchange is not None and (again or reply.exchange.head is None):
                attempts.append(reply.exchange)
            if not again:
                break
        if reply.exchange is not None and reply.exchange.head is not None:
            return reply.exchange
        raise reply.error or CaptureError(f"{address.url} was not answered")

    def _again(self, host: str, reply: Reply, tried: int, *, last: bool) -> Flow[bool]:
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


def redirect_of(exchange: Exchange) -> Address | None:
    """Return where an answer redirects to, None where it does not (RFC 9110 §15.4). Raises BadRedirect."""
    location = exchange.head.get("Location") if exchange.head and exchange.status in _REDIRECTS else ""
    if not location:
        return None
    try:
        return join(exchange.url, location)
    except NotAWebAddress as error:
        raise BadRedirect(f"{exchange.url} redirects to what is no page: {location[:200]!r}") from error
