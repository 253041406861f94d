"""`capture` as people and schedulers use it, against servers of our own on this machine."""

import gzip
import json
import runpy
import signal
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard
from scripted import Answer, Server, ok
from small_site import ARTICLE, HTML, NOT_FOUND, PNG, page, site

from archive.maintenance.check import verify_collection
from clean.document import LOW_CONFIDENCE
from clean.rules import built_in
from clean.version import GENERIC_PAGE, SOFTWARE, engine_digest

pytestmark = pytest.mark.slow

PAGES = runpy.run_path(str(Path(__file__).parents[1] / "clean" / "html" / "wechat_pages.py"))


def is_sound(folder: str = "collection") -> bool:
    return list(verify_collection(Path(folder))) == []


def asked(server: Server) -> list[str]:
    return [each.target for each in server.asked]


def test_a_page_with_what_it_needs(capture: Callable, serve: Callable) -> None:
    server = serve(site())
    result = capture(f"{server.url}/bamboo")
    assert (result.code, result.out) == (
        0,
        f"{server.url}/bamboo  article  4 exchanges, 781 B\n"
        f"  → collection/markdown/127.0.0.1/undated-竹纸是怎样做的.md\n",
    )
    warning, hint, *summary = result.err.splitlines()
    assert "uncertain which part of this page is its content" in warning
    assert "There is little text" in hint
    assert summary == ["capture: 1 of 1 captured, 1 added", "capture: collection: collection"]
    assert sorted(asked(server)) == ["/bamboo", "/paper.png", "/robots.txt", "/style.css"]
    (file,) = Path("collection/markdown/127.0.0.1").iterdir()
    assert file.read_text() == (
        f"---\ntitle: 竹纸是怎样做的\nurl: {server.url}/bamboo\nsource: '127.0.0.1'\n---\n\n# 竹纸是怎样做的\n\n"
        "竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。\n\n"
        "煮过的竹丝要舂成浆，抄纸的人端着帘子，一荡一抬，就是一张。\n\n"
        f"![抄纸]({server.url}/paper.png)\n\n"
        "湿纸一张张叠起来，压去水，揭开，贴在火墙上焙干，这才成了纸。\n"
    )
    assert is_sound()


def test_the_page_alone(capture: Callable, serve: Callable) -> None:
    server = serve(site())
    assert capture("--no-requisites", f"{server.url}/bamboo").code == 0
    assert sorted(asked(server)) == ["/bamboo", "/robots.txt"]


