"""Backup of a collection into a folder that is a collection itself, while others write.

The catalogue is copied first, as it is at one moment, by SQLite's backup interface, and the learned rules of that
moment are read: a command that changes one notes it in the catalogue. Of each WARC file the part counts
that is committed at that moment; files only grow, so an older backup in the folder is the beginning of what is there
now, which is compared, and only the rest is copied. The order in the folder is such that an interruption at any moment
leaves a collection from which nothing is missing that an older backup had:

1. WARC files and derived files grow; the older catalogue knows their beginning, and whoever opens the folder for
   writing indexes the rest;
2. the append-only files grow by whole lines;
3. the new catalogue takes the place of the older one, in one step. All Markdown files that differ are due in it;
4. settings, rules and everything else are copied;
5. the folder is opened as a collection, which writes the Markdown files that are due.

A folder that holds something else, or another collection, is refused before anything is written.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.indexing import files_in_order, holdings
from archive.catalogue.manifest import ManifestRow, manifest_rows
from archive.catalogue.texts import current_files, set_pending
from archive.collection import markdown
from archive.collection.collection import Collection
from archive.collection.manifest import is_learned, read_whole_files
from archive.collection.reader import CollectionReader, catalogue_of
from archive.collection.recovery import FOLDERS
from archive.collection.scan import files_of
from archive.errors import AlreadyThere, Busy, FilesDiffer, NotWritable, storage_errors
from archive.settings import FILE, FOLDER
from archive.storage import CATALOGUE, held, make_folder, read_line, read_range, sync_folder, write_atomically

__all__ = ["BackupReport", "backup"]

_PIECE = 1024 * 1024

_GLANCE = 1024 * 1024
"""Bytes at the end of what an older backup has that a quick one compares."""

_TRIES = 5
"""Times that the catalogue is copied while commands change rules: each takes seconds, and somebody decides about it."""

_LOCK = ".backup.lock"

_JOURNALS = ("decisions.jsonl", "schedule.jsonl", "runs.jsonl", "acceptances.jsonl", "outbox.jsonl")
"""Files that only grow, and whose last line may be half written at the moment."""


class BackupReport(NamedTuple):
    """What a backup holds, and what it took."""

    records: int
    captures: int
    files: int
    """WARC files."""
    bytes: int
    """Of these, committed."""
    copied: int
    """Bytes of these that an older backup had not."""


class _Grown(NamedTuple):
    """A WARC file, and how much of it is in the folder."""

    folder: str
    name: str
    have: int
    length: int
    """Its committed length."""


def backup(
    root: Path, target: Path, *, quick: bool = False, watch: Callable[[int], None] = lambda size: None
) -> BackupReport:
    """Copy a collection to a folder, or bring an older backup there up to date; when this returns, it is on the disk.

    `quick` compares of what the folder has only lengths and the last megabyte of each file. `watch` hears of bytes as
    they are compared or copied.

    Raises AlreadyThere where the folder holds something else, FilesDiffer where the collection's own files do not
    belong together, or what opening and copying raise; the older backup is usable then.
    """
    if root.resolve() == target.resolve() or root.resolve() in target.resolve().parents:
        raise AlreadyThere(f"{target} is the collection itself, or lies in it", hint="Choose a folder elsewhere.")
    with suppress(NotWritable):  # of a read-only medium; what a killed process left is settled first
        Collection.open(root, create=False).close()
    with storage_errors(target):
        make_folder(target)
        _require_backup(target)
        with held(target / _LOCK) as is_ours:
            if not is_ours:
                raise Busy(f"another process makes a backup in {target}")
            report = _backup(root, target, quick=quick, watch=watch)
    return report


def _backup(root: Path, target: Path, *, quick: bool, watch: Callable[[int], None]) -> BackupReport:
    part = target / f".{CATALOGUE}.part"
    learned = _copy_catalogue(root, part)
    with closing(Catalogue(part)) as copy:
        files = [file for file in files_in_order(copy) if file.committed_length]
        held = holdings(copy)
        grown = [_grown(target, file.folder, file.name, file.committed_length) for file in files]
        _require_same(root, target, grown, quick=quick, watch=watch)
        if not (target / FILE).exists():  # from here on the folder is known as a backup that is not done
            write_atomically(target / FILE, (root / FILE).read_bytes(), locked=True)
        for each in grown:
            _grow(root, target, each, watch)
        for name in _JOURNALS:
            if (root / name).exists():
                _copy_lines(root / name, target / name)
        with copy.transaction():
            for text in current_files(copy):
                set_pending(copy, text.article, pending=markdown.differs(target / text.path, text.clean_sha256))
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole
    _replace_catalogue(part, target)
    _copy_rest(root, target, learned)
    Collection.open(target, create=False).close()
    return BackupReport(
        records=held.records,
        captures=held.captures,
        files=len(grown),
        bytes=sum(each.length for each in grown),
        copied=sum(each.length - each.have for each in grown),
    )


def _copy_catalogue(root: Path, part: Path) -> Mapping[str, bytes]:
    """Copy the catalogue; return the files of learned rules that belong to it.

    Where a command changed a rule between the one and the other, both are taken anew. What somebody changed by hand
    belongs to no catalogue, and is taken as it is.
    """
    learned: dict[str, bytes] = {}
    for _ in range(_TRIES):
        _remove_database(part)
        with CollectionReader.open(root) as collection:
            catalogue_of(collection).copy_to(part)
        learned = {file: data for file, data in read_whole_files(root).items() if is_learned(file)}
        with closing(Catalogue(part)) as copy:
            rows = {file: row for file, row in manifest_rows(copy).items() if is_learned(file)}
        if all(_belongs(rows.get(file), learned.get(file)) for file in {*rows, *learned}):
            break
    return learned


def _belongs(row: ManifestRow | None, data: bytes | None) -> bool:
    digest = "" if data is None else sha256(data).hexdigest()
    return digest in ({""} if row is None else {row.sha256, row.announced})


def _require_backup(target: Path) -> None:
    """Raise AlreadyThere where a folder is neither empty nor a collection."""
    begun = (_LOCK, f".{CATALOGUE}.part")
    there = [each.name for each in target.iterdir() if not each.name.startswith(begun)]
    if there and not (target / FILE).is_file():
        raise AlreadyThere(f"{target} is not empty, and it is no backup", hint="Choose an empty folder, or a new one.")


def _grown(target: Path, folder: str, name: str, length: int) -> _Grown:
    path = target / folder / name
    return _Grown(folder, name, path.stat().st_size if path.exists() else 0, length)


def _require_same(root: Path, target: Path, grown: list[_Grown], *, quick: bool, watch: Callable[[int], None]) -> None:
    """Raise AlreadyThere unless every WARC file in the folder is the beginning of one of the collection's."""
    ours = {(each.folder, each.name) for each in grown}
    for folder in FOLDERS:
        for path in files_of(target / folder):
            if (folder, path.name) not in ours and path.stat().st_size:
                raise AlreadyThere(
                    f"{target} has {folder}/{path.name}, which {root} has not: it is a backup of another collection,"
                    " or a newer one of this",
                    hint="Choose another folder for this backup; nothing was written.",
                )
    for each in grown:
        start = max(0, each.have - _GLANCE) if quick else 0
        same = each.have <= each.length and _is_beginning(
            root / each.folder / each.name, target / each.folder / each.name, start, each.have, watch
        )
        if not same:
            raise AlreadyThere(
                f"{target / each.folder / each.name} is not the beginning of the collection's file of that name: it"
                " is of another collection or of a later moment, or one of them is damaged",
                hint="Run `archive verify` on both, or choose another folder; nothing was written.",
            )


