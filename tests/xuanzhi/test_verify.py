"""Proving and healing a collection, as people and schedulers do it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from losses import Run
from scripted import Server
from small_site import ARTICLE, page, site
from test_reclean import RULES, snapshot

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from clean.page import clean_page
from clean.pipeline import clean
from xuanzhi.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(runner: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder that `kept` gives copies of."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "rules.toml").write_text(RULES)
    for number in (1, 2):
        (folder / f"{number}.txt").write_text(snapshot(number, f"第{number}篇。\n\n扫码入群"))
    assert runner(folder, "clean", "1.txt", "2.txt").code == 0
    with Server(site(a=page(ARTICLE), b=page(ARTICLE.replace("竹", "藤")))) as server:
        urls = f"{server.url}/a", f"{server.url}/b"
        done = runner(folder, "capture", "--allow-private", "--contact", "archive@library.example", *urls)
    assert done.code == 0, done
    return folder


@pytest.fixture
def kept(made: Path, folder: Path) -> Path:
    """Give a collection with two snapshots and two visits."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / "collection"


def codes(result: object) -> list[str]:
    return [each["code"] for each in result.events if each["event"] == "finding"]  # type: ignore[attr-defined]


def files(kept: Path) -> dict[str, bytes]:
    return {
        each.relative_to(kept).as_posix(): each.read_bytes()
        for each in kept.rglob("*")
        if each.is_file() and "sqlite" not in each.name
    }


def members(path: Path, kept: Path) -> list[tuple[int, int]]:
    with Collection.open(kept) as collection:
        catalogue = catalogue_of(collection)
        return catalogue.execute(
            "SELECT offset, length FROM record JOIN file ON file.id = record.file WHERE name = ? ORDER BY offset",
            (path.name,),
        ).fetchall()


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)


def test_a_whole_collection(run: Callable, kept: Path) -> None:
    before = files(kept)
    result = run("archive", "verify")
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines() == [
        "archive verify: 4 captures cleaned again and compared",
        "archive verify: everything is as it was written",
    ]
    assert run("archive", "verify", "--quick").err == "archive verify: everything is as it was written\n"
    assert files(kept) == before


def test_what_was_cleaned_with_other_rules_is_counted(run: Callable, kept: Path) -> None:
    run("archive", "reclean", "--rules", "rules.toml")
    assert run("archive", "verify", "--json").events == [
        {"event": "summary", "findings": 0, "healable": 0, "compared": {"other-rules": 2, "yes": 2}}
    ]
    compared = run("archive", "verify", "--rules", "rules.toml", "--json").events[-1]["compared"]
    assert compared == {"yes": 4}  # of two the text is the same by either rules


