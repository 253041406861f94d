"""Records of others are found one after the other, and damage costs what is damaged, and no more."""

import gzip
from io import BytesIO

import pytest
from draws import draws
from foreign import ARC_HEAD, answer, arc, page, record, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.foreign import ForeignDamage, ForeignReader, NoRecord

PAGES = [page(number) for number in range(1, 5)]


def scan(data: bytes) -> tuple[list[bytes], list[ForeignDamage]]:
    """Return the heads and blocks of all records, and the damage."""
    scanner = ForeignReader(BytesIO(data))
    found, damage = [], []
    while True:
        try:
            one = scanner.next()
            if one is None:
                return found, damage
            found.append(one.head.raw + b"".join(scanner.block()))
        except NoRecord as error:
            damage.append(scanner.skip(str(error)))


def bare(*records: bytes) -> list[bytes]:
    return [each.removesuffix(b"\r\n\r\n") for each in records]


@pytest.mark.parametrize(
    "data",
    [b"".join(PAGES), zipped(*PAGES), gzip.compress(b"".join(PAGES)), zipped(PAGES[0], b"".join(PAGES[1:]))],
    ids=["plain", "members", "one-member", "mixed"],
)
def test_however_it_is_compressed(data: bytes) -> None:
    assert scan(data) == (bare(*PAGES), [])


@pytest.mark.parametrize("zip_it", [False, True])
def test_junk_between_records(zip_it: bool) -> None:
    parts = [PAGES[0], b"not a record\n", PAGES[1]]
    found, damage = scan(zipped(*parts) if zip_it else b"".join(parts))
    assert found == bare(*PAGES[:2])
    assert [(each.length, each.data) for each in damage] == [(13, b"not a record\n")]


@pytest.mark.parametrize("zip_it", [False, True])
@pytest.mark.parametrize("error", [-7, 7, 900])
def test_a_length_that_is_wrong_costs_one_record(zip_it: bool, error: int) -> None:
    length = len(PAGES[1].partition(b"\r\n\r\n")[2]) - 4
    wrong = PAGES[1].replace(
        b"Content-Length: %d\r\n\r\nHTTP" % length, b"Content-Length: %d\r\n\r\nHTTP" % (length + error)
    )
    assert wrong != PAGES[1]
    parts = [PAGES[0], wrong, *PAGES[2:]]
    found, damage = scan(zipped(*parts) if zip_it else b"".join(parts))
    assert found == bare(PAGES[0], *PAGES[2:])
    assert [each.data for each in damage] == [wrong]


def test_one_changed_byte_in_a_member_costs_one_record() -> None:
    members = [zipped(each) for each in PAGES]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    found, damage = scan(b"".join((members[0], bytes(broken), *members[2:])))
    assert found == bare(PAGES[0], *PAGES[2:])
    assert [(each.place.offset, each.data) for each in damage] == [(len(members[0]), bytes(broken))]


@pytest.mark.parametrize("zip_it", [False, True])
def test_a_cut_tail(zip_it: bool) -> None:
    data = zipped(*PAGES) if zip_it else b"".join(PAGES)
    whole = len(zipped(*PAGES[:3]) if zip_it else b"".join(PAGES[:3]))
    found, damage = scan(data[:-100])
    assert found == bare(*PAGES[:3])
    assert [(each.place.offset, each.data) for each in damage] == [(whole, data[whole:-100])]


def test_a_large_record_of_wrong_length_costs_itself() -> None:
    large = record("resource", b"x" * 3_000_000, number=9)
    wrong = large.replace(b"Length: 3000000", b"Length: 3000300")
    found, damage = scan(b"".join((PAGES[0], wrong, *PAGES[1:])))
    assert found == bare(*PAGES)
    assert [(each.place.offset, each.length, each.data) for each in damage] == [(len(PAGES[0]), len(wrong), b"")]


def test_line_ends_of_one_character_and_folded_lines() -> None:
    loose = b"WARC/0.18\nWARC-Type: resource\nX: a\n b\nContent-Length: 4\n\nHi\r\n\n\n"
    scanner = ForeignReader(BytesIO(loose + PAGES[0]))
    found = scanner.next()
    assert found
    assert found.head.values == {"warc-type": "resource", "x": "a b", "content-length": "4"}
    assert b"".join(scanner.block()) == b"Hi\r\n"
    assert scanner.next()


