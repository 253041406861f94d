"""When an article is due next: from its plan and what its visits noticed. A pure function; no clock is asked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.dates import exact
from archive.errors import storage_errors
from archive.schedule.policies import POLICIES, Plan, ScheduleDefaults, Sighting

__all__ = [
    "EVENTS",
    "FAILING",
    "GONE",
    "MISSED",
    "ChangeEvent",
    "PastVisit",
    "VisitOutcome",
    "amount",
    "amount_of",
    "article_of",
    "change_events",
    "early",
    "moment",
    "next_due",
    "notice",
    "of_articles",
    "past_visits",
    "phase",
    "seconds",
]


# What each visit of an article found, and what is news in it: read from the captures, never stored as an opinion.
#
# | outcome | the visit |
# | --- | --- |
# | `new` | is the first that saw the article |
# | `unchanged` | heard "not modified", or got the same bytes |
# | `same-text` | got other bytes with the same clean text |
# | `recleaned` | got another text, but other rules made it: whether the site changed cannot be told |
# | `changed` | got another text |
# | `deleted`, `violation`, `account-blocked`, `migrated` | read such a notice |
# | `not-found` | heard 404 or 410 |
# | `wall` | met a wall: it did not see the article |
# | `error` | saw nothing for another reason |
#
# | event | when |
# | --- | --- |
# | `new` | the article was seen for the first time |
# | `changed` | its text changed |
# | `gone` | so many visits in a row found it gone; walls and errors between them count neither way |
# | `restored` | it is there again after it counted as gone |
# | `failing` | so many visits in a row met errors |


GONE = ("deleted", "violation", "account-blocked", "migrated", "not-found")
"""Outcomes of visits that saw that the article is not there."""

MISSED = ("wall", "error")
"""Outcomes of visits that did not see the article."""

EVENTS = ("new", "changed", "gone", "restored", "failing")

FAILING = 3
"""Errors in a row that are an event."""


class PastVisit(NamedTuple):
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


class VisitOutcome(NamedTuple):
    """What a visit found."""

    capture: PastVisit
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


def notice(captures: Iterable[PastVisit], confirmations: int) -> Iterator[VisitOutcome]:
    """Yield what each visit of one article found; captures come oldest first.

    `confirmations` is how many visits in a row have to find it gone. A pure function.
    """
    seen: PastVisit | None = None  # the last live one, with the rules that made its text
    last = VisitOutcome(PastVisit("", "", "", 0, None, "", ""), "")
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
            last = VisitOutcome(capture, outcome, ("gone",) if news else (), None, gone, confirmed)
        else:
            errors = 0
            named = (("restored",) if last.counts_as_gone else ()) + (outcome,)
            events = tuple(each for each in named if each in EVENTS)
            last = VisitOutcome(capture, outcome, events, seen.version if seen and outcome == "changed" else None)
            # A text that was taken over is still the work of the rules that made it.
            seen = capture._replace(rules=seen.rules) if seen and capture.status == 304 else capture
        yield last


def _outcome(capture: PastVisit, seen: PastVisit | None) -> str:
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


EARLY = 0.1
"""Share of an interval by which a visit may come early, where else it would come one timer too late."""

SPREAD = 0.2
"""Share of a retry's delay by which articles are spread, so that they do not all knock at once."""


def next_due(
    plan: Plan,
    manners: ScheduleDefaults,
    key: str,
    noticed: Sequence[VisitOutcome],
    published: float | None,
    added: float,
) -> float | None:
    """Return the moment in seconds since 1970, None where the schedule has ended.

    noticed: all visits of the article, oldest first.
    published: when the article came out, where somebody says.
    added: when it was put on the schedule; due at once, where it was never visited.
    """
    due = _planned(plan, manners, key, noticed, published, added)
    return None if due is None or (plan.until is not None and due > plan.until) else due


def _planned(
    plan: Plan,
    manners: ScheduleDefaults,
    key: str,
    noticed: Sequence[VisitOutcome],
    published: float | None,
    added: float,
) -> float | None:
    if not noticed:
        return added
    seen = [
        Sighting(seconds(each.capture.at), each.outcome == "changed") for each in noticed if each.outcome not in MISSED
    ]
    last = noticed[-1]
    planned: float | None = added
    if seen:
        planned = POLICIES[plan.policy](plan, seen, published, manners.zone, phase(key))
        if last.gone:
            planned = _of_gone(planned, seen[-1].at, last, manners)
    if last.outcome in MISSED and planned is not None:
        delay = manners.patience[min(last.missed, len(manners.patience)) - 1]
        retry = seconds(last.capture.at) + delay * (1 + SPREAD * phase(f"{key} {last.missed}"))
        return max(planned, retry)
    return planned


def _of_gone(planned: float | None, last_seen: float, last: VisitOutcome, manners: ScheduleDefaults) -> float | None:
    """Look again soon, until it counts as gone; then seldom."""
    if last.counts_as_gone:
        after = last_seen + manners.gone[min(last.gone - manners.confirmations, len(manners.gone) - 1)]
        return None if planned is None else max(planned, after)
    soon = last_seen + manners.confirm[last.gone - 1]
    return soon if planned is None else min(planned, soon)


