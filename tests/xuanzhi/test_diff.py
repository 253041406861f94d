"""`archive diff`, as people and programs use it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens import snapshot
from visitor import visit

from archive.collection.collection import Collection

pytestmark = pytest.mark.slow

BODY = "造纸术传入西域以后，纸张逐渐取代了羊皮。\n\n宣纸产于安徽泾县，以青檀皮和沙田稻草为原料。\n\n完。"
LATER = "造纸术传入西域之后，纸张逐渐取代了羊皮。\n\n宣纸产于安徽泾县，以青檀皮和沙田稻草为原料。\n\n完。"
DAYS = ("2026-03-04T05:06:07", "2026-04-01T08:00:00", "2026-05-01T08:00:00")


def keep(run: Callable, *bodies: str) -> None:
    for day, body in zip(DAYS, bodies, strict=False):
        Path("a.txt").write_text(re.sub(r"fetch_date: \S+", f"fetch_date: {day}", snapshot(body=body)), "utf-8")
        assert run("clean", "a.txt").code == 0


def test_the_last_two_versions_side_by_side(run: Callable) -> None:
    keep(run, BODY, LATER)
    result = run("archive", "diff", "第1封信")
    assert result.code == 0
    assert result.out.splitlines()[0] == "── version 1 (2026-03-04) → version 2 (2026-04-01) ──"
    assert [line for line in result.out.splitlines() if " ~ " in line] == [
        " 6  6 ~ fetch_date: 2026-[-03-04T05:06:07-]{+04-01T08:00:00+}",
        "16 16 ~ 造纸术传入西域[-以-]{+之+}后，纸张逐渐取代了羊皮。",
    ]
    assert run("archive", "diff", "第1封信", "--exit-code").code == 1


def test_versions_by_number_day_and_digest(run: Callable) -> None:
    keep(run, BODY, LATER, BODY.replace("完。", "未完。"))
    first = run("archive", "diff", "第1封信", "--json").events[0]
    assert (first["old"]["number"], first["new"]["number"]) == (2, 3)
    assert first["old"]["first"] == "2026-04-01T08:00:00.000000Z"
    digest = run("archive", "diff", "第1封信", "1", "2", "--json").events[0]["old"]["sha256"]
    for names in (("1",), ("1", "3"), ("2026-03", "2026-06-30"), (digest[:8], "3"), ("2026-03-04", "3")):
        found = run("archive", "diff", "第1封信", *names, "--json").events[0]
        assert (found["old"]["number"], found["new"]["number"]) == (1, 3)
    for name in ("4", "0", "2025-01-01", "abcdef", "so"):
        failed = run("archive", "diff", "第1封信", name)
        assert failed.code == 2
        assert "none of them is" in failed.err or "had no text by" in failed.err


def test_json_tells_what_kind_of_change_it_is(run: Callable) -> None:
    keep(run, BODY, LATER)
    event = run("archive", "diff", "第1封信", "--json").events[0]
    assert event["event"] == "difference"
    assert event["summary"]["kinds"] == ["text", "front-matter"]
    assert event["summary"]["blocks"] == {"changed": 2}
    assert event["fields"] == [{"key": "fetch_date", "old": DAYS[0], "new": DAYS[1]}]
    (pair,) = [each for each in event["pairs"] if each.get("kind") == "paragraph"]
    assert pair == {
        "kind": "paragraph", "matched_by": "similar", "similarity": 0.9444, "images": [],
        "old": {"first": 2, "count": 1, "line": 16}, "new": {"first": 2, "count": 1, "line": 16},
        "spans": [
            {"kind": "equal", "text": "造纸术传入西域"}, {"kind": "delete", "text": "以"},
            {"kind": "insert", "text": "之"}, {"kind": "equal", "text": "后，纸张逐渐取代了羊皮。\n\n"},
        ],
    }  # fmt: skip
    assert sum(each.get("unchanged", 0) for each in event["pairs"]) == 3


def test_the_source_against_the_clean_text_names_rules(run: Callable) -> None:
    keep(run, BODY)
    result = run("archive", "diff", "第1封信", "--source")
    assert "── source → version 1 (2026-03-04) ──" in result.out
    assert re.search(r"- 预览时标签不可点  ‹wechat\.tail\.preview-tags›", result.out)
    event = run("archive", "diff", "第1封信", "--source", "--json").events[0]
    assert event["summary"]["kinds"] == ["chrome", "front-matter"]
    assert "wechat.tail.preview-tags" in event["summary"]["rules"]


def test_equal_texts_and_sources_ask_for_nothing_that_was_captured(run: Callable) -> None:
    with Collection.open(Path("collection")) as collection:
        collection.keep([visit(1)])
    for file in Path("collection/warc").glob("*.warc.gz"):
        file.unlink()
    result = run("archive", "diff", "题目1")
    assert (result.code, result.err) == (0, "archive: the two texts are the same\n")
    assert run("archive", "diff", "题目1", "--source").code == 0


def test_what_other_rules_took_is_explained_by_them(run: Callable) -> None:
    keep(run, BODY + "\n\n扫码入群")
    Path("more.toml").write_text(
        """
