"""Import of a file of others: its records are added as they are, with a description of the file.

How a record is stored: head and block to the byte, as a gzip member of its own. Only where it has no identifier that
can be used, or no head that a strict reader accepts, its head is another one; then a change says so. Records of ARC
files get heads of WARC; their own line stands in a metadata record.

Batches are committed as they get full; a process that dies leaves whole records, and a second import of the file finds
them and goes on. The description comes last: with it the import is complete.
"""

import re
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from urllib.parse import quote

from archive.catalogue.rows import has_import, insert_import
from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.dates import UNDATED, read_record_date, warc_date
from archive.errors import Busy
from archive.ingest.provenance import CONTENT_TYPE
from archive.model import IMPORT_URN, to_json
from archive.storage import storable
from archive.warc import records
from archive.warc.exchanges import level_for
from archive.warc.foreign import ForeignDamage, ForeignReader, ForeignRecord
from archive.warc.heads import ARC, Dialect, ForeignHead, is_strict, warc_fields
from archive.warc.inflate import BytePlace
from archive.warc.members import Member, member, verbatim
from archive.warc.pages import BEGINNING, FileDates, PageRecord, page_record
from archive.warc.records import UNSAFE_VALUE, Fields, Record, named_record_id, ni
from archive.warc.segments import Segments
from capture.heads import parse_head
from clean.version import SOFTWARE

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

__all__ = [
    "ImportPreview",
    "ImportReport",
    "ImportedRecord",
    "Importer",
    "arc_line",
    "describe",
    "rename_record",
    "stored_arc",
    "stored_warc",
]

# A URI, in angle brackets or not (WARC 1.1 §5.2). One bounded run: linear.
_ID = re.compile(r"<?([A-Za-z][A-Za-z0-9+.-]{0,30}:[\x21-\x3b\x3d\x3f-\x7e]{1,500})>?$")

_ID_LINE = re.compile(rb"^WARC-Record-ID[ \t]*:[^\r\n]*", re.IGNORECASE | re.MULTILINE)

_OF_WHOLE_RECORD = frozenset(
    {"warc-record-id", "warc-truncated", "warc-block-digest", "warc-payload-digest", "content-length"}
)
"""Named fields that are not true of a part of a record."""

_UNKNOWN_DATE = UNDATED[:19] + "Z"
"""Of an ARC record that does not say when: a record must have a date, and the same one each time."""


class ImportedRecord(NamedTuple):
    """A record as it is stored."""

    record_id: str
    head: bytes
    kind: str
    """Its WARC-Type; empty where it has none."""
    fields: Fields
    change: dict[str, Any] | None
    """What is not as it came, an entry of `changed` in `ImportReport`; None where all is."""


def stored_warc(head: ForeignHead, name: str) -> ImportedRecord:
    """Return how a WARC record is stored; `name` gives an identifier to one that has none."""
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
        raw = _rewritten_head(head.fields, record_id, head.length)
        change = _change(record_id, "head", given, head.raw)
    return ImportedRecord(record_id, raw, kind, head.fields, change)


def resized_record(stored: ImportedRecord, size: int) -> ImportedRecord:
    """Return how a record is stored whose length was missing or wrong: with the one that it really has."""
    fields = [each for each in stored.fields if each[0].lower() != "content-length"]
    named = (*fields, ("Content-Length", str(size)))
    return stored._replace(head=_rewritten_head(named, stored.record_id, size), fields=named)


def _stored(dialect: Dialect, head: ForeignHead, name: str, beginning: bytes) -> ImportedRecord:
    if dialect is ARC:
        return stored_arc(head, name, warc_fields(ARC, head, beginning))
    return stored_warc(head, name)


def rename_record(stored: ImportedRecord, name: str) -> ImportedRecord:
    """Return the same with another identifier: the collection has other bytes under its own."""
    record_id = named_record_id(name)
    change = stored.change or _change(record_id, "same-id", stored.record_id, b"")
    return stored._replace(
        record_id=record_id, head=_with_id(stored.head, record_id), change={**change, "record": record_id}
    )


