"""Rebuilding of the catalogue from the WARC files alone.

First the files are scanned in their order, then rows are inserted by the code that inserted them first. Captures come
in the order of the capture files, judgements in that of the derived files. The order between the two is found again
from what refers to what: a capture is followed by its own judgement, and a judgement that cleaned something anew stands
between those of its time.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.rows import CatalogueWriter, RecordRows, free_name, insert_import
from archive.collection.decisions import FILE as DECISIONS
from archive.collection.decisions import catch_up
from archive.errors import ArchiveError, Damaged, StorageError, storage_errors
from archive.importing.importer import IMPORT_URN
from archive.ingest.provenance import judgement_in, preferred_path, subject_in
from archive.ingest.runs import insert_run
from archive.model import UNINDEXED, Judgement, Subject, VisitDescription
from archive.naming import candidates, fold
from archive.schedule.table import Schedule
from archive.storage import CATALOGUE, sync_folder
from archive.warc import reader
from archive.warc.reader import StoredRecord, next_member
from archive.warc.records import EMPTY_SHA256, Fields, Record
from archive.warc.writer import is_import_file
from capture.identity import Identity

__all__ = [
    "CollectionScan",
    "DerivedSet",
    "LostDerivation",
    "RebuildReport",
    "ScannedCapture",
    "ScannedFile",
    "ScannedPayload",
    "UnreadablePlace",
    "is_sound",
    "read_files",
    "rebuild",
    "reindex",
]

# Names of our files end in a serial number, also those of an exported selection; other files in the folders are
# somebody else's. Anchored: linear.
_OURS = re.compile(r"xuanzhi(?:-derived|-import)?(?:-selection)?-\d{14}-(\d{5,})\.warc\.gz$", re.ASCII)


class UnreadablePlace(NamedTuple):
    """A place that could not be read."""

    file: str
    offset: int
    message: str


class ScannedPayload(NamedTuple):
    """A payload that revisits may refer to."""

    sha256: str
    record_id: str
    uri: str
    date: str


class ScannedCapture(NamedTuple):
    """A snapshot with its first judgement, a visit, or a run."""

    kind: str
    """`snapshot`, `visit` or `run`."""
    record_id: str
    """Of the resource, or of the record that describes the visit or the run."""
    provenance: str
    """Record of a snapshot's first judgement; empty for the others."""
    at: str
    """WARC-Date of that."""
    block: bytes
    """Its JSON: a fourth of what Python makes of it, and there is one of each capture."""

    @property
    def values(self) -> dict[str, Any]:
        """Its JSON object."""
        return _object(self.block)


@dataclass(slots=True)
class DerivedSet:
    """The records of one judgement in the derived files."""

    first_of: str = ""
    """What it is the first judgement of: a visit's identifier, or a snapshot's source_sha256; empty where it is not."""
    refers_to: str = ""
    provenance: str = ""
    at: str = ""
    block: bytes = b"{}"
    """JSON of its provenance."""
    conversion: str = ""
    ledger: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The JSON object of its provenance."""
        return _object(self.block)


@dataclass(slots=True)
class ScannedFile:
    """A WARC file of ours."""

    folder: str
    name: str
    committed_length: int = 0
    """Up to the end of the last whole record."""
    records: list[tuple[str, int, int]] = field(default_factory=list)
    """Identifier, offset and length."""


@dataclass(slots=True)
class CollectionScan:
    """The content of the files of a collection, in their order."""

    files: list[ScannedFile] = field(default_factory=list)
    payloads: list[ScannedPayload] = field(default_factory=list)
    captures: list[ScannedCapture] = field(default_factory=list)
    imports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Of each import the record that describes it, and its JSON object."""
    derived: list[DerivedSet] = field(default_factory=list)
    damage: list[UnreadablePlace] = field(default_factory=list)


def read_files(
    root: Path, ends: Mapping[tuple[str, str], int] | None = None, watch: Callable[[int], None] | None = None
) -> CollectionScan:
    """Read all files of a collection; places that cannot be read are listed in `damage`.

    `ends` has the files that count, by folder and name, and how far each is read; without it all are read to their end.
    `watch` is called with the bytes of each record.

    Raises StorageError.
    """
    files = CollectionScan()
    resources: dict[str, str] = {}
    for folder in ("warc", "derived"):
        for path in _files_of(root / folder):
            end = None if ends is None else ends.get((folder, path.name), 0)
            if end == 0:
                continue
            file = ScannedFile(folder, path.name)
            files.files.append(file)
            for stored in _whole_records(path, end, files):
                if watch:
                    watch(stored.length)
                file.records.append((stored.record.record_id, stored.offset, stored.length))
                file.committed_length = stored.offset + stored.length
                try:
                    if is_import_file(path.name):
                        _scan_import(files, stored.record, file.records[0][0])
                    elif folder == "warc":
                        _scan_captured(files, stored.record, resources)
                    else:
                        _scan_derived(files.derived, stored.record)
                except (ValueError, KeyError, TypeError) as error:
                    message = f"the record says what none of ours does: {error}"
                    files.damage.append(UnreadablePlace(path.name, stored.offset, message))
    return files


