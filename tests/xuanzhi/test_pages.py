"""`clean` on HTML pages, MHTML files and WARC files."""

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from specimens import deleted_page, page, snapshot
from warcio.archiveiterator import ArchiveIterator

pytestmark = pytest.mark.slow

CLEAN = """---
title: 第1封信
url: https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid=1&idx=1&sn=00000000000000000000000000000001
source: 纸上谈书
date: 2026-01-02T08:00:00+08:00
kind: article
author: 王小纸
account: 纸上谈书
original: true
---

# 第1封信

纸寿千年，绢保八百。
"""

FETCHED = CLEAN.replace("kind:", "fetch_date: 2026-02-03T04:05:06Z\nkind:")


def warc(path: str, *answers: tuple[str, str, str, bytes]) -> None:
    """Write a WARC file of answers: address, status line, type, body."""
    with Path(path).open("wb") as file:
        file.write(member(path, "warcinfo", "", "application/warc-fields", b"software: test\r\n"))
        for url, status, kind, body in answers:
            head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            file.write(member(path, "response", url, "application/http; msgtype=response", head.encode() + body))


def member(path: str, kind: str, url: str, media_type: str, block: bytes) -> bytes:
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\n{target}WARC-Date: 2026-02-03T04:05:06Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, kind + url)}>\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    record = head.encode() + block + b"\r\n\r\n"
    return gzip.compress(record, mtime=0) if path.endswith(".gz") else record


def address(number: int) -> str:
    return f"https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid={number}&idx=1&sn={number:032x}"


def records(folder: str) -> dict[tuple[str, str], bytes]:
    """Blocks of all records of a collection's folder by kind and media type."""
    found = {}
    for path in Path("collection", folder).glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                kind = record.rec_headers.get_header("Content-Type")
                found[record.rec_type, kind] = record.content_stream().read()
    return found


def test_a_page_becomes_an_article_and_is_kept_byte_for_byte(run: Callable) -> None:
    Path("a.html").write_text(page())
    result = run("clean", "a.html")
    markdown = Path("collection/markdown/纸上谈书/2026-01-02-第1封信.md")
    assert result.code == 0
    assert markdown.read_text() == CLEAN
    assert result.out.splitlines() == ["a.html  article  7 pieces removed or rewritten", f"  → {markdown}"]
    assert records("warc")["resource", "text/html"] == page().encode()
    assert "already in the collection" in run("clean", "a.html").out


def test_its_ledger_names_every_node(run: Callable) -> None:
    Path("a.html").write_text(page())
    run("clean", "a.html")
    head, *nodes = [
        json.loads(line) for line in records("derived")["metadata", "application/x-ndjson"].decode().splitlines()
    ]
    assert (head["state"], head["encoding"]) == ("live", "utf-8")
    assert [(node["path"], node["kind"], node["line"], node["rule"], node["text"]) for node in nodes] == [
        ('//*[@id="activity-name"]', "text", 7, "wechat.page.title", "第1封信"),
        ('//*[@id="meta_content"]', "text", 8, "wechat.page.byline", "原创 王小纸 纸上谈书"),
        ('//*[@id="js_toobar3"]', "text", 12, "wechat.page.tools", "阅读原文"),
        ('//*[@id="js_pc_qr_code"]', "text", 13, "wechat.page.qr-code", "微信扫一扫 关注该公众号"),
        (
            '//*[@id="js_pc_qr_code"]/img[1]', "image", 13, "wechat.page.qr-code",
            "//mp.weixin.qq.com/mp/qrcode?scene=1",
        ),
        ('//*[@id="js_alert_panel"]', "text", 14, "wechat.page.dialogue", "知道了"),
        ('//*[@id="js_a11y_comma"]', "text", 15, "wechat.page.screen-reader", "，"),
    ]  # fmt: skip


def test_a_page_and_a_snapshot_of_one_article_meet(run: Callable) -> None:
    Path("a.txt").write_text(snapshot())
    Path("a.html").write_text(page())
    assert run("clean", "a.txt").code == 0
    assert run("clean", "a.html").code == 0
    assert [path.name for path in Path("collection/markdown").rglob("*.md")] == ["2026-01-02-第1封信.md"]


