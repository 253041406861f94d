"""Where an export goes: made beside its place under another name, brought to the disk, and renamed when it is whole."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archive.errors import NotWritable, storage_errors
from archive.export.errors import AlreadyThere
from archive.files import sync_folder

__all__ = ["new_file", "new_folder"]

_HINT = "Choose another place for the result, or change its permissions."


@contextmanager
def new_file(path: Path, is_same_kind: Callable[[Path], bool], *, force: bool) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes its place when all went well; else nothing of it stays.

    What lies there already is replaced only with `force`, and where `is_same_kind` says that it is an older export.

    Raises AlreadyThere, DiskFull, NotWritable or StorageError.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _errors(path):
        _refuse(path, is_same_kind, force=force, folder=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise


@contextmanager
def new_folder(path: Path, is_same_kind: Callable[[Path], bool], *, force: bool) -> Iterator[Path]:
    """Give a folder to fill, which takes its place when all went well; else nothing of it stays.

    An older export goes aside first and is removed when the new one is in its place. Raises what `new_file` raises.
    """
    part, old = (path.with_name(f".{path.name}.{os.getpid()}.{kind}") for kind in ("part", "old"))
    with _errors(path):
        _refuse(path, is_same_kind, force=force, folder=True)
        part.mkdir(parents=True)
        try:
            yield part
            for folder, _, _ in os.walk(part):
                sync_folder(Path(folder))
            there = path.exists()
            if there:
                path.rename(old)
            part.rename(path)
            sync_folder(path.parent)
            if there:
                _remove(old)
        except BaseException:
            with suppress(OSError):
                if old.exists() and not path.exists():
                    old.rename(path)
            _remove(part)
            raise


def _refuse(path: Path, is_same_kind: Callable[[Path], bool], *, force: bool, folder: bool) -> None:
    if not (path.exists() or path.is_symlink()):
        return
    if folder and path.is_dir() and not any(path.iterdir()):
        return
    if not force:
        raise AlreadyThere(f"{path} is there already")
    same = path.is_dir() if folder else path.is_file()
    if not same or path.is_symlink() or not is_same_kind(path):
        raise AlreadyThere(
            f"{path} is there already, and it is no older export of this form", hint="Choose another name."
        )


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        with storage_errors(path):
            yield
    except NotWritable as error:
        raise NotWritable(str(error), hint=_HINT) from error
