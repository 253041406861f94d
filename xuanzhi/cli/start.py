"""Starts of the commands: a signal ends them without a traceback from the first moment on."""

import errno
import os
import sys
from importlib import import_module
from io import TextIOWrapper

from xuanzhi.output.signals import end_at_once

__all__ = ["archive", "capture", "clean", "xuanzhi"]


def archive() -> int:
    """Run `archive`."""
    return _run("xuanzhi.cli.archive.main")


def capture() -> int:
    """Run `capture`."""
    return _run("xuanzhi.cli.capture")


def clean() -> int:
    """Run `clean`."""
    return _run("xuanzhi.cli.clean")


def xuanzhi() -> int:
    """Run `xuanzhi`."""
    return _run("xuanzhi.cli.main")


_FAILED = 4
"""As `Exit.ALL_FAILED`, which cannot be read here."""


def _is_limit(error: Exception) -> bool:
    """Whether it is a limit of the system; ImportError where a library finds no memory, and says so in words alone."""
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM})
        or (isinstance(error, ImportError) and "cannot map" in str(error).replace("failed to", "cannot"))
    )


def _fill_streams() -> None:
    """Open what was closed of standard input, output and error, as `command >&-` closes it.

    The next file that is opened would get its number, a WARC file for example, and whatever a library or a child writes
    there would be in it. Input that was closed stays closed for us: `sys.stdin` is None.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:  # the lowest free number is given out (POSIX, open), and so it is this one
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        # A terminal in another encoding gets a question mark for what it lacks, and no traceback.
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
            stream.reconfigure(errors="replace")


def _run(module: str) -> int:
    _fill_streams()
    end_at_once()
    try:
        code: int = import_module(module).main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except (OSError, MemoryError, ImportError) as error:  # the rest of this software cannot be read
        if not _is_limit(error):
            raise
        sys.stderr.write(f"{error}\n  hint: Raise the limits of this process (ulimit -n, -v), then run this again.\n")
        return _FAILED
    if code > 128:  # A signal ended it. A thread that waits for a name server, say, is not waited for.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    return code
