"""What the tests of renderers share: programs of others that read Markdown and formulas, where they are there."""

import os
import shutil
from pathlib import Path

import pytest
from required import skips_fail

pytest_runtest_makereport = skips_fail("XUANZHI_REQUIRE_RENDERERS")


@pytest.fixture(scope="session")
def pandoc() -> str:
    program = shutil.which(os.environ.get("XUANZHI_PANDOC") or "pandoc")
    if program is None:
        pytest.skip("no pandoc: apt-get install pandoc, or XUANZHI_PANDOC=its/path")
    return program


@pytest.fixture(scope="session")
def katex() -> tuple[str, Path]:
    """Give Node.js and the folder of KaTeX's package."""
    node = shutil.which("node")
    package = Path(os.environ.get("XUANZHI_KATEX") or "node_modules/katex")
    if node is None or not (package / "dist" / "katex.js").exists():
        pytest.skip("no KaTeX: npm pack katex, tar xzf …, XUANZHI_KATEX=package; and node")
    return node, (package / "dist" / "katex.js").resolve()
