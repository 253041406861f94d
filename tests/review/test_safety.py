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

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-this-start"


async def said(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} /{request.path_params['path']}?{request.url.query}")


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
def inside(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/{TOKEN}", trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_names_of_this_machine_are_answered(inside: httpx.Client, host: str) -> None:
    assert inside.get("/x", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "localhost@evil.example", "127.0.0.2"]
)
def test_any_other_name_is_not_whatever_else_is_right(inside: httpx.Client, host: str) -> None:
    assert inside.get("/x", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["", "/", "/x", f"/x?token={TOKEN}", f"//{TOKEN}/x", f"/{TOKEN[:-1]}/x", f"/{TOKEN}x/", f"/%20{TOKEN}/", "/%ff"],
)
def test_without_the_token_nothing_is_shown(address: str, path: str) -> None:
    with httpx.Client(trust_env=False, cookies={"xuanzhi-review": TOKEN}) as client:
        answer = client.get(f"{address}{path}", headers={"Authorization": TOKEN, "Referer": f"{address}/{TOKEN}/"})
        assert (answer.status_code, "archive review" in answer.text) == (403, True)
        assert client.post(f"{address}{path}", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403


def test_the_token_stands_in_the_path_and_in_no_cookie(inside: httpx.Client) -> None:
    answer = inside.get("/x?state=any")
    assert (answer.text, answer.cookies) == ("GET /x?state=any", httpx.Cookies())
    assert inside.get("/x?state=any").status_code == 200  # as often as somebody likes


def test_an_address_without_its_last_slash_leads_to_the_page(address: str) -> None:
    answer = httpx.get(f"{address}/{TOKEN}", trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/{TOKEN}/")


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
def test_what_another_site_posts_is_refused_even_with_the_token(inside: httpx.Client, fields: dict[str, str]) -> None:
    assert inside.post("/x", headers=fields).status_code == 403


def test_our_own_forms_are_taken(inside: httpx.Client, address: str) -> None:
    site, origin = {"Sec-Fetch-Site": "same-origin"}, {"Origin": address}
    for fields in (site, origin, site | origin):
        assert inside.post("/x", headers=fields).text == "POST /x?"


def test_other_methods_are_not_known(inside: httpx.Client) -> None:
    assert inside.put("/x", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 405


def test_every_answer_forbids_scripts_and_frames_of_others(client: httpx.Client) -> None:
    for path in ("/x", f"/{TOKEN}", f"/{TOKEN}/x"):
        answer = client.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY
