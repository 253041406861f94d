"""Character encoding of HTML pages: detection and decoding.

A page's declared charset is a hint. Chinese pages declare gb2312 and use the whole of GB18030; pages saved again are
UTF-8 under an old declaration; a page cut in the middle of a character is broken in one byte. So UTF-8 that is
flawless wins over every declaration, the GB family is read as GB18030, and a bad byte costs one character, never the
page. Labels are those of the WHATWG's Encoding Standard; where none is declared, the detector of
Firefox says what the bytes are (https://hsivonen.fi/chardetng/).
"""

import codecs
import re
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from webencodings import lookup

from clean.errors import NotText
from clean.formats.binary import MARKS, refuse_binary

__all__ = ["DecodedPage", "decode_page"]

_CONTROLS = bytes({*range(1, 9), *range(14, 32), 127} - {27})
"""Control characters that no page holds: not zero, white space and escape (which ISO-2022-JP uses)."""

_SAMPLE = 64 * 1024
"""Bytes that are asked whether this is text at all."""

# Encodings of which pages use more than the label says, or which the standard gave up and old pages have.
_CODECS = {"gbk": "gb18030", "hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr", "utf-32": "utf-32"}

# `charset=…` in a <meta> or in the value of a Content-Type header, or a bare label. One bounded run: linear.
_CHARSET = re.compile(rb"""charset\s{0,8}=\s{0,8}["']?\s{0,8}([\w.:-]{2,40})""", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]{0,400}", re.IGNORECASE)

# Characters of three or four bytes in UTF-8, the mark of damage aside.
_WIDE = re.compile("[\u0800-\ufffc\U00010000-\U0010ffff]")

# Text from a byte that is no ASCII up to the next tag: what a detector is to see of a page full of scripts. One run.
_PASSAGE = re.compile(rb"[\x80-\xff][^<>]{0,4000}")
_PASSAGES = 64
"""So many passages tell what a page is in."""

_NO_ENCODINGS = {"replacement", "x-user-defined"}
"""Names of the standard for what is not read at all, and for bytes that are no text."""

# What switches to other characters in ISO-2022 and in HZ, whose bytes are all ASCII. One bounded run: linear.
_SHIFTS = re.compile(rb"\x1b[$(]|~\{[!-~]{2,4000}~\}")

_PIECE = 4096
"""Bytes that are looked at together: as many as stay near the processor."""

_HINT = "Give the page itself, as a browser gets it."

_HEAD = 8192
"""Bytes in which a <meta> is looked for; the standard says 1024, and real heads begin with long scripts."""


class DecodedPage(NamedTuple):
    """A page's text, and how it was read."""

    data: bytes
    """The text in UTF-8, as the parser takes it, without byte order mark and zero bytes."""
    encoding: str
    """Python's name of it."""
    known_by: str
    """`mark` (byte order mark), `content` (the bytes leave no doubt), `declared` (by the caller), `meta`, `guess`."""
    replaced: int
    """Bytes that are no character in this encoding; U+FFFD stands for each run of them."""
    zeros: int
    """Zero bytes left out, as browsers do."""

    @property
    def text(self) -> str:
        """The text, made anew each time: of megabytes of scripts few readers want all."""
        return self.data.decode()

    def head(self, size: int) -> str:
        """Return the first characters, at most as many as `size`."""
        return self.data[: 4 * size].decode("utf-8", "ignore")[:size]


def decode_page(data: bytes, charset: str | None = None) -> DecodedPage:
    """Read a page. `charset` is a label or the value of a Content-Type header.

    Raises NotText for a picture, a PDF, an archive or other bytes that are no text, and nothing else.
    """
    refuse_binary(data, "an HTML page", _HINT)
    decoded = _read(data, charset)
    sample = decoded.data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > 4:  # a few strange characters make no binary of a short page
        characters = len(sample.decode("utf-8", "ignore"))
        if controls * 20 > characters:
            reason = f"{controls:,} of its first {characters:,} characters are control characters: this is no HTML page"
            raise NotText(reason, hint=_HINT)
    return decoded


