"""Formats of files that are no text, told by their first bytes; marks of Unicode; and files that hold nothing."""

import re

from clean.errors import EmptySource, NotText

__all__ = ["MARKS", "refuse_binary", "refuse_nothing"]

# Marks of Unicode, longest first, because the UTF-32 one begins with the UTF-16 one.
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


# Files that are no text, by their first bytes: https://mimesniff.spec.whatwg.org and the formats' own definitions.


_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"%!PS-Adobe", "a PostScript document"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x00\x00\x02\x00", "a cursor"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS\x00\x01", "a Photoshop picture"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or PowerPoint document"),
    (b"{\\rtf", "a rich text document"),
    (b"ITSF\x03\x00\x00\x00", "a compiled help file (CHM)"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x00asm", "a program (WebAssembly)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"bplist00", "a binary property list"),
    (b"\x00\x01\x00\x00\x00", "a font"),
    (b"OTTO\x00", "a font"),
    (b"ttcf\x00", "a font"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\xff\xfb", "an MP3 recording"),
    (b"\xff\xf3", "an MP3 recording"),
    (b"OggS\x00", "an Ogg recording"),
    (b"fLaC\x00", "a FLAC recording"),
    (b"\x1a\x45\xdf\xa3", "a film (Matroska, WebM)"),
    (b"FLV\x01", "a film (FLV)"),
)

# Signatures that a text may begin with as well, and the bytes that follow them in such a file. Bounded: linear.
_LONGER = (
    (re.compile(rb"BZh[1-9]1AY&SY"), "a bzip2 file"),
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "a BMP picture"),
    (re.compile(rb"(?:FWS|CWS)[\x01-\x2f]"), "a Flash film"),
    (re.compile(rb"RIFF.{4}[A-Z]", re.DOTALL), "a WebP picture or a recording"),
    (re.compile(rb"ID3[\x02-\x04]"), "an MP3 recording"),
)

_FILM = b"ftyp"
"""Stands after the length of the first box in MP4, MOV, HEIC and AVIF (ISO 14496-12)."""

_TAR = (257, b"ustar")
"""Where POSIX tar says what it is."""


def _binary_word(data: bytes) -> str:
    """Return what these bytes are, where they are no text by their beginning; else the empty string."""
    for signature, word in _SIGNATURES:
        if data.startswith(signature):
            return word
    for pattern, word in _LONGER:
        if pattern.match(data):
            return word
    if data.startswith(_FILM, 4):
        return "a film or a picture (MP4, HEIC)"
    at, sign = _TAR
    return "a tar archive" if data.startswith(sign, at) else ""


def refuse_binary(data: bytes, instead: str, hint: str) -> None:
    """Raise NotText where the beginning is that of a file that is no text; `instead` is what was looked for."""
    if word := _binary_word(data):
        raise NotText(f"this is {word}, not {instead}", hint=hint)


# White space in UTF-8, that of Chinese and Japanese and that of no width, too. Single signs: linear.
_NOTHING = re.compile(
    rb"(?:[\0\s]|\xe3\x80\x80|\xc2[\x85\xa0]|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe2\x81[\x9f\xa0]|\xef\xbb\xbf)*"
)
_LONGEST_NOTHING = 1024 * 1024
"""Bytes of a file in two or four bytes a sign that are looked at."""


def refuse_nothing(data: bytes) -> None:
    """Raise EmptySource where there is no byte, or no sign that anybody could see."""
    if not data or data.isspace():
        raise EmptySource("the file is empty")
    text = data
    for mark, name in MARKS:
        if data.startswith(mark) and name != "utf-8":
            text = data[len(mark) : _LONGEST_NOTHING].decode(name, "replace").encode()
            break
    if _NOTHING.fullmatch(text):
        blank = not data.strip(b"\0")
        raise EmptySource(f"the file holds nothing but {'zero bytes' if blank else 'white space'}")
