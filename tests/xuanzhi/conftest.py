"""What the tests of the commands share: an empty folder to work in, and the command itself."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from scripted import Answer, Server
from small_site import ARTICLE, page, site

from archive.maintenance.check import verify_collection
from xuanzhi.cli.main import main


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of limits come first: a worker is forked from this process, and has its memory until it needs more.

    Later, what hundreds of tests have left free would hold what is to be too much.
    """
    items.sort(key=lambda item: item.path.name != "test_workers.py")


FIXED = ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "FORCE_COLOR", "XUANZHI_LANGUAGE")


class Result(NamedTuple):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, in English."""
    for name in FIXED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run `clean …` or `archive …` in this process."""

    def runner(*arguments: str) -> Result:
        capfd.readouterr()
        try:
            code = main(arguments)
        except SystemExit as error:  # how the parser ends
            code = int(error.code or 0)
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return runner


@pytest.fixture
def look() -> Callable[[], dict[str, Any]]:
    """Look at the whole collection, and at what `archive.maintenance.check` says but what came so."""
    place = Path(__file__).parents[1] / "archive" / "conftest.py"
    spec = importlib.util.spec_from_file_location("archive_conftest", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def looker() -> dict[str, Any]:
        found: dict[str, Any] = module.look(Path("collection"))
        assert [each for each in verify_collection(Path("collection")) if not each.came_so] == []
        return found

    return looker


@pytest.fixture
def spawn() -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command in a process of its own."""

    def spawner(*arguments: str, **settings: Any) -> subprocess.Popen[bytes]:
        return _started(["-m", "xuanzhi", *arguments], settings)

    return spawner


@pytest.fixture
def spawn_script() -> Callable[..., subprocess.Popen[Any]]:
    """Start a script of Python in a process of its own."""

    def spawner(script: str, *arguments: str, **settings: Any) -> subprocess.Popen[Any]:
        return _started(["-c", script, *arguments], settings)

    return spawner


def _started(arguments: list[str], settings: dict[str, Any]) -> subprocess.Popen[Any]:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **settings.pop("env", {})}
    return subprocess.Popen([sys.executable, *arguments], env=environment, **(pipes | settings))


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(answers: dict[str, Answer | list[Answer]]) -> Server:
        started.append(Server(answers))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """Serve the articles `a` and `b`."""
    return serve(site(**{name: page(ARTICLE.replace("竹", name)) for name in ("a", "b")}))


@pytest.fixture(scope="module")
def runner() -> Iterator[Callable[..., Any]]:
    """Give what runs commands in any folder, one after the other in one process."""
    from losses import running  # it needs a module of tests, whose assertions pytest has to rewrite first

    with running() as run:
        yield run


@pytest.fixture
def capture(run: Callable) -> Callable[..., Any]:
    """Run `capture` with a contact, against this machine."""
    return lambda *arguments: run("capture", "--allow-private", "--contact", "archive@library.example", *arguments)
