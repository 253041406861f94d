"""Pages that other tools saved: where they come from, when, and what of them is the page."""

import plistlib
from typing import Any

import pytest
from draws import draws
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clean.document import SourceKind, source_kind
from clean.errors import EmptySource, SourceError
from clean.html.saved import archived_address, is_webarchive, read_webarchive, saved_note
from clean.page import clean_page

SENTENCE = "竹纸的做法各地不同，先把嫩竹浸在水塘里一百天，再用石灰煮过，舂成纸浆，最后用竹帘抄成纸张。"
ARTICLE = "<article><h1>竹纸</h1>" + f"<p>{SENTENCE}</p>" * 4 + '<p><img src="a.png" alt="捞纸"></p></article>'
PAGE = f'<html><head><meta charset="utf-8"><title>竹纸</title></head><body>{ARTICLE}</body></html>'
BYTES = PAGE.encode()
URL = "https://paper.example/2026/bamboo.html"
BOTH = [plistlib.FMT_XML, plistlib.FMT_BINARY]


def webarchive(form: Any = plistlib.FMT_XML, data: Any = BYTES, **more: Any) -> bytes:
    main = {"WebResourceURL": URL, "WebResourceMIMEType": "text/html", "WebResourceData": data, **more}
    picture = {"WebResourceURL": URL, "WebResourceMIMEType": "image/png", "WebResourceData": b"\x89PNG"}
    return plistlib.dumps({"WebMainResource": main, "WebSubresources": [picture]}, fmt=form)


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize("charset", ["UTF-8", "GBK", "big5", None])
def test_the_page_of_a_webarchive(form: Any, charset: str | None) -> None:
    text = PAGE.replace('<meta charset="utf-8">', "")
    more = {"WebResourceTextEncodingName": charset} if charset else {}
    data = webarchive(form, text.encode(charset or "utf-8", "xmlcharrefreplace"), **more)
    for name in ("a.webarchive", "a.xml", "a.txt", "a"):
        assert source_kind(name, data) is SourceKind.PAGE
    cleaned = clean_page(data)
    assert (cleaned.fact("url"), cleaned.fact("title")) == (URL, "竹纸")
    assert cleaned.media_type == "application/x-webarchive"
    assert "![捞纸](https://paper.example/2026/a.png)" in (cleaned.markdown or "")
    assert (cleaned.markdown or "").count(SENTENCE) == 4


@pytest.mark.parametrize("form", BOTH)
def test_the_frames_of_a_webarchive_stand_at_their_place(form: Any) -> None:
    def archive(name: str, body: str, *inner: Any) -> dict[str, Any]:
        resource = {"WebResourceURL": URL.replace("bamboo", name), "WebResourceMIMEType": "text/html"}
        main = {
            **resource,
            "WebResourceData": f"<html><body>{body}</body></html>".encode(),
            "WebResourceTextEncodingName": "utf-8",
        }
        return {"WebMainResource": main, "WebSubframeArchives": list(inner)}

    inner = archive("inner", f"<p>里层。{SENTENCE}</p><p><img src='b.png' alt='图'></p>")
    frame = archive("frame", f"<p>外层。{SENTENCE}</p><iframe src='inner.html'></iframe>", inner, inner)
    page = archive(
        "bamboo", ARTICLE.replace("</article>", "<iframe src='frame.html'></iframe><p>最后。</p></article>"), frame, 7
    )
    markdown = clean_page(plistlib.dumps(page, fmt=form)).markdown or ""
    places = [
        markdown.find(text)
        for text in (SENTENCE, "外层。", "里层。", "![图](https://paper.example/2026/b.png)", "最后。")
    ]
    assert -1 not in places
    assert places == sorted(places)
    assert markdown.count("里层。") == 1


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b" \n", EmptySource, "is empty"),
        (None, SourceError, "holds no page"),
        (7, SourceError, "holds no page"),
    ],
)
def test_a_webarchive_without_a_page(form: Any, data: Any, error: type[Exception], said: str) -> None:
    given = plistlib.dumps({"WebMainResource": []}, fmt=form) if data is None else webarchive(form, data)
    with pytest.raises(error, match=said):
        clean_page(given)
    with pytest.raises(SourceError, match="image/png"):
        clean_page(webarchive(form, WebResourceMIMEType="image/png"))
    assert is_webarchive(given)


