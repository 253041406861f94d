"""Bad files, damage, bombs, a kill or a full disk cost an import nothing but what they touch."""

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from foreign import answer, article, page, response, zipped
from taken import COLLECTION, kept
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import storage
from archive.collection.collection import Collection
from archive.maintenance.check import verify_collection
from archive.warc import writer

pytestmark = pytest.mark.slow

Run = Callable[..., Any]


def test_digests_that_came_wrong_stay_and_are_told_apart(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    stream = BytesIO()
    with_warcio = WARCWriter(stream, gzip=True)
    body = article(1)
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")], "HTTP/1.1")
    with_warcio.write_record(
        with_warcio.create_warc_record(
            "http://paper.example/1", "response", payload=BytesIO(chunked), length=len(chunked), http_headers=head
        )
    )
    Path("a.warc.gz").write_bytes(stream.getvalue())
    assert run("archive", "import", "a.warc.gz").code == 0
    look()
    assert {each.code for each in verify_collection(COLLECTION)} == {"coded-digest"}
    done = run("archive", "verify")
    assert (done.code, done.out) == (0, "")
    assert "1 finding concerns imported records, which arrived that way" in done.err
    assert "coded-digest" in run("archive", "verify", "--verbose").out


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.warc", b"", "empty-file"),
        ("a.warc.gz", b"never a record\n" * 400, "not-a-warc"),
        ("a.warc.gz", gzip.compress(b"hello", mtime=0), "not-a-warc"),
        ("a.wacz", b"PK\x03\x04 no zip", "bad-wacz"),
        ("a.wacz", b"hello", "bad-wacz"),
        ("missing.warc", None, "missing"),
    ],
)
def test_bad_files_are_named_and_cost_no_other(
    run: Run, look: Callable[[], dict[str, Any]], name: str, data: bytes | None, code: str
) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    Path("good.warc").write_bytes(page(1))
    done = run("archive", "import", "--json", name, "good.warc")
    assert done.code == 3
    errors = [each for each in done.events if each["event"] == "error"]
    assert [(each["file"], each["code"]) for each in errors] == [(name, code)]
    assert errors[0]["hint"]
    found = look()
    assert len(found["texts"]) == 1
    assert len(found["tables"]["import"]) == 1


