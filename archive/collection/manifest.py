"""Manifests: the files that are the truth beside the WARC files, bound into what `archive verify` checks.

| file | written by | bound |
| --- | --- | --- |
| journals: decisions, schedule, runs, acceptances | commands, which append lines | place and digest of the last line |
| rules/learned/*.toml | commands, which replace the file | its bytes |
| collection.toml, rules/*.toml, lists that sources name | people, with an editor | its bytes |

The catalogue notes how each file is, in the transaction in which a command writes it; the file is on the disk before.
A manifest, a metadata record under `urn:manifest:`, says the same in the WARC files: with the next records that are
committed, and at once where a command changes a file of rules. The bytes of a file are a metadata record of their own,
under `urn:file:` and the file's path, in front of the manifest that names it. The block of a manifest is a JSON object:

| key | value |
| --- | --- |
| `manifest` | format of this object: 1 |
| `files` | what changed since the manifest before; of each the next keys |
| `file` | path in the collection |
| `length` | bytes; of a journal, up to the end of a line |
| `sha256` | of the bytes; of a journal, the digest of its last line (`archive.storage.Journal`); empty where it was \
removed |
| `record` | the record that has the bytes; not of a journal |

A process may die at any moment. A journal may be longer than is noted: the lines behind belong to the chain. Before a
file is replaced, the catalogue has been told its new digest (`announced`), so either content is right until the
replacing is noted. What people edit is noted anew when the collection is next opened for writing; what only commands
write is not, so that a change by others stays found.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive import settings
from archive.catalogue.connection import Catalogue
from archive.catalogue.manifest import ManifestRow, bind, manifest_row, manifest_rows, note
from archive.errors import ArchiveError, storage_errors
from archive.ingest.provenance import CONTENT_TYPE
from archive.model import to_json
from archive.storage import Journal
from archive.warc import records
from archive.warc.members import Member, member

__all__ = [
    "JOURNALS",
    "MANIFEST_URN",
    "append_lines",
    "files_in",
    "is_learned",
    "is_readable",
    "note_files",
    "put_manifest",
    "read_whole_files",
]

JOURNALS = ("acceptances.jsonl", "decisions.jsonl", "runs.jsonl", "schedule.jsonl")
"""Files that only grow."""

MANIFEST_URN, _FILE_URN = "urn:manifest:", "urn:file:"

FORMAT = 1


def is_learned(file: str) -> bool:
    """Whether only commands write a file, of those that are replaced and not appended to."""
    return file.startswith(f"{settings.FOLDER}/{settings.LEARNED}/")


def append_lines(catalogue: Catalogue, root: Path, file: str, lines: Sequence[Mapping[str, Any]]) -> list[int]:
    """Append lines to a journal and note its new end, inside a transaction of the caller's; return where each ends.

    Where the journal is not what was noted, the note stays: the loss is to be found, whatever is written behind it.

    Raises what `Journal.append` raises, or sqlite3.Error.
    """
    journal = Journal(root / file)
    row = manifest_row(catalogue, file)
    may_note = row is None or journal.holds(row.head)
    ends = journal.append(lines)
    if may_note:
        note(catalogue, file, *journal.head())
    return ends


def read_whole_files(root: Path) -> dict[str, bytes]:
    """Return the bytes of the files that are bound whole, by their paths; one that cannot be read is left out."""
    found: dict[str, bytes] = {}
    with suppress(ArchiveError):
        for path in (root / settings.FILE, *settings.paths(root)):
            with suppress(OSError):
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    for name in _lists(found.get(settings.FILE, b"")):
        with suppress(OSError, ValueError):
            found[name] = (root / name).read_bytes()
    return found


def _lists(data: bytes) -> Iterator[str]:
    """Yield the lists of addresses in the collection that its settings name."""
    if b"list" not in data:  # before the import, which most collections do not need
        return
    import tomllib

    try:
        sources = tomllib.loads(data.decode()).get("source", [])
    except ValueError:
        return
    for source in sources if isinstance(sources, list) else ():
        name = source.get("list") if isinstance(source, dict) else None
        if isinstance(name, str) and name and not Path(name).is_absolute() and ".." not in Path(name).parts:
            yield Path(name).as_posix()


def is_readable(file: str, data: bytes) -> bool:
    """Whether a file is what it has to be, as far as it can be told without its meaning: TOML, or text."""
    import tomllib  # only for a file that changed

    try:
        text = data.decode()
        if file.endswith(".toml"):
            tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def note_files(catalogue: Catalogue, root: Path) -> None:
    """Note how the files are now, where that is the work of people or of a command that died.

    Raises Busy, DiskFull, NotWritable, Damaged or StorageError.
    """
    with storage_errors(catalogue.path):
        due = any(_changes(root, manifest_rows(catalogue)))
    if due:
        with catalogue.transaction():
            for file, length, digest in _changes(root, manifest_rows(catalogue)):
                note(catalogue, file, length, digest)


def _changes(root: Path, rows: Mapping[str, ManifestRow]) -> Iterator[tuple[str, int, str]]:
    """Yield of each file that is to be noted its length and digest."""
    files = read_whole_files(root)
    for file, data in files.items():
        row, digest = rows.get(file), sha256(data).hexdigest()
        if row is not None and row.sha256 == digest and not row.announced:
            continue
        announced = row is not None and digest in {row.announced, row.sha256}
        if announced or ((row is None or not is_learned(file)) and is_readable(file, data)):
            yield file, len(data), digest
    for file, row in rows.items():
        gone = file not in JOURNALS and file not in files and not (root / file).exists()
        if gone and (row.sha256 or row.announced) and not (is_learned(file) and row.sha256):
            yield file, 0, ""
    for file in JOURNALS:
        journal, row = Journal(root / file), rows.get(file)
        if row is None and not journal.path.exists():
            continue
        head = journal.head()
        if row is None or (head.length > row.length and journal.holds(row.head)):
            yield file, head.length, head.digest


def put_manifest(
    catalogue: Catalogue, root: Path, put: Callable[[Member], int], *, place: str, at: str, unsaid: bytes = b""
) -> bool:
    """Put records of the files that changed since the last manifest, inside a transaction; return whether any did.

    `put` takes a member and returns its row. `place` is where the records will lie, which no other records do; from it,
    with what they hold, their identifiers are made. `at` is their WARC-Date. A collection.toml that is `unsaid`,
    because no person wrote it, is not bound. Raises what `put` raises, or sqlite3.Error.
    """
    due = [row for row in manifest_rows(catalogue).values() if row.sha256 != row.bound]
    if not due:
        return False
    files = read_whole_files(root)
    entries: list[dict[str, Any]] = []
    placed: list[tuple[ManifestRow, int | None]] = []
    for row in due:
        entry: dict[str, Any] = {"file": row.file, "length": row.length, "sha256": row.sha256}
        number: int | None = None
        if row.file not in JOURNALS and row.sha256:
            data = files.get(row.file, b"")
            is_unsaid = row.file == settings.FILE and not row.bound and data == unsaid
            if is_unsaid or sha256(data).hexdigest() != row.sha256:  # the latter: edited since it was noted
                continue
            entry["record"] = records.named_record_id(f"{place} {row.file} {row.sha256}")
            number = put(_file_record(row.file, data, entry["record"], at))
        entries.append(entry)
        placed.append((row, number))
    if not entries:
        return False
    block = to_json({"manifest": FORMAT, "files": entries})
    record_id = records.named_record_id(f"{place} {sha256(block).hexdigest()}")
    uri = record_id.replace("urn:uuid:", MANIFEST_URN)
    record = records.metadata(record_id=record_id, date=at, uri=uri, content_type=CONTENT_TYPE, block=block)
    manifest = put(member(record))
    for row, number in placed:
        bind(catalogue, row, manifest if number is None else number)
    return True


def _file_record(file: str, data: bytes, record_id: str, at: str) -> Member:
    uri = _FILE_URN + quote(file, safe="/", errors="surrogatepass")
    kind = "application/toml" if file.endswith(".toml") else "text/plain"
    record = records.metadata(record_id=record_id, date=at, uri=uri, content_type=kind, block=data)
    return member(record)


def files_in(block: bytes) -> list[dict[str, Any]]:
    """Return what a manifest says of each file. Raises ValueError, KeyError or TypeError where it is none of ours."""
    files = json.loads(block)["files"]
    return [{"file": str(each["file"]), "length": int(each["length"]), "sha256": str(each["sha256"]),
             **({"record": str(each["record"])} if "record" in each else {})} for each in files]  # fmt: skip
