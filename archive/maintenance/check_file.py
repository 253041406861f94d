"""Validation of a single file: WARC of any version and compression, ARC, WACZ.

A file of ours is read strictly, as in a collection: each record is a gzip member of its own, with a checksum of its
compressed bytes. Files of others are read like an import reads them (`archive.warc.foreign`), and then judged by the
standard: how they are compressed is worth a remark, because annex D of the standard is informative; an ARC record has
nothing that could be wrong but its length.
"""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from archive.errors import storage_errors
from archive.maintenance.check import OUR_SOFTWARE, Finding, References, check_opening, check_records
from archive.warc.files import RecordFiles
from archive.warc.foreign import ForeignDamage, ForeignReader, ForeignRecord, NoRecord
from archive.warc.heads import ARC, head_fault
from archive.warc.inflate import BytePlace
from archive.warc.segments import Segments
from archive.warc.validate import BlockDigest, field_faults
from archive.warc.wacz import differing_digests

__all__ = ["verify_file"]

Watch = Callable[[int], None]


def verify_file(path: Path | str, watch: Watch | None = None) -> Iterator[Finding]:
    """Yield everything that is wrong with one file, in its order; nothing where all is well.

    Behind damage it goes on with the next record that can be found. Findings of a file in a WACZ have its name behind
    that of the WACZ.

    `watch` hears of each record's bytes. Raises BadWacz, StorageError or NotReadable where the file cannot be read,
    DiskFull where there is no room for a temporary one.
    """
    path = Path(path)
    with References(path) as references:
        with storage_errors(path, reading=True), RecordFiles(path) as files:
            if files.names == [""] and _is_strict_file(path, files.reader("")):
                yield from check_records(path, None, references, watch)
            else:
                yield from _foreign(files, references, watch)
        yield from references.findings(everywhere=False)


def _is_strict_file(path: Path, reader: ForeignReader) -> bool:
    """Whether a file was written by us, or begins with what nobody can read and has a name like ours."""
    try:
        record = reader.next()
        if record is None or not reader.is_gzip or reader.is_zstandard:
            return False
        return reader.beginning(len(OUR_SOFTWARE)) == OUR_SOFTWARE
    except NoRecord as error:
        return path.name.endswith(".gz") and (not reader.is_gzip or "inflated" in str(error))


def _foreign(files: RecordFiles, references: References, watch: Watch | None) -> Iterator[Finding]:
    segments: Segments[str] = Segments()
    for part in files.names:
        name = f"{files.path.name}/{part}" if part else files.path.name
        yield from _Check(name, files.reader(part), references, segments, watch).findings()
    for record_id, problem in segments.problems().items():
        yield Finding(files.path.name, 0, record_id, "segment-missing", f"a segmented record is not whole: {problem}")
    for part, problem in files.problems.items():
        yield Finding(f"{files.path.name}/{part}".rstrip("/"), 0, "", "bad-part", problem)
    for each in differing_digests(files.lists(), files.digests()):
        message = (
            f"its digest is {each['found']}, the list says {each['expected']}" if each["found"] else "it is missing"
        )
        yield Finding(f"{files.path.name}/{each['name']}", 0, "", "part-digest", message)


class _Check:
    """Checks the records of a file one after the other."""

    def __init__(
        self, name: str, reader: ForeignReader, references: References, segments: Segments[str], watch: Watch | None
    ) -> None:
        reader.seek(BytePlace(0))
        self._name = name
        self._reader = reader
        self._references = references
        self._segments = segments
        self._watch = watch
        self._findings: list[Finding] = []
        self._is_first = True
        self._count = 0
        self._shares_member = False

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        before = 0
        for damage in self._reader.walk(self._check):
            if damage is not None and damage.is_member:
                record_id = damage.head.values.get("warc-record-id", "").strip("<>") if damage.head else ""
                message = "Content-Length is missing or wrong; the gzip member tells where the record ends"
                self._add(damage.place.offset, record_id, "wrong-length", message)
            elif damage is not None:
                self._add(damage.place.offset, "", _code(damage), damage.message)
            if self._watch and (step := self._reader.offset - before):
                self._watch(step)
                before += step
            yield from self._findings
            self._findings.clear()
        if self._reader.dialect is not ARC and self._count:
            if not self._reader.is_gzip:
                yield Finding(self._name, 0, "", "not-compressed", "the file is not compressed")
            elif self._shares_member:
                message = "records share a gzip member: none can be read without those before it"
                yield Finding(self._name, 0, "", "one-member", message)

    def _add(self, offset: int, record_id: str, code: str, message: str) -> None:
        self._findings.append(Finding(self._name, offset, record_id, code, message))

    def _check(self, record: ForeignRecord) -> None:
        reader, head, offset = self._reader, record.head, record.place.offset
        self._count += 1
        self._shares_member = self._shares_member or (reader.is_gzip and record.place.inner > 0)
        if reader.dialect is ARC:
            reader.pass_block()
            return
        block = BlockDigest()
        block.feed(head.fields, b"")
        for piece in reader.block():
            block.feed(head.fields, piece)
        record_id = head.values.get("warc-record-id", "").strip("<>")
        if reader.splits_line_end:  # then its digests say nothing
            self._add(offset, record_id, "not-a-record", "the record is not as long as its Content-Length says")
            return
        if not reader.ended_exactly:
            self._add(offset, record_id, "record-end", "the record does not end with two line ends")
        if why := head_fault(head):
            self._add(offset, record_id, "bad-head", why)
        if self._is_first:
            for code, message in check_opening(PurePosixPath(self._name).name, head.fields):
                self._add(offset, record_id, code, message)
            self._is_first = False
        for code, message in (*field_faults(head.fields), *block.faults()):
            self._add(offset, record_id, code, message)
        self._findings += self._references.add(self._name, offset, head.fields)
        self._segments.add(head.fields, head.length, record_id)


def _code(damage: ForeignDamage) -> str:
    if "cut off" in damage.message or "the file ends" in damage.message:
        return "cut"
    return "not-a-member" if "inflated" in damage.message else "not-a-record"