def _read(data: bytes, charset: str | None) -> DecodedPage:
    for mark, name in MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], name, "mark")
    if wide := _without_mark(data):
        return _decoded(data, wide, "content")
    if data.isascii():
        name, known_by = _declared(data, charset)
        if not name and (shift := _SHIFTS.search(data)):
            name = "hz" if shift[0].startswith(b"~") else _detected(data[:_SAMPLE])
        return _decoded(data, name or "utf-8", known_by)
    if _is_utf8(data):
        return _flawless(data, "content")
    if _is_damaged_utf8(data):
        return _decoded(data, "utf-8", "content")
    name, known_by = _declared(data, charset)
    if not name:
        passages = b"\n".join(each[0] for each in islice(_PASSAGE.finditer(data), _PASSAGES))
        return _decoded(data, _detected(passages), "guess")
    if name == "utf-8" and _is_chinese(data):
        name, known_by = "gb18030", "content"
    return _decoded(data, name, known_by)


def _detected(data: bytes) -> str:
    """Return Python's name of the encoding that bytes without a label are in, as Firefox would tell it."""
    from chardetng_py import EncodingDetector  # most pages need none

    detector = EncodingDetector()
    detector.feed(data, last=True)
    name = detector.guess(tld=None, allow_utf8=False)
    return _known(name) or codecs.lookup(name).name  # it has names of Python's, too


def _declared(data: bytes, charset: str | None) -> tuple[str, str]:
    if charset:
        match = _CHARSET.search(charset.encode("ascii", "replace"))
        name = _known(match[1].decode("ascii", "replace") if match else charset)
        if name:
            return name, "declared"
    for meta in _META.finditer(data, 0, _HEAD):
        match = _CHARSET.search(meta[0])
        name = _known(match[1].decode("ascii", "replace")) if match else ""
        if name:
            # A <meta> that could be read as ASCII is not UTF-16, whatever it says.
            return ("utf-8" if name.startswith("utf-") else name), "meta"
    return "", "guess"


def _known(label: str) -> str:
    """Return Python's name of an encoding by one of its labels; empty where there is no such encoding."""
    label = label.strip().lower()
    if label in _CODECS:
        return _CODECS[label]
    found = lookup(label)
    if found is None or found.name in _NO_ENCODINGS:
        return ""
    return _CODECS.get(found.name) or found.codec_info.name


def _without_mark(data: bytes) -> str:
    """UTF-16 and UTF-32 without their mark: of the beginning, which is markup, half or three quarters are zero."""
    head = data[:200]
    if head.count(0) * 3 < len(head) or len(head) < 4:
        return ""
    zeros = [head[place::4].count(0) for place in range(4)]
    most = len(head) // 4 * 3 // 4
    if min(zeros[1:]) > most and zeros[0] * 4 < zeros[3]:
        return "utf-32-le"
    if min(zeros[:3]) > most and zeros[3] * 4 < zeros[0]:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else ""


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most characters are good UTF-8; sequences of three bytes do not come about by chance."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count("\ufffd".encode())  # those that the page itself writes are no damage
    return len(_WIDE.findall(text)) > bad


def _is_chinese(data: bytes) -> bool:
    """Whether GB18030 explains more of the bytes than UTF-8, which has failed."""
    bad = data.decode("utf-8", "replace").count("\ufffd")
    return data.decode("gb18030", "replace").count("\ufffd") * 3 < bad


def _decoded(data: bytes, name: str, known_by: str) -> DecodedPage:
    if name == "utf-8" and _is_utf8(data):
        return _flawless(data, known_by)
    text = data.decode(name, "replace")
    found = text.count("\ufffd")
    if found:  # those that the page itself writes are characters like others
        with suppress(UnicodeEncodeError):
            found -= min(found, data.count("\ufffd".encode(name)))
    return _flawless(text.encode("utf-8", "replace"), known_by)._replace(encoding=name, replaced=found)


def _flawless(data: bytes, known_by: str) -> DecodedPage:
    plain = data.replace(b"\0", b"") if b"\0" in data else data
    return DecodedPage(plain, "utf-8", known_by, 0, len(data) - len(plain))


def _is_utf8(data: bytes) -> bool:
    """Whether these bytes are flawless UTF-8, told piece by piece: most are ASCII, and no long text is made.

    A piece ends where a character begins. Where none begins within three bytes, the next piece fails, and rightly so.
    """
    start, length = 0, len(data)
    while start < length:
        end = start + _PIECE
        while end < min(start + _PIECE + 3, length) and data[end] & 0xC0 == 0x80:
            end += 1
        piece = data[start:end]
        if not piece.isascii():
            try:
                piece.decode()
            except UnicodeDecodeError:
                return False
        start = end
    return True
