"""Runs: lists of addresses to visit, which go on where they were interrupted.

Its record is metadata under `urn:run:`; its block is one JSON object:

| key | value |
| --- | --- |
| `run` | format of this object: 1 |
| `at` | UTC, to the microsecond |
| `list_sha256` | digest of the list: the same list again is the same run, as long as it is not done |
| `urls` | the list, as given |
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.dates import exact, warc_date
from archive.ingest.prepared import Context
from archive.ingest.provenance import CONTENT_TYPE
from archive.model import to_json
from archive.storage import storable
from archive.warc import records
from archive.warc.members import Member, member
from clean.version import SOFTWARE

__all__ = ["PreparedRun", "insert_run", "list_digest", "prepare_run"]

FORMAT = 1


class PreparedRun(NamedTuple):
    """A run, ready to be added to a collection."""

    run_id: str
    at: str
    """As WARC-Date."""
    list_sha256: str
    software: str
    member: Member
    """The record of the run."""
    description: Mapping[str, Any]

    def insert(self, catalogue: Catalogue) -> None:
        """Insert the rows."""
        insert_run(catalogue, self.run_id, self.description)


def prepare_run(urls: Sequence[str], context: Context) -> PreparedRun:
    """Return the record of a run of these addresses, and what its rows hold."""
    listed = [storable(url) for url in urls]
    digest = list_digest(urls)
    description = {"run": FORMAT, "at": exact(context.now), "list_sha256": digest, "urls": listed}
    run_id = context.new_id()
    at = warc_date(context.now)
    record = records.metadata(
        record_id=run_id,
        date=at,
        uri=run_id.replace("urn:uuid:", "urn:run:"),
        content_type=CONTENT_TYPE,
        block=to_json(description),
    )
    return PreparedRun(
        run_id=run_id,
        at=at,
        list_sha256=digest,
        software=SOFTWARE,
        member=member(record),
        description=description,
    )


def list_digest(urls: Sequence[str]) -> str:
    """Return the sha256 that a list of addresses is known by."""
    return sha256(json.dumps([storable(url) for url in urls]).encode()).hexdigest()


def insert_run(catalogue: Catalogue, run_id: str, description: Mapping[str, Any]) -> None:
    """Insert a run and its items, none of them done. Raises sqlite3.Error, or KeyError where it is none of ours."""
    run = catalogue.insert("run", run_id=run_id, at=description["at"], list_sha256=description["list_sha256"])
    for position, url in enumerate(description["urls"]):
        catalogue.insert("item", run=run, position=position, url=url)
