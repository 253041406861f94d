"""Scan of the WARC files of a collection: the records in them, and what these say, as rebuilding and indexing need it.

All files are read in the order in which they were begun, or only what lies behind given places of them.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from archive.collection.manifest import MANIFEST_URN, files_in
from archive.errors import Damaged
from archive.model import IMPORT_URN, JUDGED_ANEW, UNINDEXED
from archive.warc import reader
from archive.warc.reader import StoredRecord, next_member
from archive.warc.records import EMPTY_SHA256, Fields, Record
from archive.warc.writer import is_import_file

__all__ = [
    "CollectionScan",
    "DerivedSet",
    "ScannedCapture",
    "ScannedFile",
    "ScannedPayload",
    "UnreadablePlace",
    "files_of",
    "is_capture",
    "read_files",
]

# Names of our files end in a serial number, also those of an exported selection; other files in the folders are
# somebody else's. Anchored: linear.
_OURS = re.compile(r"xuanzhi(?:-derived|-import)?(?:-selection)?-\d{14}-(\d{5,})\.warc\.gz$", re.ASCII)


class UnreadablePlace(NamedTuple):
    """A place that could not be read."""

    file: str
    offset: int
    message: str


class ScannedPayload(NamedTuple):
    """A payload that revisits may refer to."""

    sha256: str
    record_id: str
    uri: str
    date: str


class ScannedCapture(NamedTuple):
    """A snapshot with its first judgement, a visit, or a run."""

    kind: str
    """`snapshot`, `visit` or `run`."""
    record_id: str
    """Of the resource, or of the record that describes the visit or the run."""
    provenance: str
    """Record of a snapshot's first judgement; empty for the others."""
    at: str
    """WARC-Date of that."""
    block: bytes
    """Its JSON: a fourth of what Python makes of it, and there is one of each capture."""

    @property
    def values(self) -> dict[str, Any]:
        """Its JSON object."""
        return _object(self.block)


@dataclass(slots=True)
class DerivedSet:
    """The records of one judgement in the derived files."""

    first_of: str = ""
    """What it is the first judgement of: a visit's identifier, or a snapshot's source_sha256; empty where it is not."""
    refers_to: str = ""
    provenance: str = ""
    at: str = ""
    block: bytes = b"{}"
    """JSON of its provenance."""
    conversion: str = ""
    ledger: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The JSON object of its provenance."""
        return _object(self.block)


@dataclass(slots=True)
class ScannedFile:
    """A WARC file of ours."""

    folder: str
    name: str
    committed_length: int = 0
    """Up to the end of the last whole record."""
    records: list[tuple[str, int, int]] = field(default_factory=list)
    """Identifier, offset and length."""


@dataclass(slots=True)
class CollectionScan:
    """The content of the files of a collection, in their order."""

    files: list[ScannedFile] = field(default_factory=list)
    payloads: list[ScannedPayload] = field(default_factory=list)
    captures: list[ScannedCapture] = field(default_factory=list)
    imports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Of each import the record that describes it, and its JSON object."""
    derived: list[DerivedSet] = field(default_factory=list)
    manifests: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    """Of each its record, and what it says of each file."""
    damage: list[UnreadablePlace] = field(default_factory=list)
    repeated: int = 0
    """Records whose identifier something else had already."""


def read_files(
    root: Path,
    ends: Mapping[tuple[str, str], int] | None = None,
    watch: Callable[[int], None] | None = None,
    *,
    starts: Mapping[tuple[str, str], int] | None = None,
    is_known: Callable[[str], bool] = lambda record_id: False,
) -> CollectionScan:
    """Read all files of a collection; places that cannot be read are listed in `damage`.

    `ends` has the files that count, by folder and name, and how far each is read; without it all are read to their end.
    `starts` has the files that count, and where reading begins in each; without it they are read from the beginning.
    `watch` is called with the bytes of each record. `is_known` tells of a record's identifier whether something else
    has it already: of records with one identifier the first counts, and nothing comes of the others.

    Raises StorageError.
    """
    files = CollectionScan()
    resources: dict[str, str] = {}
    seen: set[str] = set()
    for folder in ("warc", "derived"):
        for path in files_of(root / folder):
            end = None if ends is None else ends.get((folder, path.name), 0)
            start = 0 if starts is None else starts.get((folder, path.name))
            if end == 0 or start is None:
                continue
            file = ScannedFile(folder, path.name, committed_length=start)
            files.files.append(file)
            opening = _opening(path) if start else ""
            for stored in _whole_records(path, end, files, start):
                if watch:
                    watch(stored.length)
                file.committed_length = stored.offset + stored.length
                record_id = stored.record.record_id
                opening = opening or record_id
                if record_id in seen or is_known(record_id):
                    files.repeated += 1
                    continue
                seen.add(record_id)
                file.records.append((record_id, stored.offset, stored.length))
                try:
                    if is_import_file(path.name):
                        _scan_import(files, stored.record, opening)
                    elif folder == "warc":
                        _scan_captured(files, stored.record, resources)
                    else:
                        _scan_derived(files.derived, stored.record)
                except (ValueError, KeyError, TypeError) as error:
                    message = f"the record says what none of ours does: {error}"
                    files.damage.append(UnreadablePlace(path.name, stored.offset, message))
    return files


