"""Rows of a catalogue made from what a scan of the WARC files found: all of them, or those of a tail.

Rows are inserted by the code that inserted them first. Captures come in the order of the capture files, judgements in
that of the derived files. The order between the two is found again from what refers to what: a capture is followed by
its own judgement, and a judgement that cleaned something anew stands between those of its time.
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue import indexing
from archive.catalogue.connection import Catalogue
from archive.catalogue.indexing import add_file, file_row, set_committed_length
from archive.catalogue.manifest import insert_manifest
from archive.catalogue.rows import CatalogueWriter, RecordRows, free_name, has_import, insert_import
from archive.catalogue.texts import current_files, set_pending
from archive.collection import markdown
from archive.collection.decisions import FILE as DECISIONS
from archive.collection.decisions import catch_up
from archive.collection.scan import CollectionScan, DerivedSet, ScannedCapture, UnreadablePlace
from archive.errors import ArchiveError
from archive.ingest.provenance import judgement_in, preferred_path, subject_in, visit_provenance
from archive.ingest.runs import insert_run
from archive.model import Judgement, Subject, VisitDescription
from archive.naming import candidates
from archive.warc import reader
from archive.warc.writer import is_import_file
from capture.identity import Identity

__all__ = ["NO_NAMES", "Incomplete", "LostDerivation", "RebuildReport", "extend", "fill"]

NO_NAMES: Mapping[str, str] = {}


class LostDerivation(NamedTuple):
    """A capture whose judgement, or whose text, could not be found in the derived files."""

    record_id: str
    """Of its resource, or of the record that describes the visit."""
    name: str
    """The snapshot's file, or the address as given."""


class RebuildReport(NamedTuple):
    """The content of a rebuilt catalogue, and what could not be rebuilt."""

    records: int
    captures: int
    damage: tuple[UnreadablePlace, ...]
    lost: tuple[LostDerivation, ...]


def fill(
    root: Path, files: CollectionScan, index: Catalogue, names: Mapping[str, str] = NO_NAMES, decided: int | None = None
) -> RebuildReport:
    """Fill an empty catalogue with what the files say, inside a transaction.

    `names` has the Markdown files that articles had, by their keys, for those whose text no file holds. `decided` is
    the place in decisions.jsonl up to which it is read, in bytes; None for all of it.

    Raises sqlite3.Error.
    """
    replay = _Replay(index, root, files, names, _texts(root))
    lost = replay.run()
    no_decisions: list[tuple[int, str]] = []
    catch_up(index, root, until=decided, damage=no_decisions, name=replay.stand_in)
    replay.name_files()  # now it is known which text of each article is current
    indexing.clear_obsolete(index)
    held = indexing.holdings(index)
    damage = [*files.damage, *(UnreadablePlace(DECISIONS, offset, message) for offset, message in no_decisions)]
    return RebuildReport(records=held.records, captures=held.captures, damage=tuple(damage), lost=tuple(lost))


class Incomplete(Exception):
    """A catalogue that is rebuilt may have more than one to which the same records are added."""


def extend(root: Path, files: CollectionScan, index: Catalogue, *, complete: bool) -> tuple[LostDerivation, ...]:
    """Add what a scan found behind the committed part of files, or in new ones, inside a transaction.

    What comes is what a rebuild gives, as long as each judgement lies behind the same place as its capture. `complete`
    says that nothing else will do. Return the captures whose judgement or text is not there.

    Raises Incomplete, only where `complete`, or sqlite3.Error.
    """
    replay = _Replay(index, root, files, NO_NAMES, None)
    lost = replay.run()
    replay.name_files()
    if complete and lost and indexing.has_unused_derived_record(index):
        raise Incomplete
    if complete and replay.unused and indexing.has_unjudged_capture(index):
        raise Incomplete
    if lost or replay.unused:  # a text may stand in a Markdown file that is in no record any more
        _flag_differing(index, root)
    return tuple(lost)


def _flag_differing(index: Catalogue, root: Path) -> None:
    """Flag the articles whose Markdown file is missing, or is not their current text."""
    for file in current_files(index):
        if markdown.is_due(root / file.path, file.clean_sha256):
            set_pending(index, file.article, pending=True)


