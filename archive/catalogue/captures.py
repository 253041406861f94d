"""Queries for stored captures: the latest judgement of each, and its record places."""

from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Row
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.warc.reader import RecordPlace
from archive.warc.records import target_uri

__all__ = [
    "StoredCapture",
    "count_captures",
    "imported_payload",
    "payload_digests",
    "payload_row",
    "provenance_record",
    "source_record",
    "stored_captures",
]

_AT_ONCE = 200
"""Articles whose captures are held at one time."""

_VALUES = 500
"""Values in one query; SQLite takes at least 999."""


class StoredCapture(NamedTuple):
    """A capture as it is stored, with its latest judgement. Can be sent to another process."""

    capture: str
    """The record that names it: a snapshot's resource, or the description of a visit."""
    kind: str
    """`snapshot` or `visit`."""
    name: str
    """The snapshot's file, or the address as given."""
    article: str
    """Key of its article."""
    markdown: str | None
    """The article's Markdown file."""
    answer: RecordPlace
    """Of the record that stands for it: a resource, a response or a revisit; of a visit without one its description."""
    payload: RecordPlace | None
    """Of the record that has the bytes that cleaning reads; None where there are none."""
    payload_id: str
    url: str
    """Where the answer came from; empty for a snapshot."""
    status: int
    """0 for a snapshot."""
    imported: bool
    """Whether others captured it: then its records are as others wrote them."""
    inherits: bool
    """Whether its text is that of an earlier visit, whose answer and payload stand here."""
    state: str
    notice: str
    source_sha256: str
    clean_sha256: str | None
    ruleset_sha256: str
    software: str
    engine: str
    """Empty also where nobody noted it."""
    at: str
    """When it was judged, as WARC-Date; empty as the three before it where the judgement is lost."""
    provenance: RecordPlace | None
    """Of the latest judgement; of a visit whose judgement is lost, the description of the visit."""
    ledger: RecordPlace | None
    conversion: RecordPlace | None
    conversion_id: str


_QUERY = """
SELECT capture.id, capture.article, capture.kind, capture.url, file_name, article.key, article.markdown,
  source.id AS answer, source.record_id AS answer_id, visit_id, final_url, status, wall, error,
  coalesce(payload.record, theirs.id) AS payload, coalesce(imported_payload, '') != '' AS imported,
  EXISTS (SELECT 1 FROM cleaning WHERE cleaning.capture = capture.id AND ledger IS NULL AND version IS NOT NULL)
    AS inherits,
  coalesce(cleaning.state, capture.state) AS state, coalesce(cleaning.notice, capture.notice) AS notice,
  source_sha256, version.clean_sha256, cleaning.ruleset_sha256, cleaning.software,
  cleaning.engine, cleaning.at, cleaning.provenance, cleaning.ledger, version.record AS conversion
FROM capture JOIN article ON article.id = capture.article JOIN record AS source ON source.id = capture.record
  LEFT JOIN visit ON visit.capture = capture.id
  LEFT JOIN payload ON payload.sha256 = visit.payload_sha256
  LEFT JOIN record AS theirs ON theirs.record_id = visit.imported_payload
  LEFT JOIN version ON version.id = capture.version
  LEFT JOIN cleaning ON cleaning.id = (SELECT max(id) FROM cleaning WHERE cleaning.capture = capture.id)
WHERE capture.article IN ({marks}) ORDER BY capture.article, capture.id
"""


class _Source(NamedTuple):
    """Where what was cleaned comes from."""

    answer: int
    """Row of a record, as the next."""
    payload: int | None
    url: str
    status: int


# The visit whose text another one took over: the same content, best at the same address, the latest before it.
_EARLIER = """
SELECT capture.record AS answer, payload.record AS payload, final_url AS url, status FROM capture
  JOIN visit ON visit.capture = capture.id JOIN payload ON payload.sha256 = visit.payload_sha256
WHERE capture.article = ? AND capture.id < ? AND source_sha256 = ? AND status BETWEEN 200 AND 299
ORDER BY final_url = ? DESC, fetched_at DESC, capture.id DESC LIMIT 1
"""


def stored_captures(catalogue: Catalogue, articles: Sequence[int]) -> Iterator[StoredCapture]:
    """Yield the captures of these articles, by their rows: one article after the other, captures as they came.

    A capture comes after the one whose text it took over. The catalogue may be written to meanwhile.

    Raises Busy, Damaged or StorageError.
    """
    for start in range(0, len(articles), _AT_ONCE):
        some = articles[start : start + _AT_ONCE]
        with storage_errors(catalogue.path):
            rows = catalogue.rows(_QUERY.format(marks=", ".join("?" * len(some))), *some)
            captures = [_stored_capture(catalogue, row) for row in rows]
        yield from captures


