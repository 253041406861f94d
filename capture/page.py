"""Data types of a capture: exchanges, and pages made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Literal, NamedTuple

from capture.framing import payload
from capture.heads import Head
from capture.spool import Block

__all__ = ["Connection", "Event", "Exchange", "Failure", "Page", "Robots", "Tls", "Truncated"]

Truncated = Literal["", "length", "time", "disconnect", "unspecified"]
"""Why an exchange is cut, in the words of WARC-Truncated (WARC 1.1 §5.13); empty where it is whole."""


class Event(NamedTuple):
    """Something that happened beside the bytes."""

    at: datetime
    """UTC."""
    kind: str
    """A stable English word: `stale-connection`, `request-cut`, `client-disagrees`."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The parameters that were negotiated for a TLS connection."""

    version: str
    """As OpenSSL names it, such as `TLSv1.3`."""
    cipher: str
    """The IANA name for TLS 1.3, OpenSSL's own name for older ones."""
    alpn: str
    """Protocol chosen by ALPN (RFC 7301), such as `http/1.1`; empty where none was."""
    verified: bool
    """Whether the certificate had to be trusted and to name the host."""
    chain: tuple[bytes, ...]
    """Certificates that the server sent, its own first, each in DER. Before Python 3.13 perhaps only its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The connection that carried an exchange."""

    address: str
    """IP address of the server; empty behind a proxy, where only the proxy knows it."""
    port: int
    """TCP port of the server; 0 behind a proxy."""
    tls: Tls | None
    """None for plain HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer, as bytes: the blocks of request and response records (WARC 1.1 §6.3, §6.5)."""

    method: str
    url: str
    """What was asked for, without fragment and without `user:password@`."""
    started: datetime
    """UTC; before the connection was made or taken."""
    ended: datetime
    """UTC; when the last byte had come, or when it was given up."""
    request: Block
    """Bytes written, from the request line on. Values of redacted fields are `x-redacted`."""
    redacted: tuple[str, ...]
    """Names of the request's fields whose value was redacted, as they stand in the request."""
    interim: bytes
    """1xx answers that came before the final one (RFC 9110 §15.2); they are no part of `response`."""
    response: Block
    """Bytes of the final answer as received: head, body with its framing, trailers. Not what came before or after it.
    Where the bytes are no HTTP, all of them."""
    surplus: bytes
    """The first 64 KiB that came after the answer; no part of `response`."""
    head: Head | None
    """The final answer's head, None where none came."""
    payload_size: int
    """Bytes of the body without transfer coding, with content coding (WARC 1.1 §6.3.2)."""
    payload_sha256: str
    """Of those bytes, in lowercase hex."""
    whole: bool
    """Whether the answer ended where its head says that it ends."""
    framing: str
    """Why it is not whole, or what is strange about a whole one; empty otherwise."""
    truncated: Truncated
    outcome: str
    """`complete`, `abandoned` (we stopped reading), or the `code` of the error that ended it."""
    message: str
    """The error's message; empty where there was none."""
    connection: Connection | None
    """None where none was made."""
    reused: bool
    """Whether the connection had served another exchange before."""
    proxied: bool
    """Whether a proxy stood between."""
    events: tuple[Event, ...]

    @property
    def status(self) -> int:
        """Status code of the answer (RFC 9110 §15), 0 where there is none."""
        return self.head.status if self.head else 0

    def payload(self) -> Iterator[bytes]:
        """Yield the body without transfer coding, with content coding, read again from `response`."""
        return payload(self.response, self.method)

    def close(self) -> None:
        """Remove temporary files of the blocks."""
        self.request.close()
        self.response.close()


class Failure(NamedTuple):
    """A requisite that was not read, and why."""

    url: str
    code: str
    """The `code` of an error, or `not-wanted` (by its type or size), `not-tried` (its host failed before, or the time
    was up), `too-many`, `placeholder` (the server sent another picture)."""
    message: str


class Robots(NamedTuple):
    """The decision about a page by the site's robots.txt (RFC 9309)."""

    decision: str
    """`allowed`, `forbidden`, `absent` (there is none: allowed), `unreachable` (forbidden), `ignored` (not asked)."""
    url: str
    """Address of the robots.txt; empty where it was not asked."""
    reason: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One visit: the exchange that answered, how it was come by, and what the page needs to be read."""

    url: str
    """As given, without `user:password@`."""
    hops: tuple[Exchange, ...]
    """The redirect chain in order; the last one answered. Empty only in a page that an error carries."""
    attempts: tuple[Exchange, ...]
    """Exchanges that failed or were put off (429, 503 …) and were tried again, in order."""
    requisites: tuple[Exchange, ...]
    """Images, styles, fonts and media with their redirects, in the order in which the page names them."""
    failures: tuple[Failure, ...]
    """Requisites that were not read, or are not what they should be."""
    shared: tuple[str, ...] = ()
    """Requisites that the client fetched for an earlier page, and did not fetch again."""
    robots: Robots
    robots_exchanges: tuple[Exchange, ...]
    """The exchanges that fetched robots.txt, where this visit did."""
    wall: str
    """Kind of the wall that stands before the page (see `capture.walls`); empty where there is none."""
    insecure: bool
    """Whether certificates were not verified, by the caller's wish."""

    @property
    def answer(self) -> Exchange:
        """The exchange that answered, after all redirects. Raises IndexError where there is none."""
        return self.hops[-1]

    @property
    def not_modified(self) -> bool:
        """Whether the server says that the page is as it was (304)."""
        return bool(self.hops) and self.answer.status == 304

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the visit, in the order of their start."""
        every = (*self.robots_exchanges, *self.attempts, *self.hops, *self.requisites)
        return tuple(sorted(every, key=lambda exchange: exchange.started))

    def close(self) -> None:
        """Remove temporary files of all exchanges; then their blocks cannot be read any more."""
        for exchange in self.exchanges:
            exchange.close()

    def __enter__(self) -> "Page":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
