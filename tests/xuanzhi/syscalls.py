"""Commands under strace: every call that changes a disk, in order, and calls that are made to fail."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

REASON = "strace is not installed, or may not watch processes here"

_TRACED = (
    "open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,lseek,sync,syncfs,fallocate,copy_file_range,"
    "sendfile,close"
)

# A call as strace -f -y -xx writes it: thread, name, arguments, result. Strings have no quotes, brackets or line ends
# in them, because all of their bytes are written in hex; `.*` up to the last ` = ` goes back once: linear.
_CALL = re.compile(rb"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(?:<[^>]*>)?(?: (E\w+))?")
_BEGUN = re.compile(rb"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_ENDED = re.compile(rb"(\d+) +<\.\.\. (\w+) resumed>(.*)$")

# An argument: a descriptor with its path, a string, a list of buffers, or a word. No two parts begin alike: linear.
_ARGUMENT = re.compile(rb'(-?\w+)<([^>]*)>(?:\(deleted\))?|"([^"]*)"(?:\.\.\.)?|(\[[^\]]*\])|([^,\s][^,]*)')


class Argument(NamedTuple):
    """One argument of a call."""

    word: str
    """As it is written; of a descriptor its number."""
    path: str = ""
    """Of a descriptor."""
    data: bytes = b""
    """Of a string."""


class Call(NamedTuple):
    """A call of the system; `begun` and `ended` are its places in the log, in lines."""

    name: str
    arguments: tuple[Argument, ...]
    result: int
    """-1 where it failed, or where nobody knows."""
    error: str
    begun: int
    ended: int
    thread: str


class Traced(NamedTuple):
    """A command that ran to its end."""

    code: int
    out: bytes
    err: bytes
    calls: tuple[Call, ...]


def can_trace() -> bool:
    """Whether strace is there and may watch a process."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


needs_strace = pytest.mark.skipif(not can_trace(), reason=REASON)


def traced(folder: Path, arguments: Sequence[str], *, inject: Sequence[str] = (), out: int | None = None) -> Traced:
    """Run a command of ours in a folder, and return its calls.

    `inject` makes calls fail, as strace's option of this name says. What the command prints is written at once.
    """
    log = folder.parent / f"{folder.name}.strace"
    options = ["-f", "-qq", "-y", "-xx", "-s", "100000000", "-e", "signal=none", "-e", f"trace={_TRACED}"]
    for each in inject:
        options += ["-e", f"inject={each}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "XUANZHI_LANGUAGE": "en"}
    done = subprocess.run(
        ["strace", *options, "-o", str(log), sys.executable, "-m", "xuanzhi", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    calls = tuple(_calls(log, os.fsencode(str(folder))))
    log.unlink()
    return Traced(done.returncode, done.stdout, done.stderr, calls)


def _calls(log: Path, root: bytes) -> Iterator[Call]:
    """Yield the calls in the order of their ends."""
    hexed = b"".join(b"\\x%02x" % byte for byte in root)
    begun: dict[bytes, tuple[int, bytes, bytes]] = {}
    with log.open("rb") as file:
        for number, line in enumerate(file):
            start, text = number, line.rstrip(b"\n")
            if match := _BEGUN.match(text):
                begun[match[1]] = number, match[2], match[3]
                continue
            if match := _ENDED.match(text):
                start, name, given = begun.pop(match[1])
                text = b"%s %s(%s%s" % (match[1], name, given, match[3])
            # Reading of libraries is most of a log.
            if hexed not in text and b'"' not in text:
                continue
            if match := _CALL.match(text):
                result = -1 if match[4] == b"?" else int(match[4])
                error = (match[5] or b"").decode()
                arguments, thread = tuple(_arguments(match[3])), match[1].decode()
                yield Call(match[2].decode(), arguments, result, error, start, number, thread)


def _arguments(text: bytes) -> Iterator[Argument]:
    for match in _ARGUMENT.finditer(text):
        if match[2] is not None:
            yield Argument(match[1].decode(), os.fsdecode(_unhexed(match[2])))
        elif match[3] is not None:
            yield Argument("", "", _unhexed(match[3]))
        else:
            yield Argument((match[4] or match[5]).decode())


def _unhexed(text: bytes) -> bytes:
    return bytes.fromhex(text.replace(b"\\x", b"").decode())
