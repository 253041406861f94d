"""The versions of an article: distinct clean texts, in the order in which they were seen."""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import ArchiveError, storage_errors
from archive.records import EMPTY_SHA256
from clean.ledger import Ledger

if TYPE_CHECKING:
    from archive.collection import Collection

__all__ = ["NoSuchVersion", "Version", "ledger_of", "payloads_of", "pick", "text_of", "versions"]

# A day, or more or less of a moment, as WARC-Date begins. Every part is of fixed length.
_MOMENT = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,9})?Z?)?)?)?)?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{6,64}", re.ASCII)


class NoSuchVersion(ArchiveError):
    """The article has no version of this name."""

    code = "no-such-version"
    hint = "A version is named by its number from 1, by a day such as 2026-11-22, or by 6 or more digits of its sha256."


class Version(NamedTuple):
    """One distinct clean text of an article."""

    id: int
    number: int
    """From 1, in the order of the captures that gave it first."""
    clean_sha256: str
    ruleset_sha256: str
    software: str
    seen: tuple[str, ...]
    """When the captures whose text it was were fetched: UTC, in order."""
    record: str
    """Identifier of its conversion record."""
    ledger: str
    """Identifier of the ledger of a cleaning that gave it; empty where none was kept."""


def versions(collection: "Collection", article: int) -> list[Version]:
    """Return the versions of an article, the oldest first. Raises Busy, Damaged or StorageError."""
    catalogue = collection.catalogue
    with storage_errors(catalogue.path):
        rows = catalogue.execute(
            "SELECT found.id, clean_sha256, ruleset_sha256, software, moments, text.record_id, told.record_id FROM ("
            "SELECT version.*, group_concat(DISTINCT fetched_at) AS moments, min(fetched_at) AS since,"
            " min(cleaning.id) AS cleaned, max(cleaning.ledger) AS ledger FROM version"
            " JOIN cleaning ON cleaning.version = version.id JOIN capture ON capture.id = cleaning.capture"
            " WHERE version.article = ? GROUP BY version.id"
            ") AS found JOIN record AS text ON text.id = found.record"
            " LEFT JOIN record AS told ON told.id = found.ledger ORDER BY since, cleaned",
            (article,),
        ).fetchall()
    return [
        Version(row[0], number, row[1], row[2], row[3], tuple(sorted(row[4].split(","))), row[5], row[6] or "")
        for number, row in enumerate(rows, 1)
    ]


def pick(found: Sequence[Version], name: str) -> Version:
    """Return the version of a name: its number, a moment that it was the text at, or the beginning of its sha256.

    Raises NoSuchVersion.
    """
    if name.isdecimal() and len(name) < 6:
        if 1 <= int(name) <= len(found):
            return found[int(name) - 1]
        raise NoSuchVersion(f"the article has no version {name}; it has {len(found)}")
    if _MOMENT.fullmatch(name):
        seen = [(at, each.number) for each in found for at in each.seen if at[: len(name)] <= name]
        if seen:
            return found[max(seen)[1] - 1]
        raise NoSuchVersion(f"no version of the article was seen by {name}")
    if _DIGEST.fullmatch(name):
        named = [version for version in found if version.clean_sha256.startswith(name)]
        if len(named) == 1:
            return named[0]
    raise NoSuchVersion(f"the article has no version {name!r}")


def text_of(collection: "Collection", version: Version) -> str:
    """Return the clean text of a version. Raises Damaged or StorageError."""
    return collection.record(version.record).block.decode()


def ledger_of(collection: "Collection", version: Version) -> Ledger | None:
    """Return the ledger of a cleaning that gave a version; None where none was kept. Raises Damaged or StorageError."""
    if not version.ledger:
        return None
    return Ledger.from_json_lines(collection.record(version.ledger).block.decode())


def payloads_of(collection: "Collection", version: Version) -> dict[str, str]:
    """Return the sha256 of what the addresses of a version's last visit gave; empty where it was not visited.

    Raises Damaged or StorageError.
    """
    catalogue = collection.catalogue
    with storage_errors(catalogue.path):
        visit = catalogue.one(
            "SELECT visit_id FROM visit JOIN capture ON capture.id = visit.capture WHERE version = ?"
            " ORDER BY fetched_at DESC, capture.id DESC LIMIT 1",
            version.id,
        )
    if visit is None:
        return {}
    found: dict[str, str] = {}
    for exchange in json.loads(collection.record(visit[0]).block)["exchanges"]:
        if exchange["role"] == "requisite" and exchange["status"] == 200:
            with storage_errors(catalogue.path):
                row = catalogue.one(
                    "SELECT sha256 FROM payload JOIN record ON record.id = payload.record WHERE record_id = ?",
                    exchange["record"],
                )
            # A revisit says which payload it stands for; its own block is only a head.
            digest = row[0] if row else collection.record(exchange["record"]).get("WARC-Payload-Digest")
            digest = digest.removeprefix("sha256:")
            if digest and digest != EMPTY_SHA256:
                found[exchange["url"]] = digest
    return found
