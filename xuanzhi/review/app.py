"""The application: every address, and the view that answers it."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from archive.errors import ArchiveError
from clean.errors import CleanError
from xuanzhi.review import view_articles, view_captures, view_items, view_rules, view_site
from xuanzhi.review import view_articles as articles
from xuanzhi.review import view_items as deciding
from xuanzhi.review import view_items as group
from xuanzhi.review import view_items as proposing
from xuanzhi.review import view_items as queue
from xuanzhi.review import view_rules as learned
from xuanzhi.review import view_rules as rules
from xuanzhi.review import view_site as figures
from xuanzhi.review.request import ReviewApp, View, endpoint, failed
from xuanzhi.review.security import AccessPolicy, SecurityMiddleware

__all__ = ["ROUTES", "bound", "build", "running", "serve"]

ROUTES: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", queue.queue),
    ("GET", "/group/{signature}", group.group),
    ("POST", "/group/{signature}", group.accept_group),
    ("GET", "/item/{item}", view_items.item),
    ("POST", "/item/{item}", deciding.decide),
    ("POST", "/item/{item}/undo", deciding.undo),
    ("GET", "/item/{item}/wrong/{entry:int}", proposing.wrong),
    ("GET", "/item/{item}/wrong-node/{entry:int}", proposing.wrong_node),
    ("GET", "/item/{item}/propose", proposing.propose),
    ("GET", "/articles", articles.articles),
    ("GET", "/article", view_articles.article),
    ("GET", "/compare", view_articles.compare),
    ("GET", "/picture/{sha256}", view_captures.picture),
    ("GET", "/source/{capture:int}", view_captures.source),
    ("GET", "/learned", learned.learned),
    ("GET", "/learned/source", view_rules.learned_source),
    ("POST", "/learned/source", view_rules.decide_learned),
    ("GET", "/rules", rules.rules),
    ("GET", "/rules/{rule}", rules.rule),
    ("GET", "/statistics", figures.statistics),
    ("GET", "/settings", view_site.settings),
    ("POST", "/settings", view_site.keep),
)


def build(room: ReviewApp, door: AccessPolicy) -> ASGIApp:
    """Return the application for one collection."""
    routes = [Route(path, endpoint(view), methods=[method]) for method, path, view in ROUTES]
    static = Mount("/static", StaticFiles(directory=str(files("xuanzhi.review") / "static")))
    inner = Starlette(
        routes=[*routes, static],
        exception_handlers=dict.fromkeys((ArchiveError, CleanError, HTTPException, Exception), failed),
    )
    inner.state.room = room
    return SecurityMiddleware(inner, door=door)


# The server: on this machine alone, at a port that is known before it starts.


def bound(port: int, address: str = "127.0.0.1") -> socket.socket:
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
    """Answer requests until the process is told to end; with `debug`, show tracebacks of what nobody expected."""
    _server(app, debug=debug).run(sockets=[at])


@contextmanager
def running(app: ASGIApp, at: socket.socket) -> Iterator[str]:
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
