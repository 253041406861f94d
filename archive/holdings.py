"""What a collection holds, for those who only look: nothing is written, healed or locked.

`archive.collection.collection.Collection` is the same with what writes.
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive import settings as config
from archive.catalogue.connection import TIMEOUT, Catalogue
from archive.errors import Busy, Damaged, NotACollection, storage_errors
from archive.files import CATALOGUE
from archive.read_only import ReadOnlyCatalogue
from archive.settings import Config

if TYPE_CHECKING:
    from archive.lookups import Lookups
    from archive.warc.records import Record

__all__ = ["Holdings"]


class Holdings:
    """A collection, open for reading. Use as a context manager, or `close` it."""

    path: Path
    config: Config
    catalogue: Catalogue

    def __init__(self, path: Path, settings: Config, index: Catalogue) -> None:
        """Take what `open` has made ready."""
        self.path = path
        self.config = settings
        self.catalogue = index

    @classmethod
    def open(cls, path: Path | str, *, timeout: float = TIMEOUT) -> Self:
        """Open a collection as it was committed at this moment, and keep showing that moment.

        It needs no permission to write, makes no file in the collection, waits for no writer, and lets none wait.
        Where nobody writes, the catalogue is read without locks (see `archive.read_only`); leaving the `with` block
        raises Busy in the rare case that somebody began to write just then, and what was read may be wrong. Open it
        anew for each look that is to see what is new. `timeout` is in seconds.

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
        self.catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        index = self.catalogue
        if (error is None or isinstance(error, Damaged)) and isinstance(index, ReadOnlyCatalogue) and index.changed:
            raise Busy(f"{index.path} was written to while it was read; what was shown may be wrong") from error

    @property
    def lookups(self) -> "Lookups":
        """What the collection knows of addresses, articles and runs."""
        from archive.lookups import Lookups

        return Lookups(self.catalogue)

    def record(self, record_id: str) -> "Record":
        """Return a record by its identifier.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        return self.record_at(self._row(record_id))

    def head(self, record_id: str) -> "Record":
        """Return a record by its identifier without its block, which is not read, however large it is.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        from archive import reader

        return reader.head_at(self.path, self.catalogue.place(self._row(record_id)))

    def record_at(self, row: int) -> "Record":
        """Return a record by its row in the catalogue. Raises Damaged where it cannot be read."""
        from archive import reader

        return reader.read_at(self.path, self.catalogue.place(row))

    def _row(self, record_id: str) -> int:
        with storage_errors(self.catalogue.path, reading=True):
            row = self.catalogue.one("SELECT id FROM record WHERE record_id = ?", record_id)
        if row is None:
            raise KeyError(record_id)
        return int(row[0])
