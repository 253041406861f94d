"""Bytes to text: declarations that are right, wrong and missing; damage; what is no page."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.errors import NotText
from clean.html.decode import decode_page
from clean.page import clean_page

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


LETTERS = {
    "cp874": "กระดาษทำมือต้องแช่เปลือกไม้ไว้ในน้ำหลายวันก่อนจะต้ม",
    "cp1251": "Бумагу снимают с сетки и сушат на тёплой стене, пока она не станет гладкой.",
    "koi8-r": "Бумагу снимают с сетки и сушат на тёплой стене, пока она не станет гладкой.",
    "cp1253": "Το χαρτί στεγνώνει επάνω στον ζεστό τοίχο ώσπου να γίνει λείο.",
    "cp1255": "את הגיליון הרטוב מדביקים אל הקיר החם עד שהוא מתייבש.",
    "cp1256": "توضع الورقة الرطبة على الجدار الساخن حتى تجف تماما.",
    "cp1254": "Islak kâğıt sıcak duvara yapıştırılır ve düzgünleşinceye kadar kurutulur.",
    "iso8859-2": "Mokry arkusz przykleja się do ciepłej ściany i suszy, aż stanie się gładki.",
    "cp1252": "La feuille mouillée est collée au mur chaud où elle sèche, dès le début de l'été.",
    "cp949": "젖은 종이를 따뜻한 벽에 붙여 매끄러워질 때까지 말린다.",
    "cp932": "濡れた紙を温かい壁に貼り、滑らかになるまで乾かす。",
    "euc_jp": "濡れた紙を温かい壁に貼り、滑らかになるまで乾かす。",
    "iso2022_jp": "濡れた紙を温かい壁に貼り、滑らかになるまで乾かす。",
    "big5": "把濕紙貼在熱牆上，刷平，等它乾透了再揭下來。",
    "gb18030": "把湿纸贴在热墙上，刷平，等它干透了再揭下来。",
    "hz": "把湿纸贴在热墙上，刷平，等它干透了再揭下来。",
}


@pytest.mark.parametrize("encoding", LETTERS)
@pytest.mark.parametrize("repeated", [1, 6])
def test_a_page_without_a_label_is_read(encoding: str, repeated: int) -> None:
    text = "<html><script>var a = 1;</script><body>" + f"<p>{LETTERS[encoding]}</p>" * repeated
    data = text.encode(encoding)
    assert decode_page(data).text == data.decode(encoding)


# Label, and the codec that reads it: names of the standard for which Python has another name, or less.
@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("windows-874", "cp874"),
        ("tis-620", "cp874"),
        ("iso-8859-8-i", "iso8859-8"),
        ("csiso88598i", "iso8859-8"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("macintosh", "mac-roman"),
        ("l2", "iso8859-2"),
        ("csisolatin9", "iso8859-15"),
        ("x-cp1251", "cp1251"),
        ("koi", "koi8-r"),
        ("dos-874", "cp874"),
        ("windows-949", "cp949"),
        ("ms_kanji", "cp932"),
        ("x-euc-jp", "euc_jp"),
        ("cn-big5", "big5hkscs"),
        ("iso-ir-58", "gb18030"),
        ("hz-gb-2312", "hz"),
    ],
)
def test_a_label_of_the_standard_is_read(label: str, codec: str) -> None:
    text = next(each for name, each in LETTERS.items() if _can(each, codec))
    data = f"<html><head><meta charset={label}></head><body><p>{text}</p>".encode(codec)
    assert decode_page(data).text == data.decode(codec)


def _can(text: str, codec: str) -> bool:
    try:
        return any(letter > "~" for letter in text) and text.encode(codec).decode(codec) == text
    except UnicodeError:
        return False


def test_a_guess_is_said() -> None:
    page = f"<html><title>造紙</title><body><p>{LETTERS['big5'] * 8}</p>"
    (warning,) = [each for each in clean_page(page.encode("big5hkscs")).warnings if each.code == "encoding-guess"]
    assert "BIG5HKSCS" in warning.message
    declared = page.replace("<title>", "<meta charset=big5><title>").encode("big5hkscs")
    assert "encoding-guess" not in {each.code for each in clean_page(declared).warnings}


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
@settings(max_examples=draws(300))
def test_any_other_bytes_are_read(data: bytes, charset: str | None) -> None:
    try:
        read = decode_page(data, charset)
    except NotText:
        return
    assert "\0" not in read.text
    read.text.encode()  # no half of a character in it
