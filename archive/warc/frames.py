"""Zstandard frames of `.warc.zst` files (IIPC, "Use of Zstandard in WARC files" 1.0): dictionary and decompression.

Each record is a frame of its own (RFC 8878). A first skippable frame with a magic number of its own may hold the
dictionary that all of them need; that may itself be compressed.
"""

import zlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from zstandard import ZstdCompressionDict

__all__ = ["FRAME", "FrameInflater", "begins_with_frame", "dictionary_of"]

FRAME = b"\x28\xb5\x2f\xfd"
"""The magic number of a frame (RFC 8878 §3.1.1)."""

_SKIPPABLE = b"\x2a\x4d\x18"
"""The last three bytes of the magic number of a skippable frame (§3.1.2); the first one is 0x50 to 0x5F."""
_DICTIONARY = b"\x5d" + _SKIPPABLE
_HEADER = 8
"""Bytes of the head of a skippable frame: magic number and length."""

_LARGEST_DICTIONARY = 32 * 1024 * 1024
_STEP = 512
"""Bytes that are given to the decompressor at once: they become 16 MB at most."""


def begins_with_frame(beginning: bytes) -> bool:
    """Whether a file begins with a frame, by its first bytes."""
    return beginning.startswith(FRAME) or _is_skippable(beginning)


def _is_skippable(data: bytes) -> bool:
    return data[1:4] == _SKIPPABLE and 0x50 <= data[0] <= 0x5F


def dictionary_of(file: BinaryIO) -> "ZstdCompressionDict | None":
    """Return the dictionary at the beginning of a file; None where there is none that can be read."""
    import zstandard

    file.seek(0)
    header = file.read(_HEADER)
    size = int.from_bytes(header[4:], "little")
    if not header.startswith(_DICTIONARY) or size > _LARGEST_DICTIONARY:
        return None
    data = file.read(size)
    if data.startswith(FRAME):
        try:
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        except zstandard.ZstdError:
            return None
    return zstandard.ZstdCompressionDict(data)


class FrameInflater:
    """Decompresses one frame, as an object of `zlib.decompressobj` does a member; a skippable one is nothing."""

    def __init__(self, dictionary: "ZstdCompressionDict | None") -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._frame = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
        self._begun = b""
        self._left: int | None = None  # of a skippable frame, bytes that are to come
        self._is_frame = False
        self.eof = False
        """Whether the frame has ended."""
        self.unused_data = b""
        """What came behind its end."""
        self.unconsumed_tail = b""
        """What is to be given again: it was too much for once."""

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        """Return what these bytes become, however much that is. Raises zlib.error."""
        self.unconsumed_tail = b""
        if self._left is None and not self._is_frame:
            self._begun += data
            if len(self._begun) < _HEADER and _is_skippable(self._begun.ljust(4, b"\0")):
                return b""
            data, self._begun = self._begun, b""
            if _is_skippable(data.ljust(4, b"\0")):
                self._left = int.from_bytes(data[4:_HEADER], "little")
                data = data[_HEADER:]
            else:
                self._is_frame = True
        if self._left is not None:
            passed = min(self._left, len(data))
            self._left -= passed
            self.eof, self.unused_data = self._left == 0, data[passed:]
            return b""
        try:
            found = self._frame.decompress(data[:_STEP])
        except self._error as error:
            raise zlib.error(str(error)) from error
        if self._frame.eof:
            self.eof, self.unused_data = True, self._frame.unused_data + data[_STEP:]
        else:
            self.unconsumed_tail = data[_STEP:]
        return found