def stored_arc(head: ForeignHead, name: str, fields: Fields) -> ImportedRecord:
    """Return how an ARC record is stored; `fields` are those that it has as a WARC record."""
    record_id = named_record_id(name)
    kind, *others = fields
    if "WARC-Date" not in dict(fields):
        others.insert(0, ("WARC-Date", _UNKNOWN_DATE))
    named = (kind, ("WARC-Record-ID", f"<{record_id}>"), *others, ("Content-Length", str(head.length)))
    return ImportedRecord(record_id, records.head(named), kind[1], named, None)


def cut_record(stored: ImportedRecord, name: str, size: int) -> ImportedRecord:
    """Return how a record is stored of which only the first `size` bytes of the block are there (WARC 1.1 §5.13).

    Its own identifier is left to the whole record, which may come later; its digests were of that.
    """
    record_id = named_record_id(f"{name} cut")
    kept = [each for each in stored.fields if each[0].lower() not in _OF_WHOLE_RECORD]
    named = (*kept, ("WARC-Truncated", "unspecified"), ("Content-Length", str(size)))
    head = _rewritten_head(named, record_id, size)
    return stored._replace(record_id=record_id, head=head, fields=named)


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


def _rewritten_head(fields: Fields, record_id: str, length: int) -> bytes:
    """Return a head with what could be read of a broken one."""
    usable = [("WARC-Record-ID", f"<{record_id}>")]
    for name, value in fields:
        if name.lower() not in {"warc-record-id", "content-length"}:
            usable.append((name, UNSAFE_VALUE.sub(" ", value).strip()))
    kind = [field for field in usable if field[0].lower() == "warc-type"]
    others = [field for field in usable if field[0].lower() != "warc-type"]
    return records.head([*kind, *others, ("Content-Length", str(length))])


FORMAT = 1
"""Of the description of an import."""


@dataclass(slots=True)
class ImportReport:
    """What became of one file. It is described by one JSON object, in the metadata record that ends its records.

    Every key is there in every description; most are the names of the fields here:

    | key | value |
    | --- | --- |
    | `import` | format of this object: 1 |
    | `at` | UTC, when it was imported |
    | `file`, `sha256`, `size` | of the file as it came |
    | `format`, `compressed` | `warc`, `arc`, `wacz` or `zip`; whether its records are gzip |
    | `records` | how many there are of each type, an ARC record by the type that it became |
    | `kept`, `already` | how many of them were new, and how many the collection had to the byte |
    | `first`, `last` | the earliest and the latest WARC-Date; empty where there is none |
    | `software` | what the file's own warcinfo records say |
    | `changed` | records whose head is not as it came: `record`, `offset`, `why` (`no-id`, `bad-id`, `same-id`, \
`head`, `cut`, `length`), `was` (the identifier as it came), `head` (base64 of the whole head as it came, empty where \
the identifier tells all) |
    | `damage` | bytes that are no record: `part`, `offset`, `inner`, `length`, `message`, and `record`, which holds \
them; null where there are too many |
    | `parts` | of a WACZ or a zip, what is in it: `name`, `size`, `sha256`, `kept` (whether it is in records) |
    | `checks` | of a WACZ, what its lists of digests say: `name`, `expected`, `found` |
    | `pages` | of a WACZ, the pages that it lists: `url`, `ts`, `title` |
    | `waiting` | revisits of pages that are not in the collection yet: `record`, `title` in that list, `dates` of the \
file |
    | `xuanzhi` | the software that imported it |
    """

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
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def add_date(self, date: str) -> None:
        """Note a record's WARC-Date, where it says one."""
        if found := read_record_date(date):
            self.first = min(self.first or found.text, found.text)
            self.last = max(self.last, found.text)


def describe(report: ImportReport, *, record_id: str, warcinfo_id: str, at: str) -> tuple[Member, dict[str, Any]]:
    """Return the record that describes an import, and what it says.

    `warcinfo_id` is the record that opens the file of ours which it goes to: so it is told from a description that
    others wrote, in a collection of theirs.
    """
    description: dict[str, Any] = {
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
        block=to_json(description),
    )
    fields = (*record.fields[:4], ("WARC-Warcinfo-ID", f"<{warcinfo_id}>"), *record.fields[4:])
    return member(Record(fields, record.block)), description