def early(plan: Plan, last: float, due: float) -> float:
    """Return from when on a run that a timer started takes an article, though it is due a little later.

    Else a daily visit under a daily timer that comes a second too early would wait for the next day. `last` is the
    last visit. An expression of cron means its minute.
    """
    return due if plan.policy == "cron" else due - EARLY * max(due - last, 0.0)


def phase(text: str) -> float:
    """Return a number from 0 to 1 that looks like chance and is always the same for a text."""
    return int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:4]) / 2**32


def seconds(moment: str) -> float:
    """Return a moment of the catalogue in seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def moment(at: float) -> str:
    """Return seconds since 1970 as the catalogue writes moments."""
    return exact(datetime.fromtimestamp(at, UTC))


# What the catalogue knows of the visits of an article, and what is news in it.


_COLUMNS = (
    "SELECT visit_id, fetched_at, state, status, capture.version, payload_sha256,"
    " coalesce((SELECT ruleset_sha256 || ' ' || software FROM cleaning WHERE cleaning.capture = capture.id"
    " ORDER BY cleaning.id DESC LIMIT 1), ''), target"
    " FROM capture JOIN visit ON visit.capture = capture.id WHERE capture.article = ? ORDER BY capture.id"
)
# In the order in which they were kept, not by the clock, which may have been wrong.


class ChangeEvent(NamedTuple):
    """One piece of news."""

    id: str
    """The same whenever it is made again from the same records."""
    event: str
    """One of `archive.schedule.due.EVENTS`."""
    at: str
    """UTC, to the microsecond: of the visit that noticed it."""
    article: str
    """Key."""
    url: str
    title: str
    source: str
    outcome: str
    """Of the visit: says how it is gone."""
    target: str
    """Where a migrated article went."""
    before: int | None
    """Version before, where the text changed; as the next, a row."""
    after: int | None


def article_of(catalogue: Catalogue, key: str) -> int | None:
    """Return the article that has a key."""
    row = catalogue.one("SELECT article FROM alias WHERE key = ?", key)
    return int(row[0]) if row else None


def past_visits(catalogue: Catalogue, article: int, confirmations: int) -> list[VisitOutcome]:
    """Return what each visit of an article found, oldest first. Raises sqlite3.Error, as all of this module."""
    return list(notice(map(PastVisit._make, catalogue.execute(_COLUMNS, (article,))), confirmations))


def of_articles(catalogue: Catalogue, since: str, until: str) -> list[int]:
    """Return the articles that were visited in a time, by age."""
    rows = catalogue.execute(
        "SELECT DISTINCT article FROM capture WHERE kind = 'visit' AND fetched_at >= ? AND fetched_at < ?"
        " ORDER BY article",
        (since, until or "9"),
    )
    return [int(row[0]) for row in rows.fetchall()]


def change_events(catalogue: Catalogue, article: int, confirmations: int) -> Iterator[ChangeEvent]:
    """Yield the news of an article, oldest first. Of feeds, what they list is no news; that they are gone is."""
    key, url, title, source = catalogue.one("SELECT key, url, title, source FROM article WHERE id = ?", article)
    is_feed = catalogue.one(
        "SELECT 1 FROM member JOIN alias ON alias.key = member.key WHERE article = ? AND kind = 'feed'", article
    )
    for each in past_visits(catalogue, article, confirmations):
        for name, event in zip(each.event_ids, each.events, strict=True):
            if is_feed and event in {"new", "changed"}:
                continue
            capture = each.capture
            changed = event == "changed"
            yield ChangeEvent(
                name,
                event,
                capture.at,
                key,
                url,
                title,
                source,
                each.outcome,
                capture.target,
                each.before if changed else None,
                capture.version if changed else None,
            )


# How much of a text is another one: one number, in time that grows with the length of the texts and no faster.


def amount(before: str, after: str) -> float:
    """Return the share of the texts that is not common to both, from 0 (equal) to 1.

    Lines that both have are common, wherever they stand. Of the rest those pairs of neighbouring characters are common
    that both have (Dice's coefficient): alignment letter by letter takes seconds for texts that repeat themselves.
    """
    lines, others = _lines(before), _lines(after)
    total = _size(lines) + _size(others)
    if not total:
        return 0.0
    same = 2 * _size(lines & others)
    left, right = _pairs(lines - others), _pairs(others - lines)
    pairs = left.total() + right.total()
    if pairs:
        same += round((total - same) * 2 * (left & right).total() / pairs)
    return 1 - same / total


def _lines(text: str) -> Counter[str]:
    return Counter(line for line in text.splitlines() if line.strip())


def _size(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _pairs(lines: Counter[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for line in lines.elements():
        found.update(pairwise(f"\n{line}\n"))  # the ends of lines, too, so that one character is two pairs
    return found


# The clean texts of versions, to tell how much of one changed.


def amount_of(collection: Collection, event: ChangeEvent) -> float | None:
    """Return how much of the text an event changed, from 0 to 1; None where it changed no text.

    Raises Busy, Damaged or StorageError.
    """
    if event.before is None or event.after is None:
        return None
    return amount(_text(collection, event.before), _text(collection, event.after))


def _text(collection: Collection, version: int) -> str:
    with storage_errors(collection.catalogue.path):
        (record_id,) = collection.catalogue.one(
            "SELECT record_id FROM version JOIN record ON record.id = version.record WHERE version.id = ?", version
        )
    return collection.record(record_id).block.decode()
