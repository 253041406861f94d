"""Readers of other people read what is given away: the whole, and a part with all that it needs."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from article import TEXT
from given import Given
from replayer import Replayer, replaying, wayback
from visits import FIRST_DAY, LATER_TEXT, Kept

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def part(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the WARC file of the part."""
    folder = tmp_path_factory.mktemp("part")
    with zipfile.ZipFile(given.part) as package:
        (name,) = (name for name in package.namelist() if name.startswith("archive/"))
        return Path(package.extract(name, folder))


def listed_by_cdxj_indexer(*files: Path) -> list[str]:
    # In a process of its own: it leaves temporary files to the garbage collector, which warns of them.
    command = [sys.executable, "-m", "cdxj_indexer.main", "-s", *map(str, files)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    return said.splitlines(keepends=True)


def block_of(line: str) -> dict[str, str]:
    block: dict[str, str] = json.loads(line[line.index("{") :])
    return block


def test_the_index_is_that_of_cdxj_indexer(kept: Kept, given: Given) -> None:
    """But for what CDXJ 0.1.0 demands and it leaves out, and for what is no capture.

    That is the kind of content where the server told none, and digest and status of a "not modified", which are those
    of the version that was not modified; and digests of whole records are more than it demands.
    """
    pytest.importorskip("cdxj_indexer")
    theirs = [line for line in listed_by_cdxj_indexer(*kept.files) if not line.startswith("urn:")]
    lines = given.index.read_text().splitlines(keepends=True)
    assert lines == sorted(lines, key=str.encode)
    reduced, more = [], []
    for line in lines:
        block = block_of(line)
        with (kept.path / "warc" / block["filename"]).open("rb") as file:
            file.seek(int(block["offset"]))
            member = file.read(int(block["length"]))
        assert block.pop("recordDigest") == f"sha256:{sha256(member).hexdigest()}"
        if block["mime"] == "unk":
            del block["mime"]
        reduced.append(line[: line.index("{")] + json.dumps(block) + "\n")
    for our, their in zip(reduced, theirs, strict=True):
        if our != their:
            more.append((block_of(our), block_of(their)))
    ((ours, not_modified),) = more
    first = block_of(reduced[[block_of(line)["offset"] for line in reduced].index(ours["offset"]) - 1])
    assert ours == {**not_modified, "status": "200", "digest": first["digest"]}
    assert ours.keys() - not_modified.keys() == {"status", "digest"}


def test_a_part_is_read_by_warcio_and_fastwarc(part: Path) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    with part.open("rb") as stream:
        theirs = [each.rec_headers.get_header("WARC-Record-ID") for each in archiveiterator.ArchiveIterator(stream)]
    fastwarc = pytest.importorskip("fastwarc.warc")
    iterator = fastwarc.ArchiveIterator(io.BytesIO(part.read_bytes()), parse_http=False)
    others = [each.record_id for each in iterator if each.verify_block_digest()]
    assert [record_id.strip("<>") for record_id in theirs] == [record_id.strip("<>") for record_id in others]
    assert len(set(others)) == len(others) > 39


@pytest.fixture(scope="session")
def replayed_part(part: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayer]:
    program = wayback()
    if program is None:
        pytest.skip("no pywb: pip install '.[replay]' into an environment of its own, XUANZHI_PYWB=its/bin/python")
    with replaying(program, [part], tmp_path_factory.mktemp("pywb")) as started:
        yield started


@pytest.mark.parametrize(("day", "text"), [(0, TEXT), (1, TEXT), (2, TEXT), (7, LATER_TEXT)])
def test_a_part_replays_by_itself_in_pywb(kept: Kept, replayed_part: Replayer, day: int, text: str) -> None:
    url = replayed_part.at(FIRST_DAY + timedelta(days=day, hours=1), kept.url())
    answer = httpx.get(url, follow_redirects=True, trust_env=False, timeout=30)
    assert answer.status_code == 200
    assert text in answer.text
    assert answer.headers["Memento-Datetime"] == f"{FIRST_DAY + timedelta(days=day):%a, %d %b %Y %H:%M:%S GMT}"


@pytest.mark.parametrize("name", ["whole", "part"])
def test_py_wacz_finds_it_valid(given: Given, name: str) -> None:
    program = os.environ.get("XUANZHI_WACZ")
    if not program:
        pytest.skip("no py-wacz: pip install wacz into an environment of its own, XUANZHI_WACZ=its/bin/wacz")
    done = subprocess.run(
        [program, "validate", "-f", str(getattr(given, name))], capture_output=True, check=False, timeout=120
    )
    assert b"Validation succeeded" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
