"""Acceptance of losses in journals: acceptances.jsonl, with what a person says about a loss that nothing brings back.

A line that schedule.jsonl or runs.jsonl has lost stays lost, and without an acceptance each verification would find it.
An acceptance says what is there now, to the byte: it holds for that, and any other change is found. Nothing is removed
and nothing is written anew. The file is a journal like the others, bound and checked in the same way.

| key | value |
| --- | --- |
| `previous` | the digest of the line before (`archive.storage.Journal`) |
| `file` | the journal |
| `lost` | `length` and `sha256` of its last line, as the catalogue had noted them; null where it had not |
| `now` | the same of what is there |
| `breaks` | where its lines do not fit together: `offset` of a line, `sha256` of all bytes up to the end of the next |
| `reason`, `reviewer` | in the person's words |
| `at` | UTC, to the microsecond |
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.manifest import manifest_row, note
from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.dates import exact
from archive.errors import Damaged, NothingToAccept, storage_errors
from archive.schedule.table import JOURNAL
from archive.storage import Journal, JournalHead, read_line, storable

__all__ = ["ACCEPTABLE", "ACCEPTANCES", "Acceptance", "JournalBreak", "accept_loss", "read_acceptances"]

ACCEPTANCES = "acceptances.jsonl"

ACCEPTABLE = ("runs.jsonl", "schedule.jsonl")
"""Journals that nothing else has the lines of. Of decisions.jsonl the catalogue has them."""


class JournalBreak(NamedTuple):
    """A place where a line is not the one that the next one names."""

    offset: int
    """Of that line, in bytes."""
    sha256: str
    """Of all bytes up to the end of the next line."""


class Acceptance(NamedTuple):
    """A loss in a journal that a person accepted."""

    file: str
    lost: JournalHead | None
    """Its last line as it had been noted; None where it had not."""
    now: JournalHead
    """The last line that is there."""
    breaks: frozenset[JournalBreak]
    reason: str
    reviewer: str
    at: str


def read_acceptances(root: Path) -> list[Acceptance]:
    """Return all acceptances of a collection; what cannot be read accepts nothing. Raises StorageError."""
    found = []
    for line in Journal(root / ACCEPTANCES).lines():
        try:
            said = read_line(line.data)
            breaks = frozenset(JournalBreak(int(each["offset"]), str(each["sha256"])) for each in said["breaks"])
            lost = _head_of(said["lost"]) if said["lost"] is not None else None
            texts = (str(said[name]) for name in ("reason", "reviewer", "at"))
            found.append(Acceptance(str(said["file"]), lost, _head_of(said["now"]), breaks, *texts))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def _head_of(said: Mapping[str, Any]) -> JournalHead:
    return JournalHead(int(said["length"]), str(said["sha256"]))


def _said(head: JournalHead) -> dict[str, Any]:
    return {"length": head.length, "sha256": head.digest}


def journal_breaks(journal: Journal) -> Iterator[JournalBreak]:
    """Yield where the lines of a journal do not fit together.

    Raises Damaged where a line cannot be read at all, or StorageError.
    """
    before, whole = 0, sha256()
    for line in journal.lines():
        if not line.whole:
            return
        try:
            read_line(line.data)
        except ValueError as error:
            raise Damaged(
                f"{journal.path}: the line at byte {line.start:,} cannot be read: {error}",
                hint="Restore the file from a backup, or take that line out by hand; then accept what is missing.",
            ) from error
        whole.update(line.data)
        if not line.fits:
            yield JournalBreak(before, whole.hexdigest())
        before = line.start


def accept_loss(collection: Collection, file: str, *, reason: str, reviewer: str) -> Acceptance:
    """Accept what is lost or changed in a journal, as it is now; when this returns, that is on the disk and bound.

    Raises NothingToAccept, Busy, Damaged, DiskFull, NotWritable or StorageError.
    """
    if file not in ACCEPTABLE:
        hint = "`archive verify` names it; `archive verify --repair` or a backup brings other files back."
        raise NothingToAccept(f"no loss in {file} can be accepted, only in {' and '.join(ACCEPTABLE)}", hint=hint)
    catalogue, journal = catalogue_of(collection), Journal(collection.path / file)
    context = collection.context()

    def said() -> dict[str, Any]:
        row, head = manifest_row(catalogue, file), journal.head()
        known = {each for one in read_acceptances(collection.path) if one.file == file for each in one.breaks}
        breaks = [each for each in journal_breaks(journal) if each not in known]
        if not breaks and (row is None or journal.holds(row.head)):
            raise NothingToAccept(f"nothing is lost in {file}, or it was accepted already")
        note(catalogue, file, *head)
        if file == JOURNAL:
            catalogue.execute("DELETE FROM taken")  # the schedule is made again from the lines that are there
        return {
            "file": file,
            "lost": _said(row.head) if row is not None else None,
            "now": _said(head),
            "breaks": [each._asdict() for each in breaks],
            "reason": storable(reason),
            "reviewer": storable(reviewer),
            "at": exact(context.now),
        }

    with storage_errors(collection.path):
        collection.append_bound(ACCEPTANCES, said)
    return read_acceptances(collection.path)[-1]
