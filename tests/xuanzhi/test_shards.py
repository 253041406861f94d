"""`clean --shards`: one shard for each file of records, made exactly once, whoever makes it and whatever dies."""

import gzip
import json
import os
import pickle
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, article, page, record, response, zipped

from archive.warc.files import PageStream
from clean.rules import built_in
from clean.version import SOFTWARE
from xuanzhi.jobs.workers import USUAL_LIMITS
from xuanzhi.output.failures import OutputError
from xuanzhi.shards.engines.pool import run_pool
from xuanzhi.shards.manifest import Manifest, ShardData, commit_shard
from xuanzhi.shards.naming import ShardSettings, cleaning_engine
from xuanzhi.shards.store import Folder
from xuanzhi.shards.work import ShardJob, run_shard

Run = Callable[..., Any]
JSONL = ("--format", "jsonl")


def crawl(name: str, *numbers: int) -> str:
    """Write a file of pages, one gzip member each, and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(b"".join(zipped(page(number)) for number in numbers))
    return name


def documents(out: str = "out") -> list[dict[str, Any]]:
    """Return the rows of a folder of shards in the order of its files."""
    import zstandard

    rows = []
    for path in sorted(Path(out, "documents").glob("*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            rows += [json.loads(line) for line in file]
    return rows


def seal_in(out: str = "out") -> dict[str, Any]:
    made: dict[str, Any] = json.loads(Path(out, "seal.json").read_text())
    return made


def content(out: str) -> dict[str, bytes]:
    """Return all files of a folder but the manifests, which hold dates."""
    paths = [path for path in Path(out).rglob("*") if path.is_file() and path.parent.name != "manifests"]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def test_a_row_has_what_clean_gives_for_the_page(run: Run) -> None:
    name = crawl("a.warc.gz", 1, 2, 3)
    assert run("clean", "-o", "plain", name).code == 0
    done = run("clean", "--shards", "out", *JSONL, name)
    assert (done.code, done.out) == (0, "a.warc.gz  3 pages\n")
    assert re.fullmatch(r"clean: 1 shard, 3 pages, sealed: [0-9a-f]{64}\n", done.err)
    texts = [Path("plain", f"a-{number}.md").read_text("utf-8") for number in (1, 2, 3)]
    rows = documents()
    assert [row["text"] for row in rows] == texts
    assert [row["metadata"]["clean_sha256"] for row in rows] == [sha256(text.encode()).hexdigest() for text in texts]
    places = [(row["metadata"]["warc_record_offset"], row["metadata"]["warc_record_length"]) for row in rows]
    data = Path(name).read_bytes()
    assert [data[at : at + length] for at, length in places] == [zipped(page(number)) for number in (1, 2, 3)]
    (manifest,) = [json.loads(path.read_text()) for path in Path("out", "manifests").iterdir()]
    assert manifest["input"]["sha256"] == sha256(data).hexdigest()
    assert (manifest["records"], manifest["rows"], manifest["states"]) == (3, 3, {"live": 3})


def test_every_engine_and_number_of_processes_gives_the_same_bytes(run: Run, folder: Path) -> None:
    names = [crawl(f"in/{number}.warc.gz", *range(number * 10, number * 10 + 5)) for number in range(6)]
    formats = ("--format", "warc,jsonl")
    assert run("clean", "--shards", "one", *formats, "-j", "1", *names).code == 0
    assert run("clean", "--shards", "two", *formats, "-j", "2", *reversed(names)).code == 0
    (folder / "moved").mkdir()
    for name in names:
        Path(name).rename(Path("moved", Path(name).name))
    assert run("clean", "--shards", "three", *formats, "-j", "3", str(folder / "moved" / "*.gz")).code == 0
    assert content("one") == content("two") == content("three")
    assert (seal_in("one")["shards"], seal_in("one")["rows"]) == (6, 30)


def test_the_seal_is_that_of_the_rows_whatever_their_format(run: Run) -> None:
    name = crawl("a.warc.gz", 1, 2)
    run("clean", "--shards", "warc", "--format", "warc", name)
    run("clean", "--shards", "jsonl", "--format", "jsonl", name)
    assert seal_in("warc")["sha256"] == seal_in("jsonl")["sha256"]


def test_what_is_done_is_passed_over(run: Run) -> None:
    names = [crawl(f"{number}.warc.gz", number) for number in range(3)]
    assert run("clean", "--shards", "out", *JSONL, *names[:2]).code == 0
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.*") if path.name != "seal.json"}
    done = run("clean", "--shards", "out", *JSONL, "--json", *names)
    statuses = {event["file"]: event["status"] for event in done.events if event["event"] == "shard"}
    assert statuses == {"0.warc.gz": "already", "1.warc.gz": "already", "2.warc.gz": "made"}
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert seal_in()["shards"] == 3


def test_a_file_that_is_given_twice_is_one_shard(run: Run) -> None:
    crawl("a/x.warc.gz", 1)
    crawl("b/x.warc.gz", 1)
    crawl("c/x.warc.gz", 2)
    assert run("clean", "--shards", "out", *JSONL, *["a/x.warc.gz"] * 3, "b/x.warc.gz", "c/x.warc.gz").code == 0
    assert sorted(row["id"][-1] for row in documents()) == ["1", "2"]


def test_shards_of_two_kinds_do_not_mix(run: Run) -> None:
    name = crawl("a.warc.gz", 1)
    run("clean", "--shards", "out", *JSONL, name)
    before = content("out")
    other = run("clean", "--shards", "out", *JSONL, "--max-megabytes", "1", name)
    assert other.code == 2
    assert "the folder has shards of another kind: max_bytes differ" in other.err
    assert run("clean", "--shards", "out", "--format", "warc", name).code == 2
    assert content("out") == before


def broken(whole: bytes, at: int, size: int = 40) -> bytes:
    """Return bytes of which some in the middle are zeros."""
    return whole[:at] + bytes(size) + whole[at + size :]


def test_damage_costs_what_is_damaged(run: Run) -> None:
    members = [zipped(page(number)) for number in range(1, 10)]
    whole = b"".join(members)
    middle = len(b"".join(members[:4])) + len(members[4]) // 2
    Path("damaged.warc.gz").write_bytes(broken(whole, middle))
    Path("cut.warc.gz").write_bytes(whole[:-40])
    done = run("clean", "--shards", "out", *JSONL, "--json", "damaged.warc.gz", "cut.warc.gz")
    rows = [row for row in documents() if row["metadata"]["state"] == "live"]
    numbers = Counter(row["id"][-1] for row in rows)
    assert numbers == Counter("1234678912345678")
    lost = [row["metadata"] for row in documents() if row["metadata"]["state"] == "error"]
    manifests = [json.loads(path.read_text()) for path in Path("out", "manifests").iterdir()]
    assert len(lost) + sum(each["damaged"] for each in manifests) == 2  # each is a row, or a place
    assert all(each["error"].startswith("broken-record: ") for each in lost)
    assert seal_in()["errors"] == len(lost)
    assert done.code == (3 if seal_in()["damaged"] else 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"<html><body>no record</body></html>" * 50, "not-a-warc"),
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b"\x04\x22\x4d\x18" + bytes(100), "lz4"),
        (gzip.compress(b"nothing of the kind", mtime=0), "not-a-warc"),
    ],
)
def test_what_is_no_file_of_records_is_an_error_and_no_empty_shard(run: Run, data: bytes, code: str) -> None:
    Path("bad.warc.gz").write_bytes(data)
    good = crawl("good.warc.gz", 1)
    for _ in range(2):
        done = run("clean", "--shards", "out", *JSONL, "--json", "bad.warc.gz", good)
        assert done.code == 3
        (error,) = [event for event in done.events if event["event"] == "error"]
        assert (error["file"], error["code"]) == ("bad.warc.gz", code)
        assert error["hint"]
    assert (seal_in()["refused"], seal_in()["rows"]) == (1, 1)
    assert len(list(Path("out", "documents").iterdir())) == 1


def test_an_input_that_cannot_be_read_leaves_the_folder_without_a_seal(run: Run) -> None:
    good = crawl("good.warc.gz", 1)
    run("clean", "--shards", "out", *JSONL, good)
    done = run("clean", "--shards", "out", *JSONL, good, "missing.warc.gz")
    assert done.code == 3
    assert "missing.warc.gz: error: no such file" in done.err
    assert "not sealed: 1 input has no shard" in done.err
    assert not Path("out", "seal.json").exists()


POISON = """
import os, signal, clean.page
clean_page = clean.page.clean_page
def poisoned(data, **known):
    if b"poison: kill" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"poison: memory" in data:
        held = bytearray(1 << 33)
    while b"poison: time" in data:
        pass
    return clean_page(data, **known)
