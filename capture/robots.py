"""robots.txt (RFC 9309), parsed by Protego.

The library's own `urllib.robotparser` knows neither wildcards nor the longest match, which RFC 9309 §2.2.2 wants.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from capture.addresses import Address, parse
from capture.content import content
from capture.effects import Flow, Once
from capture.errors import BadRedirect, CaptureError, NoConnection, NotContacted, RobotsForbidden, Stopped, TimedOut
from capture.page import Exchange, Robots
from capture.settings import ROBOT, Settings
from capture.tries import Tries, redirect_of

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["Asked", "RobotsGate", "Rules", "read", "refuse"]

_LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309 §2.5)."""

_REDIRECTS = 5
"""Followed to find it (RFC 9309 §2.3.1.2)."""

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

        parsed = Protego.parse(text[:_LARGEST].decode("utf-8-sig", "replace"))
        return Rules(url, parsed, "", "")
    if status // 100 in {3, 4} and status != 429:
        return Rules(url, None, "absent", f"there is none (status {status})")
    return Rules(url, None, "unreachable", message or f"it cannot be read now (status {status})")


class _Memory:
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


class Asked(NamedTuple):
    """The answer of the robots gate: whether a page may be visited."""

    robots: Robots
    delay: float
    """Seconds between pages that the site wishes; 0 where it does not."""


class RobotsGate:
    """Makes the flows that ask robots.txt, once a day for every site."""

    def __init__(self, settings: Settings, tries: Tries, timer: Callable[[], float]) -> None:
        self._settings = settings
        self._tries = tries
        self._timer = timer
        self._memory = _Memory()

    def ask(self, address: Address, exchanges: list[Exchange], attempts: list[Exchange]) -> Flow[Asked]:
        """Ask whether a page may be visited. The answer may be no; see `refuse`.

        `exchanges` and `attempts` take what crosses the wire, where robots.txt is not known.
        Raises CaptureError where the site cannot be reached at all.
        """
        if not self._settings.robots or address.host in self._settings.ignore_robots_of:
            return Asked(Robots("ignored", "", "not asked, by the operator's settings"), 0.0)
        rules = self._memory.get(address.origin, self._timer())
        if rules is None:
            fetched: Rules = yield Once(f"robots {address.origin}", self._fetch(address, exchanges, attempts))
            rules = fetched
        return Asked(rules.decide(address.url), rules.delay)

    def _fetch(self, page: Address, exchanges: list[Exchange], attempts: list[Exchange]) -> Flow[Rules]:
        if known := self._memory.get(page.origin, self._timer()):
            return known  # another visit fetched it while this one waited
        address = parse(page.origin + "/robots.txt")
        url, message, status, text = address.url, "", 0, b""
        try:
            for _ in range(1 + _REDIRECTS):
                exchange = yield from self._tries.send(
                    address,
                    interval=self._settings.requisite_interval,
                    largest=2 * _LARGEST,
                    attempts=attempts,
                    tries=self._settings.tries,
                )
                exchanges.append(exchange)
                status = exchange.status
                target = redirect_of(exchange)
                if target is None:
                    text = content(exchange, _LARGEST)
                    break
                address = target
        except BadRedirect:
            pass  # as if there were none
        except (NoConnection, NotContacted, TimedOut) as error:
            if address.host == page.host:
                raise  # what keeps us from robots.txt keeps us from the page, too, and says it better
            message, status = str(error), 0
        except Stopped:
            raise  # says nothing about the site
        except CaptureError as error:
            message, status = str(error), 0
        rules = read(url, status, text, message)
        self._memory.put(page.origin, rules, self._timer())
        return rules


def refuse(url: str, robots: Robots) -> None:
    """Raise RobotsForbidden where the decision is no."""
    if robots.decision not in {"forbidden", "unreachable"}:
        return
    error = RobotsForbidden(f"{url} is not captured: {robots.url}: {robots.reason}")
    if robots.decision == "unreachable":  # RFC 9309 §2.3.1.4: a site that cannot say so means no
        error.passes, error.hint = True, "Try again later: the site cannot say whether it minds."
    raise error
