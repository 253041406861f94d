"""Export of clean texts to a folder fit for git: one file for each article, an index, a manifest.

A later export into the same folder writes what changed and nothing else. The manifest tells which files are ours: what
somebody changed or put there stays as it is, and is reported. The file of an article that the collection no longer has,
because it became one with another, goes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.articles import Selection, select
from archive.catalogue.exports import ExportedArticle
from archive.collection.embedded import files_named
from archive.collection.reader import catalogue_of
from archive.errors import AlreadyThere, storage_errors
from archive.export import package
from archive.export.package import ManifestFault, image_files, markdown_files
from archive.export.selection import ExportSelection
from archive.storage import make_folder, sync_folder, write_atomically

__all__ = ["MANIFEST", "MarkdownExport", "check_markdown", "export_markdown"]

MANIFEST = "manifest-sha256.txt"
_INDEX, _GIT = "README.md", ".gitattributes"

_ATTRIBUTES = b"""# The files are what the collection holds, byte for byte: no line end may be changed.
*.md -text diff
manifest-sha256.txt -text
"""
_SPECIAL = frozenset("\\`*_[]<>&#!|~")


class MarkdownExport(NamedTuple):
    """The result of an export to a folder."""

    files: int
    written: int
    removed: int
    foreign: tuple[str, ...]
    """Files that are somebody else's, or that somebody changed."""


def export_markdown(
    chosen: ExportSelection, target: Path, *, force: bool = False, advance: Callable[[int], None] = lambda size: None
) -> MarkdownExport:
    """Write the files; return what was done. `force` writes also over what somebody changed.

    Raises AlreadyThere where a file has the folder's name, Damaged, DiskFull, NotWritable or StorageError.
    """
    with storage_errors(target):
        if target.exists() and not target.is_dir():
            raise AlreadyThere(f"{target} is there already, and it is no folder", hint="Choose another name.")
        make_folder(target)
    writing = _Writing(target, force=force)
    for article, text in markdown_files(chosen):
        writing.put(article.markdown, text)
        for path, data in image_files(chosen, article, text):
            writing.put(path, data)
        advance(len(text))
    articles = [article for article in _all(chosen) if article.markdown]
    removed = writing.settle({article.markdown for article in articles})
    here = [article for article in articles if article.markdown in writing.ours]
    writing.put(_INDEX, _index(chosen, here).encode("utf-8", "backslashreplace"))
    writing.put(_GIT, _ATTRIBUTES)
    writing.finish()
    return MarkdownExport(len(here), writing.written, removed, tuple(sorted(writing.foreign)))


def check_markdown(root: Path) -> Iterator[ManifestFault]:
    """Yield every file that is missing or differs from its digest in the manifest. Raises StorageError."""
    if not (root / MANIFEST).is_file():
        yield ManifestFault(MANIFEST, "missing")
    yield from package.check_manifest(root, MANIFEST, "sha256")


class _Writing:
    """Writes into a folder that may hold an earlier export, and files of others."""

    def __init__(self, root: Path, *, force: bool) -> None:
        self._root = root
        self._force = force
        self._before = package.read_manifest(root / MANIFEST)
        self.ours: dict[str, str] = {}
        """Digests of what is in the folder and as an export wrote it, by path."""
        self.foreign: set[str] = set()
        self.written = 0
        self._folders: set[Path] = set()
        """Those that something was written to, or found in."""

    def put(self, path: str, data: bytes) -> None:
        """Write a file, unless that is somebody else's."""
        digest, there = sha256(data).hexdigest(), self._digest(path)
        if there not in {"", digest, self._before.get(path)} and not self._force:
            self.foreign.add(path)
            return
        self.written += write_atomically(self._root / path, data, sync=False)
        self._folders.add((self._root / path).parent)
        self.ours[path] = digest

    def settle(self, known: set[str]) -> int:
        """Keep what an earlier export wrote of other articles, and remove what no article has; return how many went."""
        removed = 0
        known = known | {image for path in known & self._before.keys() for image in self._images(path)}
        for path, digest in self._before.items():
            if path in self.ours or path in self.foreign or path in {_INDEX, _GIT}:
                continue
            there = self._digest(path)
            if there and there != digest:
                self.foreign.add(path)
            elif there and path in known:
                self.ours[path] = digest
            elif there:
                self._remove(self._root / path)
                removed += 1
        return removed

    def _images(self, path: str) -> Iterator[str]:
        """Yield the paths of images beside a text of an earlier export that it shows."""
        file = self._root / path
        with storage_errors(file):
            text = file.read_bytes() if file.is_file() else b""
        yield from (f"{path.rpartition('/')[0]}/{name}" for name in files_named(text))

    def finish(self) -> None:
        """Write the manifest, when all that it names is on the disk."""
        for folder in self._folders:
            with storage_errors(folder):
                sync_folder(folder)
        write_atomically(self._root / MANIFEST, package.render_manifest(sorted(self.ours.items())))

    def _digest(self, path: str) -> str:
        file = self._root / path
        with storage_errors(file):
            if not file.resolve().is_relative_to(self._root.resolve()):
                return "elsewhere"  # a link leads out of the folder, or a manifest that is none of ours
            return package.digest_of(file) if file.is_file() else "no file" if file.exists() else ""

    def _remove(self, file: Path) -> None:
        with storage_errors(file):
            file.unlink()
            sync_folder(file.parent)
        with suppress(OSError):  # there is something else in it
            file.parent.rmdir()


def _all(chosen: ExportSelection) -> Iterator[ExportedArticle]:
    articles = select(catalogue_of(chosen.collection), Selection())
    return chosen._replace(articles=tuple(articles)).each()


def _index(chosen: ExportSelection, articles: Iterable[ExportedArticle]) -> str:
    """Return the index: a heading for each source, a line for each article, the newest first."""
    settings = chosen.collection.config
    lines = [f"# {_plain(settings.name)}", ""]
    if settings.description:
        lines += [_plain(" ".join(settings.description.split())), ""]
    sources: dict[str, list[ExportedArticle]] = {}
    for article in articles:
        sources.setdefault(article.source or article.markdown.split("/")[1], []).append(article)
    for source in sorted(sources):
        lines += [f"## {_plain(source)}", ""]
        newest_first = sorted(sources[source], key=lambda article: article.markdown.rpartition("/")[2], reverse=True)
        lines += [f"- {_entry(article)}" for article in newest_first]
        lines.append("")
    return "\n".join(lines)


def _entry(article: ExportedArticle) -> str:
    name = article.markdown.rpartition("/")[2]
    day = name[:10] if name[:4].isdigit() else ""
    return f"{day} [{_plain(article.title or name)}](<{article.markdown}>)".strip()


def _plain(text: str) -> str:
    """Return a text so that Markdown takes no character of it for a sign of its own."""
    one_line = " ".join(text.split())
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in one_line)
