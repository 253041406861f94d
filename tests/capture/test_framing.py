"""Where answers end: whatever comes, however it is cut."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.framing import LONGEST_HEAD, Framer, Framing, Part, payload
from capture.heads import parse_head

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def frame(*data: bytes, method: str = "GET", disconnected: bool = True) -> tuple[list[tuple[Part, bytes]], Framing]:
    framer = Framer(method)
    pieces = [piece for each in data for piece in framer.feed(each)]
    pieces += framer.close(disconnected=disconnected)
    assert b"".join(piece.data for piece in pieces) == b"".join(data)
    assert all(piece.data for piece in pieces)
    merged = [(part, b"".join(each.data for each in some)) for part, some in groupby(pieces, lambda piece: piece.part)]
    return merged, framer.framing()


def part(pieces: list[tuple[Part, bytes]], wanted: Part) -> bytes:
    return b"".join(data for each, data in pieces if each is wanted)


# Name, request method, bytes, payload, whole, surplus, a word of the reason.
ANSWERS: list[tuple[str, str, bytes, bytes, bool, bytes, str]] = [
    ("length", "GET", OK + b"Content-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("length of nothing", "GET", OK + b"Content-Length: 0\r\n\r\n", b"", True, b"", ""),
    ("length twice", "GET", OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("length as a list", "GET", OK + b"Content-Length: 2, 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("lengths that differ", "GET", OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", b"hi", False, b"", "2, 3"),
    ("length that is none", "GET", OK + b"Content-Length: +2\r\n\r\nhi", b"hi", False, b"", "+2"),
    ("short body", "GET", OK + b"Content-Length: 9\r\n\r\nhi", b"hi", False, b"", "length"),
    ("junk after it", "GET", OK + b"Content-Length: 2\r\n\r\nhiJUNK", b"hi", True, b"JUNK", ""),
    ("chunks", "GET", CHUNKED + b"2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", b"hi!", True, b"", ""),
    ("chunk extensions", "GET", CHUNKED + b'2;a=1;b="x"\r\nhi\r\n00;z\r\n\r\n', b"hi", True, b"", ""),
    ("trailers", "GET", CHUNKED + b"2\r\nhi\r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n", b"hi", True, b"", ""),
    ("chunks with LF", "GET", CHUNKED + b"2\nhi\n0\n\n", b"hi", True, b"", ""),
    ("chunk size with blanks", "GET", CHUNKED + b"2  \r\nhi\r\n0\r\n\r\n", b"hi", True, b"", ""),
    ("junk after chunks", "GET", CHUNKED + b"0\r\n\r\nJUNK", b"", True, b"JUNK", ""),
    ("cut chunk", "GET", CHUNKED + b"9\r\nhi", b"hi", False, b"", "chunked"),
    ("cut before the last chunk", "GET", CHUNKED + b"2\r\nhi\r\n", b"hi", False, b"", "chunked"),
    ("cut trailer", "GET", CHUNKED + b"0\r\nX-Sum: 1\r\n", b"", False, b"", "chunked"),
    ("bad chunk size", "GET", CHUNKED + b"2\r\nhi\r\n0x2\r\nho\r\n0\r\n\r\n", b"hi", False, b"", "0x2"),
    ("negative chunk size", "GET", CHUNKED + b"-2\r\nhi\r\n", b"", False, b"", "-2"),
    ("chunk longer than its size", "GET", CHUNKED + b"1\r\nhi\r\n0\r\n\r\n", b"h", False, b"", "longer"),
    ("chunk with CR alone", "GET", CHUNKED + b"2\r\nhi\rx0\r\n\r\n", b"hi", False, b"", "longer"),
    (
        "length and chunks",
        "GET",
        OK + b"Content-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"hi",
        True,
        b"",
        "both",
    ),
    (
        "another transfer coding",
        "GET",
        OK + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"hi",
        True,
        b"",
        "gzip, chunked",
    ),
    ("until close", "GET", b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhi", b"hi", True, b"", ""),
    ("no reason", "GET", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("many blanks", "GET", b"HTTP/1.1   200   OK  \r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("identity", "GET", OK + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("no reason, one space", "GET", b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("LF alone", "GET", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", b"hi", True, b"", ""),
    ("empty lines before", "GET", b"\r\n\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("head with a broken line", "GET", OK + b"no colon\r\nContent-Length: 2\r\n\r\nhi", b"hi", True, b"", ""),
    ("HEAD", "HEAD", OK + b"Content-Length: 9\r\n\r\n", b"", True, b"", ""),
    ("HEAD with a body", "head", OK + b"Content-Length: 2\r\n\r\nhi", b"", True, b"hi", ""),
    ("204", "GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", b"", True, b"", ""),
    ("304", "GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b"", True, b"", ""),
    ("101", "GET", b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x00\x01", b"", True, b"\x00\x01", ""),
    ("CONNECT", "CONNECT", OK + b"\r\n\x16\x03", b"", True, b"\x16\x03", ""),
    ("nothing", "GET", b"", b"", False, b"", "nothing"),
    ("half a head", "GET", b"HTTP/1.1 200 OK\r\nServer: x\r\n", b"", False, b"", "head"),
    ("no HTTP", "GET", b"SSH-2.0-OpenSSH_9.2p1\r\n\r\nmore", b"", False, b"", "status line"),
    ("strange status", "GET", b"HTTP 200 Document follows\r\n\r\nmore", b"", False, b"", "status line"),
    ("endless head", "GET", OK + b"X: " + b"y" * LONGEST_HEAD, b"", False, b"", "longer"),
    ("endless chunk line", "GET", CHUNKED + b"2;" + b"y" * LONGEST_HEAD + b"\r\nhi", b"", False, b"", "longer"),
    ("endless trailers", "GET", CHUNKED + b"0\r\n" + b"X: y\r\n" * (LONGEST_HEAD // 5), b"", False, b"", "longer"),
]
ONE_BY_ONE = [answer for answer in ANSWERS if len(answer[2]) < 1000]


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS, ids=[each[0] for each in ANSWERS])
def test_an_answer_is_framed(answer: tuple[str, str, bytes, bytes, bool, bytes, str]) -> None:
    _, method, data, body, whole, surplus, why = answer
    pieces, framing = frame(data, method=method)
    assert part(pieces, Part.PAYLOAD) == body
    assert part(pieces, Part.SURPLUS) == surplus
    assert framing.whole is whole
    assert why in framing.why
    assert bool(framing.why) >= (not whole)
    assert b"".join(payload([data], method)) == body


@pytest.mark.parametrize("answer", ONE_BY_ONE, ids=[each[0] for each in ONE_BY_ONE])
def test_byte_by_byte_is_the_same(answer: tuple[str, str, bytes, bytes, bool, bytes, str]) -> None:
    _, method, data, *_ = answer
    assert frame(*(data[at : at + 1] for at in range(len(data))), method=method) == frame(data, method=method)


def test_interim_answers_come_off() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    final = OK + b"Content-Length: 2\r\n\r\n"
    pieces, framing = frame(b"HTTP/1.1 100 Continue\r\n\r\n" + early + final + b"hi")
    assert pieces == [
        (Part.INTERIM, b"HTTP/1.1 100 Continue\r\n\r\n" + early),
        (Part.HEAD, final),
        (Part.PAYLOAD, b"hi"),
    ]
    assert framing.whole


def test_a_body_until_close_is_whole_only_if_the_other_side_closed() -> None:
    _, framing = frame(b"HTTP/1.0 200 OK\r\n\r\nhi", disconnected=False)
    assert not framing.whole
    assert framing.delimiter == "close"


def test_trailers_are_read() -> None:
    _, framing = frame(CHUNKED + b"0\r\nX-Sum: 1\r\n\r\n")
    assert framing.trailers == ((b"X-Sum", b"1"),)


def test_a_head_keeps_its_bytes() -> None:
    head = parse_head(
        b"HTTP/1.1 404 Nicht gefunden \xfc\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Fold: one\r\n  two\r\n\tthree\r\n"
        + "X-Name: 宣纸\r\n".encode()
        + b"X-Old: caf\xe9\r\nnonsense\r\nVary: Accept, ,Cookie\r\n\r\n"
    )
    assert head
    assert (head.version, head.status, head.reason) == ("1.1", 404, b"Nicht gefunden \xfc")
    assert head.values("SET-cookie") == [b"a=1", b"b=2"]
    assert head.get("x-fold") == "one two three"
    assert head.get("X-Name") == "宣纸"
    assert head.get("X-Old") == "café"
    assert head.get("missing") == ""
    assert head.tokens("vary") == ["accept", "cookie"]
    assert (b"", b"nonsense") in head.fields


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b" ", b"\t", b"\r", b" \r", b":", b"\n ", b"X:\n"])
def test_hostile_heads_come_back(piece: bytes) -> None:
    for start in (b"HTTP/1.1 200", b"HTTP/1.1", b""):
        parse_head(start + piece * (LONGEST_HEAD // len(piece)) + b"x")
        parse_head(start + b" 200 " + piece * (LONGEST_HEAD // len(piece)) + b"\rx\r\n\r\n")


# Pieces of which answers are made, so that generated bytes come past the status line.
_WORDS = st.sampled_from(
    [
        *(b"HTTP/1.1 200 OK", b"HTTP/1.1 103 E", b"HTTP/1.1 304 N", b"Content-Length: 3", b"Content-Length: 4"),
        *(b"Transfer-Encoding: chunked", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"0", b"3", b"a;x", b": ", b"abc", b" "),
        *(b"\x00", b"\xff"),
    ]
)
_BYTES = st.one_of(st.binary(max_size=200), st.lists(_WORDS, max_size=25).map(b"".join))


@given(_BYTES, st.sampled_from(["GET", "HEAD", "CONNECT"]), st.lists(st.integers(0, 400), max_size=12), st.booleans())
def test_framing_does_not_depend_on_the_cuts(data: bytes, method: str, cuts: list[int], disconnected: bool) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(edges)]
    assert frame(*parts, method=method, disconnected=disconnected) == frame(
        data, method=method, disconnected=disconnected
    )


@given(_BYTES)
def test_a_head_never_raises(data: bytes) -> None:
    parse_head(data)
