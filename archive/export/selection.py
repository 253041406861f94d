"""Selection of articles for an export, and of the records that they need.

`choose` makes an `ExportSelection`, which yields articles, captures and WARC files. The files are those of the
collection as they are, or new ones with the records that the articles need, under names and with a warcinfo of their
own. Members are copied verbatim, so a record in a new file has the bytes, the identifier and the digests that it always
had; each is inflated on the way, so that nothing damaged is given away, and blocks of any size cost no memory.
"""

from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha1, sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.articles import Selection, select
from archive.catalogue.exports import (
    ExportedArticle,
    ExportedCapture,
    captured_records,
    derived_records,
    exported_article,
    exported_captures,
    has_imported_records,
    newest_import,
    newest_moment,
    payload_at,
    visits_of_run,
    was_visited,
)
from archive.catalogue.indexing import files_in_order, records_around
from archive.collection.content import visit_description
from archive.collection.reader import CollectionReader, catalogue_of
from archive.dates import UNDATED
from archive.errors import Damaged, NothingCaptured, NothingSelected, storage_errors
from archive.storage import read_range
from archive.warc.members import member
from archive.warc.reader import Chunks, RecordParser, RecordPlace, inflate
from archive.warc.records import Fields, Record, warcinfo
from archive.warc.writer import LIMIT
from clean import __version__

__all__ = [
    "CopiedRecord",
    "ExportSelection",
    "MemberRun",
    "RecordCollector",
    "WarcFile",
    "choose",
    "copy_records",
    "peek",
    "selection_files",
]


# Copying records


_BEGINNING = 64 * 1024
"""Bytes of a block that are looked at: the head of an HTTP answer."""

_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")


class CopiedRecord(NamedTuple):
    """A record that was passed on, without its block."""

    offset: int
    """Of its gzip member in the file, in bytes."""
    length: int
    record: Record
    """With the beginning of its block."""
    sha256: str
    """Of the member."""
    payload_digest: str
    """Labelled, of what was captured: as its record says, else made here; empty where there is no payload."""


def copy_records(
    path: Path, start: int, end: int, sink: Callable[[bytes], object] | None = None
) -> Iterator[CopiedRecord]:
    """Pass the members between two places of a file to the sink, and yield each when it has passed.

    Raises Damaged at the first that is no whole record, and StorageError where the file cannot be read.
    """
    with storage_errors(path), path.open("rb") as file:
        file.seek(start)
        chunks = Chunks(file, start, end)
        while copy := _next(path.name, chunks, sink):
            yield copy


def peek(path: Path, offset: int, length: int) -> Record:
    """Return one record with the beginning of its block. Raises what `copy_records` raises."""
    copy = next(copy_records(path, offset, offset + length), None)
    if copy is None or copy.length != length:
        raise Damaged(f"{path.name}: the record at {offset:,} is not {length:,} bytes long")
    return copy.record


def _next(name: str, chunks: Chunks, sink: Callable[[bytes], object] | None) -> CopiedRecord | None:
    offset, digest, beginning = chunks.offset, sha256(), bytearray()
    first = chunks.take()
    if not first:
        return None
    chunks.give_back(first)

    def watch(data: bytes) -> None:
        digest.update(data)
        if sink:
            sink(data)

    payload: _Payload | None = None
    parser = RecordParser(f"{name}: the record at {offset:,}")
    try:
        for piece in inflate(chunks, watch):
            data = parser.feed(piece)
            beginning += data[: _BEGINNING - len(beginning)]
            if payload is None and parser.fields is not None:
                payload = _Payload(parser.fields)
            if payload is not None:
                payload.feed(data)
        fields: Fields = parser.end()
    except Damaged as error:
        raise error if str(error).startswith(name) else Damaged(f"{name}: {error}") from error
    return CopiedRecord(
        offset=offset,
        length=chunks.offset - offset,
        record=Record(fields, bytes(beginning)),
        sha256=digest.hexdigest(),
        payload_digest=payload.digest() if payload is not None else "",
    )


