"""Healing what is derived: catalogue, Markdown files, torn tails, leftovers, damaged records of the derived files.

Capture files are never touched. In this order: what is damaged in the catalogue must not decide about anything else.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from archive import settings as configs
from archive.catalogue.captures import StoredCapture, stored_captures
from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.errors import ArchiveError, Damaged, storage_errors
from archive.ingest.prepared import derived
from archive.ingest.provenance import Provenance, visit_provenance
from archive.ingest.reclean import RecleanResult, clean_anew, uris_of
from archive.maintenance.check import Finding
from archive.maintenance.check_texts import check_catalogue
from archive.maintenance.rebuild import reindex
from archive.model import Judgement, VisitDescription
from archive.settings import CollectionSettings
from archive.storage import CATALOGUE, leftovers, remove, sync_folder
from archive.warc import records
from archive.warc.members import Member, member
from archive.warc.reader import RecordPlace, read_at
from archive.warc.records import urn, visit_uri
from clean.rules import Ruleset
from clean.version import SOFTWARE

__all__ = ["HEALABLE", "RepairReport", "RewriteReport", "repair", "rewrite"]


# Damaged records of the derived files, written anew: the source is cleaned again, and the very bytes come back.
#
# A record is written anew only where what comes out has the length that the catalogue knows, under its own identifier;
# everything else of the file stays byte for byte. Files of captures are never touched.


_LIMIT = 64 * 1024 * 1024


class RewriteReport(NamedTuple):
    """What became of damaged records."""

    healed: int
    problems: tuple[str, ...]
    """Why others could not be written anew."""


class _Source:
    """Cleans what damaged records were made of."""

    def __init__(self, catalogue: Catalogue, root: Path, config: CollectionSettings, ruleset: Ruleset) -> None:
        self._catalogue = catalogue
        self._root = root
        self._config = config
        self._ruleset = ruleset

    def member(self, row: int, record_id: str, file: str) -> Member:
        """Return a record's member. Raises Damaged where nobody can know what it held."""
        one = self._catalogue.one
        # The first judgement that has this record: of a conversion, the one that came with it.
        found = one(
            "SELECT cleaning.id, cleaning.capture, at, cleaning.ruleset_sha256, cleaning.software, version, provenance,"
            " ledger, state, notice FROM cleaning LEFT JOIN version ON version.id = version"
            " WHERE provenance = ? OR ledger = ? OR (version.record = ? AND ledger IS NOT NULL)"
            " ORDER BY cleaning.id LIMIT 1",
            *[row] * 3,
        )
        if found is None:
            return self._warcinfo(row, record_id, file)
        names = ("id", "capture", "at", "ruleset", "software", "version", "provenance", "ledger", "state", "notice")
        cleaning = dict(zip(names, found, strict=True))
        kept = self._kept(cleaning["capture"])
        if cleaning["provenance"] == row:
            return self._provenance(kept, cleaning, record_id)
        anew = self._cleaned(kept, cleaning)
        page, uri = uris_of(self._root, kept)
        conversion = one("SELECT record_id FROM record JOIN version ON version.record = record.id"
                         " WHERE version.id = ?", cleaning["version"])[0]  # fmt: skip
        ledger = one("SELECT record_id FROM record WHERE id = ?", cleaning["ledger"])[0]
        ids = iter((conversion, ledger))
        made = derived(
            anew.cleaned, key=kept.article, page=page, uri=uri, at=cleaning["at"], source=kept.payload_id,
            new_id=lambda: next(ids),
        )  # fmt: skip
        wanted = made.ledger if record_id == ledger else made.conversion
        assert wanted is not None  # for the type checker: the text is live
        return wanted.member

    def _kept(self, capture: int) -> StoredCapture:
        article, name = self._catalogue.one(
            "SELECT article, coalesce(visit_id, record_id) FROM capture JOIN record ON record.id = capture.record"
            " LEFT JOIN visit ON visit.capture = capture.id WHERE capture.id = ?",
            capture,
        )
        return next(each for each in stored_captures(self._catalogue, [article]) if each.capture == name)

    def _cleaned(self, kept: StoredCapture, cleaning: dict[str, Any]) -> RecleanResult:
        if (cleaning["ruleset"], cleaning["software"]) != (self._ruleset.sha256, SOFTWARE):
            raise Damaged(f"{kept.name} was cleaned with other rules or other software, which are not at hand")
        anew = clean_anew(self._root, kept, self._ruleset, _LIMIT)
        if anew is None or anew.cleaned is None:
            raise Damaged(f"{kept.name} cannot be cleaned again")
        return anew

    def _provenance(self, kept: StoredCapture, cleaning: dict[str, Any], record_id: str) -> Member:
        count = self._catalogue.one("SELECT count(*) FROM cleaning WHERE capture = ?", cleaning["capture"])[0]
        if kept.kind != "visit" or kept.inherits or count != 1:
            raise Damaged(f"{kept.name}: a provenance of a later cleaning, or of a text that was taken over")
        row = self._catalogue.one("SELECT id FROM record WHERE record_id = ?", kept.capture)[0]
        block = read_at(self._root, self._catalogue.place(row)).block
        description = VisitDescription.read(kept.capture, json.loads(block))
        cleaned = self._cleaned(kept, cleaning).cleaned if cleaning["ruleset"] else None
        judgement = Judgement(
            cleaning["at"], cleaning["state"], cleaning["notice"], kept.source_sha256, kept.clean_sha256,
            cleaning["ruleset"], cleaning["software"],
        )  # fmt: skip
        provenance = Provenance(
            record_id=record_id,
            date=cleaning["at"],
            uri=urn("provenance", visit_uri(description.final_url or description.url)),
            refers_to=description.answer or description.visit_id,
            values=visit_provenance(description, cleaned, judgement),
        )
        return member(provenance.record())

    def _warcinfo(self, row: int, record_id: str, file: str) -> Member:
        """Return the record that opens a file: it was written with the judgement behind it."""
        at, software = self._catalogue.one(
            "SELECT at, software FROM cleaning JOIN record ON record.id = provenance OR record.id = ledger"
            " WHERE record.file = (SELECT file FROM record WHERE id = ?) ORDER BY cleaning.id LIMIT 1",
            row,
        ) or ("", "")
        if not at:
            raise Damaged("nobody knows what the record held")
        return member(
            records.warcinfo(
                record_id=record_id,
                date=at,
                filename=file,
                software=software,
                operator=self._config.operator,
                description=" ".join(self._config.description.split()),
            )
        )


