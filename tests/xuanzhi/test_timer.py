"""`archive timer` for folders with odd names: what systemd and cron read back is the folder, and nothing else."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ODD = (
    *(
        "plain",
        "纸 墨",
        "a b  c",
        "100%",
        "%h",
        "a%%b",
        "$HOME",
        "${HOME}",
        "a$$b",
        "`id`",
        "$(id)",
        "a;b",
        "a&b",
        "a|b",
    ),
    *(
        "it's",
        'say "x"',
        "''",
        "a\\b",
        "a\\",
        "a\\\\",
        "a\\%b",
        "a\\\\%b",
        "%\\",
        "#c",
        "-dash",
        "=x",
        "@x",
        "~",
        "*",
        "[x]",
    ),
    *("a\\x41", "a\\n", "\u2028", "\u0085", "é", " blank ", "x" * 240, "{a,b}", "!x", "a'%'b", "'\\%'"),
)

# A word of a command in a unit (systemd.service(5)): in quotes, with C escapes.
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
ESCAPE = re.compile(r'\\(["\\])|\\(.)')


@pytest.fixture
def timer(run: Callable) -> Callable[[str], tuple[str, dict[str, str], str]]:
    """Ask for the timer of a collection in a folder of this name; give its path, the units, and the crontab."""

    def asker(name: str) -> tuple[str, dict[str, str], str]:
        folder = Path.cwd() / name
        folder.mkdir()
        (folder / "collection.toml").write_text('name = "x"\n', encoding="utf-8")
        result = run("archive", "timer", "--json", "-c", str(folder))
        assert result.code == 0
        (event,) = result.events
        written = run("archive", "timer", "-c", str(folder)).out
        assert all(text in written for text in (*event["units"].values(), event["crontab"]))
        return str(folder), event["units"], event["crontab"]

    return asker


def words_of(command: str) -> list[str]:
    """Return the words that systemd gives to the program: quotes, escapes, specifiers and variables read."""
    words = []
    for quoted, plain in WORD.findall(command):
        assert not [other for _, other in ESCAPE.findall(quoted) if other]
        word = ESCAPE.sub(r"\1", quoted) or plain
        assert not re.search(r"(?<!%)(?:%%)*%(?!%)", word)
        words.append(word.replace("%%", "%"))
        assert not re.search(r"(?<!\$)(?:\$\$)*\$(?!\$)", word)
    return [words[0], *(word.replace("$$", "$") for word in words[1:])]


def commanded(line: str) -> str:
    """Return the command that cron gives to the shell, as `child_process` of Vixie cron reads it."""
    command, escaped, kept = line.split(" ", 5)[5], False, ""
    for character in command:
        kept += character
        if escaped:
            if character == "%":
                kept = f"{kept[:-2]}%"
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            assert character != "%"
    return kept


@pytest.mark.parametrize("name", ODD)
def test_what_systemd_and_cron_read_is_the_folder(timer: Callable, name: str) -> None:
    folder, units, line = timer(name)
    service = next(text for file, text in units.items() if file.endswith(".service"))
    assert all(len(file) < 256 and re.fullmatch(r"[A-Za-z0-9:_.-]+", file) for file in units)
    lines = [each for text in units.values() for each in re.split(r"[\n\r\0]", text)]
    assert all(re.fullmatch(r"\[\w+\]|[A-Z]\w+=.*|", each, re.DOTALL) for each in lines)
    assert not any(each.endswith("\\") for each in lines)
    (command,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    words = ["-m", "xuanzhi", "archive", "run"]
    assert words_of(command) == [sys.executable, *words, "-c", folder]
    told = ["sh", "-c", f"set -- {commanded(line)}; printf '%s\\0' \"$@\""]
    read = subprocess.run(told, capture_output=True, check=True).stdout.decode().split("\0")
    assert read == [sys.executable, *words, "-q", "-c", folder, ""]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong(timer: Callable, tmp_path: Path) -> None:
    files = []
    for name in ODD:
        _, units, _ = timer(name)
        for file, text in units.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
            files.append(str(tmp_path / file))
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    found = [line for line in done.stderr.splitlines() if "xuanzhi-" in line]
    assert (found, done.returncode) == ([], 0)


@pytest.mark.parametrize(
    "name", ["a\nb", "a\n[Service]\nExecStart=false", "a\rb", "a\tb", "a\x7fb", "a\x1bb", "a\udce9b"]
)
def test_a_name_that_no_timer_can_hold_is_refused(run: Callable, name: str) -> None:
    folder = Path.cwd() / name
    folder.mkdir()
    (folder / "collection.toml").write_text('name = "x"\n', encoding="utf-8")
    result = run("archive", "timer", "-c", str(folder))
    assert (result.code, result.out) == (2, "")
    assert "has characters that a timer cannot hold" in result.err
    assert len(result.err.splitlines()) == 2
