"""What collection.toml held when the collection was last opened for writing, so that no change of it goes unseen.

People edit the file, so a change is no damage; but one that nobody made is, and only they can tell.
"""

from hashlib import sha256
from pathlib import Path

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.settings import FILE

__all__ = ["note_settings", "settings_changed"]


def note_settings(catalogue: Catalogue, root: Path) -> None:
    """Take the file as it is for what people want. Raises Busy, DiskFull, NotWritable, Damaged or StorageError."""
    digest = _digest(root)
    with storage_errors(catalogue.path):
        seen = catalogue.one("SELECT sha256 FROM settings")
    if seen != (digest,):
        with catalogue.transaction():
            catalogue.execute("DELETE FROM settings")
            catalogue.insert("settings", sha256=digest)


def settings_changed(catalogue: Catalogue, root: Path) -> bool:
    """Whether the file is another one than was seen; not where none was seen yet. Raises Damaged or StorageError."""
    with storage_errors(catalogue.path):
        seen = catalogue.one("SELECT sha256 FROM settings")
    return seen is not None and seen != (_digest(root),)


def _digest(root: Path) -> str:
    with storage_errors(root / FILE):
        return sha256((root / FILE).read_bytes()).hexdigest()
