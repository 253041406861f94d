"""A browser shows what was kept, by way of pywb, with nothing but the archive to draw from."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from article import COLOUR, TEXT, TITLE
from replayer import Replayer
from visits import FIRST_DAY, LATER_TEXT, Kept

pytestmark = pytest.mark.slow

PATIENCE = 30_000
"""Milliseconds that a page may take."""

# Whether all pictures are there, and lifted off their placeholders of one pixel.
LOADED = """() => [...document.images].length === 3 &&
  [...document.images].every(each => each.complete && each.naturalWidth > 1)"""

SHOWN = """() => {
  const content = document.querySelector('#js_content'), style = getComputedStyle(content);
  const section = document.querySelector('section[style]');
  return {
    text: document.body.innerText, visibility: style.visibility, opacity: style.opacity, colour: style.color,
    account: getComputedStyle(document.querySelector('#js_name')).color,
    title: getComputedStyle(document.querySelector('#activity-name')).fontSize,
    paper: getComputedStyle(document.body).backgroundImage, frame: getComputedStyle(section).backgroundImage,
    pictures: [...document.images].map(each => [each.naturalWidth, each.naturalHeight]),
    data: window.cgiDataNew.title,
  };
}"""


class Shown:
    """A page in the browser, and every answer that it got."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.answers: list[tuple[int, str]] = []
        self.failed: list[str] = []
        page.on("response", lambda response: self.answers.append((response.status, response.url)))
        page.on("requestfailed", lambda request: self.failed.append(request.url))

    def open(self, url: str) -> Any:
        """Return the frame in which pywb shows what it replays."""
        self.page.goto(url, timeout=PATIENCE)
        return self.page.wait_for_selector("#replay_iframe", timeout=PATIENCE).content_frame()


@pytest.fixture
def shown(browser: Any, request: pytest.FixtureRequest) -> Iterator[Shown]:
    """Give a page; XUANZHI_SCREENSHOTS names a folder for what it looks like at the end."""
    page = browser.new_page()
    yield Shown(page)
    if folder := os.environ.get("XUANZHI_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    page.close()


@pytest.mark.parametrize(
    ("day", "text"),
    [(0, TEXT), (1, TEXT), (2, TEXT), (7, LATER_TEXT)],
    ids=["first", "not-modified", "equal-payload", "changed"],
)
def test_the_article_is_shown_as_its_readers_saw_it(
    kept: Kept, replayer: Replayer, shown: Shown, day: int, text: str
) -> None:
    frame = shown.open(replayer.at(FIRST_DAY + timedelta(days=day, hours=1), kept.url(), modifier=""))
    frame.wait_for_function(LOADED, timeout=PATIENCE)
    seen = frame.evaluate(SHOWN)
    assert all(words in seen["text"] for words in (TITLE, text, "一帘一张，日晒夜露。", "纸上谈书"))
    assert "微信扫一扫" not in seen["text"]  # hidden by the page, as ever
    assert (seen["visibility"], seen["opacity"]) == ("visible", "1")
    assert (seen["colour"], seen["account"], seen["title"]) == (COLOUR, "rgb(87, 107, 149)", "34px")
    assert seen["pictures"] == [[160, 96], [96, 48], [80, 40]]
    assert "paper.png" in seen["paper"]
    assert "mmbiz_png/frame" in seen["frame"]
    assert seen["data"] == TITLE
    assert shown.failed == []
    assert {status for status, _ in shown.answers} == {200}
    assert all(url.startswith((replayer.origin, "data:")) for _, url in shown.answers)
    # Backgrounds too were fetched, from styles that other styles and attributes named.
    loaded = " ".join(url for _, url in shown.answers)
    assert all(name in loaded for name in ("deep.css", "paper.png", "mmbiz_png/frame", "mmbiz_jpg/cover"))


def test_the_notice_of_a_deleted_article_is_shown(kept: Kept, replayer: Replayer, shown: Shown) -> None:
    frame = shown.open(replayer.at(FIRST_DAY + timedelta(days=4), kept.url("/s/deleted"), modifier=""))
    notice = frame.wait_for_selector(".weui-msg__title", timeout=PATIENCE)
    assert notice.inner_text().strip() == "该内容已被发布者删除"
