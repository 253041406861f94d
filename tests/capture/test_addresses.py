"""One spelling of an address: the one that is asked for."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.addresses import join, parse
from capture.errors import NotAWebAddress


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a#b", "https://example.org/a"),
        ("http://example.org:8080/a/../b/./c?d=e&f", "http://example.org:8080/b/c?d=e&f"),
        (" https://example.org/a b\n", "https://example.org/a%20b"),
        ("https://example.org/纸?墨=砚", "https://example.org/%E7%BA%B8?%E5%A2%A8=%E7%A0%9A"),
        ("https://example.org/%e7%ba%b8?100%", "https://example.org/%e7%ba%b8?100%25"),
        ("https://宣纸.example/", "https://xn--vbt692f.example/"),
        ("https://name:secret@example.org/a", "https://example.org/a"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
        ("https://example.org?a", "https://example.org/?a"),
    ],
)
def test_an_address_has_one_spelling(text: str, url: str) -> None:
    address = parse(text)
    assert address.url == url
    assert parse(url).url == url
    assert str(httpx.URL(url)) == url  # what is recorded is what was asked for


def test_what_logs_in_is_kept_apart() -> None:
    address = parse("https://na%20me:s%40cret@example.org:8443/a")
    assert address.credentials == ("na me", "s@cret")
    assert (address.host, address.port, address.origin) == ("example.org", 8443, "https://example.org:8443")
    for text in ("https://name:secret@", "name:secret@example.org", "ftp://name:secret@example.org/"):
        with pytest.raises(NotAWebAddress) as caught:
            parse(text)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/x", "https://example.org/x"),
        ("x?y", "https://example.org/a/x?y"),
        ("?y", "https://example.org/a/b?y"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
        ("../../x", "https://example.org/x"),
        ("#part", "https://example.org/a/b?c"),
        ("caf\u00e9", "https://example.org/a/caf%C3%A9"),
        ("a\r\nb", "https://example.org/a/ab"),
    ],
)
def test_an_address_in_a_page(reference: str, url: str) -> None:
    assert join("https://example.org/a/b?c", reference).url == url


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\\?#@:[]"), max_size=30), st.text(max_size=30))
def test_it_is_the_spelling_of_the_client(path: str, query: str) -> None:
    try:
        url = parse(f"https://example.org/{path}?{query}").url
    except NotAWebAddress:
        return
    assert str(httpx.URL(url)) == url
    assert parse(url).url == url


@given(st.text(max_size=60))
def test_nothing_else_is_raised(text: str) -> None:
    for each in (text, "https://" + text, "https://example.org/" + text):
        try:
            parse(each)
            join("https://example.org/a", each)
        except NotAWebAddress:
            pass
