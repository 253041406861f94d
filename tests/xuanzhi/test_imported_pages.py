"""Which text an imported page has: revisits, bodies in all codings, notices; and what is no page."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, article, page, record, response, sha1, zipped
from taken import kept

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

PROFILE = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
ORIGIN = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    "says",
    [
        [f"WARC-Refers-To: <{ORIGIN}>"],
        ["WARC-Refers-To-Target-URI: http://paper.example/1", "WARC-Refers-To-Date: 2024-05-06T07:08:09Z"],
    ],
    ids=["by-id", "by-date"],
)
@pytest.mark.parametrize("apart", [False, True])
def test_revisits_share_the_text(run: Run, look: Callable[[], dict[str, Any]], says: list[str], apart: bool) -> None:
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    again = record(
        "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, *says, number=5,
        url="http://paper.example/1", date="2024-06-01T00:00:00Z",
    )  # fmt: skip
    if apart:
        Path("a.warc").write_bytes(page(1))
        Path("b.warc").write_bytes(again)
        assert run("archive", "import", "a.warc", "b.warc").code == 0
    else:
        Path("a.warc").write_bytes(page(1) + again)
        assert run("archive", "import", "a.warc").code == 0
    tables = look()["tables"]
    assert sorted((each["fetched_at"], each["state"]) for each in tables["capture"]) == [
        ("2024-05-06T07:08:09.000000Z", "live"), ("2024-06-01T00:00:00.000000Z", "live"),
    ]  # fmt: skip
    assert len(tables["version"]) == 1


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same-address", "other-address"])
def test_a_digest_alone_finds_a_page_of_another_file(
    run: Run, look: Callable[[], dict[str, Any]], elsewhere: bool
) -> None:
    url = f"http://paper.example/{'moved' if elsewhere else 1}"
    digest = f"WARC-Payload-Digest: {sha1(article(1))}"
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    again = record(
        "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, digest, number=5, url=url,
        date="2024-06-01T00:00:00Z",
    )  # fmt: skip
    Path("a.warc").write_bytes(page(1, digest) + page(2))
    Path("b.warc").write_bytes(again)
    done = run("archive", "import", "b.warc", "a.warc", "b.warc")
    assert (done.code, "1 revisit of a page that is not here" in done.out) == (0, True)
    tables = look()["tables"]
    assert [each["url"] for each in tables["capture"] if each["fetched_at"].startswith("2024-06")] == [url]
    assert {each["state"] for each in tables["capture"]} == {"live"}
    assert len(tables["version"]) == (3 if elsewhere else 2)  # a text names its address
    assert run("archive", "reclean", "--json").events[-1]["unchanged"] == 3


def test_a_revisit_of_a_revisit_in_another_file(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    for number, name in enumerate(("b.warc", "c.warc"), 5):
        earlier = f"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-{1 if number == 5 else number - 1:012}>"
        again = record(
            "revisit", head, "Content-Type: application/http; msgtype=response", PROFILE, earlier, number=number,
            url="http://paper.example/1", date=f"2024-06-0{number}T00:00:00Z",
        )  # fmt: skip
        Path(name).write_bytes(again)
    Path("a.warc").write_bytes(page(1))
    assert run("archive", "import", "a.warc", "b.warc", "c.warc").code == 0
    tables = look()["tables"]
    assert {each["state"] for each in tables["capture"]} == {"live"}
    assert [each["imported_payload"] for each in tables["visit"]] == [ORIGIN] * 3
    assert len(tables["version"]) == 1


def test_a_revisit_of_what_is_not_here_waits_for_it(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    again = record("revisit", b"", PROFILE, f"WARC-Refers-To: <{ORIGIN}>", number=5, url="http://paper.example/1")
    Path("b.warc").write_bytes(again)
    Path("a.warc").write_bytes(page(1))
    done = run("archive", "import", "b.warc")
    assert "1 revisit of a page that is not here" in done.out
    assert look()["tables"]["capture"] == []
    run("archive", "import", "a.warc")
    run("archive", "import", "b.warc")
    assert len(look()["tables"]["capture"]) == 2


def codings() -> dict[str, bytes]:
    import brotli
    import zstandard

    body = article(1)
    chunked = b"5;x=1\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:X}\r\n".encode() + body[5:] + b"\r\n0\r\n\r\n"
    return {
        "br": answer(brotli.compress(body), "Content-Encoding: br"),
        "zstd": answer(zstandard.compress(body), "Content-Encoding: zstd"),
        "gzip": answer(gzip.compress(body), "content-encoding: gzip"),
        "chunked": answer(chunked, "Transfer-Encoding: chunked"),
        "chunked-in-name-alone": answer(body, "Transfer-Encoding: chunked"),
        "br-in-name-alone": answer(body, "Content-Encoding: br"),
        "http2": answer(body).replace(b"HTTP/1.1 200 OK", b"HTTP/2.0 200"),
    }


@pytest.mark.parametrize("name", codings())
def test_bodies_as_servers_and_writers_leave_them(run: Run, look: Callable[[], dict[str, Any]], name: str) -> None:
    Path("plain.warc").write_bytes(page(1))
    run("archive", "import", "plain.warc")
    Path("a.warc").write_bytes(response(4, codings()[name], url="http://paper.example/1"))
    assert run("archive", "import", "a.warc").code == 0
    tables = look()["tables"]
    assert len(tables["capture"]) == 2
    assert len(tables["version"]) == 1


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_a_damaged_coding_gives_no_text(run: Run, look: Callable[[], dict[str, Any]], coding: str) -> None:
    import brotli
    import zstandard

    pack = {"br": brotli.compress, "zstd": zstandard.compress, "gzip": gzip.compress}[coding]
    broken = bytearray(pack(article(1)))
    broken[len(broken) // 2 :] = b"\xff" * 40
    Path("a.warc").write_bytes(response(2, answer(bytes(broken), f"Content-Encoding: {coding}")))
    assert run("archive", "import", "a.warc").code == 0
    assert [each["state"] for each in look()["tables"]["capture"]] == ["unavailable"]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_a_bomb_of_a_body_costs_a_message_and_keeps_the_record(
    run: Run, look: Callable[[], dict[str, Any]], coding: str
) -> None:
    import brotli
    import zstandard

    pack = {"br": brotli.compress, "zstd": zstandard.compress, "gzip": gzip.compress}[coding]
    Path("a.warc").write_bytes(page(1) + response(2, answer(pack(bytes(5_000_000)), f"Content-Encoding: {coding}")))
    done = run("archive", "import", "--json", "--max-megabytes", "1", "a.warc")
    assert done.code == 3
    assert [each["code"] for each in done.events if each["event"] == "error"] == ["content-too-large"]
    assert len(kept()) == 4
    assert len(look()["tables"]["capture"]) == 1


def test_a_page_that_is_too_large_keeps_its_record(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("a.warc").write_bytes(page(1) + response(2, answer(b"<p>" + b"x" * 2_000_000)))
    done = run("archive", "import", "--json", "--max-megabytes", "1", "a.warc")
    assert [each["code"] for each in done.events if each["event"] == "error"] == ["too-large"]
    assert len(kept()) == 4
    assert len(look()["tables"]["capture"]) == 1


def test_notices_and_cut_answers_never_replace_a_text(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    url = "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc"
    notice = (
        '<html><body><div class="weui-msg"><div class="weui-msg__title">该内容已被发布者删除</div></div></body></html>'
    )
    Path("a.warc").write_bytes(
        response(1, answer(article(1)), url="http://paper.example/1")
        + response(
            2,
            answer(article(1, "半"))[:-900],
            "WARC-Truncated: length",
            url="http://paper.example/1",
            date="2025-01-01T00:00:00Z",
        )
        + response(3, answer(notice.encode(), status="404 Not Found"), url=url)
    )
    assert run("archive", "import", "a.warc").code == 0
    found = look()
    states = {(each["url"], each["state"]) for each in found["tables"]["capture"]}
    assert states == {
        ("http://paper.example/1", "live"), ("http://paper.example/1", "unavailable"), (url, "deleted"),
    }  # fmt: skip
    assert len(found["texts"]) == 1


def test_what_others_write_beside_captures_is_kept_and_is_no_page(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    beside = [
        record("resource", article(3), "Content-Type: text/html", "WARC-Page-ID: x", number=11, url="urn:view:http://a/"),
        record("resource", b"{}", "Content-Type: application/json", number=12, url="urn:pageinfo:http://paper.example/1"),
        record("conversion", article(4), "Content-Type: text/html", number=13, url="http://paper.example/1"),
        record("metadata", b"via: x\r\n", "Content-Type: application/warc-fields", number=14, url="http://paper.example/1"),
        record("resource", b"text", "Content-Type: text/plain", number=15, url="http://paper.example/robots.txt"),
    ]  # fmt: skip
    Path("a.warc.gz").write_bytes(zipped(page(1), *beside))
    assert run("archive", "import", "a.warc.gz").code == 0
    assert kept()[2:-1] == beside
    assert len(look()["tables"]["capture"]) == 1
