"""Outcomes of visits, and the events that follow from them.

Both are read from the captures whenever they are asked for, and stored nowhere.

| outcome | the visit |
| --- | --- |
| `new` | is the first that saw the article |
| `unchanged` | was answered "not modified", or got the same bytes |
| `same-text` | got other bytes with the same clean text |
| `recleaned` | got another text, but other rules or another engine made it: whether the site changed cannot be told |
| `changed` | got another text |
| `deleted`, `violation`, `account-blocked`, `migrated` | got such a notice |
| `not-found` | was answered 404 or 410, or by a page that says so whatever its status |
| `doubtful` | got a text that does not look like the article (`archive.catalogue.current`) |
| `wall` | met a wall: it did not see the article |
| `interrupted` | was ended by us before it saw the article |
| `error` | did not see the article for another reason |

| event | when |
| --- | --- |
| `new` | the article was seen for the first time |
| `changed` | its text changed |
| `gone_count` | so many visits in a row found it gone; what missed it between them counts neither way |
| `restored` | it is there again after it counted as gone |
| `failing` | so many visits in a row met errors |
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.collection.reader import CollectionReader, catalogue_of
from archive.errors import storage_errors
from archive.model import DOUBTFUL
from capture.errors import Stopped

__all__ = [
    "EVENTS",
    "FAILING_AFTER",
    "GONE_OUTCOMES",
    "MISSED_OUTCOMES",
    "ChangeEvent",
    "PastVisit",
    "VisitOutcome",
    "change_events",
    "changed_share",
    "changed_share_of",
    "outcomes_of",
    "visit_outcomes",
    "visited_articles",
]

GONE_OUTCOMES = ("deleted", "violation", "account-blocked", "migrated", "not-found")
"""Outcomes of visits that saw that the article is not there."""

MISSED_OUTCOMES = ("wall", "interrupted", "error")
"""Outcomes of visits that did not see the article."""

EVENTS = ("new", "changed", "gone", "restored", "failing")

FAILING_AFTER = 3
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
    """Names the rules, the software and the engine that made the text."""
    target: str = ""
    """Where a migrated article went."""
    error: str = ""
    """Code of the error that ended it; empty where none did."""


class VisitOutcome(NamedTuple):
    """The outcome of a visit."""

    visit: PastVisit
    outcome: str
    events: tuple[str, ...] = ()
    before: int | None = None
    """The version before, where the text is another one."""
    gone_in_a_row: int = 0
    """Visits in a row that found it gone, with this one."""
    counts_as_gone: bool = False
    missed_in_a_row: int = 0
    """Visits in a row that did not see the article, with this one."""
    doubtful_in_a_row: int = 0
    """Visits in a row whose text was doubtful, with this one; walls and errors between them count neither way."""

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Identifiers of the events, the same whenever they are made again from the same records."""
        return tuple(f"{self.visit.visit_id}/{event}" for event in self.events)


def visit_outcomes(visits: Iterable[PastVisit], confirmations: int) -> Iterator[VisitOutcome]:
    """Yield what each visit of one article found; visits come oldest first.

    `confirmations` is how many visits in a row have to find it gone. A pure function.
    """
    last_live: PastVisit | None = None  # with the rules that made its text
    last = VisitOutcome(PastVisit("", "", "", 0, None, "", ""), "")
    errors = 0
    for visit in visits:
        outcome = _outcome(visit, last_live)
        if outcome in MISSED_OUTCOMES:
            errors = errors + 1 if outcome == "error" else errors
            failing = outcome == "error" and errors == FAILING_AFTER
            last = last._replace(
                visit=visit,
                outcome=outcome,
                events=("failing",) if failing else (),
                before=None,
                missed_in_a_row=last.missed_in_a_row + 1,
            )
        elif outcome == DOUBTFUL:
            errors = 0
            last = last._replace(
                visit=visit,
                outcome=outcome,
                events=(),
                before=None,
                missed_in_a_row=0,
                doubtful_in_a_row=last.doubtful_in_a_row + 1,
            )
        elif outcome in GONE_OUTCOMES:
            errors, gone_count = 0, last.gone_in_a_row + 1
            confirmed = last.counts_as_gone or gone_count >= confirmations
            is_event = confirmed and not last.counts_as_gone
            last = VisitOutcome(visit, outcome, ("gone",) if is_event else (), None, gone_count, confirmed)
        else:
            errors = 0
            candidates = (("restored",) if last.counts_as_gone else ()) + (outcome,)
            events = tuple(each for each in candidates if each in EVENTS)
            before = last_live.version if last_live and outcome == "changed" else None
            last = VisitOutcome(visit, outcome, events, before)
            # A text that was taken over is still the work of the rules that made it.
            last_live = visit._replace(rules=last_live.rules) if last_live and visit.status == 304 else visit
        yield last