def rewrite(
    catalogue: Catalogue,
    root: Path,
    config: CollectionSettings,
    name: str,
    damaged: Callable[[RecordPlace], bool],
    ruleset: Ruleset,
) -> RewriteReport:
    """Write the damaged records of one derived file anew, inside a transaction of the caller's.

    `damaged` tells which. Raises DiskFull, NotWritable or StorageError; then the file stands as it stood.
    """
    path = root / "derived" / name
    source = _Source(catalogue, root, config, ruleset)
    rows = catalogue.execute(
        "SELECT record.id, record_id, offset, length FROM record JOIN file ON file.id = record.file"
        " WHERE folder = 'derived' AND name = ? ORDER BY offset",
        (name,),
    ).fetchall()
    patches: dict[int, bytes] = {}
    problems: list[str] = []
    for row, record_id, offset, length in rows:
        if not damaged(RecordPlace("derived", name, offset, length)):
            continue
        try:
            made = source.member(row, record_id, name)
            if made.size != length:
                raise Damaged("what cleaning gives now has another length")
            if not _holds(path, offset, made.data):
                patches[offset] = made.data
        except (ArchiveError, StopIteration, ValueError, KeyError, TypeError) as error:
            problems.append(f"{name} at {offset:,}: {error}")
    if patches and (path.exists() or not problems):
        _write(path, rows[-1][2] + rows[-1][3], patches.items())
        return RewriteReport(len(patches), tuple(problems))
    return RewriteReport(0, tuple(problems))


