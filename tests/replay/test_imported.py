"""What others captured is given away and replayed beside our own visits."""

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import bagit
import httpx
import pytest
from article import TEXT
from imported import PICTURE, Imported, import_all
from replayer import Replayer, archive_replay, replaying, wayback
from test_exports import block_of, listed_by_cdxj_indexer
from visits import FIRST_DAY

from archive.catalogue.articles import Selection
from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.export.bagit import export_bagit
from archive.export.cdxj import export_cdxj
from archive.export.ro_crate import export_ro_crate
from archive.export.selection import choose
from archive.export.wacz import export_wacz
from archive.warc import reader

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ORIGIN = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return import_all(tmp_path_factory.mktemp("imported"))


@pytest.fixture(scope="module")
def collection(imported: Imported) -> Iterator[Collection]:
    with Collection.open(imported.kept.path, create=False) as opened:
        yield opened


def records_in(package: Path, folder: Path) -> list[reader.StoredRecord]:
    with zipfile.ZipFile(package) as file:
        names = [name for name in file.namelist() if name.startswith("archive/")]
        return [found for name in names for found in reader.iterate(Path(file.extract(name, folder)))]


def test_a_whole_wacz_has_the_imported_files_as_they_are(
    imported: Imported, collection: Collection, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.wacz"
    export_wacz(choose(collection, Selection()), whole)
    with zipfile.ZipFile(whole) as file:
        inside = {name: file.read(f"archive/{name}") for name in (path.name for path in imported.kept.files)}
        pages = [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()[1:]]
    assert inside == {path.name: path.read_bytes() for path in imported.kept.files}
    assert [(each["url"], each["ts"]) for each in pages if "paper.example" in each["url"]] == [
        ("http://paper.example/1", "2024-05-06T07:08:09Z"),
        ("http://paper.example/1", "2024-06-01T00:00:00Z"),
        ("http://paper.example/1", "2024-07-01T00:00:00Z"),
        ("http://paper.example/2", "2024-05-06T07:08:09Z"),
        ("http://paper.example/6", "2024-05-06T07:08:09Z"),
        ("http://paper.example/4", "2004-05-06T07:08:09Z"),
        ("http://paper.example/5", "2024-05-06T07:08:09Z"),
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://paper.example/1", ["request", "response", "revisit", "revisit"]),
        ("http://paper.example/2", ["request", "response"]),  # which the answer names, not the request the answer
        ("http://paper.example/4", ["metadata", "response"]),  # the line of the ARC file
        ("http://paper.example/6", ["resource"]),
    ],
)
def test_a_selection_copies_a_page_with_what_belongs_to_it(
    collection: Collection, tmp_path: Path, url: str, expected: list[str]
) -> None:
    part = tmp_path / "part.wacz"
    export_wacz(choose(collection, Selection(articles=(url,))), part)
    records = [found.record for found in records_in(part, tmp_path)]
    ours = [each for each in records if each.get("WARC-Target-URI").startswith("urn:visit:")]
    assert sorted(each.type for each in records[1:] if each not in ours) == expected
    assert len(ours) == max(1, sum(each.type in {"response", "resource", "revisit"} for each in records))
    (page,) = (each for each in records if each.type in {"response", "resource"})
    row = catalogue_of(collection).row_of(page.record_id)
    assert row
    assert page == collection.record_at(row)


def test_the_index_is_that_of_cdxj_indexer(imported: Imported, collection: Collection, tmp_path: Path) -> None:
    """Also where records name no digest, put the address into angle brackets, or were no messages of HTTP."""
    pytest.importorskip("cdxj_indexer")
    export_cdxj(choose(collection, Selection()), tmp_path / "index.cdxj")
    theirs = [line for line in listed_by_cdxj_indexer(*imported.kept.files) if line.startswith("example,paper)")]
    ours: list[str] = []
    for line in (tmp_path / "index.cdxj").read_text().splitlines():
        if not line.startswith("example,paper)"):
            continue
        block: dict[str, Any] = block_of(line)
        with (imported.kept.path / "warc" / block["filename"]).open("rb") as file:
            file.seek(int(block["offset"]))
            member = file.read(int(block["length"]))
        assert block.pop("recordDigest") == f"sha256:{sha256(member).hexdigest()}"
        if block["url"].endswith("/6"):  # a resource, to which they give no status
            assert block.pop("status") == "200"
        ours.append(line[: line.index("{")] + json.dumps(block) + "\n")
    assert len(ours) == 9
    assert ours == theirs


