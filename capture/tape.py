"""Recording of one exchange: bytes go in as they cross the wire, an `Exchange` comes out.

Pure bookkeeping, shared by the synchronous and the asynchronous wire: no sockets here, and time comes from outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic

from capture.errors import (
    BadAnswer,
    BrokenBody,
    CaptureError,
    Disconnected,
    EmptyAnswer,
    HeadTooLong,
    Interrupted,
    NotHttp,
    TimedOut,
    TooLarge,
)
from capture.framing import LONGEST_HEAD, Framer, Part, Piece
from capture.heads import Head
from capture.page import Connection, Event, Exchange, Truncated
from capture.spool import IN_MEMORY, Spool

__all__ = ["MARKER", "SECRETS", "Bounds", "Tape", "redact", "utc_now"]


# Request fields that carry secrets are kept by name, not by value.
#
# An archive is read by many and for long, and a request record holds what was sent. So values of the fields below are
# written as `x-redacted`, and the exchange says which. What servers send is never touched: the raw is sacred.


MARKER = b"x-redacted"
"""Stands in the place of a value."""

SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Names, in lower case, of the fields that are redacted unless the caller says otherwise."""


def redact(head: bytes, names: frozenset[str]) -> tuple[bytes, tuple[str, ...]]:
    """Return a request's head with the values of these fields replaced, and the names as they stand in it.

    `names` are in lower case. The request is one of our own, so its lines end in CRLF and are not folded.
    """
    found: list[str] = []
    lines = head.split(b"\r\n")
    for place, line in enumerate(lines):
        name, colon, _ = line.partition(b":")
        if place and colon and name.lower().decode("iso-8859-1") in names:
            found.append(name.decode("iso-8859-1"))
            lines[place] = name + b": " + MARKER
    return b"\r\n".join(lines), tuple(found)


_SURPLUS = 64 * 1024


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits of the recording of one exchange, and the storage of its bytes."""

    largest: int = 4 * 1024**3
    """Bytes read, all together; at least this much is kept of what is larger."""
    longest: float = 1800.0
    """Seconds from the start to the last byte."""
    in_memory: int = IN_MEMORY
    """Bytes of one block that stay in memory; larger ones go to a temporary file."""
    directory: Path | None = None
    """Where these files are; the system's folder for temporary files by default."""
    redacted: frozenset[str] = SECRETS
    """Request fields, in lower case, whose values are not recorded."""


