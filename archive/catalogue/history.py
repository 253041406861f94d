"""What became of each article's text, version by version: what a reviewer looks at.

Every version is one change: the text that it follows, and itself. Which text it follows depends on why it came:

| kind | came because | follows |
| --- | --- | --- |
| `first` | the article is new, or nothing earlier of it was live | nothing |
| `captured` | a capture found another text than the capture before it | the text of that capture |
| `recleaned` | the same capture was cleaned again, by other rules or software | what it was cleaned to before |
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors

__all__ = ["CAPTURED", "FIRST", "KINDS", "RECLEANED", "Change", "change_id", "changes"]

FIRST, CAPTURED, RECLEANED = "first", "captured", "recleaned"
KINDS = (FIRST, CAPTURED, RECLEANED)


class Change(NamedTuple):
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
    ruleset_sha256: str
    software: str
    capture: int
    is_visit: bool
    """Whether the capture is a visit, and not a snapshot."""
    fetched_at: str
    """UTC, as WARC-Date: when the capture was made."""
    cleaned_at: str
    held: bool
    """Whether some capture has the text now; another cleaning may have given it another one since."""


class _Text(NamedTuple):
    sha256: str
    record: int
    ledger: int


# All judgements that gave a text, in their order, and what is known of their captures.
_JUDGEMENTS = """
SELECT capture.id, capture.kind = 'visit', article.id, article.key, capture.url, capture.title, capture.source,
  capture.fetched_at, version.id, clean_sha256, version.record, coalesce(cleaning.ledger, 0), cleaning.ruleset_sha256,
  cleaning.software, cleaning.at,
  EXISTS (SELECT 1 FROM capture AS holder WHERE holder.version = version.id)
FROM cleaning JOIN capture ON capture.id = cleaning.capture JOIN article ON article.id = capture.article
  JOIN version ON version.id = cleaning.version
WHERE {} ORDER BY cleaning.id
"""


def change_id(key: str, before: str, after: str) -> str:
    """Return the name of a change, by the key of its article and the digests of its texts."""
    return sha256("\n".join((key, before, after)).encode()).hexdigest()[:16]


def changes(catalogue: Catalogue, articles: Iterable[int] | None = None) -> list[Change]:
    """Return the changes of some articles, or of all, in the order in which they came.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path):
        if articles is None:
            rows = catalogue.execute(_JUDGEMENTS.format("1")).fetchall()
        else:
            rows = [
                row
                for article in articles
                for row in catalogue.execute(_JUDGEMENTS.format("article.id = ?"), (article,)).fetchall()
            ]
    given: dict[int, dict[int, tuple[str, _Text]]] = {}  # by article and capture: when it was fetched, its last text
    seen: set[int] = set()
    found = []
    for capture, visit, article, *named, fetched, version, digest, record, ledger, ruleset, software, at, held in rows:
        captures = given.setdefault(article, {})
        kind, earlier = _follows(captures, capture, fetched)
        captures[capture] = (fetched, _Text(digest, record, ledger))
        if version in seen:
            continue
        seen.add(version)
        key, url, title, source = named
        found.append(
            Change(
                id=change_id(key, earlier.sha256, digest),
                kind=kind,
                article=article,
                key=key,
                url=url,
                title=title,
                source=source,
                before=earlier.sha256,
                after=digest,
                before_record=earlier.record,
                after_record=record,
                ledger=ledger,
                before_ledger=earlier.ledger,
                ruleset_sha256=ruleset,
                software=software,
                capture=capture,
                is_visit=bool(visit),
                fetched_at=fetched,
                cleaned_at=at,
                held=bool(held),
            )
        )
    return found


def _follows(captures: dict[int, tuple[str, _Text]], capture: int, fetched: str) -> tuple[str, _Text]:
    """Return why a text came, and the text that it follows."""
    if capture in captures:
        return RECLEANED, captures[capture][1]
    earlier = [(at, other) for other, (at, _) in captures.items() if (at, other) < (fetched, capture)]
    if earlier:
        return CAPTURED, captures[max(earlier)[1]][1]
    return FIRST, _Text("", 0, 0)
