"""Walls, gates, missing pages and shells are no articles, and articles that speak of them are."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.document import Advice, Cleaned, State
from clean.ledger import restore
from clean.page import clean_page
from clean.pipeline import clean
from clean.rules import load_rules
from clean.trial import try_examples

ADDRESS = "https://paper.example/2024/a.html"

NAVIGATION = (
    '<header><a href="/">Paper Valley</a><nav><ul><li><a href="/news">News</a></li><li><a href="/shop">Shop</a></li>'
    '<li><a href="/about">About</a></li></ul></nav></header>'
)
LISTS = (
    '<aside><h3>Most read</h3><ul><li><a href="/1">How paper mills came to the valley</a></li><li><a href="/2">Twelve '
    'ways to fold a letter</a></li><li><a href="/3">A museum for a single sheet</a></li><li><a href="/4">Rags, ropes '
    "and fishing nets</a></li></ul></aside>"
)
FOOT = (
    '<footer><p>© 2024 Paper Valley. All rights reserved.</p><p><a href="/imprint">Imprint</a> '
    '<a href="/privacy">Privacy</a></p></footer>'
)
FRAMES = {
    "bare": "{body}",
    "site": NAVIGATION + '<main><div class="container">{body}</div></main>' + FOOT,
    "rich": NAVIGATION + '<div class="page"><div class="main">{body}</div>' + LISTS + "</div>" + FOOT,
}


class WallPage(NamedTuple):
    """A page of walls.toml, or a text that another tool made of one."""

    group: str
    language: str
    state: str
    title: str
    body: str
    maker: str = ""
    head: str = ""
    frame: str = "bare"
    text: bool = False

    def page(self) -> bytes:
        """The page as a server sends it."""
        body = FRAMES[self.frame].replace("{body}", self.body)
        return (
            f'<!DOCTYPE html><html lang="{self.language}"><head><meta charset="utf-8"><title>{self.title}</title>'
            f"{self.head}</head><body>{body}</body></html>"
        ).encode()

    def clean(self) -> Cleaned:
        """Clean it as a visit to an article's address would, or as a snapshot of it."""
        if not self.text:
            return clean_page(self.page(), url=ADDRESS)
        front = "" if self.body.startswith("Title:") else f"---\ntitle: {self.title}\nurl: {ADDRESS}\n---\n\n"
        return clean((front + self.body).encode())


def read_pages() -> Iterator[WallPage]:
    table = tomllib.loads(Path(__file__).with_name("walls.toml").read_text("utf-8"))
    return (WallPage(**entry) for entry in table["page"])


PAGES = tuple(read_pages())


def group(name: str) -> list[WallPage]:
    return [page for page in PAGES if page.group == name]


def name_of(page: WallPage) -> str:
    return f"{page.maker or page.title} {page.language}"


@pytest.mark.slow
@pytest.mark.parametrize("page", group("seen"), ids=name_of)
def test_no_wall_is_an_article(page: WallPage):
    cleaned = page.clean()
    assert cleaned.state != State.LIVE
    assert cleaned.markdown is None


@pytest.mark.slow
def test_of_the_walls_that_no_rule_was_fitted_to_hardly_one_is_an_article():
    taken = [name_of(page) for page in group("held-out") if page.clean().state == State.LIVE]
    assert len(taken) < 0.05 * len(group("held-out")), taken


@pytest.mark.slow
def test_of_walls_in_odd_words_few_are_articles():
    taken = [name_of(page) for page in group("odd") if page.clean().state == State.LIVE]
    assert len(taken) < 0.1 * len(group("odd")), taken


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seen", "held-out"])
def test_nearly_all_walls_are_what_they_should_be(name: str):
    other = [(name_of(page), str(found)) for page in group(name) if (found := page.clean().state) != page.state]
    assert len(other) <= 0.05 * len(group(name)), other


def test_the_walls_are_of_many_makers_and_languages():
    walls = group("seen") + group("held-out")
    assert len(walls) >= 120
    assert len({page.maker for page in walls}) >= 40
    assert len({page.language for page in walls}) >= 8


@pytest.mark.parametrize("page", group("article"), ids=name_of)
def test_an_article_that_speaks_of_walls_stays_an_article(page: WallPage):
    assert page.clean().state == State.LIVE