def _files_of(folder: Path) -> list[Path]:
    """Return our files in the order in which they were begun."""
    named = [(int(match[1]), path) for path in folder.glob("*.warc.gz") if (match := _OURS.match(path.name))]
    return [path for _, path in sorted(named)]


def _whole_records(path: Path, limit: int | None, files: CollectionScan) -> Iterator[StoredRecord]:
    """Yield the records of a file, also those behind damage; a torn tail at the end is no damage."""
    start: int | None = 0
    while start is not None:
        end = start
        try:
            for stored in reader.iterate(path, limit, start=start, wanted=_is_description):
                end = stored.offset + stored.length
                yield stored
            return
        except Damaged as error:
            start = next_member(path, end + 1)
            if start is not None and limit is not None and start >= limit:
                start = None
            if start is not None or limit is not None:
                files.damage.append(UnreadablePlace(path.name, end, str(error)))


def _is_description(fields: Fields) -> bool:
    """Whether a rebuild reads the record's block: other blocks, of any size, are passed over."""
    values = dict(fields)
    uri = values.get("WARC-Target-URI", "")
    return values.get("WARC-Type") == "metadata" and uri.startswith(
        ("urn:visit:", "urn:run:", "urn:provenance:", "urn:ledger:", IMPORT_URN)
    )


def _scan_import(files: CollectionScan, record: Record, opening: str) -> None:
    """Add our description, which names the record that opens the file.

    What others wrote tells nothing about our captures, also where it is a copy of another collection of ours.
    """
    is_ours = record.get("WARC-Warcinfo-ID") == f"<{opening}>" and record.get("WARC-Target-URI").startswith(IMPORT_URN)
    if is_ours and record.type == "metadata":
        files.imports.append((record.record_id, json.loads(record.block)))


def _scan_captured(files: CollectionScan, record: Record, resources: dict[str, str]) -> None:
    uri, record_id = record.get("WARC-Target-URI"), record.record_id
    if record.type == "resource":
        resources[record_id] = uri
    elif record.type == "response":
        digest = record.get("WARC-Payload-Digest").removeprefix("sha256:")
        if digest != EMPTY_SHA256 and not record.get("WARC-Truncated"):
            files.payloads.append(ScannedPayload(digest, record_id, uri, record.get("WARC-Date")))
    elif record.type == "metadata" and uri.startswith(("urn:visit:", "urn:run:")):
        kind = uri.split(":", 2)[1]
        values = {key: value for key, value in _object(record.block).items() if key not in UNINDEXED}
        block = json.dumps(values).encode()
        files.captures.append(ScannedCapture(kind, record_id, "", record.get("WARC-Date"), block))
    elif record.type == "metadata" and uri.startswith("urn:provenance:") and record.refers_to in resources:
        _object(record.block)  # raises where it is none
        files.captures.append(
            ScannedCapture("snapshot", record.refers_to, record_id, record.get("WARC-Date"), record.block)
        )


def _scan_derived(sets: list[DerivedSet], record: Record) -> None:
    """Put a record to the judgement that it is of: provenance, conversion, ledger come in this order, if they come."""
    uri, last = record.get("WARC-Target-URI"), sets[-1] if sets else DerivedSet(ledger="none")
    if record.type == "metadata" and uri.startswith("urn:provenance:"):
        visit = _object(record.block).get("visit", "")
        sets.append(DerivedSet(visit, record.refers_to, record.record_id, record.get("WARC-Date"), record.block))
    elif record.type == "conversion":
        digest, before = record.get("WARC-Payload-Digest").removeprefix("sha256:"), last.values
        fits = before.get("clean_sha256") == digest and not before.get("inherits")
        if not fits or last.conversion or last.ledger:
            sets.append(last := DerivedSet())
        last.conversion = record.record_id
    elif record.type == "metadata" and uri.startswith("urn:ledger:"):
        header = _object(record.block.partition(b"\n")[0])
        if last.provenance:
            before = last.values
            same = all(before.get(key) == header[key] for key in ("source_sha256", "clean_sha256"))
            fits = same and not before.get("inherits", False)
        else:
            fits = last.conversion != "" and last.conversion == record.refers_to
        if not fits or last.ledger:
            sets.append(last := DerivedSet())
        last.ledger = record.record_id
        if not last.provenance:
            last.first_of = header["source_sha256"]


