"""The rules files of a collection: `rules/*.toml`, which people write; `rules/learned/*.toml`, one of each source."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from archive.errors import storage_errors
from archive.files import write_atomically
from archive.naming import safe

__all__ = ["FOLDER", "LEARNED", "learned_path", "learned_paths", "paths", "write"]

FOLDER = "rules"
LEARNED = "learned"


def paths(root: Path) -> list[Path]:
    """Return the collection's rules files in the order of their names, people's own first. Raises StorageError."""
    with storage_errors(root):
        return [*sorted((root / FOLDER).glob("*.toml")), *learned_paths(root)]


def learned_paths(root: Path) -> list[Path]:
    """Return the files of learned rules in the order of their names. Raises StorageError."""
    with storage_errors(root):
        return sorted((root / FOLDER / LEARNED).glob("*.toml"))


def learned_path(root: Path, scope: str, label: str, known: Iterable[Path]) -> Path:
    """Return where a source's learned rules stand: its name, and a mark of its scope, so that no two share a file.

    `known` are the files that there are: where one has the mark, it is this one, whatever the source was named then.
    """
    mark = sha256(scope.encode()).hexdigest()[:8]
    found = [path for path in known if path.stem.endswith(f"-{mark}")]
    return found[0] if found else root / FOLDER / LEARNED / f"{safe(label, 80) or 'source'}-{mark}.toml"


def write(path: Path, text: str) -> bool:
    """Write a file whole or not at all; return False where it held this text already. Raises StorageError."""
    return write_atomically(path, text.encode())
