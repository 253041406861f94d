"""Bytes to text: declarations that are right, wrong and missing; damage; what is no page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.errors import NotText
from clean.html.decode import decode_page

PAGE = "<html><head><meta charset=gb2312></head><body>宣纸，朱镕基㐀的纸</body></html>"


@pytest.mark.parametrize(
    ("data", "charset", "encoding", "known_by"),
    [
        (PAGE.encode(), None, "utf-8", "content"),  # saved again under an old declaration
        (PAGE.encode(), "gb2312", "utf-8", "content"),
        (PAGE.encode("gb18030"), None, "gb18030", "meta"),
        (PAGE.replace("gb2312", "utf-8").encode("gb18030"), None, "gb18030", "content"),
        (PAGE.replace(" charset=gb2312", "").encode("gb18030"), None, "gb18030", "guess"),
        (PAGE.encode("gb18030"), "text/html; charset=GBK", "gb18030", "declared"),
        (PAGE.encode("gb18030"), "no-such-thing", "gb18030", "meta"),
        (PAGE.encode("gb18030"), "rot13", "gb18030", "meta"),
        (PAGE.encode("utf-8-sig"), "gbk", "utf-8", "mark"),
        (PAGE.encode("utf-16"), None, "utf-16-le", "mark"),
        (PAGE.encode("utf-16-be"), None, "utf-16-be", "content"),
        (PAGE.encode("utf-32"), None, "utf-32-le", "mark"),
    ],
)
def test_the_text_comes_out(data: bytes, charset: str | None, encoding: str, known_by: str) -> None:
    read = decode_page(data, charset)
    assert read[1:5] == (encoding, known_by, 0, 0)
    assert read.text.endswith("宣纸，朱镕基㐀的纸</body></html>")


def test_a_bad_byte_costs_one_character() -> None:
    data = PAGE.encode("gb18030").replace("，".encode("gb18030"), b"\xff")
    read = decode_page(data)
    assert (read.text, read.replaced) == (PAGE.replace("，", "\ufffd"), 1)


def test_a_cut_page_stays_utf8() -> None:
    read = decode_page((PAGE + "宣").encode()[:-1])
    assert (read.text, read.encoding, read.replaced) == (PAGE + "\ufffd", "utf-8", 1)


def test_a_replacement_character_of_the_page_is_no_damage() -> None:
    assert decode_page("<p>\ufffd 宣纸</p>".encode()).replaced == 0
    assert decode_page("<p>\ufffd 宣纸</p>".encode() + b"\xff").replaced == 1


def test_zeros_are_left_out() -> None:
    read = decode_page("<p>宣\0纸</p>".encode())
    assert (read.text, read.zeros) == ("<p>宣纸</p>", 1)


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_no_page(data: bytes) -> None:
    with pytest.raises(NotText, match="not an HTML page"):
        decode_page(data)


@given(st.binary(max_size=300), st.none() | st.text(max_size=20))
@settings(max_examples=300)
def test_any_other_bytes_are_read(data: bytes, charset: str | None) -> None:
    try:
        read = decode_page(data, charset)
    except NotText:
        return
    assert "\0" not in read.text
    read.text.encode()  # no half of a character in it
