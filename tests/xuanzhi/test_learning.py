"""From pages to approved rules and back: what a librarian does with `archive rules`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import visitor
from a_source import ACCOUNT, LIST, TAIL, letter, web_page

from archive.collection.collection import Collection
from archive.collection.content import ArticleText
from archive.collection.reader import CollectionReader
from archive.maintenance.check import verify_collection
from clean.rules import parse_rules
from xuanzhi.cli.archive.rules import learn
from xuanzhi.jobs import learned

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

COUNT = 24


@pytest.fixture
def letters(run: Run) -> Path:
    """A collection with letters of one account."""
    Path("letters").mkdir()
    for number in range(COUNT):
        Path(f"letters/{number:02}.txt").write_text(letter(number), "utf-8")
    assert run("clean", "letters/*.txt", "-q").code == 0
    return Path("collection")


def states(path: Path) -> dict[str, str]:
    """Return the states of the rules of a file, by the end of their ids."""
    return {rule.id.rpartition(".")[2]: rule.options["state"] for rule in parse_rules("file", path.read_text("utf-8"))}


def learned_file() -> Path:
    (found,) = Path("collection/rules/learned").iterdir()
    return found


def texts(collection: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in collection.glob("markdown/*/*.md")}


def ticked(path: Path) -> str:
    """Return the id of the ticked rule of the tail."""
    (rule,) = [rule for rule in parse_rules("file", path.read_text("utf-8")) if rule.options["tier"] == "A"]
    return rule.id


def test_learn_proposes_into_a_file_of_the_source(run: Run, letters: Path) -> None:
    result = run("archive", "rules", "learn")
    assert result.code == 0
    file = learned_file()
    assert result.out.splitlines() == ["纸上谈书: pages: 24, proposals: 3 (1 A, 2 B)", f"  → {file}"]
    assert "archive rules proposals" in result.err
    assert set(states(file).values()) == {"proposed"}
    assert run("archive", "rules", "check", str(file)).out == "3 rules and 6 examples are good\n"
    before = file.read_bytes()
    run("archive", "rules", "learn", "纸上谈书")
    assert file.read_bytes() == before


def test_learning_again_reads_what_is_new_and_gives_the_same_without_its_file(
    run: Run, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("archive", "rules", "learn", "-q")
    Path("new.txt").write_text(letter(COUNT), "utf-8")
    run("clean", "new.txt", "-q")
    text_of, read = learned.text_without_learned_rules, set()

    def reading(collection: CollectionReader, kept: ArticleText) -> str:
        read.add(kept.title)
        return text_of(collection, kept)

    monkeypatch.setattr(learned, "text_without_learned_rules", reading)
    out = run("archive", "rules", "learn").out
    assert out.startswith("纸上谈书: pages: 25, proposals: 3")
    assert f"第{COUNT}封信" in read
    assert len(read) < COUNT / 2
    file = learned_file()
    found = file.read_bytes()
    counts = letters / "learned.sqlite"
    broken = bytearray(counts.read_bytes())
    broken[200:] = b"?" * len(broken[200:])
    for content in (b"", b"no database at all" * 99, bytes(broken)):
        counts.write_bytes(content)
        assert run("archive", "rules", "learn").out == out
        assert file.read_bytes() == found
    counts.unlink()
    counts.mkdir()  # as where nothing may be written
    assert run("archive", "rules", "learn").out == out
    assert file.read_bytes() == found


def test_articles_without_an_address_are_told_apart(run: Run) -> None:
    for number in range(COUNT):
        text = "\n".join(line for line in letter(number).split("\n") if not line.startswith("url:"))
        Path(f"{number:02}.txt").write_text(text, "utf-8")
    run("clean", "*.txt", "-q")
    assert run("archive", "rules", "learn").out.startswith("纸上谈书: pages: 24, proposals: 3 (1 A, 2 B)")
    shown = run("archive", "rules", "proposals").out
    assert "lines removed: 120 on 24 pages" in shown
    assert "oldest page: 第0封信 (2025-01-01)" in shown


def test_an_article_that_was_found_unchanged_is_learned_from(run: Run) -> None:
    with Collection.open(Path("collection")) as collection:
        for number in range(10):
            url = f"https://a.example/{number}"
            body = web_page(number).split("---\n")[2]
            text = f"---\ntitle: 第{number}页\nurl: {url}\n---\n{body}"
            collection.keep([visitor.visit(number, url=url, cleaned=visitor.cleaned(text, url=url))])
        known = collection.lookups.validators("https://a.example/3")
        assert known
        answer, fields = b"HTTP/1.1 304 Not Modified\r\n\r\n", (f"If-None-Match: {known.etag}",)
        (kept,) = collection.keep(
            [visitor.visit(3, url="https://a.example/3", hours=9, answer=answer, fields=fields, cleaned=None)]
        )
        assert kept.status == "not-modified"
    (event,) = run("archive", "rules", "learn", "--json").events
    assert (event["name"], event["pages"], event["unproven"]) == ("技术团队", 10, 0)


def test_proposals_are_shown_on_real_pages(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn", "-q")
    rule = ticked(learned_file())
    shown = run("archive", "rules", "proposals", "纸上谈书").out.splitlines()
    assert shown[:2] == [
        "── 纸上谈书: proposals: 3, pages: 24 ──",
        "  those of tier A (✓, 1) remove 18.0 percent of the text of 24 pages",
    ]
    start = shown.index(f"✓ A  {rule}")
    assert shown[start + 1 : start + 3] == [
        "    Stands on 24 of 24 pages of 纸上谈书, 2025-01-01 – 2025-01-24.",
        "    in the tail, at most 2 other lines beyond it; at least 3 of 5 lines",
    ]
    assert [line for line in shown[start:] if line.startswith("      − ")][:5] == [
        f"      − {line[:100]}" for line in TAIL
    ]
    assert (
        "    lines removed: 120 on 24 pages, 18.0 percent of all text; pages with too little left, kept as they are: 0"
        in shown
    )
    events = run("archive", "rules", "proposals", "--json").events
    assert [(event["tier"], event["match"], event["lines"], event["floor"]) for event in events] == [
        ("A", "run", 120, 0), ("B", "list", 96, 0), ("B", "run", 48, 0),
    ]  # fmt: skip


def test_what_a_person_wrote_while_rules_were_learned_stays(
    run: Run, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("archive", "rules", "learn", "-q")
    file, rule = learned_file(), ticked(learned_file())
    examples = learn.find_examples

    def meanwhile(*arguments: Any) -> Any:
        if "看过了" not in file.read_text("utf-8"):
            assert run("archive", "rules", "approve", rule, "--note", "看过了").code == 0
        return examples(*arguments)

    monkeypatch.setattr(learn, "find_examples", meanwhile)
    run("archive", "rules", "learn", "-q")
    assert states(file)[rule.rpartition(".")[2]] == "approved"
    assert "看过了" in file.read_text("utf-8")


def test_from_proposals_to_cleaned_articles_and_back(run: Run, letters: Path) -> None:
    first = texts(letters)
    run("archive", "rules", "learn", "-q")
    file = learned_file()
    rule = ticked(file)
    assert run("clean", "letters/*.txt").err.startswith("clean: 24 of 24 cleaned, 24 already present")

    result = run(
        "archive", "rules", "approve", "--tier", "A", "--source", "纸上谈书", "--by", "李馆员", "--note", "看过三页"
    )
    assert result.out == f"approved: {rule}\n"
    entry = json.dumps(file.read_text("utf-8"), ensure_ascii=False)
    assert 'by = \\"李馆员\\"' in entry
    assert 'note = \\"看过三页\\"' in entry

    assert "24 cleaned again" in run("clean", "letters/*.txt").err
    after = texts(letters)
    assert after.keys() == first.keys()
    assert [text for text in after.values() if "编辑部" in text] == []
    assert all(LIST in text for text in after.values())
    explained = run("clean", "--explain", "letters/07.txt").out
    assert f"by rule {rule} (stage learned)" in explained
    assert "Stands on 24 of 24 pages of 纸上谈书" in explained
    assert rule in run("clean", "--diff", "letters/07.txt").out
    assert list(verify_collection(letters)) == []

    # What is left to decide is the same as before, although the texts have changed.
    run("archive", "rules", "learn", "-q")
    assert sorted(states(file).values()) == ["approved", "proposed", "proposed"]

    # And all of it can be taken back: what was approved is rejected, and stays so.
    assert run("archive", "rules", "reject", rule, "--note", "doch nicht").code == 0
    run("clean", "letters/*.txt", "-q")
    assert texts(letters) == first
    run("archive", "rules", "learn", "-q")
    assert states(file)[rule.rpartition(".")[2]] == "rejected"
    assert len(states(file)) == 3


def test_other_commands_leave_a_collections_rules_alone(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn", "-q")
    run("archive", "rules", "approve", "--tier", "A", "-q")
    run("clean", "letters/03.txt", "-o", "out", "-q")
    assert "编辑部" in Path("out/03.md").read_text("utf-8")
    assert "编辑部" in run("clean", "--stdout", "letters/03.txt").out
    listed = run("archive", "rules", "list").out
    assert listed.count("  learned\n") == 1


def test_what_a_person_wrote_into_the_file_stays(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn", "-q")
    file = learned_file()
    rule = ticked(file)
    text = file.read_text("utf-8")
    place = text.index(f'id = "{rule}"')
    mine = (
        text[:place] + "# discussed on Monday\n" + text[place:].replace('state = "proposed"', 'state = "approved"', 1)
    )
    file.write_text(mine, "utf-8")
    run("archive", "rules", "learn", "-q")
    assert "# discussed on Monday" in file.read_text("utf-8")
    assert sorted(states(file).values()) == ["approved", "proposed", "proposed"]


def test_a_broken_file_is_told_and_nothing_is_cleaned(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn", "-q")
    file = learned_file()
    file.write_text(file.read_text("utf-8").replace('state = "proposed"', 'state = "aproved"', 1), "utf-8")
    result = run("clean", "letters/*.txt")
    assert result.code == 2
    assert f"{file}:" in result.err
    assert "did you mean 'approved'?" in result.err


def test_rules_of_people_in_the_collection_hold_too(run: Run, letters: Path) -> None:
    Path("collection/rules/own.toml").parent.mkdir(exist_ok=True)
    Path("collection/rules/own.toml").write_text(
        '[[rule]]\nid = "local.slogan"\nstage = "lines"\nmatch = "line"\n'
        'text = "每周一封，从不间断"\nreason = "A slogan."\n'
        '[[rule.example]]\nbefore = "信。\\n\\n每周一封，从不间断\\n"\nafter = "信。\\n"\n'
        '[[rule.counter-example]]\ntext = "每周一封，从不间断地写。\\n"\n',
        "utf-8",
    )
    assert run("clean", "letters/*.txt", "-q").code == 0
    assert [text for text in texts(letters).values() if "从不间断" in text] == []


def test_health_says_what_has_stopped_and_what_stands_elsewhere(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn", "-q")
    run("archive", "rules", "approve", "--tier", "A", "-q")
    run("clean", "letters/*.txt", "-q")
    rule = ticked(learned_file())
    healthy = run("archive", "rules", "health")
    assert healthy.code == 0
    assert f"  {rule}: on 24 of 24 pages, last 2025-01-24" in healthy.out.splitlines()

    for number in range(100, 109):
        Path(f"letters/{number}.txt").write_text(letter(number, tail=["谢谢"]), "utf-8")
    run("clean", "letters/1??.txt", "-q")
    stopped = run("archive", "rules", "health", "--set")
    assert stopped.code == 1
    assert "    has not matched for 9 pages: dormant" in stopped.out.splitlines()
    assert states(learned_file())[rule.rpartition(".")[2]] == "dormant"
    assert "already present" in run("clean", "letters/0*.txt").err  # a dormant rule still holds for old pages

    for number in range(200, 206):
        moved = letter(number).replace("参考链接：", "\n\n".join([*TAIL, "参考链接："]))
        Path(f"letters/{number}.txt").write_text(moved, "utf-8")
    run("clean", "letters/2??.txt", "-q")
    (event,) = run("archive", "rules", "health", "--json", ACCOUNT).events
    assert (event["outside"], event["troubles"], event["state"]) == (6, ["elsewhere"], "suspended")


def test_sources_are_learned_each_by_itself(run: Run, letters: Path) -> None:
    Path("pages").mkdir()
    for number in range(COUNT):
        Path(f"pages/{number:02}.txt").write_text(web_page(number), "utf-8")
    Path("pages/few.txt").write_text(web_page(99).replace("paper.example", "few.example"), "utf-8")
    run("clean", "pages/*.txt", "-q")
    result = run("archive", "rules", "learn")
    assert [line.partition(":")[0] for line in result.out.splitlines() if "proposals" in line] == [
        "纸的网站",
        "纸上谈书",
    ]
    assert "1 source has fewer than 10 pages, too few to learn from" in result.err
    events = run("archive", "rules", "learn", "paper.example", "--json").events
    assert [(event["source"], event["pages"]) for event in events] == [("host:paper.example", COUNT)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("learn", "纸上谈树"), "the collection has no source '纸上谈树'; did you mean '纸上谈书'?"),
        (("approve",), "no rules are named"),
        (("approve", "learned.nothing"), "there is no rule learned.nothing"),
        (("approve", ""), "several rules end in ''"),
    ],
)
def test_mistakes(run: Run, letters: Path, arguments: tuple[str, ...], message: str) -> None:
    run("archive", "rules", "learn", "-q")
    result = run("archive", "rules", *arguments)
    assert result.code == 2
    assert message in result.err


def html_page(number: int) -> str:
    """Return a page of a site whose articles end in the same lines, inside the article."""
    prose = "".join(f"<p>{line}</p>" for line in letter(number).split("\n") if line.endswith("。"))
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>纸的故事{number}</title>'
        f'<link rel="canonical" href="https://paper.example/stories/{number}"></head><body><article>'
        f"<h1>纸的故事{number}</h1>{prose}<p>订阅我们的来信</p><p>每周五寄出</p><p>退订请回信</p></article></body></html>"
    )


def test_pages_are_learned_from_like_snapshots(run: Run) -> None:
    Path("pages").mkdir()
    for number in range(COUNT):
        Path(f"pages/{number:02}.html").write_text(html_page(number), "utf-8")
    run("clean", "pages/*.html", "-q")
    run("archive", "rules", "learn", "paper.example", "-q")
    rule = ticked(learned_file())
    run("archive", "rules", "approve", rule, "-q")
    assert f"{COUNT} cleaned again" in run("clean", "pages/*.html").err
    assert [text for text in texts(Path("collection")).values() if "每周五寄出" in text] == []
    (explained,) = run("clean", "--explain", "--json", "pages/03.html").events
    removed = [entry["text"].strip() for entry in explained["entries"] if entry["rule"] == rule]
    assert removed == ["订阅我们的来信", "每周五寄出", "退订请回信"]
    assert list(verify_collection("collection")) == []


def test_an_edit_of_learned_rules_is_told_until_somebody_confirms_it(run: Run, letters: Path) -> None:
    run("archive", "rules", "learn")
    assert run("archive", "rules", "approve", "--tier", "A").code == 0
    (file,) = Path("collection/rules/learned").glob("*.toml")
    approved = file.read_text()
    assert run("archive", "verify").code == 0
    file.write_text(approved.replace('state = "approved"', 'state = "rejected"'))
    name = file.relative_to("collection").as_posix()
    run("clean", *sorted(each.name for each in letters.glob("*.txt")))  # what else is written confirms nothing
    result = run("archive", "verify")
    assert (result.code, f"{name}: rules-changed" in result.out) == (1, True)
    rule = next(line.split('"')[1] for line in approved.splitlines() if line.startswith("id = "))
    assert run("archive", "rules", "reject", rule).code == 0
    assert run("archive", "verify").code == 0
    assert 'state = "rejected"' in file.read_text()
    file.unlink()
    assert run("archive", "verify").code == 1
    assert run("archive", "verify", "--repair").code == 0
    assert 'state = "rejected"' in file.read_text()
