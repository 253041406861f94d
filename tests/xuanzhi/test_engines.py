"""What can change a text beside rules and software, the engine: named in what is kept, and told from damage.

Engines are exchanged as a user exchanges them: another trafilatura stands before the installed one. It says what the
test wants, so that pages about which the witnesses are asked get another text.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import unidata_version

import pytest
from scripted import Server
from small_site import ARTICLE, page, site
from test_reclean import differences, is_sound, size, snapshot

import clean
from archive.warc.reader import iterate
from archive.warc.records import Record
from clean.ledger import Ledger
from clean.version import GENERIC_PAGE, SNAPSHOT, WECHAT_PAGE, engine_digest, engine_versions

SENTENCES = (
    "The ferry was built in three winters, and its oldest planks still float at low tide.",
    "Every spring the warden paints the boat house, a job that takes two people most of a week.",
    "When the flood came, nobody in the village had slept, and the nets were already ashore.",
    "She wrote down the height of the river each hour, as her mother had done before her.",
)
LISTED = "<ul>" + "".join(f"<li><a href=/s{n}>{one}</a></li>" for n, one in enumerate(SENTENCES * 2)) + "</ul>"
LETTER = "<div class=promo><h3>Our letter</h3><p>Subscribe to the letter of the river; it comes on Fridays.</p></div>"
SAID = "<div class=comments>" + "".join(f"<p><b>Reader</b> {one}</p>" for one in SENTENCES) + "</div>"
ASIDE = f"<aside><p>{SENTENCES[1]} {SENTENCES[2]}</p></aside>"
CARDS = "".join(f"<div class=card><h3><a href=/c{n}>Ferry {n}</a></h3><p>{SENTENCES[n]}</p></div>" for n in range(4))
UNSURE = (LETTER + SAID + LISTED, LISTED + ASIDE, ASIDE + LISTED, CARDS + LETTER + LISTED, LETTER + CARDS + ASIDE)
"""Bodies of pages of which a model can hardly tell what their content is."""

NOTHING, EVERYTHING = 'return ""', 'return "\\n".join(tree.itertext())'


class Told(NamedTuple):
    """What a command in a process of its own said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Told]


