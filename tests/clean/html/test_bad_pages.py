"""Pages that are broken, hostile or no pages: a tree that keeps the text, or the documented error."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.errors import NotText, SourceError
from clean.html.decode import decode_page
from clean.html.mhtml import is_mhtml, read_mhtml
from clean.html.parse import parse_html

MANY = " ".join(f"a{n}" for n in range(2_000))
MANY_QUOTED = " ".join(f'a{n}=">"' for n in range(2_000))


def text_of(page: str) -> str:
    return " ".join("".join(parse_html(page).itertext()).split())


@pytest.mark.parametrize(
    "page",
    [
        f"<p {MANY}>text</p>",
        f"<p {MANY_QUOTED}>text</p>",
        f"<!--><script>--><p {MANY}>text</p>",
        f"<a title='<script>'></a><p {MANY}>text</p>",
        f"<?x <script><p {MANY}>text</p>",
        f"</x <script><p {MANY}>text</p>",
        f"<title><p a='</title><p {MANY}>text</p>",
        f"<TITLE {MANY}></TITLE>text",
        "<div>" * 30_000 + "text",
        "<div></x>" * 30_000 + "text",
        "<div>" * 3_000 + "text",
        "<table><tr><td>" * 3_000 + "text",
    ],
)
def test_no_tree_is_deeper_or_richer_than_is_kept(page: str) -> None:
    root = parse_html(page)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    assert max(len(element.attrib) for element in elements) <= 200
    assert max(sum(1 for _ in element.iterancestors()) for element in elements[-50:]) < 2_000
    assert "text" in "".join(root.itertext())


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("text", "text"),
        ("<b><p>one</b>two</p>three", "onetwothree"),
        ("<table><p>one<tr><td>two</table>three", "onetwothree"),
        ("<html><body>one</body></html><body>two", "onetwo"),
        ("<frameset><frame src=a></frameset>", ""),
        ("<svg><text>one</text></svg><math><mi>two</mi></math>", "onetwo"),
        ("<p>&amp;&nosuch;</p>" * 3, "&&nosuch;" * 3),
        ("<p>one<!-- two", "one"),
        ("<title>one<b>two</title>three", "one<b>twothree"),
    ],
)
def test_no_text_is_lost(page: str, text: str) -> None:
    assert text_of(page) == text


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_unicode_with_and_without_a_mark(codec: str) -> None:
    page = "<html><head><title>宣纸</title></head><body>纸</body></html>"
    assert decode_page(page.encode(codec)).text == page


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word"),
        (b"ID3\x03", "an MP3"),
        (b"\0\0\0\x20ftypisom", "a film"),
        (b"{\\rtf1", "a rich text"),
        (bytes(range(1, 256)), "control characters"),
    ],
)
def test_what_is_no_page_is_named(data: bytes, word: str) -> None:
    with pytest.raises(NotText, match=word) as caught:
        decode_page(data)
    assert caught.value.hint


def test_a_page_cut_anywhere_is_read() -> None:
    page = (
        "<!DOCTYPE html><title>宣</title><script>a='<p>'</script><p class=\"x\">纸&amp;<!-- c --><img src='a'>".encode()
    )
    assert [parse_html(decode_page(page[:end]).text).tag for end in range(len(page))] == ["html"] * len(page)


def test_ten_thousand_parts() -> None:
    head = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
    data = head + b"--b\nContent-Type: image/png\n\nx\n" * 10_000 + b"--b\nContent-Type: text/html\n\n<p>x"
    assert read_mhtml(data)[:2] == (b"<p>x", "")


PIECES = [b"<p ", b">", b"<!--", b"-->", b"<script>", b"</script>", b"<title>", b'="', b"'", b"<?", b"\xff\xfe", b"\0",
          b"&#xD800;", b"&#0;", b"&#99999999999;", b"<![CDATA[", b"]]>", b"</", b"<svg>", b"MIME-Version: 1.0\n\n",
          b"Content-Type: multipart/related; boundary=b\n", b"--b\n", b"\xb5\xc4", "宣".encode(), b"\x01"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=20).map(b"".join))
@settings(max_examples=draws(300), deadline=None)
def test_any_bytes_give_a_tree_or_the_documented_error(data: bytes) -> None:
    try:
        data = read_mhtml(data).data if is_mhtml(data) else data
        page = decode_page(data)
    except SourceError:
        return
    assert parse_html(page.text).tag == "html"
