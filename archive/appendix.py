"""What a batch adds to one WARC file."""

import zlib
from collections.abc import Callable

from archive import reader
from archive.catalogue.connection import Catalogue, FileRow
from archive.warc.members import Member, member
from archive.warc.records import Record

__all__ = ["Appendix", "record_of"]


class Appendix:
    """Members that a batch adds to one WARC file, and where they will lie."""

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

    def put_referring(self, one: Member, record_id: str) -> int:
        """Add a member with another WARC-Refers-To: it was prepared before anybody knew what is kept."""
        record = record_of(one)
        return self.put(one if record.refers_to == record_id else member(record.referring_to(record_id)))

    def _add(self, member: Member) -> int:
        row = self._catalogue.insert(
            "record",
            record_id=member.record_id,
            file=self.file.id,
            offset=self.length,
            length=member.size,
        )
        self.members.append(member)
        self.length += member.size
        return row


def record_of(member: Member) -> Record:
    """Return the record in a member that is in memory."""
    return reader.parse(zlib.decompress(member.data, 31), member.record_id)
