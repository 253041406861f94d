"""What the tests of the review page share: a collection with a first text and an edited one, and the page over it."""

import importlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from a_source import letter, web_page
from letters import FIRST, SECOND, TOKEN, keep, text
from required import skips_fail

from xuanzhi.cli.main import main
from xuanzhi.jobs.rules import ReloadingRules

START = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


pytest_runtest_makereport = skips_fail("XUANZHI_REQUIRE_REVIEW")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the collection that `collection` gives copies of."""
    path = tmp_path_factory.mktemp("made") / "纸"
    keep(
        path,
        text(1, FIRST),
        text(2, "另一封信，短。"),
        text(3, "第三封信，也短。", day="2026-03-10"),
        text(1, SECOND, day="2026-04-05"),
    )
    return path


@pytest.fixture
def collection(made: Path, tmp_path: Path) -> Path:
    """Give a collection: an article whose text changed, and two others that did not."""
    return shutil.copytree(made, tmp_path / "纸")


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the collection that `proposed` gives copies of."""
    path = tmp_path_factory.mktemp("learned") / "纸"
    keep(path, *(letter(number).encode() for number in range(24)), *(web_page(number).encode() for number in range(10)))
    assert main(("archive", "rules", "learn", "-q", "-c", str(path), "纸上谈书")) == 0
    return path


@pytest.fixture
def proposed(learned: Path, tmp_path: Path) -> Path:
    """Give a collection: letters of an account with rules proposed, pages of a site without."""
    return shutil.copytree(learned, tmp_path / "信")


class Client(httpx.Client):
    """A browser without scripts: it keeps cookies, follows redirects, and says that a form is the page's own.

    Its base is the address that was printed, with the token; a path is that of a page below it, or one of a link.
    """

    def request(self, method: str, url: Any, **fields: Any) -> httpx.Response:
        """Ask for a path below the base, or for one that a page gave, which begins with the token already."""
        root = self.base_url.path.rstrip("/")
        is_link = isinstance(url, str) and url.startswith(f"{root}/")
        return super().request(method, self.base_url.join(url) if is_link else url, **fields)

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        """Send a form."""
        return self.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def opened() -> Iterator[Callable[..., Client]]:
    """Start the page over a collection, and open it."""
    pytest.importorskip("starlette", reason="pip install '.[review]'")
    pytest.importorskip("nh3", reason="pip install '.[review]'")
    from xuanzhi.review.app import build, listening_socket, serve_in_thread
    from xuanzhi.review.request import ReviewApp
    from xuanzhi.review.security import AccessPolicy

    moments = [START]

    def clock() -> datetime:
        moments.append(moments[-1] + timedelta(seconds=1))
        return moments[-1]

    with ExitStack() as stack:

        def opener(path: Path, *, language: str = "en", **settings: Any) -> Client:
            room = ReviewApp(path, ReloadingRules([], path), **{"reviewer": "林书", "clock": clock, **settings})
            address = stack.enter_context(serve_in_thread(build(room, AccessPolicy(TOKEN)), listening_socket(0)))
            client = Client(
                base_url=f"{address}/{TOKEN}",
                trust_env=False,
                follow_redirects=True,
                headers={"Accept-Language": language},
            )
            stack.enter_context(client)
            assert client.get("/").status_code == 200
            return client

        yield opener


@pytest.fixture(scope="module")  # playwright runs an event loop in this thread, in which other tests have no place
def chromium() -> Iterator[Any]:
    """Give the distribution's Chromium."""
    try:
        api = importlib.import_module("playwright.sync_api")
    except ImportError:
        pytest.skip("no playwright: pip install '.[browser]'")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=False,
            args=[
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()
