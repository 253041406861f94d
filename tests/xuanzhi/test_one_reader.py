"""`clean FILE`, `archive import` and `archive verify FILE` read the same records and pages of the same files."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, wacz, zipped

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

WRONG = "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Of each page in these files, so that `archive verify` names those that it read."""


def pages(*numbers: int, **given: str) -> list[bytes]:
    """Return pages whose digests are wrong, among records that are none."""
    picture = response(90, answer(b"\x89PNG", kind="image/png"))
    moved = response(91, answer(b"moved", "Location: /1", status="302 Found"))
    missing = response(92, answer(article(9), status="404 Not Found"))
    return [picture, *(page(number, WRONG, **given) for number in numbers), moved, missing]


def file_server() -> bytes:
    """Return what others captured from a server of FTP: pages, as two kinds of record, and other files."""
    html, text = "Content-Type: text/html", "Content-Type: text/plain"
    return b"".join((
        record("response", article(1), html, WRONG, number=1, url="ftp://paper.example/1"),
        record("resource", article(2), f"{html}; charset=utf-8", WRONG, number=2, url="FTPS://paper.example/2"),
        record("response", article(3), text, number=3, url="ftp://paper.example/3"),
        record("resource", article(4), number=4, url="ftp://paper.example/4"),
        record("response", b"20240506070809\npaper.example. 60 IN A 192.0.2.1\n", "Content-Type: text/dns", number=5,
               url="dns:paper.example"),
    ))  # fmt: skip


def doubled(data: bytes) -> bytes:
    """Return a record in whose head each line ends with CR CR LF."""
    head, end, block = data.partition(b"\r\n\r\n")
    return (head + end).replace(b"\r\n", b"\r\r\n") + block


def chunked(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def coded() -> list[bytes]:
    """Return pages whose bodies are in every coding."""
    import brotli
    import zstandard

    body = article(1)
    raw = zlib.compressobj(wbits=-15)
    answers = (
        answer(brotli.compress(body), "Content-Encoding: br"),
        answer(zstandard.compress(body), "Content-Encoding: zstd"),
        answer(gzip.compress(body), "Content-Encoding: gzip"),
        answer(gzip.compress(gzip.compress(body)), "Content-Encoding: gzip, gzip"),
        answer(raw.compress(body) + raw.flush(), "Content-Encoding: deflate"),
        answer(zlib.compress(body), "Content-Encoding: deflate"),
        answer(chunked(body), "Transfer-Encoding: chunked"),
        answer(chunked(gzip.compress(body)), "Transfer-Encoding: gzip, chunked"),
        answer(
            chunked(gzip.compress(brotli.compress(body))), "Content-Encoding: br", "Transfer-Encoding: gzip, chunked"
        ),
    )
    return [response(number, each, WRONG) for number, each in enumerate(answers, 1)]


def cut_out(data: bytes, part: bytes) -> bytes:
    """Return bytes of which some are other ones."""
    at = data.index(part) + len(part) // 2
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 8]) + data[at + 8 :]


def frames(*records: bytes, dictionary: bytes | None = None, packed: bool = False) -> bytes:
    """Return records as frames of Zstandard; with a dictionary in front of them, which may itself be compressed."""
    import zstandard

    data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    compressor = zstandard.ZstdCompressor(dict_data=data, write_checksum=True)
    body = b"".join(compressor.compress(each) for each in records)
    if dictionary is None:
        return body
    stored = zstandard.compress(dictionary) if packed else dictionary
    return b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored + body


def trained() -> bytes:
    import zstandard

    return zstandard.train_dictionary(4096, [page(number)[: 900 + number] for number in range(1, 80)]).as_bytes()


SKIPPABLE = b"\x53\x2a\x4d\x18\x05\0\0\0other"
LARGE = response(2, answer(b"<p>" + bytes(range(97, 123)) * 20_000 + article(2)), WRONG)