@pytest.mark.parametrize("form", BOTH)
def test_a_webarchive_cut_anywhere_is_an_error_of_ours(form: Any) -> None:
    whole = webarchive(form)
    for end in range(60, len(whole) - 1, 97):
        if is_webarchive(whole[:end]):
            with pytest.raises(SourceError):
                read_webarchive(whole[:end])


def test_hostile_property_lists() -> None:
    entity = b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bodies = [b"<plist><string>&b;WebMainResource</string></plist>", b"<plist>" + b"<array>" * 100_000]
    unknown = b'<?xml version="1.0" encoding="ATF-8"?><plist><string>WebMainResource</string></plist>'
    for data in (unknown, entity + bodies[0], bodies[1] + b"WebMainResource", b"bplist00WebMainResource" + bytes(40)):
        with pytest.raises(SourceError):
            clean_page(data)


def test_frames_that_share_one_another_are_read_once() -> None:
    inner: dict[str, Any] = {}
    for number in range(60):
        main = {"WebResourceURL": f"{URL}?{number}", "WebResourceData": BYTES, "WebResourceMIMEType": "text/html"}
        inner = {"WebMainResource": main, "WebSubframeArchives": [inner, inner]}
    assert len(read_webarchive(plistlib.dumps(inner, fmt=plistlib.FMT_BINARY)).documents) == 59


@given(st.data())
@settings(max_examples=draws(60), deadline=None)
def test_a_damaged_webarchive_gives_a_page_or_an_error(data: st.DataObject) -> None:
    whole = bytearray(webarchive(data.draw(st.sampled_from(BOTH)), PAGE[:200].encode()))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        page = read_webarchive(bytes(whole))
    except SourceError:
        return
    assert isinstance(page.data, bytes)


NOTES = [
    (f"<!-- Saved from {URL} at 2026-03-04T05:06:07Z using monolith v2.8.1 -->", "2026-03-04T05:06:07Z"),
    (f"<!-- Saved from {URL} at 2026-03-04T13:06:07+08:00 using monolith v2.6 -->", "2026-03-04T13:06:07+08:00"),
    (f"<!-- Saved from {URL} at Wed, 04 Mar 2026 05:06:07 GMT using monolith v2.2.2 -->", "2026-03-04T05:06:07Z"),
    (
        f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Wed Mar 04 2026 13:06:07 GMT+0800 (中国)\n-->",
        "2026-03-04T13:06:07+08:00",
    ),
    (f"<!-- saved from url=(0037){URL} -->", ""),
]


@pytest.mark.parametrize(("note", "date"), NOTES)
def test_notes_at_the_top(note: str, date: str) -> None:
    assert saved_note(note) == (URL, date)
    cleaned = clean_page(f"<!DOCTYPE html>{note}\n{PAGE}".encode())
    assert (cleaned.fact("url"), cleaned.fact("fetch_date")) == (URL, date)


def test_a_note_of_a_local_file_is_no_address() -> None:
    assert saved_note("<!-- Saved from local source at 2026-03-04T05:06:07Z using monolith v2.8.1 -->") == ("", "")


COPY = f"https://web.archive.org/web/20200102030405/{URL}"
BAR = (
    """<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id="wm-ipp-base" style="display:block"><div id="wm-ipp">
<a href="/web/20200102030405*/x"><strong>12 captures</strong></a><img src="https://web-static.archive.org/l.png"></div>
<div id="donato">请捐款</div></div><div id="wm-ipp-print">The Wayback Machine - """
    + COPY
    + "</div><!-- END -->"
)
FILED = """<!--
     FILE ARCHIVED ON 3:04:05 Jan 02, 2020 AND RETRIEVED FROM THE
     INTERNET ARCHIVE ON 06:07:08 Apr 05, 2026.
-->"""
CALL = f'<script>__wm.init("https://web.archive.org/web");__wm.wombat("{URL}","20200102030405","https://web.archive.org/","web","/_static/","1");</script>'
LINKS = (
    f'<p>见<a href="{COPY.replace("bamboo", "next")}">下一页</a>，'
    '<img src="/web/20200102030405im_/https://paper.example/b.png" alt="晒纸">，'
    '<a href="//web.archive.org/web/2020/http://other.example/">别处</a>，<a href="https://web.archive.org/">档案馆</a>。</p>'
)


def copy(*, call: str = CALL, bar: str = BAR, filed: str = FILED) -> str:
    """Return a page as the Wayback Machine gives it."""
    head = f'<head>{call}<meta charset="utf-8"><title>竹纸</title><link rel="canonical" href="{COPY}"></head>'
    article = ARTICLE.replace("</article>", LINKS + "</article>")
    return f"<!DOCTYPE html><html>{head}<body>{bar}{article}</body></html>{filed}"


