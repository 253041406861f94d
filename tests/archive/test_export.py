"""A collection given away: whole, in parts, again, and where that cannot be."""

import errno
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest
from rocrate.rocrate import ROCrate
from visitor import html, page, visit

from archive import errors
from archive.catalogue.articles import Selection
from archive.collection.collection import Collection
from archive.errors import Damaged, DiskFull, NotWritable
from archive.export import cdxj
from archive.export.bagit import check_bagit, export_bagit
from archive.export.cdxj import Sorter, export_cdxj
from archive.export.markdown import check_markdown, export_markdown
from archive.export.package import ManifestFault
from archive.export.ro_crate import export_ro_crate
from archive.export.selection import choose
from archive.export.signature import Signer, new_key
from archive.export.wacz import check_wacz, export_wacz
from archive.ingest.prepared import Visit
from archive.maintenance.check import verify_collection
from archive.maintenance.check_file import verify_file
from archive.maintenance.rebuild import reindex
from archive.warc.reader import iterate

pytestmark = pytest.mark.slow

EXPORTS: dict[str, Callable[..., Any]] = {
    "wacz": export_wacz,
    "cdxj": export_cdxj,
    "bagit": export_bagit,
    "ro-crate": export_ro_crate,
    "markdown": export_markdown,
}
SECOND = Selection(articles=("题目2",))


@pytest.fixture
def collection(tmp_path: Path, opened: Callable[..., Collection], make: Callable) -> Iterator[Collection]:
    """Give three visited articles, the second twice, and a snapshot. They share a picture, which the first has."""
    with opened(tmp_path / "c") as made:
        made.keep([visit(1), visit(2), visit(3)])
        made.keep([visit(2, hours=24), visit(1, hours=25, answer=html("没了", status="404 Not Found"), cleaned=None)])
        made.add([make("快照的文字\n")])
        yield made


def give(collection: Collection, form: str, path: Path, selection: Selection = Selection(), **options: Any) -> Any:  # noqa: B008
    return EXPORTS[form](choose(collection, selection), path, **options)


