"""Conversion WARC files, as Common Crawl's WET files are: each text a `conversion` record of its page's record.

A metadata record under `urn:row:…` has what the row says beside the text, also of a page without one. Ledgers are
metadata records in a file of their own. As in WET files, WARC-Date is the date of the page: when it was cleaned stands
in the manifest, so that the same input gives the same bytes.
"""

import json
from pathlib import Path

from archive.ingest.prepared import LEDGER_TYPE, MARKDOWN_TYPE
from archive.warc import records
from archive.warc.members import member
from archive.warc.records import Record, named_record_id, target_uri, urn
from xuanzhi.shards.manifest import ShardData
from xuanzhi.shards.rows import Row
from xuanzhi.shards.store import ShardStore

__all__ = ["WarcShard"]

_FOLDERS = ("warc", "warc-ledger")
_ENDING = ".warc.gz"

_UNDATED = "1970-01-01T00:00:00Z"
"""WARC-Date where the page has none: the field must not be missing (WARC 1.1 §5.4)."""


class WarcShard:
    """The files of one shard, which grow row by row."""

    def __init__(self, store: ShardStore, name: str) -> None:
        """Make two files. Raises OutputError."""
        self._name = name
        self._attempts: list[Path] = [store.attempt(f"{folder}/{name}{_ENDING}") for folder in _FOLDERS]
        self._files = [path.open("wb") for path in self._attempts]
        self._begun = False

    def add(self, row: Row) -> None:
        """Add a row's records. Raises OSError."""
        texts, ledgers = self._files
        date = row.fetch_time or _UNDATED
        if not self._begun:
            self._begun = True
            for file, folder in zip(self._files, _FOLDERS, strict=True):
                file.write(_member(self._warcinfo(row, folder, date)))
        key = f"{row.id} {row.warc_filename}:{row.warc_record_offset} {row.ruleset_sha256} {row.software} {row.engine}"
        page = target_uri(row.url, row.source_sha256 or "00" * 32)
        refers_to = row.id if row.id.startswith("urn:") else named_record_id(f"page {row.id}")
        if row.clean_sha256:
            conversion = records.conversion(
                record_id=named_record_id(f"conversion {key}"),
                date=date,
                uri=page,
                refers_to=refers_to,
                content_type=MARKDOWN_TYPE,
                software=row.software,
                options=f"ruleset=sha256:{row.ruleset_sha256}; engine={row.engine}; profile={row.profile}",
                block=row.text.encode(),
            )
            texts.write(_member(conversion))
            refers_to = conversion.record_id
        facts = {key: value for key, value in row._asdict().items() if key not in {"text", "ledger"}}
        about = records.metadata(
            record_id=named_record_id(f"row {key}"),
            date=date,
            uri=urn("row", page),
            refers_to=refers_to,
            content_type="application/json",
            block=json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace"),
        )
        texts.write(_member(about))
        if row.ledger:
            removed = records.metadata(
                record_id=named_record_id(f"ledger {key}"),
                date=date,
                uri=urn("ledger", page),
                refers_to=refers_to,
                content_type=LEDGER_TYPE,
                block=row.ledger.encode(),
            )
            ledgers.write(_member(removed))

    def finish(self) -> list[ShardData]:
        """End the files and return them. Raises OSError."""
        for file in self._files:
            file.close()
        return [ShardData(folder, _ENDING, path) for folder, path in zip(_FOLDERS, self._attempts, strict=True)]

    def _warcinfo(self, row: Row, folder: str, date: str) -> Record:
        return records.warcinfo(
            record_id=named_record_id(f"warcinfo {folder} {self._name}"),
            date=date,
            filename=f"{self._name}{_ENDING}",
            software=row.software,
            description=f"derived from {row.warc_filename}",
        )


def _member(record: Record) -> bytes:
    return b"".join(member(record).pieces())