def _object(block: bytes) -> dict[str, Any]:
    """Return the JSON object in a record of ours. Raises ValueError."""
    values: dict[str, Any] = json.loads(block)
    return values


NO_NAMES: Mapping[str, str] = {}


class LostDerivation(NamedTuple):
    """A capture whose judgement, or whose text, could not be found in the derived files."""

    record_id: str
    """Of its resource, or of the record that describes the visit."""
    name: str
    """The snapshot's file, or the address as given."""


class RebuildReport(NamedTuple):
    """The content of a rebuilt catalogue, and what could not be rebuilt."""

    records: int
    captures: int
    damage: tuple[UnreadablePlace, ...]
    lost: tuple[LostDerivation, ...]


def reindex(path: Path | str, *, watch: Callable[[int], None] | None = None) -> RebuildReport:
    """Make the catalogue of a collection again, in the place of the old one; `watch` hears of each record's bytes.

    A catalogue that is a sound database is filled anew in one transaction of its own: other processes wait, then see
    the new one, and a process that dies leaves the old one. Where it is none, a new file takes its place, and no other
    process may have the old one open.

    What lies behind the last whole record of a file is a torn tail, which the next opening cuts off; damage before that
    is reported, and what can be read is indexed.

    Raises Busy where another process writes at this moment, NewerSchema, NotACatalogue, DiskFull, NotWritable or
    StorageError. Then the old catalogue stands as it stood.
    """
    path = Path(path)
    old = path / CATALOGUE
    with storage_errors(path):
        if is_sound(old):
            with closing(Catalogue(old, timeout=1, replaceable=True)) as index, index.transaction():
                files = read_files(path, watch=watch)
                names = dict(index.execute("SELECT key, markdown FROM article WHERE markdown IS NOT NULL").fetchall())
                index.clear()
                return rebuild(path, files, index, names)
        new = old.with_name(f"{old.name}.part")
        with _nobody_uses(old):
            _unlink(new)
            files = read_files(path, watch=watch)
            with closing(Catalogue(new)) as index:
                with index.transaction():
                    result = rebuild(path, files, index)
                index.execute("PRAGMA journal_mode = DELETE")  # one file, whole
        _unlink(old, "-wal", "-shm")  # the old one's, which must not be taken for the new one's
        sync_folder(path)  # that they are gone, before the new one is there
        new.replace(old)
        sync_folder(path)
    return result


def rebuild(root: Path, files: CollectionScan, index: Catalogue, names: Mapping[str, str] = NO_NAMES) -> RebuildReport:
    """Fill an empty catalogue with what the files say, inside a transaction.

    `names` has the Markdown files that articles had, by their keys, for those whose text no file holds.

    Raises sqlite3.Error.
    """
    lost = _Replay(index, root, files, names).run()
    with suppress(ArchiveError):  # whoever uses the schedule reports a mistake in collection.toml
        Schedule(root, index).sync_inside()
    no_decisions: list[tuple[int, str]] = []
    catch_up(index, root, damage=no_decisions)
    records, captures = (index.one(f"SELECT count(*) FROM {table}")[0] for table in ("record", "capture"))
    damage = [*files.damage, *(UnreadablePlace(DECISIONS, offset, message) for offset, message in no_decisions)]
    return RebuildReport(records=records, captures=captures, damage=tuple(damage), lost=tuple(lost))


def is_sound(file: Path) -> bool:
    """Whether a file is an SQLite database in which nothing is damaged. Raises Busy."""
    if not file.exists() or not file.stat().st_size:
        return False
    try:
        with storage_errors(file), closing(sqlite3.connect(file, timeout=1)) as connection:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except (Damaged, StorageError, UnicodeDecodeError):  # the last: of a message that quotes what is damaged
        return False


@contextmanager
def _nobody_uses(old: Path) -> Iterator[None]:
    """Keep others from a catalogue that is damaged, as far as it is a database at all. Raises Busy."""
    with ExitStack() as held:
        if old.exists():
            with suppress(Damaged, StorageError), storage_errors(old):
                connection = held.enter_context(closing(sqlite3.connect(old, timeout=1, isolation_level=None)))
                # In this mode SQLite asks for the file itself, not for a share of it.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("BEGIN IMMEDIATE")
        yield


