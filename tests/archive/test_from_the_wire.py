"""From sockets to files: what a real server sent, byte for byte, through the client and the collection."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from scripted import Answer, Server, ok
from visitor import cleaned

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit
from archive.maintenance.check import verify_collection
from archive.warc import reader
from capture.client import Client
from capture.settings import Settings
from capture.visit import Validators

Whole = Callable[[Path], dict[str, Any]]

PAGE = '<html><head><link rel="stylesheet" href="/a.css"></head><body><img src="/a.png">正文</body></html>'.encode()
CHUNKED = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (
    b'ETag: "v1"\r\nX-\xe6\x96\x87: \xff\r\nTransfer-Encoding: chunked\r\n\r\n%x;a=1\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n'
    % (len(PAGE), PAGE)
)
MOVED = b"HTTP/1.1 301 Moved\r\nLocation: /page\r\nContent-Length: 0\r\n\r\n"
STYLE = ok(b"p { color: red }", b"Content-Type: text/css")
PICTURE = ok(b"\x89PNG\r\n\x1a\n" + bytes(100), b"Content-Type: image/png")
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nX-Odd:  kept \r\n\r\n'


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Client]]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    authority = trustme.CA()
    certified = None
    if request.param == "https":
        certified = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(certified)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    answers = {
        "/": Answer(MOVED),
        "/page": [Answer(CHUNKED), Answer(CHUNKED), Answer(NOT_MODIFIED)],
        "/a.css": Answer(STYLE),
        "/a.png": Answer(PICTURE),
        "/robots.txt": Answer(ok(b"User-agent: *\nAllow: /\n", b"Content-Type: text/plain")),
    }
    settings = Settings(contact="test@example.org", allow_private=True, interval=0, requisite_interval=0, cookies=True)
    with Server(answers, certified) as running, Client(settings, ssl_context=trusting) as client:
        yield running, client


def test_three_visits_of_one_page(server: tuple[Server, Client], tmp_path: Path, whole: Whole) -> None:
    running, client = server
    url = running.url + "/"
    folder = tmp_path / "c"
    with Collection.open(folder) as collection:
        for _ in range(2):
            with client.fetch(url) as page:
                (added,) = collection.keep([Visit(url, page, cleaned("正文\n"))])
        known = collection.lookups.validators(url)
        assert known == ('"v1"', "", running.url + "/page")
        with client.fetch(url, validators=Validators(*known)) as page:
            assert page.not_modified
            (unmodified,) = collection.keep([Visit(url, page)])
    assert (added.status, added.state) == ("unchanged", "live")
    assert (unmodified.status, unmodified.state, unmodified.current) == ("not-modified", "live", True)
    kept = whole(folder)
    assert list(verify_collection(folder)) == []
    # Every request is what the server read, every answer is what it sent.
    requests = [each.block for each in kept["warc"] if each.type == "request"]
    assert sorted(requests) == sorted(asked.raw for asked in running.asked)
    answers = {each.block for each in kept["warc"] if each.type == "response"}
    final = CHUNKED.partition(b"\r\n\r\n")[2]
    assert answers >= {MOVED, final, STYLE, PICTURE}
    (verbatim,) = [each for each in kept["warc"] if each.get("WARC-Target-URI").startswith("urn:answer:")]
    assert verbatim.block == NOT_MODIFIED
    heads = [each.block for each in kept["warc"] if each.type == "revisit"]
    assert final[: final.index(b"\r\n\r\n") + 4] in heads
    (file,) = (folder / "warc").iterdir()
    addresses = {each.record.get("WARC-IP-Address") for each in reader.iterate(file) if each.record.type == "response"}
    assert addresses == {"127.0.0.1"}
    protocols = {value for each in kept["warc"] for name, value in each.fields if name == "WARC-Protocol"}
    assert protocols == ({"http/1.1", "tls/1.3"} if url.startswith("https") else {"http/1.1"})
