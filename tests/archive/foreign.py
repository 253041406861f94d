"""Files as other software writes them, made by hand: a module of the tests."""

import gzip
import hashlib
import json
import zipfile
from base64 import b32encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

DATE = "2024-05-06T07:08:09Z"


def article(number: int = 1, text: str = "") -> bytes:
    """Return a page that is an article."""
    title = f"第{number}种纸"
    sentence = "纸浆捶打均匀以后，抄纸的人手要稳，帘子起落之间就是一张纸的厚薄。"
    body = "".join(f"<p>{text}第{place}段讲它的做法。{sentence * 3}</p>" for place in range(5))
    page = f"<!doctype html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article>"
    return page.encode()


def answer(body: bytes, *fields: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """Return an HTTP answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *fields]
    if not any(field.lower().startswith("transfer-encoding") for field in fields):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def record(
    kind: str, block: bytes, *fields: str, number: int = 0, version: str = "1.0", url: str = "", date: str = DATE
) -> bytes:
    """Return a record's bytes; `number` is the end of its identifier, 0 for one without."""
    lines = [f"WARC/{version}", f"WARC-Type: {kind}"]
    if number:
        lines.append(f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>")
    lines.append(f"WARC-Date: {date}")
    if url:
        lines.append(f"WARC-Target-URI: {url}")
    lines += [*fields, f"Content-Length: {len(block)}", "", ""]
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


def response(number: int, block: bytes, *fields: str, url: str = "", **given: str) -> bytes:
    """Return a response record."""
    kind = "Content-Type: application/http; msgtype=response"
    return record("response", block, kind, *fields, number=number, url=url or f"http://paper.example/{number}", **given)


def page(number: int, *fields: str, **given: str) -> bytes:
    """Return a response record with an article."""
    return response(number, answer(article(number)), *fields, **given)


def sha1(data: bytes) -> str:
    """Return a digest as most software labels it."""
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


def zipped(*records: bytes) -> bytes:
    """Return records as gzip members, one each."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def arc(url: str, block: bytes, kind: str = "text/html", date: str = "20040506070809") -> bytes:
    """Return a record of ARC, version 1."""
    return f"{url} 192.0.2.7 {date} {kind} {len(block)}\n".encode() + block + b"\n"


ARC_HEAD = arc(
    "filedesc://old.arc", b"1 0 Someone\nURL IP-address Archive-date Content-type Archive-length\n", "text/plain"
)


def wacz(path: Path, parts: Sequence[tuple[str, bytes]], **digests: str) -> Path:
    """Write a WACZ with these parts, and the list of their digests; `digests` replaces some."""
    resources = [
        {
            "name": name.rpartition("/")[2],
            "path": name,
            "hash": digests.get(
                name.rpartition("/")[2].replace(".", "_"), f"sha256:{hashlib.sha256(data).hexdigest()}"
            ),
            "bytes": len(data),
        }
        for name, data in parts
    ]
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts:
            file.writestr(name, data)
        file.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": resources}))
    return path


def stream(*records: bytes) -> BytesIO:
    """Return records as a file."""
    return BytesIO(b"".join(records))
