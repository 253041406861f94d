"""Which addresses a command is about: arguments, lists, standard input."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from xuanzhi.jobs.inputs import STDIN
from xuanzhi.output.failures import UsageError

__all__ = ["addresses", "without_login"]

# A remark at the end of a line: a `#` after a blank, because one within an address begins its fragment. One blank
# before the sign, the rest is a single run: linear.
_REMARK = re.compile(r"\s#.*")

# What stands between `//` and the last @ before the path (RFC 3986 §3.2.1). One class up to one sign: linear.
_LOGIN = re.compile(r"^((?:[A-Za-z][A-Za-z0-9+.-]*:)?//)[^/?#]*@")


def addresses(arguments: Iterable[str], lists: Iterable[str] = ()) -> list[str]:
    """Return the addresses in order, each once; `-` stands for standard input.

    A list has one address a line; blank lines and lines that begin with # are passed over.
    Raises UsageError where a list cannot be read.
    """
    found: dict[str, None] = {}
    for argument in arguments:
        found.update(dict.fromkeys(_lines(STDIN) if argument == STDIN else [argument]))
    for name in lists:
        found.update(dict.fromkeys(_lines(name)))
    return list(found)


def without_login(url: str) -> str:
    """Return an address as it may be written down: without `user:password@`. What is no address stays as it is."""
    return _LOGIN.sub(r"\1", url.strip())


def _lines(name: str) -> Iterator[str]:
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UsageError("list-unreadable", path=name, reason=reason) from error
    for line in text.splitlines():
        address = _REMARK.sub("", line).strip()
        if address and not address.startswith("#"):
            yield address
