"""Something that `archive verify` found."""

from typing import NamedTuple

from archive.warc.writer import is_imported

__all__ = ["Finding"]

_OF_RECORDS = frozenset(
    {
        "missing-field", "forbidden-field", "repeated-field", "bad-value", "block-digest", "payload-digest", "not-http",
        "dangling", "payload-differs",
    }
)  # fmt: skip


class Finding(NamedTuple):
    """Something that is not as it should be."""

    file: str
    """Name of the file, without its folder."""
    offset: int
    """Where the record's member begins, in bytes."""
    record_id: str
    """Empty where it could not be read."""
    code: str
    """A stable English word; see `archive.maintenance.check` and `archive.maintenance.check_texts`."""
    message: str

    @property
    def came_so(self) -> bool:
        """Whether others wrote it so: imported records stay as they came, right or wrong.

        Damage that came later is told by other codes, because each imported record is a gzip member of ours.
        """
        return is_imported(self.file) and self.code in _OF_RECORDS
