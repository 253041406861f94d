"""`clean` as a person and as a scheduler uses it."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens import deleted, shell, snapshot

from clean.ledger import Ledger, restore_bytes

pytestmark = pytest.mark.slow

CLEAN = """---
title: 第1封信
url: https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid=1&idx=1&sn=00000000000000000000000000000001&chksm=ab&scene=58#rd
source: 纸上谈书
date: 2026-01-02
fetch_date: 2026-03-04T05:06:07.890123
kind: article
author: 王小纸
account: 纸上谈书
original: true
cover: https://mmbiz.qpic.cn/cover/0?wx_fmt=jpeg
---

# 第1封信

纸寿千年，绢保八百。
"""


def write(name: str, text: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def test_a_snapshot_becomes_an_article_in_the_default_collection(run: Callable) -> None:
    write("a.txt", snapshot())
    result = run("clean", "a.txt")
    assert result.code == 0
    markdown = Path("collection/markdown/纸上谈书/2026-01-02-第1封信.md")
    assert markdown.read_text() == CLEAN
    assert result.out.splitlines() == ["a.txt  article  56 pieces removed or rewritten", f"  → {markdown}"]
    assert result.err.splitlines() == ["clean: 1 of 1 cleaned, 1 added", "clean: collection: collection"]


def test_a_second_run_adds_nothing_and_says_so(run: Callable) -> None:
    write("a.txt", snapshot())
    run("clean", "a.txt")
    before = {path: path.read_bytes() for path in Path("collection").rglob("*.gz")}
    result = run("clean", "a.txt")
    assert result.code == 0
    assert "already in the collection" in result.out
    assert "1 already present" in result.err
    assert {path: path.read_bytes() for path in Path("collection").rglob("*.gz")} == before


def test_another_collection(run: Callable) -> None:
    write("a.txt", snapshot())
    assert run("clean", "-c", "馆 藏/一", "a.txt").code == 0
    assert len(list(Path("馆 藏/一/markdown").rglob("*.md"))) == 1
    assert not Path("collection").exists()


def test_output_folder_holds_only_markdown(run: Callable) -> None:
    write("页 面/一 号.txt", snapshot())
    result = run("clean", "-o", "out", "页 面/一 号.txt")
    assert result.code == 0
    assert [path.name for path in Path("out").iterdir()] == ["一 号.md"]
    assert Path("out/一 号.md").read_text() == CLEAN
    assert not Path("collection").exists()


def test_unchanged_output_is_not_rewritten(run: Callable) -> None:
    write("a.txt", snapshot())
    run("clean", "-o", "out", "a.txt")
    os.utime("out/a.md", (1_000_000_000, 1_000_000_000))
    assert "unchanged" in run("clean", "-o", "out", "a.txt").out
    assert Path("out/a.md").stat().st_mtime == 1_000_000_000


def test_standard_input_to_standard_output(spawn: Callable) -> None:
    process = spawn("clean", "--stdout", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(snapshot().encode())
    assert (process.returncode, out.decode(), err) == (0, CLEAN, b"")


@pytest.mark.parametrize("way", ["--diff", "--explain", "--check"])
def test_standard_input_can_be_looked_at(spawn: Callable, way: str) -> None:
    process = spawn("clean", way, "-", stdin=subprocess.PIPE)
    out, err = process.communicate(snapshot().encode())
    assert process.returncode == (1 if way == "--check" else 0)
    assert b"wechat.tail.preview-tags" in out or way == "--check"
    assert b"Traceback" not in err


def test_lists_of_files(run: Callable) -> None:
    write("a.txt", snapshot(1))
    write("b.txt", snapshot(2))
    write("list", "# two letters\n\na.txt\nb.txt\n")
    result = run("clean", "-o", "out", "-f", "list")
    assert result.code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.md", "b.md"]


def test_a_quoted_glob_is_expanded(run: Callable) -> None:
    write("s/a.txt", snapshot(1))
    write("s/deep/b.txt", snapshot(2))
    write("s/[odd].txt", snapshot(3))
    assert [event["file"] for event in run("clean", "--json", "--dry-run", "s/**/*.txt").events] == [
        "s/[odd].txt",
        "s/a.txt",
        "s/deep/b.txt",
    ]
    assert [event["file"] for event in run("clean", "--json", "--dry-run", "s/[odd].txt").events] == ["s/[odd].txt"]


def test_json_has_one_object_for_each_input(run: Callable) -> None:
    write("a.txt", snapshot(1))
    write("b.txt", deleted(2))
    write("c.txt", shell(3))
    result = run("clean", "--json", "-o", "out", "a.txt", "b.txt", "missing.txt", "c.txt")
    assert result.code == 3
    assert result.err == ""
    first, second, error, third = result.events
    assert {key: first[key] for key in ("event", "file", "state", "output", "removed", "status")} == {
        "event": "cleaned", "file": "a.txt", "state": "live", "output": "out/a.md", "removed": 56, "status": "written",
    }  # fmt: skip
    assert sum(first["rules"].values()) == 56
    assert first["rules"]["wechat.tail.preview-tags"] == 1
    assert (second["state"], second["output"], second["notice"]) == (
        "deleted", None, "该内容已被发布者删除\n[微信公众平台运营中心](https://mp.weixin.qq.com/webpoc/ruleCenter?type=oa)",
    )  # fmt: skip
    assert third["state"] == "empty"
    assert {key: error[key] for key in ("event", "file", "code")} == {
        "event": "error", "file": "missing.txt", "code": "missing",
    }  # fmt: skip
    assert error["message"]
    assert error["hint"]


def test_what_is_no_article_is_a_fact_and_no_file(run: Callable) -> None:
    write("a.txt", deleted())
    result = run("clean", "a.txt")
    assert result.code == 0
    assert result.out == "a.txt  deleted by its author  it is gone; earlier captures remain\n"
    assert not list(Path("collection").rglob("*.md"))
    with sqlite3.connect("collection/catalogue.sqlite") as catalogue:
        assert catalogue.execute("SELECT state FROM capture").fetchall() == [("deleted",)]
    catalogue.close()


def test_dry_run_writes_nothing(run: Callable, folder: Path) -> None:
    write("a.txt", snapshot())
    assert run("clean", "--dry-run", "a.txt").code == 0
    assert run("clean", "--dry-run", "-o", "out", "a.txt").code == 0
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


def test_check_tells_by_the_exit_code(run: Callable) -> None:
    write("a.txt", snapshot())
    assert run("clean", "--check", "a.txt").code == 1
    assert run("clean", "--check", "-o", "out", "a.txt").code == 1
    run("clean", "-o", "out", "a.txt")
    assert run("clean", "--check", "-o", "out", "a.txt").code == 0
    assert run("clean", "--check", "out/a.md").code == 0
    Path("out/a.md").write_text(CLEAN + "一行旁注\n")
    assert run("clean", "--check", "-o", "out", "a.txt").code == 1


def test_diff_shows_each_change_with_its_rule(run: Callable) -> None:
    write("a.txt", snapshot(body="见字\u00a0如面：**“展信佳”**从前慢。\n\n第二段。"))
    result = run("clean", "--diff", "a.txt")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[:19] == [
        "── a.txt ──",
        "     … 5 lines unchanged",
        " 6   fetch_date: 2026-03-04T05:06:07.890123",
        "   + kind: article  ‹snapshot.front-matter›",
        "   + author: 王小纸",
        "   + account: 纸上谈书",
        "   + original: true",
        "   + cover: https://mmbiz.qpic.cn/cover/0?wx_fmt=jpeg",
        " 7   ---",
        " 9 - # 第1封信  ‹snapshot.duplicate-title›",
        "11 - ![cover_image](https://mmbiz.qpic.cn/cover/0?wx_fmt=jpeg)  ‹wechat.head.cover›",
        "13   # 第1封信",
        "15 - 原创  ‹wechat.head.original›",
        "17 - 王小纸  ‹wechat.head.byline›",
        "19 - 纸上谈书",
        "21 ~ 见字[-⍽-]{+␠+}如面：[-**-]{+<strong>+}“展信佳”[-**-]{+</strong>+}从前慢。"
        "  ‹text.non-breaking-space markdown.emphasis-flanking›",
        "23   第二段。",
        "25 - 预览时标签不可点  ‹wechat.tail.preview-tags›",
        "27 - ![]()  ‹wechat.tail.scan-to-follow›",
    ]
    assert run("clean", "--diff", "--exit-code", "a.txt").code == 1


def test_explain_a_line(run: Callable) -> None:
    write("a.txt", snapshot())
    number = snapshot().split("\n").index("知道了") + 1
    result = run("clean", "--explain", f"a.txt:{number}")
    assert result.code == 0
    assert result.out.splitlines() == [
        "a.txt",
        f"  {number} │ 知道了",
        f"  line {number}  removed  知道了",
        "      by rule wechat.tail.got-it (stage anchored-tail)",
        "      The button of a hidden dialogue.",
    ]
    assert "no rule affects this line" in run("clean", "--explain", "a.txt:21").out
    assert run("clean", "--explain", "a.txt:9999").code == 4


def test_explain_a_whole_file_as_json(run: Callable) -> None:
    write("a.txt", snapshot())
    (event,) = run("clean", "--json", "--explain", "a.txt").events
    assert len(event["entries"]) == 56
    assert all(entry["reason"] for entry in event["entries"])


def test_the_ledger_in_the_collection_restores_the_source(run: Callable) -> None:
    from archive.warc import reader

    data = snapshot().replace("\n", "\r\n").encode("gb18030")
    write("a.txt", data)
    assert run("clean", "a.txt").code == 0
    (derived,) = Path("collection/derived").glob("*.gz")
    records = {record.record.get("Content-Type"): record.record for record in reader.iterate(derived)}
    markdown = next(record.block for kind, record in records.items() if kind and kind.startswith("text/markdown"))
    ledger = Ledger.from_json_lines(records["application/x-ndjson"].block.decode())
    assert restore_bytes(markdown.decode(), ledger) == data


def test_librarians_rules_are_added_to_the_built_in_ones(run: Callable) -> None:
    rule = """