FILES: dict[str, tuple[bytes, list[int]]] = {
    "plain.warc": (b"".join(pages(1, 2)), [1, 2]),
    "members.warc.gz": (zipped(*pages(1, 2)), [1, 2]),
    "whole.warc.gz": (gzip.compress(b"".join(pages(1, 2, 3))), [1, 2, 3]),
    "running.warc.gz.open": (zipped(*pages(1, 2)), [1, 2]),
    "no-suffix": (b"".join(pages(1, 2)), [1, 2]),
    "codings.warc.gz": (zipped(*coded()), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    "capitals.warc": (response(1, answer(article(1)), WRONG, url="HTTP://PAPER.example/1"), [1]),
    "small-letters.warc": (page(1, WRONG).replace(b"WARC/1.0", b"warc/1.0", 1), [1]),
    "damaged.warc.gz": (cut_out(zipped(*pages(1, 2, 3)), zipped(page(2, WRONG))), [1, 3]),
    "damaged.warc": (page(1, WRONG).replace(b"HTTP/1.1 200 OK\r\n", b"", 1) + b"".join(pages(2)), [2]),
    "cut.warc.gz": (zipped(page(1, WRONG)) + zipped(page(2, WRONG))[:-60], [1]),
    "frames.warc.zst": (frames(*pages(1, 2)), [1, 2]),
    "one-frame.warc.zst": (frames(b"".join(pages(1, 2))), [1, 2]),
    "dictionary.warc.zst": (frames(*pages(1, 2), dictionary=trained()), [1, 2]),
    "packed.warc.zst": (frames(*pages(1, 2), dictionary=trained(), packed=True), [1, 2]),
    "skippable.warc.zst": (SKIPPABLE + frames(page(1, WRONG)) + SKIPPABLE + frames(page(2, WRONG)), [1, 2]),
    "large.warc.zst": (frames(page(1, WRONG), LARGE, page(3, WRONG)), [1, 2, 3]),
    "damaged.warc.zst": (cut_out(frames(*pages(1, 2, 3)), frames(page(2, WRONG))), [1, 3]),
    "cut.warc.zst": (frames(page(1, WRONG)) + frames(page(2, WRONG))[:-60], [1]),
    "frames-without-suffix": (frames(*pages(1, 2)), [1, 2]),
    "zeros-behind.warc.gz": (zipped(*pages(1)) + bytes(512), [1]),
    "file-server.warc": (file_server(), [1, 2]),
    "no-reason.warc": (doubled(response(1, answer(article(1), status="200 "), WRONG)), [1]),
    "notice.warc": (response(1, answer(article(1), status="404 No"), WRONG, url="https://mp.weixin.qq.com/s/1"), [1]),
    "html.warc": (record("resource", article(1), "Content-Type: text/html", WRONG, number=1, url="http://a.ex/1"), [1]),
    **{
        f"version-{version}.warc": (b"".join(pages(1, 2, version=version)), [1, 2])
        for version in ("0.17", "0.18", "1.0", "1.1", "1.2")
    },
}  # fmt: skip


def cleaned(run: Run, name: str) -> list[str]:
    """Return the names of the pages that `clean` finds in a file."""
    done = run("clean", "--json", "-o", "out", name)
    return [each["file"] for each in done.events if each["event"] == "cleaned"]


def imported(run: Run, name: str) -> list[str]:
    """Return the addresses of the pages that `archive import` finds in a file."""
    done = run("archive", "import", "--json", name)
    return [each["url"] for each in done.events if each["event"] == "page"]


def verified(run: Run, name: str) -> list[int]:
    """Return the numbers of the records whose digests `archive verify` found to be wrong."""
    done = run("archive", "verify", "--json", name)
    return [int(each["record_id"][-12:]) for each in done.events if each.get("code") == "block-digest"]


@pytest.mark.parametrize("name", FILES)
def test_three_commands_find_the_same_pages(run: Run, name: str) -> None:
    data, numbers = FILES[name]
    Path(name).write_bytes(data)
    count = len(numbers) + (name == "cut.warc.gz")
    names = [name] if count == 1 else [f"{name}#{place}" for place, _ in enumerate(numbers, 1)]
    assert cleaned(run, name) == names
    assert [int(url[-1]) for url in imported(run, name)] == (numbers if name != "cut.warc.gz" else [1, 2])
    assert verified(run, name) == numbers


def test_wacz(run: Run) -> None:
    parts = [
        ("archive/b.warc.gz", zipped(*pages(1, 2))),
        ("archive/a.warc", b"".join(pages(3))),
        ("fuzzy.json", b"{}"),
    ]
    wacz(Path("a.wacz"), parts)
    assert cleaned(run, "a.wacz") == ["a.wacz#1", "a.wacz#2", "a.wacz#3"]
    assert [url[-1] for url in imported(run, "a.wacz")] == ["1", "2", "3"]
    assert verified(run, "a.wacz") == [1, 2, 3]
    assert "\n# 第3种纸\n" in run("clean", "--stdout", "a.wacz#3").out
    Path("a.wacz").rename("b.zip")
    assert len(cleaned(run, "b.zip")) == 3


def test_the_list_of_a_wacz_says_what_is_a_page(run: Run) -> None:
    lists = b'{"format": "json-pages-1.0"}\n{"url": "http://paper.example/2", "title": "x"}\n'
    wacz(Path("a.wacz"), [("archive/a.warc", b"".join(pages(1, 2, 3))), ("pages/pages.jsonl", lists)])
    assert cleaned(run, "a.wacz") == ["a.wacz"]
    assert "\n# 第2种纸\n" in run("clean", "--stdout", "a.wacz").out
    assert imported(run, "a.wacz") == ["http://paper.example/2"]


def test_a_wacz_with_another_part_than_its_list_says(run: Run) -> None:
    wacz(Path("a.wacz"), [("archive/a.warc", page(1))], a_warc="sha256:" + 64 * "0")
    (found,) = [
        each for each in run("archive", "verify", "--json", "a.wacz").events if each.get("code") == "part-digest"
    ]
    assert found["file"] == "a.wacz/archive/a.warc"


def test_arc(run: Run) -> None:
    old = [arc(f"http://paper.example/{number}", answer(article(number))) for number in (1, 2)]
    blank = arc("http://paper.example/a b?c=d e&n=3", answer(article(3)))
    second = old[1].replace(b"text/html ", b"text/html 200 - - 0 old.arc ", 1)  # as version 2 has it
    Path("old.arc").write_bytes(b"".join((ARC_HEAD, old[0], blank, second)))
    assert cleaned(run, "old.arc") == ["old.arc#1", "old.arc#2", "old.arc#3"]
    urls = ["http://paper.example/1", "http://paper.example/a%20b?c=d%20e&n=3", "http://paper.example/2"]
    assert imported(run, "old.arc") == urls
    assert run("archive", "verify", "old.arc").code == 0


DESCRIPTION = b"1 0 Someone\nURL IP-address Archive-date Content-type Archive-length\n"
FIRST_LINES = {
    "dashes": b"filedesc://x.arc - - - %d\n",
    "no-length": b"filedesc://x.arc - - - -\n",
    "no-type": b"filedesc://x.arc 0.0.0.0 20040506070809 %d\n",
    "other-date": b"filedesc://x.arc 0.0.0.0 2004-05-06T07:08:09Z text/plain %d\n",
    "no-address": b"filedesc://x.arc nowhere 20040506070809 text/plain %d\n",
    "blanks": b"filedesc://my old file.arc 0.0.0.0 20040506070809 text/plain %d\n",
    "carriage-return": b"filedesc://x.arc 0.0.0.0 20040506070809 text/plain %d\r\n",
    "none": b"",
}
LENGTHS = {"exact": 0, "short": -5, "long": 90}
OLD_LINES = (
    b"http://paper.example/%d a b?q=1 2 192.0.2.7 20040506070809 text/html %d\n",
    b"http://paper.example/%d 192.0.2.7 20040506070809 text/html; charset=utf-8 %d\n",
    b"http://paper.example/%d - 20040506070809 - %d\n",
    b"http://paper.example/%d 2001:db8::1 20040506 text/html %d\n",
)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "members"])
def test_arc_with_odd_lines(run: Run, packed: bool) -> None:
    block = answer(article(1))
    pages = [line % (number, len(block)) + block + b"\n" for number, line in enumerate(OLD_LINES, 1)]
    names = []
    for kind, line in FIRST_LINES.items():
        for size, more in LENGTHS.items() if b"%d" in line else [("exact", 0)]:
            first = line % (len(DESCRIPTION) + more) + DESCRIPTION + b"\n" if b"%d" in line else line
            names.append(f"{kind}-{size}.arc{'.gz' * packed}")
            parts = [each for each in (first, *pages) if each]
            Path(names[-1]).write_bytes(zipped(*parts) if packed else b"".join(parts))
    done = run("clean", "--json", "-o", "out", *names)
    read = [each["file"] for each in done.events if each["event"] == "cleaned"]
    assert read == [f"{name}#{number}" for name in names for number in (1, 2, 3, 4)]
    done = run("archive", "import", "--json", *names)
    taken = [(each["file"], each["url"][21]) for each in done.events if each["event"] == "page"]
    assert taken == [(name, number) for name in names for number in "1234"]


