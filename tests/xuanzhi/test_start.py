"""What a start imports: every module costs, and the heavy ones belong to other work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens import snapshot

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
