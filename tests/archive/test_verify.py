"""What is as it was written is found to be so; whatever was changed is found."""

import gzip
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path

import foreign
import pytest
from draws import draws
from foreign import article, record, sha1, zipped
from hypothesis import given
from hypothesis import strategies as st
from visitor import exchange, page, visit

from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.ingest.prepared import Visit
from archive.maintenance.check import verify_collection
from archive.maintenance.check_file import verify_file
from archive.warc import records
from archive.warc.exchanges import response
from archive.warc.members import STORED, member, streamed
from archive.warc.records import Record

pytestmark = pytest.mark.slow

Opened = Callable[..., Collection]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=1\r\nabc\r\n0\r\nX: y\r\n\r\n"


@pytest.fixture
def kept(tmp_path: Path, opened: Opened, make: Callable[..., Snapshot]) -> Path:
    odd = Visit("https://a.example/odd", page("https://a.example/odd", exchange("https://a.example/odd", CHUNKED)))
    with opened(tmp_path / "c") as collection:
        collection.add([make(1), make(2, state="deleted")])
        collection.keep([visit(1), visit(1, hours=1), odd])
        known = collection.lookups.validators("https://a.example/1")
        assert known
        answer = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        fields = (f"If-None-Match: {known.etag}",)
        collection.keep([visit(1, hours=2, answer=answer, fields=fields, cleaned=None)])
    return tmp_path / "c"


def test_a_collection_as_it_was_written_is_without_findings(kept: Path) -> None:
    before = {each: each.read_bytes() for each in kept.rglob("*") if each.is_file()}
    assert list(verify_collection(kept)) == []
    assert [list(verify_file(each)) for each in [*(kept / "warc").iterdir(), *(kept / "derived").iterdir()]] == [[], []]
    assert {each: each.read_bytes() for each in before} == before


