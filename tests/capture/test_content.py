"""Content without its coding, as much as is wanted."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import ok

from capture.content import content, whole_content
from capture.errors import BrokenContent, TooLarge
from capture.page import Exchange
from capture.tape import Tape

TEXT = ("宣纸" * 30_000).encode()


def bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
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
        (b"gzip", gzip.compress(TEXT)),
        (b"x-gzip", gzip.compress(TEXT)),
        (b"GZIP", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
        (b"deflate", zlib.compress(TEXT)),
        (b"deflate", bare(TEXT)),
        (b"deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        (b"gzip", gzip.compress(TEXT) + b"junk"),
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
    assert content(exchange(b"\x1b\x03\x00", b"br"), 10**9) == b""  # never asked for


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(TEXT)[:-9]),
        (b"gzip", gzip.compress(TEXT)[:-1]),
        (b"gzip", b"no gzip at all"),
        (b"deflate", zlib.compress(TEXT)[:100]),
        (b"deflate, gzip", gzip.compress(zlib.compress(TEXT)[:-9])),
        (b"br", b"\x1b\x03\x00"),
    ],
)
def test_half_a_content_is_none(coding: bytes, body: bytes) -> None:
    with pytest.raises(BrokenContent):
        whole_content(exchange(body, coding), 10**9)


def test_a_content_that_is_larger_than_wanted_is_not_cut() -> None:
    with pytest.raises(TooLarge):
        whole_content(exchange(gzip.compress(TEXT), b"gzip"), len(TEXT) - 1)


@given(st.binary(max_size=300), st.sampled_from([b"gzip", b"deflate", b"gzip, gzip"]))
def test_it_never_raises(data: bytes, coding: bytes) -> None:
    content(exchange(data, coding), 1000)
