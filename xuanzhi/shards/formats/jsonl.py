"""JSON lines in Zstandard, as Dolma has its documents and as datatrove's reader takes them.

One object a line: `id`, `text`, `source`, `added`, `created`, `metadata`. A page without a text has an empty one, which
both pass over, so that no page is missing. `added` is when the page was fetched, never when it was cleaned: the same
input gives the same bytes. Ledgers are a file of their own, with the same order of lines.
"""

import json
from pathlib import Path
from typing import BinaryIO

from xuanzhi.shards.manifest import ShardData
from xuanzhi.shards.rows import Row
from xuanzhi.shards.store import ShardStore

__all__ = ["JsonLinesShard"]

_FOLDERS = ("documents", "ledgers")
_ENDING = ".jsonl.zst"
_LEVEL = 6


class JsonLinesShard:
    """The files of one shard, which grow row by row."""

    def __init__(self, store: ShardStore, name: str) -> None:
        """Make two files. Raises OutputError."""
        from zstandard import ZstdCompressor

        self._attempts: list[Path] = [store.attempt(f"{folder}/{name}{_ENDING}") for folder in _FOLDERS]
        self._files: list[BinaryIO] = [
            ZstdCompressor(_LEVEL, write_content_size=False).stream_writer(path.open("wb")) for path in self._attempts
        ]

    def add(self, row: Row) -> None:
        """Add a row. Raises OSError."""
        documents, ledgers = self._files
        documents.write(_line(_document(row)))
        ledgers.write(_line({"id": row.id, "ledger": [json.loads(each) for each in row.ledger.split("\n") if each]}))

    def finish(self) -> list[ShardData]:
        """End the files and return them. Raises OSError."""
        for file in self._files:
            file.close()
        return [ShardData(folder, _ENDING, path) for folder, path in zip(_FOLDERS, self._attempts, strict=True)]


def _document(row: Row) -> dict[str, object]:
    apart = {"id", "text", "ledger", "date", "fetch_time", "source"}
    metadata = {key: value for key, value in row._asdict().items() if key not in apart and value not in {"", None}}
    metadata["site"] = row.source
    document: dict[str, object] = {"id": row.id, "text": row.text, "source": row.warc_filename}
    document |= {"added": row.fetch_time} if row.fetch_time else {}
    document |= {"created": row.date} if row.date else {}
    return document | {"metadata": metadata}


def _line(fields: dict[str, object]) -> bytes:
    # A lone surrogate of a ledger is an escape, as it was; no other text has any.
    try:
        return json.dumps(fields, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(fields).encode() + b"\n"
