"""Lists of inputs, as editors and shells write them: a line that names nothing costs that line alone."""

import codecs
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens import snapshot

pytestmark = pytest.mark.slow

GOOD = ("一.txt", "b c.txt", "d.txt")


@pytest.fixture(autouse=True)
def _files(folder: Path) -> None:
    for number, name in enumerate(GOOD):
        (folder / name).write_text(snapshot(title=f"第{number}封信"), encoding="utf-8")


def written(text: str, encoding: str) -> bytes:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    return marks.get(encoding, b"") + text.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_form_of_a_list_is_read(run: Callable, encoding: str, end: str) -> None:
    Path("list").write_bytes(written(end.join(("# 信", "", *GOOD)), encoding))
    result = run("clean", "--json", "-o", "out", "-f", "list")
    assert (result.code, [event["file"] for event in result.events]) == (0, list(GOOD))


BROKEN = {
    "latin": (b"caf\xe9.txt", "this line is not UTF-8 text"),
    "half an ideograph": ("一".encode()[:2] + b".txt", "this line is not UTF-8 text"),
    "surrogate": (b"\xed\xa0\x80.txt", "this line is not UTF-8 text"),
    "zero": (b"a\0b.txt", "this line has zero bytes"),
    "a glob without a match": (b"none-*.txt", "no file matches none-*.txt"),
}


@pytest.mark.parametrize(("line", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_of_paths_is_one_error(run: Callable, line: bytes, message: str) -> None:
    Path("list").write_bytes(b"\n".join((GOOD[0].encode(), line, b"# caf\xe9", *(each.encode() for each in GOOD[1:]))))
    result = run("clean", "--json", "-o", "out", "-f", "list")
    assert result.code == 3
    events = [(event["event"], event["file"]) for event in result.events]
    assert events == [("cleaned", GOOD[0]), ("error", "list:2"), ("cleaned", GOOD[1]), ("cleaned", GOOD[2])]
    assert (result.events[1]["message"], bool(result.events[1]["hint"])) == (message, True)
    told = run("clean", "-o", "out", "-f", "list")
    assert f"clean: list:2: error: {message}\n" in told.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the names of files are text")
def test_a_file_may_have_a_name_that_is_no_text(run: Callable) -> None:
    name = b"caf\xe9.txt"
    Path(name.decode("utf-8", "surrogateescape")).write_text(snapshot(), encoding="utf-8")
    Path("list").write_bytes(name + b"\n")
    result = run("clean", "--json", "-o", "out", "-f", "list")
    assert (result.code, result.events[0]["event"], result.events[0]["file"]) == (0, "cleaned", "caf\udce9.txt")


def test_what_only_unicode_calls_a_line_end_is_part_of_a_name(run: Callable) -> None:
    name = "a\u2028b\x0cc\x85.txt"
    Path(name).write_text(snapshot(), encoding="utf-8")
    Path("list").write_text(f"{name}\n", encoding="utf-8")
    assert run("clean", "-o", "out", "-f", "list").code == 0


def test_a_list_without_its_mark_is_named(run: Callable) -> None:
    Path("list").write_bytes("d.txt\nd.txt\n".encode("utf-16-le"))
    result = run("clean", "--json", "-o", "out", "-f", "list")
    assert {(event["event"], event["code"]) for event in result.events} == {("error", "not-a-line")}
    assert result.code == 4


@pytest.mark.parametrize("line", [b"http://a.example/\xe9", b"http://a.example/\xed\xa0\x80", b"http://a.example/\0"])
def test_a_broken_line_of_addresses_is_one_error(run: Callable, line: bytes) -> None:
    lines = (b"\xef\xbb\xbfhttp://a.example/1", line, b"http://a.example/2 # caf\xe9", b"http://a.example/\xe4\xb8\x80")
    Path("list").write_bytes(b"\r\n".join(lines))
    result = run("archive", "add", "--json", "--every", "1d", "-f", "list")
    assert result.code == 3
    assert [(event["event"], event.get("file"), event.get("count")) for event in result.events] == [
        ("error", "list:2", None),
        ("added", None, 3),
    ]
    dry = run("capture", "--json", "--dry-run", "-f", "list")
    assert [event.get("file") for event in dry.events if event["event"] == "error"] == ["list:2"]
    Path("list").write_bytes(line)
    assert run("capture", "--json", "-f", "list").code == 4
    assert run("archive", "add", "--every", "1d", "-f", "list").code == 4


@pytest.mark.parametrize(
    "words",
    [("clean", "-"), ("clean", "-f", "-"), ("capture", "-"), ("archive", "add", "-"), ("archive", "import", "-")],
)
def test_without_standard_input_it_is_said_so(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", f"import sys; from xuanzhi.cli.main import main; sys.exit(main({words!r}))"]
    shell = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
    done = subprocess.run(shell, capture_output=True, text=True, check=False, encoding="utf-8")
    assert "there is no standard input to read" in done.stderr
    assert done.returncode in {2, 4}
    assert "Traceback" not in done.stderr