[[rule]]
id = "local.subscribe"
stage = "lines"
match = "line"
zone = "tail"
text = "长按二维码订阅"
reason = "The account's own advertisement."
[[rule.example]]
before = "正文。\\n\\n长按二维码订阅\\n"
after = "正文。\\n"
[[rule.counter-example]]
text = "请长按二维码订阅本刊。\\n"
"""
    write("rules.toml", rule)
    write("a.txt", snapshot(body="正文。\n\n长按二维码订阅"))
    assert run("archive", "rules", "check", "rules.toml").out == "1 rule and 2 examples are good\n"
    tried = run("archive", "rules", "try", "rules.toml", "a.txt")
    assert tried.out == "a.txt:23: 长按二维码订阅\n"
    assert tried.err == "local.subscribe: 1 hit in 1 of 1 files\n"
    run("clean", "--rules", "rules.toml", "-o", "out", "a.txt")
    assert Path("out/a.md").read_text().endswith("# 第1封信\n\n正文。\n")


def test_new_rules_clean_anew_what_the_collection_has(run: Callable) -> None:
    test_librarians_rules_are_added_to_the_built_in_ones(run)
    run("clean", "a.txt")
    result = run("clean", "-r", "rules.toml", "a.txt")
    assert "cleaned again, with another result" in result.out
    (markdown,) = Path("collection/markdown").rglob("*.md")
    assert "长按二维码订阅" not in markdown.read_text()


def test_warnings_of_a_large_batch_are_summed_up(run: Callable) -> None:
    for number in range(30):
        write(f"{number}.txt", f"第{number}封信。\n")
    result = run("clean", "-o", "out", "*.txt")
    assert result.out == ""
    assert result.err.splitlines() == [
        "clean: warning in 30 files: there is no front matter, so the source is unknown (-v shows which)",
        "clean: 30 of 30 cleaned, 30 written",
    ]
    assert run("clean", "-v", "-o", "out", "*.txt").err.count("warning: there is no front matter") == 30


def test_in_chinese(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    write("a.txt", deleted())
    result = run("clean", "a.txt", "没有.txt")
    assert result.out == "a.txt  已被发布者删除  原文已不在，先前的采集仍然保留\n"
    assert "错误: 没有这个文件" in result.err
    assert "提示: " in result.err


@pytest.mark.parametrize("jobs", ["1", "2", "3"])
def test_processes_give_the_same_in_the_same_order(run: Callable, jobs: str) -> None:
    names = [write(f"s/{number:03}.txt", snapshot(number)) for number in range(100)]
    result = run("clean", "--json", "-j", jobs, "s/*.txt")
    assert result.code == 0
    assert [event["file"] for event in result.events] == names
    assert [event["status"] for event in result.events] == ["added"] * 100


@pytest.mark.parametrize("terminal", [True, False])
def test_a_long_batch_shows_progress_on_a_terminal_only(
    run: Callable, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    names = [write(f"s/{number:03}.txt", snapshot(number)) for number in range(30)]
    monkeypatch.setattr("xuanzhi.output.terminal.PATIENCE", 0.0)
    primary, secondary = pty.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(secondary, (25, 80))
    with os.fdopen(secondary, "w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        assert run("clean", *names).code == 0
        stream.flush()
        seen = ""
        while "added" not in seen:
            seen += os.read(primary, 1_000_000).decode()
    os.close(primary)
    assert ("1/30" in seen) == terminal
    assert "30 of 30 cleaned, 30 added" in seen


def test_interrupted_what_was_reported_is_kept(spawn: Callable, run: Callable) -> None:
    for number in range(600):
        write(f"s/{number:04}.txt", snapshot(number))
    process = spawn("clean", "--json", "-j", "1", "s/*.txt")
    reported = [process.stdout.readline() for _ in range(10)]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err
    done = len(reported) + len(out.splitlines())
    with sqlite3.connect("collection/catalogue.sqlite") as catalogue:
        (kept,) = catalogue.execute("SELECT count(*) FROM capture").fetchone()
    catalogue.close()
    assert done <= kept < 600
    again = run("clean", "--json", "s/*.txt")
    assert again.code == 0
    assert [event["status"] for event in again.events] == ["unchanged"] * kept + ["added"] * (600 - kept)


def test_a_reader_that_has_seen_enough(spawn: Callable) -> None:
    names = [write(f"s/{number:03}.txt", snapshot(number)) for number in range(200)]
    with spawn("clean", "--json", "--dry-run", *names) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_help_names_every_option_of_the_readme(run: Callable) -> None:
    shown = run("clean", "--help")
    assert shown.code == 0
    for option in ("--collection", "--output", "--stdout", "--diff", "--explain", "--check", "--dry-run", "--json",
                   "--jobs", "--rules", "--files-from", "--quiet", "--debug", "--exit-code"):  # fmt: skip
        assert re.search(rf"{option}\b", shown.out)
