"""Recovery: what lies in WARC files behind their committed part, or in files that the catalogue does not know.

It is there because a process was killed, or because catalogue and files are of different moments: one of them was
restored from a backup, or copied while somebody wrote. Under the write lock, before the next byte is written:

| what lies there | what is done |
| --- | --- |
| whole records | they are indexed, as `archive reindex` would do it. None is ever cut off |
| bytes that are no whole record | they are moved to `quarantine/`, as NAME@OFFSET-DIGEST |
| a file is shorter than its committed part, or gone | FilesDiffer is raised, and nothing is changed |
| the committed part does not end where the catalogue's last record does | the same |

Indexing adds to the catalogue what is new. That gives what a rebuild gives, as long as the new records come after the
known ones in each folder, and no judgement stands apart from its capture; where that is not so, the catalogue is
rebuilt, if the files have everything that it knows.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue, FileRow
from archive.catalogue.indexing import (
    end_of_records,
    files_in_order,
    has_other_records,
    holdings,
    last_record,
    markdown_names,
)
from archive.catalogue.manifest import carry_over, named_rows
from archive.collection.rebuild import Incomplete, extend, fill
from archive.collection.scan import CollectionScan, files_of, is_capture, read_files
from archive.errors import Damaged, FilesDiffer, storage_errors
from archive.storage import make_folder, read_range, sync_file, sync_folder
from archive.warc.reader import ByteRange, Tail, require_records, scan_tail
from archive.warc.writer import is_import_file, serial_of

__all__ = ["QUARANTINE", "Recovery", "is_settled", "recover", "tail_of"]

QUARANTINE = "quarantine"
"""Folder for bytes that were no record; PREMIS calls the event so."""

FOLDERS = ("warc", "derived")

_OF_THE_MOMENT = ("turn", "host", "runner")
"""Tables that follow from no file."""


class Recovery(NamedTuple):
    """What a recovery did."""

    records: int
    """Indexed."""
    captures: int
    """Among them."""
    lost: int
    """Captures without the records of their judgement or their text: those were not written any more."""
    quarantined: tuple[Path, ...]
    """Files with the bytes that were no record."""
    seconds: float
    """How long it took."""


def is_settled(catalogue: Catalogue, root: Path) -> bool:
    """Whether the files end where the catalogue says, and it knows all of ours.

    Asked without the lock, it is also false while another process writes. Raises StorageError, or sqlite3.Error.
    """
    files = files_in_order(catalogue)
    return all(_size(root, file) == file.committed_length for file in files) and not _unknown(files, root)


def tail_of(path: Path, start: int) -> Tail:
    """Return what lies in a file of ours behind a place; wanted are its visits and snapshots. Raises StorageError."""
    is_of_others = is_import_file(path.name)
    return scan_tail(path, start, lambda fields: not is_of_others and is_capture(fields))


def recover(catalogue: Catalogue, root: Path) -> Recovery | None:
    """Do what the table above says, inside a transaction of the caller's; return None where there is nothing to do.

    Raises FilesDiffer, Damaged, DiskFull, NotWritable, StorageError or sqlite3.Error. Bytes may have been moved to the
    quarantine then; everything else is as it was.
    """
    begun = time.monotonic()
    files = files_in_order(catalogue)
    for file in files:
        _require_length(root, file)
    tails = [file for file in files if _size(root, file) > file.committed_length]
    unknown = _unknown(files, root)
    if not tails and not unknown:
        return None
    for file in tails:
        _require_boundary(catalogue, root, file)
    found = [(file, tail_of(_path(root, file), file.committed_length)) for file in tails]
    is_whole = bool(unknown) or any(tail.whole for _, tail in found)
    if is_whole:
        catalogue.require_sound()
    quarantined = [path for file, tail in found for path in _set_aside(root, file, tail)]
    before = holdings(catalogue)
    lost = 0
    if is_whole:
        with storage_errors(root):  # whoever wrote them may have died before they were on the disk
            for path in {*unknown, *(_path(root, file) for file, tail in found if tail.whole)}:
                sync_file(path)
        starts = {(file.folder, file.name): file.committed_length for file in tails}
        starts |= {(path.parent.name, path.name): 0 for path in unknown}
        try:
            lost = _index(catalogue, root, starts, in_order=_in_order(files, starts))
        except (ValueError, KeyError, TypeError) as error:  # a record of ours that says what none does
            raise FilesDiffer(
                f"{root}: records that the catalogue does not know cannot be indexed: {type(error).__name__}: {error}"
            ) from error
        for file in files_in_order(catalogue):  # files that were unknown may end in something torn
            if _size(root, file) > file.committed_length:
                quarantined += _set_aside(root, file, tail_of(_path(root, file), file.committed_length))
    after = holdings(catalogue)
    return Recovery(
        records=after.records - before.records,
        captures=after.captures - before.captures,
        lost=lost,
        quarantined=tuple(quarantined),
        seconds=time.monotonic() - begun,
    )


def _path(root: Path, file: FileRow) -> Path:
    return root / file.folder / file.name


def _size(root: Path, file: FileRow) -> int:
    with storage_errors(root):
        try:
            return _path(root, file).stat().st_size
        except FileNotFoundError:
            return 0


def _unknown(files: list[FileRow], root: Path) -> list[Path]:
    """Return the files of ours that the catalogue does not know, in the order in which they were begun."""
    known = {(file.folder, file.name) for file in files}
    with storage_errors(root):
        return [path for folder in FOLDERS for path in files_of(root / folder) if (folder, path.name) not in known]


def _require_length(root: Path, file: FileRow) -> None:
    if (size := _size(root, file)) < file.committed_length:
        what = f"has {size:,} bytes" if _path(root, file).exists() else "is gone"
        raise FilesDiffer(f"{_path(root, file)} {what}; {file.committed_length:,} bytes of it were committed")


def _require_boundary(catalogue: Catalogue, root: Path, file: FileRow) -> None:
    """Raise FilesDiffer unless the file has, where its committed part ends, what the catalogue says."""
    end = end_of_records(catalogue, file.id)
    if end > file.committed_length:
        raise FilesDiffer(
            f"{catalogue.path} says that {file.committed_length:,} bytes of {file.name} are committed,"
            f" and that its last record ends at {end:,}"
        )
    last = last_record(catalogue, file.id)
    path = _path(root, file)
    try:
        found = require_records(path, last.offset if last else 0, file.committed_length)
    except Damaged as error:
        raise FilesDiffer(
            f"{path} is not the file that the catalogue knows: what ends at {file.committed_length:,} cannot be read:"
            f" {error}"
        ) from error
    if last and found != last.record_id:
        raise FilesDiffer(
            f"{path} is not the file that the catalogue knows: at {last.offset:,} it has the record {found}, and the"
            f" catalogue says {last.record_id}"
        )


def _in_order(files: list[FileRow], starts: Mapping[tuple[str, str], int]) -> bool:
    """Whether what is to be indexed comes after everything that the catalogue knows, in each folder."""
    for folder in FOLDERS:
        known = (serial_of(each.name) for each in files if each.folder == folder and _grows(each.name))
        last = max(known, default=0)
        if any(serial_of(name) < last for each, name in starts if each == folder and _grows(name)):
            return False
    return True


def _grows(name: str) -> bool:
    """Whether a file has captures and judgements of ours: the order of others' records tells nothing."""
    return not is_import_file(name)


