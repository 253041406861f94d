"""What becomes of one prepared snapshot: which rows and records it adds to the collection, if any.

All of it runs inside the transaction of a batch, so a snapshot that comes twice in one batch finds itself.
"""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from archive import reader, records
from archive.catalogue import Catalogue, FileRow
from archive.naming import fold, with_suffix
from archive.records import Member
from archive.snapshot import Prepared

__all__ = ["Added", "Appendix", "Intake"]

LIVE = "live"


class Added(NamedTuple):
    """What became of one snapshot."""

    name: str
    """The file's name."""
    status: str
    """`added`: its bytes were new. `recleaned`: they were known, the judgement or the text is new.
    `unchanged`: nothing was added."""
    state: str
    key: str
    """Of the article."""
    markdown: str | None
    """The article's Markdown file, relative to the collection; None where no capture of it was ever live."""
    current: bool
    """Whether that file holds the text of this snapshot; false where a newer capture has another."""


class Appendix:
    """What a batch adds to one WARC file: members, and where they will lie."""

    def __init__(self, catalogue: Catalogue, file: FileRow, opening: Callable[[], Member]) -> None:
        """Begin behind the file's committed part; `opening` makes the warcinfo record of a new file."""
        self.file = file
        self.length = file.committed_length
        self.members: list[Member] = []
        self._catalogue = catalogue
        self._opening = opening

    def put(self, member: Member) -> int:
        """Add a member; return the row of its record."""
        if not self.length:
            self._add(self._opening())
        return self._add(member)

    def _add(self, member: Member) -> int:
        row = self._catalogue.insert(
            "record",
            record_id=member.record_id,
            file=self.file.id,
            offset=self.length,
            length=len(member.data),
        )
        self.members.append(member)
        self.length += len(member.data)
        return row


class _Known(NamedTuple):
    """A capture whose bytes the collection has."""

    id: int
    article: int
    state: str
    clean_sha256: str | None
    record_id: str


