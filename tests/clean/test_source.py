"""Bytes become text without a loss: encoding, byte order mark, line ends, stray bytes."""

import pytest

from clean.errors import EmptySource, NotText
from clean.source import Encoding, decode

LETTER = "见字如面，纸短情长。\n"
RARE = "𠮷野家 🙂\n"

READABLE = [
    (LETTER.encode(), LETTER, Encoding()),
    (LETTER.encode("utf-8-sig"), LETTER, Encoding(byte_order_mark=True)),
    (LETTER.encode("gb18030"), LETTER, Encoding("gb18030")),
    (RARE.encode("gb18030"), RARE, Encoding("gb18030")),
    (b"\xff\xfe" + RARE.encode("utf-16-le"), RARE, Encoding("utf-16-le", True)),
    (b"\xfe\xff" + RARE.encode("utf-16-be"), RARE, Encoding("utf-16-be", True)),
    (b"\xff\xfe\x00\x00" + RARE.encode("utf-32-le"), RARE, Encoding("utf-32-le", True)),
    (b"\x00\x00\xfe\xff" + RARE.encode("utf-32-be"), RARE, Encoding("utf-32-be", True)),
    (("plain ASCII\n" * 3).encode("utf-16-le"), "plain ASCII\n" * 3, Encoding("utf-16-le")),
    (LETTER.encode("utf-16-be"), LETTER, Encoding("utf-16-be")),
    (b"a\r\nb\r\n", "a\nb\n", Encoding(line_end="\r\n")),
    (b"a\rb\r", "a\nb\n", Encoding(line_end="\r")),
    (b"a\r\nb\nc\r\n", "a\r\nb\nc\r\n", Encoding(line_end="mixed")),
    (b"a\n\rb\n", "a\n\rb\n", Encoding(line_end="mixed")),
    (b"a\r\n\rb\r\n", "a\r\n\rb\r\n", Encoding(line_end="mixed")),
    (LETTER.encode() * 3 + b"\xff\n", LETTER * 3 + "\udcff\n", Encoding()),
    # One broken character does not make GB18030 of a text in UTF-8.
    (LETTER.encode()[:-2] + b"\n", LETTER[:-2] + "\udce3\udc80\n", Encoding()),
    # Cut in the middle of a character, as tools that count bytes do.
    (LETTER.encode() + "纸".encode()[:2], LETTER + "\udce7\udcba", Encoding()),
    (LETTER.encode("gb18030") * 3 + b"\xff\n", LETTER * 3 + "\udcff\n", Encoding("gb18030")),
    (b"one \x07 bell in a text\n", "one \x07 bell in a text\n", Encoding()),
    ("\ufeff\ufeff信\n".encode(), "\ufeff信\n", Encoding(byte_order_mark=True)),
]


@pytest.mark.parametrize(("data", "text", "encoding"), READABLE)
def test_text_is_read_and_written_again(data: bytes, text: str, encoding: Encoding) -> None:
    source = decode(data)
    assert (source.text, source.encoding) == (text, encoding)
    assert source.encoding.encode(source.text) == data


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", "\u3000\u00a0\n".encode(), b"\xef\xbb\xbf\n", b"\xff\xfe\n\x00"])
def test_nothing_is_no_source(data: bytes) -> None:
    with pytest.raises(EmptySource):
        decode(data)


NO_TEXT = [
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "this is a PDF, not a text"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "this is a PNG picture, not a text"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "this is a JPEG picture, not a text"),
    (b"GIF89a\x01\x00", "this is a GIF picture, not a text"),
    (b"PK\x03\x04\x14\x00", "this is a ZIP archive (or an office document), not a text"),
    (b"\x1f\x8b\x08\x00", "this is a gzip file, not a text"),
    (b"\x7fELF\x02\x01", "this is a program, not a text"),
    (b"SQLite format 3\x00\x10", "this is an SQLite database, not a text"),
    (b"name\x00value\x00\x01\x02\x03", "this holds zero bytes: it is a binary file, not a text"),
    (b"\x01\x02\x03\x04\x05 text", "5 of its 10 characters are control characters: this is no text"),
    (b"\xff\xfd\xfc" * 20, "20 of its bytes are no character in UTF-8 or GB18030: this is no text"),
]


@pytest.mark.parametrize(("data", "message"), NO_TEXT)
def test_other_files_are_named(data: bytes, message: str) -> None:
    with pytest.raises(NotText) as caught:
        decode(data)
    assert str(caught.value) == message
    assert caught.value.code == "not-text"
    assert caught.value.hint


def test_the_digest_is_of_the_bytes() -> None:
    windows, unix = decode(b"a\r\n"), decode(b"a\n")
    assert windows.text == unix.text
    assert windows.sha256 == "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd"
