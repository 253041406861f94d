"""Validation of WARC files against ISO 28500:2017, our own or of others.

Each finding has a grade: `damage`, bytes that cannot be right; `breach`, what the standard forbids, in bytes that may
be as they were written; `remark`, what it advises against, or what somebody may want to know.

| code | what is wrong |
| --- | --- |
| `not-a-member` | no gzip member begins here, or it does not inflate to its checksum and length (annex D) |
| `cut` | the file ends inside of a record |
| `gzip-head`, `gzip-checksum` | in a file of ours: the member's head, or its compressed bytes, changed; what it \
inflates to may be the same |
| `not-a-record` | the member holds no record, more than one, or one that is not as long as its Content-Length (§4) |
| `bad-head`, `record-end` | breach, in a file of others: a head can be read, but is not as §4 wants it; a record does \
not end with two line ends |
| `wrong-length` | breach, in a file of others: Content-Length is missing or wrong (§5.3), but the record has a gzip \
member to itself |
| `missing-field`, `forbidden-field`, `repeated-field`, `bad-value` | breach: see `archive.warc.validate` |
| `date-form`, `date-partial`, `date-unknown` | breach: WARC-Date is not as §5.4 wants it; see `archive.dates` |
| `date-reduced` | remark: WARC-Date says no more than the minute, the day, the month or the year |
| `no-content-type` | remark: a record with a block should have Content-Type (§5.6) |
| `block-digest` | the block's digest is not what the header says (§5.8) |
| `payload-digest` | the payload's is not: of an HTTP answer, its body without transfer coding (§5.9, §6.3.2) |
| `coded-digest` | breach: the payload digest is that of the body with its transfer coding |
| `not-http` | breach: a request or a response that claims to be HTTP is none (§6.3.2, §6.5.2) |
| `no-warcinfo`, `file-name` | remark: the file does not begin with a warcinfo, or that names another file (§5.15) |
| `one-member`, `not-compressed` | remark, of a file of others: records share a gzip member, or are in none (annex D) |
| `same-id` | breach: two records have one identifier (§5.2) |
| `dangling` | a reference leads to no record; in a single file only WARC-Concurrent-To is looked at, and it is a \
remark |
| `torn-record` | remark: a reference leads to a record that was torn when a process or a machine died, before it was \
reported; its bytes are in the quarantine |
| `segment-missing` | remark, of a single file: not all segments of a record are in it, or they are not as long as the \
last one says (§7) |
| `payload-differs` | breach: a revisit has another payload digest than the record that it refers to (§6.7.2) |
| `catalogue-damaged` | the catalogue cannot be read; then the files are looked at by themselves |
| `bad-part`, `part-digest` | a file in a WACZ is not whole, or is not the one that its list of digests says |
| `missing-file`, `short-file` | a file is gone, or shorter than its committed part |
| `tail` | behind the committed part lie bytes that are no whole record |
| `not-indexed` | the catalogue does not know records that are there, such as whole ones behind the committed part |
| `unknown-file`, `not-there` | catalogue and files disagree |

Imported records stay as others wrote them; what was wrong with one of them then is a finding that `came_so`.

Blocks are read in pieces, so records of any size cost no memory, and so do identifiers, which stand in a temporary
file.
"""

import re
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from archive.catalogue.connection import ReadOnlyCatalogue
from archive.collection.recovery import QUARANTINE, tail_of
from archive.errors import Damaged, DiskFull, NoCatalogue, NotACatalogue, StorageError, SystemLimit, storage_errors
from archive.storage import CATALOGUE
from archive.warc.reader import Chunks, RecordParser, inflate, next_member
from archive.warc.records import Fields
from archive.warc.validate import BlockDigest, MemberBytes, field_faults, values_of
from archive.warc.writer import is_import_file, serial_of

__all__ = ["OUR_SOFTWARE", "Finding", "Grade", "References", "check_opening", "check_records", "verify_collection"]


_OF_RECORDS = frozenset(
    {
        "missing-field", "forbidden-field", "repeated-field", "bad-value", "block-digest", "payload-digest", "not-http",
        "dangling", "payload-differs", "date-form", "date-partial", "date-unknown", "date-reduced", "no-content-type",
        "coded-digest",
    }
)  # fmt: skip