def test_damage_is_reported_with_its_place_and_its_bytes_are_kept(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    members = [zipped(page(number)) for number in (1, 2, 3)]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    Path("a.warc.gz").write_bytes(b"".join((members[0], bytes(broken), members[2]))[:-9])
    done = run("archive", "import", "a.warc.gz")
    assert done.code == 3
    assert f"damaged at byte {len(members[0]):,}" in done.err
    assert f"damaged at byte {len(members[0]) + len(broken):,}" in done.err
    assert kept()[1] == page(1)
    assert kept()[2].endswith(bytes(broken) + b"\r\n\r\n")
    cut, raw = kept()[3:5]
    assert b"\r\nWARC-Truncated: unspecified\r\n" in cut
    assert raw.endswith(members[2][:-9] + b"\r\n\r\n")
    first = look()["tables"]
    assert [each["state"] for each in first["capture"]] == ["live", "unavailable"]
    assert run("archive", "import", "a.warc.gz").code == 3
    assert look()["tables"] == first


def test_a_bomb_in_a_wacz_is_not_set_off(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    import zipfile

    with zipfile.ZipFile("a.wacz", "w") as file:
        file.writestr("archive/good.warc", page(1))
        with file.open(zipfile.ZipInfo("pages/pages.jsonl"), "w") as part:
            for _ in range(65):
                part.write(bytes(1024 * 1024))
    done = run("archive", "import", "a.wacz")
    assert done.code == 3
    assert "it would become" in done.err
    assert len(look()["texts"]) == 1


def test_killed_at_any_moment_the_same_command_again_completes_it(
    spawn: Run, look: Callable[[], dict[str, Any]], run: Run
) -> None:
    pages = [page(number) for number in range(1, 40)]
    nameless = [each.replace(b"WARC-Record-ID", b"X-Was") for each in pages[:5]]
    Path("a.warc.gz").write_bytes(zipped(*pages, *nameless))
    script = """
import os, sys
from archive.warc import writer
from archive.importing import importer
from xuanzhi.jobs import batch
from xuanzhi.cli.main import main
importer.BATCH_RECORDS, batch.BATCH = 7, 7
left = [int(sys.argv[1])]
sync = os.fsync
def fsync(file):
    left[0] -= 1
    if left[0] < 0:
        os._exit(9)
    sync(file)
writer.os.fsync = fsync
main(["archive", "import", "-q", "a.warc.gz"])
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    Collection.open(COLLECTION).close()
    for moment in (1, 3, 4, 6, 9, 14):
        killed = subprocess.run([sys.executable, "-c", script, str(moment)], env=environment, check=False)
        assert killed.returncode == 9
        look()
    assert run("archive", "import", "a.warc.gz").code == 0
    tables = look()["tables"]
    assert len(tables["capture"]) == 44
    assert len(tables["import"]) == 1
    assert sum(b"WARC-Type: response" in each for each in kept()) == 44


def test_a_disk_that_runs_full_leaves_nothing_half(
    run: Run, look: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.importing.importer.BATCH_RECORDS", 2)
    Path("a.warc").write_bytes(b"".join(page(number) for number in range(1, 6)))
    assert run("archive", "import", "--dry-run", "a.warc").code == 0
    Collection.open(COLLECTION).close()
    lock = Lock()
    for room in range(0, 60_000, 1500):
        left = [room]

        def write(file: int, data: memoryview, left: list[int] = left) -> int:
            with lock:  # Markdown files are written by several threads
                if not left[0]:
                    raise OSError(28, "No space left on device")
                written = os.write(file, data[: left[0]])
                left[0] -= written
                return written

        with monkeypatch.context() as patch:
            patch.setattr(writer, "_write", write)
            patch.setattr(storage, "_write", write)
            done = run("archive", "import", "--json", "a.warc")
        if done.code == 0:
            break
        assert {each["code"] for each in done.events if each["event"] == "error"} == {"disk-full"}
        look()
    assert done.code == 0
    assert len(look()["tables"]["capture"]) == 5


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_a_huge_record_is_not_held_in_memory() -> None:
    size = 200 * 1024 * 1024
    head, _ = response(6, answer(b"", kind="video/mp4")).split(b"Content-Length:", 1)
    block = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
    with Path("a.warc").open("wb") as file:
        file.write(page(1) + head + f"Content-Length: {len(block) + size}\r\n\r\n".encode() + block)
        file.seek(size, 1)
        file.write(b"\r\n\r\n" + page(2))
    script = """
from pathlib import Path
from xuanzhi.cli.main import main
assert main(["archive", "import", "--json", "a.warc"]) == 0
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    first, *_, peak = done.stdout.splitlines()
    event = json.loads(first)
    assert (event["records"], event["kept"], event["pages"]) == ({"response": 3}, 3, 2)
    assert int(peak) * 1024 < size / 2


def test_compressions_that_are_not_read_are_named(run: Run) -> None:
    Path("a.warc.lz4").write_bytes(b"\x04\x22\x4d\x18" + bytes(range(200)))
    for command in (("clean",), ("archive", "import")):
        done = run(*command, "--json", "a.warc.lz4")
        assert (done.code, done.events[0]["code"]) == (4, "lz4")
        assert "lz4 -d" in done.events[0]["hint"]


def test_a_bomb_of_frames_is_not_set_off(run: Run) -> None:
    import zstandard

    bomb = zstandard.ZstdCompressor(level=3).compress(page(1)[:300] + bytes(1 << 28))
    Path("a.warc.zst").write_bytes(zstandard.compress(page(2)) + bomb + zstandard.compress(page(3)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = run("archive", "import", "--json", "a.warc.zst")
    assert done.code == 3
    assert [each["url"][-1] for each in done.events if each["event"] == "page"] == ["2", "3"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KiB
