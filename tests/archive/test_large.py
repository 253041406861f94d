"""Bodies of any size go through in pieces, and temporary files go when they are done with."""

import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.errors import DiskFull, StorageError
from archive.ingest.prepared import Visit
from archive.ingest.visit import prepare_visit
from archive.maintenance.check import verify_collection
from archive.warc import reader
from archive.warc.members import IN_MEMORY, streamed
from capture.page import Exchange
from capture.spool import Spool

pytestmark = pytest.mark.slow

Opened = Callable[..., Collection]

MEGABYTE = 1024 * 1024
SIZE = 24 * MEGABYTE


def large(folder: Path, kind: str = "video/mp4", size: int = SIZE) -> Exchange:
    """Return an exchange whose answer lies in a file, and is not held by anybody."""
    spool, payload = Spool(folder), sha256()
    small = exchange("https://a.example/film", html("", kind=kind))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()
    spool.write(head)
    for _ in range(size // MEGABYTE):
        data = os.urandom(1024) * 1024
        payload.update(data)
        spool.write(data)
    return exchange(
        "https://a.example/film",
        head,
        response=spool.block(),
        payload_size=size,
        payload_sha256=payload.hexdigest(),
        whole=True,
        framing="",
        truncated="",
        outcome="complete",
        head=small.head,
    )


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["video/mp4", "text/plain"])
def test_memory_does_not_grow_with_the_body(tmp_path: Path, opened: Opened, traced: None, kind: str) -> None:
    spools, temporary = tmp_path / "spools", tmp_path / "temporary"
    spools.mkdir()
    temporary.mkdir()
    film = large(spools, kind)
    with opened(tmp_path / "c") as collection:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        collection.keep([Visit(film.url, page(film.url, film))], directory=temporary)
        assert list(verify_collection(tmp_path / "c")) == []
        _, peak = tracemalloc.get_traced_memory()
    assert peak - before < 16 * MEGABYTE < SIZE
    assert list(temporary.iterdir()) == []  # what was made for it is gone; the spool is the page's
    assert len(list(spools.iterdir())) == 1
    (file,) = (tmp_path / "c" / "warc").iterdir()
    found = [each for each in reader.iterate(file) if each.record.type == "response"]
    assert sha256(found[0].record.block).hexdigest() == film.response.sha256
    assert (file.stat().st_size > SIZE) == (kind == "video/mp4")


def test_a_known_payload_is_not_compressed_again(tmp_path: Path, opened: Opened) -> None:
    film = large(tmp_path)
    with opened(tmp_path / "c") as collection:
        collection.keep([Visit(film.url, page(film.url, film))])
        known = collection.lookups.known_payloads([film.payload_sha256, "0" * 64])
        assert known == {film.payload_sha256}
        again = prepare_visit(Visit(film.url, page(film.url, film)), collection.context()._replace(known=known))
        assert again.exchanges[0].response is None
        (added,) = collection.commit([again])
    assert added.status == "unchanged"
    assert list(verify_collection(tmp_path / "c")) == []


def test_a_prepared_visit_goes_to_another_process(tmp_path: Path, opened: Opened) -> None:
    film = large(tmp_path, size=4 * MEGABYTE)
    with opened(tmp_path / "c") as collection:
        context = collection.context()._replace(new_id=collection.context().new_id, directory=tmp_path)
        prepared = prepare_visit(Visit(film.url, page(film.url, film), cleaned(None, state="empty")), context)
        (added,) = collection.commit([pickle.loads(pickle.dumps(prepared))])
        prepared.discard()
        prepared.discard()
    assert added.state == "empty"
    assert list(tmp_path.glob("xuanzhi-record-*")) == []
    assert list(verify_collection(tmp_path / "c")) == []


def test_many_small_records_of_one_visit_leave_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    monkeypatch.setattr("archive.ingest.visit.VISIT_IN_MEMORY", 100_000)
    pictures = tuple(
        exchange(f"https://a.example/{number}.png", html(os.urandom(20_000).hex(), kind="image/png"))
        for number in range(8)
    )
    first = visit(1)
    assert first.page
    with opened(tmp_path / "c") as collection:
        context = collection.context()._replace(directory=tmp_path)
        whole = page(first.url, first.page.answer, requisites=pictures)
        prepared = prepare_visit(first._replace(page=whole), context)
        assert len(list(tmp_path.glob("xuanzhi-record-*"))) == 6
        collection.commit([prepared])
        prepared.discard()
    assert list(tmp_path.glob("xuanzhi-record-*")) == []
    assert list(verify_collection(tmp_path / "c")) == []


def test_a_disk_that_has_no_room_for_a_temporary_file(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, temporary = large(tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    with opened(tmp_path / "c") as collection:
        with pytest.raises(StorageError):
            collection.keep([Visit(film.url, page(film.url, film))], directory=tmp_path / "none")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("archive.warc.members._write_head", full)
        with pytest.raises(DiskFull):
            collection.keep([visit(1), Visit(film.url, page(film.url, film))], directory=temporary)
        monkeypatch.undo()
        assert list(temporary.iterdir()) == []
        assert catalogue_of(collection).one("SELECT count(*) FROM capture")[0] == 0


def test_a_member_in_a_file_is_the_member_in_memory(tmp_path: Path) -> None:
    film = large(tmp_path, "text/plain", 4 * MEGABYTE)
    fields = (("WARC-Record-ID", "<urn:uuid:1>"), ("Content-Length", "1"))
    in_file = streamed(fields, film.response, directory=tmp_path, in_memory=1000)
    in_memory = streamed(fields, film.response, in_memory=100 * IN_MEMORY)
    assert in_file.path
    assert b"".join(in_file.pieces()) == in_memory.data
    assert in_file.size == in_memory.size == len(in_memory.data)
    in_file.discard()
