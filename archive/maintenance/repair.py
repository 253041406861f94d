"""Repair of derived data: catalogue, derived records, Markdown files, torn tails, leftovers.

Files of captures are never touched. The catalogue comes first, because what is damaged in it must not decide about
anything else.

A damaged record of a derived file is written anew: its source is cleaned again, and the very bytes come back. That is
done only where what comes out has the length that the catalogue knows, under the record's own identifier; everything
else of the file stays byte for byte.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from archive import settings as configs
from archive.catalogue.captures import StoredCapture, stored_captures
from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.collection.decisions import FILE as DECISIONS
from archive.errors import ArchiveError, Damaged, FilesDiffer, storage_errors
from archive.ingest.prepared import derived
from archive.ingest.provenance import Provenance, visit_provenance
from archive.ingest.reclean import (
    OTHER_ENGINE,
    OTHER_RULES,
    OTHER_SOFTWARE,
    RecleanResult,
    other_maker,
    reclean_capture,
    uris_of,
)
from archive.maintenance.check import Finding
from archive.maintenance.check_texts import check_catalogue
from archive.maintenance.rebuild import reindex
from archive.maintenance.restore import mend_journals, restore_files
from archive.model import Judgement, VisitDescription
from archive.settings import CollectionSettings
from archive.storage import CATALOGUE, leftovers, remove, sync_folder
from archive.warc import records
from archive.warc.members import Member, member
from archive.warc.reader import RecordPlace, read_at
from archive.warc.records import urn, visit_uri
from clean.rules import Ruleset
from clean.version import is_at_hand

__all__ = ["HEALABLE", "Reclean", "RepairReport", "RewriteReport", "repair", "rewrite"]


_LIMIT = 64 * 1024 * 1024
"""Bytes of a source that are cleaned again."""

Reclean = Callable[[StoredCapture], RecleanResult | None]
"""What cleans a capture again, by the rules of the repair. Raises what `reclean_capture` raises."""


class RewriteReport(NamedTuple):
    """The result of rewriting damaged records."""

    healed: int
    problems: tuple[str, ...]
    """Why others could not be written anew."""


class _Cleaning(NamedTuple):
    """A cleaning that made the damaged record."""

    capture: int
    """Row of the capture."""
    at: str
    ruleset_sha256: str
    software: str
    engine: str
    state: str
    notice: str
    clean_sha256: str
    """Of its text; empty where it gave none."""
    is_provenance: int
    """Whether the record is its provenance; otherwise it is its ledger or its conversion."""
    ledger_id: str
    """Its records; empty where it has none."""
    conversion_id: str


# Of the cleanings that have a record, the first: of a conversion, the one that came with it.
_CLEANING = """
SELECT cleaning.capture, at, cleaning.ruleset_sha256, cleaning.software, cleaning.engine, state, notice,
  coalesce(clean_sha256, '') AS clean_sha256, provenance = ?1 AS is_provenance,
  coalesce(ledger.record_id, '') AS ledger_id, coalesce(conversion.record_id, '') AS conversion_id
FROM cleaning LEFT JOIN version ON version.id = cleaning.version
  LEFT JOIN record AS ledger ON ledger.id = cleaning.ledger
  LEFT JOIN record AS conversion ON conversion.id = version.record
WHERE provenance = ?1 OR cleaning.ledger = ?1 OR (version.record = ?1 AND cleaning.ledger IS NOT NULL)
ORDER BY cleaning.id LIMIT 1
"""


class _Opening(NamedTuple):
    """The cleaning that a file begins with."""

    at: str
    software: str


_OPENING = """
SELECT at, software FROM cleaning JOIN record ON record.id = provenance OR record.id = ledger
WHERE record.file = (SELECT file FROM record WHERE id = ?) ORDER BY cleaning.id LIMIT 1
"""


_NOT_AT_HAND = {
    OTHER_RULES: "other rules, which are",
    OTHER_SOFTWARE: "another version of this software, which is",
    OTHER_ENGINE: "another engine (other versions of Python or of libraries), which is",
}


_TRAILER = 8
"""Bytes at the end of a gzip member: checksum and length of what it holds (RFC 1952 §2.3.1)."""

_ASKED = 8
"""Provenances that are asked for the versions of an engine, of which some may be damaged."""


class _CaptureName(NamedTuple):
    """What `archive.catalogue.captures.stored_captures` knows a capture by."""

    article: int
    record_id: str


_CAPTURE_NAME = """
SELECT article, coalesce(visit_id, record_id) AS record_id FROM capture JOIN record ON record.id = capture.record
  LEFT JOIN visit ON visit.capture = capture.id WHERE capture.id = ?
