"""Pictures out of the collection: by digest, told by their first bytes, and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import visitor
from letters import ROOT

from archive.collection.collection import Collection
from archive.ingest.prepared import Visit

PNG = b"\x89PNG\r\n\x1a\n" + b"one" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"two" * 40
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
HTML = b"<script>alert(1)</script>"


def answer(data: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def visit(hours: int, text: str, pictures: dict[str, tuple[bytes, str]]) -> Visit:
    at = visitor.START + timedelta(hours=hours)
    url = "https://a.example/1"
    requisites = tuple(
        visitor.exchange(address, answer(*picture), at=at + timedelta(milliseconds=200 + number))
        for number, (address, picture) in enumerate(pictures.items())
    )
    page = visitor.page(url, visitor.exchange(url, visitor.html(f"<p>{text}"), at=at), requisites=requisites)
    return Visit(url, page, visitor.cleaned(text, url=url, title="题"))


def addresses(page: str) -> list[str]:
    return re.findall(r'<img src="(\S*/picture/\w+)"', page)


def test_kept_pictures_are_shown_and_what_only_says_it_is_one_is_not(tmp_path: Path, opened: Callable) -> None:
    pictures = {
        "https://a.example/one.png": (PNG, "text/html"),
        "https://a.example/drawn.svg": (SVG, "image/svg+xml"),
        "https://a.example/page.png": (HTML, "image/png"),
    }
    text = "".join(f"![图]({address})\n\n" for address in (*pictures, "https://elsewhere.example/x.png"))
    with Collection.open(tmp_path / "c") as collection:
        collection.keep([visit(0, text, pictures)])
    client = opened(tmp_path / "c", replay="http://localhost:8080/mine/")
    item = re.findall(rf'href="{ROOT}/item/(\w+)', client.get("/").text)[0]
    page = client.get(f"/item/{item}?view=rendered").text
    shown = client.get(f"/picture/{sha256(PNG).hexdigest()}")
    assert (shown.content, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    assert f"{ROOT}/picture/{sha256(PNG).hexdigest()}" in addresses(page)
    for other in (SVG, HTML):
        assert client.get(f"/picture/{sha256(other).hexdigest()}").status_code == 404
    assert "[not in the collection 图] https://elsewhere.example/x.png" in page
    assert 'href="http://localhost:8080/mine/20261122080000/https://a.example/1"' in page


def test_a_picture_that_was_replaced_stands_beside_the_one_before(tmp_path: Path, opened: Callable) -> None:
    old, new = "https://a.example/one.png", "https://a.example/two.jpg"
    with Collection.open(tmp_path / "c") as collection:
        collection.keep([visit(0, f"前。\n\n![图]({old})\n\n后。\n", {old: (PNG, "image/png")})])
        collection.keep([visit(1, f"前。\n\n![图]({new})\n\n后。\n", {new: (JPEG, "image/jpeg")})])
    client = opened(tmp_path / "c")
    queue = client.get("/").text
    assert "an image changed" in queue
    item = re.findall(rf'href="{ROOT}/item/(\w+)', queue)[0]
    page = client.get(f"/item/{item}").text
    assert addresses(page) == [f"{ROOT}/picture/{sha256(data).hexdigest()}" for data in (PNG, JPEG)]
    assert "a different image" in page