def test_a_second_visit_asks_whether_anything_changed(capture: Callable, serve: Callable) -> None:
    unchanged = Answer(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    changed = page(ARTICLE.replace("三个月", "一百天"), b'ETag: "2"')
    server = serve(site(bamboo=[page(ARTICLE, b'ETag: "1"'), unchanged, changed]))
    said = [capture("--json", "--no-requisites", f"{server.url}/bamboo").events[0] for _ in range(3)]
    assert [(event["status"], event["state"], event["outcome"]) for event in said] == [
        (200, "live", "added"),
        (304, "live", "not-modified"),
        (200, "live", "added"),
    ]
    assert [each.field("If-None-Match") for each in server.asked if each.target == "/bamboo"] == ["", '"1"', '"1"']
    assert len({event["output"] for event in said}) == 1
    assert "一百天" in Path(said[0]["output"]).read_text()
    assert is_sound()


def test_machines_are_told_everything(capture: Callable, serve: Callable) -> None:
    server = serve(site())
    (event,) = capture("--json", f"{server.url}/bamboo").events
    assert event == {
        "event": "captured", "url": f"{server.url}/bamboo", "final_url": f"{server.url}/bamboo", "status": 200,
        "state": "live", "notice": None, "outcome": "added",
        "output": "collection/markdown/127.0.0.1/undated-竹纸是怎样做的.md",
        "article": f"url://127.0.0.1:{server.port}/bamboo", "title": "竹纸是怎样做的", "exchanges": 4,
        "bytes": event["bytes"], "requisites": 2, "shared": 0, "failures": [], "redirects": 0, "target": None,
        "wall": None, "advice": None, "robots": "absent", "insecure": False, "confidence": event["confidence"],
        "page_kind": event["page_kind"],
        "doubts": [],
        "warnings": event["warnings"],
        "problem": None,
        "ruleset_sha256": built_in().sha256, "software": SOFTWARE, "engine": engine_digest(GENERIC_PAGE),
    }  # fmt: skip
    assert 0 < event["confidence"] < LOW_CONFIDENCE  # three sentences, and no site around them
    (warning,) = event["warnings"]
    assert (warning["code"], warning["line"]) == ("low-confidence", None)
    assert f"{event['confidence']:.2f}" in warning["message"]


def test_a_list_with_everything_that_goes_wrong(capture: Callable, serve: Callable) -> None:
    loop = Answer(b"HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n")
    server = serve(
        site(
            loop=loop,
            broken=Answer(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n"),
            cut=Answer(b"HTTP/1.1 200 OK\r\n" + HTML + b"\r\nContent-Length: 999\r\n\r\n<p>half", "close"),
            picture=Answer(ok(PNG, b"Content-Type: image/png")),
            nonsense=Answer(b"HELLO THERE\r\n\r\n", "close"),
            silent=Answer(b"", "close"),
            pdf=Answer(ok(b"%PDF-1.7 \xff", HTML)),
            damaged=Answer(ok(gzip.compress(ARTICLE.encode())[:200], HTML, b"Content-Encoding: gzip")),
            strange=Answer(ok(ARTICLE.encode(), HTML, b"Content-Encoding: br")),
        )
    )
    names = ["bamboo", "gone", "loop", "broken", "cut", "picture", "nonsense", "silent", "pdf"]
    names += ["damaged", "strange"]
    Path("list.txt").write_text(
        "# what we were sent\n\n"
        + "".join(f"{server.url}/{name}  # {name}\n" for name in names)
        + "ftp://paper.example/\nnot an address\nhttp://nowhere.invalid/\n"
    )
    result = capture("--json", "--tries", "1", "-f", "list.txt")
    found = {event.get("url") or event["file"]: event for event in result.events}
    told = {
        url.removeprefix(server.url): (event["event"], event.get("state"), (event.get("problem") or event).get("code"))
        for url, event in found.items()
    }
    assert told == {
        "/bamboo": ("captured", "live", None),
        "/gone": ("captured", "unavailable", None),
        "/loop": ("error", None, "redirect-loop"),
        "/broken": ("captured", "unavailable", "server-error"),
        "/cut": ("captured", "unavailable", "cut"),
        "/picture": ("captured", "not-article", None),
        "/nonsense": ("error", None, "not-http"),
        "/silent": ("error", None, "empty-answer"),
        "/pdf": ("captured", "not-article", None),
        "/damaged": ("error", None, "broken-content"),
        "/strange": ("error", None, "broken-content"),
        "ftp://paper.example/": ("error", None, "not-a-web-address"),
        "not an address": ("error", None, "not-a-web-address"),
        "http://nowhere.invalid/": ("error", None, "unknown-host"),
    }
    assert len(result.events) == 14
    assert result.code == 3
    assert is_sound()


def test_codings_that_nobody_asked_for_are_read(run: Callable, capture: Callable, serve: Callable) -> None:
    raw = zlib.compressobj(wbits=-15)
    article = ARTICLE.encode()
    packed = {
        "br": (brotli.compress(article), b"Content-Encoding: br"),
        "zstd": (zstandard.compress(article), b"Content-Encoding: zstd"),
        "raw": (raw.compress(article) + raw.flush(), b"Content-Encoding: deflate"),
        "twice": (gzip.compress(brotli.compress(article)), b"Content-Encoding: br, gzip"),
    }
    robots = Answer(ok(brotli.compress(b"User-agent: *\nDisallow: /private"), b"Content-Encoding: br"))
    answers = {f"/{name}": Answer(ok(body, HTML, coding)) for name, (body, coding) in packed.items()}
    server = serve({**answers, "/private": Answer(ok(article, HTML)), "/robots.txt": robots, "*": NOT_FOUND})
    result = capture("--json", *(f"{server.url}/{name}" for name in packed))
    assert [(each["event"], each["state"]) for each in result.events] == [("captured", "live")] * 4
    assert len({Path(each["output"]).read_bytes().partition(b"---\n\n")[2] for each in result.events}) == 1
    assert capture("--json", f"{server.url}/private").events[0]["code"] == "robots-forbidden"
    assert run("archive", "reclean", "--json").events[-1]["unchanged"] == 4
    assert run("archive", "cat", "--raw", f"{server.url}/zstd").out.encode() == article
    assert is_sound()


def test_every_error_says_what_to_do(capture: Callable, serve: Callable) -> None:
    server = serve({"*": NOT_FOUND})
    server.stop()
    result = capture("--tries", "1", f"{server.url}/")
    assert result.code == 4
    assert "cannot be reached" in result.err or "refused" in result.err.lower()
    assert "hint: The site may be down; run the same command again later." in result.err
    assert "Traceback" not in result.err


def test_private_addresses_are_not_contacted(run: Callable, serve: Callable) -> None:
    server = serve(site())
    result = run("capture", f"{server.url}/bamboo", "http://localhost/", "http://2130706433/", "http://[::1]/")
    assert result.code == 4
    assert result.err.count("hint: If this is a server of your own, use --allow-private.") == 4
    assert server.asked == []


def test_what_robots_may_not_read_is_left_alone(capture: Callable, serve: Callable) -> None:
    rules = Answer(ok(b"User-agent: *\nDisallow: /\n", b"Content-Type: text/plain"))
    server = serve({**site(), "/robots.txt": rules})
    refused = capture("--json", f"{server.url}/bamboo")
    assert (refused.code, refused.events[0]["code"]) == (4, "robots-forbidden")
    assert asked(server) == ["/robots.txt"]
    allowed = capture("--json", "--ignore-robots", "127.0.0.1", f"{server.url}/bamboo")
    assert (allowed.code, allowed.events[0]["robots"]) == (0, "ignored")


def test_what_several_pages_need_is_fetched_once(capture: Callable, serve: Callable) -> None:
    server = serve(site(other=page(ARTICLE.replace("竹纸", "皮纸"))))
    result = capture("--json", "--at-once", "1", f"{server.url}/bamboo", f"{server.url}/other")
    assert [(event["requisites"], event["shared"]) for event in result.events] == [(2, 0), (0, 2)]
    assert sorted(asked(server)) == ["/bamboo", "/other", "/paper.png", "/robots.txt", "/style.css"]
    again = capture("--json", f"{server.url}/other", "--unconditional")
    assert again.events[0]["requisites"] == 2
    assert is_sound()


def test_a_rehearsal_asks_for_nothing_and_writes_nothing(capture: Callable, serve: Callable, folder: Path) -> None:
    server = serve(site())
    result = capture("-n", f"{server.url}/bamboo", "nonsense")
    assert result.out == f"{server.url}/bamboo  would be captured\n"
    assert result.code == 3
    assert server.asked == []
    assert list(folder.iterdir()) == []


def test_warnings_of_a_list_are_told_or_counted(capture: Callable, serve: Callable) -> None:
    stray = ARTICLE.encode().replace("抄纸的人".encode(), "抄纸的\u4eba".encode()[:-1])
    server = serve({"*": Answer(ok(stray, HTML)), "/robots.txt": NOT_FOUND})
    urls = [f"{server.url}/{number}" for number in range(21)]
    few = capture("--no-requisites", *urls[:2])
    assert few.err.count("warning: 1 bytes are no UTF-8 and read as U+FFFD now") == 2
    many = capture("--no-requisites", *urls)
    assert many.err.count("are no UTF-8") == 0
    assert "capture: warning about 21 pages: some bytes are not valid in the file's encoding" in many.err
    told = capture("--no-requisites", "-v", *urls)
    assert told.err.count("are no UTF-8") == 21


def test_secrets_are_not_recorded(capture: Callable, serve: Callable) -> None:
    server = serve({**site(), "/bamboo": page(ARTICLE, b"Set-Cookie: session=abc")})
    address = f"{server.url}/bamboo".replace("http://", "http://reader:hush@")
    capture("--no-requisites", address)
    data = b"".join(path.read_bytes() for path in Path("collection").rglob("*") if path.is_file())
    plain = b""
    for path in Path("collection/warc").iterdir():
        rest = path.read_bytes()
        while rest:
            inflater = zlib.decompressobj(31)
            plain += inflater.decompress(rest)
            rest = inflater.unused_data
    assert b"hush" not in data + plain
    assert b"Authorization: x-redacted" in plain
    assert server.requests("/bamboo")[0].count(b"Authorization: Basic") == 1


@pytest.mark.parametrize(
    "options", [("--at-once", "0"), ("--pace", "-1"), ("--max-seconds", "nan"), ("--contact", "nobody"), ("-f", "none")]
)
def test_a_wrong_option_is_told_before_anything_is_asked(run: Callable, options: tuple[str, str]) -> None:
    result = run("capture", *options, "http://paper.example/")
    assert result.code == 2
    assert "hint: " in result.err


def test_no_address(run: Callable) -> None:
    assert run("capture").code == 2


# WeChat, reached through a proxy that answers for it

LONG = "/s?__biz=MzA=&mid=9&idx=1&sn=ab&chksm=cd&scene=58"
WECHAT = "http://mp.weixin.qq.com"


@pytest.fixture
def wechat(serve: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    def start(answers: dict[str, Answer | list[Answer]]) -> Server:
        server = serve({"*": NOT_FOUND, **answers})
        monkeypatch.setenv("HTTP_PROXY", server.url)
        return server

    return start


def article(data: str = "") -> Answer:
    page = PAGES["ERA_D"].replace("</body>", f"<script>{data}</script></body>")
    return Answer(ok(page.encode(), HTML))


DELETED = Answer(
    ok(
        '<html><body><div class="weui-msg"><div class="weui-msg__title warn">该内容已被发布者删除</div></div>'
        "</body></html>".encode(),
        HTML,
    )
)
TO_CAPTCHA = Answer(
    b"HTTP/1.1 302 Found\r\nLocation: http://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x\r\n"
    b"Content-Length: 0\r\n\r\n"
)
SHELL = Answer(ok(b"<html><body><script>var PAGE_MID='mmbizwap:secitptpage/verify.html'</script></body></html>", HTML))


def test_the_address_given_is_the_address_fetched(capture: Callable, wechat: Callable) -> None:
    server = wechat({LONG: article()})
    result = capture("--json", "--no-requisites", WECHAT + LONG)
    assert result.events[0]["state"] == "live"
    assert LONG in asked(server)
    assert "/robots.txt" not in asked(server)
    assert result.events[0]["robots"] == "ignored"


def test_a_deletion_does_not_take_the_text_away(capture: Callable, wechat: Callable) -> None:
    wechat({LONG: [article(), DELETED]})
    first, second = (capture("--json", "--no-requisites", WECHAT + LONG) for _ in range(2))
    assert (second.code, second.events[0]["state"]) == (0, "deleted")
    assert second.events[0]["article"] == first.events[0]["article"]
    assert Path(first.events[0]["output"]).exists()
    assert is_sound()


@pytest.mark.parametrize("wall", [TO_CAPTCHA, SHELL], ids=["redirect", "script"])
def test_a_wall_is_no_article_and_the_run_goes_on_later(capture: Callable, wechat: Callable, wall: Answer) -> None:
    other = LONG.replace("mid=9", "mid=10")
    server = wechat({LONG: [wall, article()], other: article()})
    urls = (WECHAT + LONG, WECHAT + other)
    first = capture("--json", "--pace", "0", "--no-requisites", "--at-once", "1", *urls)
    assert first.code == 5
    assert [(event["state"], event["problem"] and event["problem"]["code"]) for event in first.events] == [
        ("verification", "wall"),
        ("live", None),
    ]
    second = capture("--json", "--pace", "0", "--no-requisites", *urls)
    assert second.code == 0
    assert [(event["url"], event["state"]) for event in second.events] == [(WECHAT + LONG, "live")]
    assert asked(server).count(other) == 1
    assert is_sound()


CHALLENGE = (
    b"<html><head><title>Just a moment...</title><link rel=stylesheet href=/style.css></head><body>"
    b"<p>Verify you are human by completing the action below.</p><script>window._cf_chl_opt={};</script></body></html>"
)


@pytest.mark.parametrize("head", [b"200 OK", b"403 Forbidden", b"503 Service Unavailable"])
def test_a_wall_that_the_page_tells_is_acted_on(capture: Callable, serve: Callable, head: bytes) -> None:
    challenge = Answer(
        b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (head, len(CHALLENGE), CHALLENGE)
    )
    server = serve(site(bamboo=[page(ARTICLE), challenge, page(ARTICLE)]))
    url = f"{server.url}/bamboo"
    first = capture("--json", "--no-requisites", url).events[0]
    met = capture("--json", "--tries", "1", url)
    assert met.code == 5
    (event,) = met.events
    assert (event["state"], event["wall"], event["advice"]) == ("verification", "Cloudflare", "retry-later")
    assert event["problem"]["code"] == "wall"
    assert "/style.css" not in asked(server)  # what the wall needs to be shown is not asked for
    assert Path(first["output"]).read_text().count("石灰") == 1  # the article's text stays
    assert capture("--json", "--no-requisites", url).events[0]["state"] == "live"
    assert is_sound()


def test_a_host_that_shows_walls_is_left_alone(capture: Callable, serve: Callable) -> None:
    server = serve(site(**{str(number): Answer(ok(CHALLENGE, HTML)) for number in range(4)}))
    result = capture("--json", "--pace", "0", "--at-once", "1", *(f"{server.url}/{number}" for number in range(4)))
    assert result.code == 5
    told = [event.get("state") or event["code"] for event in result.events]
    assert told == ["verification", "verification", "host-blocks", "host-blocks"]


def test_a_missing_page_says_that_it_is_gone(capture: Callable, serve: Callable) -> None:
    gone = page("<html><head><title>页面不存在</title></head><body><p>抱歉，您访问的页面不存在</p></body></html>")
    server = serve(site(bamboo=gone))
    result = capture(f"{server.url}/bamboo")
    assert result.code == 0
    assert "no article at this address  it is gone; earlier captures remain" in result.out


SHORT = "/s/AbCdEfGhIjKl"


def test_short_and_long_links_lead_to_one_article(capture: Callable, wechat: Callable) -> None:
    named = PAGES["data_script"]("bizuin: 'MzA=', mid: '9', idx: '1', sn: 'ab', title: JsDecode('竹纸'),")
    wechat({LONG: article(), SHORT: Answer(ok(PAGES["ERA_D"].replace("</body>", named + "</body>").encode(), HTML))})
    found = [capture("--json", "--no-requisites", url).events[0] for url in (WECHAT + SHORT, WECHAT + LONG)]
    assert [event["state"] for event in found] == ["live", "live"]
    assert found[0]["output"] == found[1]["output"]
    assert found[0]["article"] == found[1]["article"]


def test_an_article_that_went_elsewhere_is_followed(capture: Callable, wechat: Callable) -> None:
    there = LONG.replace("MzA=", "MzB=")
    notice = (
        '<html><body><div class="weui-msg"><h2 class="weui-msg__title">该公众号已迁移</h2></div>'
        f"<script>var transferTargetLink = '{WECHAT}{there}';</script></body></html>"
    )
    wechat({LONG: page(notice), there: article()})
    result = capture("--json", "--pace", "0", "--no-requisites", WECHAT + LONG)
    assert [(event["url"], event["state"], event["target"]) for event in result.events] == [
        (WECHAT + LONG, "migrated", WECHAT + there),
        (WECHAT + there, "live", None),
    ]
    assert result.code == 0
    assert is_sound()


# Interruption


def test_an_interrupted_list_goes_on(capture: Callable, spawn: Callable, serve: Callable) -> None:
    pages: dict[str, Answer | list[Answer]] = {f"/{name}": page(ARTICLE) for name in "abc"}
    server = serve({"*": NOT_FOUND, **pages, "/d": [Answer(b"", "hang"), page(ARTICLE)]})
    urls = [f"{server.url}/{name}" for name in "abcd"]
    options = ["capture", "--allow-private", "--no-requisites", "--at-once", "1", "--json", *urls]
    process: subprocess.Popen[bytes] = spawn(*options)
    assert process.stdout is not None
    told = [json.loads(process.stdout.readline())["url"] for _ in range(3)]
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    process.stdout.close()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert told == urls[:3]
    result = capture("--no-requisites", *urls)
    assert "3 of 4 already done" in result.err
    assert result.code == 0
    assert [asked(server).count(f"/{name}") for name in "abcd"] == [1, 1, 1, 2]
    assert is_sound()


def test_a_list_can_be_begun_anew(capture: Callable, wechat: Callable) -> None:
    other = LONG.replace("mid=9", "mid=10")
    server = wechat({LONG: TO_CAPTCHA, other: article()})
    for options in ((), ("--again",)):
        capture("--pace", "0", "--no-requisites", "--unconditional", *options, WECHAT + LONG, WECHAT + other)
    assert asked(server).count(other) == 2