BATCH_BYTES = 32 * 1024 * 1024
"""Compressed bytes that are committed together, about."""
BATCH_RECORDS = 4000
"""Records that are committed together, at most."""


class ImportPreview:
    """Reads the records of one file and reports on them; nothing is stored. What `archive import --dry-run` does."""

    def __init__(self, report: ImportReport) -> None:
        """Begin; the findings go to `report`."""
        self._report = report
        self.candidates: list[PageRecord] = []
        """What may be pages, in the order of the file."""
        self.segments: Segments[str] = Segments()
        """Segmented records; a place is the identifier of the record as it is stored."""

    def read(self, file: BinaryIO, part: str = "") -> Iterator[int]:
        """Read all records of a file, or of a `part` of one; yield how far it is in bytes, now and then.

        What is no record is noted. Raises what `Collection.import_records` raises.
        """
        yield from self.read_records(ForeignReader(file), part)

    def read_records(self, reader: ForeignReader, part: str = "") -> Iterator[int]:
        """Read all records of a reader, as `read` does."""
        self._report.format = self._report.format or reader.dialect.name
        self._report.compressed |= reader.is_gzip
        dates = FileDates(PurePosixPath(part).name, self._report.file)
        for damage in reader.walk(lambda record: self._read_record(reader, record, part, dates)):
            if damage is not None:
                self._report_damage(reader, damage, part, dates)
            yield reader.offset

    def keep_part(self, name: str, data: bytes, content_type: str) -> None:
        """Keep something else that came with the records, such as a list of pages, as a resource record."""

    def finish(self) -> None:
        """Commit what is left, with the description. Raises what `Collection.import_records` raises."""

    def discard(self) -> None:
        """Remove temporary files of what was not committed."""

    def _read_record(self, reader: ForeignReader, record: ForeignRecord, part: str, dates: FileDates) -> None:
        place, head = record
        dates.see(head.fields)
        name = self._name_of(place, part)
        beginning = reader.beginning(BEGINNING)
        stored = _stored(reader.dialect, head, name, beginning)
        stored = self._keep_record(reader.block(), stored, name, head.length, beginning)
        self.segments.add(head.fields, head.length, stored.record_id)
        self._report_record(reader.dialect, record, stored, beginning, part, dates)

    def _read_odd_record(
        self, reader: ForeignReader, damage: ForeignDamage, head: ForeignHead, part: str, dates: FileDates
    ) -> str:
        """Keep what there is of a record that is cut off, and say so in its head, or one whose length is wrong.

        Returns its identifier.
        """
        name = self._name_of(damage.place, part)
        size, beginning = 0, bytearray()
        for piece in reader.odd_block(damage):
            beginning += piece[: BEGINNING - len(beginning)]
            size += len(piece)
        stored = _stored(reader.dialect, head, name, bytes(beginning))
        stored = resized_record(stored, size) if damage.is_whole else cut_record(stored, name, size)
        given, why = head.values.get("warc-record-id", ""), "length" if damage.is_whole else "cut"
        stored = stored._replace(change=_change(stored.record_id, why, given, head.raw))
        stored = self._keep_record(reader.odd_block(damage), stored, name, size, bytes(beginning))
        record = ForeignRecord(damage.place, head)
        self._report_record(reader.dialect, record, stored, bytes(beginning), part, dates)
        return stored.record_id

    def _name_of(self, place: BytePlace, part: str) -> str:
        return f"{self._report.sha256} {part} {place.offset} {place.inner}"

    def _report_record(
        self,
        dialect: Dialect,
        record: ForeignRecord,
        stored: ImportedRecord,
        beginning: bytes,
        part: str,
        dates: FileDates,
    ) -> None:
        place, head = record
        if dialect is ARC:
            self._keep_line(head, stored)
        kind = stored.kind or "unknown"
        self._report.records[kind] += 1
        self._report.add_date(head.values.get("warc-date", ""))
        if kind == "warcinfo":
            self._report_software(beginning)
        if stored.change:
            self._report.changed.append({**stored.change, "part": part, "offset": place.offset})
        if page := page_record(stored.record_id, stored.fields, beginning, dates.all):
            # What an ARC record does not say, its head of WARC says for want of better.
            self.candidates.append(page._replace(date=head.values.get("warc-date", "")))

    def _keep_record(
        self, block: Iterable[bytes], stored: ImportedRecord, name: str, size: int, beginning: bytes
    ) -> ImportedRecord:
        """Read the block to its end and keep the record; return it under the name that it has then."""
        deque(block, maxlen=0)
        return stored

    def _keep_line(self, head: ForeignHead, stored: ImportedRecord) -> None:
        """Keep the line that stood before an ARC record."""

    def _keep_damage(self, damage: ForeignDamage, part: str) -> str | None:
        """Keep bytes that are no record; return the record that holds them, None where none does."""
        return None

    def _report_damage(self, reader: ForeignReader, damage: ForeignDamage, part: str, dates: FileDates) -> None:
        cut = self._read_odd_record(reader, damage, damage.head, part, dates) if damage.head else None
        if damage.is_whole:
            return
        # Of a plain file, that record has all of the bytes; of a compressed one there are more than could be inflated.
        kept = cut if cut and not reader.is_gzip else self._keep_damage(damage, part)
        self._report.damage.append(
            {
                "part": part,
                "offset": damage.place.offset,
                "inner": damage.place.inner,
                "length": damage.length,
                "message": damage.message,
                "record": kept or cut,
            }
        )

    def _report_software(self, warcinfo: bytes) -> None:
        """Note which software wrote the file."""
        for line in warcinfo.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip().lower() == "software" and storable(value.strip()) not in self._report.software:
                self._report.software.append(storable(value.strip()))


