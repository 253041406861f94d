"""What a view is told: what was asked, by whom, in which language; and how it may answer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.output.failures import CommandError
from xuanzhi.review.language import LANGUAGES, Words, preferred
from xuanzhi.words import describe_in

if TYPE_CHECKING:
    from xuanzhi.review.room import Room

__all__ = ["COOKIES", "Asked", "View", "back", "endpoint", "failed", "see", "settle"]

LARGEST_FORM = 256 * 1024
"""Bytes of a form; a note or a selection is far smaller."""

MOST_FIELDS = 2_000
"""Fields of a form: a source may have some hundred proposals, each with its box."""

COOKIES = ("language", "reviewer", "keys")
"""Settings that live in the browser."""

_YEAR = 365 * 24 * 3600


class Asked(NamedTuple):
    """One request, as a view sees it."""

    room: "Room"
    path: Mapping[str, str]
    """The parts of the address that have names."""
    query: Mapping[str, str]
    """Fields of the address."""
    form: Mapping[str, str]
    """Fields of a form that was sent; empty for a look."""
    words: Words
    reviewer: str
    keys: bool
    """Whether single keys work (WCAG 2.1.4: there has to be a way to switch them off)."""
    here: str
    """The address itself, without host."""

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page."""
        here = "/" + self.here.partition("?")[0].split("/")[1]
        return self.room.render(self, template, status, {"here": here, "told": "", "told_undo": "", **context})

    def nothing_here(self) -> Response:
        """Answer that there is nothing at this address."""
        return self.page("message.html", status=404, title="review.not-found", text="review.not-found.text", detail="")


View = Callable[[Asked], Response]


def endpoint(view: View) -> Callable[[Request], Any]:
    """Make a view an endpoint of Starlette: it runs in a thread, and opens the collection for itself."""

    async def answer(request: Request) -> Response:
        form = await _form(request) if request.method == "POST" else {}
        return await run_in_threadpool(view, _asked(request, form))

    return answer


async def failed(request: Request, error: Exception) -> Response:
    """Answer where something went wrong: what happened, and what to do next, never a traceback."""
    asked = _asked(request, {})
    if isinstance(error, HTTPException):
        return asked.nothing_here() if error.status_code == 404 else PlainTextResponse(error.detail, error.status_code)
    language = asked.words.language
    if isinstance(error, ArchiveError | CleanError):
        status, said = 503, describe_in(language, "error", error.code, str(error), error.hint)
    elif isinstance(error, CommandError):
        status, said = 503, (str(error), error.hint)
    else:
        reason = f"{type(error).__name__}: {error}"
        status, said = 500, (asked.words("error.internal", reason=reason), asked.words("error.internal.hint"))
    return asked.page(
        "message.html", status=status, title="review.failed", text="review.failed.text", detail=" ".join(said)
    )


def _asked(request: Request, form: Mapping[str, str]) -> Asked:
    room: Room = request.app.state.room
    cookies = {name: request.cookies.get(f"xuanzhi-{name}", "") for name in COOKIES}
    language = cookies["language"]
    if language not in LANGUAGES:
        language = preferred(request.headers.get("accept-language", ""))
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Asked(
        room,
        request.path_params,
        dict(request.query_params),
        form,
        Words(language),
        _name(cookies["reviewer"]) or room.reviewer,
        room.keys if cookies["keys"] not in {"on", "off"} else cookies["keys"] == "on",
        here,
    )


def _name(cookie: str) -> str:
    return unquote(cookie).strip()[:100]


async def _form(request: Request) -> dict[str, str]:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        # Browsers end lines in forms with CR LF; what is kept has LF.
        fields = parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return {name: value.replace("\r\n", "\n") for name, value in fields}


def see(address: str) -> Response:
    """Lead to another page after something was done (RFC 9110 §15.4.4)."""
    return RedirectResponse(address, 303)


def back(asked: Asked, otherwise: str = "/") -> str:
    """Return the address of ours that a form says to go back to, never one of another site."""
    address = asked.form.get("back", "")
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_ours else otherwise


def settle(response: Response, name: str, value: str) -> None:
    """Keep a setting in the browser."""
    response.set_cookie(f"xuanzhi-{name}", quote(value), max_age=_YEAR, samesite="strict", httponly=True, path="/")
