"""Comparison of the catalogue with one rebuilt from the files, row by row.

Rows name each other by number, and a rebuilt catalogue may number them otherwise; so in place of a number stands what
it leads to. Rows are compared in SQLite's order, one table after the other, and never held all at once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue, ReadOnlyCatalogue, TemporaryCatalogue
from archive.catalogue.decisions import lines_end
from archive.collection.rebuild import RebuildReport
from archive.collection.scan import read_files
from archive.errors import ArchiveError, storage_errors
from archive.maintenance.rebuild import rebuild
from archive.schedule.table import Schedule

__all__ = ["NAMES", "SCHEDULE", "RowDifference", "compare_catalogues", "differences", "tables"]


_OF_RECORD = "(SELECT record_id FROM record WHERE record.id = {})"
_OF_ARTICLE = "(SELECT key FROM article WHERE article.id = {})"
_OF_VERSION = "(SELECT clean_sha256 FROM version WHERE version.id = {})"
_OF_CAPTURE = "(SELECT record_id FROM capture JOIN record ON record.id = capture.record WHERE capture.id = {})"
_REFERENCES = {
    "file": "(SELECT name FROM file WHERE file.id = {})",
    **dict.fromkeys(("record", "provenance", "ledger"), _OF_RECORD),
    "article": _OF_ARTICLE,
    **dict.fromkeys(("version", "current_version"), _OF_VERSION),
    "capture": _OF_CAPTURE,
    "import": "(SELECT sha256 FROM import WHERE import.id = {})",
    "run": "(SELECT run_id FROM run WHERE run.id = {})",
}

_FULL_TEXT = "words"

_OF_THE_MOMENT = frozenset({"turn", "host", "runner", "taken"})
"""Tables that tell who does what just now: no file holds it."""

_MANIFEST = "manifest"

_MAY_LACK = frozenset({_MANIFEST, "settings"})
"""Tables that catalogues of the same schema, made at other times, have or lack."""

SCHEDULE = frozenset({"source", "member", "schedule"})
"""Tables that follow from files and captures once somebody uses the schedule, and are behind until then."""

NAMES = frozenset({("article", "markdown"), ("article", "markdown_folded"), ("article", "pending")})
"""Columns about Markdown files, which follow from what lies on the disk at the moment."""


class RowDifference(NamedTuple):
    """A row that one catalogue has and the other has not."""

    table: str
    row: Mapping[str, Any]
    """By column."""
    second: bool
    """Whether the second catalogue has it, and not the first."""


def tables(catalogue: Catalogue) -> dict[str, list[dict[str, Any]]]:
    """Return every table whole: for small catalogues. Raises sqlite3.Error."""
    return {name: list(_rows(catalogue, name, frozenset())) for name in _names(catalogue)}


def differences(
    first: Catalogue,
    second: Catalogue,
    without: frozenset[tuple[str, str]] = frozenset(),
    without_tables: frozenset[str] = frozenset(),
) -> Iterator[RowDifference]:
    """Yield the rows in which two catalogues differ; `without` has columns, with their tables, that do not count.

    Raises sqlite3.Error.
    """
    alone = _MAY_LACK & ({*_names(first)} ^ {*_names(second)})
    yield from _merged("sqlite_schema", _schema(first, alone), _schema(second, alone))
    for table in sorted({*_names(first), *_names(second)} - without_tables - {"settings"}):
        ours, theirs = (_rows(each, table, without) if table in _names(each) else iter(()) for each in (first, second))
        yield from _merged(table, ours, theirs)


def _merged(table: str, ours: Iterator[dict[str, Any]], theirs: Iterator[dict[str, Any]]) -> Iterator[RowDifference]:
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(ours, None), next(theirs, None)
        elif other is None or (one is not None and _key(one) < _key(other)):
            assert one is not None  # for the type checker: both were None otherwise
            yield RowDifference(table, one, second=False)
            one = next(ours, None)
        else:
            yield RowDifference(table, other, second=True)
            other = next(theirs, None)


def _names(catalogue: Catalogue) -> list[str]:
    # Those in which FTS5 holds its own follow from the order in which texts came.
    rows = catalogue.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    names = {name for (name,) in rows if not name.startswith(("sqlite", f"{_FULL_TEXT}_"))}
    return sorted(names - _OF_THE_MOMENT)


def _schema(catalogue: Catalogue, without: frozenset[str]) -> Iterator[dict[str, Any]]:
    for row in catalogue.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2, 3, 4"):
        if row[2] in without:
            continue
        yield dict(zip(("type", "name", "tbl_name", "sql"), row, strict=True))


def _rows(catalogue: Catalogue, table: str, without: frozenset[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    if table == _FULL_TEXT:
        yield from _words(catalogue)
        return
    known = [column[1] for column in catalogue.execute(f"PRAGMA table_info({table})")]
    if table == _MANIFEST:  # how files are now, they tell themselves; what records say of them is compared
        known = [column for column in known if column in {"file", "bound", "record"}]
    columns = [column for column in known if column != "id" and (table, column) not in without]
    wanted = [_REFERENCES.get(column, "{}").format(f"{table}.{column}") for column in columns]
    # A file that was given a name and no record yet is not there.
    where = {"file": " WHERE committed_length", _MANIFEST: " WHERE bound != ''"}.get(table, "")
    order = ", ".join(str(number) for number in range(1, len(columns) + 1))
    for row in catalogue.execute(f"SELECT {', '.join(wanted)} FROM {table}{where} ORDER BY {order}"):
        yield dict(zip(columns, row, strict=True))


def _words(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Yield for each text in the full-text index a number that stands for all its words and their places."""
    sums: dict[int, int] = {}
    (is_read_only,) = catalogue.one("PRAGMA query_only")
    catalogue.execute("PRAGMA query_only = OFF")  # the table is a temporary one, in memory
    catalogue.execute(f"CREATE VIRTUAL TABLE temp.instance USING fts5vocab (main, {_FULL_TEXT}, instance)")
    try:
        for term, record, column, offset in catalogue.execute("SELECT term, doc, col, offset FROM temp.instance"):
            sums[record] = sums.get(record, 0) + hash((term, column, offset))  # in any order
    finally:
        catalogue.execute("DROP TABLE temp.instance")
        catalogue.execute(f"PRAGMA query_only = {is_read_only}")
    # Where a version went because two articles became one, its words mean nothing.
    rows = catalogue.execute(
        "SELECT record.id, record_id FROM version JOIN record ON record.id = version.record WHERE indexed ORDER BY 2"
    ).fetchall()
    for record, record_id in dict(rows).items():
        yield {"record": record_id, "words": sums.get(record, 0)}


