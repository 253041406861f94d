"""Inputs that are no page: what `clean`, `archive import` and `capture` say of them, and what they keep."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, article, page, response
from scripted import Answer
from small_site import site

from xuanzhi.output.labels import FORMATS

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><item><title>皮纸</title></item></channel></rss>'
INDEX = 'example,paper)/ 20260304050607 {"url": "https://paper.example/", "filename": "a.warc.gz"}\n'
ROBOTS = "User-agent: *\nDisallow: /admin/\n"
HAR = json.dumps({"log": {"version": "1.2", "entries": []}})
ICON = b"\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00"


@pytest.mark.parametrize("name", ["a.html", "a.xml", "a.txt", "a.md", "a"])
@pytest.mark.parametrize(
    ("data", "word", "advice"),
    [
        (FEED, "an RSS feed", "capture"),
        (INDEX, "a CDXJ index", "WARC files"),
        (HAR, "a HAR file of a browser", "WACZ"),
        (ROBOTS, "a robots.txt", "capture"),
    ],
)
def test_the_name_does_not_matter(run: Run, name: str, data: str, word: str, advice: str) -> None:
    Path(name).write_text(data)
    Path("good.html").write_bytes(article())
    done = run("clean", "--json", "-o", "out", name, "good.html")
    assert (done.code, [each["event"] for each in done.events]) == (3, ["error", "cleaned"])
    assert (done.events[0]["code"], done.events[0]["message"]) == ("unsupported", f"this is {word}, not a page")
    assert advice in done.events[0]["hint"]
    told = run("archive", "import", name)
    assert told.code == 4
    assert f"{name}: error: this is {word}, not a page" in told.err


def test_in_the_readers_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh_CN")
    Path("a.txt").write_text(FEED)
    told = run("clean", "-o", "out", "a.txt").err
    assert "RSS" in told
    assert "an RSS" not in told


def test_formats_have_labels() -> None:
    from clean.formats.model import FORMATS as TOLD

    assert {name: each.what for name, each in TOLD.items()} == FORMATS


def test_in_a_web_archive_they_are_kept_and_no_articles(run: Run) -> None:
    bodies = [FEED.encode(), ROBOTS.encode(), ICON, b'{"ret": 0}', b"%PDF-1.7\n"]
    records = [response(number, answer(body, kind="text/html")) for number, body in enumerate(bodies, 1)]
    Path("a.warc").write_bytes(b"".join([*records, page(9)]))
    done = run("archive", "import", "--json", "a.warc")
    assert done.code == 0
    pages = {each["url"]: (each["state"], each["notice"]) for each in done.events if each["event"] == "page"}
    assert pages == {
        "http://paper.example/1": ("not-article", "this is an RSS feed, not a page"),
        "http://paper.example/2": ("not-article", "this is a robots.txt, not a page"),
        "http://paper.example/3": ("not-article", "this is an icon, not an HTML page"),
        "http://paper.example/4": ("not-article", "this is JSON data, not a page"),
        "http://paper.example/5": ("not-article", "this is a PDF, not an HTML page"),
        "http://paper.example/9": ("live", None),
    }
    assert run("archive", "verify").code == 0
    told = run("archive", "import", "-c", "other", "a.warc").out
    assert "  http://paper.example/1  not an article  this is an RSS feed, not a page\n" in told
    assert run("archive", "reclean").code == 0
    assert len(list(Path("collection/markdown").rglob("*.md"))) == 1
    assert [each["event"] for each in run("clean", "--json", "-o", "out", "a.warc").events].count("error") == 5


def test_in_a_capture_they_are_kept_and_no_articles(capture: Run, serve: Callable[..., Any], run: Run) -> None:
    def ok(body: bytes) -> Answer:
        return Answer(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    server = serve(site(feed=ok(FEED.encode()), icon=ok(ICON)))
    done = capture("--json", f"{server.url}/feed", f"{server.url}/icon")
    assert done.code == 0
    assert sorted((each["state"], each["notice"], each["problem"]) for each in done.events) == [
        ("not-article", "this is an RSS feed, not a page", None),
        ("not-article", "this is an icon, not an HTML page", None),
    ]
    assert run("archive", "verify").code == 0