@pytest.mark.slow
@pytest.mark.parametrize("page", group("article"), ids=name_of)
def test_what_stayed_an_article_stays_one_when_it_is_cleaned_again(page: WallPage):
    once = page.clean().markdown
    assert once is not None
    assert clean(once.encode()).markdown == once


# A wall says what to do, and its words are kept.


@pytest.mark.parametrize(
    ("state", "advice", "body"),
    [
        ("unavailable", "log-in", "<h1>Please log in</h1><p>You must be logged in to read this page.</p>"),
        ("unavailable", "other-network", "<h1>This video is not available in your country</h1>"),
        ("bad-link", "gone", "<h1>Page not found</h1><p>Sorry, the page you are looking for does not exist.</p>"),
        ("unavailable", "retry-later", "<h1>Down for maintenance</h1><p>We will be back soon.</p>"),
        ("verification", "retry-later", "<h1>Please confirm that you are not a robot</h1>"),
        ("empty", "use-browser", '<div id="app">Loading…</div>'),
        ("empty", "use-browser", '<div id="root"></div>'),
        ("not-article", "gone", "<h1>paper.example</h1><p>The domain paper.example is for sale.</p>"),
        ("deleted", "gone", "<p>抱歉，该文章已被作者删除。</p>"),
    ],
)
def test_a_wall_says_what_to_do(state: str, advice: str, body: str):
    cleaned = clean_page(f"<html><head><title>Paper</title></head><body>{body}</body></html>".encode(), url=ADDRESS)
    assert (cleaned.state, cleaned.advice) == (state, advice)


def test_who_made_a_wall_is_told_and_its_title_is_none_of_the_article():
    cleaned = next(page for page in PAGES if page.maker == "Cloudflare").clean()
    assert cleaned.maker == "Cloudflare"
    assert cleaned.advice is Advice.RETRY_LATER
    assert "title" not in cleaned.facts
    assert "Verify you are human" in cleaned.notice


def test_an_article_has_no_advice():
    cleaned = group("article")[0].clean()
    assert cleaned.advice is None
    assert cleaned.maker == ""


@pytest.mark.parametrize("page", [page for page in group("seen") + group("held-out") if page.text], ids=name_of)
def test_the_text_of_a_wall_comes_back_from_the_ledger(page: WallPage):
    cleaned = page.clean()
    assert restore("", cleaned.ledger) == (
        page.body if page.body.startswith("Title:") else f"---\ntitle: {page.title}\nurl: {ADDRESS}\n---\n\n{page.body}"
    )


PROSE = (
    "The mill stands where the two streams meet, and in April the water is so loud that nobody hears the hammers. ",
    "Rags came by boat from the city, sorted by colour, and lay in the cellar until they began to warm. ",
    "An old vatman told me that you learn the stroke in a week, and need ten years before you forget it. ",
    "竹子砍下来先在水里泡三个月，等皮肉分开，再用石灰煮，煮过的竹丝要舂一天一夜。",
    "抄纸的人不看帘子，只听水声；水声一变，他就知道这一张薄了，提起来重抄。",
    "湿纸一张张叠起来，压去水分，第二天揭开，贴在火墙上焙干，揭下来的时候要屏住气。",
)


@pytest.mark.slow
@settings(deadline=None)
@given(
    wall=st.sampled_from([page for page in group("seen") if page.frame != "bare" and page.state == "bad-link"]),
    prose=st.lists(st.sampled_from(PROSE), min_size=12, max_size=20),
)
def test_a_notice_above_a_long_text_does_not_take_the_text_away(wall: WallPage, prose: list[str]):
    text = "".join(f"<p>{one}</p>" for one in prose)
    page = wall._replace(body=f"<article>{wall.body}{text}</article>")
    assert page.clean().state == State.LIVE


