"""Results as plain files in a folder: `DIR/<stem>.md`, written whole or not at all."""

from pathlib import Path

from archive.errors import StorageError
from archive.storage import write_atomically
from xuanzhi.jobs.inputs import STDIN, stem
from xuanzhi.output.failures import OutputError

__all__ = ["Folder"]


class Folder:
    """The folder of `-o`."""

    def __init__(self, path: str, *, dry: bool = False) -> None:
        """Make the folder. Raises OutputError where that cannot be."""
        self.path = Path(path)
        self._dry = dry
        self._owners: dict[str, str] = {}
        if not dry:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError("not-writable", path=path, reason=error.strerror or error) from error

    def target(self, name: str) -> Path:
        """Return the path of an input's result. Raises OutputError where another input has it, or the source does."""
        target = self.path / f"{stem(name)}.md"
        # Compared without letter case, because that is how some file systems see names.
        owner = self._owners.setdefault(target.name.casefold(), name)
        if owner != name:
            raise OutputError("name-taken", path=target, other=owner)
        if name != STDIN and target.exists() and Path(name).exists() and target.samefile(name):
            raise OutputError("would-overwrite")
        return target

    def differs(self, name: str, markdown: str) -> bool:
        """Whether the result on disk is missing or another one."""
        target = self.target(name)
        return not target.is_file() or target.read_bytes() != markdown.encode()

    def write(self, name: str, markdown: str) -> tuple[Path, bool]:
        """Write one result; return its path and whether anything changed. Raises OutputError."""
        target = self.target(name)
        if self._dry:
            return target, self.differs(name, markdown)
        try:
            return target, write_atomically(target, markdown.encode())
        except StorageError as error:
            raise OutputError("not-writable", path=target, reason=error) from error
