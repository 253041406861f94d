"""The title of a page: the heading above its text, never the site's name, never a description."""

import json

import pytest

from clean.html.generic.metadata import generic_facts
from clean.html.parse import parse_html
from clean.page import clean_page

TITLES = {
    "a board in the heading of the first level": (
        "How long to soak bark - The Paper Board",
        '<h1>The Paper Board</h1><h2><a href="/t">How long to soak bark</a></h2>', "", "How long to soak bark"),
    "a book in the heading of the first level": (
        "浸竹 - 纸谱", '<h1 class="menu">纸谱</h1><h2 id="s">浸竹</h2>', "", "浸竹"),
    "the title behind the name of the site, which a heading below has too": (
        "The Paper Board - Soaking", "<h1>Soaking</h1><h2>Other boards</h2>", "", "Soaking"),
    "a heading that the head has last and the page declares": (
        "News - Soaking", "<h1>Soaking</h1><h2>News</h2>", '{"headline": "Soaking"}', "Soaking"),
    "a number, and the whole title of a chapter in a book": (
        "第三章", '<p epub:type="title">第三章　竹纸</p>', "", "第三章 竹纸"),
    "the paragraph that Word calls the title, which its head cuts off": (
        "造纸法的几个", '<p class="MsoTitle"><span>造纸法的</span><span>几个问题</span></p>', "", "造纸法的几个问题"),
    "a heading counts before what Word calls the title": (
        "纸谱", '<p class="MsoTitle">纸谱续编</p><h1>纸谱</h1>', "", "纸谱"),
    "a name behind a hyphen": ("竹纸-某站博客", "<h1>竹纸</h1>", "", "竹纸"),
    "a government behind a hyphen, the title in a cell": (
        "关于印发《古籍办法》的通知-某县人民政府",
        "<td><b>关于印发《古籍办法》的通知</b></td>",
        "", "关于印发《古籍办法》的通知"),
    "a government behind a hyphen, the title nowhere": (
        "关于印发《古籍办法》的通知-某县人民政府", "", "", "关于印发《古籍办法》的通知"),
    "two names": ("整理书目的脚本 - 沈二 - 博客园",
        "<h1><a><span>整理书目的脚本</span></a></h1>", "", "整理书目的脚本"),
    "the beginning of the text behind the heading": (
        "一次内存泄漏的排查这篇文章讲一次线上 - 掘金", "<h1>一次内存泄漏的排查</h1>", "", "一次内存泄漏的排查"),
    "a description for a headline": (
        "竹溪 - 某某百科，自由的百科", "<h1>竹溪</h1>", '{"headline": "某省的一个镇", "name": "竹溪"}', "竹溪"),
    "a description for a headline, without a heading": (
        "竹溪镇 - 百科", "<p>竹溪镇在两条小河边。</p>", '{"headline": "某省的一个地方", "name": "竹溪镇"}', "竹溪镇"),
    "another headline for search engines": (
        "She lost 130lb: seven changes", "<h1>A woman who lost 130 pounds shares seven changes</h1>",
        '{"headline": "She lost 130lb: seven changes", "name": "A woman who lost 130 pounds shares seven changes"}',
        "A woman who lost 130 pounds shares seven changes"),
    "a sign that links to the heading": (
        "Drying - Mill manual", "<h1>Drying<a class='headerlink' href='#drying' title='Link here'>¶</a></h1>", "",
        "Drying"),
    "a heading of the site": (
        "Paper and ink - The Paper", "<h1><a href='/'>The Paper</a></h1><h2>Paper and ink</h2>", "", "Paper and ink"),
    "a heading in another box": (
        "Paper and ink", "<h1>Subscribe now</h1><h1>Paper and ink</h1>", "", "Paper and ink"),
    "a part of the title in a heading": (
        "宮崎で地震、1メートルの津波注意報 気象庁：新聞",
        "<h1>津波注意報</h1><h1>宮崎で地震、1メートルの津波注意報 気象庁</h1>",
        "",
        "宮崎で地震、1メートルの津波注意報 気象庁"),
    "a kicker within the heading": (
        "Irans Justiz dementiert", "<h1>Bei Protesten: Irans Justiz dementiert</h1>", "",
        "Bei Protesten: Irans Justiz dementiert"),
    "a board within the heading": (
        "Which paper lasts? - The Forum", "<h1>Question Which paper lasts?</h1>", "", "Which paper lasts?"),
    "the site before the title": (
        "The Paper Review: Which paper lasts?", "<h1>Which paper lasts?</h1>", "", "Which paper lasts?"),
    "a paragraph as a heading": (
        "Which paper lasts?",
        "<h1>Learn here which of the many kinds of paper that are made today is the one that lasts longest of all</h1>",
        "", "Which paper lasts?"),
    "the only heading, and other words in the head": (
        "Uferpost - Nachrichten", "<h1>Das Lesezimmer bleibt zu</h1>", "", "Das Lesezimmer bleibt zu"),
    "the name of the site in the only heading of the first level": (
        "Das Lesezimmer bleibt zu", "<h1>Die Post am Ufer</h1><h2>Das Lesezimmer bleibt zu</h2>", "",
        "Das Lesezimmer bleibt zu"),
    "a motto above the page": (
        "Reading room closed", "<header><h1>News of the river</h1></header>", "", "Reading room closed"),
    "the name of a section": ("Reading room closed", "<h1>News</h1>", "", "Reading room closed"),
    "two hyphens": ("她跟纸较着劲--某某网", "", "", "她跟纸较着劲"),
    "markup and entities in the data": (
        "", "",
        '{"headline": "A walk that isn&amp;#39;t <em>one</em><div>second line</div>"}', "A walk that isn't one"),
    "talk of tags": ("How to close a <div>", "", "", "How to close a <div>"),
    "soft hyphens": ("Papiermühle", "<h1>Papier&shy;mühle</h1>", "", "Papiermühle"),
    "a template that nobody filled": ("{{ article.title }}", "<h1>竹纸</h1>", "", "竹纸"),
}  # fmt: skip


