"""Fetching of the requisites of a page, bounded in number, size and time."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from capture.addresses import parse
from capture.content import content
from capture.effects import Flow, Together
from capture.errors import CaptureError, Interrupted, NoConnection, RedirectLoop
from capture.pace import Pace
from capture.page import Exchange, Failure
from capture.requisites import Requisite, find, find_in_style, is_wanted, referer_for
from capture.settings import Settings
from capture.tries import Tries, redirect_of
from capture.walls import placeholders, wall_of

__all__ = ["Gathered", "Gathering"]

_STYLES_DEEP = 3
"""Levels of styles that import styles."""

_REDIRECTS = 5

_REMEMBERED = 50_000
"""Addresses of requisites that a client remembers: some 10 MB. What comes after those is fetched for each page."""


@dataclass(slots=True)
class Gathered:
    """The requisites of a page that were gathered so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    attempts: list[Exchange] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    """Addresses that were fetched for an earlier page, and not again."""
    failed: Counter[str] = field(default_factory=Counter)
    """Failures by host."""


class Gathering:
    """Makes the flows that fetch requisites."""

    def __init__(self, settings: Settings, tries: Tries, pace: Pace, timer: Callable[[], float]) -> None:
        self._settings = settings
        self._tries = tries
        self._pace = pace
        self._timer = timer
        self._fetched: set[str] = set()

    def gather(self, answer: Exchange, gathered: Gathered) -> Flow[None]:
        """Fetch what an HTML page needs, and what its styles need; what is no HTML needs nothing."""
        kind = answer.head.get("Content-Type").lower() if answer.head else ""
        if kind and "html" not in kind:
            return
        limit = self._settings.largest_content
        until = self._timer() + self._settings.requisites_longest
        known = {answer.url}
        wanted = find(content(answer, limit), answer.url, answer.head)
        for _ in range(1 + _STYLES_DEEP):
            fresh = self._not_shared([each for each in wanted if each.url not in known], known, gathered)
            most = self._settings.most_requisites + 1 - len(known)
            self._leave(fresh[most:], gathered)
            fresh, wanted = fresh[:most], []
            known.update(each.url for each in fresh)
            results = yield from self._fetch_all(fresh, answer.url, until, gathered)
            for each, exchanges in zip(fresh, results, strict=True):
                gathered.exchanges += exchanges
                self._remember(each, exchanges)
                if each.kind == "style" and exchanges and exchanges[-1].status == 200:
                    style = exchanges[-1]
                    wanted += find_in_style(content(style, limit), style.url, style.head)
        self._leave([each for each in wanted if each.url not in known], gathered)
        self._note_placeholders(gathered)

    def _not_shared(self, wanted: list[Requisite], known: set[str], gathered: Gathered) -> list[Requisite]:
        """Return what was not fetched for an earlier page: a site's styles and pictures stand on all its pages."""
        shared = [each.url for each in wanted if each.url in self._fetched]
        gathered.shared += shared
        known.update(shared)
        return [each for each in wanted if each.url not in self._fetched]

    def _remember(self, requisite: Requisite, exchanges: list[Exchange]) -> None:
        """Remember a requisite that came whole, unless it is one of too many; what it needs itself came with it."""
        if exchanges and exchanges[-1].whole and exchanges[-1].status == 200 and len(self._fetched) < _REMEMBERED:
            self._fetched.add(requisite.url)

    def _leave(self, requisites: list[Requisite], gathered: Gathered) -> None:
        reason = "the page needs more than is fetched"
        gathered.failures += [Failure(each.url, "too-many", reason) for each in requisites]

    def _note_placeholders(self, gathered: Gathered) -> None:
        reason = "the server sent its placeholder instead of the picture"
        found = placeholders(gathered.exchanges)
        gathered.failures += [Failure(exchange.url, "placeholder", reason) for exchange in found]
        for host in {parse(exchange.url).host for exchange in found}:
            self._pace.walled(host, self._timer())

    def _fetch_all(
        self, requisites: list[Requisite], page: str, until: float, gathered: Gathered
    ) -> Flow[list[list[Exchange]]]:
        """Fetch requisites and return the exchanges of each, in this order.

        No more of one host are begun than it answers at once: whether the page's time is up, or the host has failed,
        is asked when a requisite's turn has come.
        """
        results: list[list[Exchange]] = [[] for _ in requisites]
        queues: defaultdict[str, deque[int]] = defaultdict(deque)
        for index, each in enumerate(requisites):
            queues[parse(each.url).host].append(index)

        def in_turn(queue: deque[int]) -> Flow[None]:
            while queue:
                index = queue.popleft()
                results[index] = yield from self._fetch(requisites[index], page, until, gathered)

        yield Together([in_turn(queue) for queue in queues.values() for _ in range(self._settings.per_host)])
        return results

    def _fetch(self, requisite: Requisite, page: str, until: float, gathered: Gathered) -> Flow[list[Exchange]]:
        """Fetch one requisite with its redirects. Never raises CaptureError: a page without an image is a page."""
        address, largest = parse(requisite.url), self._settings.largest_requisite
        if self._timer() > until or gathered.failed[address.host] > 1:
            why = "the page's time is up" if self._timer() > until else f"{address.host} has failed before"
            gathered.failures.append(Failure(requisite.url, "not-tried", why))
            return []
        hops: list[Exchange] = []
        been = {address.url}
        try:
            while True:
                referer = referer_for(page, address.url)
                exchange = yield from self._tries.send(
                    address,
                    interval=self._settings.requisite_interval,
                    largest=largest,
                    attempts=gathered.attempts,
                    tries=self._settings.requisite_tries,
                    fields=(("Referer", referer),) if referer else (),
                    wanted=lambda head: is_wanted(head, largest),
                )
                hops.append(exchange)
                if wall_of(exchange):
                    self._pace.walled(address.host, self._timer())
                target = redirect_of(exchange)
                if target is None:
                    break
                if target.url in been or len(hops) > _REDIRECTS:
                    raise RedirectLoop(f"{exchange.url} redirects in a circle, or too often")
                been.add(target.url)
                address = target
        except CaptureError as error:
            gathered.failed[address.host] += isinstance(error, NoConnection | Interrupted)
            gathered.failures.append(Failure(requisite.url, error.code, str(error)))
            return hops
        if exchange.outcome == "abandoned":
            media_type = exchange.head.get("Content-Type")[:100] if exchange.head else ""
            message = f"not read: of type {media_type or 'unknown'}, or larger than {largest:,} bytes"
            gathered.failures.append(Failure(requisite.url, "not-wanted", message))
        return hops
