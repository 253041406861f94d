"""Content without its coding, as much as is wanted."""

import gzip
import random
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from scripted import ok

from capture.content import content, undone, whole_content
from capture.errors import BrokenContent, TooLarge
from capture.page import Exchange
from capture.tape import Tape

TEXT = ("宣纸" * 30_000).encode()
NOISE = random.Random(1).randbytes(300_000)
SKIPPABLE = b"\x53\x2a\x4d\x18\x05\0\0\0other"
"""A frame that readers pass over (RFC 8878 §3.1.2)."""


def zipped(data: bytes) -> bytes:
    """Return a gzip member without a time, so that a test that is named after it has one name in every process."""
    return gzip.compress(data, mtime=0)


def bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def streamed(data: bytes) -> bytes:
    """Return a frame that does not say how much there is in it."""
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return compressor.compress(data) + compressor.flush()


def exchange(body: bytes, coding: bytes) -> Exchange:
    tape = Tape("GET", "https://example.org/")
    tape.sent(b"GET / HTTP/1.1\r\n\r\n")
    tape.received(ok(body, b"Content-Encoding: " + coding))
    return tape.finish()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"identity", TEXT),
        (b"", TEXT),
        (b"gzip", zipped(TEXT)),
        (b"x-gzip", zipped(TEXT)),
        (b"GZIP", zipped(TEXT[:99]) + zipped(TEXT[99:])),
        (b"deflate", zlib.compress(TEXT)),
        (b"deflate", bare(TEXT)),
        (b"deflate, gzip", zipped(zlib.compress(TEXT))),
        (b"gzip", zipped(TEXT) + b"junk"),
        (b"br", brotli.compress(TEXT)),
        (b"BR", brotli.compress(TEXT, quality=1)),
        (b"zstd", zstandard.compress(TEXT)),
        (b"zstd", zstandard.compress(TEXT[:99]) + zstandard.compress(TEXT[99:])),
        (b"zstd", SKIPPABLE + streamed(TEXT) + SKIPPABLE),
        (b"zstd", zstandard.compress(TEXT) + b"junk"),
        (b"br, gzip", zipped(brotli.compress(TEXT))),
        (b"gzip, zstd, br", brotli.compress(zstandard.compress(zipped(TEXT)))),
        (b"gzip\r\nTransfer-Encoding: br", brotli.compress(zipped(TEXT))),
    ],
)
def test_codings(coding: bytes, body: bytes) -> None:
    assert content(exchange(body, coding), 10**9) == TEXT
    assert content(exchange(body, coding), 1000) == TEXT[:1000]
    assert whole_content(exchange(body, coding), len(TEXT)) == TEXT


def test_damage_ends_it_early() -> None:
    data = bytearray(gzip.compress(TEXT, compresslevel=0))
    data[70_000:70_010] = b"\xff" * 10
    assert len(content(exchange(bytes(data[:70_000]), b"gzip"), 10**9)) > 60_000
    assert content(exchange(b"no gzip at all", b"gzip"), 10**9) == b""
    assert content(exchange(b"\x1b\x03\x00", b"lzma"), 10**9) == b""
    for coding, data in ((b"br", brotli.compress(NOISE)), (b"zstd", zstandard.compress(NOISE))):
        begun = content(exchange(data[:-900], coding), 10**9)
        assert 60_000 < len(begun) < len(NOISE)
        assert NOISE.startswith(begun)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", zipped(TEXT)[:-9]),
        (b"gzip", zipped(TEXT)[:-1]),
        (b"gzip", b"no gzip at all"),
        (b"deflate", zlib.compress(TEXT)[:100]),
        (b"deflate, gzip", zipped(zlib.compress(TEXT)[:-9])),
        (b"br", b"\x1b\x03\x00"),
        (b"br", brotli.compress(TEXT)[:-1]),
        (b"br", TEXT),
        (b"zstd", zstandard.compress(TEXT)[:-1]),
        (b"zstd", streamed(TEXT)[:-4]),
        (b"zstd", zstandard.compress(TEXT) + zstandard.compress(TEXT)[:-4]),
        (b"zstd", TEXT),
        (b"compress", TEXT),
        (b"br, gzip", zipped(brotli.compress(TEXT)[:-1])),
    ],
)
def test_half_a_content_is_none(coding: bytes, body: bytes) -> None:
    with pytest.raises(BrokenContent):
        whole_content(exchange(body, coding), 10**9)


def test_a_content_that_is_larger_than_wanted_is_not_cut() -> None:
    with pytest.raises(TooLarge):
        whole_content(exchange(zipped(TEXT), b"gzip"), len(TEXT) - 1)


@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"deflate", b"gzip, gzip", b"br", b"zstd", b"zstd, br"]))
def test_it_never_raises(data: bytes, coding: bytes) -> None:
    content(exchange(data, coding), 1000)


@given(st.binary(max_size=2000), st.integers(1, 200), st.sampled_from(["br", "zstd", "gzip"]))
def test_the_size_of_pieces_does_not_matter(data: bytes, size: int, coding: str) -> None:
    packed = {"br": brotli.compress, "zstd": zstandard.compress, "gzip": gzip.compress}[coding](data)
    pieces = (packed[at : at + size] for at in range(0, len(packed), size))
    assert b"".join(undone(pieces, [coding])) == data
