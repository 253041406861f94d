"""What `archive import` is about: files, quoted globs, folders, standard input; and what each of them is."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from clean.medium import Medium, medium_of
from xuanzhi.jobs.inputs import STDIN, expand, unreadable
from xuanzhi.output.failures import InputError

__all__ = ["Kind", "Target", "targets"]

_SUFFIXES = (
    ".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz", ".html", ".htm", ".xhtml", ".mhtml", ".mht", ".txt", ".md",
)  # fmt: skip

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


class Kind(StrEnum):
    """How a file is taken."""

    RECORDS = "records"
    """WARC or ARC."""
    WACZ = "wacz"
    LOOSE = "loose"
    """A page or a snapshot by itself."""


class Target(NamedTuple):
    """One file."""

    name: str
    """As people know it."""
    path: Path
    kind: Kind
    error: InputError | None = None
    """Why it cannot be taken, where that is known already."""


def targets(arguments: Iterable[str], spool: Path) -> Iterator[Target]:
    """Yield what there is to take, in order; of folders, sorted, all files whose names tell what they are.

    Standard input goes to a file in the folder `spool`. Raises UsageError where a glob finds nothing.
    """
    for argument in expand(arguments):
        path = Path(argument)
        if argument == STDIN:
            path = spool / "stdin"
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in each.relative_to(path).parts)
                if not hidden and each.is_file() and each.name.lower().endswith(_SUFFIXES):
                    yield _target(str(each), each)
        else:
            yield _target(argument, path)


def _target(name: str, path: Path) -> Target:
    try:
        if path.exists() and not path.is_file():
            raise InputError("not-a-file")
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError as error:
        return Target(name, path, Kind.LOOSE, unreadable(error))
    except InputError as error:
        return Target(name, path, Kind.LOOSE, error)
    if not beginning:
        return Target(name, path, Kind.LOOSE, InputError("empty-file"))
    if beginning.startswith((_ZIP, _EMPTY_ZIP)) or name.lower().endswith(".wacz"):
        return Target(name, path, Kind.WACZ)
    return Target(name, path, Kind.RECORDS if medium_of(name, beginning) is Medium.WARC else Kind.LOOSE)