class Grade(StrEnum):
    """How bad a finding in a file is."""

    DAMAGE = "damage"
    """Bytes that cannot be right."""
    BREACH = "breach"
    """Against what the standard demands; the bytes may be as they were written."""
    REMARK = "remark"
    """Against what it advises, or good to know."""


_BREACHES = frozenset(
    {
        "bad-head", "record-end", "wrong-length", "missing-field", "forbidden-field", "repeated-field", "bad-value",
        "date-form", "date-partial", "date-unknown", "coded-digest", "not-http", "same-id", "payload-differs",
    }
)  # fmt: skip
_REMARKS = frozenset(
    {
        "date-reduced", "no-content-type", "no-warcinfo", "file-name", "dangling", "one-member", "not-compressed",
        "torn-record", "accepted-loss", "segment-missing",
    }
)  # fmt: skip
_NO_FAULTS = frozenset({"torn-record", "accepted-loss"})


class Finding(NamedTuple):
    """Something that is not as it should be."""

    file: str
    """Name of the file, without its folder."""
    offset: int
    """Where the record's member begins, in bytes."""
    record_id: str
    """Empty where it could not be read."""
    code: str
    """A stable English word; see `archive.maintenance.check` and `archive.maintenance.check_texts`."""
    message: str

    @property
    def grade(self) -> Grade:
        """How bad it is in a single file; in a collection see `is_settled`."""
        return Grade.BREACH if self.code in _BREACHES else Grade.REMARK if self.code in _REMARKS else Grade.DAMAGE

    @property
    def is_settled(self) -> bool:
        """Whether it is no fault of a collection, but the trace of one that is over; everything else is a fault."""
        return self.code in _NO_FAULTS

    @property
    def came_so(self) -> bool:
        """Whether others wrote it so: imported records stay as they came, right or wrong.

        Damage that came later is told by other codes, because each imported record is a gzip member of ours.
        """
        return is_import_file(self.file) and self.code in _OF_RECORDS


# Columns have no types: what a damaged catalogue says is compared as it stands there.
_TABLES = """
PRAGMA cache_size = -16000;
PRAGMA synchronous = OFF;
PRAGMA journal_mode = OFF;
CREATE TABLE place (record_id UNIQUE, file, offset, digest);
CREATE TABLE reference (file, offset, record_id, field, target, digest);
CREATE TABLE known (record_id UNIQUE, file, offset);
BEGIN;
"""

_NOT_KNOWN = """
SELECT place.file, place.offset, place.record_id FROM place LEFT JOIN known USING (record_id)
WHERE known.file IS NOT place.file OR known.offset IS NOT place.offset ORDER BY place.rowid
"""

_NOT_THERE = """
SELECT known.file, known.offset, known.record_id FROM known LEFT JOIN place USING (record_id)
WHERE place.rowid IS NULL ORDER BY known.rowid
"""

_REFERRING = "SELECT file, offset FROM reference WHERE target = ?"

_WRONG = """
SELECT reference.file, reference.offset, reference.record_id, field, target, reference.digest, place.rowid IS NULL
FROM reference LEFT JOIN place ON place.record_id = target
WHERE place.rowid IS NULL OR (reference.digest != '' AND place.digest NOT IN ('', reference.digest))
ORDER BY reference.rowid
"""


