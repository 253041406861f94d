"""What a start imports: every module costs, and the heavy ones belong to other work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens import snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HEAVY = {"lxml", "trafilatura", "readability", "httpx", "warcio", "markdown_it", "tqdm", "asyncio", "http", "email"}


def modules(code: str) -> set[str]:
    """Run code in a process of its own; return what it imported."""
    code = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONPATH": str(ROOT)})
    return set(done.stdout.decode().splitlines())


@pytest.mark.parametrize("options", ["'-o', 'out', 'a.txt'", "'a.txt'", "'--diff', 'a.txt'", "'--explain', 'a.txt'"])
def test_the_snapshot_path_imports_nothing_heavy(folder: Path, options: str) -> None:
    (folder / "a.txt").write_text(snapshot())
    assert not HEAVY & modules(f"from xuanzhi.cli.clean import main; main([{options}])")


def test_help_imports_next_to_nothing(run: Callable) -> None:
    code = "from xuanzhi.cli.clean import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    imported = modules(code) - modules("pass")  # an editable installation imports a few of them itself
    assert not (HEAVY | {"typing", "dataclasses", "pathlib", "json", "sqlite3", "shutil", "tomllib"}) & imported
    assert {name for name in imported if name.startswith(("clean.", "archive", "capture"))} == set()


OURS = ("archive", "capture", "clean", "xuanzhi")
CLEANING = ("clean.stages", "clean.html", "clean.pipeline", "clean.page", "clean.commonmark", "clean.learn")
CAPTURING = ("capture.client", "capture.core", "capture.transport", "httpx", "ssl", "asyncio", "http")
OTHERS = ("lxml", "trafilatura", "readability", "markdown_it", "warcio", "starlette", "archive.ingest", "archive.diff")


@pytest.mark.parametrize(
    "options", ["'list'", "'list', '--json'", "'show', 'a.txt'", "'log'", "'stats'", "'search', '宣纸'", "'cat', 'a'"]
)
def test_a_look_at_a_collection_loads_no_cleaning_and_no_capturing(folder: Path, run: Callable, options: str) -> None:
    (folder / "a.txt").write_text(snapshot())
    assert run("clean", "a.txt").code == 0
    loaded = modules(f"from xuanzhi.cli.archive.main import main; main([{options}])") - modules("pass")
    unwanted = (*CLEANING, *CAPTURING, *OTHERS)
    assert not [name for name in loaded if any(name == each or name.startswith(f"{each}.") for each in unwanted)]
    assert len([name for name in loaded if name.partition(".")[0] in OURS]) <= 60


def test_a_list_of_articles_loads_few_modules(folder: Path, run: Callable) -> None:
    (folder / "a.txt").write_text(snapshot())
    assert run("clean", "a.txt").code == 0
    loaded = modules("from xuanzhi.cli.archive.main import main; assert main(['list', '-q']) == 0")
    assert "archive.catalogue.articles" in loaded
    assert not {"archive.catalogue.search", "archive.catalogue.history", "archive.collection.collection"} & loaded
