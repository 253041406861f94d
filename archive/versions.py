"""What is compared of a version: which one a name means, its text, its ledger, and the bytes of its images."""

import json
import re

from archive.catalogue.articles import NoSuchVersion, Portrait, Version
from archive.catalogue.history import changes
from archive.errors import storage_errors
from archive.holdings import Holdings
from archive.warc.records import EMPTY_SHA256
from clean.ledger import Ledger

__all__ = ["last_change", "ledger_of", "named", "payloads_of", "text_of"]

# A month, a day, or more of a moment, as WARC-Date begins. Every part is of fixed length.
_MOMENT = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,6})?Z?)?)?)?)?", re.ASCII)


def named(shown: Portrait, name: str) -> Version:
    """Return the version of a name: its number, the beginning of its digest, or a moment whose text it was.

    Of a moment, that is the text of the last capture that had one, then or before. Raises NoSuchVersion, ManyVersions.
    """
    if not _MOMENT.fullmatch(name):
        return shown.version(name)
    had = [each for each in shown.captures if each.version and each.fetched_at[: len(name)] <= name]
    if not had:
        raise NoSuchVersion(f"{shown.row.key} had no text by {name}")
    return next(each for each in shown.versions if each.id == had[-1].version)


def last_change(holdings: Holdings, shown: Portrait) -> tuple[Version, Version]:
    """Return the version that the current one follows, and the current one; twice the same where it follows none.

    Raises NoSuchVersion where the article has no text, Busy, Damaged or StorageError.
    """
    if not shown.versions:
        raise NoSuchVersion(f"{shown.row.key} has no text: no capture of it was live")
    current = next((each for each in shown.versions if each.current), shown.versions[-1])
    before = {each.after: each.before for each in changes(holdings.catalogue, [shown.row.id])}
    digest = before.get(current.clean_sha256) or current.clean_sha256
    return next(each for each in shown.versions if each.clean_sha256 == digest), current


def text_of(holdings: Holdings, version: Version) -> str:
    """Return the clean text of a version. Raises Damaged or StorageError."""
    return holdings.record_at(version.record).block.decode("utf-8", "replace")


def ledger_of(holdings: Holdings, version: Version) -> Ledger | None:
    """Return the ledger of a cleaning that gave a version; None where none was kept.

    Raises LedgerError, Damaged or StorageError.
    """
    with storage_errors(holdings.catalogue.path, reading=True):
        (row,) = holdings.catalogue.one("SELECT max(ledger) FROM cleaning WHERE version = ?", version.id)
    if row is None:
        return None
    return Ledger.from_json_lines(holdings.record_at(row).block.decode())


def payloads_of(holdings: Holdings, version: Version) -> dict[str, str]:
    """Return the sha256 of what the addresses of a version's last visit gave; empty where it was not visited.

    Raises Damaged or StorageError.
    """
    with storage_errors(holdings.catalogue.path, reading=True):
        visit = holdings.catalogue.one(
            "SELECT visit_id FROM visit JOIN capture ON capture.id = visit.capture WHERE version = ?"
            " ORDER BY fetched_at DESC, capture.id DESC LIMIT 1",
            version.id,
        )
    if visit is None:
        return {}
    found: dict[str, str] = {}
    for exchange in json.loads(holdings.record(visit[0]).block)["exchanges"]:
        if exchange["role"] == "requisite" and exchange["status"] == 200:
            digest = holdings.head(exchange["record"]).get("WARC-Payload-Digest").removeprefix("sha256:")
            if digest not in {"", EMPTY_SHA256}:
                found[exchange["url"]] = digest
    return found