def test_explained_node_by_node(run: Callable) -> None:
    Path("a.html").write_text(page(body="<p>纸寿千年。</p><p style='display:none'>转载必究</p>"))
    assert (
        run("clean", "--explain", "a.html").out
        == """a.html
  state: article
  line 7  not in the Markdown  第1封信
      //*[@id="activity-name"]
      by rule wechat.page.title (stage page-frame)
      The title above the text: it is the first heading of the Markdown, and in the front matter.
  line 8  not in the Markdown  原创 王小纸 纸上谈书
      //*[@id="meta_content"]
      by rule wechat.page.byline (stage page-frame)
      Account, author, date, place and marks around the title: facts in the front matter.
  line 10  not in the Markdown  转载必究
      //*[@id="js_content"]/p[2]
      by rule html.hidden (stage render)
      The page hides this (`display: none` or the `hidden` attribute).
  line 12  not in the Markdown  阅读原文
      //*[@id="js_toobar3"]
      by rule wechat.page.tools (stage page-chrome)
      The bar below the text: reads, likes, shares, the link to the original, the note that it was edited. \
The last two are facts in the front matter.
  line 13  not in the Markdown  微信扫一扫 关注该公众号
      //*[@id="js_pc_qr_code"]
  line 13  image not in the Markdown  //mp.weixin.qq.com/mp/qrcode?scene=1
      //*[@id="js_pc_qr_code"]/img[1]
      by rule wechat.page.qr-code (stage page-chrome)
      A QR code of the platform, to go on in the application.
  line 14  not in the Markdown  知道了
      //*[@id="js_alert_panel"]
      by rule wechat.page.dialogue (stage page-chrome)
      A dialogue or a short message that waits out of sight for a click.
  line 15  not in the Markdown  ，
      //*[@id="js_a11y_comma"]
      by rule wechat.page.screen-reader (stage page-chrome)
      Words that the page keeps for screen readers, out of sight at its end.
"""
    )
    assert run("clean", "--explain", "a.html:14").out.splitlines()[1:3] == [
        "  line 14  not in the Markdown  知道了",
        '      //*[@id="js_alert_panel"]',
    ]
    (event,) = run("clean", "--explain", "--json", "a.html:14").events
    assert event["entries"] == [
        {
            "path": '//*[@id="js_alert_panel"]', "kind": "text", "stage": "page-chrome", "rule": "wechat.page.dialogue",
            "line": 14, "text": "知道了", "note": "",
            "reason": "A dialogue or a short message that waits out of sight for a click.",
        }
    ]  # fmt: skip


def test_the_difference_names_what_went(run: Callable) -> None:
    Path("a.html").write_text(page())
    result = run("clean", "--diff", "--exit-code", "a.html")
    assert result.code == 1
    assert (
        result.out
        == """── a.html ──
 7 - 第1封信  ‹wechat.page.title›
 8 - 原创 王小纸 纸上谈书  ‹wechat.page.byline›
12 - 阅读原文  ‹wechat.page.tools›
13 - 微信扫一扫 关注该公众号  ‹wechat.page.qr-code›
13 - ![](//mp.weixin.qq.com/mp/qrcode?scene=1)
14 - 知道了  ‹wechat.page.dialogue›
15 - ，  ‹wechat.page.screen-reader›
"""
    )


def test_a_page_in_other_bytes(run: Callable) -> None:
    text = page().replace('charset="utf-8"', 'charset="gb2312"')
    Path("a.html").write_bytes(text.encode("gb18030"))
    Path("b.txt").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))  # a page by its first bytes, whatever its name
    assert run("clean", "-o", "out", "a.html", "b.txt").code == 0
    assert Path("out/a.md").read_text() == Path("out/b.md").read_text() == CLEAN


def test_a_page_that_a_browser_saved(run: Callable) -> None:
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid=1"
        "&idx=1&sn=00000000000000000000000000000001\r\nDate: Tue, 3 Feb 2026 04:05:06 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="b"\r\n\r\n'
    )
    part = "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    Path("a.mhtml").write_bytes((head + part + page() + "\r\n--b--\r\n").encode())
    assert run("clean", "a.mhtml").code == 0
    assert next(Path("collection/markdown").rglob("*.md")).read_text() == FETCHED
    assert ("resource", "multipart/related") in records("warc")


def test_what_is_no_article_keeps_its_notice(run: Callable) -> None:
    Path("a.html").write_text(deleted_page())
    (event,) = run("clean", "--json", "-o", "out", "a.html").events
    assert (event["state"], event["output"], event["notice"]) == ("deleted", None, "该内容已被发布者删除")
    assert event["rules"] == {"wechat.page.deleted": 1}
    assert not list(Path("out").iterdir())


@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.warc"])
def test_every_page_of_a_warc_file(run: Callable, name: str) -> None:
    html = "text/html; charset=UTF-8"
    warc(
        name,
        (address(1), "200 OK", html, page(1).encode()),
        ("https://mmbiz.qpic.cn/a", "200 OK", "image/png", b"\x89PNG"),
        (address(3), "302 Found", html, b"moved"),
        (address(2), "200 OK", "text/html; charset=gb2312", page(2).encode("gb18030")),
    )
    result = run("clean", "--json", "-o", "out", name)
    assert result.code == 0
    assert [event["file"] for event in result.events] == [f"{name}#1", f"{name}#2"]
    assert Path("out/crawl-1.md").read_text() == FETCHED
    assert "\n# 第2封信\n" in Path("out/crawl-2.md").read_text()
    assert run("clean", "--stdout", f"{name}#1").out == FETCHED
    assert run("clean", "--explain", f"{name}#2:14").out.splitlines()[1] == "  line 14  not in the Markdown  知道了"
    kept = run("clean", name)
    assert kept.code == 0
    assert len(list(Path("collection/markdown").rglob("*.md"))) == 2


