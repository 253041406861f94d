"""Requests that nobody's browser sends: every page answers them, none of them breaks it, and none decides anything."""

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from letters import ROOT

pytest.importorskip("starlette", reason="pip install '.[review]'")

from xuanzhi.review.app import ROUTES

pytestmark = pytest.mark.slow

ODD = (
    *("", "-1", "1e999", "NaN", "٣", "²", "9" * 19, "9" * 20, "9" * 5_000, "any", "*", ".."),
    *("%00", "%ff", "%ed%a0%80", "%", "%zz", "%0d%0aX:%20y", "%e2%80%a8", "'%20or%201=1%20--", "%22*%20OR%20NEAR("),
    *("a" * 9_000, "{{7*7}}", "..%2f..%2fx", "//evil.example", "9999-99-99"),
)
"""Values as they stand in an address; most are well formed and mean nothing, some are no UTF-8 (RFC 3986 §2.5)."""

QUERY = (
    *("q", "source", "state", "sort", "key", "before", "after", "view", "text", "page", "did", "undo", "many", "scope"),
    *("share", "since", "reviewer", "order", "came", "kind", "rule", "token", ""),
)
FORM = (
    *("verdict", "note", "seen", "after", "group", "back", "language", "reviewer", "keys", "action", "scope", "view"),
    *("rule ", "seen-", ""),
)

OWN = ("Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded")
POSTED = sorted({path for method, path, _ in ROUTES if method == "POST"})
LOOKED_AT = sorted({path for method, path, _ in ROUTES if method == "GET"})


def values(safe: str) -> Iterator[str]:
    for odd in ODD:
        yield quote(odd, safe=safe)


def queries(odd: str, names: Sequence[str]) -> Iterator[str]:
    """Give the value to every field, in as few queries as a server takes."""
    at_once = max(1, 20_000 // len(odd or "0"))
    for first in range(0, len(names), at_once):
        yield "&".join(f"{name}={odd}" for name in names[first : first + at_once])


@pytest.fixture
def send(collection: Path, opened: Callable) -> Iterator[Callable[..., int]]:
    """Send requests over one connection, as they stand, and give the status of each answer."""
    page = opened(collection)
    item = re.findall(rf'href="{ROOT}/item/(\w+)', page.get("/").text)[0]
    with socket.create_connection(("127.0.0.1", page.base_url.port), timeout=60) as line:
        answers = line.makefile("rb")

        def sender(method: str, path: str, body: str | None = None) -> int:
            head = [f"{method} {ROOT}{path.replace('{item}', item)} HTTP/1.1", "Host: 127.0.0.1"]
            if body is not None:
                head += [*OWN, f"Content-Length: {len(body)}"]
            line.sendall(("\r\n".join(head) + "\r\n\r\n" + (body or "")).encode("ascii"))
            status = int(answers.readline().split()[1])
            fields = dict(field.lower().split(b": ", 1) for field in iter(answers.readline, b"\r\n"))
            answers.read(int(fields[b"content-length"]))
            return status

        yield sender


def test_odd_values_in_the_fields_of_an_address(send: Callable[..., int]) -> None:
    wrong = []
    for path in LOOKED_AT:
        page = re.sub(r"\{(?!item\})\w+(:row)?\}", "1", path)
        for odd in values("%*'(){}/.-"):
            for query in (*queries(odd, QUERY), f"page=1&{odd}=1&page={odd}&page=2&{odd}", odd):
                status = send("GET", f"{page}?{query}")
                if status not in {200, 404}:
                    wrong.append((status, path, odd[:40]))
    assert wrong == []


def test_odd_values_in_a_path(send: Callable[..., int]) -> None:
    wrong = []
    for path in LOOKED_AT:
        for odd in values("%*'(){}.-"):
            status = send("GET", re.sub(r"\{\w+(:row)?\}", lambda _, odd=odd: odd, path)) if "{" in path else 404
            if status not in {200, 404}:
                wrong.append((status, path, odd[:40]))
    assert wrong == []


def test_odd_values_in_a_form(send: Callable[..., int], collection: Path) -> None:
    wrong = []
    for path in POSTED:
        for odd in values("%*'(){}/.-"):
            for place in {path, re.sub(r"\{\w+\}", "zz", path)}:
                for form in (*queries(odd, FORM), odd):
                    status = send("POST", place, form)
                    if status not in {200, 303, 404, 409}:
                        wrong.append((status, path, odd[:40]))
    assert wrong == []
    assert not (collection / "decisions.jsonl").exists()


def test_a_form_that_says_it_is_huge_is_not_waited_for(opened: Callable, collection: Path) -> None:
    page = opened(collection)
    for length in (300_000, 2**63, 10**19, 10**20 - 1):
        with socket.create_connection(("127.0.0.1", page.base_url.port), timeout=60) as line:
            head = (f"POST {ROOT}/settings HTTP/1.1", "Host: 127.0.0.1", *OWN, f"Content-Length: {length}", "", "")
            line.sendall("\r\n".join(head).encode())
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")
