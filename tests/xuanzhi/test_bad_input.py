"""Whatever is given: a clear message, what to do, the right exit code, and the rest of the batch unharmed."""

import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from specimens import snapshot

pytestmark = pytest.mark.slow

GOOD = "good.txt"


@pytest.fixture(autouse=True)
def _good(folder: Path) -> None:
    (folder / GOOD).write_text(snapshot())


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "empty", "the file is empty"),
        (b" \n\t\n", "empty", "the file is empty"),
        ("\u3000\n".encode(), "empty", "the file holds nothing but white space"),
        (b"%PDF-1.7\n%\xe2\xe3", "not-text", "this is a PDF, not a text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not-text", "this is a PNG picture, not a text"),
        (b"PK\x03\x04\x14\x00", "bad-wacz", "its directory cannot be read: File is not a zip file"),
        (bytes(range(256)) * 40, "not-text", "this holds zero bytes: it is a binary file, not a text"),
    ],
)
def test_no_text(run: Callable, data: bytes, code: str, message: str) -> None:
    Path("bad.txt").write_bytes(data)
    result = run("clean", "--json", "-o", "out", "bad.txt", GOOD)
    assert result.code == 3
    assert [event["event"] for event in result.events] == ["error", "cleaned"]
    assert (result.events[0]["code"], result.events[0]["message"]) == (code, message)
    assert result.events[0]["hint"]
    assert [path.name for path in Path("out").iterdir()] == ["good.md"]
    told = run("clean", "-o", "out", "bad.txt")
    assert told.code == 4
    assert told.err.startswith(f"clean: bad.txt: error: {message}\n  hint: ")


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.mhtml", "a.webarchive", "a.zip", "a.maff", "a.cdx", "a"]
)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\r\n \n", "the file is empty"),
        ("\ufeff\u3000\u00a0\n".encode(), "the file holds nothing but white space"),
        ("\u3000\n".encode("utf-16"), "the file holds nothing but white space"),
        (bytes(4096), "the file holds nothing but zero bytes"),
    ],
)
def test_nothing_is_no_page_whatever_its_name(run: Callable, name: str, data: bytes, message: str) -> None:
    Path(name).write_bytes(data)
    result = run("clean", "--json", "-o", "out", name, GOOD)
    assert (result.code, [event["event"] for event in result.events]) == (3, ["error", "cleaned"])
    assert (result.events[0]["code"], result.events[0]["message"]) == ("empty", message)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.arc"])
def test_a_file_of_records_without_a_byte_is_empty(run: Callable, name: str) -> None:
    Path(name).touch()
    result = run("clean", "--json", "-o", "out", name, GOOD)
    assert (result.code, result.events[0]["message"]) == (3, "the file is empty")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.webarchive", b"<?xml version='1.0'?><plist><dict><key>WebMainResource</key></dict>", "无法读取"),
        (
            "a.webarchive",
            b"<?xml version='1.0'?><plist><dict><key>WebMainResource</key><array/></dict></plist>",
            "没有网页",
        ),
        ("a.mhtml", b"From: <Saved by a>\nMIME-Version: 1.0\nContent-Type: multipart/related\n\nx", "boundary"),
        ("a.txt", bytes(9), "文件中只有零字节"),
    ],
)
def test_what_is_wrong_is_said_in_the_readers_language(
    run: Callable, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, said: str
) -> None:
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh_CN")
    Path(name).write_bytes(data)
    told = run("clean", "-o", "out", name).err
    assert said in told
    assert not any(word in told for word in ("this ", "file ", "page "))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("gb18030", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
    ],
)
def test_other_encodings_are_read(run: Callable, encoding: str, mark: bytes) -> None:
    Path("other.txt").write_bytes(mark + snapshot().encode(encoding))
    assert run("clean", "-o", "out", "other.txt", GOOD).code == 0
    assert Path("out/other.md").read_bytes() == Path("out/good.md").read_bytes()


def test_a_stray_byte_is_told_with_its_line_and_kept_in_the_ledger(run: Callable) -> None:
    text = snapshot(body="纸寿千年。\n\n绢保八百。").encode()
    Path("stray.txt").write_bytes(text.replace("绢".encode(), b"\xff"))
    result = run("clean", "-o", "out", "stray.txt")
    assert result.code == 0
    assert "clean: stray.txt:23: warning: 1 byte is no UTF-8" in result.err
    assert "\ufffd保八百。" in Path("out/stray.md").read_text()


