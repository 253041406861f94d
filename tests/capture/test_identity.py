"""One article, one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.identity import NotAWebAddress, identify

LONG = "https://mp.weixin.qq.com/s?__biz=MzI1MzYzMjE0MQ==&mid=2247512647&idx=1&sn=b302bbdbfe448b8e"


@pytest.mark.parametrize(
    "link",
    [
        LONG,
        LONG + "&chksm=e9d379a5dea4f0b3&scene=58&subscene=0#rd",
        LONG + "#wechat_redirect",
        LONG.replace("https:", "http:"),
        LONG.replace("/s?", "/s/?"),
        LONG.replace("https:", ""),
        LONG.replace("https://", ""),
        LONG.replace("mp.weixin.qq.com", "MP.WeiXin.QQ.com:443"),
        LONG.replace("==", "%3D%3D"),
        LONG.replace("&", "&amp;"),
        LONG.replace("&mid", "\n  &mid"),
        f"  {LONG}\n",
        "https://mp.weixin.qq.com/s?sn=b302bbdbfe448b8e&idx=1&mid=2247512647&__biz=MzI1MzYzMjE0MQ==",
        "http://mp.weixin.qq.com/mp/appmsg/show?__biz=MzI1MzYzMjE0MQ==&appmsgid=2247512647&itemidx=1"
        "&sign=b302bbdbfe448b8e#wechat_redirect",
        "https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x&target_url="
        "https%3A%2F%2Fmp.weixin.qq.com%2Fs%3F__biz%3DMzI1MzYzMjE0MQ%3D%3D%26mid%3D2247512647%26idx%3D1"
        "%26sn%3Db302bbdbfe448b8e",
    ],
)
def test_every_link_to_a_wechat_article_has_its_key(link: str) -> None:
    assert identify(link) == ("wechat:MzI1MzYzMjE0MQ==/2247512647/1/b302bbdbfe448b8e", "wechat", LONG)


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("idx=1", "idx=2"),
        LONG.replace("mid=2247512647", "mid=2247512648"),
        LONG.replace("MzI1", "MzI2"),
        LONG.replace("sn=b3", "sn=b4"),
    ],
)
def test_another_place_in_the_message_is_another_article(other: str) -> None:
    assert identify(other).key != identify(LONG).key


def test_a_short_link_is_keyed_by_itself() -> None:
    link = "https://mp.weixin.qq.com/s/AbC-_0123456789xyzABCD"
    expected = ("wechat:s/AbC-_0123456789xyzABCD", "wechat", link)
    assert identify(link) == expected
    assert identify(f"{link}?scene=1#rd") == expected
    assert identify(link.lower()) != expected


@pytest.mark.parametrize(
    "link",
    [
        "https://mp.weixin.qq.com/s?src=11&timestamp=1&ver=2&signature=x",
        "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzI=",
        "https://mp.weixin.qq.com/",
    ],
)
def test_other_pages_of_wechat_are_keyed_as_pages(link: str) -> None:
    assert identify(link).kind == "url"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("http://example.com:80/a", "https://example.com:443/a"),
        ("http://example.com/a#part", "http://example.com/a"),
        ("http://example.com/%7euser/%e4%b8%ad", "http://example.com/~user/中"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/?b=1&utm_source=x&a=2&fbclid=y", "http://example.com/?b=1&a=2"),
        ("http://example.com/a?", "http://example.com/a"),
        ("http://例子.测试/", "http://xn--fsqu00a.xn--0zwm56d/"),
        ("http://example.com./a b", "http://example.com/a%20b"),
        ("http://user:secret@example.com/", "http://example.com/"),
        ("http://example.com/100%", "http://example.com/100%25"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert identify(one).key == identify(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "http://example.com/A"),
        ("http://example.com/?a=1&b=2", "http://example.com/?b=2&a=1"),
        ("http://example.com/a%2Fb", "http://example.com/a/b"),
        ("http://example.com:8080/", "http://example.com/"),
        ("http://example.com/?id=1", "http://example.com/?id=2"),
    ],
)
def test_addresses_that_may_differ_have_two_keys(one: str, other: str) -> None:
    assert identify(one).key != identify(other).key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "无",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "http://[broken",
        "http://a:port/",
        "a.html",
    ],
)
def test_what_is_no_web_address_says_so(text: str) -> None:
    with pytest.raises(NotAWebAddress) as caught:
        identify(text)
    assert caught.value.hint


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_canonical_address_is_a_uri_and_its_own(path: str, query: str) -> None:
    try:
        identity = identify(f"https://example.com/{path}?{query}")
    except NotAWebAddress:
        return
    assert identity.canonical.isascii()
    assert not set(identity.canonical) & set(' "<>\\^`{|}\n\r\t')
    assert identify(identity.canonical) == identity
