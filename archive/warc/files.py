"""Files of others as a whole: the WARC and ARC files in them, and their pages.

`RecordFiles` gives the files of records that are in a WACZ, or the one that a WARC or ARC file is itself, so that
readers need not ask which it is. `pages_of` finds the pages, `read_page` reads one by its place. `PageStream` gives
pages with their content as they come, in one pass and in memory that does not grow.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, cast

from archive.warc.content import ContentTooLarge, content_of, demand_size
from archive.warc.foreign import ForeignDamage, ForeignReader, ForeignRecord, NoRecord
from archive.warc.heads import ForeignHead, warc_fields
from archive.warc.inflate import BytePlace
from archive.warc.pages import BEGINNING, PARTIAL_CONTENT, FileDates, PageRecord, page_record, select_pages
from archive.warc.segments import Segments
from archive.warc.wacz import Wacz, copy_part, is_wacz, listed_pages

__all__ = ["PageBody", "PagePlace", "PageStream", "PagesOfFile", "RecordFiles", "StreamedPage", "pages_of", "read_page"]

_MOST_DAMAGES = 100
"""Damaged places of one file that are described; of more, only the number is known."""


class RecordFiles:
    """The files of records in a WACZ, or the one WARC or ARC file, by name. Use as a context manager, or close it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises BadWacz, NoRecordsInZip, or OSError where it cannot be read."""
        self.path = path
        self.problems: dict[str, str] = {}
        """Why parts are not whole, or were not read, by their names: of those that were asked for."""
        self._wacz = Wacz(path) if is_wacz(path) else None
        self._parts = {part.name: part for part in self._wacz.parts} if self._wacz is not None else {}
        if self._wacz is not None and self._wacz.problem:
            self.problems[""] = self._wacz.problem
        self._digests: dict[str, str] = {}
        self._name: str | None = None
        self._file: BinaryIO | None = None
        self._reader: ForeignReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self._close_part()
        if self._wacz is not None:
            self._wacz.close()

    @property
    def names(self) -> list[str]:
        """Names of the files of records, in order; one empty name where the file is none of a WACZ."""
        if self._wacz is None:
            return [""]
        for part in self._parts.values():
            if part.has_records and part.refusal:
                self.problems[part.name] = part.refusal
        return [part.name for part in self._parts.values() if part.has_records and not part.refusal]

    def reader(self, name: str) -> ForeignReader:
        """Return the reader of a file; the same one as long as no other file is asked for.

        Raises KeyError where there is no such file, OSError where it cannot be read.
        """
        if self._reader is None or self._name != name:
            self._close_part()
            if self._wacz is None:
                self._file = self.path.open("rb")
            else:
                self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  # it stays open, see `close`
                self._digests[name], why = copy_part(self._parts[name], self._file)
                if why:
                    self.problems[name] = why
            self._name, self._reader = name, ForeignReader(self._file)
        return self._reader

    def lists(self) -> dict[str, bytes]:
        """Return the lists of pages and of digests of a WACZ by their names; none of another file."""
        lists: dict[str, bytes] = {}
        for part in self._parts.values():
            if self._wacz is not None and part.is_list and not part.refusal:
                with tempfile.TemporaryFile() as file:
                    copy_part(part, file)
                    file.seek(0)
                    lists[part.name] = file.read()
        return lists

    def digests(self) -> dict[str, str]:
        """Return the sha256 of each part of a WACZ in hexadecimal, by its name; none of another file."""
        for part in self._parts.values():
            if self._wacz is not None and part.name not in self._digests and not part.refusal:
                with tempfile.TemporaryFile() as file:
                    self._digests[part.name], _ = copy_part(part, file)
        return self._digests | (self._wacz.packages if self._wacz is not None else {})

    def _close_part(self) -> None:
        if self._file is not None:
            self._file.close()
        self._name = self._file = self._reader = None


class PagePlace(NamedTuple):
    """The place of the record of a page."""

    part: str
    """The file in a WACZ; empty where it is the file itself."""
    place: BytePlace
    file_dates: tuple[str, ...] = ()
    """See `PageRecord`."""
    cut: str = ""
    """Why the record is cut off; empty where it is whole."""
    is_member: bool = False
    """See `ForeignDamage`."""
    block_size: int = -1
    """See `ForeignDamage`."""
    segments: tuple[tuple[str, BytePlace], ...] = ()
    """Of a segmented record (WARC 1.1 §7), the others: the file in the WACZ, and the place in it, in their order."""


class PagesOfFile(NamedTuple):
    """The pages in a file."""

    places: list[PagePlace]
    """Of its pages, in the order of the file, with those that are cut off."""
    others: int
    """Records of other kinds: requests, pictures, revisits, redirects."""
    damage: str
    """What is wrong in the first place that is no record and no page that is cut off; empty where there is none."""


class PageBody(NamedTuple):
    """The content of a page in a file of others."""

    data: bytes
    """Its bytes, without transfer coding and content coding."""
    record: PageRecord
    cut: str
    """Why it is not whole; empty where it is."""


def pages_of(files: RecordFiles) -> PagesOfFile:
    """Look through a file for the pages that its records hold. Raises OSError where it cannot be read."""
    listed = {page.url: page.title for page in listed_pages(files.lists())}
    candidates: list[tuple[PagePlace, PageRecord]] = []
    segments: Segments[tuple[str, BytePlace]] = Segments()
    count, damage = 0, ""
    for name in files.names:
        reader, dates = files.reader(name), FileDates(PurePosixPath(name).name, files.path.name)

        def take(
            record: ForeignRecord, name: str = name, reader: ForeignReader = reader, dates: FileDates = dates
        ) -> None:
            nonlocal count
            beginning = reader.beginning(BEGINNING)
            fields = reader.warc_fields(beginning)
            dates.see(fields)
            page = page_record("", fields, beginning, dates.all)
            reader.pass_block()
            segments.add(fields, record.head.length, (name, record.place))
            count += 1
            if page is not None and (page.has_page or (listed and (page.is_page or page.location))):
                candidates.append((PagePlace(name, record.place, dates.all), page))

        for each in reader.walk(take):
            if each is None:
                continue
            page = _cut_page(reader, each, dates) if each.head else None
            if page is not None and page.has_page:
                count += 1
                cut = "" if each.is_whole else each.message
                candidates.append((PagePlace(name, each.place, dates.all, cut, each.is_member, each.block_size), page))
            elif each.is_whole:
                count += 1
            else:
                damage = damage or f"byte {each.place.offset:,}: {each.message}"
    for name, problem in files.problems.items():
        damage = damage or (f"{name}: {problem}" if name else problem)
    pages = select_pages([page for _, page in candidates], listed)
    places = [_with_segments(place, page, segments) for place, page in candidates if page.has_page and page in pages]
    return PagesOfFile(places, count - len(places), damage)


def _with_segments(place: PagePlace, page: PageRecord, segments: Segments[tuple[str, BytePlace]]) -> PagePlace:
    """Return the place of a page with those of its other segments; of one that lacks some, with what is wrong."""
    if place.cut or not page.is_segmented:
        return place
    parts = segments.of(page.given_id)
    return place._replace(cut=parts.problem) if parts.problem else place._replace(segments=parts.places[1:])


def _cut_page(reader: ForeignReader, damage: ForeignDamage, dates: FileDates) -> PageRecord | None:
    """Return the record that is cut off there, or has a wrong length; None where it is of no interest."""
    beginning = bytearray()
    for piece in reader.odd_block(damage):
        beginning += piece[: BEGINNING - len(beginning)]
        if len(beginning) == BEGINNING:
            break
    assert damage.head is not None  # for the type checker
    fields = warc_fields(reader.dialect, damage.head, bytes(beginning))
    return page_record("", fields, bytes(beginning), dates.all)


def read_page(files: RecordFiles, place: PagePlace, limit: int) -> PageBody:
    """Return the page whose record begins at a place.

    Raises NoRecord where none does or it is cut off, ContentTooLarge where it has more than `limit` bytes, OSError or
    KeyError where the file is another one now.
    """
    if place.cut:  # half a text is none
        raise NoRecord(place.cut)
    reader = files.reader(place.part)
    if place.is_member or place.block_size >= 0:
        head, block = reader.odd_record(place.place, place.block_size)
    else:
        reader.seek(place.place)
        start = reader.next()
        if start is None:
            raise NoRecord("the file ends there")
        head, block = start.head, reader.block()
        demand_size(head.length, limit)
    data = bytearray()
    for piece in block:
        data += piece
        demand_size(len(data), limit)
    for part, begin in place.segments:
        reader = files.reader(part)
        reader.seek(begin)
        if reader.next() is None:
            raise NoRecord("the file ends where a segment of the record was")
        for piece in reader.block():
            data += piece
            demand_size(len(data), limit)
    return _page_body(reader, head, bytes(data), place, limit)


def _page_body(reader: ForeignReader, head: ForeignHead, data: bytes, place: PagePlace, limit: int) -> PageBody:
    beginning = data[:BEGINNING]
    record = page_record("", warc_fields(reader.dialect, head, beginning), beginning, place.file_dates)
    if record is None:
        raise NoRecord("the record is no page")
    cut = "" if record.is_segmented and place.segments else record.truncated
    if record.kind == "response":
        data, broken = content_of(data, limit)
        cut = broken or cut
    if not cut and record.status == PARTIAL_CONTENT:
        cut = "it is a part of a page (status 206)"
    return PageBody(data, record, cut)


class StreamedPage(NamedTuple):
    """A page of a file of others, as it comes by."""

    place: BytePlace
    """Where its record begins."""
    length: int
    """Bytes of its record in the file; 0 where it shares its member with others, or where nobody can say."""
    record: PageRecord
    data: bytes
    """Its content, without transfer coding and content coding; empty where `code` says why."""
    code: str = ""
    """`broken-record` or `too-large` where there is no content; else empty."""
    why: str = ""
    """The same in words."""


class PageStream:
    """The pages of one WARC or ARC file, with their content, in the order of the file; iterate over it once.

    Segmented pages (WARC 1.1 §7) come last, when all segments are known. A page that is cut off, broken or too large
    comes without content; what is no record is counted among the damages.
    """

    def __init__(self, file: BinaryIO, *names: str, limit: int) -> None:
        """Begin. `names` are those of the file, the innermost first, for dates; `limit` bytes are read of one page."""
        self._reader = ForeignReader(file)
        self._dates = FileDates(*names)
        self._limit = limit
        self._found: StreamedPage | None = None
        self._segments: Segments[BytePlace] = Segments()
        self._segmented: list[tuple[BytePlace, PageRecord]] = []
        self.records = 0
        """Whole records so far, of all kinds."""
        self.damaged = 0
        """Places that are no record, so far."""
        self.damages: list[ForeignDamage] = []
        """The first of them, without their bytes."""

    def __iter__(self) -> Iterator[StreamedPage]:
        """Yield the pages. Raises OSError where the file cannot be read."""
        reader = self._reader
        for damage in reader.walk(self._take):
            page, self._found = self._found if damage is None else self._odd_page(damage), None
            if page is not None:
                end = reader.place
                apart = not reader.is_gzip or not (page.place.inner or end.inner)
                yield page._replace(length=end.offset - page.place.offset if apart else 0)
        for place, record in self._segmented:
            yield self._whole_of_segments(place, record)

    def _take(self, record: ForeignRecord) -> None:
        reader = self._reader
        beginning = reader.beginning(BEGINNING)
        fields = reader.warc_fields(beginning)
        self._dates.see(fields)
        page = page_record("", fields, beginning, self._dates.all)
        if page is None or not page.has_page or page.is_segmented:
            reader.pass_block()
            self._segments.add(fields, record.head.length, record.place)
            if page is not None and page.has_page:
                self._segmented.append((record.place, page))
        elif record.head.length > self._limit:
            reader.pass_block()
            self._found = self._too_large(record.place, page)
        else:
            self._found = self._page(record.place, record.head, b"".join(reader.block()), page)
        self.records += 1

    def _odd_page(self, damage: ForeignDamage) -> StreamedPage | None:
        """Return the page whose record is cut off there, or has a wrong length; None where it is none."""
        page = _cut_page(self._reader, damage, self._dates) if damage.head else None
        if damage.is_whole:
            self.records += 1
        if page is not None and page.has_page and damage.head is not None:
            if not damage.is_whole:
                return StreamedPage(damage.place, 0, page, b"", "broken-record", damage.message)
            data = bytearray()
            try:
                for piece in self._reader.odd_block(damage):
                    data += piece
                    demand_size(len(data), self._limit)
            except ContentTooLarge:
                return self._too_large(damage.place, page)
            except NoRecord as error:
                return StreamedPage(damage.place, 0, page, b"", "broken-record", str(error))
            return self._page(damage.place, damage.head, bytes(data), page)
        if not damage.is_whole:
            self.damaged += 1
            if len(self.damages) < _MOST_DAMAGES:
                self.damages.append(damage._replace(data=b"", head=None))
        return None

    def _page(
        self, place: BytePlace, head: ForeignHead, data: bytes, page: PageRecord, *, of_segments: bool = False
    ) -> StreamedPage:
        known = PagePlace("", place, page.file_dates, segments=(("", place),) if of_segments else ())
        try:
            body = _page_body(self._reader, head, data, known, self._limit)
        except ContentTooLarge:
            return self._too_large(place, page)
        if body.cut:  # half a text is none
            return StreamedPage(place, 0, body.record, b"", "broken-record", body.cut)
        return StreamedPage(place, 0, body.record, body.data)

    def _too_large(self, place: BytePlace, page: PageRecord) -> StreamedPage:
        why = f"the page has more than {self._limit // (1024 * 1024):,} MB of content"
        return StreamedPage(place, 0, page, b"", "too-large", why)

    def _whole_of_segments(self, place: BytePlace, page: PageRecord) -> StreamedPage:
        parts, reader, data = self._segments.of(page.given_id), self._reader, bytearray()
        if parts.problem or not parts.places:
            why = parts.problem or "the record has no identifier that its segments could name"
            return StreamedPage(place, 0, page, b"", "broken-record", why)
        if parts.size > self._limit:
            return self._too_large(place, page)
        first: ForeignHead | None = None
        for part in parts.places:
            reader.seek(part)
            record = reader.next()
            assert record is not None  # it was there a moment ago
            first = first or record.head
            data += b"".join(reader.block())
        assert first is not None  # for the type checker
        return self._page(place, first, bytes(data), page, of_segments=True)