@pytest.fixture
def engine(folder: Path, spawn: Callable) -> Callable[[str, str], Command]:
    """Return a way to run commands where a trafilatura of some version is installed, which says something."""

    def install(version: str, says: str) -> Command:
        place = folder / "installed" / f"{version} {len(says)}"
        (place / "trafilatura").mkdir(parents=True)
        (place / "trafilatura/__init__.py").write_text(f"def extract(tree, **options):\n    {says}\n")
        (place / f"trafilatura-{version}.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: trafilatura\nVersion: {version}\n"
        (place / f"trafilatura-{version}.dist-info/METADATA").write_text(metadata)
        path = os.pathsep.join([str(place), str(Path(__file__).parents[2])])

        def run(*arguments: str) -> Told:
            process = spawn(*arguments, env={"PYTHONPATH": path})
            out, err = process.communicate(timeout=300)
            return Told(process.returncode, out.decode(), err.decode())

        return run

    return install


def write_pages(folder: Path) -> None:
    head = "<!doctype html><meta charset=utf-8><title>The ferry</title><body>"
    for number, body in enumerate(UNSURE):
        url = f"<link rel=canonical href=https://river.example/{number}>"
        (folder / f"{number}.html").write_text(head.replace("<body>", url + "<body>") + body)
    (folder / "note.txt").write_text(snapshot(1, "竹纸。"))


def codes(told: Any) -> list[str]:
    return [each["code"] for each in told.events if each["event"] == "finding"]


def engines(told: Any) -> dict[str, str]:
    return {name: each["engine"] for name, each in told.events[0]["engines"].items()}


def name_of(versions: dict[str, str]) -> str:
    """Return the name of an engine, made as the documents say."""
    text = "".join(f"{part} {version}\n" for part, version in versions.items())
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def all_records(folder: str = "collection") -> Iterator[Record]:
    for path in sorted(path for part in ("warc", "derived") for path in Path(folder, part).iterdir()):
        yield from (each.record for each in iterate(path))


def records(uri: str) -> list[str]:
    """Return the blocks of the records of such addresses, in their order."""
    return [each.block.decode() for each in all_records() if each.get("WARC-Target-URI").startswith(uri)]


def fields(name: str) -> list[str]:
    """Return the values of a field, in the order of the records that have it."""
    return [each.get(name) for each in all_records() if each.get(name)]


def test_the_engines_at_hand_are_shown_with_all_that_makes_them(
    run: Callable, engine: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run("clean", "--version", "--json")
    assert told.code == 0
    assert told.out == run("archive", "--json", "--version").out == run("--version", "--json").out
    assert run("capture", "--version").out == f"xuanzhi {told.events[0]['version']}\n"
    for name, each in told.events[0]["engines"].items():
        assert each["engine"] == name_of(each["versions"]) == engine_digest(name)
    parts = {name: set(each["versions"]) for name, each in told.events[0]["engines"].items()}
    assert parts[SNAPSHOT] < parts[WECHAT_PAGE] < parts[GENERIC_PAGE]
    assert parts[SNAPSHOT] == {sys.implementation.name, "unicode", "wording"}
    assert {"lxml", "libxml2"} <= parts[WECHAT_PAGE]
    assert {"trafilatura", "readability-lxml", "justext"} <= parts[GENERIC_PAGE] - parts[WECHAT_PAGE]
    monkeypatch.setattr("clean.version._PAGE_LIBRARIES", ("no-such-distribution",))
    assert engine_versions.__wrapped__(WECHAT_PAGE)["no-such-distribution"] == "absent"
    # Another witness is another engine for the pages about which it may be asked, and for nothing else.
    other = engine("99.1", NOTHING)("clean", "--version", "--json")
    assert other.events[0]["engines"][GENERIC_PAGE]["versions"]["trafilatura"] == "99.1"
    differing = {name for name, one in engines(told).items() if engines(other)[name] != one}
    assert differing == {GENERIC_PAGE}


def test_every_table_of_weights_is_part_of_an_engine() -> None:
    """What is data and no rule, so that fitting it anew is seen; rules are in the digest of the ruleset."""
    noted = set(engine_versions(GENERIC_PAGE).values())
    tables = [each for each in Path(clean.__file__).parent.rglob("*.*") if each.suffix not in {".py", ".pyc", ".toml"}]
    assert {each.name for each in tables} == {"wording.json", "model.json", "kind.json", "confidence.json", "py.typed"}
    digests = {sha256(each.read_bytes()).hexdigest()[:16] for each in tables if each.stat().st_size}
    assert digests <= noted


def test_each_result_names_its_engine(run: Callable, folder: Path) -> None:
    write_pages(folder)
    wechat = '<h1 id="activity-name">竹纸</h1><div id="js_content"><p>竹子泡上三个月。</p></div>'
    (folder / "wechat.html").write_text(f"<html><body>{wechat}</body></html>")
    inputs = {"note.txt": SNAPSHOT, "wechat.html": WECHAT_PAGE, "0.html": GENERIC_PAGE}
    events = run("clean", "--json", *inputs).events
    wanted = {file: engine_digest(name) for file, name in inputs.items()}
    assert {each["file"]: each["engine"] for each in events} == wanted
    assert [each["state"] for each in events] == ["live"] * 3
    ledgers = [Ledger.from_json_lines(each) for each in records("urn:ledger:")]
    assert [each.engine for each in ledgers] == list(wanted.values())
    assert [each.makers for each in ledgers] == [{name: each[name] for name in ledgers[0].makers} for each in events]
    options = [value.partition("; engine=")[2] for value in fields("WARC-Conversion-Options")]
    assert options == list(wanted.values())
    provenances = [json.loads(each) for each in records("urn:provenance:")]
    assert {each["file"]: each["engine"] for each in provenances} == wanted
    for each in provenances:  # with what a digest alone would not tell any more
        assert name_of(each["engine_versions"]) == each["engine"]
    assert is_sound()
    assert differences() == []  # the catalogue says the same as the files
    assert run("archive", "export", "ro-crate", "crate").code == 0
    crate = {each["@id"]: each for each in json.loads(Path("crate/ro-crate-metadata.json").read_text())["@graph"]}
    used = {part["@id"] for each in crate.values() if each["@type"] == "CreateAction" for part in each["object"]}
    named = {f"sha256:{crate[each]['sha256']}": crate[each]["description"] for each in used if "#engine-" in each}
    assert set(named) == set(wanted.values())
    assert all(f"unicode {unidata_version}" in each for each in named.values())


def test_what_another_engine_made_is_no_damage(run: Callable, engine: Callable, folder: Path) -> None:
    write_pages(folder)
    before, after = engine("98.0", NOTHING), engine("99.0", EVERYTHING)
    names = [f"{number}.html" for number in range(len(UNSURE))]
    assert before("clean", "-q", *names, "note.txt").code == 0

    result = after("archive", "verify", "--json")
    compared = result.events[-1]["compared"]
    count = compared.pop("other-engine")
    assert (result.code, codes(result), compared) == (0, [], {"yes": len(names) + 1 - count})
    assert count > 0
    said = after("archive", "verify")
    assert said.code == 0
    assert "another engine" in said.err
    assert "`archive reclean`" in said.err
    assert said.err.endswith("everything is as it was written\n")

    tried = after("archive", "reclean", "--dry-run", "--json")
    *changes, summary = tried.events
    assert {each["cause"] for each in changes} == {"other-engine"}
    assert (summary["changed"], summary["causes"]) == (count, {"other-engine": count})
    done = after("archive", "reclean")
    assert (done.code, f"archive reclean: {count} because the engine changed" in done.err) == (0, True)
    assert after("archive", "verify", "--json").events[-1]["compared"] == {"yes": len(names) + 1}
    assert differences() == []

    name = changes[0]["article"]
    assert "only the engine differs (trafilatura 98.0 → 99.0)" in run("archive", "diff", name).err
    (told,) = run("archive", "diff", name, "--json").events
    assert told["only_engine"] is True
    at_hand = engines(after("clean", "--version", "--json"))
    assert told["new"]["engine"] == at_hand[GENERIC_PAGE] != told["old"]["engine"]
    noted = [told[side]["engine_versions"]["trafilatura"] for side in ("old", "new")]  # to be read for ever
    assert noted == ["98.0", "99.0"]


def test_another_result_of_the_same_engine_is_damage(engine: Callable, folder: Path) -> None:
    write_pages(folder)
    names = [f"{number}.html" for number in range(len(UNSURE))]
    before, changed = engine("98.0", NOTHING), engine("98.0", EVERYTHING)  # somebody changed the library in its place
    assert before("clean", "-q", *names).code == 0
    result = changed("archive", "verify", "--json")
    assert result.code == 1
    assert set(codes(result)) == {"not-reproduced"}
    assert result.events[-1]["compared"] == {"yes": len(names)}
    told = changed("archive", "reclean", "--dry-run")
    assert "although rules, software and engine are the same" in told.err
    assert set(changed("archive", "reclean", "-n", "--json").events[-1]["causes"]) == {"unexplained"}


def test_a_ledger_without_an_engine_was_made_by_another_one(
    run: Callable, engine: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(folder)
    names = [f"{number}.html" for number in range(len(UNSURE))]
    with monkeypatch.context() as earlier:  # the time when nobody noted it
        for module in ("clean.page", "clean.pipeline"):
            earlier.setattr(f"{module}.engine_digest", lambda name: "")
        assert run("clean", "-q", "-j", "1", *names, "note.txt").code == 0
    derived = records("urn:ledger:")
    assert all('"engine"' not in each for each in derived)
    assert [Ledger.from_json_lines(each).to_json_lines() for each in derived] == derived
    assert run("archive", "verify", "--json").events[-1]["compared"] == {"yes": len(names) + 1}
    others = engine("98.0", NOTHING), engine("99.0", EVERYTHING)
    found = [each("archive", "verify", "--json") for each in others]
    assert [(each.code, codes(each)) for each in found] == [(0, []), (0, [])]
    assert any(each.events[-1]["compared"].get("other-engine") for each in found)
    assert run("archive", "export", "ro-crate", "crate").code == 0
    assert "engine" not in Path("crate/ro-crate-metadata.json").read_text()
    before = size()
    assert run("archive", "reindex").code == 0
    assert run("archive", "reclean", "--json").events[-1]["unchanged"] == len(names) + 1
    assert size() == before  # not a byte more
    assert differences() == []


def test_a_visit_after_another_engine_tells_no_change_of_the_site(
    run: Callable, capture: Callable, serve: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page(ARTICLE), page(ARTICLE.replace("竹子", "藤条")), page(ARTICLE.replace("竹子", "麻秆"))]
    server: Server = serve(site(a=pages))
    with monkeypatch.context() as earlier:
        earlier.setattr("clean.page.engine_digest", lambda name: "sha256:" + "0" * 64)
        capture(f"{server.url}/a")
    capture(f"{server.url}/a")
    capture(f"{server.url}/a")
    (told,) = run("archive", "list", "--json").events
    assert told["versions"] == 3
    visits = run("archive", "report", f"{server.url}/a", "--json").events
    assert [each["outcome"] for each in visits] == ["new", "recleaned", "changed"]  # of the second nobody can tell
