"""A run: one list of addresses that are to be visited, so that an interrupted one goes on where it was.

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
from archive.ingest.provenance import CONTENT_TYPE, to_json
from archive.storage import storable
from archive.warc import records
from archive.warc.members import Member, member
from clean import __version__

__all__ = ["PreparedRun", "insert_run", "prepare_run"]

FORMAT = 1


class PreparedRun(NamedTuple):
    """A run that is to be kept."""

    run_id: str
    at: str
    """As WARC-Date."""
    list_sha256: str
    software: str
    member: Member
    said: Mapping[str, Any]

    def insert(self, catalogue: Catalogue) -> None:
        """Insert the rows."""
        insert_run(catalogue, self.run_id, self.said)


def prepare_run(urls: Sequence[str], context: Context) -> PreparedRun:
    """Return the record of a run, and what its rows say."""
    listed = [storable(url) for url in urls]
    digest = sha256(json.dumps(listed).encode()).hexdigest()
    said = {"run": FORMAT, "at": exact(context.now), "list_sha256": digest, "urls": listed}
    run_id = context.new_id()
    record = records.metadata(
        record_id=run_id,
        date=warc_date(context.now),
        uri=run_id.replace("urn:uuid:", "urn:run:"),
        content_type=CONTENT_TYPE,
        block=to_json(said),
    )
    return PreparedRun(run_id, warc_date(context.now), digest, f"xuanzhi/{__version__}", member(record), said)


def insert_run(catalogue: Catalogue, run_id: str, said: Mapping[str, Any]) -> None:
    """Insert a run and its items, none of them done. Raises sqlite3.Error, or KeyError where it is none of ours."""
    run = catalogue.insert("run", run_id=run_id, at=said["at"], list_sha256=said["list_sha256"])
    for position, url in enumerate(said["urls"]):
        catalogue.insert("item", run=run, position=position, url=url)