class References:
    """The identifiers of all records of one file or many, what refers to them, and what a catalogue says of them.

    They are many, so they stand in a database without a name, of which SQLite keeps 16 MB in memory and the rest in a
    temporary file. Use as a context manager: leaving it forgets everything.
    """

    def __init__(self, path: Path) -> None:
        """Begin; `path` is for messages. Raises StorageError."""
        self._path = path
        with storage_errors(path):
            self._index = sqlite3.connect("", isolation_level=None)
            self._index.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()

    def add(self, file: str, offset: int, fields: Fields) -> Iterator[Finding]:
        """Take a record; yield what is wrong about its identifier. Raises DiskFull or StorageError."""
        values = values_of(fields)
        record_id, digest = values.get("warc-record-id", "").strip("<>"), values.get("warc-payload-digest", "")
        wanted = {"warc-concurrent-to": "", "warc-refers-to": digest if values.get("warc-type") == "revisit" else ""}
        targets = [
            (file, offset, record_id, name, value.strip("<>"), wanted[name.lower()])
            for name, value in fields
            if name.lower() in wanted
        ]
        with storage_errors(self._path):
            place = (record_id, file, offset, digest)
            is_new = self._index.execute("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)", place).rowcount
            self._index.executemany("INSERT INTO reference VALUES (?, ?, ?, ?, ?, ?)", targets)
            if is_new:
                return
            where = "SELECT file, offset FROM place WHERE record_id = ?"
            first, at = self._index.execute(where, (record_id,)).fetchone()
            self._index.execute("UPDATE place SET digest = ? WHERE record_id = ? AND digest = ''", (digest, record_id))
        yield Finding(file, offset, record_id, "same-id", f"{first} at {at:,} has the same identifier")

    def know(self, records: Iterable[tuple[str, str, int]]) -> None:
        """Take what a catalogue says: identifier, file and offset of each record. Raises what reading that raises."""
        self._index.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", records)

    def unknown(self) -> Iterator[Finding]:
        """Yield where a catalogue and the files disagree. Raises DiskFull or StorageError."""
        for file, offset, record_id in self._rows(_NOT_KNOWN):
            yield Finding(file, offset, record_id, "not-indexed", "the catalogue does not know that the record is here")
        for file, offset, record_id in self._rows(_NOT_THERE):
            yield Finding(file, offset, record_id, "not-there", "the catalogue says that this record is here")

    def findings(self, *, everywhere: bool, torn: "TornRecords | None" = None) -> Iterator[Finding]:
        """Yield what refers to nothing. `everywhere` says that all records have been taken that there are.

        `torn` knows what a recovery moved to the quarantine. Raises DiskFull or StorageError.
        """
        for file, offset, record_id, field, target, digest, is_dangling in self._rows(_WRONG):
            if not is_dangling:
                message = f"{target} has another payload digest than {digest}"
                yield Finding(file, offset, record_id, "payload-differs", message)
            elif torn is not None and not is_import_file(file) and torn.has(target, self._rows(_REFERRING, target)):
                message = f"{field} leads to {target}, which was torn before it was reported; quarantine/ has its bytes"
                yield Finding(file, offset, record_id, "torn-record", message)
            elif everywhere or field.lower() == "warc-concurrent-to":
                yield Finding(file, offset, record_id, "dangling", f"{field} leads to no record: {target}")

    def _rows(self, question: str, *values: str) -> Iterator[tuple[Any, ...]]:
        with storage_errors(self._path):
            yield from self._index.execute(question, values)


# A member's first bytes inflate to its head (WARC 1.1 §4). Bounded: linear.
_HEAD_ID = re.compile(rb"\nWARC-Record-ID: <([\x21-\x7e]{1,500})>\r\n", re.IGNORECASE)

# How a recovery names what it moves aside: file, place, beginning of the sha256. Anchored at both ends: linear.
_QUARANTINED = re.compile(r"(.+)@(\d{1,18})-([0-9a-f]{8})")

_MEMBER = b"\x1f\x8b\x08"


