"""Queries for exports: articles and captures with their descriptions, and the records they need.

Every function raises sqlite3.Error, which the caller translates.
"""

from collections.abc import Sequence
from typing import NamedTuple

from archive.catalogue.connection import Catalogue

__all__ = [
    "CapturedRecord",
    "ExportedArticle",
    "ExportedCapture",
    "TextProvenance",
    "captured_at",
    "captured_records",
    "derived_records",
    "exported_article",
    "exported_captures",
    "has_imported_records",
    "newest_import",
    "newest_moment",
    "payload_at",
    "text_provenance",
    "visits_of_run",
    "was_visited",
]


class ExportedArticle(NamedTuple):
    """An article as exports describe it."""

    id: int
    key: str
    url: str
    title: str
    source: str
    date: str
    markdown: str
    """Path of its Markdown file in the collection; empty where no capture of it was ever live."""
    conversion: str
    """Record of its current text; empty likewise."""
    clean_sha256: str


class ExportedCapture(NamedTuple):
    """A capture of an article as exports describe it."""

    kind: str
    record_id: str
    """Of the source: a resource, a response or a revisit; else the description."""
    fetched_at: str
    state: str
    notice: str
    title: str
    visit_id: str
    """Empty for a snapshot, as the next."""
    final_url: str
    status: int
    clean_sha256: str
    """Of the text that it gave; empty where it gave none."""
    conversion: str
    """The record that has this text; empty likewise."""


class CapturedRecord(NamedTuple):
    """The places of the records of a capture."""

    kind: str
    """`snapshot` or `visit`."""
    record: int
    """Row of the source's record."""
    visit_id: str
    """The record that describes the visit; empty for a snapshot."""


class TextProvenance(NamedTuple):
    """The provenance of an article's current text."""

    record_id: str
    """Of the provenance record."""
    at: str
    """When it was cleaned, as WARC-Date."""
    source_record: str
    """The record that was cleaned."""
    ruleset_sha256: str
    software: str


def exported_article(catalogue: Catalogue, article: int) -> ExportedArticle:
    """Return an article by its row. Raises Damaged where there is none."""
    return catalogue.require(
        ExportedArticle,
        "SELECT article.id, article.key, article.url, article.title, article.source, article.date,"
        " coalesce(markdown, '') AS markdown, coalesce(record_id, '') AS conversion,"
        " coalesce(clean_sha256, '') AS clean_sha256 FROM article LEFT JOIN version ON version.id = current_version"
        " LEFT JOIN record ON record.id = version.record WHERE article.id = ?",
        article,
    )


def exported_captures(catalogue: Catalogue, article: int) -> list[ExportedCapture]:
    """Return the captures of an article, the oldest first."""
    return list(
        catalogue.select(
            ExportedCapture,
            "SELECT kind, source.record_id, fetched_at, state, notice, title, coalesce(visit_id, '') AS visit_id,"
            " coalesce(final_url, '') AS final_url, coalesce(status, 0) AS status,"
            " coalesce(clean_sha256, '') AS clean_sha256, coalesce(text.record_id, '') AS conversion"
            " FROM capture JOIN record AS source ON source.id = capture.record"
            " LEFT JOIN visit ON visit.capture = capture.id LEFT JOIN version ON version.id = capture.version"
            " LEFT JOIN record AS text ON text.id = version.record WHERE capture.article = ?"
            " ORDER BY fetched_at, capture.id",
            article,
        )
    )


def captured_at(catalogue: Catalogue, record_id: str) -> str:
    """Return when what a record answers was captured, as WARC-Date; empty where it is of no capture."""
    sql = "SELECT fetched_at FROM capture JOIN record ON record.id = capture.record WHERE record_id = ?"
    row = catalogue.one(sql, record_id)
    return str(row[0]) if row else ""


def captured_records(catalogue: Catalogue, article: int) -> list[CapturedRecord]:
    """Return for each capture of an article the record that it begins with, in the order in which they came."""
    return list(
        catalogue.select(
            CapturedRecord,
            "SELECT kind, record, coalesce(visit_id, '') AS visit_id FROM capture"
            " LEFT JOIN visit ON visit.capture = capture.id WHERE article = ? ORDER BY capture.id",
            article,
        )
    )


def derived_records(catalogue: Catalogue, article: int) -> list[int]:
    """Return the rows of what was made of an article's captures: provenances, ledgers, conversions."""
    rows = catalogue.execute(
        "SELECT provenance FROM cleaning JOIN capture ON capture.id = cleaning.capture WHERE article = ?1"
        " UNION SELECT ledger FROM cleaning JOIN capture ON capture.id = cleaning.capture"
        " WHERE article = ?1 AND ledger IS NOT NULL UNION SELECT record FROM version WHERE article = ?1",
        (article,),
    )
    return [row for (row,) in rows]


def visits_of_run(catalogue: Catalogue, run_id: str) -> list[str]:
    """Return the records that describe the visits of a run."""
    rows = catalogue.execute(
        "SELECT visit_id FROM item JOIN run ON run.id = item.run WHERE run_id = ? AND visit_id != ''", (run_id,)
    )
    return [visit_id for (visit_id,) in rows]


def payload_at(catalogue: Catalogue, uri: str) -> int | None:
    """Return the row of a record that has a payload of this address, None where there is none."""
    row = catalogue.one("SELECT record FROM payload WHERE uri = ?", uri)
    return int(row[0]) if row else None


def text_provenance(catalogue: Catalogue, article: int) -> TextProvenance:
    """Return where an article's current text comes from: best of the capture that gave it first, the latest cleaning.

    Raises Damaged where the article has no text.
    """
    return catalogue.require(
        TextProvenance,
        "SELECT provenance.record_id, at, source.record_id AS source_record, cleaning.ruleset_sha256,"
        " cleaning.software FROM article"
        " JOIN version ON version.id = current_version JOIN cleaning ON cleaning.version = version.id"
        " JOIN capture ON capture.id = cleaning.capture"
        " JOIN record AS provenance ON provenance.id = cleaning.provenance"
        " JOIN record AS source ON source.id = capture.record"
        " WHERE article.id = ? ORDER BY capture.id = version.capture DESC, cleaning.id DESC LIMIT 1",
        article,
    )


def was_visited(catalogue: Catalogue, article: int) -> bool:
    """Whether some capture of an article is a visit, by its row."""
    sql = "SELECT 1 FROM visit JOIN capture ON capture.id = visit.capture WHERE article = ?"
    return catalogue.one(sql, article) is not None


def newest_moment(catalogue: Catalogue, articles: Sequence[int]) -> str:
    """Return when the newest of these articles was fetched or cleaned: UTC, to the second."""
    newest = ""
    for article in articles:
        (moment,) = catalogue.one(
            "SELECT max(max(fetched_at), coalesce(max(at), '')) FROM capture"
            " LEFT JOIN cleaning ON cleaning.capture = capture.id WHERE article = ?",
            article,
        )
        newest = max(newest, moment or "")
    return newest[:19] + "Z"


def has_imported_records(catalogue: Catalogue) -> bool:
    """Whether there are records that others captured, pages or not."""
    return catalogue.one("SELECT 1 FROM file WHERE imported = 1 AND committed_length > 0 LIMIT 1") is not None


def newest_import(catalogue: Catalogue) -> str:
    """Return when the newest file of others was imported: UTC, to the second; empty where no import was completed."""
    (moment,) = catalogue.one("SELECT max(at) FROM import")
    return f"{moment[:19]}Z" if moment else ""
