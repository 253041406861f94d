"""How the suite runs: on all cores where pytest-xdist is installed, and with its files in memory where there is room.

`pytest -n 0` runs it in one process, `TMPDIR=/var/tmp pytest` puts its files onto a disk. HYPOTHESIS_PROFILE says on
how many examples laws are tried: `some`, the default; `whole`, as many as each of them asks for; `nightly`, ten times
as many.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

for name, share in {"some": 40, "whole": 100, "nightly": 1000}.items():
    # Time says nothing where other processes run on the same cores.
    settings.register_profile(name, max_examples=share, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "some"))

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Free bytes that the files of all workers find room in."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist, which starts its workers by these options
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Choose what the command line leaves open."""
    if hasattr(config, "workerinput"):
        return
    _keep_files_in_memory()
    option = config.option
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    # A debugger, and output that is shown at once, need the one process that has the terminal.
    is_shown = option.usepdb or option.capture == "no" or option.collectonly
    if is_whole and not is_shown and config.pluginmanager.hasplugin("xdist"):
        if option.numprocesses is None and not option.tx:
            option.numprocesses = "auto"
        if option.dist == "no":
            # Neighbours stay together, as what their module has made is there, until a worker has nothing to do.
            option.dist = "worksteal"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over modules that are slow as a whole, where nothing slow is asked for: to read them takes long, too."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text(encoding="utf-8") or None


def _keep_files_in_memory() -> None:
    # Every commit waits for the disk several times, and there are thousands of them. That they do wait is tested by the
    # calls to the system, which are the same for files in memory.
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # what was found before
