"""`archive review` from the command line: the same queue, the same decisions, and the page in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from xuanzhi.cli.main import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run `archive review …` in this process, in English."""
    monkeypatch.setenv("XUANZHI_LANGUAGE", "en")

    def runner(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(("archive", "review", *arguments))
        return code, *capfd.readouterr()

    return runner


def items(run: Callable[..., tuple[int, str, str]], collection: Path, *arguments: str) -> list[dict[str, Any]]:
    code, out, _ = run("list", "-c", str(collection), "--json", *arguments)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_the_queue_is_listed_the_riskiest_first(collection: Path, run: Callable) -> None:
    found = items(run, collection)
    assert [(each["came"], each["risk"]) for each in found] == [("captured", 50), *[("first", 10)] * 3]
    assert [each["title"] for each in found[:2]] == ["第1封信", "第3封信"]
    assert found[0]["reasons"] == ["prose-gone", "text", "prose-new"]
    code, out, err = run("list", "-c", str(collection), "--kind", "text")
    assert (code, len(out.splitlines()), err) == (0, 2, "items: 1\n")
    assert out.splitlines()[0] == f"{found[0]['item']}  medium risk  pending  第1封信"


def test_an_item_is_shown_with_its_changes_and_removals(collection: Path, run: Callable) -> None:
    item = items(run, collection)[0]["item"]
    code, out, _ = run("show", item[:6], "-c", str(collection))
    assert code == 0
    assert "± 纸寿千年，绢保[-八-]{+五+}百。" in out
    assert "− [-墨分五色，笔有四德，都要靠纸来承受。-]" in out
    assert "by rule wechat.tail.tap-to-read (stage anchored-tail)" in out
    shown = json.loads(run("show", item, "-c", str(collection), "--json")[1])
    assert shown["item"] == item
    assert {"line", "rule", "stage", "text", "reason"} == set(shown["removals"][0])
    assert shown["decisions"] == []


def test_decisions_are_made_listed_and_taken_back(collection: Path, run: Callable, opened: Callable) -> None:
    first, second, *_ = (each["item"] for each in items(run, collection))
    code, out, _ = run("accept", first, second, "-c", str(collection), "--reviewer", "王纸", "--note", "已核", "--json")
    assert code == 0
    decided = [json.loads(line) for line in out.splitlines()]
    assert [(each["item"], each["verdict"], each["reviewer"], each["note"]) for each in decided] == [
        (first, "accepted", "王纸", "已核"),
        (second, "accepted", "王纸", "已核"),
    ]
    assert decided[0]["batch"] == decided[1]["batch"] != ""
    assert [each["item"] for each in items(run, collection, "--state", "accepted")] == [first, second]
    assert "已核" in opened(collection).get(f"/item/{first}").text
    assert run("undo", first, "-c", str(collection))[1] == f"{first}: pending\n"
    assert run("needs-work", second, "-c", str(collection))[1] == f"{second}: needs work\n"
    assert run("reject", first, "-c", str(collection))[1] == f"{first}: rejected\n"
    log = [json.loads(line) for line in (collection / "decisions.jsonl").read_text("utf-8").splitlines()]
    assert [each["item"] for each in log] == [first, second, first, second, first]


def test_what_cannot_be_is_said_so(collection: Path, run: Callable) -> None:
    code, _, err = run("accept", "zzz", "-c", str(collection))
    assert code == 2
    assert "no item begins with zzz" in err
    code, _, err = run("undo", items(run, collection)[0]["item"], "-c", str(collection))
    assert code == 2
    assert "there is no decision about" in err
    code, _, err = run("accept", "", "-c", str(collection))
    assert "4 items begin with" in err
    assert not (collection / "decisions.jsonl").exists()
    code, _, err = run("list", "-c", str(collection / "none"))
    assert code == 2
    assert "is not a collection" in err


def test_a_port_that_is_none_is_said_so(collection: Path, run: Callable) -> None:
    pytest.importorskip("starlette", reason="pip install '.[review]'")
    code, _, err = run("--port", "99999", "-c", str(collection))
    assert (code, "port 99999 cannot be used" in err) == (2, True)


def test_the_page_starts_prints_its_address_and_ends(collection: Path) -> None:
    pytest.importorskip("starlette", reason="pip install '.[review]'")
    command = [sys.executable, "-m", "xuanzhi", "archive", "review", "-c", str(collection), "--no-keys"]
    environment = {"PYTHONPATH": str(ROOT), "XUANZHI_LANGUAGE": "en", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout
        address = re.findall(r"http://127\.0\.0\.1:\d+/\S+/", process.stdout.readline())[0]
        with httpx.Client(trust_env=False, follow_redirects=True) as client:
            assert client.get(httpx.URL(address).join("/")).status_code == 403
            page = client.get(address)
            assert page.status_code == 200
            assert "第1封信" in page.text
            assert 'data-keys="off"' in page.text
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert "Only someone who has this address can open it." in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a script here")
def test_no_command_line_shows_the_address_that_a_browser_is_given(collection: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="pip install '.[review]'")
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    os.mkfifo(seen)
    browser.write_text(
        f"#!{sys.executable}\nimport json, os, sys\nfrom urllib.parse import unquote, urlsplit\n"
        "file = unquote(urlsplit(sys.argv[1]).path)\n"
        "modes = [os.stat(each).st_mode & 0o777 for each in (os.path.dirname(file), file)]\n"
        f"open({str(seen)!r}, 'w').write(json.dumps([sys.argv, modes, open(file).read()]))\n",
        encoding="utf-8",
    )
    browser.chmod(0o700)
    command = [sys.executable, "-m", "xuanzhi", "archive", "review", "--open", "-c", str(collection)]
    environment = {"PYTHONPATH": str(ROOT), "XUANZHI_LANGUAGE": "en", "BROWSER": f"{browser} %s", "PATH": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout
        address = re.findall(r"http://\S+", process.stdout.readline())[0]
        arguments, modes, page = json.loads(seen.read_text("utf-8"))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert httpx.URL(address).path.strip("/") not in " ".join(arguments)
    assert modes[0] == 0o700  # nobody else comes to the file
    assert f'content="0; url={address}"' in page
    assert not Path(httpx.URL(arguments[1]).path).exists()


def test_without_its_packages_the_command_says_what_to_install(collection: Path) -> None:
    code = (
        "import sys; sys.modules['starlette'] = None\n"
        "from xuanzhi.cli.main import main\n"
        f"sys.exit(main(['archive', 'review', '-c', {str(collection)!r}]))"
    )
    environment = {"PYTHONPATH": str(ROOT), "XUANZHI_LANGUAGE": "en", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 2
    assert "pip install 'xuanzhi[review]'" in done.stderr
