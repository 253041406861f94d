"""What a page declares about itself: every source of a fact, the order among them, and what is no fact."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.html.facts.dates import declared_date
from clean.html.generic.metadata import generic_facts
from clean.html.parse import parse_html

URL = "https://www.paper.example/a/1.html?from=x"

PAGES = {
    "JSON-LD that stays broken": (
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "no"}, {"@type": "NewsArticle",'
        ' "headline": "Paper &amp; ink", "datePublished": "2020-01-02T10:11:12Z", "author": [{"name": "Li"}, "Wu"],'
        ' "publisher": {"@id": "#p"},}]}, </script><script type="application/ld+json">{"@type": "Organization",'
        ' "@id": "#p", "name": "The Paper"}</script>',
        {"url": URL, "source": "paper.example"},
    ),
    "JSON-LD with a comma too many": (
        '<script type="application/ld+json"><!-- {"@type": ["NewsArticle"], "headline": "Paper &amp; ink",'
        ' "datePublished": "2020-01-02T10:11:12Z", "author": [{"name": "Li"}, "Wu"], "publisher":'
        ' {"name": "The Paper"},}'
        " --></script>",
        {
            "title": "Paper & ink",
            "url": URL,
            "source": "The Paper",
            "date": "2020-01-02T10:11:12+00:00",
            "author": "Li, Wu",
        },
    ),
    "OpenGraph": (
        "<title>Paper - The Paper</title><meta property=og:title content='Paper'"
        "><meta property=og:image content=/p.png>"
        "<meta property=og:site_name content='The Paper'><meta property=article:published_time content=2020-01-02>"
        "<meta property=og:description content='On  paper.'><link rel=canonical href=/a/1.html>",
        {
            "title": "Paper",
            "url": "https://www.paper.example/a/1.html",
            "source": "The Paper",
            "date": "2020-01-02",
            "cover": "https://www.paper.example/p.png",
            "description": "On paper.",
        },
    ),
    "a government's page": (
        "<title>宣纸办法_公告_某某网</title><meta name=ArticleTitle content=宣纸办法>"
        "<meta name=PubDate content='2020-01-02 10:11'>"
        "<meta name=ContentSource content=新华社><meta name=author content=李四>",
        {"title": "宣纸办法", "url": URL, "source": "新华社", "date": "2020-01-02T10:11:00", "author": "李四"},
    ),
    "labels": (
        "<title>宣纸</title><p>日期：2001-01-01</p><h1>宣纸</h1><p>发布时间：2020年1月2日 10:11 来源：新华网</p>",
        {"title": "宣纸", "url": URL, "source": "新华网", "date": "2020-01-02T10:11:00"},
    ),
    "another site's address": (
        "<link rel=canonical href=https://other.example/a><meta name=author content=admin>",
        {"url": URL, "source": "paper.example"},
    ),
    "nothing": ("", {"url": URL, "source": "paper.example"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_says(name: str) -> None:
    page, facts = PAGES[name]
    assert generic_facts(parse_html(f"<html><head>{page}"), url=URL) == facts


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-1-2T10:11:12.5+08:00", "2020-01-02T10:11:12+08:00"),
        ("20200102T101112Z", "2020-01-02T10:11:12+00:00"),
        ("Thu, 02 Jan 2020 10:11:12 -0530", "2020-01-02T10:11:12-05:30"),
        ("January 2nd, 2020", "2020-01-02"),
        ("2020年1月2日 10：11", "2020-01-02T10:11:00"),
        ("2020-13-01", ""),
        ("2020-02-30", ""),
        ("yesterday", ""),
        ("01/02/2020", ""),
    ],
)
def test_dates(said: str, read: str) -> None:
    assert declared_date(said) == read


@given(st.text(alphabet="0123456789-/:+TZ年月日 Jan,.", max_size=40))
@settings(max_examples=draws(200))
def test_any_date_is_read(said: str) -> None:
    declared_date(said)


@given(st.lists(st.sampled_from([page for page, _ in PAGES.values()]) | st.text(max_size=20), max_size=4).map("".join))
@settings(max_examples=draws(100), deadline=None)
def test_any_page_is_read(page: str) -> None:
    assert all(generic_facts(parse_html(page)).values())


def test_the_makers_of_a_forum_wrote_none_of_its_threads() -> None:
    page = '<html><head><meta name="author" content="Discuz! Team and Comsenz UI Team"></head></html>'
    assert "author" not in generic_facts(parse_html(page), url=URL)


def test_the_name_of_the_place_is_no_title() -> None:
    head = "<title>A lamp that burns for a year : harbours</title><meta property=og:title content='A lamp that burns'>"
    page = f"<html><head>{head}</head><body><h1>harbours</h1><p>The keeper wrote.</p></body></html>"
    assert generic_facts(parse_html(page), url=URL)["title"] == "A lamp that burns"