class _Payload:
    """Takes the digest of a payload whose record names none, as others often leave it out.

    That is SHA-1 in base32 over all that stands behind the head of an answer, as other indexers make it.
    """

    def __init__(self, fields: Fields) -> None:
        record = Record(fields, b"")
        self._digest = record.get("WARC-Payload-Digest")
        kind = record.type.lower()
        self._hasher = sha1(usedforsecurity=False) if not self._digest and kind in {"response", "resource"} else None
        self._head: bytes | None = b"" if kind == "response" else None

    def feed(self, data: bytes) -> None:
        if self._hasher is None:
            return
        if self._head is not None:
            self._head += data
            ends = [at + len(end) for end in _HEAD_ENDS if (at := self._head.find(end)) >= 0]
            if not ends and len(self._head) < _BEGINNING:
                return
            data, self._head = self._head[min(ends, default=0) :], None
        self._hasher.update(data)

    def digest(self) -> str:
        if self._hasher is None:
            return self._digest
        if self._head:  # no head ended
            self._hasher.update(self._head)
        return f"sha1:{b32encode(self._hasher.digest()).decode()}"


# The records that articles need


_BEFORE, _AFTER = 2, 3
"""Rows around that of an exchange's record in which its other records are: request, answer, description."""


class RecordCollector:
    """Collects the rows of the records that articles need: of visits with all exchanges, of texts, and of origins.

    A visit's description names its exchanges; request, answer and description of an exchange lie side by side. What a
    revisit stands for, and what a conversion was made of, is needed too, so that the result replays by itself.

    Every method raises Damaged, Busy or StorageError.
    """

    def __init__(self, collection: CollectionReader) -> None:
        """Begin with nothing."""
        self._collection = collection
        self._catalogue = catalogue_of(collection)
        self._rows: set[int] = set()
        self._fetched = cache(self._fetched_in)

    def places(self) -> list[RecordPlace]:
        """Return where the records lie: captures first, in the order in which they were written."""
        order = {(file.folder, file.name): number for number, file in enumerate(files_in_order(self._catalogue))}
        places = (self._catalogue.place(row) for row in self._rows)
        return sorted(places, key=lambda place: (order[place.folder, place.name], place.offset))

    def article(self, article: int) -> None:
        """Add all that belongs to an article."""
        for capture in captured_records(self._catalogue, article):
            if capture.kind == "visit":
                self._visit(capture.visit_id)
            else:
                self._add(capture.record)
        for row in derived_records(self._catalogue, article):
            self._add(row)

    def _visit(self, visit_id: str) -> None:
        description = visit_description(self._collection, visit_id)
        for exchange in description.exchanges:
            self._exchange(self._row(exchange.record))
        for url in description.shared:  # an earlier page of the run has it
            self._shared(url, description.run)
        # What a revisit of others repeats is not always named by identifier.
        if description.imported and description.imported.origin:
            self._exchange(self._row(description.imported.origin))
        self._rows.add(self._row(visit_id))

    def _shared(self, url: str, run: str) -> None:
        if record_id := self._fetched(run).get(url):
            self._exchange(self._row(record_id))
        elif row := payload_at(self._catalogue, url):
            self._exchange(row)

    def _fetched_in(self, run: str) -> dict[str, str]:
        """Return which record holds what was fetched at an address, of all visits of a run."""
        records: dict[str, str] = {}
        for visit_id in visits_of_run(self._catalogue, run):
            exchanges = visit_description(self._collection, visit_id).exchanges
            records |= {each.url: each.record for each in exchanges if each.role == "requisite"}
        return records

    def _exchange(self, row: int) -> None:
        """Add the record that stands for an exchange, with those that were written beside it."""
        if row in self._rows:
            return
        added = self._add(row)
        record_id = added.record_id
        for each in records_around(self._catalogue, row, _BEFORE, _AFTER):
            record = self._peek(each)
            of_visit = record.get("WARC-Target-URI").startswith("urn:visit:")
            is_named = record.record_id in _concurrent_to(added)  # by some writers the answer names the request
            if (record_id in _concurrent_to(record) or is_named) and not of_visit:
                self._rows.add(each)

    def _add(self, row: int) -> Record:
        """Add a record, and the one that it refers to."""
        self._rows.add(row)
        record = self._peek(row)
        if record.refers_to:
            with suppress(KeyError):  # nothing to be found there either by those who read it here
                origin = self._row(record.refers_to)
                if record.type in {"revisit", "conversion"}:
                    self._exchange(origin)
        return record

    def _row(self, record_id: str) -> int:
        row = self._catalogue.row_of(record_id)
        if row is None:
            raise KeyError(record_id)
        return row

    def _peek(self, row: int) -> Record:
        place = self._catalogue.place(row)
        return peek(self._collection.path / place.folder / place.name, place.offset, place.length)


