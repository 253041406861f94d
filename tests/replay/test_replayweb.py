"""ReplayWeb.page opens our WACZ files in a browser, with nothing but the file to draw from.

XUANZHI_REPLAYWEBPAGE names the folder of its package, of which `npm pack replaywebpage` makes an archive.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from article import TEXT
from given import Given
from ranges import serving
from test_browser import LOADED, PATIENCE, SHOWN
from visits import LATER_TEXT, Kept

pytestmark = pytest.mark.slow

PROGRAM = ("index.html", "ui.js", "sw.js")


@pytest.fixture(scope="module")
def viewer(given: Given) -> Iterator[str]:
    """Give the origin of a server with the program and our files."""
    folder = os.environ.get("XUANZHI_REPLAYWEBPAGE")
    if not folder:
        pytest.skip("no ReplayWeb.page: npm pack replaywebpage@2.4.6, unpack it, XUANZHI_REPLAYWEBPAGE=its/package")
    files = {f"/{name}": Path(folder) / name for name in PROGRAM}
    with serving({**files, "/": files["/index.html"], "/whole.wacz": given.whole, "/part.wacz": given.part}) as origin:
        yield origin


@pytest.fixture
def look(browser: Any, viewer: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Open a page of a file as it was at a moment; XUANZHI_SCREENSHOTS names a folder for what it looks like."""
    page = browser.new_page()

    def show(name: str, url: str, moment: str) -> Any:
        page.goto(f"{viewer}/?source={viewer}/{name}.wacz#view=pages&url={url}&ts={moment}", timeout=PATIENCE)
        return page.wait_for_selector("iframe", timeout=PATIENCE).content_frame()

    yield show
    if folder := os.environ.get("XUANZHI_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    page.close()


@pytest.mark.parametrize("name", ["whole", "part"])
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("20261102080000", TEXT),
        ("20261103080000", TEXT),
        ("20261104080000", TEXT),
        ("20261109080000", LATER_TEXT),
    ],
    ids=["first", "not-modified", "equal-payload", "changed"],
)
def test_the_article_is_shown_as_its_readers_saw_it(
    kept: Kept, look: Callable[..., Any], name: str, moment: str, text: str
) -> None:
    frame = look(name, kept.url(), moment)
    frame.wait_for_function(f"() => !!document.querySelector('#js_content') && ({LOADED})()", timeout=PATIENCE)
    seen = frame.evaluate(SHOWN)
    assert text in seen["text"]
    assert seen["pictures"] == [[160, 96], [96, 48], [80, 40]]
    assert (seen["visibility"], seen["title"]) == ("visible", "34px")


def test_the_notice_of_a_deleted_article_is_shown(kept: Kept, look: Callable[..., Any]) -> None:
    frame = look("whole", kept.url("/s/deleted"), "20261106080000")
    notice = frame.wait_for_selector(".weui-msg__title", timeout=PATIENCE)
    assert notice.inner_text().strip() == "该内容已被发布者删除"
