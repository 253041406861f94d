"""Servers on the loopback that say exactly what a test tells them to, and remember every byte that they read."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple


class Answer(NamedTuple):
    """What is said to one request."""

    data: bytes | Iterable[bytes]
    """Pieces are sent one by one."""
    then: str = "keep"
    """`keep` the connection, `close` it, `reset` it, or `hang`: keep silent until the server stops."""


class Asked(NamedTuple):
    """One request as it was read."""

    raw: bytes
    connection: int
    """Which connection it came over, in the order of their coming."""

    @property
    def target(self) -> str:
        target = self.raw.split(b" ", 2)[1].decode()
        return "/" + target.split("/", 3)[3] if target.startswith("http") else target  # through a proxy

    def field(self, name: str) -> str:
        for line in self.raw.decode("iso-8859-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return ""


class Server:
    """Answers by the path that is asked for: always the same, or one after the other, the last one again and again."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]], tls: ssl.SSLContext | None = None) -> None:
        self.answers = {path: list(each) if isinstance(each, list) else [each] for path, each in answers.items()}
        self.asked: list[Asked] = []
        self.connections = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def requests(self, path: str) -> list[bytes]:
        return [each.raw for each in self.asked if each.target.endswith(path)]

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            if self._tls:
                plain, connection = connection, self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.discard(plain)
                    self._open.add(connection)
            self.talk(connection, number)
        except OSError:
            pass  # the client went away, or the test is over
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def answer_to(self, asked: Asked) -> Answer:
        answers = self.answers.get(asked.target) or self.answers["*"]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def talk(self, connection: socket.socket, number: int) -> None:
        while (raw := read_request(connection)) is not None:
            asked = Asked(raw, number)
            with self._lock:
                self.asked.append(asked)
                answer = self.answer_to(asked)
            for piece in [answer.data] if isinstance(answer.data, bytes) else answer.data:
                connection.sendall(piece)
            if answer.then == "hang":
                self._stopped.wait(30)
            if answer.then == "reset":  # closing with a linger of zero seconds sends RST
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if answer.then != "keep":
                return


class ProxyServer(Server):
    """Passes bytes on, for CONNECT and for absolute addresses; `refusal` answers CONNECT instead."""

    def __init__(self, refusal: bytes = b"", tls: ssl.SSLContext | None = None) -> None:
        super().__init__({}, tls)
        self.refusal = refusal

    def talk(self, connection: socket.socket, number: int) -> None:
        raw = read_request(connection)
        if raw is None:
            return
        self.asked.append(Asked(raw, number))
        if raw.startswith(b"CONNECT "):
            if self.refusal:
                connection.sendall(self.refusal)
                return
            host, port = raw.split(b" ")[1].decode().rsplit(":", 1)
        else:
            host, port = raw.split(b" ")[1].split(b"/")[2].decode().rsplit(":", 1)
        with socket.create_connection((host, int(port))) as onward:
            if raw.startswith(b"CONNECT "):
                connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\n")
            else:
                onward.sendall(raw)
            back = threading.Thread(target=_pump, args=(onward, connection), daemon=True)
            back.start()
            _pump(connection, onward)
            back.join(5)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def read_request(connection: socket.socket) -> bytes | None:
    """Read a head, and a body by its Content-Length."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        data = connection.recv(65536)
        if not data:
            return None
        raw += data
    head, _, body = raw.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            left = int(line.partition(b":")[2]) - len(body)
            while left > 0:
                data = connection.recv(left)
                raw, left = raw + data, left - len(data)
    return raw


def ok(body: bytes, *fields: bytes) -> bytes:
    """Write a plain whole answer."""
    head = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(head) + b"\r\n\r\n" + body
