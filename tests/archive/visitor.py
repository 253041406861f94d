"""Makes visits by hand, exchange by exchange: a module of the tests, and a program for those that need real processes.

python visitor.py COLLECTION FIRST COUNT BATCH    prints each address after it was reported done
"""

import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit
from capture.framing import Framer, Part
from capture.page import Connection, Exchange, Page, Robots, Tls
from capture.spool import block_of
from clean.document import Cleaned, State
from clean.ledger import Ledger
from clean.source import Encoding

START = datetime(2026, 11, 22, 8, 0, 0, 250000, tzinfo=UTC)
TLS = Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", alpn="http/1.1", verified=True, chain=(b"der",))


def exchange(
    url: str, answer: bytes, *, at: datetime = START, fields: tuple[str, ...] = (), method: str = "GET", **given: Any
) -> Exchange:
    """Return an exchange as the wire would record it; `given` replaces any of its fields."""
    framer = Framer(method)
    pieces = framer.feed(answer) + framer.close(disconnected=True)
    framing = framer.framing()
    of = {part: b"".join(data for name, data in pieces if name is part) for part in Part}
    path = "/" + url.split("/", 3)[3] if url.count("/") > 2 else "/"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {url.split('/')[2]}", *fields, "", ""]
    response = b"".join(data for name, data in pieces if name not in {Part.INTERIM, Part.SURPLUS})
    values: dict[str, Any] = {
        "method": method,
        "url": url,
        "started": at,
        "ended": at + timedelta(milliseconds=120),
        "request": block_of("\r\n".join(lines).encode()),
        "redacted": (),
        "interim": of[Part.INTERIM],
        "response": block_of(response),
        "surplus": of[Part.SURPLUS],
        "head": framing.head,
        "payload_size": len(of[Part.PAYLOAD]),
        "payload_sha256": sha256(of[Part.PAYLOAD]).hexdigest(),
        "whole": framing.whole,
        "framing": framing.why,
        "truncated": "" if framing.whole else "disconnect",
        "outcome": "complete" if framing.whole else "disconnected",
        "message": "",
        "connection": Connection(
            address="192.0.2.7",
            port=443 if url.startswith("https") else 80,
            tls=TLS if url.startswith("https") else None,
        ),
        "reused": False,
        "proxied": False,
        "events": (),
        **given,
    }
    return Exchange(**values)


def html(body: str, *fields: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """Return an answer to the byte."""
    data = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *fields, "", ""]
    return "\r\n".join(head).encode() + data


def page(url: str, *hops: Exchange, **given: Any) -> Page:
    """Return a visit's page."""
    values: dict[str, Any] = {
        "url": url,
        "hops": hops,
        "attempts": (),
        "requisites": (),
        "failures": (),
        "robots": Robots("allowed", "https://a.example/robots.txt", "no rule forbids it"),
        "robots_exchanges": (),
        "wall": "",
        "insecure": False,
        **given,
    }
    return Page(**values)


def cleaned(text: str | None, *, state: str = "live", notice: str = "", source: bytes = b"", **facts: str) -> Cleaned:
    """Return what cleaning would make of a page."""
    ledger = Ledger(
        sha256(source or (text or notice).encode()).hexdigest(),
        sha256((text or "").encode()).hexdigest(),
        "0" * 64,
        "xuanzhi/0.1.0",
        state,
        Encoding(),
        (),
    )
    given = {"title": "题目", "source": "技术团队", "date": "2024-12-31", **facts}
    return Cleaned(State(state), "generic", text, given, ledger, notice, (), "text/html")


def visit(number: int = 1, *, hours: float = 0, text: str | None = None, **given: Any) -> Visit:
    """Return a visit of one page with a picture, all of it in order."""
    at = START + timedelta(hours=hours)
    url = given.pop("url", f"https://a.example/{number}")
    body = f"<p>第{number}篇" if text is None else text
    answer = given.pop("answer", html(body, f'ETag: "{sha256(body.encode()).hexdigest()[:8]}"'))
    picture = exchange(
        "https://a.example/logo.png", html("PNG" * 20, kind="image/png"), at=at + timedelta(milliseconds=300)
    )
    made = given.pop("cleaned", cleaned(body + "\n", url=url, title=f"题目{number}"))
    fields = given.pop("fields", ())
    return Visit(url, page(url, exchange(url, answer, at=at, fields=fields), requisites=(picture,), **given), made)


def main() -> None:
    """Keep `COUNT` visits from number `FIRST` in batches of `BATCH`."""
    folder, first, count, batch = sys.argv[1], *map(int, sys.argv[2:5])
    with Collection.open(folder) as collection:
        for start in range(first, first + count, batch):
            numbers = range(start, min(start + batch, first + count))
            for kept in collection.keep([visit(number) for number in numbers]):
                print(kept.name, kept.status, flush=True)


if __name__ == "__main__":
    main()