class TornRecords:
    """The records that were torn when a process or a machine died: a recovery moved their bytes to the quarantine.

    Nobody was told of them, and no more of them is to be had. Each whole record stayed where it was, and may refer to
    one of them. The identifiers of most can still be read. Of a record whose beginning is lost this is known: what was
    written with it came behind it in the same file.
    """

    def __init__(self, root: Path) -> None:
        """Take the collection; the quarantine is read when something is asked."""
        self._folder = root / QUARANTINE
        self._found: tuple[set[str], dict[str, int]] | None = None

    def has(self, record_id: str, referring: Iterable[tuple[str, int]]) -> bool:
        """Whether a record is one of them; `referring` are file and offset of the records that refer to it.

        Raises StorageError.
        """
        if self._found is None:
            self._found = self._read()
        names, cuts = self._found
        if record_id in names or not cuts:
            return record_id in names
        return any(offset >= cuts.get(file, offset + 1) for file, offset in referring)

    def _read(self) -> tuple[set[str], dict[str, int]]:
        """Return the identifiers that can be read, and for each file where the first bytes were moved from."""
        names: set[str] = set()
        cuts: dict[str, int] = {}
        with storage_errors(self._folder):
            for path in sorted(self._folder.glob("*@*-*")):
                match = _QUARANTINED.fullmatch(path.name)
                if match and (found := self._names_in(path, match[3])) is not None:
                    names |= found
                    cuts[match[1]] = min(int(match[2]), cuts.get(match[1], sys.maxsize))
        return names, cuts

    @staticmethod
    def _names_in(path: Path, digest: str) -> set[str] | None:
        """Return the identifiers in torn bytes; None where these are not those that were moved."""
        names: set[str] = set()
        held, whole = b"", sha256()
        with path.open("rb") as file:
            while data := file.read(1 << 20):
                whole.update(data)
                held += data
                at = held.find(_MEMBER)
                while at >= 0:
                    with suppress(zlib.error):
                        head = zlib.decompressobj(31).decompress(held[at : at + 4096], 4096)
                        names.update(each.decode() for each in _HEAD_ID.findall(head))
                    at = held.find(_MEMBER, at + 1)
                held = held[-4096:]
        return names if whole.hexdigest().startswith(digest) else None


OUR_SOFTWARE = b"software: xuanzhi/"
"""How the warcinfo of a file of ours begins."""


