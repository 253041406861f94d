"""The Markdown files of a collection: the current text of each article under a stable name.

An article is flagged when its current version moves; here the flags are worked off, always under the write
lock, so that two processes never write an older text over a newer one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from archive.catalogue.connection import Catalogue
from archive.catalogue.texts import (
    MarkdownFile,
    forget_obsolete,
    has_text,
    is_anything_pending,
    obsolete_files,
    pending_files,
    set_pending,
)
from archive.collection.embedded import files_named, is_file_due, stored_files
from archive.errors import NotWritable, storage_errors
from archive.storage import sync_folder, write_atomically

__all__ = ["NO_FILES", "differs", "is_due", "write_pending"]

THREADS = 8
"""Each file is fsynced, and a file system brings what waits at one time to the disk in one go: 0.34 ms a file one
after the other, 0.17 ms with 8 threads (ext4 on a fast disk; on a turning disk the gain is larger)."""

FEW = 4
"""So many files are written without threads."""


NO_FILES: Mapping[str, bytes] = {}


def differs(path: Path, digest: str) -> bool:
    """Whether a file is missing, or holds another text."""
    try:
        return sha256(path.read_bytes()).hexdigest() != digest
    except OSError:
        return True


def is_due(path: Path, digest: str) -> bool:
    """Whether a file is missing, or holds another text, or an image that its text shows is not beside it."""
    try:
        text = path.read_bytes()
    except OSError:
        return True
    if sha256(text).hexdigest() != digest:
        return True
    return any(is_file_due(path.parent, name) for name in files_named(text))


def write_pending(
    catalogue: Catalogue,
    root: Path,
    texts: Mapping[str, bytes],
    read: Callable[[int], bytes],
    images: Mapping[str, bytes] = NO_FILES,
) -> None:
    """Write the Markdown files of all flagged articles, and the images beside them, and take their flags off.

    `texts` holds the texts at hand, by their sha256; `read` gives any other from its record's row. `images` holds the
    images at hand, by their addresses in the texts; any other is made from the captures of its article.

    A file that cannot be written, because somebody put another thing in its place, keeps its flag and costs
    no other file; it is reported where its text is among those at hand, else it was reported before.

    Raises NotWritable, DiskFull, Damaged, Busy or StorageError.
    """
    with storage_errors(catalogue.path):
        if not is_anything_pending(catalogue):
            return
    refused: NotWritable | None = None
    with catalogue.transaction():
        files = pending_files(catalogue)
        jobs = [
            (root / file.path, texts[file.clean_sha256] if file.clean_sha256 in texts else read(file.record))
            for file in files
        ]
        folders: set[Path] = set()
        for file, (target, _) in zip(files, jobs, strict=True):
            _keep_beside(catalogue, file.article, target)
        errors = _write_all(jobs)
        for file, (target, text), unwritten in zip(files, jobs, errors, strict=True):
            error = unwritten or _write_images(catalogue, root, file, target.parent, text, images)
            if error is None:
                set_pending(catalogue, file.article, pending=False)
                folders |= {target.parent, target.parent.parent, root}  # the folders may be new, too
            elif file.clean_sha256 in texts:
                refused = error
        for obsolete in obsolete_files(catalogue):
            if _remove(root / obsolete.path, obsolete.sha256):
                folders.add((root / obsolete.path).parent)
            forget_obsolete(catalogue, obsolete.path)
        for folder in folders:
            sync_folder(folder)
    if refused:
        raise refused


def _keep_beside(catalogue: Catalogue, article: int, path: Path) -> None:
    """Give another name to a file that somebody changed: `NAME.edited.md`. What we wrote is in the records."""
    try:
        digest = sha256(path.read_bytes()).hexdigest()
    except OSError:  # there is none, or no file; then writing says so
        return
    if not has_text(catalogue, article, digest):
        _put_aside(path)


def _put_aside(path: Path) -> None:
    """Give a file a name that nothing has: `NAME.edited.md`."""
    kind = path.suffix
    names = chain((path.with_suffix(f".edited{kind}"),), (path.with_suffix(f".edited-{n}{kind}") for n in count(2)))
    path.rename(next(name for name in names if not name.exists()))
    sync_folder(path.parent)  # before another file takes the old name


def _write_images(
    catalogue: Catalogue, root: Path, file: MarkdownFile, folder: Path, text: bytes, images: Mapping[str, bytes]
) -> NotWritable | None:
    """Write the images that a text shows and that are not there; return what forbade it."""
    due = [name for name in files_named(text) if is_file_due(folder, name)]
    if not due:
        return None
    missing = [name for name in due if name not in images]
    made = stored_files(catalogue, root, file.article, missing, file.clean_sha256) if missing else NO_FILES
    for name in due:
        data = images.get(name) or made.get(name)
        if data is None:  # no capture holds it: the text came from another collection
            continue
        try:
            if (folder / name).is_file():
                _put_aside(folder / name)
            write_atomically(folder / name, data, locked=True)
        except NotWritable as error:
            return error
    return None


def _remove(path: Path, digest: str) -> bool:
    """Remove the file of an article that has no text of its own any more; not where somebody has changed it.

    Returns whether it was there: what a batch makes current and doubtful was never written, nor was its folder made.
    """
    with suppress(OSError):  # then it stays, and is nobody's
        if sha256(path.read_bytes()).hexdigest() == digest:
            path.unlink()
            return True
    return False


def _write_all(jobs: Sequence[tuple[Path, bytes]]) -> list[NotWritable | None]:
    """Write files; return for each what forbade it."""
    if len(jobs) <= FEW:
        return [_write(job) for job in jobs]
    from concurrent.futures import ThreadPoolExecutor  # 20 ms that a few files do not need

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(_write, jobs))


def _write(job: tuple[Path, bytes]) -> NotWritable | None:
    try:
        write_atomically(*job, locked=True, sync=False)
    except NotWritable as error:
        return error
    return None
