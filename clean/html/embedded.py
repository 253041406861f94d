"""Data that a page holds in its addresses (`data:`, RFC 2397): read, judged, and named by its digest.

A page that a tool saved in one file carries its images in itself. In the Markdown each large one stands as the address
of a file, `files/sha256-….png`, and is given to whoever writes the Markdown; in the ledger its digest and its length
stand for it. So neither is larger than the page's text, and the same image is the same file on every page.
"""

import re
import zlib
from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from clean.document import EmbeddedFile

__all__ = [
    "FOLDER",
    "LARGE",
    "SUFFIXES",
    "embedded_file",
    "is_broken",
    "is_stand_in",
    "named_briefly",
    "split_data",
    "with_files",
]


FOLDER = "files"
"""Where the files lie, from where the Markdown lies."""

LARGE = 2048
"""Characters of an address from which on its data are a file. A shorter image stands in the Markdown as it is; a
drawing (SVG), which hardly any renderer shows from an address, is a file at any length."""

# The head of a `data:` address: a media type with its parameters, none of which holds a comma where it is not quoted
# (RFC 2397 §3). One bounded class up to the comma, so each address is read once.
HEAD = re.compile(r"\s*+data:([^,]{0,300})(?:,|$)", re.IGNORECASE)
# ASCII white space, which browsers leave out of base64 (WHATWG Infra, forgiving-base64 decode).
BLANKS = re.compile(rb"[ \t\n\f\r]+")
# All that base64 may consist of: one class, and at most two signs at the end.
BASE64 = re.compile(rb"[A-Za-z0-9+/]*+={0,2}$")

MARKS: Mapping[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/bmp": (b"BM",),
    "image/x-icon": (b"\0\0\1\0",),
    "image/tiff": (b"II*\0", b"MM\0*"),
}
"""How images begin; pages often give them another type."""
SUFFIXES = {
    "image/png": "png", "image/apng": "png", "image/jpeg": "jpg", "image/jpg": "jpg", "image/gif": "gif",
    "image/webp": "webp", "image/avif": "avif", "image/bmp": "bmp", "image/x-icon": "ico",
    "image/vnd.microsoft.icon": "ico", "image/tiff": "tif", "image/svg+xml": "svg",
}  # fmt: skip
SVG = "image/svg+xml"
# A part of a drawing that a reader may see; a stand-in is an empty drawing, or one rectangle that only takes its place.
DRAWN = re.compile(rb"<(?:path|text|circle|ellipse|line|poly(?:line|gon)|image|use|foreignobject)\b", re.IGNORECASE)
WRITTEN = re.compile(rb"<(?:text|foreignobject)\b", re.IGNORECASE)
SMALLEST = 1000
"""Characters of the smallest photograph's address; a stand-in of one colour is shorter."""
LARGEST_ICON = 64
"""Pixels of a side that an icon, or a blurred copy, may have."""
LARGEST_SPACER = 4096
"""Bytes of the largest image that is looked at pixel by pixel; one of a single colour is never larger."""


class DataAddress(NamedTuple):
    """A `data:` address, read."""

    media_type: str
    """Without parameters, in lower case; what the data begin with wins over what the page says."""
    data: bytes


@lru_cache(maxsize=2)  # one image is asked about several times, one after the other
def split_data(address: str) -> DataAddress | None:
    """Return the data of a `data:` address, read as browsers do; None for any other, and for broken base64."""
    head = HEAD.match(address)
    if head is None or head.end() == len(address):
        return None
    kind, *parameters = (part.strip().lower() for part in head[1].split(";"))
    data = unquote_to_bytes(address[head.end() :].partition("#")[0])
    if parameters and parameters[-1] == "base64":
        data = BLANKS.sub(b"", data)
        bare = data.rstrip(b"=")
        if BASE64.match(data) is None or len(bare) % 4 == 1:
            return None
        data = b64decode(bare + b"=" * (-len(bare) % 4))
    return DataAddress(_type_of(data) or kind, data)


def _type_of(data: bytes) -> str:
    """Return the type that the first bytes tell; empty where they tell none."""
    for kind, marks in MARKS.items():
        if data.startswith(marks):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return ""


def embedded_file(address: str) -> EmbeddedFile | None:
    """Return the image of an address as a file; None where it holds none, or one that may stand in the text."""
    if address[:5].lower() != "data:" or (len(address) < LARGE and not _is_svg(address)):
        return None
    read = split_data(address)
    if read is None or not read.data or read.media_type not in SUFFIXES:
        return None
    name = f"{FOLDER}/sha256-{sha256(read.data).hexdigest()}.{SUFFIXES[read.media_type]}"
    return EmbeddedFile(name, read.media_type, read.data)


# Where Markdown names an image: in a link, in a definition, in HTML. What stands before is a literal, the address one
# possessive class: linear.
NAMED_IN_MARKDOWN = re.compile(r"""(\]\(\s?<?|\]:\s<?|\bsrc=["'])(data:image/[^()<>\s"']++)""", re.IGNORECASE)


