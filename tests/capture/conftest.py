"""What the tests of capturing share: an environment without proxies, certificates, servers."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import trustme
from scripted import Answer, Server

from capture.client import Client
from capture.guard import Resolver, resolve
from capture.settings import Settings


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Give a client's context that trusts the servers of these tests."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> ssl.SSLContext:
    """Give a server's context for 127.0.0.1 and localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


Serve = Callable[..., Server]


@pytest.fixture
def serve(certified: ssl.SSLContext) -> Iterator[Serve]:
    """Start servers that stop with the test."""
    started: list[Server] = []

    def start(answers: dict[str, Answer | list[Answer]], *, tls: bool | ssl.SSLContext = False) -> Server:
        context = certified if tls is True else tls or None
        started.append(Server(answers, context))
        return started[-1]

    yield start
    for server in started:
        server.stop()


class Time:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.tick = 0.0
        """Seconds that pass whenever somebody looks."""
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return datetime(2026, 11, 25, 8, 0, 0, tzinfo=UTC) + timedelta(seconds=self.now)

    def timer(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(time: Time, trusting: ssl.SSLContext) -> Iterator[Callable[..., Client]]:
    """Make clients that may visit this machine, with time that does not pass and chance that is always the same."""
    made: list[Client] = []

    def make(*, resolver: Resolver = resolve, **settings: object) -> Client:
        chosen = {"contact": "test@example.org", "allow_private": True, "robots": False, **settings}
        made.append(
            Client(
                Settings(**chosen),  # type: ignore[arg-type]
                ssl_context=trusting,
                resolver=resolver,
                random=Random(1),
                clock=time.clock,
                timer=time.timer,
                sleep=time.sleep_async,
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()
