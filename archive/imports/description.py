"""The description of an import: one JSON object, in the metadata record that ends the records of one imported file.

The record's target is `urn:import:` and the file's `ni` URI (RFC 6920). Every key is there in every description.

| key | value |
| --- | --- |
| `import` | format of this object: 1 |
| `at` | UTC, when it was taken over |
| `file`, `sha256`, `size` | of the file as it came |
| `format`, `compressed` | `warc`, `arc` or `wacz`; whether its records are gzip |
| `records` | how many there are of each type, an ARC record by the type that it became |
| `kept`, `already` | how many of them were new, and how many the collection had to the byte |
| `first`, `last` | the earliest and the latest WARC-Date; empty where there is none |
| `software` | what the file's own warcinfo records say |
| `changed` | records whose head is not as it came: `record`, `offset`, `why` (`no-id`, `bad-id`, `same-id`, `head`), \
`was` (the identifier as it came), `head` (base64 of the whole head as it came, empty where the identifier tells all) |
| `damage` | bytes that are no record: `part`, `offset`, `inner`, `length`, `message`, and `record`, which holds them; \
null where there are too many |
| `parts` | of a WACZ, what is in it: `name`, `size`, `sha256`, `kept` (whether it is in records) |
| `checks` | of a WACZ, what its lists of digests say: `name`, `expected`, `found` |
| `pages` | of a WACZ, the pages that it lists: `url`, `ts`, `title` |
| `xuanzhi` | the software that took it over |
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.catalogue.connection import Catalogue
from archive.files import storable
from archive.ingest.provenance import CONTENT_TYPE, to_json
from archive.uris import ni
from archive.warc import records
from archive.warc.members import Member, member
from archive.warc.records import Record
from clean import __version__

__all__ = ["IMPORT_URN", "SOFTWARE", "Report", "describe", "insert_import"]

FORMAT = 1
IMPORT_URN = "urn:import:"
SOFTWARE = f"xuanzhi/{__version__}"


@dataclass(slots=True)
class Report:
    """What became of one file; the names are the keys of the description."""

    file: str
    sha256: str
    size: int
    format: str = ""
    compressed: bool = False
    records: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    already: int = 0
    first: str = ""
    last: str = ""
    software: list[str] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    damage: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)

    def dated(self, date: str) -> None:
        """Take note of a record's date."""
        if date:
            self.first = min(self.first or date, date)
            self.last = max(self.last, date)


def describe(report: Report, *, record_id: str, warcinfo_id: str, at: str) -> tuple[Member, dict[str, Any]]:
    """Return the record that describes an import, and what it says.

    `warcinfo_id` is the record that opens the file of ours which it goes to: so it is told from a description that
    others wrote, in a collection of theirs.
    """
    said: dict[str, Any] = {
        "import": FORMAT,
        "at": at,
        "file": storable(report.file),
        **{name: getattr(report, name) for name in Report.__slots__ if name not in {"file", "records"}},
        "records": dict(sorted(report.records.items())),
        "xuanzhi": SOFTWARE,
    }
    record = records.metadata(
        record_id=record_id,
        date=at,
        uri=IMPORT_URN + ni(report.sha256),
        content_type=CONTENT_TYPE,
        block=to_json(said),
    )
    fields = (*record.fields[:4], ("WARC-Warcinfo-ID", f"<{warcinfo_id}>"), *record.fields[4:])
    return member(Record(fields, record.block)), said


def insert_import(catalogue: Catalogue, record: int, said: Mapping[str, Any]) -> None:
    """Insert an import; `record` is the row of its description. Raises sqlite3.Error, KeyError where it is no such."""
    catalogue.insert(
        "import",
        record=record,
        at=said["at"],
        file_name=said["file"],
        sha256=said["sha256"],
        size=said["size"],
        format=said["format"],
        records=sum(said["records"].values()),
        damaged=len(said["damage"]),
    )