def contents(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


@pytest.mark.parametrize("selection", [Selection(), SECOND], ids=["whole", "part"])
@pytest.mark.parametrize("form", EXPORTS)
def test_the_same_gives_the_same_bytes(collection: Collection, tmp_path: Path, form: str, selection: Selection) -> None:
    before = contents(collection.path)
    for name in "ab":
        give(collection, form, tmp_path / name, selection)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert {name: data for name, data in contents(collection.path).items() if "sqlite" not in name} == {
        name: data for name, data in before.items() if "sqlite" not in name
    }
    assert {each.name for each in tmp_path.iterdir()} == {"a", "b", "c"}  # nothing temporary stays


def test_a_wacz_file_holds_the_capture_files_as_they_are(collection: Collection, tmp_path: Path) -> None:
    give(collection, "wacz", tmp_path / "x.wacz")
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        for zipped, folder_ in (("archive", "warc"), ("derived", "derived")):
            (file,) = (collection.path / folder_).iterdir()
            info = package.getinfo(f"{zipped}/{file.name}")
            assert info.compress_type == zipfile.ZIP_STORED
            assert package.read(info) == file.read_bytes()
        manifest = json.loads(package.read("datapackage.json"))
        assert {each["path"] for each in manifest["resources"]} == set(package.namelist()) - {
            "datapackage.json",
            "datapackage-digest.json",
        }
        header, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert (manifest["profile"], manifest["wacz_version"], manifest["title"]) == ("data-package", "1.1.1", "c")
    assert header == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
    assert [(each["url"], each["ts"], each["state"], each.get("text")) for each in pages] == [
        ("https://a.example/1", "2026-11-22T08:00:00Z", "live", "<p>第1篇"),
        ("https://a.example/1", "2026-11-23T09:00:00Z", "unavailable", None),
        ("https://a.example/2", "2026-11-22T08:00:00Z", "live", "<p>第2篇"),
        ("https://a.example/2", "2026-11-23T08:00:00Z", "live", None),
        ("https://a.example/3", "2026-11-22T08:00:00Z", "live", "<p>第3篇"),
    ]
    assert check_wacz(tmp_path / "x.wacz") == ((), "")


def test_a_part_is_a_collection_by_itself(collection: Collection, tmp_path: Path) -> None:
    """What its revisits stand for is in it, and records are those of the collection, byte for byte."""
    give(collection, "bagit", tmp_path / "bag", SECOND)
    part = tmp_path / "bag" / "data"
    result = reindex(part)
    assert (result.damage, result.lost, result.captures) == ((), (), 2)
    assert list(verify_collection(part)) == []
    whole = {
        each.record.record_id: each.record for file in (collection.path / "warc").iterdir() for each in iterate(file)
    }
    (file,) = (part / "warc").iterdir()
    assert list(verify_file(file)) == []
    records = [each.record for each in iterate(file)]
    assert records[0].type == "warcinfo"
    assert [record for record in records[1:] if record != whole[record.record_id]] == []
    urls = [record.get("WARC-Target-URI") for record in records if record.type in {"response", "revisit"}]
    # The picture was captured with the first article; the visits of the second refer to that.
    assert sorted(urls) == ["https://a.example/2"] * 2 + ["https://a.example/logo.png"] * 3
    ids = {record.record_id for record in records}
    assert [each for each in records if each.type == "revisit" and each.refers_to not in ids] == []


def test_what_an_earlier_page_of_the_run_fetched_is_in_the_part(
    tmp_path: Path, opened: Callable[..., Collection]
) -> None:
    logo = "https://a.example/logo.png"
    with opened(tmp_path / "c") as collection:
        run = collection.begin_run(["https://a.example/1", "https://a.example/2"])
        collection.keep([visit(1)._replace(run=run, item=0)])
        second = visit(2)
        assert second.page
        shared = page(second.url, *second.page.hops, shared=(logo,))
        collection.keep([Visit(second.url, shared, second.cleaned, run=run, item=1)])
        give(collection, "bagit", tmp_path / "bag", SECOND)
    (file,) = (tmp_path / "bag" / "data" / "warc").iterdir()
    found = {each.record.get("WARC-Target-URI") for each in iterate(file) if each.record.type == "response"}
    assert found == {"https://a.example/2", logo}


def test_signed_with_a_key_of_ones_own(collection: Collection, tmp_path: Path) -> None:
    key, file = tmp_path / "key.pem", tmp_path / "x.wacz"
    new_key(key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(errors.AlreadyThere):
        new_key(key)
    signer = Signer(key)
    give(collection, "wacz", file, signer=signer)
    assert check_wacz(file) == ((), signer.public_key)
    with zipfile.ZipFile(file) as package:
        said = json.loads(package.read("datapackage-digest.json"))
        created = json.loads(package.read("datapackage.json"))["created"]
    assert set(said["signedData"]) == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert (said["signedData"]["hash"], said["signedData"]["created"]) == (said["hash"], created)
    other = tmp_path / "other.pem"
    new_key(other)
    forged = said["signedData"] | {"publicKey": Signer(other).public_key}
    assert _changed(file, tmp_path, "datapackage-digest.json", json.dumps(said | {"signedData": forged}).encode()) == (
        (ManifestFault("datapackage-digest.json", "signature-wrong"),),
        "",
    )
    with_more = json.dumps(said | {"signedData": said["signedData"] | {"domain": "a.example"}}).encode()
    assert _changed(file, tmp_path, "datapackage-digest.json", with_more).public_key == ""


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "\0\1\2"])
def test_what_is_no_key(tmp_path: Path, text: str) -> None:
    with pytest.raises(errors.BadKey):
        Signer(tmp_path / "missing.pem")
    (tmp_path / "key.pem").write_text(text)
    with pytest.raises(errors.BadKey):
        Signer(tmp_path / "key.pem")


