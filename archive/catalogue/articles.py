"""All that the catalogue knows of one article: its names, its captures, its versions, and where their records lie."""

from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError, storage_errors
from archive.listing import Row
from archive.lookups import Lookups, Migration, Seen
from archive.reader import Place

__all__ = ["Capture", "ManyVersions", "NoSuchCapture", "NoSuchVersion", "Portrait", "Version", "portrait"]

_SHORTEST = 4
"""Characters of a digest or an identifier that may stand for the whole."""


class NoSuchVersion(ArchiveError):
    """The article has no version of this number or digest."""

    code = "no-such-version"
    hint = "`archive show ARTICLE` lists its versions: by number from 1, or by the beginning of their digest."


class NoSuchCapture(ArchiveError):
    """The article has no capture of this number or identifier."""

    code = "no-such-capture"
    hint = "`archive show ARTICLE` lists its captures: by number from 1, or by the beginning of their record's name."


class ManyVersions(ArchiveError):
    """Several versions or captures begin so."""

    code = "many-versions"
    hint = "Give more of the digest, or the number."


class Version(NamedTuple):
    """One distinct clean text of the article."""

    number: int
    """From 1, in the order in which they were kept."""
    id: int
    clean_sha256: str
    ruleset_sha256: str
    """Of the cleaning that gave it first, as the next."""
    software: str
    current: bool
    captures: int
    """How many have this text."""
    first: str
    """When the first of them was fetched: UTC, to the microsecond, as the next; empty where none has it any more."""
    last: str
    record: int
    """Row of the conversion record."""
    record_id: str
    place: Place


class Capture(NamedTuple):
    """One visit, or one snapshot."""

    number: int
    """From 1, in the order in which they were fetched."""
    id: int
    kind: str
    """`visit` or `snapshot`."""
    fetched_at: str
    """UTC, to the microsecond."""
    fetch_date: str
    """As given."""
    state: str
    notice: str
    version: int | None
    """Row of its version; None unless the state is live."""
    url: str
    """As given."""
    file_name: str
    """Of the snapshot; empty for a visit."""
    status: int | None
    """Of a visit's answer, 0 where nothing answered."""
    final_url: str | None
    """Of a visit, after redirects."""
    source_sha256: str
    """Of what cleaning read; empty where nothing was cleaned."""
    record: int
    """Row of the source's record: a resource, a response or a revisit; else the visit's description."""
    record_id: str
    place: Place


class Portrait(NamedTuple):
    """One article."""

    row: Row
    aliases: list[str]
    """Every key but its own."""
    states: list[Seen]
    migrations: list[Migration]
    versions: list[Version]
    captures: list[Capture]
    """In the order in which they were fetched."""

    def version(self, name: str) -> Version:
        """Return a version by its number, or by the beginning of its digest.

        Raises NoSuchVersion or ManyVersions.
        """
        found = [each for each in self.versions if str(each.number) == name]
        if not found and len(name) >= _SHORTEST:
            found = [each for each in self.versions if each.clean_sha256.startswith(name.lower())]
        if not found:
            raise NoSuchVersion(f"{self.row.key} has {len(self.versions)} versions; none of them is {name!r}")
        if len(found) > 1:
            raise ManyVersions(f"{len(found)} versions of {self.row.key} begin with {name!r}")
        return found[0]

    def capture(self, name: str) -> Capture:
        """Return a capture by its number, or by the beginning of its record's identifier.

        Raises NoSuchCapture or ManyVersions.
        """
        found = [each for each in self.captures if str(each.number) == name]
        wanted = name.lower().removeprefix("urn:uuid:")
        if not found and len(wanted) >= _SHORTEST:
            found = [each for each in self.captures if each.record_id.removeprefix("urn:uuid:").startswith(wanted)]
        if not found:
            raise NoSuchCapture(f"{self.row.key} has {len(self.captures)} captures; none of them is {name!r}")
        if len(found) > 1:
            raise ManyVersions(f"{len(found)} captures of {self.row.key} begin with {name!r}")
        return found[0]


_PLACE = "folder, name, offset, length"


def portrait(catalogue: Catalogue, row: Row) -> Portrait:
    """Return all that is known of an article. Raises Busy, Damaged or StorageError."""
    lookups = Lookups(catalogue)
    with storage_errors(catalogue.path, reading=True):
        aliases = [
            key
            for (key,) in catalogue.execute(
                "SELECT key FROM alias WHERE article = ? AND key != ? ORDER BY key", (row.id, row.key)
            )
        ]
        versions = catalogue.execute(
            "SELECT version.id, clean_sha256, ruleset_sha256, software,"
            " version.id IS (SELECT current_version FROM article WHERE id = version.article), count(capture.id),"
            " coalesce(min(fetched_at), ''), coalesce(max(fetched_at), ''), version.record, record_id,"
            f" {_PLACE} FROM version JOIN record ON record.id = version.record JOIN file ON file.id = record.file"
            " LEFT JOIN capture ON capture.version = version.id WHERE version.article = ?"
            " GROUP BY version.id ORDER BY version.id",
            (row.id,),
        ).fetchall()
        captures = catalogue.execute(
            "SELECT capture.id, kind, fetched_at, fetch_date, state, notice, version, url, file_name, status,"
            f" final_url, source_sha256, capture.record, record_id, {_PLACE} FROM capture"
            " JOIN record ON record.id = capture.record JOIN file ON file.id = record.file"
            " LEFT JOIN visit ON visit.capture = capture.id WHERE article = ? ORDER BY fetched_at, capture.id",
            (row.id,),
        ).fetchall()
    return Portrait(
        row,
        aliases,
        lookups.states_of(row.id),
        lookups.migrations_of(row.id),
        [
            Version._make((number, *each[:4], bool(each[4]), *each[5:10], Place(*each[10:])))
            for number, each in enumerate(versions, 1)
        ],
        [Capture._make((number, *each[:14], Place(*each[14:]))) for number, each in enumerate(captures, 1)],
    )
