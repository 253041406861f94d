"""What the tests of capturing share: an environment without proxies, certificates, servers."""

import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme
from scripted import Answer, Server


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