def test_a_warc_file_of_one_page_gives_its_name(run: Callable) -> None:
    warc("crawl.warc.gz", (address(1), "200 OK", "text/html", page(1).encode()))
    assert run("clean", "-o", "out", "crawl.warc.gz").out.splitlines()[1] == "  → out/crawl.md"


def test_a_damaged_warc_file_gives_what_is_whole(run: Callable) -> None:
    answers = [(address(n), "200 OK", "text/html", page(n).encode()) for n in (1, 2)]
    warc("crawl.warc.gz", *answers)
    data = Path("crawl.warc.gz").read_bytes()
    broken = data.rindex(b"\x1f\x8b\x08")
    Path("crawl.warc.gz").write_bytes(data[:broken] + b"\x1f\x8b\x08\0\0\0\0\0\0\0garbage")
    result = run("clean", "--json", "-o", "out", "crawl.warc.gz")
    assert result.code == 3
    assert [event["event"] for event in result.events] == ["cleaned", "error"]
    assert result.events[1]["code"] == "damaged-warc"
    assert result.events[1]["message"].startswith("the file is damaged; its first page was read")
    assert Path("out/crawl.md").read_text() == FETCHED


@pytest.mark.parametrize(
    ("name", "data", "code", "message"),
    [
        ("a.html", b"%PDF-1.7\n%\xe2\xe3", "not-text", "this is a PDF, not an HTML page"),
        ("a.html", b"\x89PNG\r\n\x1a\n\0", "not-text", "this is a PNG picture, not an HTML page"),
        ("a.html", b" \n", "empty", "the file is empty"),
        ("a.mhtml", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nx", "bad-source", "no boundary"),
        ("a.warc.gz", b"nothing of the kind", "not-a-warc", "no WARC record can be read from this file"),
        ("a.warc", b"", "empty-file", "the file is empty"),
        ("a.bin", b"WARC/1.1\r\n", "warc-by-name", "this contains WARC records"),
        ("a.bin", gzip.compress(b"WARC/1.1\r\n", mtime=0), "warc-by-name", "this contains WARC records"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_told_and_stops_nothing(
    run: Callable, name: str, data: bytes, code: str, message: str
) -> None:
    Path(name).write_bytes(data)
    Path("good.html").write_text(page())
    result = run("clean", "--json", "-o", "out", name, "good.html")
    assert result.code == 3
    assert [event["event"] for event in result.events] == ["error", "cleaned"]
    assert result.events[0]["code"] == code
    assert message in result.events[0]["message"]
    assert result.events[0]["hint"]


def test_there_is_no_hundredth_page(run: Callable) -> None:
    warc("crawl.warc", (address(1), "200 OK", "text/html", page(1).encode()))
    result = run("clean", "--stdout", "crawl.warc#100")
    assert result.code == 4
    assert "clean: crawl.warc#100: error: it contains 1 page" in result.err


def test_pages_in_worker_processes(run: Callable) -> None:
    answers = [(address(n), "200 OK", "text/html", page(n).encode()) for n in range(1, 41)]
    warc("crawl.warc.gz", *answers)
    result = run("clean", "-q", "--jobs", "2", "-o", "out", "crawl.warc.gz", "crawl.warc.gz#99")
    assert result.code == 3
    assert len(list(Path("out").iterdir())) == 40


def test_a_page_on_standard_input(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page().encode())))
    assert run("clean", "--stdout", "-").out == CLEAN


def test_a_low_confidence_is_a_warning_and_no_failure(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    url = '<link rel="canonical" href="https://paper.example/papers">'
    body = "<h1>Papers</h1><p>We count our papers until spring.</p>"
    Path("papers.html").write_text(f"<html><head><title>Papers</title>{url}</head><body>{body}</body></html>", "utf-8")
    told = run("clean", "-o", "out", "papers.html")
    (event,) = run("clean", "-o", "out", "--json", "papers.html").events
    assert told.code == 0
    assert f"uncertain which part of this page is its content (confidence {event['confidence']:.2f})" in told.err
    assert Path("out/papers.md").exists()
    (warning,) = event["warnings"]
    assert warning["code"] == "low-confidence"
    assert warning["hint"] in " ".join(told.err.split())
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh_CN")
    told = run("clean", "-o", "out", "papers.html")
    assert told.code == 0
    assert "这个网页里哪些是正文，把握不大" in told.err
    assert "uncertain" not in told.err