def _stored_capture(catalogue: Catalogue, row: Row) -> StoredCapture:
    def place(record: int | None) -> RecordPlace | None:
        return catalogue.place(record) if record is not None else None

    is_visit = row["kind"] == "visit"
    source = _source(catalogue, row)
    provenance = row["provenance"]
    if provenance is None:  # its judgement is lost; the first provenance stands behind a snapshot
        provenance = catalogue.row_of(row["visit_id"]) if is_visit else _record_behind(catalogue, row["answer"])
    return StoredCapture(
        capture=row["visit_id"] if is_visit else row["answer_id"],
        kind=row["kind"],
        name=row["url"] if is_visit else row["file_name"],
        article=row["key"],
        markdown=row["markdown"],
        answer=catalogue.place(source.answer),
        payload=place(source.payload),
        payload_id=_record_id(catalogue, source.payload),
        url=source.url,
        status=source.status,
        imported=bool(row["imported"]),
        inherits=bool(row["inherits"]),
        state=row["state"],
        notice=row["notice"],
        source_sha256=row["source_sha256"],
        clean_sha256=row["clean_sha256"],
        ruleset_sha256=row["ruleset_sha256"] or "",
        software=row["software"] or "",
        engine=row["engine"] or "",
        at=row["at"] or "",
        provenance=place(provenance),
        ledger=place(row["ledger"]),
        conversion=place(row["conversion"]),
        conversion_id=_record_id(catalogue, row["conversion"]),
    )


def _source(catalogue: Catalogue, row: Row) -> _Source:
    own = _Source(row["answer"], row["payload"], row["final_url"] or "", row["status"] or 0)
    if row["inherits"]:
        earlier = catalogue.first(_Source, _EARLIER, row["article"], row["id"], row["source_sha256"], row["final_url"])
        return earlier or own._replace(payload=None)
    if row["kind"] != "visit":
        return own._replace(payload=own.answer)
    if row["wall"] or row["error"]:
        return own._replace(payload=None)
    return own


def _record_behind(catalogue: Catalogue, record: int) -> int | None:
    row = catalogue.one(
        "SELECT next.id FROM record JOIN record AS next ON next.file = record.file"
        " AND next.offset = record.offset + record.length WHERE record.id = ?",
        record,
    )
    return int(row[0]) if row else None


def imported_payload(catalogue: Catalogue, record: int) -> str:
    """Return which record has the payload of what others captured, by the row of the capture's record.

    Empty for a capture of ours. Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        row = catalogue.one(
            "SELECT imported_payload FROM capture JOIN visit ON visit.capture = capture.id"
            " WHERE capture.record = ? AND imported_payload != ''",
            record,
        )
    return str(row[0]) if row else ""


def count_captures(catalogue: Catalogue, articles: Sequence[int]) -> int:
    """Return how many captures these articles have, by their rows. Raises Busy, Damaged or StorageError."""
    wanted = set(articles)
    with storage_errors(catalogue.path):
        rows = catalogue.execute("SELECT article, count(*) FROM capture GROUP BY article")
        return sum(count for article, count in rows if article in wanted)


def source_record(catalogue: Catalogue, capture: int) -> int | None:
    """Return the row of the record that stands for a capture: a resource, a response, a revisit or a description.

    None where there is no such capture. Raises Busy, Damaged or StorageError.
    """
    return _row(catalogue, "SELECT record FROM capture WHERE id = ?", capture)


def provenance_record(catalogue: Catalogue, capture: int) -> int | None:
    """Return the row of the provenance record of a capture's latest cleaning; None where it has none.

    Raises Busy, Damaged or StorageError.
    """
    return _row(
        catalogue,
        "SELECT provenance FROM cleaning WHERE provenance IS NOT NULL AND capture = ? ORDER BY id DESC LIMIT 1",
        capture,
    )


def payload_row(catalogue: Catalogue, sha256: str) -> int | None:
    """Return the row of the record that has the payload of this digest; None where the collection has none.

    Raises Busy, Damaged or StorageError.
    """
    return _row(catalogue, "SELECT record FROM payload WHERE sha256 = ?", sha256)


def payload_digests(catalogue: Catalogue, addresses: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of the payload that was captured at each address, where the collection has one.

    Where an address gave several, the last one. Raises Busy, Damaged or StorageError.
    """
    by_uri: dict[str, list[str]] = {}
    for address in addresses:
        by_uri.setdefault(target_uri(address, "00"), []).append(address)
    uris, digests = list(by_uri), dict[str, str]()
    with storage_errors(catalogue.path, reading=True):
        for start in range(0, len(uris), _VALUES):
            some = uris[start : start + _VALUES]
            marks = ", ".join("?" * len(some))
            for row in catalogue.rows(f"SELECT uri, sha256 FROM payload WHERE uri IN ({marks}) ORDER BY date", *some):
                digests.update(dict.fromkeys(by_uri[row["uri"]], row["sha256"]))
    return digests


def _row(catalogue: Catalogue, sql: str, value: int | str) -> int | None:
    with storage_errors(catalogue.path, reading=True):
        row = catalogue.one(sql, value)
    return int(row[0]) if row is not None else None


def _record_id(catalogue: Catalogue, record: int | None) -> str:
    return str(catalogue.one("SELECT record_id FROM record WHERE id = ?", record)[0]) if record is not None else ""
