"""`archive replay`: the captured pages as they were, in a browser.

pywb is found, gets its indexes, is started for this machine alone, and is stopped again.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from archive.collection.reader import CollectionReader
from archive.export.pywb import NAME, prepare_replay
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import whole_number
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import CommandError, UsageError
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress, megabytes

__all__ = ["ReplayOptions", "add_arguments", "run"]

_HOST = "127.0.0.1"
_PROGRAM = "wayback"
_PATIENCE = 60.0
"""Seconds until pywb must answer; it takes two on an idle machine."""
_GRACE = 10.0
"""Seconds that it has to end by itself."""


@dataclass(frozen=True)
class ReplayOptions:
    """Which collection to replay, and how."""

    port: int
    """0 for any that is free."""
    pywb: str
    """Where pywb is installed; empty for the usual places."""
    open_browser: bool
    """Open a browser."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    add_collection(parser)
    parser.add_argument(
        "--port",
        type=whole_number(),
        default=8080,
        metavar="N",
        help=_("the port to listen on; 0 for any free port (default: 8080)"),
    )
    parser.add_argument(
        "--pywb",
        default="",
        metavar="PATH",
        help=_(
            "where pywb is: the folder of its environment, or its program wayback (default: XUANZHI_PYWB, then PATH)"
        ),
    )
    parser.add_argument("--open", action="store_true", dest="open_browser", help=_("open the address in the browser"))


def run(options: ReplayOptions) -> int:
    """Replay a collection until Ctrl-C; return the exit code.

    Raises UsageError, CommandError, and what `prepare_replay` raises.
    """
    report = Report.of("archive", options.output)
    program = _program(options.pywb or os.environ.get("XUANZHI_PYWB", ""))
    port = _port(options.port)
    with ExitStack() as resources:
        path = options.collection
        work = _work_folder(path, resources)
        with CollectionReader.open(options.collection) as collection:
            total = collection.committed_bytes("warc")
            shows = options.output.shows_progress
            with Progress(total // 1_000_000, enabled=shows, unit="megabytes") as progress:
                prepare_replay(collection, work, megabytes(progress))
        url = f"http://{_HOST}:{port}/{NAME}/"
        resources.enter_context(_terminate_as_interrupt())
        process = resources.enter_context(_running(program, port, work))
        try:
            if options.output.as_json:
                report.event(event="replaying", url=url, collection=str(path))
            report.say(_("{url}  (press Ctrl-C to stop)", url=url))
            sys.stdout.flush()
            if options.open_browser:
                import webbrowser

                webbrowser.open(url)
            process.wait()
        except KeyboardInterrupt:
            return Exit.DONE
        raise CommandError(
            "pywb-ended",
            _("pywb exited: {reason}", reason=_last_words(work)),
            _("Try running wayback by itself: {program} --help", program=program),
        )


def _program(given: str) -> Path:
    """Return pywb's program from its environment, any program in that, or from PATH. Raises UsageError."""
    if given:
        path = Path(given).expanduser()
        places = [path, *(path / folder / _PROGRAM for folder in ("bin", "Scripts")), path.with_name(_PROGRAM)]
        for place in places:
            if place.name.startswith(_PROGRAM) and place.is_file():
                return place.absolute()
        raise UsageError(
            "no-pywb",
            _("pywb, which replay needs, was not found{where}", where=f": {given}"),
            _(
                "It needs an environment of its own: python3 -m venv ~/pywb && ~/pywb/bin/pip install "
                "pywb\n"
                "  Then: archive replay --pywb ~/pywb, or set XUANZHI_PYWB=~/pywb"
            ),
        )
    beside = Path(sys.executable).with_name(_PROGRAM)
    program = str(beside) if beside.is_file() else shutil.which(_PROGRAM)
    if not program:
        raise UsageError(
            "no-pywb",
            _("pywb, which replay needs, was not found{where}", where=""),
            _(
                "It needs an environment of its own: python3 -m venv ~/pywb && ~/pywb/bin/pip install "
                "pywb\n"
                "  Then: archive replay --pywb ~/pywb, or set XUANZHI_PYWB=~/pywb"
            ),
        )
    return Path(program).absolute()


def _port(wanted: int) -> int:
    """Return a port that is free. Raises UsageError where the wanted one is not."""
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((_HOST, wanted))
            return int(listener.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise UsageError(
            "port-taken",
            _("port {port} is in use", port=wanted),
            _("Choose another with --port, or 0 for any free port."),
        ) from error


def _work_folder(collection: Path, resources: ExitStack) -> Path:
    """Return a folder for indexes that the next replay finds again; one for this time where there can be none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    name = hashlib.sha256(str(collection.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    work = cache / "xuanzhi" / "replay" / name
    with suppress(OSError):
        work.mkdir(parents=True, exist_ok=True)
        if os.access(work, os.W_OK):
            return work
    return Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="replay-")))


@contextmanager
def _running(program: Path, port: int, work: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start pywb and wait until it answers; end it afterwards. Raises CommandError where it does not start."""
    with (work / "pywb.log").open("wb") as log:
        command = [str(program), "--bind", _HOST, "--port", str(port)]
        # A process group of its own: Ctrl-C reaches us, and we end it.
        process = subprocess.Popen(
            command, cwd=work, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            until = time.monotonic() + _PATIENCE
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise CommandError(
                        "pywb-ended",
                        _("pywb exited: {reason}", reason=_last_words(work)),
                        _("Try running wayback by itself: {program} --help", program=program),
                    )
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
        return True
    return False


def _last_words(work: Path) -> str:
    lines = (work / "pywb.log").read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "?"


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Let a polite request to end, such as a service manager's, do what Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
