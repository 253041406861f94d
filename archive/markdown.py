"""The Markdown files: the current text of each article, as a plain file under a stable name.

An article is flagged when its current version moves; here the flags are worked off, always under the write
lock, so that two processes never write an older text over a newer one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from archive.catalogue import Catalogue
from archive.errors import NotWritable, storage_errors
from archive.files import write_atomically
from archive.writer import sync_folder

__all__ = ["write_pending"]


def write_pending(catalogue: Catalogue, root: Path, texts: Mapping[str, bytes], read: Callable[[int], bytes]) -> None:
    """Write the Markdown files of all flagged articles and take their flags off.

    `texts` holds the texts at hand, by their sha256; `read` gives any other from its record's row.

    A file that cannot be written, because somebody put another thing in its place, keeps its flag and costs
    no other file; it is reported where its text is among those at hand, else it was reported before.

    Raises NotWritable, DiskFull, Damaged, Busy or StorageError.
    """
    with storage_errors(catalogue.path):
        if not catalogue.one("SELECT 1 FROM article WHERE pending LIMIT 1"):
            return
    refused: NotWritable | None = None
    with catalogue.transaction():
        rows = catalogue.execute(
            "SELECT article.id, markdown, clean_sha256, version.record FROM article"
            " JOIN version ON version.id = current_version WHERE pending"
        ).fetchall()
        folders: set[Path] = set()
        for article, name, clean_sha256, record in rows:
            data = texts.get(clean_sha256)
            target = root / name
            try:
                if write_atomically(target, read(record) if data is None else data):
                    folders |= {target.parent, target.parent.parent}  # the source's folder may be new, too
            except NotWritable as error:
                if data is not None:
                    refused = error
                continue
            catalogue.execute("UPDATE article SET pending = 0 WHERE id = ?", (article,))
        for folder in folders:
            sync_folder(folder)
    if refused:
        raise refused