@pytest.mark.parametrize("name", TITLES)
def test_a_title(name: str) -> None:
    head, body, data, title = TITLES[name]
    script = ""
    if data:
        script = f'<script type="application/ld+json">{json.dumps({"@type": "Article", **json.loads(data)})}</script>'
    shown = head.replace("<", "&lt;")
    page = f"<html><head><title>{shown}</title>{script}</head><body><table>{body}</table><p>Text.</p></body></html>"
    assert generic_facts(parse_html(page), url="https://a.example/1")["title"] == title


def test_a_description_that_nobody_filled_is_none() -> None:
    page = "<meta name=description content='{{description}}'><meta property=og:description content='${summary}'>"
    assert "description" not in generic_facts(parse_html(page), url="https://a.example/1")


def test_the_heading_stands_once_whatever_the_data_call_it() -> None:
    text = "".join(f"<p>{one}</p>" for one in ("竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。" * 2,) * 3)
    page = f"<title>竹&shy;纸-某站博客</title><article><h1>竹&shy;纸</h1>{text}</article>"
    markdown = clean_page(page.encode(), charset="utf-8", url="https://a.example/1").markdown
    assert markdown is not None
    assert [line for line in markdown.splitlines() if line.startswith("#")] in (["# 竹纸"], ["# 竹\u00ad纸"])


def test_the_title_of_a_document_of_word_stands_once() -> None:
    text = "<p class=MsoNormal>纸浆从槽里舀起来以后要静置一夜，让纤维沉下去，早上再轻轻搅匀，才能抄纸。</p>"
    page = (
        "<html><head><title>造纸法的几个问题</title></head><body><div class=WordSection1><p class=MsoTitle>"
        f"<span>造纸法的</span><span>几个问题</span></p><p class=MsoSubtitle>馆内交流</p>"
        f"{text}{text[:-5]}余下再说。</p></div></body></html>"
    )
    cleaned = clean_page(page.encode(), url="https://e.org/a")
    assert cleaned.markdown is not None
    assert cleaned.markdown.count("造纸法的几个问题") == 2  # in the front matter, and as the heading
    assert "# 造纸法的几个问题\n\n馆内交流\n\n纸浆从槽里" in cleaned.markdown
