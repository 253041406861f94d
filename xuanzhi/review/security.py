"""Access control of the review page: token, Host, Origin, Content-Security-Policy.

| threat | what stands against it |
| --- | --- |
| a name of somebody else's that leads to this machine (DNS rebinding) | `Host` has to be one of a list |
| a form on another site that posts to this one | `Sec-Fetch-Site` and `Origin` have to be our own |
| another person who uses this machine | the token of the start-up address, kept in a strict cookie |
| scripts and addresses in archived text | a content policy that runs and loads nothing but our own files |
| being shown in a frame of another site | `frame-ancestors 'none'` |
"""

from secrets import compare_digest
from typing import NamedTuple

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HOSTS", "POLICY", "AccessPolicy", "SecurityMiddleware"]

HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine that a browser may use."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy (CSP level 3) of every page."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that browsers send `Origin: null` with our own forms (Fetch, serializing a request origin).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

OPEN = "/static/"
"""Our own style and script, which hold nothing of the collection."""


class AccessPolicy(NamedTuple):
    """Who may come in."""

    token: str
    """Of this start; whoever has it may come in."""
    hosts: tuple[str, ...] = HOSTS
    """Names without port, as browsers write them in `Host`."""
    cookie: str = "xuanzhi-review"
    """Name of the cookie that keeps the token; cookies know no ports, so it should name the port."""


class SecurityMiddleware:
    """Stands before the application and lets in what may come in; adds the headers to every answer."""

    def __init__(self, app: ASGIApp, *, policy: AccessPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that may not come in; None for one that may."""
        headers = request.headers
        host = headers.get("host", "")
        if _without_port(host) not in self._policy.hosts:
            return PlainTextResponse("This name is not one of this page's.\n", 400)
        if request.method not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse("Only GET, HEAD and POST are known here.\n", 405)
        if request.method == "POST" and not _is_own(headers, host):
            return PlainTextResponse("This came from another site, and nothing was done.\n", 403)
        if request.url.path.startswith(OPEN):
            return None
        if compare_digest(request.cookies.get(self._policy.cookie, "").encode(), self._policy.token.encode()):
            return None
        return self._admitted(request)

    def _admitted(self, request: Request) -> Response:
        """Turn the token in an address into a cookie, and lead to the address without it."""
        given = request.query_params.get("token", "")
        if request.method != "GET" or not compare_digest(given.encode(), self._policy.token.encode()):
            text = "Open the address that `archive review` printed.\n请打开 `archive review` 显示的地址。\n"
            return PlainTextResponse(text, 403)
        url = URL(scope=request.scope).remove_query_params("token")
        path = "/" + url.path.lstrip("/")  # two slashes would lead to another host
        answer = RedirectResponse(f"{path}?{url.query}" if url.query else path, 303)
        answer.set_cookie(self._policy.cookie, self._policy.token, httponly=True, samesite="strict", path="/")
        return answer


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _is_own(headers: Headers, host: str) -> bool:
    """Whether a request that changes something comes from our own page.

    Every browser of the last years sends at least one of the two fields. What sends neither is no browser; there is a
    command for it.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    return site in {None, "same-origin", "none"} and origin in {None, f"http://{host}", f"https://{host}"}