def _is_beginning(ours: Path, copy: Path, start: int, end: int, watch: Callable[[int], None]) -> bool:
    if not end:
        return True
    with ours.open("rb") as one, copy.open("rb") as other:
        one.seek(start)
        other.seek(start)
        left = end - start
        while left:
            piece = other.read(min(_PIECE, left))
            if not piece or one.read(len(piece)) != piece:
                return False
            left -= len(piece)
            watch(len(piece))
    return True


def _grow(root: Path, target: Path, file: _Grown, watch: Callable[[int], None]) -> None:
    """Copy the part of a WARC file that the folder has not."""
    path = target / file.folder / file.name
    if file.have == file.length:
        return
    make_folder(path.parent)
    source = root / file.folder / file.name
    left = file.length - file.have
    with path.open("ab") as copy:
        for piece in read_range(source, file.have, file.length):
            copy.write(piece)
            left -= len(piece)
            watch(len(piece))
        if left:
            raise FilesDiffer(f"{source} has become shorter than its committed part")
        copy.flush()
        os.fsync(copy.fileno())
    sync_folder(path.parent)


def _copy_lines(source: Path, copy: Path) -> None:
    """Copy the whole lines of a file; the last one may lack its end, and half a line is being written just now."""
    data = source.read_bytes()
    end = data.rfind(b"\n") + 1
    with suppress(ValueError):
        read_line(data[end:])
        end = len(data)
    write_atomically(copy, data[:end], locked=True)