FILES = "".join(f"[paper-{n}.pdf](paper-{n}.pdf) 04-Mar-2026 05:06 {n}345\n" for n in range(1, 4))
TABLE = (
    "| [Name](?C=N;O=D) | [Last modified](?C=M;O=A) | [Size](?C=S;O=A) |\n| --- | --- | --- |\n"
    "| [Parent Directory](/) |  | - |\n| [a.pdf](a.pdf) | 2026-03-04 05:06 | 1.2M |\n"
    "\nApache/2.4 Server at paper.example\n"
)
LISTINGS = [
    f"# Index of /files/\n\n[../](../)\n{FILES}",
    f"Index of /files/\n================\n\n* * *\n\n[../](../)\n{FILES * 100}",
    f"---\ntitle: Index of /files/\nurl: https://paper.example/files/\n---\n```\n../\n{FILES}```\n",
    f"# Index of /files\n\n{TABLE}",
    "# paper.example - /files/\n\n[[To Parent Directory]](/)\n\n3/4/2026 5:06 AM 12345 [a.pdf](/files/a.pdf)\n",
    "# Directory listing for /files/\n\n- [a.pdf](a.pdf)\n- [b/](b/)\n",
]


@pytest.mark.parametrize("text", LISTINGS)
def test_the_listing_of_a_folder_is_no_article_in_a_text_either(text: str) -> None:
    got = clean(text.encode())
    assert (got.state, got.markdown) == (State.NOT_ARTICLE, None)
    assert "/files" in got.notice


SENTENCE = "竹纸以嫩竹为料，砍下后浸在塘里一百天，再用石灰煮。"


@pytest.mark.parametrize(
    "text",
    [
        f"# Index of /files 是什么\n\n{SENTENCE}\n\n{FILES}",
        f"# Index of /files\n\n{SENTENCE}\n\n{SENTENCE}\n",
        f"{SENTENCE}\n\n# Index of /files\n\n{FILES}",
        f"# Index of Papers\n\n{FILES}",
        f"# 竹纸\n\n{FILES}",
        "# Index of /files\n",
    ],
)
def test_what_only_looks_like_a_listing_is_a_text(text: str) -> None:
    assert clean(text.encode()).state is State.LIVE


class ShortText(NamedTuple):
    """A text of short_texts.jsonl: written for the purpose, by somebody who saw no rules; nothing is fitted on it."""

    wall: bool
    lang: str
    kind: str
    title: str
    heading: str
    lines: list[str]
    buttons: list[str]

    def page(self) -> bytes:
        """The text as a page of a site."""
        heading = f"<h1>{self.heading}</h1>" if self.heading else ""
        body = heading + "".join(f"<p>{line}</p>" for line in self.lines)
        body += "".join(f'<p><a href="/go">{words}</a></p>' for words in self.buttons)
        return WallPage("", self.lang, "", self.title, body, frame="site").page()


@pytest.mark.slow
def test_of_short_texts_in_words_of_their_own_most_are_told_and_true_ones_are_left_alone():
    lines = Path(__file__).with_name("short_texts.jsonl").read_text("utf-8").splitlines()
    texts = [ShortText(**json.loads(line)) for line in lines]
    states = [clean_page(text.page(), url=ADDRESS).state for text in texts]
    walls = [state for text, state in zip(texts, states, strict=True) if text.wall]
    others = [state for text, state in zip(texts, states, strict=True) if not text.wall]
    assert len(walls) == len(others) == 120
    assert sum(state is State.LIVE for state in walls) <= 60
    assert sum(state is not State.LIVE for state in others) <= 8


GREETING = '<div class="{name}"><h1>Log in again</h1><p>Please log in to continue. Your session has expired.</p></div>'
LEFT_ALONE = """
profile = "generic"

[[rule]]
id = "local.counter-notes"
stage = "notice"
match = "marks"
state = "live"
text = ["class:counter-note"]
reason = "The library's notes to readers of its page are texts of its own."
[[rule.example]]
before = "<div class='counter-note'><p>Please log in to continue. Your session has expired.</p></div>"
after = "Please log in to continue. Your session has expired."
[[rule.counter-example]]
text = "<article><h1>My first card</h1><p>It was green, and I kept it in a shoe.</p></article>"
"""


@pytest.mark.parametrize(("name", "state"), [("counter-note", State.LIVE), ("gate", State.UNAVAILABLE)])
def test_a_rule_says_what_is_an_article_whatever_other_rules_say(name: str, state: State):
    ruleset = load_rules([("local.toml", LEFT_ALONE)])
    assert clean_page(GREETING.format(name=name).encode(), url=ADDRESS, ruleset=ruleset).state is state
    rule = ruleset.by_id["local.counter-notes"]
    assert list(try_examples(rule, ruleset)) == [None, None]
