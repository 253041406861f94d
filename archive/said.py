"""What the records of a collection say about captures, read in the order of the files: the input of a rebuild."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from archive import reader
from archive.errors import Damaged
from archive.imports.description import IMPORT_URN
from archive.reader import Found
from archive.warc.reader import next_member
from archive.warc.records import EMPTY_SHA256, Fields, Record
from archive.warc.writer import is_imported

__all__ = ["Captured", "File", "Files", "Payload", "Unit", "read_files"]

# Names of our files end in a serial number, also those of an exported selection; other files in the folders are
# somebody else's. Anchored: linear.
_OURS = re.compile(r"xuanzhi(?:-derived|-import)?(?:-selection)?-\d{14}-(\d{5,})\.warc\.gz$", re.ASCII)


_NOT_INDEXED = frozenset({"robots", "failures", "shared", "exchanges", "certificates"})
"""What a visit's description says that no row does, and most of its bytes."""


class Payload(NamedTuple):
    """A payload that revisits may refer to."""

    sha256: str
    record_id: str
    uri: str
    date: str


class Captured(NamedTuple):
    """A snapshot with its first judgement, a visit, or a run."""

    kind: str
    """`snapshot`, `visit` or `run`."""
    record_id: str
    """Of the resource, or of the record that describes the visit or the run."""
    provenance: str
    """Record of a snapshot's first judgement; empty for the others."""
    at: str
    """WARC-Date of that."""
    told: bytes
    """What it says, as JSON: a fourth of what Python makes of it, and there is one of each capture."""

    @property
    def said(self) -> dict[str, Any]:
        """What it says."""
        return _said(self.told)


@dataclass(slots=True)
class Unit:
    """What one judgement left in the derived files."""

    first_of: str = ""
    """What it is the first judgement of: a visit's identifier, or a snapshot's source_sha256; empty where it is not."""
    refers_to: str = ""
    provenance: str = ""
    at: str = ""
    told: bytes = b"{}"
    """What its provenance says, as JSON."""
    conversion: str = ""
    ledger: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """What its provenance says."""
        return _said(self.told)


@dataclass(slots=True)
class File:
    """A WARC file of ours."""

    folder: str
    name: str
    committed_length: int = 0
    """Up to the end of the last whole record."""
    records: list[tuple[str, int, int]] = field(default_factory=list)
    """Identifier, offset and length."""


