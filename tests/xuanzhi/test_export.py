"""`archive export` and `archive replay` as people and schedulers use them."""

import json
import os
import signal
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted import Answer, Server, ok
from specimens import snapshot

pytestmark = pytest.mark.slow

PAGE = """<html><head><title>竹纸是怎样做的</title></head><body><article><h1>竹纸是怎样做的</h1>
<p>竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。</p>
<p>煮过的竹丝要舂成浆，抄纸的人端着帘子，一荡一抬，就是一张。</p></article></body></html>"""


@pytest.fixture
def captured(run: Callable, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Capture one page into ./collection; give its address."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = Server({
        "/bamboo": Answer(ok(PAGE.encode(), b"Content-Type: text/html; charset=utf-8")),
        "*": Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    })  # fmt: skip
    try:
        url = f"{server.url}/bamboo"
        assert run("capture", "--allow-private", "--contact", "archive@library.example", url).code == 0
        yield url
    finally:
        server.stop()


def test_every_form(run: Callable, captured: str) -> None:
    said = {form: run("archive", "export", form, f"out.{form}") for form in ("wacz", "cdxj", "bagit", "ro-crate")}
    assert {form: (result.code, result.out) for form, result in said.items()} == {
        "wacz": (0, "out.wacz: captured responses: 2, articles: 1\n"),
        "cdxj": (0, "out.cdxj: captured responses: 2, articles: 1\n"),
        "bagit": (0, "out.bagit: files: 4, articles: 1\n"),
        "ro-crate": (0, "out.ro-crate: files: 4, articles: 1\n"),
    }
    (event,) = run("archive", "export", "markdown", "tree", "--json").events
    assert event == {
        "event": "exported", "format": "markdown", "output": "tree", "articles": 1, "count": 3, "kept": [],
    }  # fmt: skip
    Path("tree/README.md").write_text("某人的")
    result = run("archive", "export", "markdown", "tree")
    assert (result.code, result.out) == (0, "tree: articles: 1, files written: 0\n")
    assert "README.md: warning: written or changed by someone else; left as it is" in result.err


def test_a_part_by_name(run: Callable, captured: str) -> None:
    assert run("archive", "export", "wacz", "a.wacz", captured).code == 0
    assert run("archive", "export", "wacz", "b.wacz", "--state", "live", "竹纸", "-q").code == 0
    assert Path("a.wacz").read_bytes() == Path("b.wacz").read_bytes()
    result = run("archive", "export", "wacz", "c.wacz", "皮纸")
    assert (result.code, Path("c.wacz").exists()) == (2, False)
    assert "the collection has no article '皮纸'" in result.err


def test_signed_and_checked(run: Callable, captured: str) -> None:
    result = run("archive", "export", "wacz", "a.wacz", "--sign", "key.pem")
    assert (result.code, result.err.splitlines()[0]) == (2, "archive: there is no key key.pem")
    assert run("archive", "export", "wacz", "a.wacz", "--sign", "key.pem", "--new-key").code == 0
    assert stat.S_IMODE(Path("key.pem").stat().st_mode) == 0o600
    result = run("archive", "export", "wacz", "a.wacz", "--check")
    assert result.code == 0
    assert result.out.startswith("a.wacz is complete: every file matches its digest\nsigned with the key M")
    with zipfile.ZipFile("a.wacz", "a") as package:
        package.writestr("more.txt", "more")
    result = run("archive", "export", "wacz", "a.wacz", "--check")
    assert (result.code, result.err) == (1, "archive: more.txt: error: not listed in any manifest\n")
    (fault, checked) = run("archive", "export", "wacz", "a.wacz", "--check", "--json").events
    assert (fault["code"], checked["whole"]) == ("unlisted", False)
    assert run("archive", "export", "bagit", "bag").code == 0
    assert run("archive", "export", "bagit", "bag", "--check").out == "bag is complete: every file matches its digest\n"
    Path("bag/data/collection.toml").unlink()
    assert run("archive", "export", "bagit", "bag", "--check").code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("wacz", "x.wacz"), "archive: 1 articles were chosen, and none was captured: they are snapshots\n"),
        (("markdown", "x", "--source", "没有"), "archive: no article is as the selection says\n"),
        (("markdown", "x", "--sign", "k"), "archive: only a WACZ file can be signed, not markdown\n"),
        (("wacz", "x", "--new-key"), "archive: --new-key needs to know where to write the key\n"),
        (("cdxj", "a.txt", "--check"), "archive: an export in the format cdxj has no digests to check\n"),
        (("wacz", "none.wacz", "--check"), "archive: none.wacz does not exist\n"),
        (("bagit", "a.txt"), "archive: a.txt is there already\n"),
        (("wacz", "x.wacz", "-c", "none"), "archive: none is not a collection: it has no collection.toml\n"),
    ],
)
def test_what_cannot_be(run: Callable, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    (folder / "a.txt").write_text(snapshot())
    assert run("clean", "a.txt").code == 0
    before = sorted(each.name for each in folder.iterdir())
    result = run("archive", "export", *arguments)
    assert (result.code, result.out, result.err.splitlines(keepends=True)[0]) == (2, "", message)
    assert sorted(each.name for each in folder.iterdir()) == before


def test_replay_without_pywb_says_how_to_get_it(run: Callable, captured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("XUANZHI_PYWB", raising=False)
    result = run("archive", "replay", "--pywb", "nowhere")
    assert result.code == 2
    assert result.err.startswith(
        "archive: pywb, which replay needs, was not found: nowhere\n  hint: It needs an environment"
    )


PRETENDING = """#!/usr/bin/env python3
import http.server, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
assert sys.argv[sys.argv.index("--bind") + 1] == "127.0.0.1"
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_replay_starts_and_stops(spawn: Callable, captured: str, tmp_path: Path) -> None:
    """The real one is tried in tests/replay, where it is; this is about what is started and ended."""
    program = tmp_path / "env" / "bin" / "wayback"
    program.parent.mkdir(parents=True)
    program.write_text(PRETENDING)
    program.chmod(0o755)
    before = {path: path.read_bytes() for path in Path("collection/warc").iterdir()}
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"]}
    for number in (signal.SIGINT, signal.SIGTERM):
        process: subprocess.Popen[bytes] = spawn(
            "archive", "replay", "--json", "--port", "0", "--pywb", str(tmp_path / "env"), env=environment
        )
        assert process.stdout
        event = json.loads(process.stdout.readline())
        assert event["url"].startswith("http://127.0.0.1:")
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, b"", b"")
    (work,) = (tmp_path / "cache" / "xuanzhi" / "replay").iterdir()
    (index,) = (work / "indexes").iterdir()
    assert captured in index.read_text()
    assert {path: path.read_bytes() for path in Path("collection/warc").iterdir()} == before


def test_replay_on_a_port_that_is_taken(run: Callable, captured: str, tmp_path: Path) -> None:
    program = tmp_path / "wayback"
    program.write_text(PRETENDING)
    port = captured.split(":")[2].split("/", maxsplit=1)[0]  # the site's own
    result = run("archive", "replay", "--pywb", str(program), "--port", port)
    assert (result.code, result.err.splitlines()[0]) == (2, f"archive: port {port} is in use")
