"""Whether and when an exchange is tried again: only for what passes, later each time, never sooner than asked."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

from capture.errors import CaptureError
from capture.page import Exchange
from capture.settings import Settings

__all__ = ["REFUSALS", "passes", "retry_after", "wait_before"]

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