def _key(row: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """Return what sorts as SQLite does: nothing, numbers, texts by their bytes, bytes."""
    key: list[tuple[int, Any]] = []
    for value in row.values():
        if value is None:
            key.append((0, 0))
        elif isinstance(value, str):
            key.append((2, value.encode("utf-8", "surrogateescape")))
        else:
            key.append((3, value) if isinstance(value, bytes) else (1, value))
    return key


def compare_catalogues(
    root: Path,
    index: Catalogue,
    watch: Callable[[int], None] | None = None,
    report: Callable[[RebuildReport], None] | None = None,
) -> Iterator[RowDifference]:
    """Yield where a collection's catalogue and one that is rebuilt from its files differ.

    Compared is one state of the catalogue with the committed part of the files, so another process may write meanwhile.
    The names of Markdown files do not count: they follow from what lies on the disk. `watch` hears of each record's
    bytes, `report` what rebuilding gave.

    Nothing is written but what has no room in memory, to a temporary file.

    Raises Busy, Damaged, NotReadable or StorageError; DiskFull where there is no room for the temporary file.
    """
    with storage_errors(root, reading=True), _one_state(index):
        rows = index.execute("SELECT folder, name, committed_length FROM file").fetchall()
        files = read_files(root, {(row[0], row[1]): row[2] for row in rows}, watch)
        with closing(TemporaryCatalogue()) as rebuilt:
            with rebuilt.transaction():
                # Lines behind are of a process that died, or that writes at this moment.
                result = rebuild(root, files, rebuilt, decided=lines_end(index))
            del files
            if report:
                report(result)
            yield from differences(index, rebuilt, NAMES, _behind(root, index))


@contextmanager
def _one_state(index: Catalogue) -> Iterator[None]:
    """Read one state of a catalogue from here on."""
    if isinstance(index, ReadOnlyCatalogue):  # it shows but one
        yield
        return
    index.execute("BEGIN")
    try:
        yield
    finally:
        index.execute("ROLLBACK")


def _behind(root: Path, index: Catalogue) -> frozenset[str]:
    """Return the tables of the schedule where nobody used it since the last change, so that they are behind."""
    with suppress(ArchiveError):  # a mistake in collection.toml is told by whoever uses the schedule
        if Schedule(root, index).is_current():
            return frozenset()
    return SCHEDULE
