"""CDXJ 0.1.0: an index of captures, one line for each, sorted by the bytes of a searchable address and a date.

Listed is what crossed the wire from web addresses: responses, revisits, and resources of other tools. What we say about
captures is under `urn:` names and is none. A server's "not modified" has no payload and no head of its own, so its line
has digest and status of what was not modified: with the status 304 ReplayWeb.page shows a blank page.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archive.export.chosen import Chosen
from archive.export.passing import Passage, peek
from archive.export.searchable import searchable
from archive.export.sorter import Sorter
from archive.export.target import new_file
from archive.export.warcs import WarcFile
from archive.warc.records import Record
from capture.heads import parse_head

__all__ = ["MILLISECONDS", "SECONDS", "entry", "export_cdxj", "origin_in", "write_index"]

SECONDS, MILLISECONDS = 14, 17
"""Digits of a date in the index; CDXJ 0.1.0 allows both, and not all tools read the longer one."""

_LISTED = frozenset({"response", "revisit", "resource"})
_NO_MIME = "unk"
"""What CDX files have had for an unknown kind of content since their beginning."""


def entry(
    passage: Passage, filename: str, origin: Callable[[str], Record | None], *, digits: int = SECONDS
) -> str | None:
    """Return a record's line, None where it is not listed; `digits` is how exact the date is.

    `origin` gives the record that a revisit refers to, by its identifier, with the beginning of its block.
    """
    record = passage.record
    url, kind = record.get("WARC-Target-URI").strip("<>"), record.type.lower()  # others put it into angle brackets
    if kind not in _LISTED or not url.lower().startswith(("http://", "https://")):
        return None
    said, digest = record, passage.payload_digest
    if kind == "revisit" and not record.block:
        said = origin(record.refers_to) or record
        digest = said.get("WARC-Payload-Digest")
    head = parse_head(said.block) if kind != "resource" else None
    status = str(head.status) if head else "200" if kind == "resource" else ""
    block = {
        "url": url,
        "mime": "warc/revisit" if kind == "revisit" else _mime(head.get("Content-Type") if head else _kind_of(record)),
        **({"status": status} if status else {}),
        "digest": digest,
        "length": str(passage.length),
        "offset": str(passage.offset),
        "filename": filename,
        "recordDigest": f"sha256:{passage.sha256}",
    }
    return f"{searchable(url)} {_timestamp(record.get('WARC-Date'), digits)} {json.dumps(block)}\n"


def origin_in(chosen: Chosen) -> Callable[[str], Record | None]:
    """Return what finds a record by its identifier, with the beginning of its block; None where there is none."""

    def find(record_id: str) -> Record | None:
        place = chosen.collection.catalogue.one(
            "SELECT folder, name, offset, length FROM record JOIN file ON file.id = record.file WHERE record_id = ?",
            record_id,
        )
        if not place:
            return None
        folder, name, offset, length = place
        return peek(chosen.collection.path / folder / name, offset, length)

    return find


def export_cdxj(
    chosen: Chosen, target: Path, *, force: bool = False, advance: Callable[[int], None] = lambda size: None
) -> int:
    """Write the index of the capture files as they lie in the collection; return the number of lines.

    Raises NothingCaptured, AlreadyThere, Damaged, DiskFull, NotWritable or StorageError.
    """
    chosen.require_captures()
    return write_index(chosen, chosen.files(), target, force=force, advance=advance)


def write_index(
    chosen: Chosen,
    files: Iterable[WarcFile],
    target: Path,
    *,
    force: bool = False,
    advance: Callable[[int], None] = lambda size: None,
) -> int:
    """Write the index of some files as they lie in the collection; return the number of lines. Raises as above."""
    origin = origin_in(chosen)
    with new_file(target, is_cdxj, force=force) as file, Sorter(target.parent) as lines:
        for warc in files:
            for name, passage in _in_place(warc):
                lines.add(entry(passage, name, origin))
                advance(passage.length)
        for line in lines:
            file.write(line)
        return lines.count


def is_cdxj(path: Path) -> bool:
    """Whether a file looks like an index of this kind."""
    with path.open("rb") as file:
        parts = file.readline(64 * 1024).split(b" ", 2)
    return len(parts) == 3 and parts[1].isdigit() and parts[2].startswith(b"{")


def _in_place(warc: WarcFile) -> Iterator[tuple[str, Passage]]:
    """Yield the records of a capture file with their places in the collection, not in a new file."""
    if warc.folder != "warc":
        return
    for run in warc.runs:
        for passage in warc._replace(opening=b"", runs=(run,)).passages():
            yield run.path.name, passage._replace(offset=run.start + passage.offset)


def _kind_of(record: Record) -> str:
    return record.get("Content-Type") if record.type == "resource" else ""


def _mime(content_type: str) -> str:
    """Return the kind of content without parameters."""
    return next(iter(content_type.replace(";", " ").split()), _NO_MIME)


def _timestamp(date: str, digits: int) -> str:
    return "".join(character for character in date if character.isdigit())[:digits].ljust(digits, "0")
