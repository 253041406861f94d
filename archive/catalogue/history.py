"""The history of a collection: changes of texts, events, and statistics.

Changes are what a reviewer looks at. Every version is one: the text that it follows, and itself. Which text it follows
depends on why it came:

| kind | came because | follows |
| --- | --- | --- |
| `first` | the article is new, or nothing earlier of it was live | nothing |
| `captured` | a capture found another text than the capture before it | the text of that capture |
| `recleaned` | the same capture was cleaned again, by other rules, software or engine | what it was cleaned to before |
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.articles import Selection, conditions
from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors

__all__ = [
    "CAPTURED",
    "FIRST",
    "KINDS",
    "RECLEANED",
    "Event",
    "Month",
    "Size",
    "Statistics",
    "VersionChange",
    "VersionsMark",
    "change_id",
    "changes",
    "committed_bytes",
    "events",
    "statistics",
    "versions_mark",
]

FIRST, CAPTURED, RECLEANED = "first", "captured", "recleaned"
KINDS = (FIRST, CAPTURED, RECLEANED)


class VersionChange(NamedTuple):
    """A version of an article, and the one that it follows."""

    id: str
    """The change's own name: the same after the catalogue was made again, another one for any other text."""
    kind: str
    article: int
    """Row of the article, as the other numbers here; they hold as long as the catalogue is not made again."""
    key: str
    """Of the article."""
    url: str
    """Of the capture, as given; its title and source as the next."""
    title: str
    source: str
    before: str
    """sha256 of the text that it follows; empty where there is none."""
    after: str
    """sha256 of the text."""
    before_record: int
    """Conversion record; 0 where there is none, as the next three."""
    after_record: int
    ledger: int
    """Of the cleaning that gave the text."""
    before_ledger: int
    provenance: int
    """Of the cleaning that gave the text: the row of its record."""
    ruleset_sha256: str
    software: str
    engine: str
    """Empty where nobody noted it."""
    capture: int
    is_visit: bool
    """Whether the capture is a visit, and not a snapshot."""
    fetched_at: str
    """UTC, as WARC-Date: when the capture was made."""
    cleaned_at: str
    held: bool
    """Whether some capture has the text now; another cleaning may have given it another one since."""
    doubts: tuple[str, ...] = ()
    """Why all captures that have the text are doubtful (`archive.catalogue.current`); nothing where one is not."""


class _Text(NamedTuple):
    sha256: str
    record: int
    ledger: int


class _Given(NamedTuple):
    """A capture, and the last text that it was cleaned to."""

    fetched_at: str
    text: _Text
    is_doubtful: bool


class _Judgement(NamedTuple):
    """A cleaning that gave a text, with what is known of its capture."""

    capture: int
    is_visit: int
    article: int
    key: str
    url: str
    title: str
    source: str
    fetched_at: str
    version: int
    clean_sha256: str
    record: int
    ledger: int
    provenance: int
    ruleset_sha256: str
    software: str
    engine: str
    at: str
    is_doubtful: int
    is_held: int
    doubts: str


# All judgements that gave a text, in their order.
_JUDGEMENTS = """
SELECT capture.id AS capture, capture.kind = 'visit' AS is_visit, article.id AS article, article.key, capture.url,
  capture.title, capture.source, capture.fetched_at, version.id AS version, clean_sha256, version.record,
  coalesce(cleaning.ledger, 0) AS ledger, cleaning.provenance, cleaning.ruleset_sha256, cleaning.software,
  cleaning.engine, cleaning.at,
  capture.state = 'doubtful' AS is_doubtful,
  EXISTS (SELECT 1 FROM capture AS holder WHERE holder.version = version.id) AS is_held,
  coalesce((SELECT CASE state WHEN 'doubtful' THEN notice ELSE '' END FROM capture AS holder
    WHERE holder.version = version.id ORDER BY state = 'doubtful', holder.id LIMIT 1), '') AS doubts
FROM cleaning JOIN capture ON capture.id = cleaning.capture JOIN article ON article.id = capture.article
  JOIN version ON version.id = cleaning.version
WHERE {} ORDER BY cleaning.id
"""


def change_id(key: str, before: str, after: str) -> str:
    """Return the name of a change, by the key of its article and the digests of its texts."""
    return sha256("\n".join((key, before, after)).encode()).hexdigest()[:16]


