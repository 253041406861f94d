"""Whole pages of every era and kind: their state, facts and content."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from clean.document import State
from clean.errors import EmptySource, NotText
from clean.frontmatter import KEY_ORDER
from clean.html.opening import open_page
from clean.html.wechat.data import ArticleKind, element_lines
from clean.html.wechat.page import WechatPage, read_wechat_page
from clean.rules import built_in

pages = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("wechat_pages.py"))))


def read_bytes(data: bytes, charset: str = "", url: str = "") -> WechatPage:
    return read_wechat_page(open_page(data, charset), built_in(), url=url)


def read(text: str, url: str = "") -> WechatPage:
    page = read_bytes(text.encode(), url=url)
    assert set(page.facts) <= set(KEY_ORDER)
    assert all(page.facts.values())
    return page


def content(page: WechatPage) -> list[str]:
    return [line for part in page.content for line in element_lines(part.element)]


def test_an_article_of_2017() -> None:
    page = read(pages.ERA_A)
    assert (page.state, page.kind, content(page)) == (State.LIVE, ArticleKind.ARTICLE, ["先把树皮泡在水里。"])
    assert page.facts == {
        "kind": "article",
        "title": "造纸",
        "url": "http://mp.weixin.qq.com/s?__biz=MzA=&mid=11&idx=1&sn=ab#rd",  # without the reader's key
        "source": "纸上谈书",
        "date": "2017-01-18T11:50:00+08:00",
        "author": "蔡伦",
        "account": "纸上谈书",
        "cover": "http://mmbiz.qpic.cn/mmbiz/a/0",
        "description": "一步 两步",
    }
    assert page.identity == ("MzA=", "11", "1", "ab")


@pytest.mark.parametrize("shown", ["作者 蔡伦", "作者：蔡伦", "作 者 : 蔡伦"])
def test_a_label_is_no_part_of_the_author(shown: str) -> None:
    assert read(pages.ERA_A.replace(">蔡伦<", f">{shown}<")).facts["author"] == "蔡伦"


def test_an_article_of_2019() -> None:
    page = read(pages.ERA_B)
    assert content(page) == ["抄完一卷，天就亮了。"]
    assert page.facts == {
        "kind": "article",
        "title": "抄书人",
        "url": "https://mp.weixin.qq.com/s?__biz=MzA=&mid=22&idx=1&sn=cd",
        "source": "纸上谈书",
        "date": "2019-01-04T21:29:00+08:00",
        "author": "小楷",
        "account": "纸上谈书",
        "original": "true",
        "edited": "true",
        "modified": "2019-01-06T11:11:04+08:00",
        "source_url": "https://example.org/a?b=1&c=2",
    }


def test_an_article_of_2022() -> None:
    page = read(pages.ERA_C, url="https://mp.weixin.qq.com/s/Xy")
    assert content(page) == ["生宣与熟宣。"]
    assert page.facts == {
        "kind": "article",
        "title": "两种纸",
        "url": "https://mp.weixin.qq.com/s/Xy",
        "source": "纸上谈书",
        "date": "2022-11-21T11:06:40+08:00",
        "author": "小楷",
        "account": "纸上谈书",
        "place": "安徽",
        "reposted_from": "新纸周刊",
        "reposted_author": "何纸",
    }


def test_an_article_of_2025() -> None:
    page = read(pages.ERA_D)
    assert content(page) == ["竹纸脆，皮纸韧。"]
    assert page.facts == {
        "kind": "article",
        "title": "竹纸与皮纸",
        "url": "https://mp.weixin.qq.com/s/AbCdEf",
        "source": "纸上谈书",
        "date": "2025-11-10T12:00:10+08:00",
        "account": "纸上谈书",
        "original": "true",
        "declaration": "内容由AI生成",
        "edited": "true",
        "modified": "2025-11-10T12:46:40+08:00",
        "place": "安徽",
        "description": '"脆"与 韧',
        "collection": "纸 & 墨",
    }
    assert page.identity == ("MzA=", "33", "2", "ef")
    assert not page.preview


def test_a_post_of_pictures() -> None:
    page = read(pages.IMAGE_POST)
    assert (page.kind, page.facts["title"]) == (ArticleKind.IMAGE, "三张纸")
    assert [part.origin for part in page.content] == [
        "cgiDataNew.picture_page_info_list",
        "cgiDataNew.content_noencode",
    ]
    pictures = [picture.get("data-src") for picture in page.content[0].element.iter("img")]
    assert pictures == [
        "https://mmbiz.qpic.cn/mmbiz_jpg/one/640?wx_fmt=jpeg&from=appmsg",
        "https://mmbiz.qpic.cn/mmbiz_jpg/two/640",
    ]
    assert element_lines(page.content[1].element) == ["第一张是竹纸。", "第二张是皮纸。", "第三张 #宣纸"]
    assert page.content[1].places.of(page.content[1].element[1]) == "cgiDataNew.content_noencode/p[2]"


def test_a_post_of_text() -> None:
    page = read(pages.TEXT_POST)
    assert (page.state, page.kind) == (State.LIVE, ArticleKind.TEXT)
    assert page.facts["title"] == "今天下雨。"
    assert content(page) == ["今天下雨。", "纸都潮了 <三天>。"]


def test_a_post_of_film() -> None:
    page = read(pages.VIDEO_POST)
    (film,) = page.content[0].element.iter("iframe")
    assert film.get("data-mpvid") == "wxv_1"
    assert film.get("data-src") == "http://mpvideo.qpic.cn/1.mp4?x=1&y=2"
    assert film.get("data-cover") == "http%3A%2F%2Fmmbiz.qpic.cn%2Fc%2F0%3Fa%3D1%26b%3D2"
    assert element_lines(page.content[1].element) == ["一帘一张。"]


def test_a_shared_article_has_its_text_in_the_data() -> None:
    page = read(pages.SHARED)
    assert [part.origin for part in page.content] == ["cgiDataNew.content_noencode"]
    assert content(page) == ["原文 a < b。"]
    assert page.facts["reposted_from"] == "新纸周刊"
    assert page.facts["reposted_url"] == "http://mp.weixin.qq.com/s?__biz=MzB%3D&mid=4&idx=1"
    assert page.facts["date"] == "2019-11-25T20:07:23+08:00"
    assert "original" not in page.facts


def test_a_paid_article_is_a_preview() -> None:
    page = read(pages.PAID)
    assert page.preview
    assert (page.facts["paid"], page.facts["truncated"]) == ("true", "true")


def test_a_rebuilt_page() -> None:
    page = read(pages.REBUILT)
    assert content(page) == ["三月初，写了四篇。"]
    assert [page.facts[key] for key in ("title", "source", "date")] == ["旧文", "纸上谈书", "2016-08-22"]
    assert page.identity == ("MzA=", "5", "1", "aa")


def test_a_page_that_is_only_the_inside() -> None:
    assert content(read(pages.INNER_PAGE)) == ["只剩里面这一段。"]


def test_a_page_in_mhtml() -> None:
    page = read(pages.MHTML)
    assert content(page) == ["抄完一卷，天就亮了。"]
    assert open_page(pages.MHTML.encode()).saved == "2018-12-07T21:40:15+08:00"
    assert page.facts["date"] == "2018-12-03"  # four days before
    assert page.facts["url"] == "https://mp.weixin.qq.com/s?__biz=MzA=&mid=7&idx=1&sn=x#rd"


def test_the_same_page_in_gbk() -> None:
    opened = open_page(pages.ERA_B.encode("gb18030"), "text/html; charset=gb2312")
    assert read_wechat_page(opened, built_in()).facts == read(pages.ERA_B).facts
    assert opened.decoded.encoding == "gb18030"


def test_the_address_of_the_wall_tells_it() -> None:
    page = read("<p>，</p>", url="https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x&target_url=y")
    assert (page.state, page.rule) == (State.VERIFICATION, "wechat.page.verification-script")


def test_a_migrated_article_names_its_new_address() -> None:
    script = "<script>var transferTargetLink = 'https://mp.weixin.qq.com/s?__biz=MzB=\\x26amp;mid=2';</script>"
    page = read(f'<div class="weui-msg"><h2 class="weui-msg__title">该公众号已迁移</h2></div>{script}')
    assert (page.state, page.target) == (State.MIGRATED, "https://mp.weixin.qq.com/s?__biz=MzB=&mid=2")


def test_the_notice_is_kept_without_the_footer() -> None:
    page = read(
        '<div class="weui-msg"><h2 class="weui-msg__title"> 此内容因违规无法查看 </h2>'
        '<p class="tips">涉嫌违反规定，查看<a>对应规则</a></p>'
        '<div class="weui-footer"><a>微信公众平台运营中心</a></div></div>'
    )
    assert page.notice == "此内容因违规无法查看\n涉嫌违反规定，查看对应规则"
    assert (page.content, page.facts) == ((), {})


@pytest.mark.parametrize("data", [b"<", b"<!-- -->", b"\0<\0", b"<?xml?>"])
def test_nothing_is_an_empty_page(data: bytes) -> None:
    assert read_bytes(data).state is State.EMPTY


@pytest.mark.parametrize("data", [b"", b" \n", b"\0\0", "\u3000\n".encode()])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(EmptySource):
        read_bytes(data)


def test_a_picture_is_refused() -> None:
    with pytest.raises(NotText, match="a PNG picture"):
        read_bytes(b"\x89PNG\r\n\x1a\n")


def test_four_megabytes_of_scripts_hide_nothing() -> None:
    bundle = "<script>var __INLINE__ = (function () { var idx = 1, a = {b: '<p>'}; if (a<b) { c(); }\n%s})();</script>"
    page = pages.ERA_D.replace("</body>", (bundle % ("var item_show_type = '5'; f(/'/);\n" * 10_000)) * 12 + "</body>")
    data = page.encode()
    assert len(data) > 4_000_000
    assert read_bytes(data).kind is ArticleKind.ARTICLE


def test_reading_changes_nothing_and_repeats() -> None:
    first, again = read(pages.ERA_D), read(pages.ERA_D)
    assert (first.facts, first.state, first.identity) == (again.facts, again.state, again.identity)
