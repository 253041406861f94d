"""A collection with visits of ours and with what others captured: WARC, ARC and WACZ files."""

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

from foreign import ARC_HEAD, answer, arc, article, page, record, response, sha1, wacz, zipped
from visits import Kept, keep_until_it_is_deleted

from xuanzhi.cli.main import main

__all__ = ["ANSWER", "PICTURE", "PROFILE", "Imported", "import_all"]

ANSWER = "Content-Type: application/http; msgtype=response"
PROFILE = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)


class Imported(NamedTuple):
    """The collection, and the files that were imported."""

    kept: Kept
    files: tuple[Path, ...]


def import_all(folder: Path) -> Imported:
    """Make it: two visits of ours, and articles 1 to 6 of others, the first of them seen twice more."""
    kept = keep_until_it_is_deleted(folder / "c")
    one = "http://paper.example/1"
    digest = f"WARC-Payload-Digest: {sha1(article(1))}"
    head = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
    named = ["WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>"]
    repeats = ["WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>"]
    repeats += [f"WARC-Refers-To-Target-URI: {one}", "WARC-Refers-To-Date: 2024-05-06T07:08:09Z"]
    in_brackets = response(
        2,
        answer(article(2)),
        "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000096>",
        url="<http://paper.example/2>",
    )
    resource = record("resource", article(6), "Content-Type: text/html", number=6, url="http://paper.example/6")
    files = (
        (
            folder / "crawl.warc.gz",
            zipped(
                record("warcinfo", b"software: Someone/1.0\r\n", "Content-Type: application/warc-fields", number=99),
                record(
                    "request",
                    b"GET /1 HTTP/1.1\r\n\r\n",
                    "Content-Type: application/http; msgtype=request",
                    *named,
                    number=98,
                    url=one,
                ),
                response(1, answer(article(1)), digest, url=one),
                record(
                    "request",
                    b"GET /2 HTTP/1.1\r\n\r\n",
                    "Content-Type: application/http; msgtype=request",
                    number=96,
                    url="<http://paper.example/2>",
                ),
                in_brackets,
                response(97, answer(PICTURE, kind="image/png"), url="http://paper.example/p.png"),
                resource,
            ),
        ),
        (
            folder / "later.warc.gz",
            zipped(
                record(
                    "revisit", head, ANSWER, PROFILE, digest, *repeats, number=20, url=one, date="2024-06-01T00:00:00Z"
                )
            ),
        ),
        (
            folder / "latest.warc.gz",
            zipped(record("revisit", head, ANSWER, PROFILE, digest, number=21, url=one, date="2024-07-01T00:00:00Z")),
        ),
        (folder / "old.arc", ARC_HEAD + arc("http://paper.example/4", answer(article(4)))),
    )
    for path, data in files:
        path.write_bytes(data)
    package = wacz(
        folder / "other.wacz",
        [
            ("archive/data.warc.gz", zipped(page(5), page(3))),
            ("pages/pages.jsonl", b'{"format": "json-pages-1.0"}\n{"url": "http://paper.example/5", "title": "5"}\n'),
        ],
    )
    names = [*(path for path, _ in files), package]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["archive", "import", "-c", str(kept.path), *map(str, names)])
    assert code == 0, said.getvalue()
    return Imported(kept, tuple(names))