clean.page.clean_page = poisoned
"""


def test_a_page_that_ends_its_process_is_one_row(spawn: Callable, folder: Path) -> None:
    kinds = ("kill", "memory", "time")
    pages = [page(30)]
    for number, kind in enumerate(kinds, 1):
        body = article(number, f"poison: {kind} ")
        pages += [response(10 + number, answer(body)), page(20 + number)]
    Path("a.warc.gz").write_bytes(b"".join(map(zipped, pages)))
    (folder / "poison").mkdir()
    (folder / "poison" / "sitecustomize.py").write_text(POISON)
    paths = os.pathsep.join([str(folder / "poison"), str(Path(__file__).parents[2])])
    limits = ("--cpu-seconds", "1", "--memory-megabytes", "500")
    process = spawn("clean", "--shards", "out", *JSONL, *limits, "a.warc.gz", env={"PYTHONPATH": paths})
    said, told = process.communicate()
    assert (process.returncode, said.decode()) == (0, "a.warc.gz  7 pages  3 without results\n"), told.decode()
    rows = documents()
    assert [row["id"][-2:] for row in rows] == ["30", "11", "21", "12", "22", "13", "23"]
    assert [row["metadata"]["error"] for row in rows if row["metadata"]["state"] == "error"] == [
        "lost-worker: the process that cleaned it was ended: SIGKILL",
        "too-costly: cleaning took more memory than 500 MB, or than the system gives",
        "too-costly: cleaning took more than 1 s of processor time",
    ]
    assert all(row["text"] for row in rows if row["metadata"]["state"] == "live")


def test_a_page_that_is_too_large_is_one_row(run: Run) -> None:
    large = response(2, answer(b"<html><body>" + b"<p>x</p>" * 400_000))
    Path("a.warc.gz").write_bytes(b"".join(map(zipped, (page(1), large, page(3)))))
    assert run("clean", "--shards", "out", *JSONL, "--max-megabytes", "1", "a.warc.gz").code == 0
    assert [row["metadata"]["state"] for row in documents()] == ["live", "error", "live"]
    assert documents()[1]["metadata"]["error"] == "too-large: the page has more than 1 MB of content"


def test_segments_are_put_together(run: Run) -> None:
    block = answer(article(5))
    origin = "<urn:uuid:00000000-0000-4000-8000-000000000005>"
    half = len(block) // 2
    number, total = "WARC-Segment-Number: {}", f"WARC-Segment-Total-Length: {len(block)}"
    first = response(5, block[:half], number.format(1))
    end = (f"WARC-Segment-Origin-ID: {origin}", number.format(2), total)
    second = record("continuation", block[half:], *end, number=6, url="http://paper.example/5")
    Path("a.warc.gz").write_bytes(b"".join(map(zipped, (first, page(1), second))))
    Path("whole.warc.gz").write_bytes(b"".join(map(zipped, (page(1), response(5, block)))))
    run("clean", "--shards", "out", *JSONL, "a.warc.gz")
    run("clean", "--shards", "whole", *JSONL, "whole.warc.gz")
    assert [row["text"] for row in documents("out")] == [row["text"] for row in documents("whole")]


def test_old_and_plain_files(run: Run) -> None:
    Path("old.arc").write_bytes(ARC_HEAD + arc("http://paper.example/1", answer(article(1))))
    Path("plain.warc").write_bytes(page(2) + page(3))
    assert run("clean", "--shards", "out", *JSONL, "old.arc", "plain.warc").code == 0
    rows = documents()
    assert [row["metadata"]["state"] for row in rows] == ["live"] * 3
    plain = Path("plain.warc").read_bytes()
    places = [row["metadata"] for row in rows if row["metadata"]["warc_filename"] == "plain.warc"]
    cuts = [plain[each["warc_record_offset"] :][: each["warc_record_length"]] for each in places]
    assert cuts == [page(2), page(3)]


def test_check_compares_inputs_manifests_and_files(run: Run) -> None:
    names = [crawl(f"{number}.warc.gz", number) for number in range(3)]
    check = ("clean", "--shards", "out", *JSONL, "--check")
    run("clean", "--shards", "out", *JSONL, *names)
    assert (run(*check, *names).code, run(*check, *names).out) == (0, "")
    changed = sorted(Path("out", "documents").iterdir())[0]
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    missing = sorted(Path("out", "ledgers").iterdir())[1]
    missing.unlink()
    crawl("2.warc.gz", 2, 4)
    crawl("new.warc.gz", 5)
    found = run(*check, *names, "new.warc.gz")
    assert found.code == 1
    assert found.out == (
        f"0.warc.gz: documents/{changed.name} has other bytes than were written\n"
        f"1.warc.gz: ledgers/{missing.name} is missing\n"
        "2.warc.gz: it has no shard, or it has changed since its shard was made\n"
        "new.warc.gz: it has no shard, or it has changed since its shard was made\n"
    )
    Path("out", "seal.json").unlink()
    assert "seal.json: the folder is not sealed" in run(*check, names[0]).out


def test_another_attempt_with_other_rows_is_an_alarm(folder: Path) -> None:
    store = Folder(folder / "out")

    def attempt(rows: str) -> Manifest:
        path = store.attempt("documents/x.jsonl.zst")
        path.write_text(rows)
        digest = sha256(rows.encode()).hexdigest()
        given = {"name": "x.warc.gz", "size": 1, "sha256": "0", "uri": "x.warc.gz", "etag": ""}
        made = Manifest("x-0123456789abcdef", given, {}, 1, 1, {"live": 1}, 0, (), digest, None)
        return commit_shard(store, made, (ShardData("documents", ".jsonl.zst", path),))

    first = attempt("one")
    assert attempt("one") == first
    with pytest.raises(OutputError, match="gave other rows for shard x-0123456789abcdef"):
        attempt("two")
    assert [path.read_text() for path in (folder / "out" / "documents").iterdir()] == ["one"]
    (conflict,) = (folder / "out" / "conflicts").iterdir()
    assert json.loads(conflict.read_text())["rows_sha256"] == sha256(b"two").hexdigest()


def test_inputs_are_asked_for_when_they_are_needed(folder: Path) -> None:
    settings = ShardSettings(built_in().sha256, SOFTWARE, cleaning_engine(), 1 << 20, ("jsonl",))
    job = ShardJob(str(folder / "out"), built_in(), settings, USUAL_LIMITS)
    asked: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            asked.append(len(asked))
            yield crawl(f"{len(asked)}.warc.gz", len(asked) % 100)

    outcomes = run_pool(job, endless(), 2)
    for number in range(1, 6):
        assert next(outcomes).status == "made"
        assert len(asked) <= number + 2
    outcomes.close()  # type: ignore[attr-defined]  # a generator


class _Passing(BytesIO):
    """A file that notes how far it was read."""

    furthest = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.furthest = max(self.furthest, self.tell())
        return data


def test_pages_come_before_the_file_is_read_to_its_end() -> None:
    whole = b"".join(gzip.compress(page(number), 0) for number in range(400))
    file = _Passing(whole)
    pages = iter(PageStream(file, "a.warc.gz", limit=1 << 20))
    assert next(pages).record.url
    assert file.furthest < len(whole) / 2
    assert len(list(pages)) == 399


def test_what_cannot_be_put_together(run: Run) -> None:
    name = crawl("a.warc.gz", 1)
    for more in (("-o", "x"), ("-c", "x"), ("--stdout",), ("--diff",), ("--explain",), ("--dry-run",)):
        assert run("clean", "--shards", "out", *more, name).code == 2
    assert run("clean", "--shards", "out").code == 2
    assert run("clean", "--shards", "out", "--format", "csv", name).code == 2
    assert run("clean", "--shards", "out", *JSONL, "*.arc").code == 2
    assert run("clean", "--shards", "out", *JSONL, "-").code == 4


def test_parts_of_a_list_make_the_whole(spawn: Callable, run: Run) -> None:
    """As an array of jobs does: runs at once into one folder, and one over all at the end."""
    names = [crawl(f"{number}.warc.gz", number * 10, number * 10 + 1) for number in range(1, 5)]
    Path("all.txt").write_text("\n".join(names) + "\n")
    parts = []
    for part in (names[:2], names[1:3]):
        process = spawn("clean", "--shards", "out", *JSONL, "-q", "-j", "1", "-f", "-", stdin=subprocess.PIPE)
        process.stdin.write("\n".join(part).encode())
        process.stdin.close()
        process.stdin = None
        parts.append(process)
    for process in parts:
        process.communicate()
        assert process.returncode == 0
    done = run("clean", "--shards", "out", *JSONL, "-f", "all.txt")
    assert (done.code, done.out.count("already there")) == (0, 3)
    run("clean", "--shards", "whole", *JSONL, *names)
    assert content("out") == content("whole")


def test_the_work_can_be_called_from_anywhere(folder: Path) -> None:
    settings = ShardSettings(built_in().sha256, SOFTWARE, cleaning_engine(), 1 << 20, ("jsonl",))
    job = ShardJob(str(folder / "out"), built_in(), settings, USUAL_LIMITS)
    name = crawl("a.warc.gz", 1, 2)
    again = pickle.loads(pickle.dumps(job))
    outcomes = [run_shard(job, name), run_shard(again, name), run_shard(job, "missing.warc.gz")]
    assert [(each.status, each.rows) for each in outcomes] == [("made", 2), ("already", 2), ("failed", 0)]
    failure = outcomes[2].failure
    assert failure is not None
    assert failure.code == "missing"
