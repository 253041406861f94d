"""The records of a file of others, put to the collection as they came.

Batches are committed as they get full; a process that dies leaves whole records, and the same file again finds them and
goes on. The description comes last: with it the file is taken over.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from archive.collection.collection import Collection
from archive.dates import warc_date
from archive.errors import Busy
from archive.files import storable
from archive.imports.answers import BEGINNING
from archive.imports.description import SOFTWARE, Report, describe, insert_import
from archive.imports.heads import ARC
from archive.imports.storing import Stored, arc_line, renamed, stored_arc, stored_warc
from archive.ingest.answers import Candidate, candidate
from archive.uris import ni
from archive.warc import records
from archive.warc.exchanges import level_for
from archive.warc.foreign import Damage, Found, NoRecord, Scanner
from archive.warc.members import Member, member, verbatim
from archive.warc.records import named_record_id
from capture.heads import parse_head

__all__ = ["Taking", "is_taken"]

BATCH_BYTES = 32 * 1024 * 1024
BATCH_RECORDS = 4000


def is_taken(collection: Collection, file_sha256: str) -> bool:
    """Whether a file was taken over to its end."""
    return collection.catalogue.one('SELECT 1 FROM "import" WHERE sha256 = ?', file_sha256) is not None


class _TakenMeanwhile(Exception):
    """Another process has taken the same file over to its end."""


class Taking:
    """One import of one file. Without a collection it only looks."""

    def __init__(self, collection: Collection | None, report: Report, *, directory: Path | None = None) -> None:
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
        self.candidates: list[Candidate] = []
        """What may be pages, in the order of the file."""

    def take(self, file: BinaryIO, part: str = "") -> Iterator[int]:
        """Take all records of a file, or of a `part` of one; yield how far it is in bytes, now and then.

        What is no record is noted. Raises what `Collection.import_records` raises.
        """
        yield from self.take_from(Scanner(file), part)

    def take_from(self, scanner: Scanner, part: str = "") -> Iterator[int]:
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
                raise _TakenMeanwhile
            insert_import(catalogue, row, said)

        assert self._file is not None  # for the type checker
        try:
            collection.import_records(self._file, [described], self._opening, also)
        except _TakenMeanwhile:
            self.was_taken = True
        self._taken = True

    def discard(self) -> None:
        """Remove temporary files of what was not committed."""
        for each in self._held.values():
            each.discard()

    def _record(self, scanner: Scanner, found: Found, part: str) -> None:
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

    def _block(self, scanner: Scanner, stored: Stored, name: str, size: int, beginning: bytes) -> Stored:
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

    def _damaged(self, damage: Damage, part: str) -> None:
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