@pytest.mark.parametrize("missing", ["", "call", "bar", "filed"])
def test_a_copy_of_the_wayback_machine(missing: str) -> None:
    cleaned = clean_page(copy(**({missing: ""} if missing else {})).encode())
    assert (cleaned.fact("url"), cleaned.fact("source")) == (URL, "paper.example")
    assert cleaned.fact("fetch_date") == "2020-01-02T03:04:05Z"
    markdown = cleaned.markdown or ""
    assert "见[下一页](https://paper.example/2026/next.html)，![晒纸](https://paper.example/b.png)" in markdown
    assert "[别处](http://other.example/)，[档案馆](https://web.archive.org/)" in markdown
    assert "captures" not in markdown
    assert "Wayback" not in markdown
    taken = [(node.rule, node.text) for node in cleaned.ledger.nodes if "捐款" in node.text or "captures" in node.text]
    assert {rule for rule, _ in taken} == (set() if missing == "bar" else {"html.wayback-toolbar"})
    assert [each.code for each in cleaned.warnings] == ["wayback-copy"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://a.example:80/b:80/", "http://a.example/b:80/"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:8080/", "http://a.example:8080/"),
        ("https://a.example:80/", "https://a.example:80/"),
    ],
)
def test_the_usual_port_is_not_named(given: str, wanted: str) -> None:
    page = copy(call=CALL.replace(URL, given)).replace(f'<link rel="canonical" href="{COPY}">', "")
    assert clean_page(page.encode()).fact("url") == wanted


def test_a_copy_that_was_saved_again() -> None:
    note = (
        f"<!--\n Page saved with SingleFile \n url: {COPY} \n saved date: Wed Mar 04 2026 13:06:07 GMT+0800 (中国)\n-->"
    )
    cleaned = clean_page(copy(call="", filed="").replace("<html>", f"<html>{note}").encode())
    assert (cleaned.fact("url"), cleaned.fact("fetch_date")) == (URL, "2020-01-02T03:04:05Z")


def test_a_copy_of_a_wechat_article() -> None:
    text = f'<h1 id="activity-name">竹纸</h1><div id="js_content"><p>{SENTENCE}</p></div>'
    url = "https://mp.weixin.qq.com/s?__biz=MzA1&mid=1&idx=1&sn=aa"
    page = (
        copy(call=CALL.replace(URL, url))
        .replace(ARTICLE[:20], text + ARTICLE[:20])
        .replace(COPY, COPY.replace(URL, url))
    )
    cleaned = clean_page(page.encode())
    assert (cleaned.profile, cleaned.fact("url")) == ("wechat", url)


def test_what_was_fetched_from_the_wayback_machine_stays_a_capture_of_that() -> None:
    cleaned = clean_page(copy().encode(), url=COPY, fetch_date="2026-03-04T05:06:07Z")
    assert cleaned.fact("fetch_date") == "2026-03-04T05:06:07Z"


@pytest.mark.parametrize(
    "text",
    [
        f"<p>{SENTENCE}参见<a href='{COPY}'>旧版</a>。</p>",
        f"<p>{SENTENCE}参见<a href='{COPY}'>旧版</a>，文末写着 FILE ARCHIVED ON 03:04:05 Jan 02, 2020。</p>",
        f"<p>{SENTENCE}参见<a href='{COPY}'>旧版</a>。</p><pre>&lt;!-- FILE ARCHIVED ON 03:04:05 Jan 02, 2020</pre>",
        f"<p>{SENTENCE}参见<a href='{COPY}'>旧版</a>。</p><div id='wm-ipp'><p>{SENTENCE}</p></div>",
    ],
)
def test_a_page_that_links_to_a_copy_is_none(text: str) -> None:
    cleaned = clean_page(f"<html><body><article><h1>纸</h1>{text}</article></body></html>".encode())
    assert f"[旧版]({COPY})" in (cleaned.markdown or "")
    assert not cleaned.fact("fetch_date")


@given(st.from_regex(r"\A(?:https?://web\.archive\.org)?/web/[0-9]{4,14}([a-z]{2}_)?/https?://a\.example/[a-z]{0,5}\Z"))
@example(f"//web.archive.org/web/2020/{URL}")
def test_addresses_of_copies(address: str) -> None:
    found = archived_address(address)
    assert found is not None
    assert address.endswith(found.url)
    assert found.url.startswith("http")
    assert archived_address(found.url) is None
