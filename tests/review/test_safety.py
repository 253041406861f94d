"""Who may come in: names, sites, tokens; and what every answer says about itself."""

from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("starlette", reason="pip install '.[review]'")

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from xuanzhi.review.app import listening_socket, serve_in_thread
from xuanzhi.review.security import POLICY, AccessPolicy, SecurityMiddleware

TOKEN = "a-token-of-this-start"


async def said(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} {request.url.path}?{request.url.query}")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    inner = Starlette(routes=[Route("/{path:path}", said, methods=["GET", "POST", "PUT"])])
    with serve_in_thread(SecurityMiddleware(inner, policy=AccessPolicy(TOKEN)), listening_socket(0)) as started:
        yield started


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False) as opened:
        yield opened


@pytest.fixture
def inside(client: httpx.Client) -> httpx.Client:
    client.cookies.set("xuanzhi-review", TOKEN)
    return client


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_names_of_this_machine_are_answered(inside: httpx.Client, host: str) -> None:
    assert inside.get("/x", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "localhost@evil.example", "127.0.0.2"]
)
def test_any_other_name_is_not_whatever_else_is_right(inside: httpx.Client, host: str) -> None:
    assert inside.get("/x", headers={"Host": host}).status_code == 400


def test_without_the_token_nothing_is_shown(client: httpx.Client) -> None:
    answer = client.get("/x")
    assert answer.status_code == 403
    assert "archive review" in answer.text
    assert client.post("/x", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
    client.cookies.set("xuanzhi-review", TOKEN[:-1])
    assert client.get("/x").status_code == 403
    assert client.get("/static/x").status_code == 200  # which holds nothing of the collection


def test_the_token_of_the_address_becomes_a_strict_cookie(client: httpx.Client) -> None:
    assert client.get("/x?token=wrong").status_code == 403
    answer = client.get(f"/x?state=any&token={TOKEN}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/x?state=any")
    assert answer.headers["Set-Cookie"] == f"xuanzhi-review={TOKEN}; HttpOnly; Path=/; SameSite=strict"
    assert client.get("/x?state=any").text == "GET /x?state=any"


def test_the_token_leads_to_no_other_host(client: httpx.Client) -> None:
    assert client.get(f"{client.base_url}//evil.example/?token={TOKEN}").headers["Location"] == "/evil.example/"


@pytest.mark.parametrize(
    "fields",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
        {},
    ],
)
def test_what_another_site_posts_is_refused_even_with_the_cookie(inside: httpx.Client, fields: dict[str, str]) -> None:
    assert inside.post("/x", headers=fields).status_code == 403


def test_our_own_forms_are_taken(inside: httpx.Client, address: str) -> None:
    site, origin = {"Sec-Fetch-Site": "same-origin"}, {"Origin": address}
    for fields in (site, origin, site | origin):
        assert inside.post("/x", headers=fields).text == "POST /x?"


def test_other_methods_are_not_known(inside: httpx.Client) -> None:
    assert inside.put("/x", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 405


def test_every_answer_forbids_scripts_and_frames_of_others(client: httpx.Client) -> None:
    for answer in (client.get("/x"), client.get(f"/x?token={TOKEN}"), client.get("/x"), client.get("/static/a")):
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY
