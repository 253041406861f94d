"""Access to the content of a collection: texts, ledgers, images and captured bytes.

Of a version: which one a name means, its text, its ledger, the payloads of its images. Of a source: its articles, and
their texts as they were before learned rules. Of a capture: the bytes that cleaning read, and the HTTP message as it
crossed the wire.
"""

import json
import re
import sys
from collections.abc import Iterable

from archive.catalogue.articles import ArticleDetail, NoSuchVersion, Version
from archive.catalogue.captures import imported_payload
from archive.catalogue.history import changes
from archive.catalogue.texts import (
    ArticleText,
    article_texts,
    last_visit_with_text,
    ledger_record,
    provenance_by_engine,
)
from archive.collection.reader import CollectionReader, catalogue_of
from archive.errors import ArchiveError, Damaged
from archive.model import VisitDescription
from archive.warc.records import EMPTY_SHA256, Record, holds_answer
from clean.ledger import Entry, Ledger, apply_entries, restore
from clean.rules import STAGE

__all__ = [
    "ArticleText",
    "NoSource",
    "content",
    "engine_versions",
    "last_change",
    "ledger_of",
    "message",
    "payloads_of",
    "source_named",
    "sources",
    "text_without_learned_rules",
    "version_named",
    "version_text",
    "visit_description",
]

# A month, a day, or more of a moment, as WARC-Date begins. Every part is of fixed length.
_MOMENT = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,6})?Z?)?)?)?)?", re.ASCII)


def version_named(article: ArticleDetail, name: str) -> Version:
    """Return the version of a name: its number, the beginning of its digest, or a moment whose text it was.

    Of a moment, that is the text of the last capture that had one, then or before. Raises NoSuchVersion, ManyVersions.
    """
    if not _MOMENT.fullmatch(name):
        return article.version(name)
    until = [each.version for each in article.captures if each.version and each.fetched_at[: len(name)] <= name]
    if not until:
        raise NoSuchVersion(f"{article.row.key} had no text by {name}")
    return next(each for each in article.versions if each.id == until[-1])


def last_change(collection: CollectionReader, article: ArticleDetail) -> tuple[Version, Version]:
    """Return the version that the current one follows, and the current one; twice the same where it follows none.

    Raises NoSuchVersion where the article has no text, Busy, Damaged or StorageError.
    """
    if not article.versions:
        raise NoSuchVersion(f"{article.row.key} has no text: no capture of it was live")
    current = next((each for each in article.versions if each.current), article.versions[-1])
    before = {each.after: each.before for each in changes(catalogue_of(collection), [article.row.id])}
    digest = before.get(current.clean_sha256) or current.clean_sha256
    return next(each for each in article.versions if each.clean_sha256 == digest), current


def version_text(collection: CollectionReader, version: Version) -> str:
    """Return the clean text of a version. Raises Damaged or StorageError."""
    return collection.record_at(version.record).block.decode("utf-8", "replace")


def ledger_of(collection: CollectionReader, version: Version) -> Ledger | None:
    """Return the ledger of a cleaning that gave a version; None where none was kept.

    Raises LedgerError, Damaged or StorageError.
    """
    row = ledger_record(catalogue_of(collection), version.id)
    if row is None:
        return None
    return Ledger.from_json_lines(collection.record_at(row).block.decode())


def engine_versions(collection: CollectionReader, version: Version, engine: str) -> dict[str, str]:
    """Return the versions that an engine which gave a version was made of; none where nobody noted them.

    Raises Damaged or StorageError.
    """
    row = provenance_by_engine(catalogue_of(collection), version.id, engine) if engine else None
    if row is None:
        return {}
    versions: dict[str, str] = json.loads(collection.record_at(row).block).get("engine_versions", {})
    return versions


def visit_description(collection: CollectionReader, visit_id: str) -> VisitDescription:
    """Return the description of a visit. Raises Damaged or StorageError."""
    return VisitDescription.read(visit_id, json.loads(collection.record(visit_id).block))


def payloads_of(collection: CollectionReader, version: Version) -> dict[str, str]:
    """Return the sha256 of what the addresses of a version's last visit gave; empty where it was not visited.

    Raises Damaged or StorageError.
    """
    visit_id = last_visit_with_text(catalogue_of(collection), version.id)
    if visit_id is None:
        return {}
    digests: dict[str, str] = {}
    for exchange in visit_description(collection, visit_id).exchanges:
        if exchange.role == "requisite" and exchange.status == 200:
            digest = collection.head(exchange.record).get("WARC-Payload-Digest").removeprefix("sha256:")
            if digest not in {"", EMPTY_SHA256}:
                digests[exchange.url] = digest
    return digests