def _index(catalogue: Catalogue, root: Path, starts: Mapping[tuple[str, str], int], *, in_order: bool) -> int:
    """Index what lies behind these places; return how many captures lack their judgement or their text."""

    def scan() -> CollectionScan:
        return read_files(root, starts=starts, is_known=lambda name: catalogue.row_of(name) is not None)

    try:
        with catalogue.attempt():
            found = scan()
            if found.repeated or not in_order:
                raise Incomplete
            return len(extend(root, found, catalogue, complete=True))
    except Incomplete:
        pass
    try:
        with catalogue.attempt():
            return _rebuild(catalogue, root)
    except Incomplete:  # the files lack something that the catalogue knows: what is new is added to that
        return len(extend(root, scan(), catalogue, complete=False))


def _rebuild(catalogue: Catalogue, root: Path) -> int:
    """Rebuild the catalogue; return how many captures lack their judgement or their text.

    Raises Incomplete where it would have less than it has.
    """
    before, names = holdings(catalogue), markdown_names(catalogue)
    found = read_files(root)
    places = (
        (record_id, file.name, offset, length) for file in found.files for record_id, offset, length in file.records
    )
    if has_other_records(catalogue, places):
        raise Incomplete
    noted = named_rows(catalogue)
    catalogue.clear(keep=_OF_THE_MOMENT)
    report = fill(root, found, catalogue, names)
    carry_over(catalogue, noted)
    after = holdings(catalogue)
    if after.captures < before.captures or after.decisions < before.decisions:
        raise Incomplete
    return len(report.lost)


# Bytes that are no record


def _set_aside(root: Path, file: FileRow, tail: Tail) -> Iterator[Path]:
    """Move the torn parts of a file's tail to the quarantine; yield the files that hold them."""
    path = _path(root, file)
    if not tail.torn:
        return
    with storage_errors(path):
        folder = root / QUARANTINE
        make_folder(folder)
        for span in tail.torn:
            yield _copy(path, span, folder)
        sync_folder(folder)
        whole_end = tail.whole[-1].end if tail.whole else file.committed_length
        if tail.torn == (ByteRange(whole_end, path.stat().st_size),):
            os.truncate(path, whole_end)
            return
        # Between records, or before them: the file is written anew without it, and takes its place when it is whole.
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as new:
            for span in (ByteRange(0, file.committed_length), *tail.whole):
                for piece in read_range(path, span.start, span.end):
                    new.write(piece)
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(path, part)
        part.replace(path)
        sync_folder(path.parent)


def _copy(path: Path, span: ByteRange, folder: Path) -> Path:
    """Copy a part of a file to one of its own, and bring it to the disk."""
    part = folder / f".{path.name}.part"
    digest = sha256()
    with part.open("wb") as new:
        for piece in read_range(path, span.start, span.end):
            digest.update(piece)
            new.write(piece)
        new.flush()
        os.fsync(new.fileno())
    return part.replace(folder / f"{path.name}@{span.start}-{digest.hexdigest()[:8]}")