class Tape:
    """Records one exchange. Written to by one task or thread."""

    def __init__(
        self,
        method: str,
        url: str,
        *,
        bounds: Bounds | None = None,
        proxied: bool = False,
        events: tuple[Event, ...] = (),
        clock: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        """Begin. `clock` tells the time in UTC, `timer` seconds that never go back."""
        self.method = method
        self.url = url
        self.proxied = proxied
        self._bounds = bounds or Bounds()
        self._clock, self._timer = clock, timer
        self._started = clock()
        self._deadline = timer() + self._bounds.longest
        self._events = list(events)
        self._head = bytearray()
        self._redacted: tuple[str, ...] | None = None
        self._request = Spool(self._bounds.directory, self._bounds.in_memory)
        self._framer = Framer(method)
        self._interim = bytearray()
        self._response = Spool(self._bounds.directory, self._bounds.in_memory)
        self._payload = sha256()
        self._payload_size = 0
        self._surplus = bytearray()
        self._connection: Connection | None = None
        self._reused = False
        self._closed_by_peer = False
        self._exchange: Exchange | None = None
        self.received_size = 0

    # What the wire tells

    def bind(self, connection: Connection, *, reused: bool) -> None:
        """Note the connection that carries the exchange."""
        self._connection, self._reused = connection, reused

    def sent(self, data: bytes) -> None:
        """Take bytes that are about to be written."""
        if self._redacted is not None:
            self._request.write(data)
            return
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._end_request_head()

    def _end_request_head(self) -> None:
        head, end, body = bytes(self._head).partition(b"\r\n\r\n")
        head, self._redacted = redact(head, self._bounds.redacted)
        self._request.write(head + end + body)
        self._head.clear()

    def received(self, data: bytes) -> None:
        """Take bytes that were read; none means that the other side closed the connection.

        Raises TooLarge or HeadTooLong, after the bytes were kept, and OSError where the disk does not take them.
        """
        if not data:
            self._closed_by_peer = True
            return
        self.received_size += len(data)
        self._keep(self._framer.feed(data))
        if self.received_size > self._bounds.largest and not self._framer.ended:
            raise TooLarge(f"{self.url} sent more than {self._bounds.largest:,} bytes")
        if len(self._interim) > LONGEST_HEAD:
            raise HeadTooLong(f"{self.url} sent more than {LONGEST_HEAD:,} bytes of interim answers")

    def _keep(self, pieces: list[Piece]) -> None:
        for part, data in pieces:
            if part is Part.INTERIM:
                self._interim += data
            elif part is Part.SURPLUS:
                self._surplus += data[: _SURPLUS - len(self._surplus)]
            else:
                self._response.write(data)
                if part is Part.PAYLOAD:
                    self._payload.update(data)
                    self._payload_size += len(data)

    def patience(self, timeout: float | None) -> float:
        """Return how many seconds the next operation may take. Raises TimedOut where the whole took too long."""
        left = self._deadline - self._timer()
        if left <= 0:
            late = TimedOut(f"{self.url} took more than {self._bounds.longest:g} s")
            late.passes = False  # the same again would take as long
            raise late
        return left if timeout is None else min(timeout, left)

    def hurry(self, seconds: float) -> None:
        """Take no more than these seconds from now on."""
        self._deadline = min(self._deadline, self._timer() + seconds)

    def note(self, kind: str, message: str) -> None:
        """Keep an event."""
        self._events.append(Event(self._clock(), kind, message))

    # What the wire asks

    @property
    def unfinished(self) -> bool:
        """Whether the other side may still send something of this answer; not where it is none at any rate."""
        hopeless = self._framer.head is None and self.received_size > LONGEST_HEAD
        return not (self._exchange or self._framer.ended or self._closed_by_peer or hopeless)

    @property
    def head(self) -> Head | None:
        """The final answer's head, once it came."""
        return self._framer.head

    @property
    def clean(self) -> bool:
        """Whether the connection can carry another exchange: the answer ended, and nothing came after it."""
        return self._framer.ended and not self._surplus

    @property
    def stale(self) -> bool:
        """Whether nothing came over a connection that had served before: it was closed while it was idle."""
        return self._reused and not self.received_size

    @property
    def events(self) -> tuple[Event, ...]:
        """Events so far."""
        return tuple(self._events)

    @property
    def exchange(self) -> Exchange | None:
        """The exchange, once it is finished."""
        return self._exchange

    def judge(self, message: str) -> BadAnswer | Disconnected:
        """Return the error that fits the bytes, where the HTTP client gave up with the words `message`."""
        head = self._framer.framing().head
        if not self.received_size:
            return EmptyAnswer(f"{self.url} closed the connection without an answer")
        if head is not None:
            if self._closed_by_peer and not self._framer.ended:
                return Disconnected(f"{self.url} closed the connection in the middle of the answer")
            return BrokenBody(f"{self.url} sent an answer that breaks HTTP: {message}")
        # A head that does not end looks like one; anything else does not begin with a status line.
        if (self._response.size or self.received_size) > LONGEST_HEAD:
            return HeadTooLong(f"{self.url} sent {self.received_size:,} bytes without an end of the head")
        return NotHttp(f"{self.url} does not answer in HTTP: {message}")

    def finish(self, error: BaseException | None = None) -> Exchange:
        """End the recording. Only the first call counts. Raises OSError where the disk does not take the rest."""
        if self._exchange is not None:
            return self._exchange
        if self._redacted is None:
            self._end_request_head()
        self._keep(self._framer.close(disconnected=self._closed_by_peer))
        framing = self._framer.framing()
        if framing.whole and isinstance(error, BadAnswer):
            self.note("client-disagrees", str(error))  # the bytes are an answer; the client wants them otherwise
            error = None
        outcome = "complete" if framing.whole else "abandoned"
        if isinstance(error, CaptureError):
            outcome = error.code
        elif error is not None:
            outcome = "interrupted"
        self._exchange = Exchange(
            method=self.method,
            url=self.url,
            started=self._started,
            ended=self._clock(),
            request=self._request.block(),
            redacted=self._redacted or (),
            interim=bytes(self._interim),
            response=self._response.block(),
            surplus=bytes(self._surplus),
            head=framing.head,
            payload_size=self._payload_size,
            payload_sha256=self._payload.hexdigest(),
            whole=framing.whole,
            framing=framing.why,
            truncated=self._truncated(error) if not framing.whole else "",
            outcome=outcome,
            message=str(error) if error is not None else "",
            connection=self._connection,
            reused=self._reused,
            proxied=self.proxied,
            events=tuple(self._events),
        )
        return self._exchange

    def _truncated(self, error: BaseException | None) -> Truncated:
        """Tell why it is cut, in WARC's words (WARC 1.1 §5.13)."""
        if isinstance(error, TooLarge):
            return "length"
        if isinstance(error, TimedOut):
            return "time"
        if isinstance(error, Disconnected | EmptyAnswer):
            return "disconnect"
        if self._closed_by_peer and not isinstance(error, BadAnswer | Interrupted) and not self._framer.broken:
            return "disconnect"
        return "unspecified"
