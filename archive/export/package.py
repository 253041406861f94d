"""The output of an export: a folder, file or zip that appears under its name only when it is complete."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from archive import settings
from archive.catalogue.exports import ExportedArticle
from archive.collection.decisions import FILE as DECISIONS
from archive.collection.embedded import files_beside
from archive.collection.reader import CollectionReader, catalogue_of
from archive.errors import AlreadyThere, NotWritable, storage_errors
from archive.export.selection import ExportSelection
from archive.schedule.table import JOURNAL
from archive.settings import paths
from archive.storage import make_folder, sync_folder

__all__ = [
    "ManifestFault",
    "Package",
    "PackageEntry",
    "PackageFolder",
    "WrittenFile",
    "check_manifest",
    "digest_of",
    "image_files",
    "markdown_files",
    "new_file",
    "new_folder",
    "payload",
    "read_manifest",
    "render_manifest",
    "settings_files",
]

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
        make_folder(path.parent)
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
        make_folder(path.parent)
        part.mkdir()
        try:
            yield part
            for folder, _, _ in os.walk(part):
                sync_folder(Path(folder))
            there = path.exists()
            if there:
                path.rename(old)
            part.rename(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                if old.exists():
                    if path.exists():  # it could not be brought to the disk
                        path.rename(part)
                    old.rename(path)
            _remove(part)
            raise
        _remove(old)


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


# The plain files of a collection beside its WARC files: clean texts, settings, schedule, decisions, rules.


def markdown_files(chosen: ExportSelection) -> Iterator[tuple[ExportedArticle, bytes]]:
    """Yield the current clean text of each article that has one, as its record holds it.

    Not as it lies in the collection's folder, where somebody may have changed it. Raises Damaged or StorageError.
    """
    for article in chosen.each():
        if article.markdown:
            yield article, chosen.collection.record(article.conversion).block


def image_files(chosen: ExportSelection, article: ExportedArticle, text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the images that an article's text shows and that its pages held in themselves.

    Raises Busy, Damaged or StorageError.
    """
    collection = chosen.collection
    with storage_errors(collection.path):
        yield from files_beside(catalogue_of(collection), collection.path, article.id, article.markdown, text)


def settings_files(collection: CollectionReader) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of what people wrote or decided: settings, schedule, decisions, rules.

    Raises StorageError.
    """
    for path in (*(collection.path / name for name in (settings.FILE, JOURNAL, DECISIONS)), *paths(collection.path)):
        with storage_errors(path):
            if path.exists():
                yield path.relative_to(collection.path).as_posix(), path.read_bytes()


# Output to a new folder: every file is synced to disk, and its digests are computed on the way.


class WrittenFile(NamedTuple):
    """A file that was written."""

    path: str
    """Relative to the folder, with slashes."""
    size: int
    digests: dict[str, str]
    """In hex, by algorithm."""


class PackageFolder:
    """Writes files below a folder."""

    def __init__(self, root: Path, *algorithms: str, advance: Callable[[int], None] = lambda size: None) -> None:
        """Take the folder, the names of digests (as `hashlib` has them), and whom to tell of bytes written."""
        self._root = root
        self._algorithms = algorithms
        self._advance = advance

    def add(self, path: str, pieces: Iterable[bytes]) -> WrittenFile:
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
        return WrittenFile(path, size, {name: digest.hexdigest() for name, digest in digests.items()})


def payload(chosen: ExportSelection) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the plain files of a collection, or of a part of it: path and content, in the order of the collection.

    Together they are a collection: `archive.maintenance.rebuild` makes its catalogue. Raises Damaged or StorageError.
    """
    for warc in chosen.files():
        yield f"{warc.folder}/{warc.name}", warc.pieces()
    seen: set[str] = set()
    for article, text in markdown_files(chosen):
        yield article.markdown, (text,)
        for path, data in image_files(chosen, article, text):
            if path not in seen:
                seen.add(path)
                yield path, (data,)
    for path, data in settings_files(chosen.collection):
        yield path, (data,)


# Output to a zip file (APPNOTE 6.3.10, Zip64): the same bytes for the same content, with digests of its members.


