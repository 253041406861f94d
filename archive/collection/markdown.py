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
    forget_obsolete,
    has_text,
    is_anything_pending,
    obsolete_files,
    pending_files,
    set_pending,
)
from archive.errors import NotWritable, storage_errors
from archive.storage import sync_folder, write_atomically

__all__ = ["differs", "write_pending"]

THREADS = 8
"""Each file is fsynced, and a file system brings what waits at one time to the disk in one go: 0.34 ms a file one
after the other, 0.17 ms with 8 threads (ext4 on a fast disk; on a turning disk the gain is larger)."""

FEW = 4
"""So many files are written without threads."""


def differs(path: Path, digest: str) -> bool:
    """Whether a file is missing, or holds another text."""
    try:
        return sha256(path.read_bytes()).hexdigest() != digest
    except OSError:
        return True


def write_pending(catalogue: Catalogue, root: Path, texts: Mapping[str, bytes], read: Callable[[int], bytes]) -> None:
    """Write the Markdown files of all flagged articles and take their flags off.

    `texts` holds the texts at hand, by their sha256; `read` gives any other from its record's row.

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
        for file, (target, _), error in zip(files, jobs, _write_all(jobs), strict=True):
            if error is None:
                set_pending(catalogue, file.article, pending=False)
                folders |= {target.parent, target.parent.parent, root}  # the folders may be new, too
            elif file.clean_sha256 in texts:
                refused = error
        for obsolete in obsolete_files(catalogue):
            _remove(root / obsolete.path, obsolete.sha256)
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
        names = chain((path.with_suffix(".edited.md"),), (path.with_suffix(f".edited-{n}.md") for n in count(2)))
        path.rename(next(name for name in names if not name.exists()))
        sync_folder(path.parent)  # before another file takes the old name


def _remove(path: Path, digest: str) -> None:
    """Remove a file of an article that became one with another; not where somebody has changed it."""
    with suppress(OSError):  # then it stays, and is nobody's
        if sha256(path.read_bytes()).hexdigest() == digest:
            path.unlink()


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