def _holds(path: Path, offset: int, data: bytes) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(len(data)) == data


def _write(path: Path, size: int, patches: Iterable[tuple[int, bytes]]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with storage_errors(path):
        try:
            with part.open("wb") as file:
                if path.exists():
                    with path.open("rb") as old:
                        while piece := old.read(1024 * 1024):
                            file.write(piece)
                for offset, data in patches:
                    file.seek(offset)
                    file.write(data)
                file.truncate(size)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)


_CATALOGUE = frozenset({"catalogue-damaged", "catalogue-differs", "not-indexed", "not-there"})
_MARKDOWN = frozenset({"markdown-missing", "markdown-changed", "markdown-due"})
HEALABLE = frozenset({*_CATALOGUE, *_MARKDOWN, "leftover", "tail", "settings-changed"})
"""Codes of findings that cost nothing that was captured, wherever they are found."""


class RepairReport(NamedTuple):
    """What was done."""

    reindexed: bool
    records: int
    """Written anew in the derived files."""
    markdown: int
    """Articles whose file was written again."""
    removed: int
    """Leftovers."""
    problems: tuple[str, ...]
    """What could not be done, and why."""


def repair(
    root: Path, findings: Sequence[Finding], ruleset: Ruleset, watch: Callable[[int], None] | None = None
) -> RepairReport:
    """Heal what can be healed of what was found. `watch` hears of the bytes of each record that is indexed.

    Raises Busy, DiskFull, NotWritable or StorageError; what was healed before stays healed, and it can be run again.
    """
    codes = {each.code for each in findings}
    problems: list[str] = []
    in_files = [each for each in findings if each.file.endswith(".warc.gz") and each.code not in HEALABLE]
    damaged = "catalogue-damaged" in codes
    written = 0
    if damaged:
        reindex(root, watch=watch)
    if derived := {each.file for each in in_files if each.file.startswith("xuanzhi-derived-")}:
        written, problems = _rewrite(root, in_files, derived, ruleset)
    # A sound catalogue knows more than damaged files do: it is made again where nothing is damaged any more.
    captures = [each for each in in_files if each.file not in derived]
    again = not damaged and bool(codes & _CATALOGUE)
    if again and written:  # perhaps the damage in the files was all that was wrong
        again = any(True for _ in check_catalogue(root))
    if "not-a-decision" in codes:
        problems.append("decisions.jsonl has lines that are no decisions: mend them, or put it back from a copy")
    if again and (captures or problems):
        problems.append("the catalogue is not made again until the damaged files are put back: it knows what they held")
        again = False
    if again:
        reindex(root, watch=watch)
    removed = 0
    for path in leftovers(root):
        remove(path)
        removed += 1
    with Collection.open(root, create=False) as collection:  # cuts torn tails, writes what is due
        markdown = collection.write_markdown()
    return RepairReport(damaged or again, written, markdown, removed, tuple(problems))


def _rewrite(root: Path, findings: Sequence[Finding], names: set[str], ruleset: Ruleset) -> tuple[int, list[str]]:
    settings = configs.read(root / configs.FILE)
    written = 0
    problems: list[str] = []
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
        for name in sorted(names):
            gone = any(each.file == name and each.code == "missing-file" for each in findings)
            offsets = {each.offset for each in findings if each.file == name}

            def is_damaged(place: RecordPlace, gone: bool = gone, offsets: set[int] = offsets) -> bool:
                return gone or place.offset in offsets

            result = rewrite(catalogue, root, settings, name, is_damaged, ruleset)
            written += result.healed
            problems += result.problems
    return written, problems
