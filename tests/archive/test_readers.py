"""What other people's software makes of our files; where it is wrong about them, that is listed, one by one."""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit
from archive.maintenance.check import verify_collection
from archive.warc.reader import iterate

pytestmark = pytest.mark.slow

Opened = Callable[..., Collection]

GZIP = gzip.compress("网页".encode() * 50, mtime=0)

ANSWERS = {
    "plain": html("plain"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunked-extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=1\r\nabd\r\n0\r\nX: y\r\n\r\n",
    "chunked-gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%b\r\n0\r\n\r\n" % (len(GZIP), GZIP),
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b!" % (len(GZIP) + 1, GZIP),
    "line-feeds": b"HTTP/1.1 200 OK\nContent-Length: 4\n\nfeed",
    "not-ascii": b"HTTP/1.1 200 \xe5\xa5\xbd\r\nContent-Length: 4\r\nX: \xff\r\n\r\nasci",
    "no-reason": b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nreas",
    "no-colon": b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 4\r\n\r\ncolo",
    "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 4\r\n\r\nfold",
    "interim": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ninteSURPLUS",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\ncutt",
    "cut-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ncutc",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbadc\r\n0\r\n\r\n",
    "both": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nboth\r\n0\r\n\r\n",
    "empty": b"HTTP/1.1 204 No Content\r\n\r\n",
    "gone": html("gone", status="404 Not Found"),
    "moved": b"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    "not-http": b"SSH-2.0-x\r\n",
    "until-close": b"HTTP/1.0 200 OK\r\n\r\nuntil close",
}

# Digests of payloads are over the body without transfer coding (WARC 1.1 §6.3.2); these read the chunks as they are.
WARCIO_ALARMS = {
    "chunked",  # warcio#74
    "chunked-extension",
    "chunked-gzip",
    "cut-chunk",
    "bad-chunk",
    "both",
}
FASTWARC_ALARMS = {
    *WARCIO_ALARMS,
    "line-feeds",  # it does not find the end of a head whose lines end in LF alone
    "plain again",  # it takes a revisit's empty body for the payload that the revisit names
    "chunked again",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("readers") / "c"
    with Collection.open(path) as collection:
        for name, answer in ANSWERS.items():
            url = f"https://a.example/{name}"
            collection.keep([Visit(url, page(url, exchange(url, answer)))])
        for name in ("plain", "chunked"):
            url = f"https://a.example/{name}"
            collection.keep([Visit(url, page(url, exchange(url, ANSWERS[name])))])
        collection.keep([visit(1)])
        known = collection.lookups.validators("https://a.example/1")
        assert known
        answer, condition = b"HTTP/1.1 304 Not Modified\r\n\r\n", f"If-None-Match: {known.etag}"
        collection.keep([visit(1, hours=1, answer=answer, fields=(condition,), cleaned=None)])
        collection.keep([visit(2, cleaned=cleaned("新\n"))])
    return path


def files(kept: Path) -> list[Path]:
    return [*(kept / "warc").iterdir(), *(kept / "derived").iterdir()]


def test_our_own_validator_has_nothing_to_say(kept: Path) -> None:
    assert list(verify_collection(kept)) == []


def test_every_block_is_what_was_sent(kept: Path) -> None:
    blocks = {
        record.get("WARC-Target-URI").rpartition("/")[2]: record.block
        for _, _, record in iterate(files(kept)[0])
        if record.type == "response" or record.get("Content-Type") == "application/octet-stream"
    }
    sent = {**ANSWERS, "interim": ANSWERS["interim"].partition(b"\r\n\r\n")[2].removesuffix(b"SURPLUS")}
    assert {name: blocks[name] for name in sent} == sent


def test_warcio_reads_every_record_and_its_alarms_are_known(kept: Path) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    alarms = set()
    for file in files(kept):
        ours = list(iterate(file))
        theirs = []
        with file.open("rb") as stream:
            iterator = archiveiterator.ArchiveIterator(stream, check_digests=True)
            for each in iterator:
                theirs.append((iterator.get_record_offset(), tuple(each.rec_headers.headers)))
                each.raw_stream.read()
                if each.digest_checker.passed is False:
                    (problem,) = each.digest_checker.problems
                    assert problem.startswith("payload digest failed")
                    alarms.add(each.rec_headers.get_header("WARC-Target-URI").rpartition("/")[2])
        assert theirs == [(each.offset, each.record.fields) for each in ours]
    assert alarms == WARCIO_ALARMS


def test_fastwarc_reads_every_record_and_its_alarms_are_known(kept: Path) -> None:
    fastwarc = pytest.importorskip("fastwarc.warc")
    alarms = set()
    for file in files(kept):
        data = file.read_bytes()
        for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=False):
            assert each.verify_block_digest()
        places = []
        for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=True):
            places.append(each.stream_pos)
            is_http = each.headers["WARC-Type"] in {"response", "revisit"}
            if is_http and "WARC-Payload-Digest" in each.headers and not each.verify_payload_digest():
                name = each.headers["WARC-Target-URI"].rpartition("/")[2]
                again = each.headers["WARC-Type"] == "revisit"
                alarms.add(f"{name} again" if again else name)
        assert places == [each.offset for each in iterate(file)]
    assert alarms == FASTWARC_ALARMS | {"logo.png again"}


def indexed(file: Path) -> list[tuple[str, str, str]]:
    pytest.importorskip("cdxj_indexer")
    # A process of its own: it leaves temporary files open, which here would be an error.
    command = [sys.executable, "-c", "from cdxj_indexer.main import main; main()", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [json.loads(line.split(" ", 2)[2]) for line in said.splitlines()]
    return [(line["url"], line.get("mime", ""), line.get("status", "")) for line in lines]


def test_cdxj_indexer_lists_as_captures_what_was_captured_and_nothing_else(kept: Path) -> None:
    of_web = [each for each in indexed(files(kept)[0]) if each[0].startswith("http")]
    wanted = [f"https://a.example/{name}" for name in ANSWERS if name != "not-http"]
    first = [url for url, mime, _ in of_web if mime != "warc/revisit" and url.rpartition("/")[2] in ANSWERS]
    assert first == wanted
    again = [(url.rpartition("/")[2], status) for url, mime, status in of_web if mime == "warc/revisit"]
    assert again == [("plain", "200"), ("chunked", "200"), ("1", ""), ("logo.png", "200"), ("logo.png", "200")]
    # Conversions are under the address of the page, and are no captures of it.
    assert {url.split(":", 2)[1] for url, _, _ in indexed(files(kept)[1])} == {"provenance", "ledger"}


def test_gzip_tools_read_a_whole_file(kept: Path) -> None:
    for file in files(kept):
        assert gzip.decompress(file.read_bytes()).count(b"WARC/1.1\r\n") == len(list(iterate(file)))