def _replace_catalogue(part: Path, target: Path) -> None:
    """Put a new catalogue in the place of the older one, whose log must not be taken for its own."""
    catalogue = target / CATALOGUE
    with _nobody_writes(catalogue):
        for tail in ("-wal", "-shm"):
            catalogue.with_name(catalogue.name + tail).unlink(missing_ok=True)
        part.replace(catalogue)
        sync_folder(target)


@contextmanager
def _nobody_writes(catalogue: Path) -> Iterator[None]:
    """Hold the older catalogue's lock, as far as it is one, after its log was folded into it."""
    if not catalogue.exists():
        yield
        return
    with closing(Catalogue(catalogue, replaceable=True)) as older:
        older.execute("PRAGMA journal_mode = DELETE")  # raises Busy where somebody has it open
        with older.transaction():
            yield


def _copy_rest(root: Path, target: Path, learned: Mapping[str, bytes]) -> None:
    """Copy what is no record, no line and no Markdown of ours, and remove rules that are not there any more."""
    for file, data in learned.items():
        make_folder((target / file).parent)
        if not (target / file).exists() or (target / file).read_bytes() != data:
            write_atomically(target / file, data)
    for path in sorted(_rest(root)):
        if not is_learned(path.relative_to(root).as_posix()):
            with suppress(FileNotFoundError):  # gone since
                _copy_file(path, target / path.relative_to(root))
    for path in sorted((target / FOLDER).rglob("*")):
        name = path.relative_to(target).as_posix()
        is_there = name in learned if is_learned(name) else (root / name).exists()
        if path.is_file() and not is_there:
            path.unlink()
            sync_folder(path.parent)


def _copy_file(path: Path, copy: Path) -> None:
    """Copy a file with its time, unless the copy has its length and its time."""
    status = path.stat()
    with suppress(FileNotFoundError):
        there = copy.stat()
        if (there.st_size, there.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            return
    make_folder(copy.parent)
    part = copy.with_name(f".{copy.name}.part")
    shutil.copyfile(path, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    part.replace(copy)
    sync_folder(copy.parent)


def _rest(root: Path) -> Iterator[Path]:
    done = (CATALOGUE, "review.sqlite", "learned.sqlite", *_JOURNALS)
    records = {path for folder in FOLDERS for path in files_of(root / folder)}
    for path in root.rglob("*"):
        first, name = path.relative_to(root).parts[0], path.name
        if name.endswith(".part") or first.startswith((".", *done)):
            continue
        is_text = first == "markdown" and name.endswith(".md") and ".edited" not in name
        if path.is_file() and path not in records and not is_text:
            yield path


def _remove_database(path: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
