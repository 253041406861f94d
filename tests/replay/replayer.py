"""pywb, a replay tool of other people, over the capture files of a collection.

It has an environment of its own, because it brings brotlipy, which stands in the way of the brotli that we read with:
XUANZHI_PYWB names that environment's interpreter.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

__all__ = ["Replayer", "archive_replay", "replaying", "wayback"]

_NAME = "kept"
_PATIENCE = 60.0
"""Seconds until it answers; it takes two on an idle machine."""


class Replayer:
    """A server that replays."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"

    def at(self, moment: datetime, url: str, *, modifier: str = "mp_") -> str:
        """Return where an address is replayed as it was at a moment; `id_` gives the bytes unchanged."""
        return f"{self.origin}/{_NAME}/{moment:%Y%m%d%H%M%S}{modifier}/{url}"

    def timemap(self, url: str) -> str:
        """Return where the captures of an address are listed (RFC 7089 §5)."""
        return f"{self.origin}/{_NAME}/timemap/link/{url}"


def wayback() -> Path | None:
    """Return the program, None where there is none."""
    path = Path(os.environ.get("XUANZHI_PYWB") or sys.executable).with_name("wayback")
    return path if path.exists() else None


@contextmanager
def replaying(program: Path, files: Iterable[Path], work: Path) -> Iterator[Replayer]:
    """Index the files and serve them from the folder `work` until the end. Raises AssertionError with pywb's words."""
    said = work / "said"
    manager = [str(program.with_name("wb-manager"))]
    with said.open("wb") as log:
        for arguments in (["init", _NAME], ["add", _NAME, *map(str, files)]):
            done = subprocess.run([*manager, *arguments], cwd=work, stdout=log, stderr=log, timeout=120, check=False)
            assert done.returncode == 0, said.read_text()
        port = _free_port()
        command = [str(program), "--bind", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, cwd=work, stdout=log, stderr=log)
        try:
            _wait(process, port, said)
            yield Replayer(port)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


@contextmanager
def archive_replay(program: Path, collection: Path, cache: Path) -> Iterator[str]:
    """Run `archive replay` until the end; give the address at which it serves."""
    command = [sys.executable, "-m", "xuanzhi", "archive", "replay", "-c", str(collection), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(
        [*command, "--port", "0", "--pywb", str(program)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        yield str(json.loads(line)["url"])
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"pywb does not answer: {said.read_text()}")
