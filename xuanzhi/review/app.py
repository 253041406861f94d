"""The web application: routes, middleware, and the server on this machine alone."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.review import view_articles, view_captures, view_items, view_rules, view_site
from xuanzhi.review.request import ReviewApp, View, answer_failure, endpoint
from xuanzhi.review.security import AccessPolicy, SecurityMiddleware

__all__ = ["ROUTES", "build", "listening_socket", "serve", "serve_in_thread"]


class _RowConvertor(Convertor[int]):
    """The number of a row or of an entry in a path: at most 18 digits, which SQLite can hold; more are no page."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", _RowConvertor())

ROUTES: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", view_items.queue),
    ("GET", "/group/{signature}", view_items.group),
    ("POST", "/group/{signature}", view_items.accept_group),
    ("GET", "/item/{item}", view_items.item),
    ("POST", "/item/{item}", view_items.decide),
    ("POST", "/item/{item}/undo", view_items.undo),
    ("GET", "/item/{item}/wrong/{entry:row}", view_items.wrong),
    ("GET", "/item/{item}/wrong-node/{entry:row}", view_items.wrong_node),
    ("GET", "/item/{item}/propose", view_items.propose),
    ("GET", "/articles", view_articles.articles),
    ("GET", "/article", view_articles.article),
    ("GET", "/compare", view_articles.compare),
    ("GET", "/picture/{sha256}", view_captures.picture),
    ("GET", "/source/{capture:row}", view_captures.source),
    ("GET", "/learned", view_rules.learned),
    ("GET", "/learned/source", view_rules.learned_source),
    ("POST", "/learned/source", view_rules.decide_learned),
    ("GET", "/rules", view_rules.rules),
    ("GET", "/rules/{rule}", view_rules.rule),
    ("GET", "/statistics", view_site.statistics),
    ("GET", "/settings", view_site.settings),
    ("POST", "/settings", view_site.save_settings),
)


def build(app: ReviewApp, policy: AccessPolicy) -> ASGIApp:
    """Return the ASGI application for one collection, with who may come in."""
    routes = [Route(path, endpoint(view), methods=[method]) for method, path, view in ROUTES]
    static = Mount("/static", StaticFiles(directory=str(files("xuanzhi.review") / "static")))
    inner = Starlette(
        routes=[*routes, static],
        exception_handlers=dict.fromkeys((ArchiveError, CleanError, HTTPException, Exception), answer_failure),
    )
    # A path with a slash too many is no page; Starlette would lead on to the `Host` of the request.
    inner.router.redirect_slashes = False
    inner.state.review = app
    return SecurityMiddleware(inner, policy=policy)


def listening_socket(port: int, address: str = "127.0.0.1") -> socket.socket:
    """Return a socket that listens at a port of this machine, 0 for a free one.

    Raises OSError where it is taken, OverflowError where it is no port.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.listen(128)
    except (OSError, OverflowError):
        opened.close()
        raise
    return opened


def _server(app: ASGIApp, *, debug: bool = False) -> uvicorn.Server:
    settings = uvicorn.Config(
        app,
        log_level="error" if debug else "critical",
        access_log=False,
        lifespan="off",
        ws="none",
        # What stands in X-Forwarded-For is nobody's business here.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(settings)


def serve(app: ASGIApp, at: socket.socket, *, debug: bool) -> None:
    """Serve requests until the process is asked to end; `debug` shows the tracebacks of unexpected errors."""
    _server(app, debug=debug).run(sockets=[at])


@contextmanager
def serve_in_thread(app: ASGIApp, at: socket.socket) -> Iterator[str]:
    """Answer requests in a thread meanwhile; give the address."""
    server = _server(app)
    thread = Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        at.close()