@dataclass(slots=True)
class Files:
    """All that the files say."""

    files: list[File] = field(default_factory=list)
    payloads: list[Payload] = field(default_factory=list)
    captured: list[Captured] = field(default_factory=list)
    imports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Of each import the record that describes it, and what that says."""
    units: list[Unit] = field(default_factory=list)
    damage: list[tuple[str, int, str]] = field(default_factory=list)
    """File, offset, message."""


def read_files(
    root: Path, ends: Mapping[tuple[str, str], int] | None = None, watch: Callable[[int], None] | None = None
) -> Files:
    """Read all files of a collection; what cannot be read is noted.

    `ends` has the files that count, by folder and name, and how far each is read; without it all are read to their end.
    `watch` hears of each record's bytes.

    Raises StorageError.
    """
    files = Files()
    resources: dict[str, str] = {}
    for folder in ("warc", "derived"):
        for path in _files_of(root / folder):
            end = None if ends is None else ends.get((folder, path.name), 0)
            if end == 0:
                continue
            file = File(folder, path.name)
            files.files.append(file)
            for found in _whole_records(path, end, files):
                if watch:
                    watch(found.length)
                file.records.append((found.record.record_id, found.offset, found.length))
                file.committed_length = found.offset + found.length
                try:
                    if is_imported(path.name):
                        _take_import(files, found.record, file.records[0][0])
                    elif folder == "warc":
                        _take_captured(files, found.record, resources)
                    else:
                        _take_derived(files.units, found.record)
                except (ValueError, KeyError, TypeError) as error:
                    files.damage.append((path.name, found.offset, f"the record says what none of ours does: {error}"))
    return files


def _files_of(folder: Path) -> list[Path]:
    """Return our files in the order in which they were begun."""
    named = [(int(match[1]), path) for path in folder.glob("*.warc.gz") if (match := _OURS.match(path.name))]
    return [path for _, path in sorted(named)]


def _whole_records(path: Path, limit: int | None, files: Files) -> Iterator[Found]:
    """Yield the records of a file, also those behind damage; a torn tail at the end is no damage."""
    start: int | None = 0
    while start is not None:
        end = start
        try:
            for found in reader.iterate(path, limit, start=start, wanted=_is_told):
                end = found.offset + found.length
                yield found
            return
        except Damaged as error:
            start = next_member(path, end + 1)
            if start is not None and limit is not None and start >= limit:
                start = None
            if start is not None or limit is not None:
                files.damage.append((path.name, end, str(error)))


def _is_told(fields: Fields) -> bool:
    """Whether the block says something: blocks of any size are passed over."""
    values = dict(fields)
    uri = values.get("WARC-Target-URI", "")
    return values.get("WARC-Type") == "metadata" and uri.startswith(
        ("urn:visit:", "urn:run:", "urn:provenance:", "urn:ledger:", IMPORT_URN)
    )


def _take_import(files: Files, record: Record, opening: str) -> None:
    """Take our description, which names the record that opens the file.

    What others wrote tells nothing about our captures, also where it is a copy of another collection of ours.
    """
    is_ours = record.get("WARC-Warcinfo-ID") == f"<{opening}>" and record.get("WARC-Target-URI").startswith(IMPORT_URN)
    if is_ours and record.type == "metadata":
        files.imports.append((record.record_id, json.loads(record.block)))


def _take_captured(files: Files, record: Record, resources: dict[str, str]) -> None:
    uri, record_id = record.get("WARC-Target-URI"), record.record_id
    if record.type == "resource":
        resources[record_id] = uri
    elif record.type == "response":
        digest = record.get("WARC-Payload-Digest").removeprefix("sha256:")
        if digest != EMPTY_SHA256 and not record.get("WARC-Truncated"):
            files.payloads.append(Payload(digest, record_id, uri, record.get("WARC-Date")))
    elif record.type == "metadata" and uri.startswith(("urn:visit:", "urn:run:")):
        kind = uri.split(":", 2)[1]
        said = {key: value for key, value in _said(record.block).items() if key not in _NOT_INDEXED}
        told = json.dumps(said).encode()
        files.captured.append(Captured(kind, record_id, "", record.get("WARC-Date"), told))
    elif record.type == "metadata" and uri.startswith("urn:provenance:") and record.refers_to in resources:
        _said(record.block)  # raises where it says nothing
        files.captured.append(Captured("snapshot", record.refers_to, record_id, record.get("WARC-Date"), record.block))


def _take_derived(units: list[Unit], record: Record) -> None:
    """Put a record to the judgement that it is of: provenance, conversion, ledger come in this order, if they come."""
    uri, last = record.get("WARC-Target-URI"), units[-1] if units else Unit(ledger="none")
    if record.type == "metadata" and uri.startswith("urn:provenance:"):
        visit = _said(record.block).get("visit", "")
        units.append(Unit(visit, record.refers_to, record.record_id, record.get("WARC-Date"), record.block))
    elif record.type == "conversion":
        digest, before = record.get("WARC-Payload-Digest").removeprefix("sha256:"), last.said
        fits = before.get("clean_sha256") == digest and not before.get("inherits")
        if not fits or last.conversion or last.ledger:
            units.append(last := Unit())
        last.conversion = record.record_id
    elif record.type == "metadata" and uri.startswith("urn:ledger:"):
        said = _said(record.block.partition(b"\n")[0])
        if last.provenance:
            before = last.said
            same = all(before.get(key) == said[key] for key in ("source_sha256", "clean_sha256"))
            fits = same and not before.get("inherits", False)
        else:
            fits = last.conversion != "" and last.conversion == record.refers_to
        if not fits or last.ledger:
            units.append(last := Unit())
        last.ledger = record.record_id
        if not last.provenance:
            last.first_of = said["source_sha256"]


def _said(block: bytes) -> dict[str, Any]:
    """Return what a record of ours says. Raises ValueError."""
    said: dict[str, Any] = json.loads(block)
    return said