def _concurrent_to(record: Record) -> list[str]:
    """Return the records that a record says it was made with (WARC 1.1 §5.7); the field may be repeated."""
    return [value.strip("<>") for name, value in record.fields if name.lower() == "warc-concurrent-to"]


# The WARC files of an export


class MemberRun(NamedTuple):
    """Members that lie one after the other in a file of the collection."""

    path: Path
    start: int
    end: int


class WarcFile(NamedTuple):
    """A WARC file of an export."""

    folder: str
    """`warc` or `derived`."""
    name: str
    opening: bytes
    """The member of the warcinfo record of a new file; empty for one that goes as it is."""
    runs: tuple[MemberRun, ...]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.opening) + sum(run.end - run.start for run in self.runs)

    def pieces(self) -> Iterator[bytes]:
        """Yield the file's bytes. Raises Damaged where a file of the collection is too short, or StorageError."""
        if self.opening:
            yield self.opening
        for run in self.runs:
            left = run.end - run.start
            with storage_errors(run.path):
                for piece in read_range(run.path, run.start, run.end):
                    left -= len(piece)
                    yield piece
            if left:
                raise Damaged(f"{run.path} ends {left:,} bytes before its committed length")

    def copy_records(self, sink: Callable[[bytes], object] | None = None) -> Iterator[CopiedRecord]:
        """Yield each record with its place in this file, while the file's bytes go to the sink.

        Raises Damaged or StorageError.
        """
        if self.opening and sink:
            sink(self.opening)
        offset = len(self.opening)
        for run in self.runs:
            for copy in copy_records(run.path, run.start, run.end, sink):
                yield copy._replace(offset=offset + copy.offset - run.start)
            offset += run.end - run.start


_PREFIXES = {"warc": "xuanzhi-selection", "derived": "xuanzhi-derived-selection"}


def selection_files(
    collection: CollectionReader, places: Iterable[RecordPlace], articles: int, newest: str
) -> list[WarcFile]:
    """Return files with the records at these places, in their order.

    A file is full at about 1 GB, as in the collection. Same records, same bytes: the warcinfo is dated by the newest
    record, and its identifier is made from the names of what the file holds.
    """
    groups: list[tuple[str, list[MemberRun]]] = []
    size = 0
    for folder, name, offset, length in places:
        if not groups or groups[-1][0] != folder or size > LIMIT:
            groups.append((folder, []))
            size = 0
        runs = groups[-1][1]
        path = collection.path / folder / name
        if runs and runs[-1].path == path and runs[-1].end == offset:
            runs[-1] = runs[-1]._replace(end=offset + length)
        else:
            runs.append(MemberRun(path, offset, offset + length))
        size += length
    serials = dict.fromkeys(_PREFIXES, 0)
    files = []
    for folder, runs in groups:
        serials[folder] += 1
        digits = "".join(character for character in newest if character.isdigit())
        name = f"{_PREFIXES[folder]}-{digits}-{serials[folder]:05}.warc.gz"
        files.append(WarcFile(folder, name, _opening(collection, name, runs, articles, newest), tuple(runs)))
    return files