class Intake:
    """Takes the snapshots of one batch, inside its transaction."""

    def __init__(self, catalogue: Catalogue, root: Path, warc: Appendix, derived: Appendix) -> None:
        """Take the catalogue, the collection's folder, and what is to be appended to its two files."""
        self._catalogue = catalogue
        self._root = root
        self._warc = warc
        self._derived = derived
        self._taken: list[tuple[Prepared, str, int]] = []

    def added(self) -> list[Added]:
        """Return what became of each snapshot, after all of them; raises sqlite3.Error."""
        return [self._added(item, status, article) for item, status, article in self._taken]

    def take(self, item: Prepared) -> None:
        """Insert the rows of one snapshot and put its records to the files, as far as they are new.

        Raises sqlite3.Error; the transaction around translates it.
        """
        known = self._known(item)
        if known and (known.state, known.clean_sha256) == (item.state, item.clean_sha256):
            self._taken.append((item, "unchanged", known.article))
            return
        if known:
            article, capture, status = known.article, known.id, "recleaned"
            # The record of the bytes exists. What is derived anew refers to that one, and goes where it never
            # touches a capture file.
            provenance = self._derived.put(_referring(item.provenance, known.record_id))
        else:
            article, status = self._article(item), "added"
            capture = self._capture(item, article)
            provenance = self._warc.put(item.provenance)
        version, ledger = self._version(item, article, capture, known)
        self._catalogue.insert(
            "cleaning",
            capture=capture,
            at=item.at,
            state=item.state,
            notice=item.notice,
            version=version,
            ruleset_sha256=item.ruleset_sha256,
            software=item.software,
            provenance=provenance,
            ledger=ledger,
        )
        self._catalogue.execute(
            "UPDATE capture SET state = ?, notice = ?, version = ? WHERE id = ?",
            (item.state, item.notice, version, capture),
        )
        moved = self._move_current(item, article)
        self._catalogue.insert(
            "event",
            at=item.at,
            type="normalization" if known else "ingestion",
            article=article,
            capture=capture,
            outcome=f"{item.state}; current version moved" if moved else item.state,
        )
        self._taken.append((item, status, article))

    def _known(self, item: Prepared) -> _Known | None:
        row = self._catalogue.one(
            "SELECT capture.id, capture.article, state, clean_sha256, record_id FROM capture"
            " JOIN record ON record.id = capture.record LEFT JOIN version ON version.id = capture.version"
            " WHERE source_sha256 = ?",
            item.source_sha256,
        )
        return _Known._make(row) if row else None

    def _article(self, item: Prepared) -> int:
        row = self._catalogue.one("SELECT id FROM article WHERE key = ?", item.key)
        if row:
            return int(row[0])
        return self._catalogue.insert(
            "article",
            key=item.key,
            kind=item.kind,
            url=item.canonical,
            title=item.title,
            source=item.source,
            date=item.date,
        )

    def _capture(self, item: Prepared, article: int) -> int:
        return self._catalogue.insert(
            "capture",
            article=article,
            source_sha256=item.source_sha256,
            fetched_at=item.fetched_at,
            fetch_date=item.fetch_date,
            url=item.url,
            title=item.title,
            source=item.source,
            date=item.date,
            file_name=item.name,
            record=self._warc.put(item.resource),
            state=item.state,
            notice=item.notice,
        )

    def _version(
        self, item: Prepared, article: int, capture: int, known: _Known | None
    ) -> tuple[int | None, int | None]:
        """Return the rows of the version and of the ledger's record; None where there is no article."""
        if item.conversion is None or item.ledger is None:
            return None, None
        row = self._catalogue.one(
            "SELECT version.id, record_id FROM version JOIN record ON record.id = version.record"
            " WHERE article = ? AND clean_sha256 = ?",
            article,
            item.clean_sha256,
        )
        if row:  # captures share a version when their text is equal; the ledger is each capture's own
            version, conversion_id = row
            return version, self._derived.put(_referring(item.ledger, conversion_id))
        conversion = _referring(item.conversion, known.record_id) if known else item.conversion
        version = self._catalogue.insert(
            "version",
            article=article,
            clean_sha256=item.clean_sha256,
            ruleset_sha256=item.ruleset_sha256,
            software=item.software,
            capture=capture,
            record=self._derived.put(conversion),
        )
        return version, self._derived.put(item.ledger)

    def _move_current(self, item: Prepared, article: int) -> bool:
        """Let the newest live capture, by its fetch, give the current version; return whether it moved.

        Where no capture is live, nothing moves: a deleted page does not take away the text that was kept.
        """
        newest = self._catalogue.one(
            "SELECT version, title, source, date FROM capture WHERE article = ? AND state = ?"
            " ORDER BY fetched_at DESC, id DESC LIMIT 1",
            article,
            LIVE,
        )
        current, markdown = self._catalogue.one("SELECT current_version, markdown FROM article WHERE id = ?", article)
        if newest is None or newest[0] == current:
            return False
        if markdown is None:
            markdown = with_suffix(item.path, item.key, self._is_taken)
            self._catalogue.execute(
                "UPDATE article SET markdown = ?, markdown_folded = ? WHERE id = ?",
                (markdown, fold(markdown), article),
            )
        self._catalogue.execute(
            "UPDATE article SET current_version = ?, title = ?, source = ?, date = ?, pending = 1 WHERE id = ?",
            (*newest, article),
        )
        return True

    def _is_taken(self, path: str) -> bool:
        """Whether another article has this path, or somebody else's file, never overwritten, lies there."""
        if self._catalogue.one("SELECT 1 FROM article WHERE markdown_folded = ?", fold(path)):
            return True
        return (self._root / path).exists()

    def _added(self, item: Prepared, status: str, article: int) -> Added:
        markdown, clean_sha256, pending = self._catalogue.one(
            "SELECT markdown, clean_sha256, pending FROM article"
            " LEFT JOIN version ON version.id = current_version WHERE article.id = ?",
            article,
        )
        if markdown and not pending and not (self._root / markdown).exists():
            # Somebody deleted the file; the batch's last step writes it again.
            self._catalogue.execute("UPDATE article SET pending = 1 WHERE id = ?", (article,))
        current = item.clean_sha256 is not None and item.clean_sha256 == clean_sha256
        return Added(item.name, status, item.state, item.key, markdown, current)


def _referring(member: Member, record_id: str) -> Member:
    """Return the member with another WARC-Refers-To: it was prepared before anybody knew what is kept."""
    record = reader.parse(zlib.decompress(member.data, 31), member.record_id)
    return records.member(record.referring_to(record_id))
