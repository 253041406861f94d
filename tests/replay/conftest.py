"""What the tests of replay share: a week of captures, and the tools of others that read them, where they are there."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from given import Given, give_away
from replayer import Replayer, replaying, wayback
from required import skips_fail
from visits import Kept, keep_a_week

CHROMIUM = "chromium"
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    # Replay is from the archive alone: no name leads anywhere, so nothing can come from elsewhere.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


pytest_runtest_makereport = skips_fail("XUANZHI_REQUIRE_REPLAY")


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Give the collection of the week; the site that was captured is gone."""
    return keep_a_week(tmp_path_factory.mktemp("week") / "c")


@pytest.fixture(scope="session")
def given(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Give what was exported of that collection."""
    return give_away(kept, tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="session")
def replayer(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayer]:
    program = wayback()
    if program is None:
        pytest.skip("no pywb: pip install '.[replay]' into an environment of its own, XUANZHI_PYWB=its/bin/python")
    with replaying(program, kept.files, tmp_path_factory.mktemp("pywb")) as started:
        yield started


@pytest.fixture(scope="module")  # playwright runs an event loop in this thread, in which other tests have no place
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a Chromium that has seen nothing: the distribution's own."""
    try:
        api = importlib.import_module("playwright.sync_api")
    except ImportError:
        pytest.skip("no playwright: pip install '.[browser]'")
    program = shutil.which(CHROMIUM)
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk")
    folder: Path = tmp_path_factory.mktemp("browser")
    with api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=program,
            headless=True,
            chromium_sandbox=False,
            args=FLAGS,
            viewport={"width": 760, "height": 700},
        )
        yield context
        context.close()