def _changed(file: Path, folder_: Path, name: str, data: bytes | None) -> Any:
    """Check a copy of a WACZ file in which one file is another, or missing."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(folder_ / "changed.wacz", "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if data is not None:
            new.writestr(name, data)
    return check_wacz(folder_ / "changed.wacz")


def test_a_change_in_a_wacz_file_is_found(collection: Collection, tmp_path: Path) -> None:
    file = tmp_path / "x.wacz"
    give(collection, "wacz", file)
    pages = "pages/pages.jsonl"
    assert _changed(file, tmp_path, pages, b"{}\n").faults == (ManifestFault(pages, "differs"),)
    assert set(_changed(file, tmp_path, pages, None).faults) == {ManifestFault(pages, "missing")}
    assert _changed(file, tmp_path, "more/x.txt", b"").faults == (ManifestFault("more/x.txt", "unlisted"),)
    assert _changed(file, tmp_path, "datapackage.json", b'{"resources": []}').faults[-1] == ManifestFault(
        "datapackage.json", "manifest-differs"
    )
    (tmp_path / "no.wacz").write_bytes(b"PK\3\4 and no more")
    assert check_wacz(tmp_path / "no.wacz").faults[0].code == "not-a-wacz"


def test_a_wacz_file_has_the_rules_and_not_the_schedule(collection: Collection, tmp_path: Path) -> None:
    (collection.path / "schedule.jsonl").write_text("{}\n")
    (collection.path / "rules" / "learned").mkdir(parents=True)
    (collection.path / "rules" / "own.toml").write_text("# own\n")
    (collection.path / "rules" / "learned" / "a.toml").write_text("# learned\n")
    give(collection, "wacz", tmp_path / "x.wacz")
    with zipfile.ZipFile(tmp_path / "x.wacz") as file:
        names = [name for name in file.namelist() if name.startswith(("collection/", "rules/"))]
    assert names == ["collection/collection.toml", "rules/own.toml", "rules/learned-a.toml"]


def test_a_bag_that_others_validate(collection: Collection, tmp_path: Path) -> None:
    (collection.path / "decisions.jsonl").write_text("{}\n")
    (collection.path / "schedule.jsonl").write_text("{}\n")
    (collection.path / "rules" / "learned").mkdir(parents=True)
    (collection.path / "rules" / "learned" / "a.toml").write_text("")
    give(collection, "bagit", tmp_path / "bag")
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert sorted(bag.algorithms) == ["sha256", "sha512"]
    assert bag.info["Bagging-Date"] == "2026-11-23"
    assert bag.info["External-Identifier"] == "c"
    assert {path.split("/")[1] for path in bag.payload_files()} == {
        "warc", "derived", "markdown", "rules", "collection.toml", "decisions.jsonl", "schedule.jsonl"
    }  # fmt: skip
    assert list(check_bagit(tmp_path / "bag")) == []
    (tmp_path / "bag" / "data" / "collection.toml").write_text("")
    (tmp_path / "bag" / "data" / "more").write_text("")
    assert set(check_bagit(tmp_path / "bag")) == {
        ManifestFault("data/collection.toml", "differs"),
        ManifestFault("data/more", "unlisted"),
    }


def test_the_whole_collection_comes_back_from_a_bag(
    collection: Collection, tmp_path: Path, whole: Callable[[Path], Any]
) -> None:
    give(collection, "bagit", tmp_path / "bag")
    reindex(tmp_path / "bag" / "data")
    assert whole(tmp_path / "bag" / "data") == whole(collection.path)


def test_a_crate_that_others_read(collection: Collection, tmp_path: Path) -> None:
    give(collection, "ro-crate", tmp_path / "crate")
    crate = ROCrate(tmp_path / "crate")
    files = {entity.id: entity for entity in crate.data_entities}
    assert len(files) == len([each for each in (tmp_path / "crate").rglob("*") if each.is_file()]) - 1
    (work,) = (entity for entity in files.values() if entity.get("url") == "https://a.example/2")
    assert (work["name"], work["publisher"], work["datePublished"]) == ("题目2", "技术团队", "2024-12-31")
    (action,) = (each for each in crate.get_by_type("CreateAction") if each["result"] == work)
    assert action["instrument"]["name"] == "xuanzhi"
    source, rules = action["object"]
    assert rules["sha256"] == "0" * 64
    assert collection.record(source.id).get("WARC-Target-URI") == "https://a.example/2"


def test_a_tree_for_git(collection: Collection, tmp_path: Path) -> None:
    tree, name = tmp_path / "tree", "markdown/技术团队/2024-12-31-题目{}.md"
    first = give(collection, "markdown", tree)
    assert (first.files, first.removed, first.foreign) == (4, 0, ())
    assert f"- 2024-12-31 [题目2](<{name.format(2)}>)" in (tree / "README.md").read_text()
    times = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    assert give(collection, "markdown", tree).written == 0
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == times
    collection.keep([visit(2, hours=48, text="<p>第2篇，改过")])
    (tree / name.format(1)).write_text("某人的改动\n")
    (tree / "某人的.md").write_text("某人的\n")
    (tree / "README.md").write_text("# 某人的\n")
    # A part does not take away what an earlier export wrote of the rest.
    again = give(collection, "markdown", tree, Selection(articles=("题目1", "题目2")))
    assert again == (3, 1, 0, ("README.md", name.format(1)))
    assert (tree / name.format(2)).read_text() == "<p>第2篇，改过\n"
    assert (tree / name.format(3)).exists()
    assert (tree / name.format(1)).read_text() == "某人的改动\n"
    assert list(check_markdown(tree)) == []
    assert give(collection, "markdown", tree, force=True).foreign == ()
    assert "某人的改动" not in (tree / name.format(1)).read_text()
    assert (tree / "某人的.md").read_text() == "某人的\n"


def test_the_file_of_an_article_that_is_gone_goes(collection: Collection, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    give(collection, "markdown", tree)
    manifest = tree / "manifest-sha256.txt"
    for name in ("一", "二"):
        (tree / "markdown" / "旧").mkdir(exist_ok=True)
        shutil.copy(tree / ".gitattributes", tree / "markdown" / "旧" / f"{name}.md")
    digest = next(line for line in manifest.read_text().splitlines() if line.endswith(".gitattributes")).split()[0]
    outside = f"{digest}  ../outside.md\n"
    shutil.copy(tree / ".gitattributes", tmp_path / "outside.md")
    manifest.write_text(
        manifest.read_text() + "".join(f"{digest}  markdown/旧/{name}.md\n" for name in "一二") + outside
    )
    (tree / "markdown" / "旧" / "二.md").write_text("某人的改动\n")
    result = give(collection, "markdown", tree)
    assert (result.removed, result.foreign) == (1, ("../outside.md", "markdown/旧/二.md"))
    assert (tmp_path / "outside.md").exists()


@pytest.mark.parametrize("form", ["wacz", "cdxj", "bagit", "ro-crate"])
def test_what_lies_there_is_not_overwritten(collection: Collection, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    give(collection, form, out)
    before = contents(out)
    with pytest.raises(errors.AlreadyThere):
        give(collection, form, out)
    assert contents(out) == before
    give(collection, form, out, SECOND, force=True)
    assert contents(out) != before
    theirs = tmp_path / "theirs"
    if out.is_dir():
        theirs.mkdir()
        (theirs / "letter.txt").write_text("某人的")
    else:
        theirs.write_text("某人的")
    with pytest.raises(errors.AlreadyThere):
        give(collection, form, theirs, force=True)
    assert list(contents(theirs).values()) == ["某人的".encode()]


@pytest.mark.parametrize("form", EXPORTS)
def test_a_disk_that_is_full_leaves_nothing(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if form != "markdown":  # which is written file by file, each whole
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            give(collection, form, tmp_path / "out")
        assert {each.name for each in tmp_path.iterdir()} == {"c"}


@pytest.mark.parametrize("form", EXPORTS)
def test_a_place_that_takes_nothing(collection: Collection, tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable):
        give(collection, form, tmp_path / "file" / "out")


@pytest.mark.parametrize("form", ["wacz", "cdxj"])
def test_snapshots_alone_cannot_be_replayed(
    tmp_path: Path, opened: Callable[..., Collection], make: Callable, form: str
) -> None:
    with opened(tmp_path / "c") as collection:
        with pytest.raises(errors.NothingSelected, match="no article yet"):
            give(collection, form, tmp_path / "out")
        collection.add([make("快照的文字\n")])
        with pytest.raises(errors.NothingCaptured):
            give(collection, form, tmp_path / "out")
        with pytest.raises(errors.NothingSelected, match="as the selection says"):
            give(collection, form, tmp_path / "out", Selection(sources=("没有的",)))


def test_damage_is_not_given_away(collection: Collection, tmp_path: Path) -> None:
    (file,) = (collection.path / "warc").iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(Damaged, match=file.name):
        give(collection, "wacz", tmp_path / "x.wacz")
    assert not (tmp_path / "x.wacz").exists()


def test_what_is_not_committed_does_not_go(collection: Collection, tmp_path: Path) -> None:
    (file,) = (collection.path / "warc").iterdir()
    committed = file.read_bytes()
    with file.open("ab") as stream:
        stream.write(b"a torn tail")
    give(collection, "wacz", tmp_path / "x.wacz")
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        assert package.read(f"archive/{file.name}") == committed


def test_lines_are_sorted_and_each_is_there_once_also_where_memory_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdxj, "_IN_MEMORY", 1000)
    lines = [f"com,example)/{number * 7919 % 500} 2026 纸\n" for number in range(2000)]
    with Sorter(tmp_path) as sorter:
        for line in (*lines, None):
            sorter.add(line)
        assert list(sorter) == list(sorter) == sorted({line.encode() for line in lines})
        assert sorter.count == 500
    assert list(tmp_path.iterdir()) == []