def codes(path: Path) -> set[str]:
    return {each.code for each in verify_file(path)}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small file with a record that is compressed and one that is stored."""
    path = tmp_path_factory.mktemp("small") / "small.warc.gz"
    answer = exchange("https://a.example/", CHUNKED)
    opening = records.warcinfo(
        record_id="urn:uuid:1", date="2026-01-01T00:00:00Z", filename=path.name, software="xuanzhi/0.1.0"
    )
    fields = response(answer, record_id="urn:uuid:2", date="2026-01-01T00:00:00.000001Z")
    members = [
        member(opening),
        streamed(fields, answer.response, level=STORED),
        streamed((*fields[:1], ("WARC-Record-ID", "<urn:uuid:3>"), *fields[2:]), answer.response),
    ]
    path.write_bytes(b"".join(each.data for each in members))
    return path


def test_any_bit_that_is_changed_anywhere_is_found(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    assert codes(small) == set()
    path = tmp_path / small.name
    changes = (1, 2, 4, 8, 16, 32, 64, 128, 255)
    for place in range(len(data)):
        for change in islice(
            cycle(changes), place, place + draws(len(changes))
        ):  # all of them, or some after the other
            path.write_bytes(data[:place] + bytes([data[place] ^ change]) + data[place + 1 :])
            assert codes(path), f"byte {place} changed by {change}"


@given(st.data())
def test_any_byte_that_is_changed_to_any_other_is_found(
    small: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = small.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / small.name
    path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
    assert codes(path)


def test_a_file_cut_anywhere_is_found(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    path = tmp_path / small.name
    ends = {0}
    for place in range(1, len(data)):
        path.write_bytes(data[:place])
        found = list(verify_file(path))
        if not found:
            ends.add(place)
        else:
            assert [each.code for each in found][-1] in {"cut", "not-a-record"}
    assert len(ends) == 3  # only between records


def test_damage_costs_no_other_record(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    path = tmp_path / small.name
    second = data.index(b"\x1f\x8b\x08\x04", 10)
    path.write_bytes(data[: second + 20] + b"\xff" + data[second + 21 :] + b"junk")
    found = list(verify_file(path))
    assert [(each.offset, each.code) for each in found] == [(second, "not-a-member"), (len(data), "not-a-member")]


def tampered(change: Callable[[Record], Record], tmp_path: Path, record: Record | None = None) -> list[str]:
    """Return the codes of findings on a file whose second record was changed and written anew."""
    path = tmp_path / "a.warc.gz"
    opening = records.warcinfo(record_id="urn:uuid:1", date="2026-01-01T00:00:00Z", filename=path.name, software="x")
    answer = exchange("https://a.example/", CHUNKED)
    good = record or Record(
        response(answer, record_id="urn:uuid:2", date="2026-01-01T00:00:00Z"), answer.response.read()
    )
    path.write_bytes(member(opening).data + gzip.compress(records.render(change(good))))
    return [each.code for each in verify_file(path)]


def named(name: str, value: str | None) -> Callable[[Record], Record]:
    """Change the value of a field, or take the field away."""

    def change(record: Record) -> Record:
        fields = [(each, value if each == name else said) for each, said in record.fields]
        return record._replace(fields=tuple((each, said) for each, said in fields if said is not None))

    return change


def also(name: str, value: str) -> Callable[[Record], Record]:
    return lambda record: record._replace(fields=(*record.fields[:-1], (name, value), record.fields[-1]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (named("WARC-Block-Digest", "sha256:" + "0" * 64), "block-digest"),
        (named("WARC-Payload-Digest", "sha256:" + sha256(b"3;a=1\r\nabc").hexdigest()), "payload-digest"),
        (named("WARC-Record-ID", None), "missing-field"),
        (named("WARC-Date", None), "missing-field"),
        (named("WARC-Target-URI", None), "missing-field"),
        (named("Content-Type", None), "no-content-type"),
        (named("WARC-Record-ID", "urn:uuid:2"), "bad-value"),
        (named("WARC-Record-ID", "<urn:uuid:1>"), "same-id"),
        (named("WARC-Date", "2026-01-01 00:00"), "date-form"),
        (named("WARC-Date", "2026-02-29T00:00:00Z"), "date-partial"),
        (named("WARC-Date", "today"), "date-unknown"),
        (named("WARC-Date", "2026-01"), "date-reduced"),
        (named("WARC-Type", "answer"), "bad-value"),
        (named("WARC-Target-URI", "https://a.example/ b"), "bad-value"),
        (also("WARC-Truncated", "cut"), "bad-value"),
        (also("WARC-Target-URI", "https://b.example/"), "repeated-field"),
        (also("WARC-Refers-To", "<urn:uuid:1>"), "forbidden-field"),
        (also("WARC-Filename", "a"), "forbidden-field"),
        (also("WARC-Concurrent-To", "<urn:uuid:9>"), "dangling"),
        (lambda record: named("Content-Length", "4")(record)._replace(block=b"junk"), "not-http"),
    ],
)
def test_what_the_standard_forbids_is_named(change: Callable[[Record], Record], code: str, tmp_path: Path) -> None:
    assert tampered(lambda record: record, tmp_path) == []
    assert code in tampered(change, tmp_path)


def test_two_records_in_one_member_and_a_length_that_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    record = records.resource(
        record_id="urn:uuid:1", date="2026-01-01T00:00:00Z", uri="urn:a", content_type="text/plain", block=b"a"
    )
    path.write_bytes(gzip.compress(records.render(record) * 2))  # a file may be one gzip member
    assert codes(path) == {"no-warcinfo", "same-id", "one-member"}
    path.write_bytes(gzip.compress(records.render(record).replace(b"Content-Length: 1", b"Content-Length: 2")))
    assert codes(path) == {"not-a-record"}
    path.write_bytes(b"WARC/1.1\r\n")
    assert codes(path) == {"not-a-member"}


def test_files_of_others_are_judged_by_the_standard_alone(tmp_path: Path, small: Path) -> None:
    warcwriter = pytest.importorskip("warcio.warcwriter")
    path = tmp_path / "other.warc.gz"
    with path.open("wb") as file:
        writer = warcwriter.WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another"}))
        writer.write_record(
            writer.create_warc_record("https://a.example/", "resource", payload=None, warc_content_type="text/plain")
        )
    assert codes(path) <= {"no-content-type"}
    path.rename(tmp_path / "renamed.warc.gz")
    assert "file-name" in codes(tmp_path / "renamed.warc.gz")


def test_a_revisit_has_the_digest_of_what_it_refers_to(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    origin = foreign.page(1, f"WARC-Payload-Digest: {sha1(article(1))}")
    for number, differs in ((1, False), (2, True)):
        again = record(
            "revisit", b"", f"WARC-Payload-Digest: {sha1(article(number))}",
            "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
            "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>", number=5, url="http://paper.example/1",
        )  # fmt: skip
        path.write_bytes(zipped(again, origin))  # what is referred to may come later
        assert [each.message for each in verify_file(path) if each.code == "payload-differs"] == differs * [
            "urn:uuid:00000000-0000-4000-8000-000000000001 has another payload digest than " + sha1(article(2))
        ]
        assert "dangling" not in codes(path)


def changes(kept: Path) -> Iterator[tuple[str, Callable[[Path], object]]]:
    yield "unknown-file", lambda root: (root / "warc" / "notes.txt").write_text("x")
    yield "missing-file", lambda root: next((root / "derived").iterdir()).unlink()
    yield "tail", lambda root: lengthen(next((root / "warc").iterdir()))
    yield "cut", lambda root: shorten(next((root / "warc").iterdir()))
    yield "not-there", lambda root: next((root / "derived").iterdir()).unlink()
    yield "dangling", lambda root: next((root / "warc").iterdir()).unlink()
    yield "not-indexed", forget


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def forget(root: Path) -> None:
    with Collection.open(root) as collection, catalogue_of(collection).transaction():
        catalogue_of(collection).execute("DELETE FROM record WHERE id = 3")


def test_where_files_and_catalogue_disagree_is_told(kept: Path, tmp_path: Path) -> None:
    for number, (code, change) in enumerate(changes(kept)):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(kept, copy)
        change(copy)
        assert code in {each.code for each in verify_collection(copy)}