def _opening(collection: CollectionReader, name: str, runs: Iterable[MemberRun], articles: int, newest: str) -> bytes:
    names = "\n".join(f"{run.path.name} {run.start} {run.end}" for run in runs)
    settings = collection.config
    record = warcinfo(
        record_id=_uuid(f"{name}\n{names}"),
        date=newest,
        filename=name,
        software=f"xuanzhi/{__version__}",
        operator=settings.operator,
        description=" ".join(f"{articles} articles of the collection {settings.name}. {settings.description}".split()),
    )
    return member(record).data


def _uuid(text: str) -> str:
    """Return an identifier made from a text: a UUID of version 8 (RFC 9562 §5.8)."""
    number = int.from_bytes(sha256(text.encode()).digest()[:16], "big")
    digits = f"{number & ~(0xF << 76) & ~(0x3 << 62) | (0x8 << 76) | (0x2 << 62):032x}"
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class ExportSelection(NamedTuple):
    """The articles of an export, with the records that they need."""

    collection: CollectionReader
    articles: tuple[int, ...]
    """Rows of the articles."""
    whole: bool
    newest: str
    """UTC, to the second: when the newest of what is chosen was fetched or cleaned. The export's date, because it
    depends on the collection alone."""

    def each(self) -> Iterator[ExportedArticle]:
        """Yield the articles, in their order."""
        for article in self.articles:
            yield exported_article(catalogue_of(self.collection), article)

    def captures(self, article: int) -> list[ExportedCapture]:
        """Return the captures of an article, oldest first."""
        return exported_captures(catalogue_of(self.collection), article)

    def files(self) -> list[WarcFile]:
        """Return the WARC files, those of captures first.

        Raises Damaged where a record that is chosen cannot be read, Busy or StorageError.
        """
        if not self.whole:
            collector = RecordCollector(self.collection)
            for article in self.articles:
                collector.article(article)
            return selection_files(self.collection, collector.places(), len(self.articles), self.newest)
        root = self.collection.path
        return [
            WarcFile(
                file.folder, file.name, b"", (MemberRun(root / file.folder / file.name, 0, file.committed_length),)
            )
            for file in files_in_order(catalogue_of(self.collection))
            if file.committed_length
        ]

    def require_captures(self) -> None:
        """Raise NothingCaptured where there is neither a visit among what is chosen, nor a record of others."""
        catalogue = catalogue_of(self.collection)
        if self.whole and has_imported_records(catalogue):
            return
        for article in self.articles:
            if was_visited(catalogue, article):
                return
        raise NothingCaptured(f"{len(self.articles):,} articles were chosen, and none was captured: they are snapshots")


def choose(collection: CollectionReader, selection: Selection) -> ExportSelection:
    """Return what a selection means, as the collection stood when it was opened for reading.

    A whole collection may have no article, but records of others: pictures, PDF files, texts.

    Raises NothingSelected, what `archive.catalogue.articles.select` raises, Busy, Damaged or StorageError.
    """
    catalogue = catalogue_of(collection)
    whole = selection == Selection()
    articles = tuple(select(catalogue, selection))
    with storage_errors(catalogue.path, reading=True):
        if articles:
            return ExportSelection(collection, articles, whole, newest_moment(catalogue, articles))
        if whole and has_imported_records(catalogue):
            # An import that was interrupted has no date yet.
            return ExportSelection(collection, (), whole, newest_import(catalogue) or f"{UNDATED[:19]}Z")
        empty = whole or not select(catalogue, Selection())
        raise NothingSelected("the collection holds no article yet" if empty else "no article is as the selection says")
