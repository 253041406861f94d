"""Visits as their reader meets them: what becomes a version, what stays a fact, which names are one article."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.errors import NotWritable
from archive.ingest.prepared import Visit
from archive.ingest.visit import prepare_visit
from capture.errors import ConnectionFailed, HostBlocks, NotAWebAddress, RedirectLoop, RobotsForbidden
from capture.page import Robots

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]

URL = "https://a.example/1"
LONG = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc&chksm=9"
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGh"


def unchanged(etag: str, *, hours: float = 2, url: str = URL) -> Visit:
    """Return the visit that a 304 answered."""
    answer = b"HTTP/1.1 304 Not Modified\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n\r\n"
    return visit(1, hours=hours, url=url, answer=answer, fields=(f"If-None-Match: {etag}",), cleaned=None)


def types(records: list[Any]) -> list[str]:
    return [each.type for each in records]


def test_a_visit_becomes_records_a_markdown_file_and_rows(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        (added,) = collection.keep([visit(1)])
        assert collection.lookups.article(URL + "#part") == "url://a.example/1"
        assert collection.lookups.article("https://a.example/2") is None
    assert tuple(added)[:6] == (
        URL,
        "added",
        "live",
        "url://a.example/1",
        "markdown/技术团队/2024-12-31-题目1.md",
        True,
    )
    kept = whole(tmp_path)
    assert types(kept["warc"]) == ["warcinfo", *["response", "request", "metadata"] * 2, "metadata"]
    assert types(kept["derived"]) == ["warcinfo", "metadata", "conversion", "metadata"]
    assert list(kept["texts"].values()) == ["<p>第1篇\n".encode()]
    (capture,) = kept["tables"]["capture"]
    assert (capture["kind"], capture["fetched_at"]) == ("visit", "2026-11-22T08:00:00.250000Z")
    (event,) = kept["tables"]["event"]
    assert (event["type"], event["outcome"]) == ("capture", "live; current version moved")


def test_an_equal_payload_is_a_revisit_that_shares_the_version(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
        (again,) = collection.keep([visit(1, hours=1)])
        (uncleaned,) = collection.keep([visit(1, hours=2, cleaned=None)])
    assert (again.status, again.state, again.current) == ("unchanged", "live", True)
    assert (uncleaned.status, uncleaned.state, uncleaned.current) == ("unchanged", "live", True)
    kept = whole(tmp_path)
    assert types(kept["warc"]).count("response") == 2
    assert types(kept["warc"]).count("revisit") == 4
    first, revisit = [each for each in kept["warc"] if each.get("WARC-Target-URI") == URL][0::2][:2]
    assert revisit.block == first.block.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert revisit.get("WARC-Payload-Digest") == first.get("WARC-Payload-Digest")
    assert revisit.refers_to == first.record_id
    assert len(kept["tables"]["version"]) == 1
    assert {each["version"] for each in kept["tables"]["capture"]} == {kept["tables"]["version"][0]["clean_sha256"]}


def test_the_same_picture_under_another_address_is_kept_once(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1), visit(2)])  # in one batch: the second finds the first
    kept = whole(tmp_path)
    revisits = [each for each in kept["warc"] if each.type == "revisit"]
    assert [each.get("WARC-Target-URI") for each in revisits] == ["https://a.example/logo.png"]


def test_a_304_shares_the_version_that_it_means(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
        known = collection.lookups.validators(URL)
        assert known
        assert known.url == URL
        (added,) = collection.keep([unchanged(known.etag)])
        assert collection.lookups.validators(URL) == known
    assert (added.status, added.state, added.current) == ("not-modified", "live", True)
    kept = whole(tmp_path)
    response = kept["warc"][1]
    (revisit,) = [each for each in kept["warc"] if each.get("WARC-Profile").endswith("server-not-modified")]
    assert revisit.block == b""
    assert revisit.refers_to == response.record_id
    assert revisit.get("WARC-Refers-To-Date") == response.get("WARC-Date")
    (verbatim,) = [each for each in kept["warc"] if each.get("WARC-Target-URI").startswith("urn:answer:")]
    assert verbatim.block.startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert verbatim.get("WARC-Concurrent-To") == f"<{revisit.record_id}>"
    assert [each["title"] for each in kept["tables"]["capture"]] == ["题目1"] * 2


@pytest.mark.parametrize("etag", ['"other"', ""])
def test_a_304_that_means_nothing_we_have_is_a_response(
    tmp_path: Path, opened: Opened, whole: Whole, etag: str
) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
        (added,) = collection.keep([unchanged(etag)])
    assert (added.status, added.state, added.current) == ("added", "unavailable", False)
    kept = whole(tmp_path)
    assert [each.type for each in kept["warc"] if b"HTTP/1.1 304" in each.block] == ["response"]
    assert len(kept["texts"]) == 1


def test_validators_are_those_of_the_last_live_visit(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        assert collection.lookups.validators(URL) is None
        collection.keep([visit(1, text="旧"), visit(1, text="新", hours=1)])
        gone = visit(1, hours=2, answer=html("没有", 'ETag: "gone"', status="404 Not Found"))
        collection.keep([gone])
        known = collection.lookups.validators("http://a.example/1?utm_source=x")
        assert known
        assert known.etag != '"gone"'
        collection.keep([visit(1, hours=3, answer=html("无标记"))])
        assert collection.lookups.validators(URL) is None


@pytest.mark.parametrize(
    ("given", "state", "notice"),
    [
        ({"wall": "captcha-script"}, "verification", "captcha-script"),
        ({"cleaned": cleaned(None, state="deleted", notice="该内容已被发布者删除")}, "deleted", "该内容已被发布者删除"),
        ({"cleaned": cleaned(None, state="violation", notice="违规")}, "violation", "违规"),
        ({"cleaned": cleaned(None, state="account-blocked", notice="帐号已被屏蔽")}, "account-blocked", "帐号已被屏蔽"),
        ({"cleaned": cleaned(None, state="empty")}, "empty", ""),
        ({"answer": html("没有", status="404 Not Found")}, "unavailable", "404 Not Found"),
        ({"answer": html("错误", status="503 Busy")}, "unavailable", "503 Busy"),
        (
            {"answer": html("短")[:-1]},
            "unavailable",
            "the answer is cut: the connection ended inside of the body (length)",
        ),
        ({"answer": html("图", kind="image/png"), "cleaned": None}, "not-article", "image/png"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_live_article_is_a_fact_and_moves_nothing(
    tmp_path: Path, opened: Opened, whole: Whole, given: dict[str, Any], state: str, notice: str
) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
        before = (tmp_path / "markdown/技术团队/2024-12-31-题目1.md").read_bytes()
        (added,) = collection.keep([visit(1, hours=1, **given)])
        (again,) = collection.keep([visit(1, hours=2, **given)])
        seen = collection.lookups.states(URL)
    assert (added.status, added.state, added.current) == ("added", state, False)
    assert again.status == "unchanged"  # the same fact again
    assert added.markdown == "markdown/技术团队/2024-12-31-题目1.md"
    assert (tmp_path / added.markdown).read_bytes() == before
    assert [(each.state, each.notice, each.times) for each in seen] == [("live", "", 1), (state, notice, 2)]
    assert (seen[1].first, seen[1].last) == ("2026-11-22T09:00:00.250000Z", "2026-11-22T10:00:00.250000Z")
    assert len(whole(tmp_path)["tables"]["version"]) == 1


def test_an_error_that_ended_a_visit_is_kept_with_what_came(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    hop = exchange(URL, b"HTTP/1.1 302 Found\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n")
    with opened(tmp_path) as collection:
        added = collection.keep(
            [
                Visit(URL, page(URL, hop), error=RedirectLoop("it redirects in a circle")),
                Visit("https://b.example/", page("https://b.example/"), error=ConnectionFailed("refused")),
            ]
        )
    assert [(each.status, each.state) for each in added] == [("added", "unavailable")] * 2
    kept = whole(tmp_path)
    assert types(kept["warc"]) == ["warcinfo", "response", "request", "metadata", "metadata", "metadata"]
    assert [each["notice"] for each in kept["tables"]["capture"]] == [
        "redirect-loop: it redirects in a circle",
        "connection-failed: refused",
    ]


def test_what_was_not_visited_is_no_capture(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        run = collection.begin_run([URL, "无"])
        added = collection.keep(
            [
                Visit(URL, page(URL), error=HostBlocks("left alone until noon"), run=run, item=0),
                Visit("无", None, error=NotAWebAddress("'无' is not a web address"), run=run, item=1),
            ]
        )
        assert [each.outcome for each in collection.lookups.items(run)] == ["host-blocks", "not-a-web-address"]
    assert [each.status for each in added] == ["not-visited"] * 2
    kept = whole(tmp_path)
    assert kept["tables"]["article"] == kept["tables"]["capture"] == []


def test_short_and_long_link_are_one_article(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])  # a snapshot of the long link
        same = visit(1, url=SHORT, hours=1, cleaned=cleaned("新\n", url=LONG))
        (added,) = collection.keep([same])
        (by_alias,) = collection.keep([visit(1, url=SHORT, hours=2, cleaned=cleaned(None, state="deleted"))])
        assert collection.lookups.article(SHORT) == collection.lookups.article(LONG) == "wechat:MzI=/1/1/abc"
    assert added.key == by_alias.key == "wechat:MzI=/1/1/abc"
    kept = whole(tmp_path)
    assert len(kept["tables"]["article"]) == 1
    assert list(kept["texts"].values()) == ["新\n".encode()]


@pytest.mark.parametrize("newest", ["short", "long"])
def test_articles_that_prove_to_be_one_become_one(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, newest: str
) -> None:
    dates = (
        {"short": "2026-01-01", "long": "2026-02-02"}
        if newest == "long"
        else {"short": "2026-02-02", "long": "2026-01-01"}
    )
    with opened(tmp_path) as collection:
        collection.add([make(1, url=SHORT, title="短", fetch_date=dates["short"], clean="短\n")])
        collection.add([make(1, title="长", fetch_date=dates["long"], clean="长\n")])
        assert len(list((tmp_path / "markdown").rglob("*.md"))) == 2
        wall = Visit(SHORT, page(SHORT, exchange(SHORT, html("验证")), wall="captcha-script"), aliases=(LONG,))
        (added,) = collection.keep([wall])
        rows = catalogue_of(collection).execute("SELECT type, outcome FROM event ORDER BY id").fetchall()
    assert (added.state, added.key) == ("verification", "wechat:s/AbCdEfGh")
    assert ("metadata modification", "joined wechat:MzI=/1/1/abc") in rows
    kept = whole(tmp_path)
    assert len(kept["tables"]["article"]) == 1
    assert len(kept["tables"]["version"]) == 2
    assert [each.name for each in (tmp_path / "markdown").rglob("*.md")] == ["2024-12-31-短.md"]
    assert list(kept["texts"].values()) == [{"short": "短\n", "long": "长\n"}[newest].encode()]


def test_a_file_that_a_person_changed_outlives_the_joining(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1, url=SHORT, title="短")])
        (long,) = collection.add([make(1, title="长")])
        assert long.markdown
        (tmp_path / long.markdown).write_text("我的笔记")
        collection.keep([visit(1, url=SHORT, cleaned=cleaned("新\n", url=LONG))])
    assert (tmp_path / long.markdown).read_text() == "我的笔记"


def test_a_redirect_makes_no_one_article_of_two_sites(tmp_path: Path, opened: Opened) -> None:
    # Gone articles lead to the front page, and pages for members to the log-in.
    front = "https://a.example/"
    with opened(tmp_path) as collection:
        for number in (1, 2):
            url = f"https://a.example/{number}"
            to = exchange(url, b"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
            collection.keep([Visit(url, page(url, to, exchange(front, html("首页"))), cleaned("首页\n", url=front))])
        assert catalogue_of(collection).one("SELECT count(*) FROM article")[0] == 2


def test_a_migrated_article_is_linked_with_where_it_went(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    there = "https://mp.weixin.qq.com/s?__biz=Mzk=&mid=7&idx=1&sn=xyz"
    moved = visit(1, url=LONG, cleaned=cleaned(None, state="migrated", notice="该公众号已迁移"))._replace(target=there)
    with opened(tmp_path) as collection:
        (added,) = collection.keep([moved])
        assert added.state == "migrated"
        (link,) = collection.lookups.migrations(LONG)
        assert link == ("wechat:MzI=/1/1/abc", there, None)
        collection.keep([visit(2, url=there)])
        assert collection.lookups.migrations(there) == collection.lookups.migrations(LONG)
        assert collection.lookups.migrations(there)[0].target_article == "wechat:Mzk=/7/1/xyz"
    whole(tmp_path)


def test_a_whole_visit_can_be_put_together_again(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    answer = exchange("https://a.example/new", html("正文"))
    hop = exchange(URL, b"HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n")
    busy = exchange(URL, html("", status="503 Busy"))
    image = exchange("https://a.example/i", b"HTTP/1.1 302 Found\r\nLocation: /i.png\r\nContent-Length: 0\r\n\r\n")
    target = exchange("https://a.example/i.png", html("PNG", kind="image/png"))
    robots = exchange("https://a.example/robots.txt", html("User-agent: *", kind="text/plain"))
    broken = exchange("https://a.example/x", b"SSH-2.0-OpenSSH\r\n", outcome="not-http", truncated="unspecified")
    made = page(
        URL, hop, answer, attempts=(busy, broken), requisites=(image, target), robots_exchanges=(robots,),
        robots=Robots("allowed", robots.url, "no rule forbids it"), insecure=True,
        failures=(("https://a.example/gone.png", "timed-out", "nothing came"),),
    )  # fmt: skip
    with opened(tmp_path) as collection:
        collection.keep([Visit(URL, made, cleaned("正文\n"))])
    kept = whole(tmp_path)
    by_id = {each.record_id: each for each in kept["warc"]}
    (said,) = [json.loads(each.block) for each in kept["warc"] if each.get("WARC-Target-URI").startswith("urn:visit:")]
    told = {
        json.loads(each.block)["url"]: json.loads(each.block)
        for each in kept["warc"]
        if each.get("WARC-Target-URI").startswith("urn:exchange:")
    }
    roles = [
        (each["role"], each["url"], by_id[each["via"]].get("WARC-Target-URI") if each["via"] else None)
        for each in said["exchanges"]
    ]
    assert sorted(roles, key=str) == sorted(
        [
            ("robots", robots.url, None),
            ("attempt", URL, None),
            ("attempt", broken.url, None),
            ("redirect", URL, None),
            ("page", answer.url, URL),
            ("requisite", image.url, answer.url),
            ("requisite", target.url, image.url),
        ],
        key=str,
    )
    assert said["insecure"] is True
    assert said["failures"] == [{"url": "https://a.example/gone.png", "code": "timed-out", "message": "nothing came"}]
    assert told[target.url]["role"] == "requisite"
    assert by_id[said["answer"]].type == "response"
    # What is no HTTP is no response, on which readers would stumble.
    (raw,) = [each for each in kept["warc"] if each.block == b"SSH-2.0-OpenSSH\r\n"]
    assert (raw.type, raw.get("Content-Type"), raw.get("WARC-Truncated")) == (
        "metadata", "application/octet-stream", "unspecified",
    )  # fmt: skip


def test_an_interrupted_run_goes_on(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    urls = [f"https://a.example/{number}" for number in range(3)]
    with opened(tmp_path) as collection:
        run = collection.begin_run(urls)
        collection.keep([visit(0)._replace(run=run, item=0)])
        collection.keep([visit(1, wall="too-fast")._replace(run=run, item=1)])
    with opened(tmp_path) as collection:
        assert collection.begin_run(urls) == run
        assert [each.outcome for each in collection.lookups.items(run)] == ["live", "verification", ""]
        collection.keep([visit(2)._replace(run=run, item=2)])
        assert collection.begin_run(urls) != run  # that one is done
    kept = whole(tmp_path)
    assert len(kept["tables"]["run"]) == 2
    assert [each["outcome"] for each in kept["tables"]["item"]].count("live") == 2


def test_what_cleaning_gives_anew_of_a_revisit_refers_to_the_payload(
    tmp_path: Path, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
        collection.keep([visit(1, hours=1, cleaned=cleaned("按新规则\n"))])
    kept = whole(tmp_path)
    conversions = [each for each in kept["derived"] if each.type == "conversion"]
    assert [each.refers_to for each in conversions] == [kept["warc"][1].record_id] * 2


def test_a_snapshot_and_a_visit_share_a_version(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1, clean="同\n")])
        (added,) = collection.keep([visit(1, url=LONG, cleaned=cleaned("同\n", title="题目1"))])
    assert (added.status, added.current) == ("unchanged", True)
    kept = whole(tmp_path)
    assert len(kept["tables"]["version"]) == 1
    assert len(kept["tables"]["capture"]) == 2


def test_an_older_visit_does_not_replace_a_newer_text(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1, text="新", hours=5)])
        (older,) = collection.keep([visit(1, text="旧")])
    assert (older.status, older.current) == ("added", False)
    assert list(whole(tmp_path)["texts"].values()) == ["新\n".encode()]


def test_committing_again_after_an_error_keeps_a_visit_once(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    blocked = Visit(URL, page(URL), error=HostBlocks("left alone"))
    (tmp_path / "markdown").mkdir()
    (tmp_path / "markdown" / "技术团队").write_text("")
    with opened(tmp_path) as collection:
        batch = [prepare_visit(each, collection.context()) for each in (visit(1), blocked)]
        with pytest.raises(NotWritable):
            collection.commit(batch)
        (tmp_path / "markdown" / "技术团队").unlink()
        added = collection.commit(batch)
    assert [each.status for each in added] == ["unchanged", "not-visited"]
    assert len(whole(tmp_path)["tables"]["capture"]) == 1


def test_what_robots_txt_forbids_is_not_visited_whether_it_was_fetched_or_remembered(
    tmp_path: Path, opened: Opened, whole: Whole
) -> None:
    robots = exchange("https://a.example/robots.txt", html("User-agent: *\nDisallow: /", kind="text/plain"))
    error = RobotsForbidden("the site asks robots to stay away")
    with opened(tmp_path) as collection:
        added = collection.keep(
            [Visit(URL, page(URL, robots_exchanges=(robots,)), error=error), Visit(URL, page(URL), error=error)]
        )
    assert [each.status for each in added] == ["not-visited"] * 2
    kept = whole(tmp_path)
    assert types(kept["warc"]) == ["warcinfo", "response", "request", "metadata", "metadata", "metadata"]
    assert kept["tables"]["capture"] == []