class _ImportedMeanwhile(Exception):
    """Another process has imported the same file to its end."""


class Importer(ImportPreview):
    """One import of one file into a collection."""

    def __init__(self, collection: Collection, report: ImportReport, *, directory: Path | None = None) -> None:
        """`directory` is for temporary files of large records (the system's by default)."""
        super().__init__(report)
        self._collection = collection
        self._directory = directory
        self._is_over = self.was_imported = has_import(catalogue_of(collection), report.sha256)
        self._file: str | None = None
        self._warcinfo = ""
        self._pending: dict[str, Member] = {}
        self._digests: dict[str, bytes] = {}  # of head and block, of those pending that have identifiers of others
        self._size = 0

    def keep_part(self, name: str, data: bytes, content_type: str) -> None:
        """Keep something else that came with the records, such as a list of pages, as a resource record."""
        record = records.resource(
            record_id=named_record_id(f"{self._report.sha256} {name}"),
            date=self._now(),
            uri=f"urn:import-part:{ni(self._report.sha256)}:{_urn_part(name)}",
            content_type=content_type,
            block=data,
        )
        self._keep(member(record))

    def keep_records(self) -> None:
        """Commit the records that are left, without the description. Raises what `Collection.import_records` raises."""
        if not self._is_over:
            self._flush()

    def keep_made(self, made: Record) -> None:
        """Commit a record of ours made of records of the file. Raises what `Collection.import_records` raises."""
        self._collection.import_records(self._file_with_room(), [member(made)], self._opening, lambda: None)

    def wait_for(self, revisit: PageRecord, title: str) -> None:
        """Note a revisit whose page is not in the collection, so that it becomes a capture when that comes."""
        entry = {"record": revisit.record_id, "title": storable(title), "dates": list(revisit.file_dates)}
        self._report.waiting.append(entry)

    def finish(self) -> None:
        """Commit what is left, with the description. Raises what `Collection.import_records` raises.

        Where another process did the same meanwhile, its description stands, and this file `was_imported`.
        """
        if self._is_over:
            return
        self.keep_records()
        file = self._file_with_room()
        record_id = self._collection.context().new_id()
        record, description = describe(self._report, record_id=record_id, warcinfo_id=self._warcinfo, at=self._now())
        catalogue = catalogue_of(self._collection)

        def also() -> None:
            row = catalogue.row_of(record_id)
            assert row is not None  # for the type checker: it was put just now
            if has_import(catalogue, self._report.sha256):  # asked under the lock
                raise _ImportedMeanwhile
            insert_import(catalogue, row, description)

        try:
            self._collection.import_records(file, [record], self._opening, also)
        except _ImportedMeanwhile:
            self.was_imported = True
        self._is_over = True

    def discard(self) -> None:
        """Remove temporary files of what was not committed."""
        for each in self._pending.values():
            each.discard()

    def _keep_record(
        self, block: Iterable[bytes], stored: ImportedRecord, name: str, size: int, beginning: bytes
    ) -> ImportedRecord:
        catalogue = catalogue_of(self._collection)
        if stored.record_id in self._pending:
            self._flush()
        row = catalogue.row_of(stored.record_id)
        if self._is_over:
            deque(block, maxlen=0)
            is_other = stored.change is None and catalogue.row_of(named_record_id(name)) is not None
            return rename_record(stored, name) if is_other else stored
        used = stored if row is None else rename_record(stored, name)
        digest = sha256(stored.head)
        one = verbatim(
            used.record_id,
            used.head,
            _watched(block, digest),
            size=size,
            level=level_for(parse_head(beginning)),
            directory=self._directory,
        )
        if row is not None and digest.digest() == self._collection.record_digest(row):
            one.discard()
            self._report.already += 1
            return stored
        self._digests[one.record_id] = digest.digest()
        self._keep(one)
        return used

    def _keep_line(self, head: ForeignHead, stored: ImportedRecord) -> None:
        self._keep(arc_line(head, stored))

    def _keep_damage(self, damage: ForeignDamage, part: str) -> str | None:
        if not damage.data:
            return None
        place = damage.place
        record_id = named_record_id(f"{self._report.sha256} {part} {place.offset} {place.inner} damage")
        record = records.resource(
            record_id=record_id,
            date=self._now(),
            uri=f"urn:import-damage:{ni(self._report.sha256)}:{_urn_part(part)}:{place.offset}:{place.inner}",
            content_type="application/octet-stream",
            block=damage.data,
        )
        self._keep(member(record))
        return record_id

    def _keep(self, one: Member) -> None:
        if self._is_over:
            one.discard()
            return
        if one.record_id in self._pending or catalogue_of(self._collection).row_of(one.record_id) is not None:
            one.discard()
            self._report.already += 1
            return
        self._pending[one.record_id] = one
        self._size += one.size
        if self._size > BATCH_BYTES or len(self._pending) > BATCH_RECORDS:
            self._flush()

    def _flush(self) -> None:
        """Commit what is pending."""
        if not self._pending:
            return
        file = self._file_with_room()
        pending = list(self._pending.values())
        known = self._collection.import_records(file, pending, self._opening, lambda: None)
        for record_id in known:
            self._demand_equal(record_id)
        self._report.already += len(known)
        self._report.kept += len(pending) - len(known)
        self.discard()
        self._pending.clear()
        self._digests.clear()
        self._size = 0

    def _demand_equal(self, record_id: str) -> None:
        """Raise Busy where another process has kept other bytes under an identifier since it was looked up."""
        row = catalogue_of(self._collection).row_of(record_id)
        wanted = self._digests.get(record_id)
        if row is not None and wanted is not None and self._collection.record_digest(row) != wanted:
            raise Busy(
                f"another process has just kept another record under {record_id}",
                hint="Run the same command again: the record gets an identifier of its own.",
            )

    def _file_with_room(self) -> str:
        """Return the name of a file that has room for more records."""
        file = self._collection.import_file(self._file)
        if file != self._file:
            self._file, self._warcinfo = file, self._collection.context().new_id()
        return file

    def _opening(self, name: str) -> Member:
        """Return the record that opens a file of ours."""
        return member(
            records.warcinfo(
                record_id=self._warcinfo,
                date=self._now(),
                filename=name,
                software=SOFTWARE,
                operator=self._collection.config.operator,
                description=f"Imported, not captured: the records of a file whose sha256 is {self._report.sha256},"
                " as they came.",
            )
        )

    def _now(self) -> str:
        return warc_date(self._collection.context().now)


def _watched(pieces: Iterable[bytes], digest: "HASH") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _urn_part(name: str) -> str:
    return quote(name, safe="/")
