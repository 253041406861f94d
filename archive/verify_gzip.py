"""The compressed bytes of a member, which its own checksum does not cover: see `archive.warc.members`."""

import zlib
from collections.abc import Iterator

from archive.warc.members import HEAD_SIZE, gzip_head

__all__ = ["MemberBytes"]

_TAIL = 8  # checksum and length of what it inflates to


class MemberBytes:
    """Watches one member of a file; then tells what is strange about its bytes."""

    def __init__(self) -> None:
        self._head = b""
        self._checksum = 0
        self._held = b""  # the last bytes so far: they may be the tail

    def __call__(self, data: bytes) -> None:
        """Take bytes of the member."""
        missing = HEAD_SIZE - len(self._head)
        if missing > 0:
            self._head += data[:missing]
            data = data[missing:]
        data = self._held + data
        end = max(0, len(data) - _TAIL)
        self._checksum = zlib.crc32(data[:end], self._checksum)
        self._held = data[end:]

    def strange(self) -> Iterator[tuple[str, str]]:
        """Yield code and message of what is strange in a file of ours, when all of the member came."""
        plain = gzip_head(None)
        if self._head.startswith(plain):
            return  # written before members had a checksum of their compressed bytes
        if self._head != gzip_head(self._checksum):
            same = self._head[:-4] == gzip_head(self._checksum)[:-4]
            yield (
                ("gzip-checksum", "the compressed bytes changed")
                if same
                else (
                    "gzip-head",
                    f"the member's head is {self._head.hex(' ')}",
                )
            )
