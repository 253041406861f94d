"""Verification of derived data against its sources: ledgers, cleanings, Markdown files, catalogue.

| code | what is wrong |
| --- | --- |
| `catalogue-damaged` | catalogue.sqlite cannot be read, or is no sound database |
| `catalogue-differs` | it has a row that the files do not give, or lacks one that they give |
| `unreadable` | a record that a text is made of, or that holds it, cannot be read |
| `not-restored` | a ledger and its conversion do not give the source back |
| `not-reproduced` | cleaning the source with the same rules, software and engine gives another text, ledger or state |
| `markdown-missing`, `markdown-changed` | an article's Markdown file is gone, or is not its current text |
| `image-missing`, `image-changed` | an image that a page held in itself is not beside the Markdown file that shows it |
| `markdown-due` | a process died before it wrote an article's Markdown file |
| `leftover` | a file that a killed process left |
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from archive.catalogue.articles import Selection, select
from archive.catalogue.captures import StoredCapture, count_captures, stored_captures
from archive.catalogue.connection import Catalogue, ReadOnlyCatalogue
from archive.collection.embedded import files_named, is_file_due, stored_files
from archive.errors import ArchiveError, Busy, DiskFull, NotWritable, SystemLimit, storage_errors
from archive.ingest.reclean import RecleanResult, other_maker, reclean_capture
from archive.maintenance.check import Finding
from archive.maintenance.compare import compare_catalogues
from archive.naming import fold
from archive.storage import CATALOGUE, leftovers
from archive.warc.reader import read_at
from clean.errors import LedgerError
from clean.ledger import Ledger, restore, restore_bytes
from clean.rules import Ruleset

__all__ = ["DerivedCheck", "TextCheck", "check_catalogue", "check_text"]

_LONGEST = 300
"""Characters of a row that a message shows."""


def check_catalogue(root: Path, watch: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Yield where the catalogue is damaged, or says something else than the files.

    Nothing is written. Raises Busy; DiskFull where there is no room for a temporary file, SystemLimit where this
    process may not open what it needs, so that this is not checked.
    """
    file = root / CATALOGUE
    if not _is_sound(file):
        yield Finding(CATALOGUE, 0, "", "catalogue-damaged", "it is missing, or is no sound SQLite database")
        return
    try:
        with closing(ReadOnlyCatalogue(file)) as index:
            for difference in compare_catalogues(root, index, watch):
                where = "the files say, the catalogue does not" if difference.second else "only the catalogue says"
                text = f"{difference.table}: {where}: {dict(difference.row)}"
                yield Finding(CATALOGUE, 0, "", "catalogue-differs", text[:_LONGEST])
    except (Busy, DiskFull, SystemLimit):
        raise
    except (ArchiveError, ValueError, TypeError, KeyError) as error:  # what a damaged row makes the code stumble over
        yield Finding(CATALOGUE, 0, "", "catalogue-damaged", f"{type(error).__name__}: {error}")


def _is_sound(file: Path) -> bool:
    """Whether a file is a catalogue in which nothing is damaged; nothing is written. Raises as `check_catalogue`."""
    try:
        with closing(ReadOnlyCatalogue(file, any_schema=True)) as index, storage_errors(file, reading=True):
            return bool(index.one("PRAGMA integrity_check(1)") == ("ok",))
    except (Busy, DiskFull, SystemLimit):  # of this machine: they say nothing about the file
        raise
    except (ArchiveError, UnicodeDecodeError):  # the last: of a message that quotes what is damaged
        return False


