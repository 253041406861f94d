"""What killed processes leave behind: files that were to be renamed, and temporary files of large records."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

from archive.files import CATALOGUE

__all__ = ["leftovers", "remove"]

# `.NAME.part` of a writing under the lock, `.NAME.123.part` without it; catalogue.sqlite.part of a rebuild. Anchored at
# the end, and digits end at a dot: linear.
_PART = re.compile(r"(?:\.(\d{1,10}))?\.part$", re.ASCII)

# Temporary files name the process that made them. Anchored: linear.
_TEMPORARY = re.compile(r"xuanzhi-(?:exchange|record|catalogue)-(\d{1,10})-", re.ASCII)


def leftovers(root: Path) -> Iterator[Path]:
    """Yield what nobody will finish, in a collection and in the system's folder for temporary files.

    What a process that lives may still write to is none. Raises OSError.
    """
    parts = (root.glob(f"{CATALOGUE}.part"), root.glob(".*.part"), (root / "derived").glob(".*.part"))
    for path in sorted(chain(*parts, (root / "markdown").rglob(".*.part"))):
        match = _PART.search(path.name)
        if match and not (match[1] and _lives(int(match[1]))):
            yield path
    for path in sorted(Path(tempfile.gettempdir()).glob("xuanzhi-*")):
        match = _TEMPORARY.match(path.name)
        with suppress(FileNotFoundError):
            if match and not _lives(int(match[1])) and path.stat().st_uid == os.getuid():
                yield path


def remove(path: Path) -> None:
    """Remove one of them, file or folder. Raises OSError."""
    if path.is_dir():
        import shutil

        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except PermissionError:
        pass
    return True
