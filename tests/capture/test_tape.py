"""One exchange, without a network: whatever comes becomes an exchange."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.errors import CaptureError, Disconnected, NotHttp, TimedOut, TooLarge
from capture.spool import Spool, block_of
from capture.tape import SECRETS, Bounds, Tape, redact
from capture.tries import passes, retry_after

_SENT = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
_BYTES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 103 E\r\n\r\n", b"Content-Length: 5\r\n", b"\r\n", b"hello"]
        ),
    ),
    max_size=12,
)
_ERRORS = st.sampled_from([None, Disconnected("x"), TimedOut("x"), TooLarge("x"), NotHttp("x"), KeyboardInterrupt()])


@given(_BYTES, _ERRORS, st.booleans())
def test_every_byte_is_somewhere(received: list[bytes], error: BaseException | None, closed: bool) -> None:
    tape = Tape("GET", "https://example.org/")
    tape.sent(_SENT)
    for data in received:
        if data:
            tape.received(data)
    if closed:
        tape.received(b"")
    exchange = tape.finish(error)
    whole = b"".join(received)
    assert exchange.interim + exchange.response.read() + exchange.surplus == whole
    assert exchange.request.read() == _SENT
    assert exchange.response.sha256 == sha256(exchange.response.read()).hexdigest()
    body = b"".join(exchange.payload())
    assert (exchange.payload_size, exchange.payload_sha256) == (len(body), sha256(body).hexdigest())
    assert bool(exchange.truncated) is not exchange.whole
    assert exchange.outcome != "complete" or exchange.whole
    assert tape.finish(CaptureError("too late")) is exchange
    assert isinstance(tape.judge("the client's words"), CaptureError)


def test_it_takes_no_longer_than_its_bounds() -> None:
    now = [100.0]
    tape = Tape("GET", "https://example.org/", bounds=Bounds(longest=10.0), timer=lambda: now[0])
    assert tape.patience(30.0) == 10.0
    assert tape.patience(None) == 10.0
    now[0] += 8
    assert tape.patience(1.0) == 1.0
    assert tape.patience(30.0) == 2.0
    tape.hurry(1.0)
    assert tape.patience(30.0) == 1.0
    now[0] += 2
    with pytest.raises(TimedOut) as caught:
        tape.patience(30.0)
    assert not caught.value.passes


def test_redaction_touches_values_alone() -> None:
    head = b"GET /?cookie=1 HTTP/1.1\r\nHost: x\r\nCOOKIE: a=1\r\nX-Cookie: b\r\nProxy-Authorization:Basic eA=="
    assert redact(head, SECRETS) == (
        b"GET /?cookie=1 HTTP/1.1\r\nHost: x\r\nCOOKIE: x-redacted\r\nX-Cookie: b\r\nProxy-Authorization: x-redacted",
        ("COOKIE", "Proxy-Authorization"),
    )
    assert redact(head, frozenset()) == (head, ())


@given(st.lists(st.binary(max_size=50), max_size=10), st.integers(0, 100))
def test_a_block_is_what_was_written(pieces: list[bytes], in_memory: int) -> None:
    spool = Spool(in_memory=in_memory)
    for piece in pieces:
        spool.write(piece)
    block, whole = spool.block(), b"".join(pieces)
    assert (block.size, block.sha256) == (len(whole), sha256(whole).hexdigest())
    assert block.read() == b"".join(block) == whole
    assert block.read(3) == whole[:3]
    assert block_of(whole).sha256 == block.sha256
    with block.open() as stream:
        assert stream.read() == whole
    block.close()
    block.close()


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (b"Retry-After: 7", 7.0),
        (b"Retry-After: Wed, 25 Nov 2026 08:01:00 GMT", 60.0),
        (b"Date: Wed, 25 Nov 2026 09:00:00 GMT\r\nRetry-After: Wed, 25 Nov 2026 09:00:05 GMT", 5.0),
        (b"Retry-After: Wed, 25 Nov 2020 08:00:00 GMT", 0.0),
        (b"Retry-After: soon", None),
        (b"Retry-After: -5", None),
        (b"Retry-After: \xc2\xb2", None),
        (b"Retry-After: 99999999999999999999", 999999999.0),
        (b"X: y", None),
    ],
)
def test_retry_after(fields: bytes, seconds: float | None) -> None:
    tape = Tape("GET", "https://example.org/")
    tape.sent(_SENT)
    tape.received(b"HTTP/1.1 503 Later\r\n" + fields + b"\r\nContent-Length: 0\r\n\r\n")
    exchange = tape.finish()
    assert retry_after(exchange, datetime(2026, 11, 25, 8, tzinfo=UTC)) == seconds
    assert passes(exchange, None)
