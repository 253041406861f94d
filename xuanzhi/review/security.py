"""Access control of the review page: token, Host, Origin, Content-Security-Policy.

| threat | what stands against it |
| --- | --- |
| another person who uses this machine | the token, which every address begins with |
| another server on this machine that the reviewer opens | the token is in no cookie, and no address goes elsewhere |
| a name of somebody else's that leads to this machine (DNS rebinding) | `Host` has to be one of a list |
| a form on another site that posts to this one | `Sec-Fetch-Site` and `Origin` have to be our own |
| scripts and addresses in archived text | a content policy that runs and loads nothing but our own files |
| being shown in a frame of another site | `frame-ancestors 'none'` |

The token is not in a cookie, because a browser sends the cookies of a host to all of its ports (RFC 6265 §8.5): every
other server on this machine would get it. It is not in a header, which only a script could set. It is the first
segment of the path, which a browser tells nobody else: `Referrer-Policy` keeps it from other origins, and another port
is another origin (RFC 6454 §4).
"""

from secrets import compare_digest
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
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


class AccessPolicy(NamedTuple):
    """Who may come in."""

    token: str
    """Of this start, in letters that stand in a path as they are; whoever has it may come in."""
    hosts: tuple[str, ...] = HOSTS
    """Names without port, as browsers write them in `Host`."""

    @property
    def root(self) -> str:
        """How the path of every address of the page begins, without a slash at the end."""
        return f"/{self.token}"


class SecurityMiddleware:
    """Stands before the application and lets in what may come in; adds the headers to every answer.

    The application gets the root as `root_path` of its scope (ASGI), and its routes begin after it.
    """

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

        answer = self._refusal(scope) or self._app
        await answer({**scope, "root_path": self._policy.root}, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that may not come in; None for one that may."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _without_port(host) not in self._policy.hosts:
            return PlainTextResponse("This name is not one of this page's.\n", 400)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse("Only GET, HEAD and POST are known here.\n", 405)
        if scope["method"] == "POST" and not _is_own(headers, host):
            return PlainTextResponse("This came from another site, and nothing was done.\n", 403)
        first, slash, _ = scope["path"].removeprefix("/").partition("/")
        if not compare_digest(first.encode("utf-8", "backslashreplace"), self._policy.token.encode()):
            text = "Open the address that `archive review` printed.\n请打开 `archive review` 显示的地址。\n"
            return PlainTextResponse(text, 403)
        return None if slash else RedirectResponse(f"{self._policy.root}/", 303)


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
