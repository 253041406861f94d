"""The records of a file of others, put to the collection as they came.

Batches are committed as they get full; a process that dies leaves whole records, and the same file again finds them and
goes on. The description comes last: with it the file is taken over.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote

from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.dates import warc_date
from archive.errors import Busy
from archive.ingest.answers import BEGINNING, PageRecord, candidate
from archive.ingest.provenance import CONTENT_TYPE
from archive.model import to_json
from archive.storage import storable
from archive.warc import records
from archive.warc.exchanges import level_for
from archive.warc.foreign import ARC, ForeignDamage, ForeignHead, ForeignReader, ForeignRecord, NoRecord, is_strict
from archive.warc.members import Member, member, verbatim
from archive.warc.records import Fields, Record, named_record_id, ni
from capture.heads import parse_head
from clean import __version__

__all__ = [
    "IMPORT_URN",
    "SOFTWARE",
    "ImportReport",
    "ImportedRecord",
    "Importer",
    "arc_line",
    "describe",
    "insert_import",
    "is_taken",
    "renamed",
    "stored_arc",
    "stored_warc",
]


# How a record of others is kept: head and block to the byte, as a gzip member of its own.
#
# Only where it has no identifier that can be used, or no head that a strict reader takes, its head is another one; then
# a change says so. Records of ARC files get heads of WARC; their own line stands in a metadata record.


# A URI, in angle brackets or not (WARC 1.1 §5.2). One bounded run: linear.
_ID = re.compile(r"<?([A-Za-z][A-Za-z0-9+.-]{0,30}:[\x21-\x3b\x3d\x3f-\x7e]{1,500})>?$")

_ID_LINE = re.compile(rb"^WARC-Record-ID[ \t]*:[^\r\n]*", re.IGNORECASE | re.MULTILINE)

# What no value may hold, see `archive.warc.records`. Single characters: linear.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_HTTP = "application/http; msgtype=response"


class ImportedRecord(NamedTuple):
    """A record as it is to be kept."""

    record_id: str
    head: bytes
    kind: str
    """Its WARC-Type; empty where it has none."""
    fields: Fields
    change: dict[str, Any] | None
    """What is not as it came; see `archive.importing.importer`."""


def stored_warc(head: ForeignHead, name: str) -> ImportedRecord:
    """Return how a WARC record is kept; `name` gives an identifier to one that has none."""
    values = head.values
    given = values.get("warc-record-id", "")
    match = _ID.match(given)
    record_id = match[1] if match else named_record_id(name)
    why = "" if match else "bad-id" if given else "no-id"
    kind = values.get("warc-type", "").lower()
    if is_strict(head):
        raw = head.raw if match else _with_id(head.raw, record_id)
        change = _change(record_id, why, given, b"") if why else None
    else:
        raw = _written_anew(head.fields, record_id, head.length)
        change = _change(record_id, "head", given, head.raw)
    return ImportedRecord(record_id, raw, kind, head.fields, change)


def renamed(stored: ImportedRecord, name: str) -> ImportedRecord:
    """Return the same with another identifier: the collection has other bytes under its own."""
    record_id = named_record_id(name)
    change = stored.change or _change(record_id, "same-id", stored.record_id, b"")
    return stored._replace(
        record_id=record_id, head=_with_id(stored.head, record_id), change={**change, "record": record_id}
    )


def stored_arc(head: ForeignHead, name: str, beginning: bytes) -> ImportedRecord:
    """Return how an ARC record is kept: `beginning` are the first bytes of its block."""
    record_id = named_record_id(name)
    values = head.values
    url = values["warc-target-uri"]
    kind, uri, content_type = "resource", _uri(url), _UNSAFE.sub("", values["content-type"]).strip()
    if url.startswith("filedesc:"):
        kind, uri, content_type = "metadata", "urn:arc:" + _uri(url), "text/plain"
    elif beginning.startswith(b"HTTP/") and url[:4].lower() == "http":
        kind, content_type = "response", _HTTP
    fields = [("WARC-Type", kind), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", values["warc-date"])]
    fields.append(("WARC-Target-URI", uri))
    if "warc-ip-address" in values and kind == "response":
        fields.append(("WARC-IP-Address", values["warc-ip-address"]))
    if content_type:
        fields.append(("Content-Type", content_type))
    named = (*fields, ("Content-Length", str(head.length)))
    return ImportedRecord(record_id, records.head(named), kind, named, None)


def arc_line(head: ForeignHead, stored: ImportedRecord) -> Member:
    """Return the metadata record with the line that stood before the block of an ARC record."""
    values = dict(stored.fields)
    return member(
        records.metadata(
            record_id=named_record_id(f"{stored.record_id} line"),
            date=values["WARC-Date"],
            uri="urn:arc:" + values["WARC-Target-URI"].removeprefix("urn:arc:"),
            concurrent_to=stored.record_id,
            content_type="text/plain",
            block=head.raw,
        )
    )


def _change(record_id: str, why: str, was: str, head: bytes) -> dict[str, Any]:
    return {"record": record_id, "why": why, "was": was, "head": b64encode(head).decode()}


def _with_id(raw: bytes, record_id: str) -> bytes:
    line = f"WARC-Record-ID: <{record_id}>".encode()
    changed, count = _ID_LINE.subn(line, raw, count=1)
    if count:
        return changed
    version, end, rest = raw.partition(b"\r\n")
    return b"".join((version, end, line, end, rest))


def _written_anew(fields: Fields, record_id: str, length: int) -> bytes:
    """Return a head with what could be read of a broken one."""
    kept = [("WARC-Record-ID", f"<{record_id}>")]
    for name, value in fields:
        if name.lower() not in {"warc-record-id", "content-length"}:
            kept.append((name, _UNSAFE.sub(" ", value).strip()))
    kind = [field for field in kept if field[0].lower() == "warc-type"]
    others = [field for field in kept if field[0].lower() != "warc-type"]
    return records.head([*kind, *others, ("Content-Length", str(length))])


def _uri(url: str) -> str:
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~")


# The description of an import: one JSON object, in the metadata record that ends the records of one imported file.
#
# The record's target is `urn:import:` and the file's `ni` URI (RFC 6920). Every key is there in every description.
#
# | key | value |
# | --- | --- |
# | `import` | format of this object: 1 |
# | `at` | UTC, when it was taken over |
# | `file`, `sha256`, `size` | of the file as it came |
# | `format`, `compressed` | `warc`, `arc` or `wacz`; whether its records are gzip |
# | `records` | how many there are of each type, an ARC record by the type that it became |
# | `kept`, `already` | how many of them were new, and how many the collection had to the byte |
# | `first`, `last` | the earliest and the latest WARC-Date; empty where there is none |
# | `software` | what the file's own warcinfo records say |
# | `changed` | records whose head is not as it came: `record`, `offset`, `why` (`no-id`, `bad-id`, `same-id`,
#   `head`), `was` (the identifier as it came), `head` (base64 of the whole head as it came, empty where the
#   identifier tells all) |
# | `damage` | bytes that are no record: `part`, `offset`, `inner`, `length`, `message`, and `record`, which holds
#   them; null where there are too many |
# | `parts` | of a WACZ, what is in it: `name`, `size`, `sha256`, `kept` (whether it is in records) |
# | `checks` | of a WACZ, what its lists of digests say: `name`, `expected`, `found` |
# | `pages` | of a WACZ, the pages that it lists: `url`, `ts`, `title` |
# | `xuanzhi` | the software that took it over |


FORMAT = 1
IMPORT_URN = "urn:import:"
SOFTWARE = f"xuanzhi/{__version__}"


@dataclass(slots=True)
class ImportReport:
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


def describe(report: ImportReport, *, record_id: str, warcinfo_id: str, at: str) -> tuple[Member, dict[str, Any]]:
    """Return the record that describes an import, and what it says.

    `warcinfo_id` is the record that opens the file of ours which it goes to: so it is told from a description that
    others wrote, in a collection of theirs.
    """
    said: dict[str, Any] = {
        "import": FORMAT,
        "at": at,
        "file": storable(report.file),
        **{name: getattr(report, name) for name in ImportReport.__slots__ if name not in {"file", "records"}},
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


BATCH_BYTES = 32 * 1024 * 1024
BATCH_RECORDS = 4000


def is_taken(collection: Collection, file_sha256: str) -> bool:
    """Whether a file was taken over to its end."""
    return collection.catalogue.one('SELECT 1 FROM "import" WHERE sha256 = ?', file_sha256) is not None


class _ImportedMeanwhile(Exception):
    """Another process has taken the same file over to its end."""


class Importer:
    """One import of one file. Without a collection it only looks."""

    def __init__(self, collection: Collection | None, report: ImportReport, *, directory: Path | None = None) -> None:
        """`directory` is for temporary files of large records (the system's by default)."""
        self._collection = collection
        self._report = report
        self._directory = directory
        self._taken = self.was_taken = collection is not None and is_taken(collection, report.sha256)
        self._file: int | None = None
        self._warcinfo = ""
        self._held: dict[str, Member] = {}
        self._digests: dict[str, bytes] = {}  # of head and block, of those held that have identifiers of others
        self._size = 0
        self.candidates: list[PageRecord] = []
        """What may be pages, in the order of the file."""

    def take(self, file: BinaryIO, part: str = "") -> Iterator[int]:
        """Take all records of a file, or of a `part` of one; yield how far it is in bytes, now and then.

        What is no record is noted. Raises what `Collection.import_records` raises.
        """
        yield from self.take_from(ForeignReader(file), part)

    def take_from(self, scanner: ForeignReader, part: str = "") -> Iterator[int]:
        """Take all records of a scanner, as `take` does."""
        self._report.format = self._report.format or scanner.dialect.name
        self._report.compressed |= scanner.is_gzip
        while True:
            try:
                found = scanner.next()
                if found is None:
                    break
                self._record(scanner, found, part)
            except NoRecord as error:
                self._damaged(scanner.skip(str(error)), part)
            yield scanner.offset

    def keep(self, name: str, data: bytes, content_type: str) -> None:
        """Keep something else that came with the records, such as a list of pages, as a resource record."""
        if self._collection is None:
            return
        record = records.resource(
            record_id=named_record_id(f"{self._report.sha256} {name}"),
            date=self._at(),
            uri=f"urn:import-part:{ni(self._report.sha256)}:{_urn_part(name)}",
            content_type=content_type,
            block=data,
        )
        self._put(member(record))

    def end(self) -> None:
        """Commit what is left, with the description. Raises what `Collection.import_records` raises.

        Where another process did the same meanwhile, its description stands, and this file `was_taken`.
        """
        collection = self._collection
        if collection is None or self._taken:
            return
        self._flush()
        self._begin()
        record_id = collection.context().new_id()
        described, said = describe(self._report, record_id=record_id, warcinfo_id=self._warcinfo, at=self._at())
        catalogue = collection.catalogue

        def also() -> None:
            row = catalogue.row_of(record_id)
            assert row is not None  # for the type checker: it was put just now
            if is_taken(collection, self._report.sha256):  # asked under the lock
                raise _ImportedMeanwhile
            insert_import(catalogue, row, said)

        assert self._file is not None  # for the type checker
        try:
            collection.import_records(self._file, [described], self._opening, also)
        except _ImportedMeanwhile:
            self.was_taken = True
        self._taken = True

    def discard(self) -> None:
        """Remove temporary files of what was not committed."""
        for each in self._held.values():
            each.discard()

    def _record(self, scanner: ForeignReader, found: ForeignRecord, part: str) -> None:
        place, head = found.place, found.head
        name = f"{self._report.sha256} {part} {place.offset} {place.inner}"
        beginning = scanner.beginning(BEGINNING)
        is_arc = scanner.dialect is ARC
        stored = stored_arc(head, name, beginning) if is_arc else stored_warc(head, name)
        stored = self._block(scanner, stored, name, head.length, beginning)
        if is_arc:
            self._put(arc_line(head, stored))
        kind = stored.kind or "unknown"
        self._report.records[kind] += 1
        self._report.dated(head.values.get("warc-date", ""))
        if kind == "warcinfo":
            self._told(beginning)
        if stored.change:
            self._report.changed.append({**stored.change, "part": part, "offset": place.offset})
        if may_be := candidate(stored.record_id, stored.fields, beginning):
            self.candidates.append(may_be)

    def _block(
        self, scanner: ForeignReader, stored: ImportedRecord, name: str, size: int, beginning: bytes
    ) -> ImportedRecord:
        """Read the block to its end and hold the record, where it is new; return it under the name that it has then."""
        collection = self._collection
        if collection is None:
            for _ in scanner.block():
                pass
            return stored
        if stored.record_id in self._held:
            self._flush()
        row = collection.catalogue.row_of(stored.record_id)
        if self._taken:
            for _ in scanner.block():
                pass
            is_other = stored.change is None and collection.catalogue.row_of(named_record_id(name)) is not None
            return renamed(stored, name) if is_other else stored
        used = stored if row is None else renamed(stored, name)
        digest = sha256(stored.head)
        one = verbatim(
            used.record_id,
            used.head,
            _watched(scanner.block(), digest),
            size=size,
            level=level_for(parse_head(beginning)),
            directory=self._directory,
        )
        if row is not None and digest.digest() == collection.record_digest(row):
            one.discard()
            self._report.already += 1
            return stored
        self._digests[one.record_id] = digest.digest()
        self._put(one)
        return used

    def _put(self, one: Member) -> None:
        collection = self._collection
        if collection is None or self._taken:
            one.discard()
            return
        if one.record_id in self._held or collection.catalogue.row_of(one.record_id) is not None:
            one.discard()
            self._report.already += 1
            return
        self._held[one.record_id] = one
        self._size += one.size
        if self._size > BATCH_BYTES or len(self._held) > BATCH_RECORDS:
            self._flush()

    def _flush(self) -> None:
        if self._collection is None or not self._held:
            return
        self._begin()
        assert self._file is not None  # for the type checker
        held = list(self._held.values())
        known = self._collection.import_records(self._file, held, self._opening, lambda: None)
        for record_id in known:
            self._demand_equal(record_id)
        self._report.already += len(known)
        self._report.kept += len(held) - len(known)
        self.discard()
        self._held.clear()
        self._digests.clear()
        self._size = 0

    def _demand_equal(self, record_id: str) -> None:
        """Raise Busy where another process has kept other bytes under an identifier since it was looked up."""
        assert self._collection is not None  # for the type checker
        row = self._collection.catalogue.row_of(record_id)
        wanted = self._digests.get(record_id)
        if row is not None and wanted is not None and self._collection.record_digest(row) != wanted:
            raise Busy(
                f"another process has just kept another record under {record_id}",
                hint="Run the same command again: the record gets an identifier of its own.",
            )

    def _begin(self) -> None:
        """See to it that there is a file with room."""
        assert self._collection is not None  # for the type checker
        file = self._collection.import_file(self._file)
        if file != self._file:
            self._file, self._warcinfo = file, self._collection.context().new_id()

    def _opening(self, name: str) -> Member:
        """Return the record that opens a file of ours."""
        assert self._collection is not None  # for the type checker
        return member(
            records.warcinfo(
                record_id=self._warcinfo,
                date=self._at(),
                filename=name,
                software=SOFTWARE,
                operator=self._collection.config.operator,
                description=f"Imported, not captured: the records of a file whose sha256 is {self._report.sha256},"
                " as they came.",
            )
        )

    def _at(self) -> str:
        assert self._collection is not None  # for the type checker
        return warc_date(self._collection.context().now)

    def _damaged(self, damage: ForeignDamage, part: str) -> None:
        place = damage.place
        record_id = None
        if damage.data and self._collection is not None:
            record_id = named_record_id(f"{self._report.sha256} {part} {place.offset} {place.inner} damage")
            record = records.resource(
                record_id=record_id,
                date=self._at(),
                uri=f"urn:import-damage:{ni(self._report.sha256)}:{_urn_part(part)}:{place.offset}:{place.inner}",
                content_type="application/octet-stream",
                block=damage.data,
            )
            self._put(member(record))
        self._report.damage.append(
            {
                "part": part,
                "offset": place.offset,
                "inner": place.inner,
                "length": damage.length,
                "message": damage.message,
                "record": record_id,
            }
        )

    def _told(self, warcinfo: bytes) -> None:
        """Take note of who wrote the file."""
        for line in warcinfo.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip().lower() == "software" and storable(value.strip()) not in self._report.software:
                self._report.software.append(storable(value.strip()))


def _watched(pieces: Iterable[bytes], digest: "sha256") -> Iterator[bytes]:  # type: ignore[valid-type]
    for piece in pieces:
        digest.update(piece)  # type: ignore[attr-defined]
        yield piece


def _urn_part(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/")