"""


class _Restored(NamedTuple):
    """A record made anew."""

    member: Member
    is_proven: bool = True
    """Whether it is the very record, if its length is the same; of one text another engine may say other things."""


class _Recleaner:
    """Cleans what damaged records were made of."""

    def __init__(
        self, catalogue: Catalogue, root: Path, config: CollectionSettings, ruleset: Ruleset, reclean: Reclean | None
    ) -> None:
        self._catalogue = catalogue
        self._reclean = reclean or (lambda capture: reclean_capture(root, capture, ruleset, _LIMIT))
        self._root = root
        self._config = config
        self._ruleset = ruleset

    def restored(self, row: int, record_id: str, file: str) -> _Restored:
        """Return a record made anew. Raises Damaged where nobody can know what it held."""
        cleaning = self._catalogue.first(_Cleaning, _CLEANING, row)
        if cleaning is None:
            return _Restored(self._warcinfo(row, record_id, file))
        capture = self._capture(cleaning.capture)
        is_proven = not self._other_maker(cleaning)
        if cleaning.is_provenance:
            return _Restored(self._provenance(capture, cleaning, record_id), is_proven or not cleaning.ruleset_sha256)
        recleaned = self._cleaned(capture, cleaning)
        page, uri = uris_of(self._root, capture)
        ids = iter((cleaning.conversion_id, cleaning.ledger_id))
        derived_records = derived(
            recleaned.cleaned, key=capture.article, page=page, uri=uri, at=cleaning.at, source=capture.payload_id,
            new_id=lambda: next(ids),
        )  # fmt: skip
        wanted = derived_records.ledger if record_id == cleaning.ledger_id else derived_records.conversion
        assert wanted is not None  # for the type checker: the text is live
        return _Restored(wanted.member, is_proven or wanted is derived_records.conversion)

    def _capture(self, row: int) -> StoredCapture:
        name = self._catalogue.require(_CaptureName, _CAPTURE_NAME, row)
        captures = stored_captures(self._catalogue, [name.article])
        return next(each for each in captures if each.capture == name.record_id)

    def _other_maker(self, cleaning: _Cleaning) -> str:
        return other_maker(cleaning.ruleset_sha256, cleaning.software, cleaning.engine, self._ruleset)

    def _cleaned(self, capture: StoredCapture, cleaning: _Cleaning) -> RecleanResult:
        """Clean a capture as that cleaning did; with another engine if that gives the same text."""
        other = self._other_maker(cleaning)
        if other not in {"", OTHER_ENGINE}:
            raise Damaged(f"{capture.name} was cleaned with {_NOT_AT_HAND[other]} not at hand")
        recleaned = self._reclean(capture)
        if recleaned is None or recleaned.cleaned is None:
            raise Damaged(f"{capture.name} cannot be cleaned again")
        if not other:
            return recleaned
        if (recleaned.clean_sha256 or "") != cleaning.clean_sha256:
            raise Damaged(f"{capture.name} was cleaned to another text, with {_NOT_AT_HAND[other]} not at hand")
        cleaned = recleaned.cleaned
        return recleaned._replace(cleaned=cleaned._replace(ledger=cleaned.ledger._replace(engine=cleaning.engine)))

    def _provenance(self, capture: StoredCapture, cleaning: _Cleaning, record_id: str) -> Member:
        count = self._catalogue.one("SELECT count(*) FROM cleaning WHERE capture = ?", cleaning.capture)[0]
        if capture.kind != "visit" or capture.inherits or count != 1:
            raise Damaged(f"{capture.name}: a provenance of a later cleaning, or of a text that was taken over")
        place = self._catalogue.place_of(capture.capture)
        if place is None:
            raise Damaged(f"{capture.name}: the description of the visit is not there")
        description = VisitDescription.read(capture.capture, json.loads(read_at(self._root, place).block))
        cleaned = self._cleaned(capture, cleaning).cleaned if cleaning.ruleset_sha256 else None
        judgement = Judgement(
            at=cleaning.at,
            state=cleaning.state,
            notice=cleaning.notice,
            source_sha256=capture.source_sha256,
            clean_sha256=capture.clean_sha256,
            ruleset_sha256=cleaning.ruleset_sha256,
            software=cleaning.software,
            engine=cleaning.engine,
        )
        provenance = Provenance(
            record_id=record_id,
            date=cleaning.at,
            uri=urn("provenance", visit_uri(description.final_url or description.url)),
            refers_to=description.answer or description.visit_id,
            values=visit_provenance(description, cleaned, judgement),
        )
        if cleaning.engine and not is_at_hand(cleaning.engine):
            provenance = provenance.updated(engine_versions=self._noted_versions(cleaning.engine))
        return member(provenance.record())

    def _noted_versions(self, engine: str) -> dict[str, str]:
        """Return what an engine that is not at hand was made of, as any other provenance says."""
        rows = self._catalogue.execute("SELECT provenance FROM cleaning WHERE engine = ? LIMIT ?", (engine, _ASKED))
        for (row,) in rows.fetchall():
            with suppress(ArchiveError, ValueError, KeyError):
                versions: dict[str, str] = json.loads(read_at(self._root, self._catalogue.place(row)).block)[
                    "engine_versions"
                ]
                return versions
        return {}

    def _warcinfo(self, row: int, record_id: str, file: str) -> Member:
        """Return the record that opens a file: it was written with the judgement behind it."""
        opening = self._catalogue.first(_Opening, _OPENING, row)
        if opening is None or not opening.at:
            raise Damaged("nobody knows what the record held")
        return member(
            records.warcinfo(
                record_id=record_id,
                date=opening.at,
                filename=file,
                software=opening.software,
                operator=self._config.operator,
                description=" ".join(self._config.description.split()),
            )
        )


class _IndexedRecord(NamedTuple):
    """A record as the catalogue knows it."""

    id: int
    record_id: str
    offset: int
    length: int


def rewrite(
    catalogue: Catalogue,
    root: Path,
    config: CollectionSettings,
    name: str,
    damaged: Callable[[RecordPlace], bool],
    ruleset: Ruleset,
    reclean: Reclean | None = None,
) -> RewriteReport:
    """Rewrite the damaged records of one derived file, inside a transaction of the caller's.

    `damaged` tells which; `reclean` is as for `repair`. Raises DiskFull, NotWritable or StorageError; then the file
    stands as it stood.
    """
    path = root / "derived" / name
    source = _Recleaner(catalogue, root, config, ruleset, reclean)
    indexed = list(
        catalogue.select(
            _IndexedRecord,
            "SELECT record.id, record_id, offset, length FROM record JOIN file ON file.id = record.file"
            " WHERE folder = 'derived' AND name = ? ORDER BY offset",
            name,
        )
    )
    patches: dict[int, bytes] = {}
    problems: list[str] = []
    for record in indexed:
        if not damaged(RecordPlace("derived", name, record.offset, record.length)):
            continue
        try:
            restored, is_proven = source.restored(record.id, record.record_id, name)
            if restored.size != record.length:
                raise Damaged("what cleaning gives now has another length")
            end = record.offset + record.length - _TRAILER
            if not is_proven and not _holds(path, end, restored.data[-_TRAILER:]):
                raise Damaged(
                    f"it was made with {_NOT_AT_HAND[OTHER_ENGINE]} not at hand, and nothing proves it the same"
                )
            if not _holds(path, record.offset, restored.data):
                patches[record.offset] = restored.data
        except (ArchiveError, StopIteration, ValueError, KeyError, TypeError) as error:
            problems.append(f"{name} at {record.offset:,}: {error}")
    if patches and (path.exists() or not problems):
        _write(path, indexed[-1].offset + indexed[-1].length, patches.items())
        return RewriteReport(len(patches), tuple(problems))
    return RewriteReport(0, tuple(problems))


def _holds(path: Path, offset: int, data: bytes) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(len(data)) == data


def _write(path: Path, size: int, patches: Iterable[tuple[int, bytes]]) -> None:
    part = path.with_name(f".{path.name}.part")  # under the write lock
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


_CATALOGUE = frozenset({"catalogue-damaged", "catalogue-differs", "not-indexed", "not-there", "decisions-changed"})
_MARKDOWN = frozenset({"markdown-missing", "markdown-changed", "markdown-due", "image-missing", "image-changed"})
_BESIDE = frozenset({"settings-changed", "rules-changed", "unfinished-line"})
HEALABLE = frozenset({*_CATALOGUE, *_MARKDOWN, *_BESIDE, "leftover", "tail"})
"""Codes of findings that cost nothing that was captured, wherever they are found."""


class RepairReport(NamedTuple):
    """The result of a repair."""

    reindexed: bool
    records: int
    """Written anew in the derived files."""
    markdown: int
    """Articles whose file was written again."""
    removed: int
    """Leftovers."""
    restored: int
    """Rules and settings that were written again from their records."""
    problems: tuple[str, ...]
    """What could not be done, and why."""


def repair(
    root: Path,
    findings: Sequence[Finding],
    ruleset: Ruleset,
    watch: Callable[[int], None] | None = None,
    reclean: Reclean | None = None,
) -> RepairReport:
    """Heal what can be healed of what was found. `watch` hears of the bytes of each record that is indexed.

    `reclean` cleans captures again, where this process is not the one that should; by default it does.

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
        written, problems = _rewrite(root, in_files, derived, ruleset, reclean)
    # A sound catalogue knows more than damaged files do: it is made again where nothing is damaged any more.
    captures = [each for each in in_files if each.file not in derived]
    rebuilds = not damaged and bool(codes & _CATALOGUE)
    if rebuilds and written:  # perhaps the damage in the files was all that was wrong
        rebuilds = any(True for _ in check_catalogue(root))
    if any(each.file == DECISIONS and each.code not in HEALABLE for each in findings):
        problems.append(
            "decisions.jsonl is not what was written, nor has the catalogue all of it: restore it from a backup"
        )
    if rebuilds and (captures or problems):
        problems.append(
            "the catalogue is not rebuilt until the damaged files are restored from a backup: it knows what they held"
        )
        rebuilds = False
    if rebuilds:
        reindex(root, watch=watch)
    if "unfinished-line" in codes:
        mend_journals(root)
    restored, unrestored = restore_files(root, findings)
    problems += unrestored
    removed = 0
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():  # so that nobody writes
        for path in leftovers(root, writers=False):
            remove(path)
            removed += 1
    markdown = 0
    try:
        with Collection.open(root, create=False) as collection:  # settles tails, writes what is due
            markdown = collection.write_markdown()
    except FilesDiffer as error:
        problems.append(str(error))
    return RepairReport(damaged or rebuilds, written, markdown, removed, restored, tuple(problems))


def _rewrite(
    root: Path, findings: Sequence[Finding], names: set[str], ruleset: Ruleset, reclean: Reclean | None
) -> tuple[int, list[str]]:
    settings = configs.read(root / configs.FILE)
    written = 0
    problems: list[str] = []
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
        for name in sorted(names):
            is_missing = any(each.file == name and each.code == "missing-file" for each in findings)
            offsets = {each.offset for each in findings if each.file == name}

            def is_damaged(place: RecordPlace, is_missing: bool = is_missing, offsets: set[int] = offsets) -> bool:
                return is_missing or place.offset in offsets

            result = rewrite(catalogue, root, settings, name, is_damaged, ruleset, reclean)
            written += result.healed
            problems += result.problems
    return written, problems
