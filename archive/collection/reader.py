"""A collection open for reading: nothing is written, repaired or locked.

`archive.collection.collection.Collection` is the same and can be added to.

What collection.toml held when the collection was last opened for writing is noted in the catalogue, so that no change
of it goes unseen. People edit the file, so a change is no damage; whether it was theirs, only they can say.
"""

from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive import settings as config
from archive.catalogue.connection import TIMEOUT, Catalogue, ReadOnlyCatalogue
from archive.catalogue.files import replace_settings_digest, settings_digest
from archive.errors import Busy, Damaged, NotACollection, storage_errors
from archive.settings import FILE, CollectionSettings
from archive.storage import CATALOGUE

if TYPE_CHECKING:
    from archive.catalogue.articles import ArticleQueries
    from archive.warc.records import Record

__all__ = ["CollectionReader", "catalogue_of", "note_settings", "settings_changed"]


class CollectionReader:
    """A collection, open for reading. Use as a context manager, or `close` it."""

    path: Path
    config: CollectionSettings

    def __init__(self, path: Path, settings: CollectionSettings, index: Catalogue) -> None:
        """Hold what `open` has prepared."""
        self.path = path
        self.config = settings
        self._catalogue = index

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue: until xuanzhi asks through methods, and its tests with it."""
        return self._catalogue

    @classmethod
    def open(cls, path: Path | str, *, timeout: float = TIMEOUT) -> Self:
        """Open a collection as it was committed at this moment, and keep showing that moment.

        It needs no permission to write, makes no file in the collection, waits for no writer, and lets none wait.
        Where nobody writes, the catalogue is read without locks (see `archive.catalogue.connection`); leaving the
        `with` block raises Busy in the rare case that somebody began to write just then, and what was read may be
        wrong. Open it anew for each look that is to see what is new. `timeout` is in seconds.

        Raises NotACollection, BadConfig, NoCatalogue, NotACatalogue, NewerSchema, OlderSchema, NotReadable, Busy,
        Damaged or StorageError.
        """
        path = Path(path)
        file = path / config.FILE
        with storage_errors(path, reading=True):
            if not file.is_file():
                raise NotACollection(f"{path} is no collection: it has no {config.FILE}")
        return cls(path, config.read(file), ReadOnlyCatalogue(path / CATALOGUE, timeout=timeout))

    def close(self) -> None:
        """Close the catalogue. What was committed needs no closing."""
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        index = self._catalogue
        if (error is None or isinstance(error, Damaged)) and isinstance(index, ReadOnlyCatalogue) and index.changed:
            raise Busy(f"{index.path} was written to while it was read; what was shown may be wrong") from error

    @property
    def lookups(self) -> "ArticleQueries":
        """What the collection knows of addresses, articles and runs."""
        from archive.catalogue.articles import ArticleQueries

        return ArticleQueries(self._catalogue)

    def record(self, record_id: str) -> "Record":
        """Return a record by its identifier.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        return self.record_at(self._row(record_id))

    def head(self, record_id: str) -> "Record":
        """Return a record by its identifier without its block, which is not read, however large it is.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        from archive.warc import reader

        return reader.head_at(self.path, self._catalogue.place(self._row(record_id)))

    def record_at(self, row: int) -> "Record":
        """Return a record by its row in the catalogue. Raises Damaged where it cannot be read."""
        from archive.warc import reader

        return reader.read_at(self.path, self._catalogue.place(row))

    def _row(self, record_id: str) -> int:
        with storage_errors(self._catalogue.path, reading=True):
            row = self._catalogue.row_of(record_id)
        if row is None:
            raise KeyError(record_id)
        return row


def catalogue_of(collection: CollectionReader) -> Catalogue:
    """Return the catalogue of an open collection, for what in `archive` works on rows: exports, imports, the schedule.

    Everybody else asks the collection.
    """
    return collection._catalogue


def note_settings(catalogue: Catalogue, root: Path) -> None:
    """Note what collection.toml holds now as what people want.

    Raises Busy, DiskFull, NotWritable, Damaged or StorageError.
    """
    digest = _digest(root)
    with storage_errors(catalogue.path):
        noted = settings_digest(catalogue)
    if noted != digest:
        with catalogue.transaction():
            replace_settings_digest(catalogue, digest)


def settings_changed(catalogue: Catalogue, root: Path) -> bool:
    """Whether collection.toml is another than was noted; not where none was yet. Raises Damaged or StorageError."""
    with storage_errors(catalogue.path):
        noted = settings_digest(catalogue)
    return noted is not None and noted != _digest(root)


def _digest(root: Path) -> str:
    with storage_errors(root / FILE):
        return sha256((root / FILE).read_bytes()).hexdigest()
