"""Who wrote a page and when, where only the page itself says so: the ways in which sites set a byline."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.html.generic.metadata import generic_facts
from clean.html.parse import parse_html

TEXT = "<p>竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮，煮过的竹丝要舂成浆，抄纸的人端着帘子一荡一抬。</p>"

BYLINES = {
    "an editor that notes in a class who typed each word, beside a name": (
        '<h1><span class="author-7123456789012345678">竹纸</span></h1><div class="docs-info">'
        '<span class="docs-user-name">沈二</span><time datetime="2021-03-04">3月4日</time></div>',
        "沈二",
        "2021-03-04",
    ),
    "a name in microdata, before the heading": (
        '<article><div itemprop="author" itemscope><meta itemprop="name" content="沈二"></div><h1>竹纸</h1>'
        '<div class="info"><time datetime="2021-03-04">3月4日</time></div>',
        "沈二",
        "2021-03-04",
    ),
    "a meta element within the box of the author": (
        '<h1>竹纸</h1><div class="AuthorInfo"><meta itemprop="name" content="沈二"><a href="/people/s">沈二</a>'
        '<div class="AuthorInfo-badge">修书匠</div></div>'
        '<div class="Post-time">发布于 2021-03-04 09:30・IP 属地安徽</div>',
        "沈二",
        "2021-03-04T09:30:00",
    ),
    "a nickname, and a date between two words": (
        '<h1>竹纸</h1><div><a class="follow-nickName" href="https://blog.example/u">weixin_42</a>'
        '<span class="time">于 2021-03-04 09:30:00 发布</span>'
        '<span class="read-count">阅读量1.2w</span><a>收藏 88</a></div>',
        "weixin_42",
        "2021-03-04T09:30:00",
    ),
    "the foot of a blog's post": (
        '<h1>竹纸</h1><div class="body"><p>text</p></div><div class="postDesc">posted @ <span id="post-date">2021-03-04'
        ' 09:30</span> <a href="/s">沈二</a> 阅读(<span>3</span>) 评论(<span>0</span>) <a>编辑</a></div>',
        "沈二",
        "2021-03-04T09:30:00",
    ),
    "the line of a newspaper": (
        "<h1>竹纸</h1><div>2021年03月04日 09:30 来源：某某日报 作者：沈二 责任编辑：王五</div>",
        "沈二",
        "2021-03-04T09:30:00",
    ),
    "labels of a government's page in cells": (
        "<h1>竹纸</h1><table><tr><td>作者：</td><td>沈二</td><td>发布时间：</td><td>2021-03-04</td></tr></table>",
        "沈二",
        "2021-03-04",
    ),
    "two reporters in a line": (
        "<h1>竹纸</h1><p>本报记者 沈二 王五</p><span class='pub-date'>2021-03-04</span>",
        "沈二, 王五",
        "2021-03-04",
    ),
    "a review": (
        '<h1>竹纸</h1><header class="main-hd"><a href="https://www.example.com/people/s/">'
        '<span property="v:reviewer">沈二</span></a>'
        '<span property="v:dtreviewed" content="2021-03-04" class="main-meta">'
        '2021-03-04 09:30:11</span></header>',
        "沈二",
        "2021-03-04",
    ),
    "a column with a title over the date": (
        '<h1>竹纸</h1><div class="up-info"><a class="up-name">沈二</a><span class="publish-text">2021年03月04日'
        " 09:30</span></div>",
        "沈二",
        "2021-03-04T09:30:00",
    ),
    "a forum": (
        '<h1>竹纸</h1><div class="authi"><a class="xw1">沈二</a><em>发表于 2021-3-4 09:30:11</em></div>',
        "沈二",
        "2021-03-04T09:30:11",
    ),
    "names in elements of one class": (
        '<h1>Paper</h1><div class="origins">'
        '<span class="byline">Anna Meier</span> <span class="byline">Jan Otto</span></div>'
        '<span class="pub">27. Januar 2026, 14:07 Uhr</span>',
        "Anna Meier, Jan Otto",
        "2026-01-27T14:07:00",
    ),
    "a German line": (
        '<h1>Paper</h1><p>Do 25.04.24 | 14:07 Uhr | Von <span class="authorname">Anna Meier</span></p>',
        "Anna Meier",
        "2024-04-25T14:07:00",
    ),
    "a link to the writer's page": (
        '<h1>Paper</h1><p>von <a href="/autoren/name/anna-meier">Dr. Anna Meier</a></p><p class="date">20.10.2025</p>',
        "Dr. Anna Meier",
        "2025-10-20",
    ),
    "a brand before the name": (
        '<h1>Paper</h1><div class="authors"><span class="authors__brand">kapital</span><ul><li class="authors__item">'
        "<span>von</span> <span>Anna Meier</span></li></ul></div>",
        "Anna Meier",
        "",
    ),
    "a list below the text": (
        "<h1>Paper</h1><p>" + "word " * 400 + "</p><ul><li><b>Datum</b> 28.04.2023</li>"
        "<li><b>Autorin/Autor</b> Anna Meier</li></ul>",
        "Anna Meier",
        "2023-04-28",
    ),
    "a signature": (
        '<h1>Paper</h1><p>' + "word " * 400 + '</p><p style="text-align:right;"><strong>Lê Anh</strong></p>',
        "Lê Anh",
        "",
    ),
    "a desk in the head, a person in the byline": (
        "<meta name=author content='The Paper'><meta property=og:site_name content='The Paper'><h1>Paper</h1>"
        '<div class="byline">By Anna Meier, Chief Correspondent</div>',
        "Anna Meier",
        "",
    ),
    "a desk alone": (
        "<meta name=author content='The Paper'><meta property=og:site_name content='The Paper'><h1>Paper</h1>",
        "The Paper",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BYLINES)
def test_a_byline_that_is_shown(name: str) -> None:
    page, author, date = BYLINES[name]
    facts = generic_facts(parse_html(f"<html><body>{page}{TEXT}</body></html>"), url="https://a.example/1")
    assert (facts.get("author", ""), facts.get("date", "")) == (author, date)


NO_BYLINES = {
    "a reader's comment": "<h1>竹纸</h1>{text}"
    '<div class="comment-list"><a class="nickname">王五</a> 发表于 2021-03-04</div>',
    "other stories beside": "<h1>竹纸</h1>"
    '<aside><a class="author">王五</a><span class="date">2021-03-04</span></aside>{text}',
    "buttons of the site": '<h1>竹纸</h1><div class="author-box"><a>关注</a><a>私信</a><a>登录</a></div>{text}',
    "an editor in charge": "<h1>竹纸</h1>{text}<p>责任编辑：王五</p>",
    "an interview": "<h1>竹纸</h1><p>记者：首先欢迎你来到这里，请问竹子要泡多久？</p>{text}",
    "broken attributes": "<h1>竹纸</h1><p>作者：size=&quot;20&quot;</p>{text}",
    "an action": "<h1>Paper</h1><div class='user-panel'><a href='/u/plan'>upgrade your plan</a></div>{text}",
    "the channel of the reporters": "<h1>竹纸</h1><p>记者看东北</p>{text}",
    "a birthday in a table": "<h1>沈二</h1><table><tr><th>出生</th><td>1936年10月19日</td></tr></table>{text}",
}


@pytest.mark.parametrize("name", NO_BYLINES)
def test_what_is_no_byline(name: str) -> None:
    page = NO_BYLINES[name].replace("{text}", TEXT)
    facts = generic_facts(parse_html(f"<html><body>{page}</body></html>"), url="https://a.example/1")
    assert not {"author", "date"} & facts.keys()


DECLARED = {
    "a name in two parts": ('[{"@type": "Person", "givenName": "Anna", "familyName": "Meier"}]', "Anna Meier"),
    "the sign of a journalist": ('[{"@type": "Person", "name": "Anna Meier (ame)"}]', "Anna Meier"),
    "many names": (
        '[{"name": "Anna Maria Meier (amm)"}, {"name": "Johann Sebastian Otto (jso)"}, '
        ' {"name": "Karla Kunigunde Lenz"},'
        ' {"name": "Friederike Wolff"}, {"name": "Maximilian Gruber"}, {"name": "Trudi Huber"}]',
        "Anna Maria Meier, Johann Sebastian Otto, Karla Kunigunde Lenz, "
        "Friederike Wolff, Maximilian Gruber, Trudi Huber",
    ),
    "several in one": (
        '{"@type": "Person", "name": "Anna Meier, Jan Otto, Karla Lenz-Wolff, Friederike Huber and Max Gruber"}',
        "Anna Meier, Jan Otto, Karla Lenz-Wolff, Friederike Huber, Max Gruber",
    ),
    "what the person does": (
        '{"@type": "Person", "name": "Anna Meier, professor at the faculty of paper of the university of Anhui"}',
        "Anna Meier",
    ),
    "a label": ('{"@type": "Person", "name": "By Anna Meier"}', "Anna Meier"),
    "a Chinese label": ('{"@type": "Person", "name": "作者：沈二"}', "沈二"),
    "markup": ('{"@type": "Person", "name": "<b>Anna</b> Meier"}', "Anna Meier"),
}


@pytest.mark.parametrize("name", DECLARED)
def test_an_author_that_is_declared(name: str) -> None:
    value, author = DECLARED[name]
    page = f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": {value}}}</script><p>Paper.</p>'
    assert generic_facts(parse_html(page), url="https://a.example/1")["author"] == author


@pytest.mark.parametrize("label", ["Verfasst von", "Written by", "Escrito por", "作者"])
def test_the_label_of_a_card_says_who_wrote(label: str) -> None:
    page = f'<meta name="twitter:label1" content="{label}"><meta name="twitter:data1" content="Anna Meier">'
    assert generic_facts(parse_html(page), url="https://a.example/1")["author"] == "Anna Meier"


@given(
    st.lists(
        st.sampled_from([page for page, _, _ in BYLINES.values()])
        | st.text(alphabet="作者：记 By,、\n<>/2021-0304年月日", max_size=40),
        max_size=4,
    ).map("".join)
)
@settings(max_examples=draws(100), deadline=None)
def test_any_page_is_read(page: str) -> None:
    assert all(generic_facts(parse_html(page)).values())