# The articles of a source, and their texts as they were before learned rules


_MARK = f'"stage": "{STAGE}"'.encode()
"""What a ledger's line holds that tells of a learned rule; a text that looks so costs a reading and changes nothing."""


def sources(collection: CollectionReader) -> dict[str, list[ArticleText]]:
    """Return the articles of each source, by its scope (see clean.learn.page.scope_of).

    Raises Busy, Damaged or StorageError.
    """
    from clean.learn.page import scope_of  # of learning, which nobody needs who reads a text

    by_scope: dict[str, list[ArticleText]] = {}
    for article in article_texts(catalogue_of(collection)):
        if scope := scope_of(article.url, article.source):
            by_scope.setdefault(scope, []).append(article)
    return by_scope


def source_named(articles: Iterable[ArticleText]) -> str:
    """Return the name by which people know a source: the one that most of its articles have."""
    names: dict[str, int] = {}
    for article in articles:
        names[article.source] = names.get(article.source, 0) + bool(article.source)
    return max(names, key=lambda name: (names[name], name), default="")


def text_without_learned_rules(collection: CollectionReader, article: ArticleText) -> str:
    """Read an article's clean text, without what learned rules did. Raises Damaged or StorageError.

    What they removed is in the ledger. So the pages that rules are learned from, and are judged by, are the same before
    and after a person approves some.
    """
    clean = collection.record_at(article.version).block.decode()
    ledger = collection.record_at(article.ledger).block
    if _MARK not in ledger:
        return clean
    read = Ledger.from_json_lines(ledger.decode())
    source = restore(clean, read)
    return apply_entries(source, tuple(entry for entry in read.entries if _is_older(entry)))


def _is_older(entry: Entry) -> bool:
    return entry.stage != STAGE


# The bytes of a capture


class NoSource(ArchiveError):
    """A capture without bytes of this kind."""

    code = "no-source"
    hint = "`archive show ARTICLE` tells of each capture what it was."


def content(collection: CollectionReader, row: int) -> bytes:
    """Return what the record of a capture holds, by its row.

    Of a snapshot that is the file as it was given; of a visit the content of the answer, without transfer coding and
    content coding (RFC 9110 §6.4, §8.4). The content of a revisit is that of the record which it refers to. What others
    captured is read as it was cleaned.

    Raises NoSource where nothing answered or the coding is unknown, Damaged where the record cannot be read.
    """
    if payload_id := imported_payload(catalogue_of(collection), row):
        return _imported(collection.record(payload_id))
    record = collection.record_at(row)
    if record.type == "resource":
        return record.block
    origin = _origin(collection, record)
    if origin.type != "response":
        raise NoSource("this visit got no answer with content")
    from capture.content import codings, undone
    from capture.errors import BrokenContent
    from capture.framing import payload
    from capture.heads import parse_head

    try:
        return b"".join(undone(payload([origin.block]), codings(parse_head(origin.block))))
    except BrokenContent as error:
        raise NoSource(str(error), hint="`--http` gives the message as it crossed the wire.") from error


def message(collection: CollectionReader, row: int) -> bytes:
    """Return the HTTP message of a visit, byte for byte as it crossed the wire, by the row of its record.

    Of a revisit, that is the head alone, where its payload was known, or the whole 304.

    Raises NoSource for a snapshot and where nothing answered, Damaged where the record cannot be read.
    """
    record = collection.record_at(row)
    if record.type == "revisit" and not record.block:  # a 304, which is kept beside its revisit
        record = _verbatim(collection, row, record)
    if record.type == "resource" or not record.get("Content-Type").startswith("application/http"):
        raise NoSource("this capture is no HTTP message that was received")
    return record.block


def _imported(record: Record) -> bytes:
    if not holds_answer(record):
        return record.block
    from archive.warc.content import content_of

    data, broken = content_of(record.block, sys.maxsize)
    if broken and not data:
        raise NoSource(broken, hint="`--http` gives the message as it crossed the wire.")
    return data


def _verbatim(collection: CollectionReader, row: int, revisit: Record) -> Record:
    """Return the record that holds the answer which the revisit stands for: it follows the request."""
    for next_row in (row + 1, row + 2):
        each = collection.record_at(next_row)
        beside = each.get("WARC-Concurrent-To").strip("<>") == revisit.record_id
        if beside and each.get("WARC-Target-URI").startswith("urn:answer:"):
            return each
    return revisit


def _origin(collection: CollectionReader, record: Record) -> Record:
    if record.type != "revisit":
        return record
    try:
        return collection.record(record.refers_to)
    except KeyError as error:
        raise Damaged(f"{record.record_id} refers to {record.refers_to}, which is not there") from error
