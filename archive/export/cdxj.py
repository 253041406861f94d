"""Export to CDXJ 0.1.0: an index of captures, sorted by searchable address and date.

Listed is what crossed the wire from web addresses: responses, revisits, and resources of other tools. What we say about
captures is under `urn:` names and is none. A server's "not modified" has no payload and no head of its own, so its line
has digest and status of what was not modified: with the status 304 ReplayWeb.page shows a blank page.
"""

import json
import re
import socket
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import IO
from urllib.parse import quote_from_bytes, unquote_to_bytes

from archive.catalogue.exports import captured_at
from archive.collection.reader import catalogue_of
from archive.dates import read_record_date, record_date
from archive.export.package import new_file
from archive.export.selection import CopiedRecord, ExportSelection, WarcFile, peek
from archive.warc.records import Record
from capture.heads import parse_head

__all__ = [
    "MILLISECONDS",
    "SECONDS",
    "Sorter",
    "entry",
    "export_cdxj",
    "origin_in",
    "searchable",
    "write_blocks",
    "write_index",
]


# Addresses as the keys of an index


# Scheme, authority, path, query, fragment (RFC 3986, appendix B). Each part ends where the next begins: linear.
_PARTS = re.compile(rb"([a-zA-Z][a-zA-Z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$", re.DOTALL)
# Number of a server farm's member before a host: no repetition but one class: linear.
_WWW = re.compile(rb"www\d*\.")
# An address in numbers, decimal or octal, short forms with it. Parts are parted by dots: linear.
_NUMBERS = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}$")

# A percent sign that was encoded again and again. One repetition of a fixed text: linear.
_DEEP = re.compile(rb"%(?:25)+(?=[0-9A-Fa-f]{2})")

# Session identifiers in a path of ASP.NET. The repeated group is of fixed length: linear.
_IN_PATH = (
    re.compile(rb"(?<=/)\((?:[a-z]\([0-9a-z]{24}\))+\)/", re.IGNORECASE),
    re.compile(rb"(?<=/)\([0-9a-z]{24}\)/", re.IGNORECASE),
)
# Those in a query. Fixed lengths: linear.
_IN_QUERY = (
    re.compile(rb"jsessionid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"phpsessid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"sid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"aspsessionid[a-z]{8}=[a-z]{24}(?=&|$)", re.IGNORECASE),
)
# Those of ColdFusion are a pair of parameters.
_PAIR = (b"cfid=", b"cftoken=")

_UNESCAPED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_PORTS = {b"http": 80, b"https": 443}


def searchable(url: str) -> str:
    """Return the key of an address, such as `com,example)/page?a=1`; what is no web address is its own key.

    That is the Sort-friendly URI Reordering Transform (SURT) with the rules of the Wayback Machine, by which every
    replay tool looks pages up; CDXJ 0.1.0 calls the result a searchable URL. The library that does this, surt, is under
    the AGPL, which would bind all that is distributed with it; so the tests compare with it instead.
    """
    text = re.sub(rb"[\n\r\t]", b"", url.strip().encode("utf-8", "surrogatepass"))
    parts = _PARTS.match(text)
    if parts is None or parts[1].lower() not in _PORTS or not parts[2]:
        return url
    host, port = _host_and_port(parts[2])
    if port is None:
        return url
    key = b",".join(reversed(host.split(b".")))
    if port not in {0, _PORTS[parts[1].lower()]}:
        key += b":%d" % port
    key += b")" + _path(parts[3])
    if query := _query(parts[4] or b""):
        key += b"?" + query
    return key.decode("utf-8", "replace")


def _host_and_port(authority: bytes) -> tuple[bytes, int | None]:
    """Return the canonical host, and the port: 0 where none is given, None where it is no number."""
    host = authority.rpartition(b"@")[2].rstrip(b":")
    if host.startswith(b"["):
        host, _, port = host[1:].partition(b"]")
        port = port.lstrip(b":")
    else:
        host, _, port = host.partition(b":")
    if not (port.isdigit() and int(port) < 65536) and port:
        return host, None
    host = _unescaped(host.lower())
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".")
    host = _numeric(host) or _escaped(host.lower())
    farm = _WWW.match(host)
    return host[farm.end() :] if farm else host, int(port or 0)


