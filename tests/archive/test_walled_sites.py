"""Sites that wall, move, fail and come back for a year: what is current is always a text of the article.

XUANZHI_SITES=200 lets it be as many sites; XUANZHI_VISITS=52 as many visits to each.
"""

import os
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest
from visitor import exchange, html, page, visit

from archive.catalogue.history import changes
from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.ingest.prepared import Visit
from archive.maintenance.rebuild import reindex
from clean.document import Cleaned, State
from clean.page import clean_page

pytestmark = pytest.mark.slow

SITES = int(os.environ.get("XUANZHI_SITES", "12"))
VISITS = int(os.environ.get("XUANZHI_VISITS", "16"))

WALLS = [
    (f"<title>{each['title']}</title>{each.get('head', '')}", each["body"])
    for each in tomllib.loads((Path(__file__).parents[1] / "clean" / "walls.toml").read_text("utf-8"))["page"]
    if each["group"] != "article" and not each.get("text")
]

TITLES = ("竹纸", "皮纸", "藤纸", "麻纸", "稻草浆", "纸药", "帘床", "火墙", "水碓", "纸槽")


def sentence(random: Random) -> str:
    """Return three clauses that nobody else writes."""
    clauses = ("".join(chr(random.randrange(0x4E00, 0x6E00)) for _ in range(random.randrange(5, 12))) for _ in range(3))
    return "，".join(clauses) + "。"


@cache
def cleaned(url: str, source: bytes) -> Cleaned:
    """Clean a page as a visit would; a wall that cleaning tells is a fact, whatever text stands on it."""
    return clean_page(source, url=url)


class Site:
    """A site with one article that is edited now and then, behind whatever stands before it."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.url = f"https://site{number}.example/2026/{number}.html"
        self.title = f"{self.random.choice(TITLES)}的第{number}种做法"
        self.paragraphs = ["".join(sentence(self.random) for _ in range(4)) for _ in range(12)]
        self.texts: list[str] = []

    def edit(self) -> None:
        """Write up to 95 hundredths of the paragraphs anew."""
        share = self.random.choice((0.01, 0.1, 0.3, 0.6, 0.95))
        for place in range(len(self.paragraphs)):
            if self.random.random() < share:
                self.paragraphs[place] = "".join(sentence(self.random) for _ in range(4))

    def article(self) -> bytes:
        body = "".join(f"<p>{each}</p>" for each in self.paragraphs)
        head = f"<title>{self.title}</title>"
        return self._page(head, f"<article><h1>{self.title}</h1>{body}</article>")

    def front(self) -> bytes:
        links = "".join(f'<li><a href="/n{n}">{sentence(self.random)}</a></li>' for n in range(30))
        return self._page("<title>首页</title>", f"<ul>{links}</ul>")

    @staticmethod
    def _page(head: str, body: str) -> bytes:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()

    def visit(self, hours: float) -> tuple[Visit, bool]:
        """Return the next visit, and whether it shows the article."""
        kind = self.random.choices(("article", "wall", "front", "error"), (6, 3, 1, 1))[0] if hours else "article"
        if kind == "error":
            answer = html("busy", status="503 Service Unavailable")
            return Visit(self.url, page(self.url, exchange(self.url, answer))), False
        if kind == "article" and self.random.random() < 0.3:
            self.edit()
        source = {
            "article": self.article,
            "front": self.front,
            "wall": lambda: self._page(*self.random.choice(WALLS)),
        }[kind]()
        return visit(hours=hours, url=self.url, text=source.decode(), cleaned=cleaned(self.url, source)), (
            kind == "article"
        )


def test_what_is_current_is_always_a_text_of_the_article(
    tmp_path: Path, opened: Callable[..., Collection], whole: Callable[..., object]
) -> None:
    sites = [Site(number) for number in range(SITES)]
    late = held = 0
    with opened(tmp_path) as collection:
        for turn in range(VISITS):
            for site in sites:
                made, is_article = site.visit(turn * 24 * 7)
                (result,) = collection.keep([made])
                if is_article:
                    assert made.cleaned is not None
                    assert made.cleaned.markdown is not None
                    site.texts.append(made.cleaned.markdown)
                    held += not result.current
                    late += len(site.texts) > 1 and site.texts[-1] == site.texts[-2] and not result.current
                row = catalogue_of(collection).one(
                    "SELECT version.record FROM article JOIN version ON version.id = current_version"
                    " WHERE article.id = (SELECT article FROM alias WHERE key = ?)",
                    result.key,
                )
                assert collection.record_at(row[0]).block.decode() in site.texts
        doubtful = catalogue_of(collection).rows("SELECT notice FROM capture WHERE state = 'doubtful'")
        assert all(each["notice"] for each in doubtful)
        shown = [change for change in changes(catalogue_of(collection)) if change.doubts]
        assert bool(shown) == bool(doubtful)
    assert late == 0  # whatever is seen twice in a row is current
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


def test_walls_that_cleaning_does_not_tell_are_held_back_all_the_same(
    tmp_path: Path, opened: Callable[..., Collection]
) -> None:
    site = Site(0)
    source = site.article()
    with opened(tmp_path) as collection:
        collection.keep([visit(url=site.url, text=source.decode(), cleaned=cleaned(site.url, source))])
        for number, wall in enumerate(WALLS):
            text = Site._page(*wall)
            made = cleaned(site.url, text)
            if made.state is not State.LIVE:  # as if no rule knew it
                body = f"---\ntitle: {number}\n---\n{made.notice or 'Loading'}\n"
                made = made._replace(state=State.LIVE, markdown=body, facts={"title": wall[0][7:40]}, notice="")
            for hours in (2 * number + 1, 2 * number + 2):
                (result,) = collection.keep([visit(hours=hours, url=site.url, text=text.decode(), cleaned=made)])
                assert not result.current, wall
