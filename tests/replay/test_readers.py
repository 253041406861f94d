"""Readers of other people read every record of what was captured; where they are wrong about it, that is listed.

All alarms have one of two reasons:

- WARC-Payload-Digest is over the body without transfer coding (WARC 1.1 §6.3.2, iipc/warc-specifications#22). warcio
  (warcio#74, #75) and fastwarc take it over the chunks, so every chunked answer seems damaged to them.
- An identical-payload revisit names the digest of the payload that it stands for (§6.7.2), and has none itself.
  fastwarc takes its empty body for that payload. (A server-not-modified revisit of ours names no payload.)
"""

import io
import json
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit

import pytest
from article import ARTICLE_PATH
from visits import Kept

from archive.maintenance.check import verify_collection
from archive.warc.reader import iterate

pytestmark = pytest.mark.slow

CHUNKED = {
    ARTICLE_PATH: 2,  # its first and its later text
    "/mmbizappmsg/zh_CN/article.css": 1,
    "/mmbizappmsg/zh_CN/deep.css": 1,
    "/s/deleted": 1,
    "/s/shell": 1,
}
STYLES_AND_PICTURES_AGAIN = 3
"""Visits that found all of them unchanged: with an equal page, by the long address, with the later text."""

REVISITS = {
    ARTICLE_PATH: 2,  # equal, and by the long address
    "/mmbiz_jpg/cover/0": STYLES_AND_PICTURES_AGAIN,
    "/mmbiz_png/bamboo/640": STYLES_AND_PICTURES_AGAIN,
    "/mmbiz_png/frame/640": STYLES_AND_PICTURES_AGAIN,
    "/mmbiz_jpg/vat/640": STYLES_AND_PICTURES_AGAIN,
    "/mmbizappmsg/images/paper.png": STYLES_AND_PICTURES_AGAIN,
    "/mmbizappmsg/zh_CN/article.css": STYLES_AND_PICTURES_AGAIN,
    "/mmbizappmsg/zh_CN/deep.css": STYLES_AND_PICTURES_AGAIN,
}


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_our_own_validator_has_nothing_to_say(kept: Kept) -> None:
    assert list(verify_collection(kept.path)) == []


def test_warcio_reads_every_record_and_its_alarms_are_known(kept: Kept) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    alarms: Counter[str] = Counter()
    for file in kept.files:
        theirs = []
        with file.open("rb") as stream:
            iterator = archiveiterator.ArchiveIterator(stream, check_digests=True)
            for each in iterator:
                theirs.append((iterator.get_record_offset(), tuple(each.rec_headers.headers)))
                each.raw_stream.read()
                if each.digest_checker.passed is False:
                    (problem,) = each.digest_checker.problems
                    assert problem.startswith("payload digest failed")
                    assert each.rec_type == "response"
                    alarms[path_of(each.rec_headers.get_header("WARC-Target-URI"))] += 1
        assert theirs == [(each.offset, each.record.fields) for each in iterate(file)]
    assert alarms == CHUNKED


def test_fastwarc_reads_every_record_and_its_alarms_are_known(kept: Kept) -> None:
    fastwarc = pytest.importorskip("fastwarc.warc")
    alarms: dict[str, Counter[str]] = {"response": Counter(), "revisit": Counter()}
    for file in kept.files:
        data = file.read_bytes()
        for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=False):
            assert each.verify_block_digest()
        places = []
        for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=True):
            places.append(each.stream_pos)
            kind = each.headers["WARC-Type"]
            if kind in alarms and "WARC-Payload-Digest" in each.headers and not each.verify_payload_digest():
                alarms[kind][path_of(each.headers["WARC-Target-URI"])] += 1
        assert places == [each.offset for each in iterate(file)]
    assert alarms == {"response": CHUNKED, "revisit": REVISITS}


def test_cdxj_indexer_lists_what_crossed_the_wire_and_nothing_else(kept: Kept) -> None:
    pytest.importorskip("cdxj_indexer")
    # In a process of its own: it leaves temporary files to the garbage collector, which warns of them.
    command = [sys.executable, "-m", "cdxj_indexer.main", *map(str, kept.files)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    lines = [json.loads(line.split(" ", 2)[2]) for line in said.splitlines()]
    listed = [(each["url"], each.get("mime") == "warc/revisit") for each in lines if each["url"].startswith("http")]
    ours = [
        (each.record.get("WARC-Target-URI"), each.record.type == "revisit")
        for file in kept.files
        for each in iterate(file)
        if each.record.type in {"response", "revisit"}
    ]
    assert listed == ours
    # What we say about them is under names of its own, where nobody looks for a page.
    assert {each["url"].split(":")[0] for each in lines} == {"http", "urn"}