class DerivedCheck:
    """What the catalogue names for checking, as long as it is open; collection.toml is not read.

    Use as a context manager. Making one raises what `archive.catalogue.connection.ReadOnlyCatalogue` raises.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._catalogue = ReadOnlyCatalogue(root / CATALOGUE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._catalogue.close()

    def files(self) -> Iterator[Finding]:
        """Yield what is wrong with Markdown files, and what killed processes left. Raises Damaged or StorageError."""
        return _check_files(self._root, self._catalogue)

    def count_captures(self) -> int:
        """Return how many captures there are to check. Raises Busy, Damaged or StorageError."""
        return count_captures(self._catalogue, self._rows())

    def captures(self) -> Iterator[StoredCapture]:
        """Yield the captures whose texts there are to check. Raises Busy, Damaged or StorageError."""
        return stored_captures(self._catalogue, self._rows())

    def _rows(self) -> list[int]:
        return select(self._catalogue, Selection())


def _check_files(root: Path, index: Catalogue) -> Iterator[Finding]:
    with storage_errors(index.path):
        rows = index.execute(
            "SELECT article.id, markdown, markdown_folded, clean_sha256, pending FROM article"
            " JOIN version ON version.id = current_version ORDER BY article.id"
        ).fetchall()
        obsolete = [row[0] for row in index.execute("SELECT path FROM obsolete")]
    for article, markdown, folded, digest, pending in rows:
        name = str(markdown)
        if not isinstance(markdown, str) or folded != fold(name):
            yield Finding(CATALOGUE, 0, "", "catalogue-differs", f"article: {markdown!r} is folded as {folded!r}")
        elif pending:
            yield Finding(name, 0, "", "markdown-due", "it was to be written when a process died")
        else:
            yield from _markdown(root, index, article, name, digest)
    for path in obsolete:
        yield Finding(
            path, 0, "", "leftover", "its article became one with another, or is doubtful; the file was to go"
        )
    for path in _leftovers(root, index):
        yield Finding(str(path), 0, "", "leftover", "a process that was killed left it")


def _leftovers(root: Path, index: Catalogue) -> list[Path]:
    """Return what killed processes left. What is written under the write lock is there when nobody holds it."""
    found = list(leftovers(root))
    parts = [path for path in leftovers(root, writers=False) if path not in found]
    if not parts:
        return found
    try:
        with index.transaction():
            return [*found, *(path for path in parts if path.exists())]
    except NotWritable:  # then nobody else can be writing
        return [*found, *parts]


def _markdown(root: Path, index: Catalogue, article: int, name: str, digest: str) -> Iterator[Finding]:
    path = root / name
    try:
        data = path.read_bytes()
    except (OSError, ValueError):
        yield Finding(name, 0, "", "markdown-missing", "it is gone, or is no file that can be read")
        return
    if sha256(data).hexdigest() != digest:
        yield Finding(name, 0, "", "markdown-changed", "it is not the article's current text: somebody changed it")
        return
    due = [one for one in files_named(data) if is_file_due(path.parent, one)]
    if due:
        held = stored_files(index, root, article, due, digest)
        for one in filter(held.__contains__, due):
            code, said = ("image-changed", "changed") if (path.parent / one).is_file() else ("image-missing", "gone")
            yield Finding(f"{name.rpartition('/')[0]}/{one}", 0, "", code, f"an image that {name} shows is {said}")


class TextCheck(NamedTuple):
    """The result of checking one capture."""

    findings: tuple[Finding, ...]
    compared: str
    """`yes`; or why a fresh cleaning says nothing: `other-rules`, `other-software` or `other-engine` gave another text,
    there is `nothing` to clean, it is `unreadable`."""


def check_text(root: Path, capture: StoredCapture, ruleset: Ruleset, limit: int) -> TextCheck:
    """Check ledger and text of one capture. Raises Damaged or StorageError where records cannot be read."""
    findings: list[Finding] = []
    place = capture.ledger or capture.conversion or capture.answer

    def report(code: str, message: str) -> None:
        findings.append(Finding(place.name, place.offset, capture.capture, code, f"{capture.name}: {message}"))

    written = ""
    if capture.ledger and capture.conversion and not capture.inherits:
        try:
            written = read_at(root, capture.ledger).block.decode()
            ledger = Ledger.from_json_lines(written)
            text = read_at(root, capture.conversion).block.decode()
        except (ArchiveError, LedgerError, ValueError) as error:
            report("unreadable", str(error))
            return TextCheck(tuple(findings), "unreadable")
        if reason := _not_restored(text, ledger, capture):
            report("not-restored", reason)
    if capture.payload is None or not capture.ruleset_sha256:
        return TextCheck(tuple(findings), "nothing")
    recleaned = reclean_capture(root, capture, ruleset, limit)
    if recleaned is None:
        return TextCheck(tuple(findings), "nothing")
    is_same_text = (recleaned.state, recleaned.clean_sha256) == (capture.state, capture.clean_sha256)
    if is_same_text and not (written and _is_other_ledger(recleaned, capture, written)):
        return TextCheck(tuple(findings), "yes")
    if other := other_maker(capture.ruleset_sha256, capture.software, capture.engine, ruleset):
        return TextCheck(tuple(findings), "yes" if is_same_text else other)
    report(
        "not-reproduced",
        "cleaned again it has another ledger"
        if is_same_text
        else f"cleaned again it is {recleaned.state} with text {recleaned.clean_sha256}",
    )
    return TextCheck(tuple(findings), "yes")


def _is_other_ledger(recleaned: RecleanResult, capture: StoredCapture, written: str) -> bool:
    """Whether a fresh cleaning has another ledger than the one written, the name of its engine aside."""
    if recleaned.cleaned is None:
        return False
    return recleaned.cleaned.ledger._replace(engine=capture.engine).to_json_lines() != written


def _not_restored(text: str, ledger: Ledger, capture: StoredCapture) -> str:
    """Return what is wrong with a ledger: of a text it gives the source, of a page the text that it rendered to."""
    if (ledger.source_sha256, ledger.clean_sha256) != (capture.source_sha256, capture.clean_sha256):
        return "the ledger is of another source or another text"
    try:
        if not ledger.rendered_sha256:
            restore_bytes(text, ledger)
        elif sha256(restore(text, ledger).encode()).hexdigest() != ledger.rendered_sha256:
            return "the ledger does not give the text that the page rendered to"
    except (ValueError, LedgerError) as error:
        return str(error)
    return ""
