"""The server: on this machine alone, at a port that is known before it starts."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

__all__ = ["bound", "running", "serve"]


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