@pytest.mark.parametrize("name", ["whole.warc.gz", "running.warc.gz.open", "plain.warc", "damaged.warc.gz"])
def test_a_page_is_addressed_by_its_number(run: Run, name: str) -> None:
    data, numbers = FILES[name]
    Path(name).write_bytes(data)
    for place in (2, 1):  # in any order
        assert f"\n# 第{numbers[place - 1]}种纸\n" in run("clean", "--stdout", f"{name}#{place}").out
    run("clean", "-o", "out", name)
    stem = name.partition(".warc")[0] if name.endswith(("warc", "warc.gz")) else "running.warc.gz"
    assert {each.name for each in Path("out").iterdir()} == {f"{stem}-{n}.md" for n, _ in enumerate(numbers, 1)}


def test_a_cut_answer_is_no_page_to_read(run: Run) -> None:
    Path("a.warc").write_bytes(page(1) + page(2, "WARC-Truncated: length"))
    done = run("clean", "--json", "-o", "out", "a.warc")
    assert done.code == 3
    assert [(each["event"], each["file"]) for each in done.events] == [("cleaned", "a.warc#1"), ("error", "a.warc#2")]
    assert done.events[1]["code"] == "broken-record"


def test_a_part_of_a_page_is_no_page_to_read(run: Run) -> None:
    part = answer(article(2)[:400], "Content-Range: bytes 0-399/2400", status="206 Partial Content")
    Path("a.warc").write_bytes(page(1) + response(2, part))
    done = run("clean", "--json", "-o", "out", "a.warc")
    assert (done.code, [each.get("code") for each in done.events]) == (3, [None, "broken-record"])
    done = run("archive", "import", "--json", "a.warc")
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live", "unavailable"]


def test_a_file_and_a_page_of_one_host_are_two_articles(run: Run) -> None:
    files = record("response", article(1), "Content-Type: text/html", number=7, url="ftp://paper.example/1")
    Path("a.warc").write_bytes(page(1) + files)
    assert run("archive", "import", "a.warc").code == 0
    keys = {each["article"] for each in run("archive", "list", "--json").events}
    assert keys == {"url://paper.example/1", "url:ftp://paper.example/1"}
    shown = run("archive", "show", "--json", "FTP://Paper.example:21/1").events[0]
    assert shown["article"] == "url:ftp://paper.example/1"
    assert run("archive", "reindex").code == 0
    assert run("archive", "verify").code == 0


def test_a_large_page_costs_a_message(run: Run) -> None:
    Path("a.warc").write_bytes(response(1, answer(gzip.compress(bytes(5_000_000)), "Content-Encoding: gzip")) + page(2))
    done = run("clean", "--json", "--max-megabytes", "1", "-o", "out", "a.warc")
    assert [each.get("code") for each in done.events] == ["too-large", None]
