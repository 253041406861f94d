"""A collection: the folder that holds WARC files, Markdown, and the catalogue that indexes both.

How a batch is committed, so that a process may die at any moment:

1. Take the catalogue's write lock. Read how much of the growing WARC files is committed.
2. Decide about each snapshot, insert its rows, collect its records.
3. Append the records behind the committed part, fsync. What else lies there is settled first
   (`archive.collection.recovery`).
4. Commit the transaction: rows, the files' new committed lengths, and a flag on each article whose Markdown
   file is to be written. From here on the batch is kept; until here it is as if nothing had been.
5. Under the lock again, write the Markdown files of all flagged articles, each into a neighbour, fsync,
   rename; take the flags off; commit. Only then is the batch reported done.

A process that dies before 4 leaves whole records and a torn one. The next opening or writing indexes the whole
ones and moves the torn one aside: where the catalogue was restored from a backup, nobody can know whether they were
reported. One that dies in 5 leaves flags, and the next opening or writing writes those files from the conversion
records. Another process cannot come between, because each looks at the catalogue only under its lock; it may do the
other's step 5, and then the other finds nothing left to do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from archive import settings as config
from archive.catalogue import connection
from archive.catalogue.connection import Catalogue, FileRow
from archive.catalogue.decisions import lines_end
from archive.catalogue.indexing import add_file, committed_length, file_names, file_row, set_committed_length
from archive.catalogue.manifest import announce, manifest_row, note
from archive.catalogue.search import index_missing
from archive.catalogue.texts import current_files, set_pending
from archive.collection import decisions, manifest, markdown
from archive.collection.markdown import NO_FILES
from archive.collection.reader import CollectionReader
from archive.collection.recovery import Recovery, is_settled, recover
from archive.dates import warc_date
from archive.errors import ArchiveError, Damaged, DiskFull, FilesDiffer, NoCatalogue, NotACollection, storage_errors
from archive.ingest.commit import BatchCommit, CommitResult, PendingFile
from archive.ingest.prepared import Context, PreparedReclean, PreparedSnapshot, PreparedVisit
from archive.ingest.runs import prepare_run
from archive.ingest.snapshot import Snapshot, prepare
from archive.naming import safe
from archive.settings import CollectionSettings
from archive.storage import CATALOGUE, free, make_folder, sync_folder, write_atomically
from archive.warc import reader, records, writer
from archive.warc.members import Member, member
from capture.temporary import serve
from clean.version import SOFTWARE

if TYPE_CHECKING:
    from archive.ingest.prepared import Visit
__all__ = [
    "Collection",
    "CommitResult",
    "Context",
    "PreparedReclean",
    "PreparedSnapshot",
    "PreparedVisit",
    "Snapshot",
    "prepare",
]


WARC, DERIVED = "warc", "derived"

T = TypeVar("T")

_ATTEMPTS = 5
"""How often a batch begins again because other processes died meanwhile and left something behind."""


def _now() -> datetime:
    return datetime.now(UTC)


def _tell_nobody(recovery: Recovery) -> None:
    pass


class _Unsettled(Exception):
    """Something lies behind the committed part of a file."""


class _Appended(NamedTuple):
    """What a batch has appended to a file."""

    file: FileRow
    end: int


class Collection(CollectionReader):
    """An open collection that can be added to. Use as a context manager, or `close` it."""

    def __init__(
        self,
        path: Path,
        settings: CollectionSettings,
        index: Catalogue,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        limit: int,
        free: Callable[[Path], int],
        told: Callable[[Recovery], None],
    ) -> None:
        """Hold what `open` has prepared."""
        super().__init__(path, settings, index)
        self._clock = clock
        self._new_id = new_id
        self._limit = limit
        self._free = free
        self._told = told

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = True,
        recreate: bool = False,
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = records.new_record_id,
        limit: int = writer.LIMIT,
        timeout: float = connection.TIMEOUT,
        free: Callable[[Path], int] = free,
        told: Callable[[Recovery], None] = _tell_nobody,
    ) -> Self:
        """Open a collection, and heal what a killed process left; make one where there is none and `create`.

        A collection that lost its collection.toml gets a new one only with `recreate`.
        `clock` and `new_id` are the world's two inputs, for tests to replace; `limit` is the size at which a
        WARC file is full; `timeout` the seconds to wait for another process; `free` tells a disk's free bytes. `told`
        hears what a recovery did, now or before a later batch (`archive.collection.recovery`).

        Raises NotACollection, BadConfig, NoCatalogue, NotACatalogue, NewerSchema, Busy, FilesDiffer, Damaged, DiskFull,
        NotWritable or StorageError.
        """
        path = Path(path)
        settings = cls._settings(path, create=create, recreate=recreate)
        serve(path)
        with storage_errors(path):
            for folder in (WARC, DERIVED):
                make_folder(path / folder)
            index_file = path / CATALOGUE
            # In this order: a process that makes the collection at this moment makes the catalogue first.
            has_files = any((path / WARC).glob("*.warc.gz"))
            if has_files and not (index_file.exists() and index_file.stat().st_size):
                raise NoCatalogue(f"{path} has WARC files but no {CATALOGUE}")
        index = Catalogue(index_file, timeout=timeout)
        collection = cls(path, settings, index, clock=clock, new_id=new_id, limit=limit, free=free, told=told)
        try:
            collection._heal()
        except FilesDiffer:
            index.close()
            raise
        except ArchiveError:
            # What cannot be healed now, on a full disk or a read-only medium, must not keep anybody from reading;
            # writing meets the same obstacle and says so.
            pass
        return collection

    def _heal(self) -> None:
        """Do what a process that died, or a backup of another moment, left to do."""
        self._recover()
        self._write_pending({})
        index_missing(self._catalogue, lambda row: self.record_at(row).block)
        self._catch_up()
        manifest.note_files(self._catalogue, self.path)

    @staticmethod
    def _settings(path: Path, *, create: bool, recreate: bool) -> CollectionSettings:
        file = path / config.FILE
        with storage_errors(path):
            exists = file.is_file()
            is_lost = not exists and (path / CATALOGUE).exists() and not recreate
        if exists:
            return config.read(file)
        if not create:
            raise NotACollection(f"{path} is not a collection: it has no {config.FILE}")
        if is_lost:
            raise Damaged(
                f"{file} is gone", hint="Put it back from a copy, or let `archive verify --repair` write it again."
            )
        settings = CollectionSettings(safe(path.resolve().name, 80) or "collection")
        with storage_errors(path):
            make_folder(path)
        config.write_settings(file, settings)
        sync_folder(path)
        return settings

    def context(self) -> Context:
        """Return what `prepare` needs to know: the zone, the clock's moment, the maker of identifiers."""
        return Context(self.config.timezone, self._clock(), self._new_id)

    def prepare(self, item: Snapshot) -> PreparedSnapshot:
        """Make a snapshot's records here; in a worker process call `prepare` with a `context` instead."""
        return prepare(item, self.context())

    def commit(self, batch: Sequence[PreparedSnapshot | PreparedVisit | PreparedReclean]) -> list[CommitResult]:
        """Commit a batch; return the result of each item, in order. When this returns, all of it is on the disk.

        A snapshot whose bytes are kept and whose text is unchanged adds nothing; a visit is always kept. Whatever is
        raised, the collection is as it was, or holds the batch whole. Committing the same batch again is right in
        both cases. Temporary files of visits stay until `discard`.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
        """
        if not batch:
            return []
        first = batch[0].judgement
        results = self._committed(first.at, first.software, lambda *files: self._take_batch(batch, *files))
        self._write_pending(
            {item.judgement.clean_sha256 or "": item.derived.markdown for item in batch if item.derived.conversion},
            {file.path: file.data for item in batch for file in item.derived.files},
        )
        return results

    def add(self, items: Iterable[Snapshot]) -> list[CommitResult]:
        """Prepare and commit snapshots as one batch; for a few. Raises what `commit` and `prepare` raise."""
        context = self.context()
        return self.commit([prepare(item, context) for item in items])

    def keep(self, visits: Iterable["Visit"], *, directory: Path | None = None) -> list[CommitResult]:
        """Prepare and commit visits as one batch; return the result of each. Their pages may be closed after that.

        `directory` is for temporary files of large records (the system's by default).

        Raises what `commit` and `archive.ingest.visit.prepare_visit` raise.
        """
        from archive.ingest.visit import prepare_visit  # what it needs of `capture` snapshots do without

        context = self.context()._replace(directory=directory)
        prepared: list[PreparedVisit] = []
        try:
            for visit in visits:
                known = self.lookups.known_payloads(visit.payloads())
                prepared.append(prepare_visit(visit, context._replace(known=known)))
            return self.commit(prepared)
        finally:
            for item in prepared:
                item.discard()

    def begin_run(self, urls: Sequence[str], *, restart: bool = False) -> str:
        """Keep a list of addresses that are to be visited; return the run's identifier.

        Visits name it with the place in the list, and `lookups.items` tells what became of each. Where a run of the
        same list was interrupted, that one goes on: its identifier is returned, and what is done stays done.
        With `restart` a new run begins all the same.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
        """
        run = prepare_run(urls, self.context())
        if not restart and (unfinished := self.lookups.unfinished(run.list_sha256)):
            return unfinished

        def take(warc: PendingFile, _: PendingFile) -> None:
            warc.put(run.member)
            run.insert(self._catalogue)

        self._committed(run.at, run.software, take)
        return run.run_id

    def change_file(self, file: str, edit: Callable[[bytes], bytes]) -> bool:
        """Replace a file of the collection, by its path in it, with what `edit` makes of its bytes, and bind it.

        Return False where nothing changes. `edit` is given no bytes where there is no such file, and may be called
        again where another process changes it meanwhile. When this returns, file and record are on the disk; whenever
        the process dies, the file has the old bytes or the new ones, and either are right.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError, and what `edit` raises; then nothing is changed.
        """
        at, path = warc_date(self._clock()), self.path / file
        while True:
            with self._catalogue.transaction():
                before = path.read_bytes() if path.exists() else b""
                after = edit(before)
                digest = sha256(after).hexdigest()
                row = manifest_row(self._catalogue, file)
                if after == before and row is not None and row.sha256 == row.bound == digest:
                    return False
                announce(self._catalogue, file, digest)

            def replace(
                warc: PendingFile, _: PendingFile, before: bytes = before, after: bytes = after, digest: str = digest
            ) -> bool:
                row = manifest_row(self._catalogue, file)
                now = path.read_bytes() if path.exists() else b""
                if now != before or row is None or row.announced != digest:
                    return False
                self._room_for(2 * len(after))
                write_atomically(path, after, locked=True)
                note(self._catalogue, file, len(after), digest)
                self._bind(warc, at)
                return True

            if self._committed(at, SOFTWARE, replace):
                return after != before

    def append_bound(self, file: str, line: Callable[[], Mapping[str, Any]]) -> None:
        """Append a line to a journal and bind all files at once; `line` makes it, under the lock.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError, and what `line` raises; then nothing is changed.
        """
        at = warc_date(self._clock())

        def append(warc: PendingFile, _: PendingFile) -> None:
            manifest.append_lines(self._catalogue, self.path, file, [line()])
            self._bind(warc, at)

        self._committed(at, SOFTWARE, append)

    def _bind(self, warc: PendingFile, at: str) -> bool:
        """Put records of the files that changed since they were bound."""
        place = f"{warc.file.name} {warc.length}"
        unsaid = config.render(CollectionSettings(self.config.name)).encode()
        return manifest.put_manifest(self._catalogue, self.path, warc.put, place=place, at=at, unsaid=unsaid)

    def record_digest(self, row: int) -> bytes:
        """Return the sha256 of a record's head and block, by its row; of any size, it costs no memory.

        Raises Damaged where it cannot be read.
        """
        place = self._catalogue.place(row)
        return reader.record_digest(self.path / place.folder / place.name, place.offset, place.length)

    def _file(self, row: FileRow) -> Path:
        return self.path / row.folder / row.name

    def _begin_files(self) -> None:
        """See to it that there is a file to grow in each folder.

        The row is committed before the file exists, so no file of ours is ever unknown to the catalogue, and
        a file of somebody else that lies in the folder is never mistaken for a torn one.
        """
        if all(self._has_room(folder) for folder in (WARC, DERIVED)):
            return
        with self._catalogue.transaction():
            for folder in (WARC, DERIVED):
                if self._has_room(folder):
                    continue
                self._begin_file(folder)

    def _begin_file(self, folder: str, *, imported: bool = False) -> int:
        """Insert the row of a new file, inside a transaction."""
        known = file_names(self._catalogue, folder)
        on_disk = [each.name for each in (self.path / folder).iterdir()]  # somebody else's among them
        serial = writer.next_serial([*known, *on_disk])
        name = writer.file_name(folder, self._clock(), serial, imported=imported)
        return add_file(self._catalogue, folder, name, imported=imported)

    def _has_room(self, folder: str) -> bool:
        row = self._catalogue.current_file(folder)
        return row is not None and row.committed_length < self._limit

    def _committed(self, at: str, software: str, take: Callable[[PendingFile, PendingFile], T]) -> T:
        """Do steps 1 to 4: what `take` puts to the two files and into the catalogue is kept whole, or not at all."""

        def work(appended: list[_Appended]) -> T:
            files: list[PendingFile] = []
            for folder in (WARC, DERIVED):
                row = self._catalogue.current_file(folder)
                assert row is not None  # for the type checker: `_begin_files` has made one
                self._require_settled(row)
                files.append(PendingFile(self._catalogue, row, self._warcinfo(row, at, software)))
            result = take(*files)
            if any(file.members for file in files):
                self._bind(files[0], at)
            self._room_for(sum(member.size for file in files for member in file.members))
            self._write(files, appended)
            return result

        return self._transact(work, self._begin_files)

    def _transact(self, work: Callable[[list[_Appended]], T], begin: Callable[[], None]) -> T:
        """Do something in one transaction. It notes what it has appended, which is taken back if it is not committed.

        Where it finds a file unsettled, that is settled, and it begins again. `begin` is called before each attempt.
        """
        for _ in range(_ATTEMPTS):
            appended: list[_Appended] = []
            try:
                begin()
                with self._catalogue.transaction():
                    try:
                        return work(appended)
                    except BaseException:
                        self._take_back(appended)  # still under the lock
                        raise
            except _Unsettled:
                self._recover()
            except BaseException:  # of the commit itself
                with suppress(ArchiveError):
                    self._take_back_later(appended)
                raise
        raise FilesDiffer(f"{self.path}: something lies behind the committed part of a file again and again")

    def _take_back(self, appended: list[_Appended]) -> None:
        """Cut off what this batch has appended, under the lock under which it was."""
        while appended:
            one = appended.pop()
            with suppress(ArchiveError):  # then the next writing finds it
                writer.take_back(self._file(one.file), one.file.committed_length, one.end)

    def _take_back_later(self, appended: list[_Appended]) -> None:
        """Do the same under another lock, where nobody has made anything of it since."""
        if appended:
            with self._catalogue.transaction():
                committed = [
                    one
                    for one in appended
                    if committed_length(self._catalogue, one.file.folder, one.file.name) != one.file.committed_length
                ]
                if not committed:
                    self._take_back(appended)

    def _write(self, files: Sequence[PendingFile], appended: list[_Appended]) -> None:
        """Append what is pending for some files, and bring each to the disk before the next one is begun.

        So a power cut never leaves what was derived without what it was derived from: a capture without its text gets
        one when it is cleaned again, a text without its capture would refer to nothing for ever.
        """
        for each in files:
            if each.members:
                writer.append(self._file(each.file), each.file.committed_length, each.members)
                appended.append(_Appended(each.file, each.length))
                set_committed_length(self._catalogue, each.file.id, each.length)

    def _require_settled(self, file: FileRow) -> None:
        """Raise _Unsettled where something else lies in a file than its committed part."""
        with storage_errors(self.path):
            try:
                size = self._file(file).stat().st_size
            except FileNotFoundError:
                size = 0
        if size != file.committed_length:
            raise _Unsettled

    def _recover(self) -> None:
        """Settle what lies behind the committed part of files. Raises what `archive.collection.recovery` raises."""
        with storage_errors(self.path):
            if is_settled(self._catalogue, self.path):
                return
        with self._catalogue.transaction():  # under the lock: it may be the work of a process that lives
            recovery = recover(self._catalogue, self.path)
        if recovery:
            self._told(recovery)

    def import_file(self, file: str | None) -> str:
        """Return the name of a file that imported records may go to: this one, as long as it has room, or a new one.

        Imported records have files of their own, which nothing else is put to: a warcinfo record of others speaks for
        all records behind it. Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
        """
        with self._catalogue.transaction():
            if file is not None and self._import_file(file).committed_length < self._limit:
                return file
            return self._catalogue.file(self._begin_file(WARC, imported=True)).name

    def _import_file(self, name: str) -> FileRow:
        """Return the row of a file, a new one where the catalogue was rebuilt before anything was in the file."""
        row = file_row(self._catalogue, WARC, name)
        return self._catalogue.file(row or add_file(self._catalogue, WARC, name, imported=True))

    def import_records(
        self, file: str, members: Sequence[Member], opening: Callable[[str], Member], also: Callable[[], None]
    ) -> frozenset[str]:
        """Put records of others to a file of theirs; return the identifiers of those that the collection has already.

        `opening` makes the warcinfo of a new file from its name, `also` inserts what else there is to. As with
        `commit`, all of it is kept or nothing, and when this returns, it is on the disk.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
        """

        def work(appended: list[_Appended]) -> frozenset[str]:
            row = self._import_file(file)
            self._require_settled(row)
            pending = PendingFile(self._catalogue, row, lambda: opening(row.name))
            known = frozenset(each.record_id for each in members if self._catalogue.row_of(each.record_id))
            for each in members:
                if each.record_id not in known:
                    pending.put(each)
            also()
            self._room_for(sum(each.size for each in pending.members))
            self._write([pending], appended)
            return known

        return self._transact(work, lambda: None)

    def _room_for(self, size: int) -> None:
        """Raise DiskFull where these bytes would leave less than the floor: before anything is written."""
        with storage_errors(self.path):
            free = self._free(self.path)
        if size and free < writer.FLOOR + size:
            raise DiskFull(
                f"{self.path} has {free // 1_000_000:,} MB left; {writer.FLOOR // 1_000_000:,} MB are kept free"
            )

    def _take_batch(
        self,
        batch: Sequence[PreparedSnapshot | PreparedVisit | PreparedReclean],
        warc: PendingFile,
        derived: PendingFile,
    ) -> list[CommitResult]:
        commit = BatchCommit(self._catalogue, self.path, warc, derived)
        for item in batch:
            commit.add(item)
        return commit.results()

    def _warcinfo(self, file: FileRow, at: str, software: str) -> Callable[[], Member]:
        return lambda: member(
            records.warcinfo(
                record_id=self._new_id(),
                date=at,
                filename=file.name,
                software=software,
                operator=self.config.operator,
                description=" ".join(self.config.description.split()),
            )
        )

    def _catch_up(self) -> None:
        """Take in decisions that a process that died had written and not inserted, and mend the end of the file."""
        with storage_errors(self.path):
            file = self.path / decisions.FILE
            is_other = file.exists() and file.stat().st_size != lines_end(self._catalogue)
        if is_other:
            with self._catalogue.transaction():
                decisions.catch_up(self._catalogue, self.path, mend=True)

    def write_markdown(self) -> int:
        """Write each Markdown file that is missing or was changed; return how many. Somebody's own text is kept beside.

        Raises Busy, Damaged, DiskFull, NotWritable or StorageError.
        """
        with self._catalogue.transaction():
            due = [
                file
                for file in current_files(self._catalogue)
                if markdown.is_due(self.path / file.path, file.clean_sha256)
            ]
            for file in due:
                set_pending(self._catalogue, file.article, pending=True)
        self._write_pending({})
        return len(due)

    def _write_pending(self, texts: Mapping[str, bytes], images: Mapping[str, bytes] = NO_FILES) -> None:
        """Do step 5; `texts` are those at hand, by their digest, `images` the files that they show, by address."""
        markdown.write_pending(self._catalogue, self.path, texts, lambda row: self.record_at(row).block, images)