def changes(catalogue: Catalogue, articles: Iterable[int] | None = None) -> list[VersionChange]:
    """Return the changes of some articles, or of all, in the order in which they came.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path):
        if articles is None:
            judgements = list(catalogue.select(_Judgement, _JUDGEMENTS.format("1")))
        else:
            judgements = [
                judgement
                for article in articles
                for judgement in catalogue.select(_Judgement, _JUDGEMENTS.format("article.id = ?"), article)
            ]
    given: dict[int, dict[int, _Given]] = {}  # by article and capture
    seen: set[int] = set()
    result = []
    for each in judgements:
        captures = given.setdefault(each.article, {})
        kind, earlier = _follows(captures, each.capture, each.fetched_at)
        text = _Text(each.clean_sha256, each.record, each.ledger)
        captures[each.capture] = _Given(each.fetched_at, text, bool(each.is_doubtful))
        if each.version in seen:
            continue
        seen.add(each.version)
        result.append(
            VersionChange(
                id=change_id(each.key, earlier.sha256, each.clean_sha256),
                kind=kind,
                article=each.article,
                key=each.key,
                url=each.url,
                title=each.title,
                source=each.source,
                before=earlier.sha256,
                after=each.clean_sha256,
                before_record=earlier.record,
                after_record=each.record,
                ledger=each.ledger,
                before_ledger=earlier.ledger,
                provenance=each.provenance,
                ruleset_sha256=each.ruleset_sha256,
                software=each.software,
                engine=each.engine,
                capture=each.capture,
                is_visit=bool(each.is_visit),
                fetched_at=each.fetched_at,
                cleaned_at=each.at,
                held=bool(each.is_held),
                doubts=tuple(each.doubts.split(", ")) if each.doubts else (),
            )
        )
    return result


class VersionsMark(NamedTuple):
    """A state of what `changes` is made of: two that are equal give the same changes."""

    file: int
    """Number of the catalogue's file (inode)."""
    schema: int
    """A catalogue that was made again has its tables anew, and perhaps other numbers of rows."""
    last_cleaning: int | None
    versions: int
    articles: int


class _LastRows(NamedTuple):
    cleaning: int | None
    versions: int
    articles: int


def versions_mark(catalogue: Catalogue) -> VersionsMark:
    """Return the state of the catalogue's versions. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path, reading=True):
        rows = catalogue.require(
            _LastRows,
            "SELECT (SELECT max(id) FROM cleaning) AS cleaning, (SELECT count(*) FROM version) AS versions,"
            " (SELECT count(*) FROM article) AS articles",
        )
        (schema,) = catalogue.one("PRAGMA schema_version")
        file = catalogue.path.stat().st_ino
    return VersionsMark(
        file=file, schema=schema, last_cleaning=rows.cleaning, versions=rows.versions, articles=rows.articles
    )


def _follows(captures: dict[int, _Given], capture: int, fetched: str) -> tuple[str, _Text]:
    """Return why a text came, and the text that it follows: never one that is doubtful, which nobody took for it."""
    if capture in captures:
        return RECLEANED, captures[capture].text
    earlier = [
        (given.fetched_at, other)
        for other, given in captures.items()
        if (given.fetched_at, other) < (fetched, capture) and not given.is_doubtful
    ]
    if earlier:
        return CAPTURED, captures[max(earlier)[1]].text
    return FIRST, _Text("", 0, 0)


class Event(NamedTuple):
    """Something that was done, by the names of PREMIS 3 (Data Dictionary, eventType)."""

    at: str
    """When it was done, as WARC-Date; not when the page was fetched."""
    type: str
    """`capture`, `ingestion` (of a snapshot, or of what others captured), `normalization` (cleaned anew), `metadata \
modification` (articles that became one)."""
    key: str
    """Of the article."""
    title: str
    kind: str
    """Of the capture: `visit` or `snapshot`."""
    fetched_at: str
    """When it was fetched: UTC, to the microsecond."""
    record_id: str
    """Of its record."""
    outcome: str
    """The state, and whether the current version moved; or the key that was joined."""


def events(catalogue: Catalogue, selection: Selection) -> Iterator[Event]:
    """Yield what happened to the articles that are selected, newest last; its days are those of the events.

    Raises what `archive.catalogue.articles.find` raises.
    """
    where, values = conditions(catalogue, selection._replace(since="", until=""))
    days = [(bound, sign) for bound, sign in ((selection.since, ">="), (selection.until, "<")) if bound]
    with storage_errors(catalogue.path, reading=True):
        yield from catalogue.select(
            Event,
            "SELECT event.at, event.type, article.key, article.title, capture.kind, fetched_at, record_id, outcome"
            " FROM event JOIN article ON article.id = event.article JOIN capture ON capture.id = event.capture"
            f" JOIN record ON record.id = capture.record WHERE {where}"
            + "".join(f" AND event.at {sign} ?" for _, sign in days)
            + " ORDER BY event.at, event.id",
            *values,
            *(bound for bound, _ in days),
        )


# Statistics


class Month(NamedTuple):
    """A month of fetching."""

    month: str
    """Such as 2026-01, in UTC."""
    captures: int
    disappearances: int
    """Articles that were live at one capture and, at the next, deleted, taken down, blocked, migrated or expired."""


class Size(NamedTuple):
    """The size of a part of the folder on disk."""

    files: int
    bytes: int


class Statistics(NamedTuple):
    """All of it; what is counted by name comes with the largest first."""

    articles: int
    with_text: int
    """Articles that have a text, whatever their state is now."""
    captures: int
    visits: int
    """Of the captures; the others are snapshots."""
    versions: int
    events: int
    records: int
    first: str
    """When the first capture was fetched: UTC, to the microsecond; empty where there is none; as the next."""
    last: str
    states: dict[str, int]
    """Articles by the state of their latest capture."""
    sources: dict[str, int]
    """Articles by account or source."""
    months: list[Month]
    """Every month from the first to the last that has captures; those without any are left out."""
    sizes: dict[str, Size]
    """By `warc`, `derived`, `markdown`, `catalogue`."""


GONE = ("deleted", "violation", "account-blocked", "migrated", "expired")
"""States in which an article has disappeared for good, as far as its page says."""


class _Group(NamedTuple):
    """Articles of one state and one source."""

    state: str
    source: str
    articles: int
    first: str
    last: str


_GROUPS = """
SELECT latest_state AS state, source, count(*) AS articles, min(first_fetched_at) AS first, max(last_fetched_at) AS last
FROM article GROUP BY latest_state, source
"""


class _Totals(NamedTuple):
    """Numbers of rows."""

    with_text: int
    captures: int
    visits: int
    versions: int
    events: int
    records: int


_TOTALS = """
SELECT (SELECT count(*) FROM article WHERE current_version IS NOT NULL) AS with_text,
  (SELECT count(*) FROM capture) AS captures, (SELECT count(*) FROM visit) AS visits,
  (SELECT count(*) FROM version) AS versions, (SELECT count(*) FROM event) AS events,
  (SELECT count(*) FROM record) AS records