profile = "wechat"

[[rule]]
id = "local.scan-to-join"
stage = "lines"
match = "line"
text = "扫码入群"
zone = "tail"
reason = "The account puts this below each of its articles."

[[rule.example]]
before = "正文。\\n\\n扫码入群\\n"
after = "正文。\\n"

[[rule.counter-example]]
text = "怎样扫码入群，上期已经讲过。\\n"
""",
        "utf-8",
    )
    assert run("clean", "-r", "more.toml", "a.txt").code == 0
    event = run("archive", "diff", "第1封信", "--json").events[0]
    assert event["summary"]["kinds"] == ["chrome"]
    assert event["summary"]["rules"] == ["local.scan-to-join"]


def test_html_is_one_file_that_loads_nothing_and_escapes_everything(run: Callable) -> None:
    keep(run, BODY + "\n\n<script>alert(1)</script>\u202e反", BODY + "\n\n<script>alert(2)</script>\u202e正")
    assert run("archive", "diff", "第1封信", "--html", "out.html").out == "out.html\n"
    page = Path("out.html").read_text("utf-8")
    assert "<script" not in page
    assert "\u202e" not in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import""", page)
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert '<del><span class="hidden">removed: </span>' in page
    assert "<summary>unchanged blocks: 4</summary>" in page
    assert '<main lang="zh">' in page


def test_two_files(run: Callable, folder: Path) -> None:
    Path("a.md").write_text(BODY, "utf-8")
    Path("b.md").write_text(LATER, "utf-8")
    assert "造纸术传入西域[-以-]{+之+}后" in run("archive", "diff", "--files", "a.md", "b.md").out
    same = run("archive", "diff", "--files", "a.md", "a.md", "--exit-code")
    assert (same.code, same.out, same.err) == (0, "", "archive: the two texts are the same\n")
    for wrong in (("a.md",), ("a.md", "b.md", "c.md"), ("a.md", "missing.md"), ("a.md", ".")):
        assert run("archive", "diff", "--files", *wrong).code == 2


@pytest.mark.skipif(not shutil.which("git"), reason="no git here")
def test_the_unified_form_is_read_by_patch(run: Callable, folder: Path) -> None:
    Path("a.md").write_text(BODY, "utf-8")
    Path("b.md").write_text(LATER + "\n\n新的一段\n", "utf-8")
    shown = run("archive", "diff", "--files", "--unified", "a.md", "b.md").out
    Path("b.md").write_text(BODY, "utf-8")
    subprocess.run(["git", "apply", "-p0", "-"], input=shown, text=True, cwd=folder, check=True)
    assert Path("b.md").read_text("utf-8") == LATER + "\n\n新的一段\n"


def test_a_terminal_shows_control_characters_and_does_not_obey_them(
    run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.md").write_text("红\x1b[31m字\u202e反\n", "utf-8")
    Path("b.md").write_text("蓝\x1b[31m字\u202e反\n", "utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    for form in ("--inline", "--unified"):
        shown = run("archive", "diff", "--files", form, "a.md", "b.md").out
        assert "\u202e" not in shown
        assert "\x1b[31m" not in shown
        assert "\x1b[31;9m" in shown


def test_one_version_has_nothing_to_be_compared_with(run: Callable) -> None:
    keep(run, BODY)
    result = run("archive", "diff", "第1封信", "--exit-code")
    assert (result.code, result.out, result.err) == (0, "", "archive: the two texts are the same\n")
    assert run("archive", "diff", "没有").code == 2


def test_it_is_quick_to_start(folder: Path) -> None:
    code = "import sys; import xuanzhi.cli.archive.diff; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, check=True)
    assert not {"lxml", "trafilatura", "httpx", "difflib", "warcio"} & set(json.loads(done.stdout))
