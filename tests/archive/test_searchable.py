"""Keys of an index: the same as those of the library that replay tools use."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.export.cdxj import searchable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it has escapes in its texts that Python does not know
    surt = pytest.importorskip("surt")

SESSION = "0123456789abcdefABCDEF0123456789"
ADDRESSES = {
    "http://www.example.com/": "com,example)/",
    "HTTPS://WWW2.Example.COM:443/A/../B//c/./D/?Z=1&a=2&A": "com,example)/b/c/d?a&a=2&z=1",
    "http://example.com:8080/x?": "com,example:8080)/x",
    "http://user:word@example.com/": "com,example)/",
    "http://mp.weixin.qq.com/s?__biz=MzA=&mid=33&idx=2&sn=ef#wechat_redirect": (
        "com,qq,weixin,mp)/s?__biz=mza=&idx=2&mid=33&sn=ef"
    ),
    "http://a.example/%25%32%35/x%20y": "example,a)/%25/x%20y",
    "http://例子.cn/路径?查=询": "cn,xn--fsqu00a)/%e8%b7%af%e5%be%84?%e6%9f%a5=%e8%af%a2",
    f"http://a.example/x?b=1&PHPSESSID={SESSION}": "example,a)/x?&b=1",
    f"http://a.example/x?sid={SESSION}&b=1": "example,a)/x?b=1",
    "http://a.example/x?cfid=1&cftoken=2&z=3": "example,a)/x?z=3",
    "http://a.example/(S(0123456789abcdefghijklmn))/x.aspx?q": "example,a)/x.aspx?q",
    "http://127.1/a": "1,0,0,127)/a",
    "http://0177.0.0.1/": "1,0,0,127)/",
    "http://2130706433/": "1,0,0,127)/",
    "http://[::1]:90/a": "::1:90)/a",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_known_addresses(url: str) -> None:
    assert searchable(url) == ADDRESSES[url] == surt.surt(url)


@given(
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["a.example", "www12.b.example", "X.example:8080", "1.2.3.4", "a%2eb.example", "a..b.example."]),
    st.text("aA1/.%25?&=;:@w#~é+(){}sid ", max_size=30),
)
def test_any_address(scheme: str, host: str, rest: str) -> None:
    url = f"{scheme}://{host}/{rest}"
    assert searchable(url) == surt.surt(url)


@pytest.mark.parametrize("url", ["urn:exchange:http://a.example/", "ni:///sha-256;abc", "http://a.example:port/", ""])
def test_what_is_no_web_address_is_its_own_key(url: str) -> None:
    assert searchable(url) == url


def test_an_address_that_was_encoded_ten_thousand_times() -> None:
    assert searchable("http://a.example/%" + "25" * 10_000 + "41") == "example,a)/a"
