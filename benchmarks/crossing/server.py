"""A server in a process of its own: pages of a given size as gzip, chunked, no two alike; streams without end.

/page/KILOBYTES/NUMBER     a page of that many kilobytes on the wire
/stream/MEGABYTES          as many megabytes of noise, chunked
"""

import gzip
import multiprocessing
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection

__all__ = ["page", "serving"]

_CHUNK = 8 * 1024
"""Bytes of a chunk, as nginx sends them."""

_HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: benchmark\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n"
_NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@cache
def _body(size: int) -> bytes:
    """Return so many bytes of gzip, give or take a few: common characters far more often than rare ones."""
    chance = random.Random(size)
    text = "".join(chr(0x4E00 + int(chance.paretovariate(0.7)) % 3000) for _ in range(2 * size))
    low, high = 0, 2 * size
    while high - low > 16:
        middle = (low + high) // 2
        if len(gzip.compress(text[:middle].encode(), 6)) < size:
            low = middle
        else:
            high = middle
    return gzip.compress(f"<html><body><p>{text[:low]}</p></body></html>".encode(), 6, mtime=0)


def page(kilobytes: int, number: int) -> bytes:
    """Return an answer. What tells it from the others is a second member of gzip (RFC 1952 §2.2)."""
    data = _body(kilobytes * 1000) + gzip.compress(b"<!-- %d -->" % number, 0, mtime=0)
    pieces = (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    return b"".join((_HEAD, *(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces), b"0\r\n\r\n"))


@contextmanager
def serving() -> Iterator[int]:
    """Serve in another process; yield the port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    parent.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_talk, args=(connection,), daemon=True).start()


def _talk(connection: socket.socket) -> None:
    received = b""
    with suppress(OSError), connection:
        while True:
            while b"\r\n\r\n" not in received:
                data = connection.recv(65536)
                if not data:
                    return
                received += data
            head, _, received = received.partition(b"\r\n\r\n")
            match head.split(b" ", 2)[1].split(b"/"):
                case [_, b"page", kilobytes, number]:
                    connection.sendall(page(int(kilobytes), int(number)))
                case [_, b"stream", megabytes]:
                    _stream(connection, int(megabytes))
                case _:
                    connection.sendall(_NOTHING)


def _stream(connection: socket.socket, megabytes: int) -> None:
    noise = random.Random(0).randbytes(1024 * 1024)
    connection.sendall(_STREAM_HEAD)
    for _ in range(megabytes):
        connection.sendall(b"100000\r\n" + noise + b"\r\n")
    connection.sendall(b"0\r\n\r\n")