_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip file can say; the dates of what is inside stand inside."""

_PIECE = 1024 * 1024
_IN_MEMORY = 16 * _PIECE

Sink = Callable[[bytes], object]
Fill = Callable[[Sink], object]


class PackageEntry(NamedTuple):
    """A file in the package."""

    path: str
    size: int
    sha256: str


class Package:
    """Takes files one after the other. Use as a context manager: its end writes the list of contents.

    Sizes are known before a file goes in, so that Zip64 is used where it must be and nowhere else: the reader of
    ReplayWeb.page does not find the content behind the longer heads that it brings.
    """

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        """Begin an empty package in a file that is open for writing; `folder` is for temporary files."""
        self._zip = zipfile.ZipFile(file, "w")
        self._folder = folder
        self.entries: list[PackageEntry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._zip.close()
        else:  # what is unfinished is thrown away; an error of closing it would hide the reason
            with suppress(Exception):
                self._zip.close()

    def add(self, path: str, data: bytes) -> PackageEntry:
        """Add a small file, compressed; return what it came to."""
        return self._pour(path, lambda sink: sink(data), len(data), compressed=True)

    def store(self, path: str, fill: Fill, size: int) -> PackageEntry:
        """Add a file of this size as it is; `fill` writes it to the sink that it is given."""
        return self._pour(path, fill, size, compressed=False)

    def gather(self, path: str, fill: Fill, *, compressed: bool) -> PackageEntry:
        """Add a file whose size nobody knows yet: it goes into a temporary file first."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._folder)) as held:
            fill(held.write)
            size = held.tell()
            held.seek(0)

            def copy(sink: Sink) -> None:
                while piece := held.read(_PIECE):
                    sink(piece)

            return self._pour(path, copy, size, compressed=compressed)

    def _pour(self, path: str, fill: Fill, size: int, *, compressed: bool) -> PackageEntry:
        info = zipfile.ZipInfo(path, _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.create_system = 3  # Unix, on every system
        info.external_attr = 0o100644 << 16
        info.file_size = size
        digest = sha256()
        with self._zip.open(info, "w") as file:

            def sink(data: bytes) -> None:
                digest.update(data)
                file.write(data)

            fill(sink)
        self.entries.append(PackageEntry(path, size, digest.hexdigest()))
        return self.entries[-1]


# Manifests: one line for each file, its digest and its path, as BagIt (RFC 8493 §2.1.3) and `sha256sum` have them.


_FILE_PIECE = 1024 * 1024


class ManifestFault(NamedTuple):
    """A file that is not as a manifest says."""

    path: str
    code: str
    """`missing`, `differs` or `unlisted`."""


def render_manifest(digests: Iterable[tuple[str, str]]) -> bytes:
    """Return a manifest of paths and digests in hex, in their order. What would end a line is encoded (§2.1.3)."""
    return "".join(f"{digest}  {_encoded(path)}\n" for path, digest in digests).encode()


def read_manifest(path: Path) -> dict[str, str]:
    """Return digests by path; nothing where there is no manifest. Other lines are left out. Raises StorageError."""
    digests = {}
    with storage_errors(path):
        if not path.exists():
            return {}
        for line in path.read_text("utf-8", "replace").splitlines():
            digest, _, name = line.partition(" ")
            if name.strip():
                digests[_decoded(name.lstrip(" *"))] = digest.lower()
    return digests


def check_manifest(root: Path, manifest: str, algorithm: str) -> Iterator[ManifestFault]:
    """Yield what is not as a manifest in the folder says. Raises StorageError where a file cannot be read."""
    for path, digest in read_manifest(root / manifest).items():
        file = root / path
        inside = file.resolve().is_relative_to(root.resolve())
        if not (inside and file.is_file()):
            yield ManifestFault(path, "missing")
        elif digest_of(file, algorithm) != digest:
            yield ManifestFault(path, "differs")


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file, in hex. Raises StorageError."""
    digest = hashlib.new(algorithm)
    with storage_errors(path), path.open("rb") as file:
        while piece := file.read(_FILE_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _decoded(path: str) -> str:
    return path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
