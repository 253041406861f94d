"""Rows of the files that are the truth beside the WARC files: how each was when it was last written, or seen.

What the rows are for, `archive.collection.manifest` tells. A catalogue of an earlier version has no such table; then
there are no rows, and writing one makes it. Functions that write do so inside a transaction of the caller's. All raise
sqlite3.Error.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.schema import MANIFEST
from archive.storage import JournalHead

__all__ = [
    "ManifestRow",
    "announce",
    "bind",
    "carry_over",
    "insert_manifest",
    "manifest_row",
    "manifest_rows",
    "named_rows",
    "note",
]


class ManifestRow(NamedTuple):
    """A file, by its path in the collection."""

    file: str
    length: int
    """Bytes; of a journal, up to where a line ended."""
    sha256: str
    """Of the whole file; of a journal, the digest of `archive.storage.JournalHead`. Empty where it was removed."""
    announced: str
    """What it will be once a command that is at work, or died, has written it; empty where there is none."""
    bound: str
    """`sha256` as the newest record in the WARC files has it; empty where none has."""
    record: int | None
    """Row of that record: of the file's bytes, or of the manifest that names a journal's head."""

    @property
    def head(self) -> JournalHead:
        """Of a journal, what it held."""
        return JournalHead(self.length, self.sha256)


_COLUMNS = ", ".join(ManifestRow._fields)


def manifest_rows(catalogue: Catalogue) -> dict[str, ManifestRow]:
    """Return all rows by file, in the order of their names."""
    if not _has_table(catalogue):
        return {}
    rows = catalogue.select(ManifestRow, f"SELECT {_COLUMNS} FROM manifest ORDER BY file")
    return {row.file: row for row in rows}


def manifest_row(catalogue: Catalogue, file: str) -> ManifestRow | None:
    """Return the row of a file, None where there is none."""
    if not _has_table(catalogue):
        return None
    return catalogue.first(ManifestRow, f"SELECT {_COLUMNS} FROM manifest WHERE file = ?", file)


def note(catalogue: Catalogue, file: str, length: int, sha256: str) -> None:
    """Note how a file is now; what was announced of it is done."""
    _make_table(catalogue)
    catalogue.execute(
        "INSERT INTO manifest (file, length, sha256) VALUES (?, ?, ?) ON CONFLICT (file)"
        " DO UPDATE SET length = excluded.length, sha256 = excluded.sha256, announced = ''",
        (file, length, sha256),
    )


def announce(catalogue: Catalogue, file: str, sha256: str) -> None:
    """Note what a file will be; where there is no row, it does not exist yet."""
    _make_table(catalogue)
    catalogue.execute(
        "INSERT INTO manifest (file, length, sha256, announced) VALUES (?, 0, '', ?) ON CONFLICT (file)"
        " DO UPDATE SET announced = excluded.announced",
        (file, sha256),
    )


def bind(catalogue: Catalogue, row: ManifestRow, record: int) -> None:
    """Note that this record has a file as it is noted; one that was removed is forgotten."""
    if row.sha256:
        values = (row.sha256, record, row.file)
        catalogue.execute("UPDATE manifest SET bound = ?, record = ? WHERE file = ?", values)
    else:
        catalogue.execute("DELETE FROM manifest WHERE file = ?", (row.file,))


def insert_manifest(catalogue: Catalogue, record_id: str, files: Sequence[Mapping[str, Any]]) -> None:
    """Insert what a manifest record says, over what earlier ones said; a journal that is known to be longer stays so.

    Raises KeyError where it is none of ours.
    """
    _make_table(catalogue)
    for each in files:
        known = manifest_row(catalogue, each["file"])
        if known is None or not each["file"].endswith(".jsonl") or known.length < each["length"]:
            note(catalogue, each["file"], each["length"], each["sha256"])
        row = catalogue.row_of(each.get("record", record_id))
        if row is None:
            raise KeyError(each["record"])
        bind(catalogue, ManifestRow(each["file"], each["length"], each["sha256"], "", "", None), row)


def named_rows(catalogue: Catalogue) -> list[tuple[ManifestRow, str]]:
    """Return all rows, each with the identifier of its record; empty where it has none."""
    names = {
        row.record: catalogue.one("SELECT record_id FROM record WHERE id = ?", row.record)
        for row in manifest_rows(catalogue).values()
    }
    return [(row, str((names[row.record] or [""])[0])) for row in manifest_rows(catalogue).values()]


def carry_over(catalogue: Catalogue, rows: Sequence[tuple[ManifestRow, str]]) -> None:
    """Put rows of the catalogue before a rebuild back, each with the identifier of its record, as `named_rows` gave it.

    A row that names another record than the files give last is of an older catalogue, and knows less.
    """
    for row, record_id in rows:
        known = manifest_row(catalogue, row.file)
        bound = catalogue.row_of(record_id) if record_id else None
        if (known.record if known else None) == bound:
            note(catalogue, row.file, row.length, row.sha256)
            if row.announced:
                announce(catalogue, row.file, row.announced)


def _has_table(catalogue: Catalogue) -> bool:
    return catalogue.one("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'manifest'") is not None


def _make_table(catalogue: Catalogue) -> None:
    if not _has_table(catalogue):
        catalogue.create(f"{MANIFEST};\n")