def test_every_record_of_the_derived_files_comes_back_byte_for_byte(run: Callable, kept: Path) -> None:
    (path,) = (kept / "derived").iterdir()
    before = files(kept)
    places = members(path, kept)
    assert len(places) == 11  # a warcinfo; of the snapshots conversion and ledger, of the visits provenance, too
    for offset, length in places:
        flip(path, offset + length // 2)
        assert run("archive", "verify", "--json").code == 1
        result = run("archive", "verify", "--repair")
        assert result.code == 0, result
        assert result.out.endswith("\n1 derived record was rewritten\n")
        assert files(kept) == before
    path.unlink()
    result = run("archive", "verify", "--repair")
    assert (result.code, files(kept)) == (0, before)


@pytest.fixture
def kept_by_another(
    run: Callable, capture: Callable, serve: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Make a collection of a snapshot and two visits with an engine that is not at hand any more."""
    (folder / "1.txt").write_text(snapshot(1, "竹纸。\n\n扫码入群"))
    with monkeypatch.context() as earlier:
        for module in ("clean.page", "clean.pipeline"):
            earlier.setattr(f"{module}.engine_digest", lambda name: f"sha256:{name.encode().hex():0<64}")
        earlier.setattr("archive.ingest.provenance.versions_at_hand", lambda digest: {"trafilatura": "0.1"})
        run("clean", "-j", "1", "1.txt")
        server: Server = serve(site(a=page(ARTICLE), b=page(ARTICLE.replace("竹", "藤"))))
        capture(f"{server.url}/a", f"{server.url}/b")
    return folder / "collection"


def test_records_of_another_engine_come_back_byte_for_byte(run: Callable, kept_by_another: Path) -> None:
    kept = kept_by_another
    (path,) = (kept / "derived").iterdir()
    before = files(kept)
    assert run("archive", "verify", "--json").events[-1]["compared"] == {"yes": 3}
    places = members(path, kept)
    assert len(places) == 9  # a warcinfo; conversion and ledger of each, of the visits provenance, too
    for offset, length in places:
        flip(path, offset + length // 2)
        assert run("archive", "verify", "--repair").code == 0
        assert files(kept) == before


def test_a_record_of_another_engine_is_not_made_up(run: Callable, kept_by_another: Path) -> None:
    """A text is proven by its digest, anything else by the checksum of what it was, as long as that is there."""
    kept = kept_by_another
    (path,) = (kept / "derived").iterdir()
    before = files(kept)
    repaired = []
    for offset, length in members(path, kept)[:6]:
        flip(path, offset + length - 6)  # in the checksum
        damaged = files(kept)
        result = run("archive", "verify", "--repair")
        repaired.append(result.code == 0)
        if result.code:
            assert (result.code, files(kept)) == (3, damaged)
            assert "another engine" in result.out
            flip(path, offset + length - 6)
        assert files(kept) == before
    assert repaired == [True, True, False, False, True, False]  # warcinfo, text, ledger; provenance, text, ledger
    path.unlink()
    assert run("archive", "verify", "--repair").code == 3
    assert not path.exists()  # half of a file is worth less than the backup's


def test_captures_are_never_touched(run: Callable, kept: Path) -> None:
    (path,) = (kept / "warc").iterdir()
    offset, length = members(path, kept)[1]
    flip(path, offset + length // 2)
    before = files(kept)
    result = run("archive", "verify", "--repair")
    assert result.code == 3
    assert f"{path.name} @ {offset:,}: " in result.out
    assert result.err.splitlines()[-1] == (
        "archive verify: restore damaged files from a backup; what is not named above is sound"
    )
    assert files(kept) == before
    with Collection.open(kept) as collection:  # and the catalogue still knows what was there
        assert catalogue_of(collection).one("SELECT count(*) FROM capture") == (4,)


def test_what_cannot_be_healed_is_said(run: Callable, kept: Path) -> None:
    # The catalogue alone knew which record had stood at the damaged place.
    (path,) = (kept / "derived").iterdir()
    offset, length = members(path, kept)[1]
    flip(path, offset + length // 2)
    (kept / "catalogue.sqlite").unlink()
    result = run("archive", "verify", "--repair")
    assert result.code == 3
    assert "from a backup" in result.err.splitlines()[-1]
    assert run("archive", "verify", "--repair", "--json").code == 3


def test_what_is_derived_is_healed(run: Callable, kept: Path) -> None:
    before = files(kept)
    first, second, *_ = sorted((kept / "markdown").rglob("*.md"))
    first.unlink()
    second.write_text("我的话\n")
    (second.parent / f".{second.name}.part").write_text("half")
    with (next((kept / "derived").iterdir())).open("ab") as file:
        file.write(b"torn")
    with Collection.open(kept) as collection:
        catalogue_of(collection).execute("UPDATE event SET outcome = 'x' WHERE id = 1")
    with (next((kept / "warc").iterdir())).open("ab") as file:
        file.write(b"torn")
    found = run("archive", "verify", "--json")
    assert found.code == 1
    assert set(codes(found)) == {"tail", "catalogue-differs", "markdown-missing", "markdown-changed", "leftover"}
    healed = run("archive", "verify", "--repair")
    assert healed.code == 0, healed
    after = files(kept)
    moved = sorted(each for each in after if each.startswith("quarantine/"))
    assert [after.pop(each) for each in moved] == [b"torn", b"torn"]
    assert after == {**before, second.with_suffix(".edited.md").relative_to(kept).as_posix(): "我的话\n".encode()}
    assert run("archive", "verify").code == 0


@pytest.mark.parametrize("how", ["gone", "no database", "damaged"])
def test_a_catalogue_that_is_lost_comes_back(run: Callable, kept: Path, how: str) -> None:
    before = files(kept)
    file = kept / "catalogue.sqlite"
    if how == "gone":
        file.unlink()
    elif how == "no database":
        file.write_bytes(b"x" * 5000)
    else:
        data = bytearray(file.read_bytes())
        data[4096:8192] = bytes(4096)
        file.write_bytes(data)
    assert run("archive", "verify", "--json").code == 1
    assert run("archive", "verify", "--repair").code == 0
    assert files(kept) == before
    shutil.rmtree(kept / "markdown")
    file.unlink()
    result = run("archive", "reindex")
    assert (result.code, result.out) == (0, "")
    assert "4 captures" in result.err
    assert files(kept) == before


def test_a_rebuild_says_what_is_lost_and_all_captures_get_their_texts_again(run: Callable, kept: Path) -> None:
    next((kept / "derived").iterdir()).unlink()
    result = run("archive", "reindex", "--json")
    assert result.code == 3
    assert {each["file"].rpartition("/")[2] for each in result.events[:-1]} == {"1.txt", "2.txt", "a", "b"}
    assert result.events[-1]["lost"] == 4
    assert {each["state"] for each in run("archive", "list", "--json").events} == {"unavailable"}
    assert run("archive", "reclean", "--json").events[-1]["changed"] == 4
    assert {each["state"] for each in run("archive", "list", "--json").events} == {"live"}
    with Collection.open(kept) as collection:
        assert catalogue_of(collection).one("SELECT count(*) FROM article WHERE current_version") == (4,)
    assert run("archive", "verify").code == 0


def test_files_of_anybody(run: Callable, kept: Path) -> None:
    (path,) = (kept / "warc").iterdir()
    result = run("archive", "verify", str(path))
    assert (result.code, result.out) == (0, f"{path}  sound\n")
    flip(path, 600)
    result = run("archive", "verify", str(path), str(next((kept / "derived").iterdir())), "missing.warc.gz")
    assert result.code == 3
    assert result.out.startswith(f"{path.name} @ ")
    assert f"\n{path}  1 place is damaged\n" in result.out
    assert "missing.warc.gz: error: " in result.err


def test_no_collection(run: Callable) -> None:
    for part in ("verify", "reindex", "reclean"):
        result = run("archive", part, "-c", "nowhere")
        assert (result.code, "no collection" in result.err) == (2, True)


def test_changed_settings_are_told_until_they_are_used(run: Callable, kept: Path) -> None:
    settings = kept / "collection.toml"
    settings.write_text(settings.read_text().replace('operator = ""', 'operator = "A Library"'))
    result = run("archive", "verify", "--json")
    assert (result.code, codes(result)) == (1, ["settings-changed"])
    run("clean", "1.txt")
    assert run("archive", "verify").code == 0


def test_rules_that_cannot_be_read_are_a_finding_and_the_check_goes_on(run: Callable, kept: Path) -> None:
    (kept / "rules").mkdir()
    (kept / "rules/own.toml").write_text("x = [")
    (kept / "rules/twice.toml").write_text(RULES)
    (kept / "rules/twice-again.toml").write_text(RULES)
    article = next((kept / "markdown").rglob("*.md"))
    article.write_text("somebody's own")
    result = run("archive", "verify", "--json")
    findings = {(each["file"], each["code"]) for each in result.events if each["event"] == "finding"}
    assert result.code == 3
    assert {("rules/own.toml", "bad-rules"), ("rules/twice.toml", "bad-rules")} <= findings
    assert (article.relative_to(kept).as_posix(), "markdown-changed") in findings
    assert result.events[-1]["compared"]
    broken = run("archive", "verify", "--rules", "collection/rules/own.toml")
    assert broken.code == 2  # named by whoever asked


def test_settings_that_are_gone_are_found_and_written_again(run: Callable, kept: Path) -> None:
    settings = kept / "collection.toml"
    settings.write_text('name = "collection"\noperator = "纸社"\n')
    Path("8.txt").write_text(snapshot(8, "第八封信写于冬日，纸上有霜。" * 30))
    assert run("clean", "8.txt").code == 0
    settings.unlink()
    lost = run("clean", "8.txt")
    assert (lost.code, settings.exists()) == (3, False)
    assert "archive verify --repair" in lost.err
    (finding,) = [each for each in run("archive", "verify", "--json").events if each["event"] == "finding"]
    assert (finding["file"], finding["code"], finding["healable"]) == ("collection.toml", "settings-missing", True)
    assert run("archive", "verify", "--repair").code == 0
    assert settings.read_text() == 'name = "collection"\noperator = "纸社"\n'


@pytest.mark.parametrize("room", ["none", "in memory"])
def test_a_sound_collection_is_sound_where_nothing_can_be_written(kept: Path, room: str) -> None:
    before = {
        each: each.stat().st_mtime_ns for each in kept.rglob("*") if each.is_file() and "sqlite-" not in each.name
    }
    cache = 64 * 1024 if room == "in memory" else 10
    program = (
        "import resource, archive.catalogue.connection as connection; from xuanzhi.cli.main import main;"
        f"connection._CACHE = {cache};"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "raise SystemExit(main(['archive', 'verify', '-j', '1']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert ("not checked: the catalogue against the files, for want of room" in done.stderr) == (room == "none")
    assert all(each.stat().st_mtime_ns == time for each, time in before.items())


@pytest.mark.parametrize("files", range(4, 9))
def test_a_limit_of_the_system_says_nothing_about_the_catalogue(kept: Path, files: int) -> None:
    """So few files may be opened that SQLite, or what reads the WARC files, gets none."""
    program = (
        "import resource, xuanzhi.cli.archive.verify; from xuanzhi.cli.main import main;"
        "main(['archive', 'verify', '-q', '-j', '1']);"  # from here on everything is imported
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, 4096));"
        "raise SystemExit(main(['archive', 'verify', '--json', '-j', '1']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    told = {each["code"] for each in events if each["event"] in {"finding", "error"}}
    assert (done.returncode, told) in [(0, set()), (4, {"system-limit"})], done
    assert files > 4 or done.returncode == 4


def test_a_command_that_damage_ends_has_the_exit_code_of_damage(run: Callable, kept: Path) -> None:
    (file,) = (kept / "warc").glob("*.gz")
    os.truncate(file, file.stat().st_size - 10)
    result = run("clean", "--json", "1.txt")
    assert (result.code, [each["code"] for each in result.events]) == (3, ["files-differ"])


def test_a_sound_collection_is_sound_for_who_may_only_read(run: Callable, kept: Path) -> None:
    """As another user, where the tests are run by root; everything is imported before that."""
    assert run("archive", "verify", "-j", "1").code == 0
    clean_page(ARTICLE.encode())
    clean(Path("1.txt").read_bytes())
    import_module("resource")
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        shutil.copytree(kept, place / "collection")
        before = sorted(place.rglob("*"))
        for each in (*before, place):
            each.chmod(0o555 if each.is_dir() else 0o444)
        child = os.fork()
        if not child:
            code = 99
            try:
                os.chdir(place)
                if os.getuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                code = main(["archive", "verify", "-j", "1", "-c", str(place / "collection")])
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert sorted(place.rglob("*")) == before
    finally:
        for each in (place, *(each for each in place.rglob("*") if each.is_dir())):
            each.chmod(0o755)
        shutil.rmtree(place)