def verify_collection(path: Path | str, watch: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Yield everything that is wrong with the files of a collection, and where they and the catalogue disagree.

    Nothing is written; another process may add to the collection meanwhile. `watch` hears of each record's bytes.

    Raises StorageError, NotWritable, Busy or Damaged where catalogue or files cannot be read, DiskFull where there is
    no room for a temporary file, SystemLimit where this process may not open what it needs.
    """
    root = Path(path)
    with References(root) as references:
        yield from _collection(root, references, watch)


def _collection(root: Path, references: References, watch: Callable[[int], None] | None) -> Iterator[Finding]:
    try:
        files = _catalogue(root, references)
    except (DiskFull, SystemLimit):  # of this machine: they say nothing about the catalogue
        raise
    except (
        Damaged,
        NoCatalogue,
        NotACatalogue,
        StorageError,
        UnicodeDecodeError,
    ) as error:  # then the files by themselves
        yield Finding(CATALOGUE, 0, "", "catalogue-damaged", str(error))
        for folder in ("warc", "derived"):
            for file in sorted((root / folder).glob("*.warc.gz")):
                yield from check_records(file, None, references, watch)
        yield from references.findings(everywhere=True, torn=TornRecords(root))
        return
    for folder, name, committed in files:
        file = root / folder / name
        if not committed and not file.exists():
            continue
        if not file.exists():
            yield Finding(name, 0, "", "missing-file", f"{folder}/{name} is gone; {committed:,} bytes were committed")
            continue
        size = file.stat().st_size
        if size < committed:
            yield Finding(name, size, "", "short-file", f"it has {size:,} bytes; {committed:,} were committed")
        elif size > committed and _behind_now(root, folder, name, size - committed):
            yield from _behind(file, committed)
        yield from check_records(file, min(size, committed), references, watch)
    known = {(folder, name) for folder, name, _ in files}
    for folder in ("warc", "derived"):
        for file in sorted((root / folder).glob("*")):
            if (folder, file.name) in known or file.name.startswith("."):
                continue
            found = list(_behind(file, 0)) if serial_of(file.name) else []
            if any(each.code == "not-indexed" for each in found):
                yield from found
            else:
                yield Finding(file.name, 0, "", "unknown-file", f"the catalogue does not know {folder}/{file.name}")
    yield from references.unknown()
    yield from references.findings(everywhere=True, torn=TornRecords(root))


def _behind(file: Path, start: int) -> Iterator[Finding]:
    """Yield what lies in a file behind a place up to which the catalogue knows it, when nobody writes."""
    tail = tail_of(file, start)
    if tail.records:
        message = (
            f"{tail.records:,} whole records ({tail.wanted:,} visits and snapshots among them) lie here, and the"
            " catalogue does not know them; `archive reindex` brings them in"
        )
        yield Finding(file.name, tail.whole[0].start, "", "not-indexed", message)
    for span in tail.torn:
        message = f"{span.end - span.start:,} bytes behind the committed ones are no whole record"
        yield Finding(file.name, span.start, "", "tail", message)


def _behind_now(root: Path, folder: str, name: str, before: int) -> int:
    """Return how many bytes lie behind a file's committed part when nobody writes."""
    with storage_errors(root), closing(sqlite3.connect(root / CATALOGUE, timeout=60)) as index:
        try:
            index.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # Then nobody can be writing: it is read-only, or its folder, where the log would be, is.
            if error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
                return before
            raise
        (committed,) = index.execute(
            "SELECT committed_length FROM file WHERE folder = ? AND name = ?", (folder, name)
        ).fetchone()
        behind = (root / folder / name).stat().st_size - committed
        index.execute("ROLLBACK")
    return int(behind)


def _catalogue(root: Path, references: References) -> list[tuple[str, str, int]]:
    """Return the files that a catalogue of any version names, and tell of its records; it is not changed."""
    file = root / CATALOGUE
    with closing(ReadOnlyCatalogue(file, any_schema=True)) as index, storage_errors(file, reading=True):
        files = index.execute("SELECT folder, name, committed_length FROM file ORDER BY id").fetchall()
        references.know(index.execute("SELECT record_id, name, offset FROM record JOIN file ON file.id = record.file"))
    return files


def check_records(
    path: Path, end: int | None, references: References, watch: Callable[[int], None] | None
) -> Iterator[Finding]:
    """Yield what is wrong with the records of a WARC file, read strictly, each by itself.

    `end` is where its committed part ends, None for the whole file. Behind damage it goes on with the next record that
    can be found. `watch` hears of each record's bytes. Raises StorageError or NotWritable where it cannot be read.
    """
    start: int | None = 0
    ours = first = True
    while start is not None:
        with storage_errors(path), path.open("rb") as file:
            file.seek(start)
            chunks = Chunks(file, start, end)
            while True:
                offset = chunks.offset
                block = BlockDigest()
                member = MemberBytes()
                parser = RecordParser("the record")
                try:
                    if not (data := chunks.take()):
                        return
                    chunks.give_back(data)
                    for piece in inflate(chunks, member):
                        data = parser.feed(piece)
                        block.feed(parser.fields, data)
                    fields = parser.end()
                except Damaged as error:
                    start = next_member(path, offset + 1)
                    if end is not None and start is not None and start >= end:
                        start = None
                    yield Finding(path.name, offset, _record_id(parser.fields), _code(error), str(error))
                    break
                if watch:
                    watch(chunks.offset - offset)
                record_id = _record_id(fields)
                if first:
                    ours = block.beginning.startswith(OUR_SOFTWARE)
                    for code, message in check_opening(path.name, fields):
                        yield Finding(path.name, offset, record_id, code, message)
                    first = False
                faults = (*(member.faults() if ours else ()), *field_faults(fields), *block.faults())
                for code, message in faults:
                    yield Finding(path.name, offset, record_id, code, message)
                yield from references.add(path.name, offset, fields)


def check_opening(name: str, fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield code and message of what is wrong with the first record of a file with this name (WARC 1.1 §5.15)."""
    values = values_of(fields)
    if values.get("warc-type") != "warcinfo":
        yield "no-warcinfo", "the file does not begin with a warcinfo record"
    elif values.get("warc-filename", name) != name:
        yield "file-name", f"the warcinfo is of a file named {values['warc-filename']}"


def _record_id(fields: Fields | None) -> str:
    return values_of(fields or ()).get("warc-record-id", "").strip("<>")


def _code(error: Damaged) -> str:
    text = str(error)
    if "cut off" in text or "committed length" in text:
        return "cut"
    return "not-a-member" if text.startswith("no gzip member") else "not-a-record"