def test_arc_with_a_wrong_length_in_the_middle() -> None:
    good = [arc(f"http://paper.example/{n}", answer(b"<p>hi", status="200 OK")) for n in range(3)]
    wrong = good[1].replace(b"text/html ", b"text/html 1", 1)
    found, damage = scan(b"".join((ARC_HEAD, good[0], wrong, good[2])))
    assert found == [ARC_HEAD[:-1], good[0][:-1], good[2][:-1]]
    assert [each.data for each in damage] == [wrong]


@settings(max_examples=draws(150), deadline=None)
@given(st.lists(st.sampled_from([*PAGES, b"junk\n", b"WARC/1.0\r\n", b"\0\0", b"WARC"]), max_size=7), st.booleans())
def test_nothing_is_lost_and_nothing_comes_twice(parts: list[bytes], zip_it: bool) -> None:
    """Records and damage together are the file."""
    data = zipped(*parts) if zip_it else b"".join(parts)
    found, damage = scan(data)
    assert [each for each in found if each in bare(*PAGES)] == found
    rest = sorted(b"".join(each.data for each in damage).replace(b"\r", b"").replace(b"\n", b""))
    kept = sorted(b"".join(found).replace(b"\r", b"").replace(b"\n", b""))
    assert sorted([*rest, *kept]) == sorted(b"".join(parts).replace(b"\r", b"").replace(b"\n", b""))


@given(st.integers(0, 100_000), st.integers(1, 255), st.booleans())
@settings(max_examples=draws(150), deadline=None)
def test_whatever_byte_changes_the_other_records_are_found(place: int, mask: int, zip_it: bool) -> None:
    pieces = [zipped(each) if zip_it else each for each in PAGES]
    data = bytearray(b"".join(pieces))
    place %= len(data)
    data[place] ^= mask
    hit = next(number for number in range(4) if place < sum(map(len, pieces[: number + 1])))
    found, _ = scan(bytes(data))
    others = [each for number, each in enumerate(bare(*PAGES)) if number not in {hit, hit + 1}]
    assert [each for each in found if each in others] == others


@pytest.mark.parametrize("line", [b"filedesc:// - - - 7\n", b"filedesc://old.arc 0.0.0.0 monday text/plain 7\n"])
@pytest.mark.parametrize("zip_it", [False, True])
def test_arc_with_an_odd_first_line(line: bytes, zip_it: bool) -> None:
    good = arc("http://paper.example/1", answer(b"<p>hi"))
    parts = [line + b"1 0 BnF\n", good]
    found, damage = scan(zipped(*parts) if zip_it else b"".join(parts))
    assert found == [line + b"1 0 BnF", good[:-1]]
    assert damage == []


def test_arc_with_a_first_line_without_a_length_costs_no_other_record() -> None:
    line = b"filedesc://horsy|\\\\hello a.b.c.d blue_monday gif\\\\image one\n1 0 Archive\n\n"
    good = arc("http://paper.example/1", answer(b"<p>hi"))
    found, damage = scan(line + good)
    assert found == [good[:-1]]
    assert [each.data for each in damage] == [line]


def test_arc_with_blanks_in_an_address() -> None:
    first = arc("http://paper.example/a b?c=d e", answer(b"<p>hi"))
    scanner = ForeignReader(BytesIO(ARC_HEAD + first + first))
    scanner.next()
    scanner.pass_block()
    record = scanner.next()
    assert record is not None
    assert record.head.values["warc-target-uri"] == "http://paper.example/a b?c=d e"
    assert dict(scanner.warc_fields(scanner.beginning(100)))["WARC-Target-URI"] == "http://paper.example/a%20b?c=d%20e"
    scanner.pass_block()
    assert scanner.next() is not None


def test_an_arc_record_that_is_longer_than_its_line_says_goes_as_far_as_that() -> None:
    good = arc("http://paper.example/1", answer(b"<p>hi"))
    found, damage = scan(ARC_HEAD + good[:-1] + b"  padding\n\n" + good)
    assert found == [ARC_HEAD[:-1], good[:-1], good[:-1]]
    assert [each.data.strip() for each in damage] == [b"padding"]
