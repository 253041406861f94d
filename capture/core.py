"""What a client of either kind is made of: settings, pace, visits, and how requests are written."""

import ssl
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import httpx

from capture.effects import Send
from capture.errors import NotAWebAddress
from capture.guard import Guard, Resolver
from capture.heads import Head
from capture.pace import Pace
from capture.proxies import ProxyOf
from capture.settings import Settings
from capture.tape import Bounds
from capture.visit import Visits
from capture.wire import BOUNDS, TAPE, Recorder

__all__ = ["Core", "is_unwanted"]


class Core:
    """Everything but waiting. Nothing here is contacted."""

    def __init__(
        self,
        settings: Settings,
        *,
        ssl_context: ssl.SSLContext | None,
        resolver: Resolver,
        proxy_of: ProxyOf | None,
        random: Random | None,
        clock: Callable[[], datetime],
        timer: Callable[[], float],
        pace: Pace | None = None,
    ) -> None:
        self._settings = settings
        self._timer = timer
        random = random or Random()
        self._pace = pace or Pace(settings, random)
        self.visits = Visits(settings, self._pace, random=random, clock=clock, timer=timer)
        self.recorder = Recorder(
            guard=Guard(allow_private=settings.allow_private, resolver=resolver),
            proxy_of=proxy_of,
            ssl_context=ssl_context,
            insecure=settings.insecure,
            clock=clock,
            timer=timer,
        )

    def options(self) -> dict[str, Any]:
        """Return the options of the HTTP client."""
        return {
            # Every reader of archives can undo gzip and deflate; brotli and zstd only some.
            "headers": {
                "User-Agent": self._settings.user_agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": self._settings.language,
                "Accept-Encoding": "gzip, deflate",
            },
            "trust_env": False,  # no passwords from .netrc; proxies are the recorder's affair
        }

    def request(self, send: Send, build: Callable[..., httpx.Request]) -> httpx.Request:
        """Return a request, built by `httpx.Client.build_request`. Raises NotAWebAddress."""
        settings = self._settings
        timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=None)
        bounds = Bounds(
            largest=send.largest,
            longest=settings.longest,
            directory=settings.directory,
            redacted=settings.redacted,
        )
        try:
            return build("GET", send.url, headers=send.fields, timeout=timeout, extensions={BOUNDS: bounds})
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NotAWebAddress(f"{send.url[:200]!r} is not a web address: {error}") from error

    def keep_cookies(self, cookies: httpx.Cookies, request: httpx.Request, response: httpx.Response) -> None:
        """Remember the cookies of a response, where that was asked for."""
        if self._settings.cookies:
            response.request = request
            cookies.extract_cookies(response)

    def turn(self, send: Send) -> float:
        """Return how many seconds to wait before this exchange. Raises HostBlocks."""
        return self._pace.reserve(send.host, self._timer(), send.interval)


def is_unwanted(send: Send, response: httpx.Response) -> bool:
    """Return whether the body of this response shall not be read."""
    head: Head | None = response.extensions[TAPE].head
    return send.wanted is not None and head is not None and not send.wanted(head)