def with_files(markdown: str, files: dict[str, EmbeddedFile]) -> str:
    """Return Markdown of others with each image that is a file named as one, and add the files."""

    def named(found: re.Match[str]) -> str:
        file = embedded_file(found[2])
        if file is None:
            return found[0]
        files.setdefault(file.path, file)
        return found[1] + file.path

    return NAMED_IN_MARKDOWN.sub(named, markdown)


def named_briefly(address: str) -> str:
    """Return what stands in the ledger for a `data:` address: itself where it is short, else digest and length."""
    if len(address) < LARGE:
        return address
    read = split_data(address)
    kind, data, of = (read.media_type, read.data, "") if read else ("", address.encode(), "undecoded ")
    return f"data:{kind},sha256-{sha256(data).hexdigest()} ({len(data):,} {of}bytes)"


def is_broken(address: str) -> bool:
    """Return whether an address holds data that no browser can read."""
    head = HEAD.match(address)
    return head is not None and head.end() < len(address.rstrip()) and split_data(address) is None


def is_stand_in(address: str) -> bool:
    """Return whether an image is one that a loader puts where another is to come, a spacer, a counting pixel.

    A small one of few pixels is an icon or the blurred copy that stands there until a script has run; a small drawing
    says something only where there are words in it.
    """
    read = split_data(address)
    if read is None or read.media_type not in SUFFIXES:
        return True
    is_small = len(address) < SMALLEST
    if read.media_type == SVG:
        return (WRITTEN if is_small else DRAWN).search(read.data) is None
    if is_spacer(read.data):
        return True
    size = image_size(read.data)
    return is_small and (size is None or max(size) <= LARGEST_ICON)


def _is_svg(address: str) -> bool:
    return address[:14].lower() == "data:image/svg"


# Spacers and counting pixels: images of which a reader sees nothing.


class Size(NamedTuple):
    """Pixels of an image."""

    width: int
    height: int


def image_size(data: bytes) -> Size | None:
    """Return the size of a PNG, GIF or BMP, by its head; None for any other."""
    if data.startswith(MARKS["image/png"]) and len(data) >= 24:
        return Size(int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    if data.startswith(MARKS["image/gif"]) and len(data) >= 10:
        return Size(int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    if data.startswith(b"BM") and len(data) >= 26:
        return Size(
            abs(int.from_bytes(data[18:22], "little", signed=True)),
            abs(int.from_bytes(data[22:26], "little", signed=True)),
        )
    return None


def is_spacer(data: bytes) -> bool:
    """Return whether an image is a counting pixel, or shows one colour or none all over."""
    size = image_size(data)
    if size is not None and min(size) <= 2:
        return max(size) <= 2 or len(data) < LARGEST_SPACER
    if len(data) >= LARGEST_SPACER:
        return False
    if data.startswith(MARKS["image/png"]):
        return _is_plain_png(data)
    return data.startswith(MARKS["image/gif"]) and _is_plain_gif(data)


def _png_chunks(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _is_plain_png(data: bytes) -> bool:
    """Whether all pixels of a PNG are alike: each line filtered to nothing, but for the first of its pixels.

    That is how every encoder writes such an image (PNG, third edition, section 9); an interlaced one is not asked.
    """
    head = data[16:29]
    if len(head) < 13 or head[12]:
        return False
    width, height, depth, colour = *Size(int.from_bytes(head[:4]), int.from_bytes(head[4:8])), head[8], head[9]
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 0)
    line = (width * samples * depth + 7) // 8 + 1
    if not samples or not line * height:
        return False
    unpacked = zlib.decompressobj()
    try:
        packed = b"".join(chunk for name, chunk in _png_chunks(data) if name == b"IDAT")
        pixels = unpacked.decompress(packed, min(line * height, LARGEST_SPACER * 1000))
    except zlib.error:
        return False
    step = max(1, samples * depth // 8)
    lines = [pixels[at : at + line] for at in range(0, len(pixels), line)]
    if len(pixels) != line * height:
        return False
    colour_bytes = lines[0][1 : 1 + step]
    even = (colour_bytes * line)[: line - 1]
    left = colour_bytes + bytes(line - 1 - step)  # each pixel less the one to its left
    nothing = bytes(line - 1)
    of_first = {0: even, 1: left, 2: even, 4: left}
    of_others = {0: even, 1: left, 2: nothing, 4: nothing}
    return of_first.get(lines[0][0]) == lines[0][1:] and all(of_others.get(one[0]) == one[1:] for one in lines[1:])


def _is_plain_gif(data: bytes) -> bool:
    """Whether a GIF is too small to show more than one colour: n equal pixels need about √(2n) codes of up to 12 bits.

    (GIF89a, appendix F: each code may stand for one pixel more than the longest before.)
    """
    size = image_size(data)
    if size is None:
        return False
    pixels = size.width * size.height
    table = 3 * 2 ** ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    codes = int((2 * pixels) ** 0.5) + 4
    return len(data) - table - 13 <= codes * 12 // 8 + 32 and pixels >= 64
