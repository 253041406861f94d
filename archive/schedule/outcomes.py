"""What each visit of an article found, and what is news in it: read from the captures, never stored as an opinion.

| outcome | the visit |
| --- | --- |
| `new` | is the first that saw the article |
| `unchanged` | heard "not modified", or got the same bytes |
| `same-text` | got other bytes with the same clean text |
| `recleaned` | got another text, but other rules made it: whether the site changed cannot be told |
| `changed` | got another text |
| `deleted`, `violation`, `account-blocked`, `migrated` | read such a notice |
| `not-found` | heard 404 or 410 |
| `wall` | met a wall: it did not see the article |
| `error` | saw nothing for another reason |

| event | when |
| --- | --- |
| `new` | the article was seen for the first time |
| `changed` | its text changed |
| `gone` | so many visits in a row found it gone; walls and errors between them count neither way |
| `restored` | it is there again after it counted as gone |
| `failing` | so many visits in a row met errors |
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["EVENTS", "FAILING", "GONE", "MISSED", "Capture", "Noticed", "notice"]

GONE = ("deleted", "violation", "account-blocked", "migrated", "not-found")
"""Outcomes of visits that saw that the article is not there."""

MISSED = ("wall", "error")
"""Outcomes of visits that did not see the article."""

EVENTS = ("new", "changed", "gone", "restored", "failing")

FAILING = 3
"""Errors in a row that are an event."""


class Capture(NamedTuple):
    """A visit, as the catalogue has it."""

    visit_id: str
    at: str
    """UTC, to the microsecond."""
    state: str
    status: int
    """0 where nothing answered."""
    version: int | None
    """Row of the text's version; None unless the state is live."""
    payload_sha256: str
    rules: str
    """Names the rules and the software that made the text."""
    target: str = ""
    """Where a migrated article went."""


class Noticed(NamedTuple):
    """What a visit found."""

    capture: Capture
    outcome: str
    events: tuple[str, ...] = ()
    before: int | None = None
    """The version before, where the text is another one."""
    gone: int = 0
    """Visits in a row that found it gone, with this one."""
    counts_as_gone: bool = False
    missed: int = 0
    """Visits in a row that did not see the article, with this one."""

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Names of the events, the same whenever they are made again from the same records."""
        return tuple(f"{self.capture.visit_id}/{event}" for event in self.events)


def notice(captures: Iterable[Capture], confirmations: int) -> Iterator[Noticed]:
    """Yield what each visit of one article found; captures come oldest first.

    `confirmations` is how many visits in a row have to find it gone. A pure function.
    """
    seen: Capture | None = None  # the last live one, with the rules that made its text
    last = Noticed(Capture("", "", "", 0, None, "", ""), "")
    errors = 0
    for capture in captures:
        outcome = _outcome(capture, seen)
        if outcome in MISSED:
            errors = errors + 1 if outcome == "error" else errors
            failing = outcome == "error" and errors == FAILING
            last = last._replace(
                capture=capture,
                outcome=outcome,
                events=("failing",) if failing else (),
                before=None,
                missed=last.missed + 1,
            )
        elif outcome in GONE:
            errors, gone = 0, last.gone + 1
            confirmed = last.counts_as_gone or gone >= confirmations
            news = confirmed and not last.counts_as_gone
            last = Noticed(capture, outcome, ("gone",) if news else (), None, gone, confirmed)
        else:
            errors = 0
            named = (("restored",) if last.counts_as_gone else ()) + (outcome,)
            events = tuple(each for each in named if each in EVENTS)
            last = Noticed(capture, outcome, events, seen.version if seen and outcome == "changed" else None)
            # A text that was taken over is still the work of the rules that made it.
            seen = capture._replace(rules=seen.rules) if seen and capture.status == 304 else capture
        yield last


def _outcome(capture: Capture, seen: Capture | None) -> str:
    if capture.state in GONE:
        return capture.state
    if capture.state == "verification":
        return "wall"
    if capture.status in {404, 410}:
        return "not-found"
    if capture.state == "not-article" and (seen is None or seen.version is None):
        if seen is None:
            return "new"
        return "unchanged" if capture.payload_sha256 == seen.payload_sha256 else "changed"
    if capture.state != "live" or capture.version is None:
        return "error"
    if seen is None:
        return "new"
    if capture.status == 304 or (capture.payload_sha256 and capture.payload_sha256 == seen.payload_sha256):
        return "unchanged"
    if capture.version == seen.version:
        return "same-text"
    return "changed" if capture.rules == seen.rules else "recleaned"
