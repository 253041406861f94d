"""The block of a record, piece by piece: its digests, and whether it is what its Content-Type says."""

import hashlib
from base64 import b32encode
from collections.abc import Iterator
from typing import Any

from archive.verify_fields import values_of
from archive.warc.records import Fields
from capture.framing import Framer, Part
from capture.heads import parse_head

__all__ = ["Block"]

_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})
_BEGINNING = 64 * 1024

_HTTP = "application/http"


class Block:
    """Digests a record's block as it comes."""

    def __init__(self) -> None:
        self.beginning = b""
        """Its first bytes, at most 64 KiB."""
        self._values: dict[str, str] | None = None
        self._block: dict[str, Any] = {}
        self._payload: dict[str, Any] = {}
        self._framer: Framer | None = None
        self._body: Framer | None = None
        self._has_payload = False

    def feed(self, fields: Fields | None, data: bytes) -> None:
        """Take bytes of the block, perhaps none; `fields` are the record's, None until they came."""
        if self._values is None:
            if fields is None:
                return
            self._begin(values_of(fields))
        self.beginning += data[: _BEGINNING - len(self.beginning)]
        for hasher in self._block.values():
            hasher.update(data)
        for piece in self._pieces(data):
            for hasher in self._payload.values():
                hasher.update(piece)

    def _begin(self, values: dict[str, str]) -> None:
        self._values = values
        kind, http = values.get("warc-type", ""), values.get("content-type", "").lower().startswith(_HTTP)
        self._has_payload = kind in {"resource", "conversion"} or (kind in {"response", "request"} and http)
        if kind == "response" and http:
            self._framer = Framer("GET")
        for name, hashers in (("warc-block-digest", self._block), ("warc-payload-digest", self._payload)):
            algorithm = values.get(name, "").partition(":")[0]
            if algorithm in _ALGORITHMS:
                hashers[algorithm] = hashlib.new(algorithm)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield the payload in bytes of the block."""
        if self._framer is not None:
            yield from (piece.data for piece in self._framer.feed(data) if piece.part is Part.PAYLOAD)
        elif self._has_payload and self._values and self._values["warc-type"] != "request":
            yield data

    def strange(self) -> Iterator[tuple[str, str]]:
        """Yield code and message of what is wrong, when all of it came."""
        values = self._values or {}
        for name, code, hashers in (
            ("warc-block-digest", "block-digest", self._block),
            ("warc-payload-digest", "payload-digest", self._payload if self._framer or self._is_block() else {}),
        ):
            for algorithm, hasher in hashers.items():
                if values[name].partition(":")[2] not in _spellings(hasher.digest()):
                    if code == "payload-digest" and self._answers_head(values[name]):
                        continue
                    yield code, f"it is {algorithm}:{hasher.hexdigest()}, the header says {values[name]}"
        kind = values.get("warc-type", "")
        if values.get("content-type", "").lower().startswith(_HTTP):
            yield from self._strange_http(kind)

    def _is_block(self) -> bool:
        """Whether the payload is the block itself (§6.4, §6.8)."""
        return self._values is not None and self._values.get("warc-type") in {"resource", "conversion"}

    def _answers_head(self, digest: str) -> bool:
        """Whether this is an answer to HEAD, whose body is empty whatever its length (RFC 9110 §9.3.2)."""
        algorithm, _, value = digest.partition(":")
        empty = value in _spellings(hashlib.new(algorithm).digest())
        return empty and self.beginning.endswith((b"\r\n\r\n", b"\n\n"))

    def _strange_http(self, kind: str) -> Iterator[tuple[str, str]]:
        first = self.beginning.lstrip(b"\r\n").partition(b"\n")[0]
        if kind in {"response", "revisit"} and self.beginning and parse_head(self.beginning) is None:
            yield "not-http", f"it begins with {first[:60]!r}, which is no status line"
        elif kind == "request" and len(first.split()) != 3:
            yield "not-http", f"it begins with {first[:60]!r}, which is no request line"


def _spellings(digest: bytes) -> tuple[str, str, str]:
    """Return the forms in which software writes a digest: hexadecimal, and Base32 in upper and lower case."""
    base32 = b32encode(digest).decode()
    return digest.hex(), base32, base32.lower()
