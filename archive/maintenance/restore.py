"""Restoring of the files beside the WARC files: rules and settings from their records, the ends of journals.

A file is written again where it is gone or cannot be read and a record has its bytes, and where it holds learned rules
that are not those that a command wrote. What stood there is kept beside it.
"""

from collections.abc import Iterable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from archive import settings
from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.collection.manifest import JOURNALS, is_learned
from archive.errors import Damaged, storage_errors
from archive.maintenance.check import Finding
from archive.maintenance.check_manifest import RESTORABLE
from archive.storage import CATALOGUE, Journal, write_atomically
from archive.warc.reader import read_at

__all__ = ["is_restorable", "mend_journals", "restore_files"]


def is_restorable(finding: Finding) -> bool:
    """Whether a record has the bytes of the file that a finding is about."""
    return finding.code in RESTORABLE and bool(finding.record_id)


def restore_files(root: Path, findings: Iterable[Finding]) -> tuple[int, list[str]]:
    """Write files again that were found to be gone or broken; return how many, and what could not be done, and why.

    Raises Busy, DiskFull, NotWritable or StorageError.
    """
    wanted = [
        each
        for each in findings
        if is_restorable(each) or (each.code == "rules-changed" and is_learned(each.file) and each.record_id)
    ]
    problems: list[str] = []
    written = 0
    if wanted:
        with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
            for finding in wanted:
                try:
                    _restore(catalogue, root, finding)
                    written += 1
                except Damaged as error:
                    problems.append(f"{finding.file}: {error}")
    if any(each.code == "settings-missing" and each.file == settings.FILE and not each.record_id for each in findings):
        Collection.open(root, recreate=True).close()  # nobody ever wrote one: it is what a new collection gets
        written += 1
    return written, problems


def _restore(catalogue: Catalogue, root: Path, finding: Finding) -> None:
    """Write one file from its record. Raises Damaged where that cannot be read, and what writing raises."""
    place, path = catalogue.place_of(finding.record_id), root / finding.file
    if place is None:
        raise Damaged(f"the record {finding.record_id} is not there")
    data = read_at(root, place).block
    with storage_errors(path):
        if path.is_file() and (before := path.read_bytes()):
            mark = sha256(before).hexdigest()[:8]
            write_atomically(path.with_name(f"{path.name}.{mark}.before"), before, locked=True)
    write_atomically(path, data, locked=True)


def mend_journals(root: Path) -> None:
    """Give the last lines of journals their ends, and move halves aside. Raises Busy, DiskFull or StorageError."""
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
        for file in JOURNALS:
            Journal(root / file).mend()
