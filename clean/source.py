"""Sources: bytes as given, and their decoded text.

Decoding loses nothing: the encoding, a byte order mark, the line ends and every stray byte are remembered, so
`Source.text` encodes back to the very bytes. Nothing is guessed from the text's meaning.
"""

import re
from hashlib import sha256
from typing import NamedTuple

from clean.errors import EmptySource, NotText
from clean.formats.binary import MARKS, refuse_binary, refuse_nothing

__all__ = ["Encoding", "Source", "decode"]

# A third of stray bytes is no text in that encoding; real files with a broken character have a handful.
_STRAY_SHARE = 3

_CONTROLS = bytes({*range(9), *range(14, 32), 127} - {27})
"""Control characters that no text holds: not tab, line ends and escape."""

# Characters that a text is mostly made of: ASCII, Latin, punctuation, CJK. Single characters: linear. Not compiled
# here: a class of several wide ranges takes longer to make than many a text to read, and few texts need it.
_COMMON = r"[\t\n\r\x20-\x7e\u00a0-\u024f\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"


# What ends a line beside the newline, on Windows and on old Macs.
_LINE_ENDS = ("\r\n", "\r")


class Encoding(NamedTuple):
    """The encoding of a source's bytes, as far as it is needed to write them again."""

    name: str = "utf-8"
    byte_order_mark: bool = False
    line_end: str = "\n"
    r"""The one line end of the whole file, `\n`, `\r\n` or `\r`; "mixed" where the text holds them as they are."""

    def encode(self, text: str) -> bytes:
        """Return the bytes that `decode` read this text from. Raises UnicodeEncodeError where it was not."""
        if self.line_end in _LINE_ENDS:
            text = text.replace("\n", self.line_end)
        data = text.encode(self.name, "surrogateescape")
        if self.byte_order_mark:
            return next(mark for mark, name in MARKS if name == self.name) + data
        return data


class Source(NamedTuple):
    """An input of cleaning."""

    text: str
    """Line ends are newlines where the file had one kind of line end. A stray byte is a lone surrogate
    (PEP 383)."""
    encoding: Encoding
    sha256: str
    """Of the bytes, in lowercase hex."""


def decode(data: bytes) -> Source:
    """Read bytes as text: by byte order mark, else UTF-8, else GB18030, else UTF-8 with stray bytes kept.

    Raises EmptySource for nothing but white space, NotText for pictures, archives, programs.
    """
    refuse_nothing(data)
    refuse_binary(data, "a text", NotText.hint)
    text, name, mark = _text(data)
    plain = text.encode("utf-8", "surrogatepass")
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    if controls > 4 and controls * 20 > len(text):  # a few strange characters make no binary of a short text
        raise NotText(f"{controls:,} of its {len(text):,} characters are control characters: this is no text")
    if not text.strip():
        raise EmptySource("the file holds nothing but white space")
    encoding = Encoding(name, mark)
    if "\r" in text:
        for line_end in _LINE_ENDS:
            unified = text.replace(line_end, "\n")
            if "\r" not in unified and unified.replace("\n", line_end) == text:
                return Source(unified, encoding._replace(line_end=line_end), sha256(data).hexdigest())
        encoding = encoding._replace(line_end="mixed")
    return Source(text, encoding, sha256(data).hexdigest())


def _text(data: bytes) -> tuple[str, str, bool]:
    """Text, name of the encoding, and whether a byte order mark stood first."""
    for mark, name in MARKS:
        if data.startswith(mark):
            text = _exact(data[len(mark) :], name)
            if text is not None:
                return text, name, True
    if b"\x00" in data:
        for name in ("utf-16-le", "utf-16-be"):
            text = _exact(data, name)
            if text is not None and len(re.findall(_COMMON, text)) * 10 > len(text) * 9:
                return text, name, False
        raise NotText("this holds zero bytes: it is a binary file, not a text")
    try:
        return data.decode(), "utf-8", False
    except UnicodeDecodeError:
        pass
    utf8 = data.decode("utf-8", "surrogateescape")
    stray = _stray(utf8)
    # GB18030 reads nearly any bytes as some Chinese, so UTF-8 is judged by itself: its sequences of three bytes
    # do not come about by chance, and a file with a few broken ones is still UTF-8.
    if stray * _STRAY_SHARE > sum(character > "\u07ff" for character in utf8) - stray:
        text, name = utf8, "utf-8"
        chinese = _exact(data, "gb18030")
        if chinese is not None and _stray(chinese) < stray:
            text, name = chinese, "gb18030"
        if _stray(text) * _STRAY_SHARE > len(text):
            raise NotText(f"{_stray(text):,} of its bytes are no character in UTF-8 or GB18030: this is no text")
        return text, name, False
    return utf8, "utf-8", False


def _stray(text: str) -> int:
    return sum("\udc80" <= character <= "\udcff" for character in text)


def _exact(data: bytes, name: str) -> str | None:
    """Decode with stray bytes kept; None where the bytes would not come back."""
    try:
        text = data.decode(name, "surrogateescape")
        return text if text.encode(name, "surrogateescape") == data else None
    except UnicodeError:
        return None
