"""Files written into a new folder, each brought to the disk, with digests of what was written."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archive.errors import storage_errors
from archive.export.chosen import Chosen
from archive.export.plain import markdown_files, settings_files

__all__ = ["Folder", "Written", "payload"]


class Written(NamedTuple):
    """A file that was written."""

    path: str
    """Relative to the folder, with slashes."""
    size: int
    digests: dict[str, str]
    """In hex, by algorithm."""


class Folder:
    """Writes files below a folder."""

    def __init__(self, root: Path, *algorithms: str, advance: Callable[[int], None] = lambda size: None) -> None:
        """Take the folder, the names of digests (as `hashlib` has them), and whom to tell of bytes written."""
        self._root = root
        self._algorithms = algorithms
        self._advance = advance

    def add(self, path: str, pieces: Iterable[bytes]) -> Written:
        """Write one file. Raises DiskFull, NotWritable or StorageError, and what the pieces raise."""
        target = self._root / path
        digests = {name: hashlib.new(name) for name in self._algorithms}
        size = 0
        with storage_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                    for digest in digests.values():
                        digest.update(piece)
                    size += len(piece)
                    self._advance(len(piece))
                file.flush()
                os.fsync(file.fileno())
        return Written(path, size, {name: digest.hexdigest() for name, digest in digests.items()})


def payload(chosen: Chosen) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the plain files of a collection, or of a part of it: path and content, in the order of the collection.

    Together they are a collection: `archive.maintenance.rebuild` makes its catalogue. Raises Damaged or StorageError.
    """
    for warc in chosen.files():
        yield f"{warc.folder}/{warc.name}", warc.pieces()
    for article, text in markdown_files(chosen):
        yield article.markdown, (text,)
    for path, data in settings_files(chosen.collection):
        yield path, (data,)