def test_control_characters_neither_stay_nor_reach_the_terminal(run: Callable) -> None:
    Path("bell.txt").write_text(snapshot(body="纸\a寿\x1b[31m千年。", title="信\x1b]0;x\a"))
    result = run("clean", "-o", "out", "bell.txt")
    assert result.code == 0
    assert "\n纸寿[31m千年。\n" in Path("out/bell.md").read_text()
    shown = run("clean", "--diff", "bell.txt")
    explained = run("clean", "--explain", "bell.txt")
    assert "\x1b" not in shown.out + explained.out + result.out
    assert "[-\\x07-]" in shown.out


def test_files_that_are_none(run: Callable) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")
    result = run("clean", "--json", "-o", "out", "folder", "missing.txt", "pipe", GOOD)
    assert result.code == 3
    assert [event.get("code") for event in result.events] == ["directory", "missing", "not-a-file", None]
    assert result.events[0]["hint"] == "Name the files in it: 'folder/*.txt'"


@pytest.mark.parametrize(
    ("head", "warning"),
    [
        ("", "a.txt:1: warning: there is no front matter, so the source is unknown"),
        ("---\ntitle: 信\nurl: https://example.org/1\n\n", "a.txt:3: warning: the front matter is not closed by ---"),
        ("---\ntitle: 信\n---\n", "a.txt:1: warning: the front matter has no url"),
    ],
)
def test_front_matter_that_is_missing_or_broken_costs_nothing(run: Callable, head: str, warning: str) -> None:
    Path("a.txt").write_text(f"{head}\n# 信\n\n纸寿千年。\n")
    result = run("clean", "-o", "out", "a.txt")
    assert result.code == 0
    assert f"clean: {warning}\n  hint: " in result.err
    assert Path("out/a.md").read_text().endswith("# 信\n\n纸寿千年。\n")


def test_a_snapshot_without_front_matter_is_kept_too(run: Callable) -> None:
    Path("a.txt").write_text("# 信\n\n纸寿千年。\n")
    assert run("clean", "a.txt").code == 0
    assert "already in the collection" in run("clean", "a.txt").out


