"""`archive replay` with the real pywb: an article, and the notice that came in its place the next day."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from article import TEXT
from replayer import archive_replay, wayback
from visits import FIRST_DAY, Kept, keep_until_it_is_deleted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Replayed(NamedTuple):
    """What `archive replay` serves."""

    kept: Kept
    url: str

    def get(self, days: float) -> httpx.Response:
        moment = FIRST_DAY + timedelta(days=days)
        url = f"{self.url}{moment:%Y%m%d%H%M%S}mp_/{self.kept.url()}"
        return httpx.get(url, follow_redirects=True, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    program = wayback()
    if program is None:
        pytest.skip("no pywb: pip install '.[replay]' into an environment of its own, XUANZHI_PYWB=its/bin/python")
    folder = tmp_path_factory.mktemp("replay")
    kept = keep_until_it_is_deleted(folder / "c")
    before = kept.files[0].read_bytes()
    with archive_replay(program, kept.path, folder / "cache") as url:
        yield Replayed(kept, url)
    assert [path.read_bytes() for path in kept.files] == [before]


def test_both_visits_are_replayed(replayed: Replayed) -> None:
    first, second = replayed.get(0.1), replayed.get(1.1)
    assert (first.status_code, second.status_code) == (200, 200)
    assert TEXT in first.text
    assert "该内容已被发布者删除" in second.text
    assert TEXT not in second.text


def test_both_visits_are_listed(replayed: Replayed) -> None:
    listed = httpx.get(f"{replayed.url}timemap/link/{replayed.kept.url()}", trust_env=False, timeout=30).text
    moments = [line.partition('datetime="')[2].partition('"')[0] for line in listed.splitlines() if "datetime=" in line]
    assert moments == [f"{FIRST_DAY + timedelta(days=day):%a, %d %b %Y %H:%M:%S GMT}" for day in (0, 1)]
