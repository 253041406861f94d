"""What a site's robots.txt wishes (RFC 9309), read by Protego: the parser that Scrapy uses, maintained, pure Python.

The library's own `urllib.robotparser` knows neither wildcards nor the longest match, which RFC 9309 §2.2.2 wants.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from capture.page import Robots
from capture.settings import ROBOT

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["LARGEST", "Memory", "Rules", "read"]

LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309 §2.5)."""

_FRESH = 24 * 3600.0
"""Seconds for which rules hold (RFC 9309 §2.4)."""

_MANY = 500
"""Sites that are remembered."""

_LONGEST_DELAY = 60.0
"""Seconds of a Crawl-delay that is obeyed; more is a typing error or a no, for which Disallow is the word."""


class Rules(NamedTuple):
    """The wishes of one site."""

    url: str
    parsed: "Protego | None"
    decision: str
    """For every page where nothing is parsed: `absent` or `unreachable`."""
    reason: str

    def decide(self, url: str) -> Robots:
        """Decide about a page."""
        if self.parsed is None:
            return Robots(self.decision, self.url, self.reason)
        if self.parsed.can_fetch(url, ROBOT):
            return Robots("allowed", self.url, "its rules allow this page")
        return Robots("forbidden", self.url, "its rules ask robots to stay away from this page")

    @property
    def delay(self) -> float:
        """Seconds between pages that the site asks for; 0 where it does not."""
        wished = self.parsed.crawl_delay(ROBOT) if self.parsed else None
        return min(wished or 0.0, _LONGEST_DELAY)


def read(url: str, status: int, text: bytes, message: str = "") -> Rules:
    """Read the answer to the request for robots.txt; `status` is 0 where there was none.

    Without the file everything is allowed (RFC 9309 §2.3.1.3); where it cannot be reached, nothing (§2.3.1.4).
    """
    if status // 100 == 2:
        from protego import Protego

        parsed = Protego.parse(text[:LARGEST].decode("utf-8-sig", "replace"))
        return Rules(url, parsed, "", "")
    if status // 100 in {3, 4} and status != 429:
        return Rules(url, None, "absent", f"there is none (status {status})")
    return Rules(url, None, "unreachable", message or f"it cannot be read now (status {status})")


class Memory:
    """Remembers the rules of the sites of late."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, tuple[float, Rules]] = OrderedDict()

    def get(self, origin: str, now: float) -> Rules | None:
        """Return the rules of an origin, None where they are not known or no longer fresh."""
        until, rules = self._rules.get(origin, (0.0, None))
        return rules if until > now else None

    def put(self, origin: str, rules: Rules, now: float) -> None:
        """Remember rules for a day; that they could not be reached for a few minutes."""
        self._rules[origin] = (now + (_FRESH if rules.decision != "unreachable" else _FRESH / 288), rules)
        self._rules.move_to_end(origin)
        if len(self._rules) > _MANY:
            self._rules.popitem(last=False)