def test_too_large_a_file_is_not_read_into_memory(run: Callable) -> None:
    with Path("huge.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    result = run("clean", "--json", "-o", "out", "huge.txt", GOOD)
    assert result.code == 3
    assert (result.events[0]["code"], result.events[0]["message"]) == ("too-large", "larger than 64 MB")


def test_a_line_of_five_million_characters(run: Callable) -> None:
    Path("long.txt").write_text(snapshot(body="纸" * 5_000_000))
    assert run("clean", "-o", "out", "long.txt").code == 0
    assert "纸" * 5_000_000 in Path("out/long.md").read_text()


def test_two_inputs_of_one_name_do_not_overwrite_each_other(run: Callable) -> None:
    for name in ("one/a.txt", "two/a.txt"):
        Path(name).parent.mkdir()
        Path(name).write_text(snapshot())
    result = run("clean", "--json", "-o", "out", "one/a.txt", "two/a.txt", GOOD)
    assert result.code == 3
    assert [event.get("code") for event in result.events] == [None, "name-taken", None]
    assert "one/a.txt" in result.events[1]["message"]


def test_a_source_is_never_overwritten(run: Callable) -> None:
    Path("a.md").write_text(snapshot())
    result = run("clean", "--json", "-o", ".", "a.md")
    assert (result.code, result.events[0]["code"]) == (4, "would-overwrite")
    assert Path("a.md").read_text() == snapshot()


def test_output_that_cannot_be_a_folder(run: Callable) -> None:
    for target in (GOOD, f"{GOOD}/deeper"):
        result = run("clean", "-o", target, GOOD)
        assert result.code == 2
        assert f"cannot write {target}" in result.err
    result = run("clean", "-c", GOOD, GOOD)
    assert result.code == 2
    assert result.err.count("\n") == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_that_is_not_writable(run: Callable) -> None:
    Path("locked").mkdir(mode=0o500)
    assert run("clean", "-o", "locked/out", GOOD).code == 2
    assert run("clean", "-c", "locked/collection", GOOD).code == 2


def test_a_disk_that_runs_full(spawn: Callable, run: Callable) -> None:
    """The limit on a file's size stands for the disk: the system refuses to write on, in the middle of a batch."""
    for number in range(150):
        body = "".join(chr(0x4E00 + (number * 977 + place * place) % 20000) for place in range(3000))
        Path(f"{number:03}.txt").write_text(snapshot(number, body=body))
    limit = 500_000

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with spawn("clean", "--json", "[0-9]*.txt", preexec_fn=full) as process:
        out, err = process.communicate()
    assert b"Traceback" not in err
    assert process.returncode in {3, 4}
    events = [json.loads(line) for line in out.splitlines()]
    assert len(events) == 150
    failed = [event for event in events if event["event"] == "error"]
    assert {event["code"] for event in failed} == {"disk-full"}
    done = 150 - len(failed)
    with sqlite3.connect("collection/catalogue.sqlite") as catalogue:
        (kept,) = catalogue.execute("SELECT count(*) FROM capture").fetchone()
    catalogue.close()
    assert kept >= done  # what is in the log of a commit that ended in an error may be there all the same
    assert not list(Path("collection").rglob("*.part"))
    # With room again the same command finishes the work.
    again = run("clean", "--json", "[0-9]*.txt")
    assert again.code == 0
    assert sum(event["status"] == "added" for event in again.events) == 150 - kept
    assert len(list(Path("collection/markdown").rglob("*.md"))) == 150


def test_options_that_do_not_go_together(run: Callable) -> None:
    for pair in (("--diff", "--explain"), ("--check", "--stdout"), ("-c", "x", "-o", "y"), ("--stdout", "-o", "x")):
        result = run("clean", *pair, GOOD)
        assert result.code == 2
        assert "cannot be used together" in result.err
    assert run("clean").code == 2
    assert run("clean", "--no-such-option", GOOD).code == 2
    assert run("clean", "no*match.txt").code == 2
    assert run("clean", "-f", "no-list").code == 2


def test_rules_files_that_cannot_be_used(run: Callable) -> None:
    Path("broken.toml").write_text("[[rule]\n")
    result = run("clean", "-r", "broken.toml", GOOD)
    assert result.code == 2
    assert result.err.startswith("clean: broken.toml: ")
    Path("wrong.toml").write_text('[[rule]]\nid = "a.b"\nstage = "line"\nmatch = "line"\nreason = "x"\ntext = "y"\n')
    result = run("archive", "rules", "check", "wrong.toml")
    assert result.code == 2
    assert "wrong.toml:1: the stage 'line' is not known; did you mean 'lines'?" in result.err


def test_a_terminal_without_unicode(spawn: Callable) -> None:
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    with spawn("clean", GOOD, env=environment) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert b"56 pieces removed or rewritten" in out


def test_a_difference_on_a_terminal_without_unicode(spawn: Callable) -> None:
    with spawn("clean", "--diff", GOOD, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert b"wechat.tail.preview-tags" in out


def test_rules_that_are_not_there(run: Callable) -> None:
    result = run("clean", "-r", "none.toml", GOOD)
    assert result.code == 2
    assert "cannot read the rules in none.toml" in result.err


def test_errors_of_other_packages_read_chinese(run: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin.txt").write_bytes(bytes(range(256)))
    (folder / GOOD).write_text(snapshot())
    run("clean", GOOD, "-c", "older")
    with closing(sqlite3.connect(folder / "older" / "catalogue.sqlite")) as catalogue:
        catalogue.execute("PRAGMA user_version = 1")
    monkeypatch.setenv("XUANZHI_LANGUAGE", "zh")
    binary = run("clean", "--json", "bin.txt", "-o", "out")
    assert binary.events[0]["message"] == "这不是文本文件"
    older = run("archive", "list", "--json", "-c", "older")
    assert (older.code, older.events[0]["code"]) == (2, "older-schema")
    assert older.events[0]["message"] == "目录库由本软件的旧版本写成"


LINE_ENDS = "一\u2028二\u2029三\x85四\x7f五\x9b六"


def test_one_object_is_one_line_for_every_reader(run: Callable) -> None:
    name = f"{LINE_ENDS}.txt"
    Path(name).write_text(snapshot(), encoding="utf-8")
    for words in (("clean", "--json", "-o", "out", name), ("clean", "--json", f"{LINE_ENDS}-none.txt")):
        out = run(*words).out
        assert len(out.splitlines()) == out.count("\n") == 1
        assert json.loads(out)["file"] == words[-1]
        assert not re.search(r"[\x7f-\x9f\u2028\u2029]", out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-16", "utf-8"])
def test_json_is_the_same_text_in_every_encoding_of_standard_output(encoding: str) -> None:
    name = f"信 é {LINE_ENDS}.txt"
    Path(name).write_text(snapshot(), encoding="utf-8")
    command = [sys.executable, "-m", "xuanzhi", "clean", "--json", "-o", "out", name]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, check=True, env=environment, cwd=Path.cwd())
    assert json.loads(done.stdout.decode(encoding))["file"] == name


def test_the_name_of_a_file_adds_no_line_to_a_message(run: Callable) -> None:
    result = run("clean", "a\nclean: 1 of 1 cleaned\n.txt")
    assert result.err.splitlines()[0] == "clean: a\\nclean: 1 of 1 cleaned\\n.txt: error: no such file"