def _outcome(visit: PastVisit, last_live: PastVisit | None) -> str:
    if visit.error == Stopped.code:
        return "interrupted"
    if visit.state in GONE_OUTCOMES:
        return visit.state
    if visit.state == "verification":
        return "wall"
    if visit.state == DOUBTFUL:
        return DOUBTFUL
    if visit.status in {404, 410} or visit.state == "bad-link":
        return "not-found"
    if visit.state == "not-article" and (last_live is None or last_live.version is None):
        if last_live is None:
            return "new"
        return "unchanged" if visit.payload_sha256 == last_live.payload_sha256 else "changed"
    if visit.state != "live" or visit.version is None:
        return "error"
    if last_live is None:
        return "new"
    if visit.status == 304 or (visit.payload_sha256 and visit.payload_sha256 == last_live.payload_sha256):
        return "unchanged"
    if visit.version == last_live.version:
        return "same-text"
    return "changed" if visit.rules == last_live.rules else "recleaned"


# Visits and events of the articles of a catalogue


class ChangeEvent(NamedTuple):
    """An event, with the article that it is about."""

    id: str
    """The same whenever it is made again from the same records."""
    event: str
    """One of `EVENTS`."""
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


def outcomes_of(catalogue: Catalogue, article: int, confirmations: int) -> list[VisitOutcome]:
    """Return what each visit of an article found, oldest first; see `visit_outcomes`. Raises sqlite3.Error."""
    # In the order in which they were kept, not by the clock, which may have been wrong.
    visits = catalogue.select(
        PastVisit,
        "SELECT visit_id, fetched_at AS at, state, status, capture.version AS version, payload_sha256,"
        " coalesce((SELECT ruleset_sha256 || ' ' || software || ' ' || engine FROM cleaning"
        " WHERE cleaning.capture = capture.id ORDER BY cleaning.id DESC LIMIT 1), '') AS rules,"
        " target, visit.error AS error"
        " FROM capture JOIN visit ON visit.capture = capture.id WHERE capture.article = ? ORDER BY capture.id",
        article,
    )
    return list(visit_outcomes(visits, confirmations))


def visited_articles(catalogue: Catalogue, since: str, until: str) -> list[int]:
    """Return the rows of the articles that were visited in a time, oldest article first. Raises sqlite3.Error.

    `since` and `until` are as WARC-Date or the beginning of one; an empty `until` sets no end.
    """
    rows = catalogue.execute(
        "SELECT DISTINCT article FROM capture WHERE kind = 'visit' AND fetched_at >= ? AND fetched_at < ?"
        " ORDER BY article",
        (since, until or "9"),
    )
    return [int(row[0]) for row in rows.fetchall()]


def change_events(catalogue: Catalogue, article: int, confirmations: int) -> Iterator[ChangeEvent]:
    """Yield the events of an article, oldest first. Raises sqlite3.Error.

    What a feed lists changes all the time and is no event; that the feed is gone is one.
    """
    key, url, title, source = catalogue.one("SELECT key, url, title, source FROM article WHERE id = ?", article)
    is_feed = catalogue.one(
        "SELECT 1 FROM member JOIN alias ON alias.key = member.key WHERE article = ? AND kind = 'feed'", article
    )
    for each in outcomes_of(catalogue, article, confirmations):
        for event_id, event in zip(each.event_ids, each.events, strict=True):
            if is_feed and event in {"new", "changed"}:
                continue
            changed = event == "changed"
            yield ChangeEvent(
                id=event_id,
                event=event,
                at=each.visit.at,
                article=key,
                url=url,
                title=title,
                source=source,
                outcome=each.outcome,
                target=each.visit.target,
                before=each.before if changed else None,
                after=each.visit.version if changed else None,
            )


# Share of a text that changed, in linear time


def changed_share(before: str, after: str) -> float:
    """Return the share of the texts that is not common to both, from 0 (equal) to 1.

    Lines that both have are common, wherever they stand. Of the rest those pairs of neighbouring characters are common
    that both have (Dice's coefficient): alignment letter by letter takes seconds for texts that repeat themselves.
    """
    lines, others = _lines(before), _lines(after)
    total = _size(lines) + _size(others)
    if not total:
        return 0.0
    common = 2 * _size(lines & others)
    left, right = _pairs(lines - others), _pairs(others - lines)
    pairs = left.total() + right.total()
    if pairs:
        common += round((total - common) * 2 * (left & right).total() / pairs)
    return 1 - common / total


def _lines(text: str) -> Counter[str]:
    return Counter(line for line in text.splitlines() if line.strip())


def _size(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def _pairs(lines: Counter[str]) -> Counter[tuple[str, str]]:
    pairs: Counter[tuple[str, str]] = Counter()
    for line in lines.elements():
        pairs.update(pairwise(f"\n{line}\n"))  # the ends of lines, too, so that one character is two pairs
    return pairs


def changed_share_of(collection: CollectionReader, before: int | None, after: int | None) -> float | None:
    """Return the share of the text that changed between two versions, from 0 to 1; None where there are not two.

    Raises Busy, Damaged or StorageError.
    """
    if before is None or after is None:
        return None
    return changed_share(_text(collection, before), _text(collection, after))


def _text(collection: CollectionReader, version: int) -> str:
    catalogue = catalogue_of(collection)
    with storage_errors(catalogue.path):
        (record_id,) = catalogue.one(
            "SELECT record_id FROM version JOIN record ON record.id = version.record WHERE version.id = ?", version
        )
    return collection.record(record_id).block.decode()
