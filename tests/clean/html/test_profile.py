"""Which profile reads a page whose address nobody knows."""

import pytest

from clean.page import clean_page

ARTICLE = """<p>竹纸的原料是嫩竹，砍下以后要在水里浸上一百天，再用石灰煮，才能打成浆。</p>
<p>抄纸的人手上有数，一帘下去，厚薄都在里面。</p>"""
SHARED = '<script src="https://res.wx.qq.com/open/js/jweixin-1.6.0.js"></script>'
NAVIGATION = "<nav><a href='/'>首页</a><a href='/a'>关于</a></nav>"
COPIED = f"""<section data-mpa-powered-by="yiban.io"><span leaf="">{ARTICLE}</span></section>
<img data-src="https://mmbiz.qpic.cn/a/640">"""


@pytest.mark.parametrize(
    "page",
    [
        f"<html><head>{SHARED}</head><body><div>{ARTICLE}</div></body></html>",
        f"<html><body>{NAVIGATION}<div>{COPIED}</div></body></html>",
        f'<html><body>{NAVIGATION}<div class="weui-msg"><h2>欢迎投稿</h2></div><div>{ARTICLE}</div></body></html>',
    ],
    ids=["lets itself be shared", "copied an article", "uses the style library"],
)
def test_a_site_that_has_something_of_wechat_is_read_as_any_other(page: str) -> None:
    cleaned = clean_page(page.encode())
    assert cleaned.profile == "generic"
    assert cleaned.markdown is not None
    assert "再用石灰煮，才能打成浆。" in cleaned.markdown


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{COPIED}</body></html>",
        f'<html><head><link rel="icon" href="//res.wx.qq.com/a/icon.ico"></head><body>{ARTICLE}</body></html>',
        f'<html><body><div id="js_content">{ARTICLE}</div></body></html>',
        '<html><body><div class="weui-msg"><h2 class="weui-msg__title">参数错误</h2></div></body></html>',
    ],
    ids=["the inside alone", "the platform's files", "the frame", "a notice alone"],
)
def test_a_page_of_the_platform_is_known_by_its_make(page: str) -> None:
    assert clean_page(page.encode()).profile == "wechat"


def test_a_page_that_says_nothing_about_itself_has_no_front_matter() -> None:
    cleaned = clean_page(f"<html><body>{ARTICLE}</body></html>".encode())
    assert cleaned.facts == {}
    assert cleaned.markdown is not None
    assert cleaned.markdown.startswith("竹纸的原料是嫩竹")
