"""What an import left in a collection."""

import gzip
import json
from pathlib import Path
from typing import Any

from archive.warc import reader

COLLECTION = Path("collection")


def kept() -> list[bytes]:
    """Return the bytes of all imported records, as they lie in the collection."""
    found = []
    for file in sorted((COLLECTION / "warc").glob("xuanzhi-import-*")):
        data, records = file.read_bytes(), list(reader.iterate(file))
        found += [gzip.decompress(data[each.offset : each.offset + each.length]) for each in records]
    return found


def described() -> dict[str, Any]:
    """Return what the last import says of itself."""
    said: dict[str, Any] = json.loads(kept()[-1].partition(b"\r\n\r\n")[2])
    return said