class _Replay:
    """Adds what was scanned to a catalogue, inside a transaction."""

    def __init__(
        self,
        catalogue: Catalogue,
        root: Path,
        files: CollectionScan,
        names: Mapping[str, str],
        on_disk: Mapping[str, set[str]] | None,
    ) -> None:
        """`on_disk` has the Markdown files by the digest of what they hold; None to look at those that may be meant."""
        self._names = names
        self._on_disk = on_disk
        self._catalogue = catalogue
        self._root = root
        self._files = files
        self._index = CatalogueWriter(catalogue, self.stand_in)
        self._wanted: dict[str, tuple[str, str]] = {}  # by its stand-in: the name an article would like, and its key
        self._captures: dict[str, int] = {}  # by resource or visit
        self._done = 0  # of the derived sets
        self.unused = 0
        """Derived sets that are of no capture."""
        self._first: dict[str, int] = {}
        for place, derived in enumerate(files.derived):
            if derived.first_of:
                self._first.setdefault(derived.first_of, place)

    def run(self) -> list[LostDerivation]:
        """Add it; return what could not be put together."""
        self._insert_records()
        missing = [each for each in self._files.captures if not self._insert_capture(each)]
        self._recleaned(len(self._files.derived))
        return [
            LostDerivation(each.record_id, each.values.get("file") or each.values["url"])
            for each in missing
            if self._lost(each)
        ]

    def _lost(self, captured: ScannedCapture) -> bool:
        """Whether nothing is known of a capture but what was captured; cleaning it anew may tell."""
        capture = self._captures.get(captured.record_id)
        if capture is None:
            return True
        if indexing.is_judged(self._catalogue, capture):
            return False
        self._index.judgement_lost(capture)
        return True

    def _insert_records(self) -> None:
        for file in self._files.files:
            row = file_row(self._catalogue, file.folder, file.name)
            if row is None:
                row = add_file(self._catalogue, file.folder, file.name, imported=is_import_file(file.name))
            set_committed_length(self._catalogue, row, file.committed_length)
            for record_id, offset, length in file.records:
                self._catalogue.insert("record", record_id=record_id, file=row, offset=offset, length=length)
            file.records.clear()  # of all that is held, records are most
        for record_id, description in self._files.imports:
            if not has_import(self._catalogue, description["sha256"]):
                insert_import(self._catalogue, self._row(record_id), description)
        for record_id, entries in self._files.manifests:
            with suppress(KeyError):  # the record of the file's bytes is damaged, which is told by itself
                insert_manifest(self._catalogue, record_id, entries)
        for payload in self._files.payloads:
            self._index.new_payload(payload.sha256, self._row(payload.record_id), payload.uri, payload.date)

    def _row(self, record_id: str) -> int:
        """Return the row of a record. Raises KeyError where no file has it."""
        row = self._catalogue.row_of(record_id)
        if row is None:
            raise KeyError(record_id)
        return row

    def _insert_capture(self, captured: ScannedCapture) -> bool:
        """Insert a capture with its first judgement; return whether its judgement and its text are in the files."""
        values = captured.values
        if captured.kind == "run":
            insert_run(self._catalogue, captured.record_id, values)
            return True
        if captured.kind == "visit":
            visit = VisitDescription.read(captured.record_id, values)
            if not visit.identities:
                self._index.item_done(visit, visit.error or "unavailable")
                return True
            derived = self._first_judgement(visit.visit_id)
            return self._lost_visit(visit) if derived is None else self._visit(visit, derived)
        if values["clean_sha256"] is None:
            return self._snapshot(captured, DerivedSet())
        derived = self._first_judgement(values["source_sha256"])
        if derived is None:
            self._recleaned(self._end_of_recleaned(captured.at))
        return self._snapshot(captured, derived or DerivedSet())

    def _first_judgement(self, name: str) -> DerivedSet | None:
        """Return the first judgement of a visit or a snapshot, after what was cleaned anew before it."""
        place = self._first.get(name)
        if place is None or place < self._done:
            return None
        self._recleaned(place)
        self._done = place + 1
        return self._files.derived[place]

    def _end_of_recleaned(self, at: str) -> int:
        """Return up to where the next judgements are of known captures, none the first, none later than a moment.

        They come before a capture whose own judgement is lost: what ends a file takes the last of it.
        """
        end = self._done
        for derived in self._files.derived[end:]:
            if derived.first_of or derived.at > at or self._capture_of(derived, derived.values) is None:
                break
            end += 1
        return end

    def _capture_of(self, derived: DerivedSet, values: Mapping[str, Any]) -> int | None:
        """Return the capture that was cleaned anew; None where it is not known, or not yet."""
        name = str(values.get("visit", derived.refers_to))
        return self._captures.get(name) or indexing.capture_of(self._catalogue, name)

    def _recleaned(self, end: int) -> None:
        """Insert the judgements up to this one of captures that had been judged before."""
        for derived in self._files.derived[self._done : end]:
            values = derived.values
            capture = self._capture_of(derived, values)
            if not (derived.provenance and capture):
                self.unused += 1
                continue
            subject, judgement = subject_in(values, ()), judgement_in(values, derived.at)
            # Asked again: a later capture may have joined its article to another.
            article = indexing.article_of(self._catalogue, capture)
            path = preferred_path(values)
            self._judge(article, capture, subject, judgement, derived, derived.provenance, "normalization", path)
        self._done = max(self._done, end)

    def _snapshot(self, captured: ScannedCapture, derived: DerivedSet) -> bool:
        values = captured.values
        identity = Identity(values["article"], values["article_kind"], values["article_url"])
        subject, judgement = subject_in(values, (identity,)), judgement_in(values, captured.at)
        article, joined = self._index.article(subject)
        capture = self._index.capture(
            subject, article, self._row(captured.record_id), source_sha256=judgement.source_sha256, visit=None
        )
        self._captures[captured.record_id] = capture
        self._index.joined(judgement.at, article, capture, joined)
        path = preferred_path(values)
        return self._judge(article, capture, subject, judgement, derived, captured.provenance, "ingestion", path)

    def _visit(self, visit: VisitDescription, derived: DerivedSet) -> bool:
        values = derived.values
        subject, judgement = subject_in(values, visit.identities), judgement_in(values, derived.at)
        article, capture = self._captured(visit, subject, judgement)
        path = preferred_path(values)
        is_complete = self._judge(article, capture, subject, judgement, derived, derived.provenance, visit.event, path)
        self._index.item_done(visit, visit.error or judgement.state)
        return is_complete

    def _lost_visit(self, visit: VisitDescription) -> bool:
        """Insert a visit of which only what was captured is known; return false."""
        values = visit_provenance(visit, None, Judgement(visit.started, "", "", "", None, "", ""))
        self._captured(visit, subject_in(values, visit.identities), judgement_in(values, visit.started))
        self._index.item_done(visit, visit.error or "unavailable")
        return False

    def _captured(self, visit: VisitDescription, subject: Subject, judgement: Judgement) -> tuple[int, int]:
        """Insert a visit; return the rows of its article and of its capture."""
        article, joined = self._index.article(subject)
        answer = self._catalogue.row_of(visit.answer) if visit.answer else None
        record = answer or self._row(visit.visit_id)
        capture = self._index.capture(subject, article, record, source_sha256=judgement.source_sha256, visit=visit)
        self._captures[visit.visit_id] = capture
        self._index.joined(judgement.at, article, capture, joined)
        return article, capture

    def _judge(
        self,
        article: int,
        capture: int,
        subject: Subject,
        judgement: Judgement,
        derived: DerivedSet,
        provenance: str,
        event: str,
        path: str,
    ) -> bool:
        """Insert a judgement; return whether the text that it names is in the files."""
        version: int | None = None
        if judgement.clean_sha256 is not None:
            known = self._index.version(article, judgement.clean_sha256)
            if known:
                version = known.id
            elif derived.conversion:
                record = self._row(derived.conversion)
                version = self._index.new_version(article, capture, judgement, record, self._text(record))
            else:
                return False
        rows = RecordRows(self._row(provenance), version, self._row(derived.ledger) if derived.ledger else None)
        self._index.judge(article, capture, subject, judgement, rows, event=event, path=path)
        return True

    def _text(self, record: int) -> bytes | None:
        place = self._catalogue.place(record)
        try:
            return reader.read_at(self._root, place).block
        except ArchiveError:  # the disk, at this moment: a moment ago the record was read whole
            return None

    # Markdown files

    def stand_in(self, path: str, key: str) -> str:
        """Return a stand-in for a name: which one the article got, its file tells at the end."""
        stand_in = f"{indexing.STAND_IN}{len(self._wanted)}"
        self._wanted[stand_in] = path, key
        return stand_in

    def name_files(self) -> None:
        """Give each article the file that holds its text; where there is none, a free name, and the file is due."""
        nameless: list[tuple[int, str, str]] = []
        for article, stand_in, digest in indexing.nameless_texts(self._catalogue):
            path, key = self._wanted[stand_in]
            names = self._holding(digest, path, key)
            # A name with a suffix is made from the article's key, so it can be no other's; the bare one may be.
            bare, *suffixed = candidates(path, key)
            name = next((each for each in (*suffixed, bare) if each in names), min(names, default=""))
            if name:
                names.remove(name)
                indexing.set_name(self._catalogue, article, name, pending=False)
            else:
                nameless.append((article, key, path))
        for article, key, path in nameless:
            had = self._names.get(key, "")
            other = indexing.is_name_used(self._catalogue, had)
            is_ours = had.startswith("markdown/") and ".." not in had.split("/") and not other
            name = had if is_ours else free_name(self._catalogue, self._root, path, key)
            indexing.set_name(self._catalogue, article, name, pending=True)

    def _holding(self, digest: str, path: str, key: str) -> set[str]:
        """Return the Markdown files that hold a text and are no other article's."""
        if self._on_disk is not None:
            return self._on_disk.get(digest, set())
        return {
            each
            for each in candidates(path, key)
            if not markdown.differs(self._root / each, digest) and not indexing.is_name_used(self._catalogue, each)
        }


def _texts(root: Path) -> dict[str, set[str]]:
    """Return the Markdown files of a collection by the digest of what they hold."""
    paths: dict[str, set[str]] = {}
    for path in (root / "markdown").rglob("*.md"):
        if path.is_file():
            paths.setdefault(sha256(path.read_bytes()).hexdigest(), set()).add(path.relative_to(root).as_posix())
    return paths
