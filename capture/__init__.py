"""Capturing: a URL in, exchanges out, as they crossed the wire; knows nothing of cleaning or keeping.

    import capture

    with capture.fetch("https://example.org/", contact="archive@library.example") as page:
        print(page.answer.status, page.answer.response.size)

`AsyncClient` keeps connections, the pace of hosts and robots.txt over many pages, and visits many at once; `Client` is
the same for programs that do not use asyncio, one page after the other.
"""

TYPE_CHECKING = False  # as in `typing`, without the import: whoever needs one name shall not pay for all
if TYPE_CHECKING:
    from typing import Any

    from capture.client import AsyncClient, Client, Fetched
    from capture.errors import CaptureError
    from capture.page import Exchange, Page
    from capture.settings import Settings
    from capture.visit import Validators

__all__ = [
    "AsyncClient", "CaptureError", "Client", "Exchange", "Fetched", "Page", "Settings", "Validators", "fetch",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(("AsyncClient", "Client", "Fetched"), "client"),
    "CaptureError": "errors",
    **dict.fromkeys(("Exchange", "Page"), "page"),
    "Settings": "settings",
    "Validators": "visit",
}


def fetch(url: str, **settings: "Any") -> "Page":
    """Capture one page with its requisites; `settings` are fields of `Settings`. Close the page when you are done.

    For more than one page use a client: it knows the pace of hosts from one page to the next. Works also where an event
    loop is running, which stands still meanwhile.

    Raises CaptureError where nothing answered or nothing was to be asked; its `page` holds what came.
    Raises OSError where the disk does not take a large body.
    """
    from capture.client import Client
    from capture.settings import Settings

    with Client(Settings(**settings)) as client:
        return client.fetch(url)


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"capture.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
