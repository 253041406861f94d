"""Export for replay with pywb: indexes of the WARC files, and a configuration.

Each capture file has an index of its own, named by the file and its committed length. A file that is full has one for
ever; only that of the file that grows is made anew.
"""

import json
from collections.abc import Callable
from pathlib import Path

from archive.catalogue.articles import Selection
from archive.collection.reader import CollectionReader
from archive.export.cdxj import write_index
from archive.export.selection import choose
from archive.storage import write_atomically

__all__ = ["NAME", "prepare_replay"]

NAME = "collection"
"""Of the collection in the addresses of replay."""


def prepare_replay(
    collection: CollectionReader, work: Path, advance: Callable[[int], None] = lambda size: None
) -> None:
    """Bring the indexes in a folder of ours up to date, and write the configuration.

    Raises NothingSelected, NothingCaptured, Damaged, DiskFull, NotWritable or StorageError.
    """
    indexes = work / "indexes"
    indexes.mkdir(parents=True, exist_ok=True)
    chosen = choose(collection, Selection())
    chosen.require_captures()
    wanted = set()
    for warc in chosen.files():
        if warc.folder != "warc":
            continue
        index = indexes / f"{warc.name}-{warc.size}.cdxj"
        wanted.add(index.name)
        if not index.exists():
            write_index(chosen, [warc], index, advance=advance)
    for old in indexes.glob("*.cdxj"):
        if old.name not in wanted:
            old.unlink(missing_ok=True)  # another replay of this collection may have done it
    write_atomically(work / "config.yaml", _configuration(collection, indexes).encode())


def _configuration(collection: CollectionReader, indexes: Path) -> str:
    """Return pywb's settings. A JSON text is a YAML text."""
    places = {"index_paths": f"{indexes.resolve()}/", "archive_paths": f"{(collection.path / 'warc').resolve()}/"}
    return f"collections:\n  {NAME}:\n" + "".join(f"    {key}: {json.dumps(path)}\n" for key, path in places.items())