def _numeric(host: bytes) -> bytes:
    """Return an address in numbers in its usual form; empty for a name."""
    if host.isdigit():
        return socket.inet_ntoa((int(host) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    if _NUMBERS.match(host):
        with suppress(OSError):
            return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
    return b""


def _path(path: bytes) -> bytes:
    resolved: list[bytes] = []
    for step in _unescaped(path).split(b"/")[1:]:
        if step == b"..":
            if resolved:
                resolved.pop()
            else:
                resolved.append(step)
        elif step != b".":
            resolved.append(step)
    steps = [step for step in resolved[:-1] if step] + resolved[-1:]
    path = _escaped(b"/" + b"/".join(steps)).lower()
    for pattern in _IN_PATH:
        for match in reversed(list(pattern.finditer(path))):
            if path.find(b".aspx", match.end() + 1) >= 0:
                path = path[: match.start()] + path[match.end() :]
                break
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _query(query: bytes) -> bytes:
    query = _escaped(_unescaped(query))
    for pattern in _IN_QUERY:
        if matches := list(pattern.finditer(query)):
            query = query[: matches[-1].start()] + query[matches[-1].end() + 1 :]
    query = _without_pair(query).lower()
    return b"&".join(b"=".join(each) for each in sorted(_arguments(query)))


def _arguments(query: bytes) -> Iterator[tuple[bytes, ...]]:
    for argument in query.split(b"&"):
        yield tuple(argument.split(b"=", 1))


def _without_pair(query: bytes) -> bytes:
    arguments = query.split(b"&")
    for place in range(len(arguments) - 2, -1, -1):
        first, second = arguments[place].lower(), arguments[place + 1].lower()
        at = first.rfind(_PAIR[0], 0, len(first) - 1)
        if at >= 0 and second.startswith(_PAIR[1]) and len(second) > len(_PAIR[1]):
            before, after = arguments[:place], arguments[place + 2 :]
            return b"&".join([*before, arguments[place][:at] + (after[0] if after else b""), *after[1:]])
    return query


def _unescaped(text: bytes) -> bytes:
    """Return the text without percent-encoding, however often it was encoded.

    Encoded percent signs go first: a text of them alone would take as many rounds as it has signs.
    """
    while (less := unquote_to_bytes(_DEEP.sub(b"%", text))) != text:
        text = less
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_UNESCAPED).encode()


# Lines of an index


_IN_MEMORY = 16 * 1024 * 1024
"""Bytes of lines that are sorted at one time; Python takes about three times as much for them."""


class Sorter:
    """Lines in the order of their bytes, each once; what does not fit into memory waits in temporary files."""

    count: int
    """How many lines there are, each counted once; known when all have been iterated."""

    def __init__(self, folder: Path) -> None:
        """Begin; the temporary files lie in the folder, where the result will be and so room is."""
        self.count = 0
        self._folder = folder
        self._lines: set[bytes] = set()
        self._size = 0
        self._runs: list[IO[bytes]] = []

    def __enter__(self) -> "Sorter":
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._runs:
            run.close()

    def add(self, line: str | None) -> None:
        """Add a line, which ends in its only line feed; None adds nothing. Raises OSError."""
        if line is None:
            return
        data = line.encode()
        self._lines.add(data)
        self._size += len(data)
        if self._size > _IN_MEMORY:
            run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 -- closed in __exit__
            self._runs.append(run)
            run.writelines(sorted(self._lines))
            self._lines.clear()
            self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        self.count = 0
        for run in self._runs:
            run.seek(0)
        for line, _ in groupby(merge(*self._runs, sorted(self._lines))):
            self.count += 1
            yield line


SECONDS, MILLISECONDS = 14, 17
"""Digits of a date in the index; CDXJ 0.1.0 allows both, and not all tools read the longer one."""

_LISTED = frozenset({"response", "revisit", "resource"})
_NO_MIME = "unk"
"""What CDX files have had for an unknown kind of content since their beginning."""


def entry(
    copy: CopiedRecord,
    filename: str,
    origin: Callable[[str], Record | None],
    captured: Callable[[str], str],
    *,
    digits: int = SECONDS,
) -> str | None:
    """Return a record's line, None where it is not listed; `digits` is how exact the date is.

    `origin` gives the record that a revisit refers to, by its identifier, with the beginning of its block; `captured`
    says when a record was captured whose own date cannot be read.
    """
    record = copy.record
    url, kind = record.get("WARC-Target-URI").strip("<>"), record.type.lower()  # others put it into angle brackets
    if kind not in _LISTED or not url.lower().startswith(("http://", "https://")):
        return None
    answer, digest = record, copy.payload_digest
    if kind == "revisit" and not record.block:
        answer = origin(record.refers_to) or record
        digest = answer.get("WARC-Payload-Digest")
    head = parse_head(answer.block) if kind != "resource" else None
    status = str(head.status) if head else "200" if kind == "resource" else ""
    block = {
        "url": url,
        "mime": "warc/revisit" if kind == "revisit" else _mime(head.get("Content-Type") if head else _kind_of(record)),
        **({"status": status} if status else {}),
        "digest": digest,
        "length": str(copy.length),
        "offset": str(copy.offset),
        "filename": filename,
        "recordDigest": f"sha256:{copy.sha256}",
    }
    said = read_record_date(record.get("WARC-Date")) or record_date(captured(record.record_id))
    return f"{searchable(url)} {said.digits[:digits]} {json.dumps(block)}\n"


def origin_in(chosen: ExportSelection) -> Callable[[str], Record | None]:
    """Return what finds a record by its identifier, with the beginning of its block; None where there is none."""

    def find(record_id: str) -> Record | None:
        place = catalogue_of(chosen.collection).place_of(record_id)
        if place is None:
            return None
        return peek(chosen.collection.path / place.folder / place.name, place.offset, place.length)

    return find


def moments_in(chosen: ExportSelection) -> Callable[[str], str]:
    """Return what says when a record was captured, by its identifier: empty where it is of no capture."""
    return lambda record_id: captured_at(catalogue_of(chosen.collection), record_id)


def export_cdxj(
    chosen: ExportSelection, target: Path, *, force: bool = False, advance: Callable[[int], None] = lambda size: None
) -> int:
    """Write the index of the capture files as they lie in the collection; return the number of lines.

    Raises NothingCaptured, AlreadyThere, Damaged, DiskFull, NotWritable or StorageError.
    """
    chosen.require_captures()
    return write_index(chosen, chosen.files(), target, force=force, advance=advance)


def write_index(
    chosen: ExportSelection,
    files: Iterable[WarcFile],
    target: Path,
    *,
    force: bool = False,
    advance: Callable[[int], None] = lambda size: None,
) -> int:
    """Write the index of some files as they lie in the collection; return the number of lines. Raises as above."""
    origin, captured = origin_in(chosen), moments_in(chosen)
    with new_file(target, is_cdxj, force=force) as file, Sorter(target.parent) as lines:
        for warc in files:
            for name, copy in _in_place(warc):
                lines.add(entry(copy, name, origin, captured))
                advance(copy.length)
        for line in lines:
            file.write(line)
        return lines.count


def is_cdxj(path: Path) -> bool:
    """Whether a file looks like an index of this kind."""
    with path.open("rb") as file:
        parts = file.readline(64 * 1024).split(b" ", 2)
    return len(parts) == 3 and parts[1].isdigit() and parts[2].startswith(b"{")


def _in_place(warc: WarcFile) -> Iterator[tuple[str, CopiedRecord]]:
    """Yield the records of a capture file with their places in the collection, not in a new file."""
    if warc.folder != "warc":
        return
    for run in warc.runs:
        for copy in warc._replace(opening=b"", runs=(run,)).copy_records():
            yield run.path.name, copy._replace(offset=run.start + copy.offset)


def _kind_of(record: Record) -> str:
    return record.get("Content-Type") if record.type == "resource" else ""


def _mime(content_type: str) -> str:
    """Return the kind of content without parameters."""
    return next(iter(content_type.replace(";", " ").split()), _NO_MIME)


# A compressed index


_LINES = 300
"""Lines in a block."""


def write_blocks(lines: Iterable[bytes], name: str, sink: Callable[[bytes], object]) -> bytes:
    """Write an index in compressed blocks to the sink, as cdxj-indexer does for WACZ files; return the index of blocks.

    The compressed index, `name`, is one gzip member for each 300 lines. The index of blocks has for each the key of its
    first line, its place and its digest, so that a reader fetches two small pieces of any index.
    """
    index = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': name})}\n"]
    offset = 0
    rest = iter(lines)
    while block := list(islice(rest, _LINES)):
        compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
        data = compressor.compress(b"".join(block)) + compressor.flush()
        sink(data)
        key = block[0].partition(b" {")[0].decode()
        place = {"offset": offset, "length": len(data), "digest": f"sha256:{sha256(data).hexdigest()}"}
        index.append(f"{key} {json.dumps(place)}\n")
        offset += len(data)
    return "".join(index).encode()
