"""Parquet: the rows as columns, and the ledgers in a file of their own with the same order of rows.

Columns have the names of Common Crawl's columnar index where it has them. What is not there is null, so that `WHERE
text IS NOT NULL` are the articles. A row group is what memory holds.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from xuanzhi.output.failures import extra_missing
from xuanzhi.shards.manifest import ShardData
from xuanzhi.shards.rows import Row
from xuanzhi.shards.store import ShardStore

if TYPE_CHECKING:
    from pyarrow import Schema
    from pyarrow.parquet import ParquetWriter

__all__ = ["ParquetShard", "require"]

_FOLDERS = ("parquet", "parquet-ledger")
_ENDING = ".parquet"

_GROUP_ROWS = 2_000
_GROUP_BYTES = 16 * 1024 * 1024
"""Of texts and ledgers, at which a row group is written: what bounds the memory."""

_INTEGERS = frozenset({"warc_record_offset", "warc_record_length"})


def require() -> None:
    """Raise UsageError where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise extra_missing("--format parquet", "pyarrow", "shards") from error


class ParquetShard:
    """The files of one shard, which grow row by row."""

    def __init__(self, store: ShardStore, name: str) -> None:
        """Make two files. Raises OutputError."""
        self._attempts = [store.attempt(f"{folder}/{name}{_ENDING}") for folder in _FOLDERS]
        self._writers: list[ParquetWriter] = []
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> None:
        """Add a row. Raises OSError."""
        self._rows.append(row)
        self._bytes += len(row.text) + len(row.ledger)
        if len(self._rows) >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._write()

    def finish(self) -> list[ShardData]:
        """Write what is left, and return the files. Raises OSError."""
        self._write()
        for writer in self._writers:
            writer.close()
        return [ShardData(folder, _ENDING, path) for folder, path in zip(_FOLDERS, self._attempts, strict=True)]

    def _write(self) -> None:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        schemas = _row_schema(), _ledger_schema()
        if not self._writers:
            self._writers = [
                ParquetWriter(str(path), schema, compression="zstd")
                for path, schema in zip(self._attempts, schemas, strict=True)
            ]
        contents = [_row_values(row) for row in self._rows], [_ledger_values(row) for row in self._rows]
        for writer, schema, values in zip(self._writers, schemas, contents, strict=True):
            if values:
                writer.write_table(pa.Table.from_pylist(values, schema))
        self._rows, self._bytes = [], 0


def _row_schema() -> "Schema":
    import pyarrow as pa

    types: dict[str, Any] = dict.fromkeys(Row._fields, pa.string())
    types |= dict.fromkeys(_INTEGERS, pa.int64())
    types |= {"fetch_time": pa.timestamp("s"), "confidence": pa.float64(), "warnings": pa.list_(pa.string())}
    types.pop("ledger")
    return pa.schema(list(types.items()))


def _ledger_schema() -> "Schema":
    import pyarrow as pa

    return pa.schema([("id", pa.string()), ("warc_filename", pa.string()), ("ledger", pa.string())])


def _row_values(row: Row) -> dict[str, object]:
    values: dict[str, object] = {key: value if value != "" else None for key, value in row._asdict().items()}
    values["warnings"] = list(row.warnings)
    values["fetch_time"] = datetime.fromisoformat(row.fetch_time[:-1]) if row.fetch_time else None
    values["warc_record_length"] = row.warc_record_length or None
    if row.clean_sha256 and not row.text:  # an article without a word is one, too
        values["text"] = ""
    values.pop("ledger")
    return values


def _ledger_values(row: Row) -> dict[str, object]:
    return {"id": row.id, "warc_filename": row.warc_filename, "ledger": row.ledger or None}