def _unlink(path: Path, *tails: str) -> None:
    for tail in tails or ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


class _Replay:
    """Fills an empty catalogue, inside a transaction."""

    def __init__(self, catalogue: Catalogue, root: Path, files: CollectionScan, names: Mapping[str, str]) -> None:
        self._names = names
        self._catalogue = catalogue
        self._root = root
        self._files = files
        self._index = CatalogueWriter(catalogue, self._stand_in)
        self._wanted: dict[str, tuple[str, str]] = {}  # by its stand-in: the name an article would like, and its key
        self._captures: dict[str, int] = {}  # by resource or visit
        self._done = 0  # of the derived sets
        self._first: dict[str, int] = {}
        for place, derived in enumerate(files.derived):
            if derived.first_of:
                self._first.setdefault(derived.first_of, place)

    def run(self) -> list[LostDerivation]:
        """Fill it; return what could not be put together."""
        self._insert_records()
        missing = [each for each in self._files.captures if not self._insert_capture(each)]
        self._recleaned(len(self._files.derived))
        lost = [
            LostDerivation(each.record_id, each.values.get("file") or each.values["url"])
            for each in missing
            if self._lost(each)
        ]
        self._name_files()
        return lost

    def _lost(self, captured: ScannedCapture) -> bool:
        """Whether nothing is known of a capture: of a snapshot all but its text is, so it can be cleaned anew."""
        capture = self._captures.get(captured.record_id)
        if capture is None or captured.kind != "snapshot":
            return True
        if self._catalogue.one("SELECT 1 FROM cleaning WHERE capture = ?", capture):
            return False
        self._catalogue.execute(
            "UPDATE capture SET state = 'unavailable', notice = 'its text is lost' WHERE id = ?", (capture,)
        )
        return True

    def _insert_records(self) -> None:
        for file in self._files.files:
            row = self._catalogue.insert(
                "file",
                folder=file.folder,
                name=file.name,
                committed_length=file.committed_length,
                imported=int(is_import_file(file.name)),
            )
            for record_id, offset, length in file.records:
                self._catalogue.insert("record", record_id=record_id, file=row, offset=offset, length=length)
            file.records.clear()  # of all that is held, records are most
        for record_id, description in self._files.imports:
            insert_import(self._catalogue, self._row(record_id), description)
        for payload in self._files.payloads:
            self._index.new_payload(payload.sha256, self._row(payload.record_id), payload.uri, payload.date)

    def _row(self, record_id: str) -> int:
        """Return the row of a record. Raises KeyError where no file has it."""
        row = self._catalogue.one("SELECT id FROM record WHERE record_id = ?", record_id)
        if row is None:
            raise KeyError(record_id)
        return int(row[0])

    def _insert_capture(self, captured: ScannedCapture) -> bool:
        """Insert a capture with its first judgement; return whether its judgement and its text are in the files."""
        values = captured.values
        if captured.kind == "run":
            insert_run(self._catalogue, captured.record_id, values)
            return True
        if captured.kind == "visit":
            visit = VisitDescription.read(captured.record_id, values)
            if not visit.identities:
                self._index.item_done(visit, visit.error or "unavailable")
                return True
            derived = self._first_judgement(visit.visit_id)
            return derived is not None and self._visit(visit, derived)
        if values["clean_sha256"] is None:
            return self._snapshot(captured, DerivedSet())
        return self._snapshot(captured, self._first_judgement(values["source_sha256"]) or DerivedSet())

    def _first_judgement(self, name: str) -> DerivedSet | None:
        """Return the first judgement of a visit or a snapshot, after what was cleaned anew before it."""
        place = self._first.get(name)
        if place is None or place < self._done:
            return None
        self._recleaned(place)
        self._done = place + 1
        return self._files.derived[place]

    def _recleaned(self, end: int) -> None:
        """Insert the judgements up to this one of captures that had been judged before."""
        for derived in self._files.derived[self._done : end]:
            values = derived.values
            capture = self._captures.get(str(values.get("visit", derived.refers_to)))
            if derived.provenance and capture:
                subject, judgement = subject_in(values, ()), judgement_in(values, derived.at)
                # Asked again: a later capture may have joined its article to another.
                (article,) = self._catalogue.one("SELECT article FROM capture WHERE id = ?", capture)
                path = preferred_path(values)
                self._judge(article, capture, subject, judgement, derived, derived.provenance, "normalization", path)
        self._done = max(self._done, end)

    def _snapshot(self, captured: ScannedCapture, derived: DerivedSet) -> bool:
        values = captured.values
        identity = Identity(values["article"], values["article_kind"], values["article_url"])
        subject, judgement = subject_in(values, (identity,)), judgement_in(values, captured.at)
        article, joined = self._index.article(subject)
        capture = self._index.capture(
            subject, article, self._row(captured.record_id), source_sha256=judgement.source_sha256, visit=None
        )
        self._captures[captured.record_id] = capture
        self._index.joined(judgement.at, article, capture, joined)
        path = preferred_path(values)
        return self._judge(article, capture, subject, judgement, derived, captured.provenance, "ingestion", path)

    def _visit(self, visit: VisitDescription, derived: DerivedSet) -> bool:
        values = derived.values
        subject, judgement = subject_in(values, visit.identities), judgement_in(values, derived.at)
        article, joined = self._index.article(subject)
        record = self._row(visit.answer or visit.visit_id)
        capture = self._index.capture(subject, article, record, source_sha256=judgement.source_sha256, visit=visit)
        self._captures[visit.visit_id] = capture
        self._index.joined(judgement.at, article, capture, joined)
        path = preferred_path(values)
        is_complete = self._judge(article, capture, subject, judgement, derived, derived.provenance, visit.event, path)
        self._index.item_done(visit, visit.error or judgement.state)
        return is_complete

    def _judge(
        self,
        article: int,
        capture: int,
        subject: Subject,
        judgement: Judgement,
        derived: DerivedSet,
        provenance: str,
        event: str,
        path: str,
    ) -> bool:
        """Insert a judgement; return whether the text that it names is in the files."""
        version: int | None = None
        if judgement.clean_sha256 is not None:
            known = self._index.version(article, judgement.clean_sha256)
            if known:
                version = known.id
            elif derived.conversion:
                record = self._row(derived.conversion)
                version = self._index.new_version(article, capture, judgement, record, self._text(record))
            else:
                return False
        rows = RecordRows(self._row(provenance), version, self._row(derived.ledger) if derived.ledger else None)
        self._index.judge(article, capture, subject, judgement, rows, event=event, path=path)
        return True

    def _text(self, record: int) -> bytes | None:
        place = self._catalogue.place(record)
        try:
            return reader.read_at(self._root, place).block
        except ArchiveError:  # the disk, at this moment: a moment ago the record was read whole
            return None

    # Markdown files

    def _stand_in(self, path: str, key: str) -> str:
        """Return a stand-in for a name: which one the article got, its file tells at the end."""
        stand_in = f"?{len(self._wanted)}"
        self._wanted[stand_in] = path, key
        return stand_in

    def _name_files(self) -> None:
        """Give each article the file that holds its text; where there is none, a free name, and the file is due."""
        self._catalogue.execute("DELETE FROM obsolete")
        on_disk = _texts(self._root)
        nameless: list[tuple[int, str, str]] = []
        for article, stand_in, digest in self._catalogue.execute(
            "SELECT article.id, markdown, clean_sha256 FROM article JOIN version ON version.id = current_version"
            " WHERE markdown IS NOT NULL ORDER BY article.id"
        ).fetchall():
            path, key = self._wanted[stand_in]
            names = on_disk.get(digest, set())
            # A name with a suffix is made from the article's key, so it can be no other's; the bare one may be.
            bare, *suffixed = candidates(path, key)
            name = next((each for each in (*suffixed, bare) if each in names), min(names, default=""))
            if name:
                names.remove(name)
                self._set_name(article, name, pending=False)
            else:
                nameless.append((article, key, path))
        for article, key, path in nameless:
            had = self._names.get(key, "")
            other = self._catalogue.one("SELECT 1 FROM article WHERE markdown_folded = ?", fold(had))
            is_ours = had.startswith("markdown/") and ".." not in had.split("/") and not other
            name = had if is_ours else free_name(self._catalogue, self._root, path, key)
            self._set_name(article, name, pending=True)

    def _set_name(self, article: int, name: str, *, pending: bool) -> None:
        self._catalogue.execute(
            "UPDATE article SET markdown = ?, markdown_folded = ?, pending = ? WHERE id = ?",
            (name, fold(name), int(pending), article),
        )


def _texts(root: Path) -> dict[str, set[str]]:
    """Return the Markdown files of a collection by the digest of what they hold."""
    paths: dict[str, set[str]] = {}
    for path in (root / "markdown").rglob("*.md"):
        if path.is_file():
            paths.setdefault(sha256(path.read_bytes()).hexdigest(), set()).add(path.relative_to(root).as_posix())
    return paths