def files_of(folder: Path) -> list[Path]:
    """Return our files in the order in which they were begun."""
    named = [(int(match[1]), path) for path in folder.glob("*.warc.gz") if (match := _OURS.match(path.name))]
    return [path for _, path in sorted(named)]


def _opening(path: Path) -> str:
    """Return the identifier of a file's first record; empty where that cannot be read."""
    with suppress(Damaged):
        for stored in reader.iterate(path, wanted=lambda fields: False):
            return stored.record.record_id
    return ""


def _whole_records(path: Path, limit: int | None, files: CollectionScan, begin: int) -> Iterator[StoredRecord]:
    """Yield the records of a file, also those behind damage; a torn tail at the end is no damage."""
    start: int | None = begin
    while start is not None:
        end = start
        try:
            for stored in reader.iterate(path, limit, start=start, wanted=_is_description):
                end = stored.offset + stored.length
                yield stored
            return
        except Damaged as error:
            start = next_member(path, end + 1)
            if start is not None and limit is not None and start >= limit:
                start = None
            if start is not None or limit is not None:
                files.damage.append(UnreadablePlace(path.name, end, str(error)))


def _is_description(fields: Fields) -> bool:
    """Whether a rebuild reads the record's block: other blocks, of any size, are passed over."""
    values = dict(fields)
    uri = values.get("WARC-Target-URI", "")
    return values.get("WARC-Type") == "metadata" and uri.startswith(
        ("urn:visit:", "urn:run:", "urn:provenance:", "urn:ledger:", IMPORT_URN, MANIFEST_URN)
    )


def is_capture(fields: Fields) -> bool:
    """Whether a record of a capture file of ours stands for a visit or for a snapshot."""
    values = dict(fields)
    kind, uri = values.get("WARC-Type"), values.get("WARC-Target-URI", "")
    return (kind == "metadata" and uri.startswith("urn:visit:")) or (
        kind == "resource" and uri.startswith("urn:snapshot:")
    )


def _scan_import(files: CollectionScan, record: Record, opening: str) -> None:
    """Add our description, which names the record that opens the file.

    What others wrote tells nothing about our captures, also where it is a copy of another collection of ours.
    """
    is_ours = record.get("WARC-Warcinfo-ID") == f"<{opening}>" and record.get("WARC-Target-URI").startswith(IMPORT_URN)
    if is_ours and record.type == "metadata":
        files.imports.append((record.record_id, json.loads(record.block)))


def _scan_captured(files: CollectionScan, record: Record, resources: dict[str, str]) -> None:
    uri, record_id = record.get("WARC-Target-URI"), record.record_id
    if record.type == "resource":
        resources[record_id] = uri
    elif record.type == "response":
        digest = record.get("WARC-Payload-Digest").removeprefix("sha256:")
        if digest != EMPTY_SHA256 and not record.get("WARC-Truncated"):
            files.payloads.append(ScannedPayload(digest, record_id, uri, record.get("WARC-Date")))
    elif record.type == "metadata" and uri.startswith(("urn:visit:", "urn:run:")):
        kind = uri.split(":", 2)[1]
        values = {key: value for key, value in _object(record.block).items() if key not in UNINDEXED}
        block = json.dumps(values).encode()
        files.captures.append(ScannedCapture(kind, record_id, "", record.get("WARC-Date"), block))
    elif record.type == "metadata" and uri.startswith(MANIFEST_URN):
        files.manifests.append((record_id, files_in(record.block)))
    elif record.type == "metadata" and uri.startswith("urn:provenance:") and record.refers_to in resources:
        _object(record.block)  # raises where it is none
        files.captures.append(
            ScannedCapture("snapshot", record.refers_to, record_id, record.get("WARC-Date"), record.block)
        )


def _scan_derived(sets: list[DerivedSet], record: Record) -> None:
    """Put a record to the judgement that it is of: provenance, conversion, ledger come in this order, if they come."""
    uri, last = record.get("WARC-Target-URI"), sets[-1] if sets else DerivedSet(ledger="none")
    if record.type == "metadata" and uri.startswith("urn:provenance:"):
        values = _object(record.block)
        visit = "" if values.get(JUDGED_ANEW) else values.get("visit", "")
        sets.append(DerivedSet(visit, record.refers_to, record.record_id, record.get("WARC-Date"), record.block))
    elif record.type == "conversion":
        digest, before = record.get("WARC-Payload-Digest").removeprefix("sha256:"), last.values
        fits = before.get("clean_sha256") == digest and not before.get("inherits")
        if not fits or last.conversion or last.ledger:
            sets.append(last := DerivedSet())
        last.conversion = record.record_id
    elif record.type == "metadata" and uri.startswith("urn:ledger:"):
        header = _object(record.block.partition(b"\n")[0])
        if last.provenance:
            before = last.values
            same = all(before.get(key) == header[key] for key in ("source_sha256", "clean_sha256"))
            fits = same and not before.get("inherits", False)
        else:
            fits = last.conversion != "" and last.conversion == record.refers_to
        if not fits or last.ledger:
            sets.append(last := DerivedSet())
        last.ledger = record.record_id
        if not last.provenance:
            last.first_of = header["source_sha256"]


def _object(block: bytes) -> dict[str, Any]:
    """Return the JSON object in a record of ours. Raises ValueError."""
    values: dict[str, Any] = json.loads(block)
    return values