"""

# Most articles have one capture; only what has more can have been live before.
_MONTHS = f"""
WITH gone AS (
  SELECT substr(fetched_at, 1, 7) AS month, count(*) AS disappearances FROM (
    SELECT fetched_at, state, lag(state) OVER (PARTITION BY article ORDER BY fetched_at, id) AS before FROM capture
    WHERE article IN (SELECT id FROM article WHERE captures > 1 AND versions > 0)
  ) WHERE before = 'live' AND state IN ({", ".join("?" * len(GONE))}) GROUP BY 1
), fetched AS (
  SELECT substr(fetched_at, 1, 7) AS month, count(*) AS captures FROM capture GROUP BY 1
)
SELECT month, captures, coalesce(disappearances, 0) AS disappearances FROM fetched LEFT JOIN gone USING (month)
ORDER BY month
"""


def statistics(catalogue: Catalogue, root: Path) -> Statistics:
    """Count everything. Raises Busy, Damaged, NotReadable or StorageError."""
    states: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    first, last, articles = "", "", 0
    with storage_errors(root, reading=True):
        for group in catalogue.select(_Group, _GROUPS):
            states[group.state] += group.articles
            sources[group.source] += group.articles
            articles += group.articles
            first, last = min(first or group.first, group.first), max(last, group.last)
        totals = catalogue.require(_Totals, _TOTALS)
        months = list(catalogue.select(Month, _MONTHS, *GONE))
        sizes = {folder: _size(_files(root / folder)) for folder in ("warc", "derived", "markdown")}
        sizes["catalogue"] = _size(path.stat().st_size for path in root.glob("catalogue.sqlite*"))
    return Statistics(
        articles=articles,
        with_text=totals.with_text,
        captures=totals.captures,
        visits=totals.visits,
        versions=totals.versions,
        events=totals.events,
        records=totals.records,
        first=first,
        last=last,
        states=_sorted(states),
        sources=_sorted(sources),
        months=months,
        sizes=sizes,
    )


def committed_bytes(catalogue: Catalogue, folder: str | None = None) -> int:
    """Return how many bytes of all WARC files are committed, or of those of one folder.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        (total,) = catalogue.one(
            "SELECT coalesce(sum(committed_length), 0) FROM file WHERE ?1 IS NULL OR folder = ?1", folder
        )
    return int(total)


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _size(sizes: Iterable[int]) -> Size:
    each = list(sizes)
    return Size(len(each), sum(each))


def _files(folder: Path) -> Iterator[int]:
    """Yield the size of each file in a folder and below it; nothing where there is none. `os.scandir` is quickest."""
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield entry.stat(follow_symlinks=False).st_size