def test_bag_and_crate_hold_all_of_it(imported: Imported, collection: Collection, tmp_path: Path) -> None:
    chosen = choose(collection, Selection())
    export_bagit(chosen, tmp_path / "bag")
    assert bagit.Bag(str(tmp_path / "bag")).is_valid()
    export_ro_crate(chosen, tmp_path / "crate")
    for path in imported.kept.files:
        for place in ("bag/data/warc", "crate/warc"):
            assert (tmp_path / place / path.name).read_bytes() == path.read_bytes()
    said = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_text())
    actions = [each for each in said["@graph"] if each["@type"] == "CreateAction"]
    assert sum(ORIGIN in json.dumps(each) for each in actions) == 1


def served(url: str) -> httpx.Response:
    return httpx.get(url, follow_redirects=True, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def address(imported: Imported, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address at which `archive replay` serves the collection."""
    with archive_replay(_wayback(), imported.kept.path, tmp_path_factory.mktemp("cache")) as url:
        yield url


def _wayback() -> Path:
    program = wayback()
    if program is None:
        pytest.skip("no pywb: pip install '.[replay]' into an environment of its own, XUANZHI_PYWB=its/bin/python")
    return program


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("20240506070809", 1), ("20240601000000", 1), ("20240701000000", 1), ("20240506070809", 2),
        ("20240506070809", 3), ("20040506070809", 4), ("20240506070809", 5), ("20240506070809", 6),
    ],
)  # fmt: skip
def test_what_others_captured_is_replayed(address: str, moment: str, number: int) -> None:
    answer = served(f"{address}{moment}mp_/http://paper.example/{number}")
    assert answer.status_code == 200
    assert f"第{number}种纸" in answer.text
    said = answer.headers["Memento-Datetime"]
    assert (said[12:16], said[17:25]) == (moment[:4], f"{moment[8:10]}:{moment[10:12]}:{moment[12:14]}")


def test_so_are_pictures_and_our_own_visits(imported: Imported, address: str) -> None:
    assert served(f"{address}20240506070809im_/http://paper.example/p.png").content == PICTURE
    assert TEXT in served(f"{address}{FIRST_DAY:%Y%m%d%H%M%S}mp_/{imported.kept.url()}").text


@pytest.fixture(scope="module")
def replayed_part(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayer]:
    program = _wayback()
    folder = tmp_path_factory.mktemp("part")
    export_wacz(choose(collection, Selection(articles=("http://paper.example/1",))), folder / "part.wacz")
    with zipfile.ZipFile(folder / "part.wacz") as package:
        names = [name for name in package.namelist() if name.startswith("archive/")]
        files = [Path(package.extract(name, folder)) for name in names]
    with replaying(program, files, tmp_path_factory.mktemp("pywb")) as started:
        yield started


@pytest.mark.parametrize("moment", ["20240506070809", "20240601000000", "20240701000000"])
def test_a_part_replays_by_itself(replayed_part: Replayer, moment: str) -> None:
    answer = served(f"{replayed_part.origin}/kept/{moment}mp_/http://paper.example/1")
    assert answer.status_code == 200
    assert "第1种纸" in answer.text


@pytest.mark.parametrize("number", [1, 4, 5])
def test_a_browser_shows_them(address: str, browser: Any, number: int) -> None:
    moment = "20040506070809" if number == 4 else "20240506070809"
    page = browser.new_page()
    page.goto(f"{address}{moment}/http://paper.example/{number}")
    frame = page.wait_for_selector("#replay_iframe").content_frame()
    frame.wait_for_selector("article")
    assert frame.inner_text("h1") == f"第{number}种纸"
    page.close()
